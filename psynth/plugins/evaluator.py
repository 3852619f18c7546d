"""Evaluators, which run the programs of one language and judge them on tasks."""

from __future__ import annotations

import math
import time
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from psynth.core.closing import Closing
from psynth.core.errors import InputError
from psynth.core.limits import DEFAULT_FUEL, DEFAULT_MEMORY, DEFAULT_SECONDS, DEFAULT_SIZE
from psynth.core.stream.records import Program, Task, encode

STAGE, FIGURES, ARTIFACTS = JUDGED = "stage", "figures", "artifacts"
"""The fields of a program's record that are written where a verdict has them, and read by nobody else."""


@dataclass(frozen=True)
class Budget:
    """The limits of one evaluation (a program on one input).

    ``fuel`` is in steps, ``size`` in list cells and characters allocated; ``seconds`` and ``memory`` (bytes) bound
    programs whose primitives or source are Python, which steps and cells cannot bound. Seconds are of wall clock for
    primitives, and of CPU time for source, whose wall-clock time is bounded by a multiple.
    """

    fuel: int = DEFAULT_FUEL
    size: int = DEFAULT_SIZE
    seconds: float = DEFAULT_SECONDS
    memory: int = DEFAULT_MEMORY


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one program on one input: ``status`` is ok, error, timeout, fuel or memory; ``value`` is JSON."""

    status: str
    value: Any = None
    message: str = ""
    right: bool | None = None
    """Whether it is the output that the job wanted; None if the evaluator does not compare."""


@dataclass(frozen=True, slots=True)
class ProgramError:
    """The reason why a program cannot be run on any input: ``kind`` is parse, type, unknown_primitive or load."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a program on a task.

    ``log_likelihood`` is 0 if the program solves the task, −inf if it is ruled out, None if the task has no criterion;
    ``score`` is in [0, 1]; None, without a reward, for a program that failed where rewards may be negative: 0 would be
    better than those. ``held_out`` is the share of the task's test examples that are right, None without any.
    ``reward`` and ``held_out_reward`` (on held-out instances) are set in domains whose tasks are environments.
    ``outputs`` are the outcomes in example order. ``message`` says why the program failed, without anything held out.
    ``rejected`` is set for a program that cannot be run at all, ``stage`` names the stage of a cascade that it did not
    pass: then it was not judged on the whole task. ``figures`` and ``artifacts`` are further numbers and texts of its
    evaluation, by name. ``versions`` are those of Python and of the packages that the program could use, where results
    depend on them.
    """

    status: str
    log_likelihood: float | None
    score: float | None
    reward: float | None = None
    outputs: tuple[Outcome, ...] = ()
    held_out: float | None = None
    held_out_reward: float | None = None
    rejected: ProgramError | None = None
    message: str | None = None
    stage: str | None = None
    figures: Mapping[str, float] = field(default_factory=dict)
    artifacts: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] | None = None

    @property
    def solved(self) -> bool:
        """Whether the program solves the task."""
        return self.log_likelihood == 0

    @property
    def says_nothing(self) -> bool:
        """Whether the task has nothing to judge a program by, and the program could be run or was not to be."""
        known = (self.log_likelihood, self.reward, self.held_out, self.held_out_reward, self.rejected, self.stage)
        return all(each is None for each in known)

    @property
    def gain(self) -> float:
        """The objective of searches: the reward if there is one, else the score.

        −inf without either, if the program cannot be run, or was not judged on the whole task.
        """
        if self.rejected is not None or self.stage is not None:
            return -math.inf
        gain = self.score if self.reward is None else self.reward
        return -math.inf if gain is None else gain


@dataclass(frozen=True, slots=True)
class Job:
    """A program to run on several inputs, each a list of arguments; ``request`` is the type it must have, if any.

    ``outputs`` are the outputs wanted, one for each input, for evaluators that compare them.
    """

    program: str
    inputs: Sequence[Sequence[Any]]
    request: str | None = None
    outputs: Sequence[Any] | None = None


@dataclass(frozen=True, slots=True)
class Screened:
    """Which of some programs are right on which of some tasks, in part at least.

    ``right`` has for each task the positions of the programs. ``rejected`` has, by position, programs that cannot be
    run on any of the tasks, ``seconds`` is the CPU time that it took.
    """

    right: list[list[int]]
    rejected: Mapping[int, ProgramError]
    seconds: float


class Evaluator(Closing):
    """Runs and judges programs of one language and library; a context manager, since it may lease engines.

    ``exact_match`` means that a program solves a task if and only if it is right on each example separately. Searches
    then drop a program at its first wrong example. In a subclass that defines ``judge`` it is unset by default.
    ``equal_values`` means that an output is right if and only if it equals the one wanted.
    """

    exact_match: ClassVar[bool] = False
    equal_values: ClassVar[bool] = True

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        if "judge" in cls.__dict__ and "exact_match" not in cls.__dict__:
            cls.exact_match = False

    def close(self) -> None:
        """Release the evaluator's engines."""

    def cancel(self) -> None:
        """End, from another thread, the current and all later calls with ``Canceled``.

        By default it has no effect: searches then check their time limits and interruptions between two calls.
        """

    @abstractmethod
    def run_all(self, jobs: Sequence[Job]) -> list[list[Outcome] | ProgramError]:
        """One answer for each job, in order: an outcome for each input, or why the program cannot be run."""

    @abstractmethod
    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        """One list for each task, in order: a verdict for each of its programs."""

    def screen(self, tasks: Sequence[Task], programs: Sequence[str], *, quick: bool = False) -> Screened:
        """Which programs are right on a part of which tasks: on some example, or with a score above 0.

        With ``quick`` the smallest example of a task decides, that with the smallest inputs. By default every program
        is judged on every task.
        """
        started = time.process_time()
        tasks = [_with_smallest(task) for task in tasks] if quick else tasks
        verdicts = self.judge([(task, programs) for task in tasks])
        right = [
            [
                place
                for place, each in enumerate(of_task)
                if each.solved or (each.stage is None and (each.score or 0) > 0)
            ]
            for of_task in verdicts
        ]
        rejected = {
            place: error
            for place, (error, *others) in enumerate(
                zip(*([each.rejected for each in row] for row in verdicts), strict=True)
            )
            if error is not None and all(others)
        }
        return Screened(right, rejected, time.process_time() - started)

    def check_task(self, task: Task) -> None:
        """Raise InputError if no program can be judged on a task, because its data are wrong."""
        self.judge([(task, ())])

    def run(self, program: str, request: str | None, inputs: Sequence[Sequence[Any]]) -> list[Outcome]:
        """The outcomes of one program on each of ``inputs``; InputError for a program that cannot be run at all."""
        [answer] = self.run_all([Job(program, inputs, request)])
        if isinstance(answer, ProgramError):
            raise InputError(answer.message)
        return answer

    def value_of(self, program: str, request: str | None, inputs: Sequence[Any]) -> Any:
        """The value of one program on one input; InputError for a program that cannot be run, or fails."""
        [answer] = self.run_all([Job(program, [inputs], request)])
        if isinstance(answer, ProgramError):
            raise InputError(f"the program cannot be run: {answer.message}")
        [outcome] = answer
        if outcome.status != "ok":
            raise InputError(f"the program failed with status {outcome.status}: {outcome.message}")
        return outcome.value

    def matches_in_machine(self, task: Task) -> bool:
        """Whether the λ-machine, by comparing outputs with a task's examples, reaches this evaluator's verdicts."""
        return False

    def promising(self, task: Task, programs: Sequence[str]) -> Sequence[str]:
        """The programs that may solve a task, found faster than by judging all, as most fail on the first example."""
        if not self.exact_match or len(task.examples) < 2 or not programs:
            return programs
        [verdicts] = self.judge([(replace(task, examples=task.examples[:1]), programs)])
        return [program for program, verdict in zip(programs, verdicts, strict=True) if verdict.solved]


