"""A domain of Python source and one of vectors as JSON: programs that are no λ-terms."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import ClassVar

from psynth.plugins import (
    Axis,
    Behavior,
    Budget,
    Domain,
    Engines,
    Evaluator,
    Example,
    Job,
    Library,
    Outcome,
    ProgramError,
    SourceDomain,
    Task,
    TaskSettings,
    Verdict,
)


class Source(SourceDomain):
    """Functions of one number, written in Python as ``def f(x): …``."""

    name = "toy-source"
    help = "functions of a number in Python source"
    languages: ClassVar = {"python": "source that defines f"}
    function = "f"

    def tasks(self, settings: TaskSettings, seed: int) -> Iterator[Task]:
        """Task n wants n added; the last example is held out."""
        for number in range(settings.count or 3):
            examples = tuple(Example([value], value + number) for value in (seed, seed + 4))
            held_out = Example([seed + 9], seed + 9 + number, split="test")
            yield Task(f"{self.name}/{number:03}", self.name, None, (*examples, held_out))


class Vectors(Domain):
    """Points in the plane, written as JSON; the reward is how near a point is to the task's goal."""

    name = "toy-vectors"
    help = "points in the plane, as JSON"
    languages: ClassVar = {"json": "a list of two numbers"}

    def tasks(self, settings: TaskSettings, seed: int) -> Iterator[Task]:
        """Task n wants the point (n, seed)."""
        for number in range(settings.count or 3):
            yield Task(f"{self.name}/{number:03}", self.name, environment={"goal": [float(number), float(seed)]})

    def evaluator(
        self, library: Library, budget: Budget, *, language: str = "json", engines: Engines | None = None, jobs: int = 1
    ) -> VectorEvaluator:
        """Measures distances."""
        return VectorEvaluator()

    def behavior(self) -> Position:
        """Where the point lies."""
        return Position()


class VectorEvaluator(Evaluator):
    """Judges a point by its distance from the goal."""

    def run_all(self, jobs: Sequence[Job]) -> list[list[Outcome] | ProgramError]:
        """A point gives itself, whatever the input."""
        answers: list[list[Outcome] | ProgramError] = []
        for job in jobs:
            point = _point(job.program)
            answers.append(point if isinstance(point, ProgramError) else [Outcome("ok", point)] * len(job.inputs))
        return answers

    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        """One verdict a program."""
        return [[self._verdict(task, program) for program in programs] for task, programs in jobs]

    def _verdict(self, task: Task, program: str) -> Verdict:
        point = _point(program)
        if isinstance(point, ProgramError):
            return Verdict("error", float("-inf"), None, rejected=point)
        assert task.environment is not None
        distance = sum(abs(x - y) for x, y in zip(point, task.environment["goal"], strict=True))
        likelihood = 0.0 if distance == 0 else float("-inf")
        return Verdict("ok", likelihood, 1 / (1 + distance), reward=-distance, outputs=(Outcome("ok", point),))


class Position(Behavior):
    """The coordinates."""

    axes = (Axis("x", -10.0, 10.0), Axis("y", -10.0, 10.0))

    def of(self, outcomes: Sequence[Outcome]) -> tuple[float, ...] | None:
        """The point itself."""
        return tuple(outcomes[0].value) if outcomes else None


def _point(program: str) -> list[float] | ProgramError:
    try:
        point = json.loads(program)
    except (ValueError, RecursionError) as error:
        return ProgramError("parse", f"not JSON: {error}")
    if isinstance(point, list) and len(point) == 2 and all(type(number) in (int, float) for number in point):
        return [float(number) for number in point]
    return ProgramError("type", "a point is a list of two numbers")
