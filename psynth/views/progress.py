"""Tasks solved in the course of a loop: by meta-iteration, by programs and by CPU seconds, of one iteration and of all.

A task is solved if one of its three best programs is right on all tests, where programs are ordered by the share of
shown examples that they get right and then by length, as the literature on ARC counts; without tests, if a program is
right on all examples. Of each task and iteration only the three best programs are held.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from psynth.core.stream.records import Frontier, Metric, Program, Record, Task, source_of
from psynth.plugins.all_tasks import SECONDS
from psynth.plugins.answers import MOST
from psynth.views.curves import PROGRESS, Curve, Spread

BY_ITERATION, BY_PROGRAMS, BY_SECONDS = PROGRESS
CUMULATIVE, ALONE = "all so far", "of this iteration"


class _Candidate(NamedTuple):
    """A program as it is ordered, best first."""

    wrong: float
    length: int
    text: str
    right: bool

    @classmethod
    def of(cls, task: Task, program: Program) -> _Candidate:
        tests = any(example.split == "test" for example in task.examples)
        right = program.held_out == 1 if tests else program.solves
        return cls(-(program.score or 0.0), len(program.program), program.program, right)


class Best:
    """The best programs of a task, each text once."""

    def __init__(self) -> None:
        self._kept: list[_Candidate] = []

    def add(self, candidate: _Candidate) -> None:
        """Offer a program."""
        place = bisect_left(self._kept, candidate[:3])
        if place >= MOST or (place < len(self._kept) and self._kept[place].text == candidate.text):
            return
        insort(self._kept, candidate)
        del self._kept[MOST:]

    def update(self, other: Best) -> None:
        """Offer the programs of another."""
        for each in other._kept:
            self.add(each)

    @property
    def solved(self) -> bool:
        """Whether one of them is right."""
        return any(each.right for each in self._kept)


@dataclass
class _Iteration:
    """What one iteration made: by origin and task the best programs, how many, and the seconds that searches took."""

    best: dict[str, dict[str, Best]] = field(default_factory=dict)
    programs: int = 0
    seconds: float = 0.0


@dataclass
class _Found:
    """A program that was judged on all tasks, by the number of programs up to it."""

    candidates: dict[str, list[tuple[int, _Candidate]]] = field(default_factory=dict)
    seconds: list[tuple[float, float]] = field(default_factory=list)
    """Programs tried, and the CPU seconds until then."""


@dataclass
class Progress:
    """Collects streams in order. A program's iteration is its step; without one it is the position of its file."""

    _sources: dict[str, int] = field(default_factory=dict)
    _iterations: dict[int, _Iteration] = field(default_factory=dict)
    _judged: dict[str, _Found] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Add one record; only frontiers with programs and the metrics of evaluate --all-tasks matter."""
        source = source_of(record)
        if isinstance(record, Metric) and record.name == SECONDS and record.step is not None:
            self._judged.setdefault(source, _Found()).seconds.append((record.step, record.value))
        if not isinstance(record, Frontier) or record.task is None:
            return
        position = self._sources.setdefault(source, len(self._sources))
        task = record.task
        if record.search is not None and record.search.cpu_seconds is not None:
            self._of(position).seconds += record.search.cpu_seconds
        for program in record.programs:
            iteration = self._of(position if program.step is None else program.step)
            iteration.programs += 1
            if not program.score and not program.solves:
                continue
            by = "" if program.origin is None else program.origin.by or ""
            candidate = _Candidate.of(task, program)
            iteration.best.setdefault(by, {}).setdefault(task.id, Best()).add(candidate)
            number = None if program.origin is None else program.origin.evaluations
            if number is not None:
                found = self._judged.setdefault(source, _Found())
                found.candidates.setdefault(task.id, []).append((number, candidate))

    def _of(self, number: int) -> _Iteration:
        return self._iterations.setdefault(number, _Iteration())

    def curves(self) -> list[Curve]:
        """The curves: over iterations, where there are several, and over programs judged on all tasks."""
        over_programs = [curve for found in self._judged.values() for curve in _over_programs(found)]
        return [*self._over_iterations(), *over_programs] if len(self._iterations) > 1 else over_programs

    def _over_iterations(self) -> Iterator[Curve]:
        numbers = sorted(self._iterations)
        iterations = [self._iterations[number] for number in numbers]
        programs = _running([each.programs for each in iterations])
        seconds = _running([each.seconds for each in iterations])
        axes: list[tuple[str, Sequence[float]]] = [(BY_ITERATION, numbers), (BY_PROGRAMS, programs)]
        axes += [(BY_SECONDS, seconds)] if seconds[-1] > 0 else []
        origins = list(dict.fromkeys(by for each in iterations for by in each.best))
        chosen = {"": origins} | ({by or "other": [by] for by in origins} if len(origins) > 1 else {})
        for metric, steps in axes:
            for name, of in chosen.items():
                for kind in (CUMULATIVE, ALONE):
                    values = _solved(iterations, of, cumulative=kind == CUMULATIVE)
                    yield _curve(metric, f"{name}, {kind}" if name else kind, steps, values)


def _running(values: Sequence[float]) -> list[float]:
    total, sums = 0.0, []
    for value in values:
        total += value
        sums.append(total)
    return sums


def _solved(iterations: Sequence[_Iteration], origins: Sequence[str], *, cumulative: bool) -> list[int]:
    """How many tasks each iteration's programs of some origins solve, or those of it and of all before."""
    found, best = [], dict[str, Best]()
    for iteration in iterations:
        best = best if cumulative else {}
        for by in origins:
            for task, each in iteration.best.get(by, {}).items():
                best.setdefault(task, Best()).update(each)
        found.append(sum(each.solved for each in best.values()))
    return found


def _over_programs(found: _Found) -> Iterator[Curve]:
    """Yield the curves of programs judged on all tasks: the tasks solved by the first so many of them."""
    offered = sorted((number, task, candidate) for task, each in found.candidates.items() for number, candidate in each)
    best: dict[str, Best] = {}
    solved: set[str] = set()
    points: dict[float, int] = {}
    for number, task, candidate in offered:
        best.setdefault(task, Best()).add(candidate)
        (solved.add if best[task].solved else solved.discard)(task)
        points[float(number)] = len(solved)
    # Only where the number changes, and where it ends.
    last = max([*points, *(step for step, _ in found.seconds)], default=0.0)
    steps = [step for step, before in zip(points, [None, *points.values()], strict=False) if points[step] != before]
    changes = {step: points[step] for step in steps} | ({last: len(solved)} if points else {})
    if changes:
        yield _curve(BY_PROGRAMS, "all tasks", list(changes), list(changes.values()))
    if changes and found.seconds:
        at = sorted(found.seconds)
        times: Mapping[float, int] = {_seconds_at(step, at): value for step, value in changes.items()}
        yield _curve(BY_SECONDS, "all tasks", list(times), list(times.values()))


def _seconds_at(programs: float, known: Sequence[tuple[float, float]]) -> float:
    """The CPU seconds when so many programs had been judged: those after the batch that it belongs to."""
    place = bisect_left(known, (programs,))
    return known[min(place, len(known) - 1)][1]


def _curve(metric: str, series: str, steps: Sequence[float], values: Sequence[int]) -> Curve:
    spreads = tuple(Spread(1, float(value), 0.0) for value in values)
    return Curve(metric, "", series, 1, tuple(map(float, steps)), spreads)