def _with_smallest(task: Task) -> Task:
    """The task with the first of its examples that have the smallest inputs, if it has any."""
    smallest = sorted(task.examples, key=lambda example: len(encode(example.inputs)))
    return replace(task, examples=tuple(smallest[:1]))


class ExampleEvaluator(Evaluator):
    """Judges programming by example: a program is right when it gives every example's output.

    Examples with ``split: "test"`` are run too, but only ``held_out`` depends on them. Outputs are right if they are
    equal or, without ``equal_values``, if ``run_all`` says so of the outputs that a job wants.
    """

    exact_match: ClassVar[bool] = True

    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        """Run every program on all examples of its task, and compare the outputs."""
        flat = [
            Job(
                program,
                [example.inputs for example in task.examples],
                task.request,
                None if self.equal_values else [example.output for example in task.examples],
            )
            for task, programs in jobs
            for program in programs
        ]
        answers = iter(self.run_all(flat))
        return [[judge_examples(task, next(answers)) for _ in programs] for task, programs in jobs]


def judge_examples(task: Task, answer: list[Outcome] | ProgramError) -> Verdict:
    """The verdict on a program from its outcomes on a task's examples, in order."""
    if isinstance(answer, ProgramError):
        return Verdict("error", -math.inf, 0.0, rejected=answer)
    right: dict[bool, list[bool]] = {False: [], True: []}
    status = "ok"
    for example, outcome in zip(task.examples, answer, strict=True):
        held_out = example.split == "test"
        is_right = same_value(outcome.value, example.output) if outcome.right is None else outcome.right
        right[held_out].append(outcome.status == "ok" and is_right)
        if not held_out and status == "ok":
            status = outcome.status
    shown, unseen = right[False], right[True]
    return Verdict(
        status,
        log_likelihood=None if not shown else 0.0 if all(shown) else -math.inf,
        score=sum(shown) / len(shown) if shown else 0.0,
        outputs=tuple(answer),
        held_out=sum(unseen) / len(unseen) if unseen else None,
    )


