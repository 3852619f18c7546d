"""A toy domain of rewards: numbers that a program gives for hidden and shown instances of a task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from psynth.plugins import (
    Budget,
    Engines,
    Evaluator,
    Job,
    Library,
    Outcome,
    Primitive,
    ProgramError,
    PythonDomain,
    Task,
    TaskSettings,
    Verdict,
    VisibleTask,
)


class Rewards(PythonDomain):
    """Numbers: the reward is 1 where a program gives an instance's number, less the farther away it is.

    ``judged_whole`` notes (task id, program) of all that is judged where instances are held out.
    """

    name = "toy-rewards"
    help = "numbers that earn rewards"
    primitives: ClassVar[Sequence[Primitive]] = (
        Primitive("zero", "int", 0),
        Primitive("inc", "int -> int", lambda number: number + 1),
        Primitive("double", "int -> int", lambda number: 2 * number),
    )

    def __init__(self) -> None:
        self.judged_whole: set[tuple[str, str]] = set()

    def tasks(self, settings: TaskSettings, seed: int) -> Iterator[Task]:
        """Task n wants n + 2, and what it holds out wants 0."""
        for number in range(settings.count or 2):
            environment = {"wanted": [number + 2], "held_out": [0]}
            yield Task(f"{self.name}/{number:03}", self.name, "int", environment=environment)

    def visible(self, task: Task) -> VisibleTask:
        """The task without its held-out instances."""
        seen = {name: value for name, value in (task.environment or {}).items() if name != "held_out"}
        return super().visible(replace(task, environment=seen))

    def evaluator(
        self,
        library: Library,
        budget: Budget,
        *,
        language: str = "lambda",
        engines: Engines | None = None,
        jobs: int = 1,
    ) -> RewardEvaluator:
        """Judges by rewards."""
        inner = super().evaluator(library, budget, language=language, engines=engines, jobs=jobs)
        return RewardEvaluator(inner, self.judged_whole)


class RewardEvaluator(Evaluator):
    """Rewards programs on what a task shows, and apart from that on what it holds out; another evaluator runs them."""

    def __init__(self, inner: Evaluator, noted: set[tuple[str, str]]) -> None:
        self._inner, self._noted = inner, noted

    def close(self) -> None:
        """Release what the other holds."""
        self._inner.close()

    def run_all(self, jobs: Sequence[Job]) -> list[list[Outcome] | ProgramError]:
        """One answer a job."""
        return self._inner.run_all(jobs)

    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        """One verdict a program."""
        for task, programs in jobs:
            if "held_out" in (task.environment or {}):
                self._noted.update((task.id, program) for program in programs)
        flat = [Job(program, [[]], task.request) for task, programs in jobs for program in programs]
        answers = iter(self.run_all(flat))
        return [[_verdict(task, next(answers)) for _ in programs] for task, programs in jobs]


def _verdict(task: Task, answer: list[Outcome] | ProgramError) -> Verdict:
    if not isinstance(answer, list):
        return Verdict("error", float("-inf"), 0.0, rejected=answer)
    [outcome] = answer
    if outcome.status != "ok":
        return Verdict(outcome.status, float("-inf"), 0.0, reward=0.0)
    environment: dict[str, Any] = task.environment or {}
    reward = _reward(outcome.value, environment["wanted"])
    held_out = _reward(outcome.value, environment["held_out"]) if "held_out" in environment else None
    likelihood = 0.0 if reward == 1 else float("-inf")
    return Verdict("ok", likelihood, reward, reward=reward, held_out_reward=held_out, outputs=(outcome,))


def _reward(value: int, wanted: Sequence[int]) -> float:
    return sum(1 / (1 + abs(value - number)) for number in wanted) / len(wanted)
