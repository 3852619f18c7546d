"""Evaluation in stages: a program is judged on the whole task only if it was good enough on smaller ones before."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from psynth.core.errors import InputError, UsageError
from psynth.core.settings import setting
from psynth.core.stream.records import Task
from psynth.plugins.evaluator import Evaluator, Job, Outcome, ProgramError, Verdict


@dataclass(frozen=True)
class Stage:
    """A smaller ``task`` to judge a program on first: it goes on if its gain is at least ``threshold``."""

    name: str
    task: Task
    threshold: float


Stages = Callable[[Task], Sequence[Stage]]
"""The stages of a task in order, before the task itself; none for a task that is judged at once."""


def _last(task: Task, verdicts: Sequence[Verdict]) -> Verdict:
    return verdicts[-1]


class CascadeEvaluator(Evaluator):
    """Judges with another evaluator, stage by stage, each stage of all programs in one batch.

    ``merge`` makes the verdict on a program of its task and the verdicts in the stages that it reached, by default the
    last of them. A program that does not pass a stage has no reward and the gain −inf, as what it scores on a smaller
    task is not to be compared with scores on the whole one; ``stage`` names the stage, the status is the one there.
    """

    def __init__(
        self, evaluator: Evaluator, stages: Stages, merge: Callable[[Task, Sequence[Verdict]], Verdict] = _last
    ) -> None:
        self._evaluator, self._stages, self._merge = evaluator, stages, merge

    def close(self) -> None:
        """Close the evaluator that judges."""
        self._evaluator.close()

    def cancel(self) -> None:
        """Cancel the evaluator that judges."""
        self._evaluator.cancel()

    def check_task(self, task: Task) -> None:
        """Raise InputError if no program can be judged on a task or a stage of it."""
        for each in (*(stage.task for stage in self._stages(task)), task):
            self._evaluator.check_task(each)

    def run_all(self, jobs: Sequence[Job]) -> list[list[Outcome] | ProgramError]:
        """One answer for each job, in order; stages have no meaning for inputs."""
        return self._evaluator.run_all(jobs)

    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        """One list for each task, in order: a verdict for each of its programs."""
        stages = [self._stages(task) for task, _ in jobs]
        found: list[list[list[Verdict]]] = [[[] for _ in programs] for _, programs in jobs]
        going = [list(range(len(programs))) for _, programs in jobs]
        for level in range(1 + max(map(len, stages), default=0)):
            level_of = [place for place in range(len(jobs)) if level <= len(stages[place])]
            batch = [
                (
                    (*(each.task for each in stages[place]), jobs[place][0])[level],
                    [jobs[place][1][n] for n in going[place]],
                )
                for place in level_of
            ]
            for place, verdicts in zip(level_of, self._evaluator.judge(batch), strict=True):
                for number, verdict in zip(going[place], verdicts, strict=True):
                    found[place][number].append(verdict)
                if level < len(stages[place]):
                    stage = stages[place][level]
                    going[place] = [each for each in going[place] if _passes(stage, found[place][each][-1])]
        return [
            [self._verdict(task, of_task, verdicts) for verdicts in of_programs]
            for (task, _), of_task, of_programs in zip(jobs, stages, found, strict=True)
        ]

    def _verdict(self, task: Task, stages: Sequence[Stage], verdicts: Sequence[Verdict]) -> Verdict:
        """The verdict on a program from those in the stages that it reached."""
        merged = self._merge(task, verdicts)
        if len(verdicts) > len(stages):
            return merged
        stage, last = stages[len(verdicts) - 1], verdicts[-1]
        message = last.message if last.rejected is None else last.rejected.message
        return dataclasses.replace(
            merged,
            status=last.status,
            log_likelihood=None if last.log_likelihood is None else -math.inf,
            reward=None,
            held_out=None,
            held_out_reward=None,
            stage=stage.name,
            message=message or f"{last.gain:g} in stage {stage.name}, where {stage.threshold:g} is needed",
        )


def _passes(stage: Stage, verdict: Verdict) -> bool:
    """Whether a program goes on; one that failed altogether does not, whatever the threshold."""
    failed = verdict.rejected is not None or (verdict.status != "ok" and verdict.score == 0)
    return not failed and verdict.gain >= stage.threshold


def cascade_setting() -> Any:
    """The option ``--cascade``: a tuple of texts, for `example_stages`."""
    return setting(
        (),
        value="K:SHARE",
        help="judge a program on the first K examples of its task, and go on only if this share of them, from 0 to 1, "
        "is right (repeatable)",
    )


def with_cascade(evaluator: Evaluator, texts: Sequence[str]) -> Evaluator:
    """The evaluator with the stages that values of ``--cascade`` describe; itself without any."""
    return CascadeEvaluator(evaluator, example_stages(texts)) if texts else evaluator


def example_stages(texts: Sequence[str]) -> Stages:
    """Stages on the first examples of each task, as values of ``--cascade`` describe them; UsageError for others."""
    described = sorted(map(_described, texts))

    def stages(task: Task) -> Sequence[Stage]:
        shown = [example for example in task.examples if example.split != "test"]
        if not shown:
            raise InputError("--cascade: the task has no examples to begin with", task=task.id)
        return [
            Stage(f"{count}", dataclasses.replace(task, examples=tuple(shown[:count])), share)
            for count, share in described
            if count < len(shown)
        ]

    return stages


def _described(text: str) -> tuple[int, float]:
    count, colon, share = text.partition(":")
    try:
        found = int(count), float(share)
    except ValueError:
        found = 0, 0.0
    if not colon or found[0] < 1 or not 0 < found[1] <= 1:
        raise UsageError(f"--cascade {text}: expected K:SHARE, such as 3:0.5, with K from 1 and SHARE up to 1")
    return found