def judged(program: Program, verdict: Verdict, *, outputs: bool = False) -> Program:
    """A program with the verdict on it; with ``outputs`` also its outputs, null where it failed.

    Earlier verdicts are removed: an old reward would rank a program that can no longer be run. Where the verdict says
    nothing, the program stays as it is: a score of 0 would say that it is wrong.
    """
    if verdict.says_nothing:
        return replace(program, outputs=_values(verdict)) if outputs and verdict.outputs else program
    return replace(
        program,
        log_likelihood=verdict.log_likelihood,
        score=verdict.score if verdict.stage is None else None,
        held_out=verdict.held_out,
        reward=verdict.reward,
        held_out_reward=verdict.held_out_reward,
        status=verdict.status,
        message=verdict.message if verdict.rejected is None else verdict.rejected.message,
        outputs=_values(verdict) if outputs else program.outputs,
        extra=_extra(program, verdict),
        versions=None if verdict.versions is None else dict(verdict.versions),
    )


def _extra(program: Program, verdict: Verdict) -> dict[str, Any]:
    """The further fields of a program, with those of the verdict in place of an earlier one's."""
    found: dict[str, Any] = {name: value for name, value in program.extra.items() if name not in JUDGED}
    figures, artifacts = dict(verdict.figures), dict(verdict.artifacts)
    return found | {
        name: value for name, value in zip(JUDGED, (verdict.stage, figures, artifacts), strict=True) if value
    }


def _values(verdict: Verdict) -> list[Any]:
    return [outcome.value for outcome in verdict.outputs]


def same_value(left: Any, right: Any) -> bool:
    """Whether two JSON values are equal; unlike Python's ==, true is not 1."""
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(same_value, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same_value(left[key], right[key]) for key in left)
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)
