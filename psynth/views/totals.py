"""Totals of files as metric records: what each solved and spent, for curves over the iterations of a loop."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from psynth.core.stream.records import Answers, Frontier, Header, Library, Metric, Record, source_of
from psynth.views.answered import figures


class _Part(NamedTuple):
    """What a total is of: the tasks of one domain and split."""

    domain: str
    split: str


@dataclass
class _Total:
    """The searches of one file and part."""

    searched: int = 0
    solved: int = 0
    programs: int = 0
    seconds: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    answers: list[Answers] = field(default_factory=list)

    def count(self, frontier: Frontier) -> None:
        search, best = frontier.search, frontier.best
        self.searched += 1
        self.solved += frontier.solved
        self.answers += [] if frontier.answers is None else [frontier.answers]
        if search is not None:
            self.programs += search.programs or 0
            if search.cpu_seconds is not None:
                self.seconds.append(search.cpu_seconds)
        if frontier.solved and best is not None and best.log_prior is not None and math.isfinite(best.log_prior):
            self.costs.append(-best.log_prior)

    def figures(self) -> Iterator[tuple[str, float]]:
        yield "searched", self.searched
        yield "solved", self.solved
        yield "solved_share", self.solved / self.searched
        yield "programs", self.programs
        if len(self.seconds) == self.searched:
            yield "cpu_seconds", math.fsum(self.seconds)
        if self.costs:
            yield "cost", statistics.fmean(self.costs)
        if self.answers:
            yield from figures(self.answers)


@dataclass
class _File:
    """The totals of one file by part, and the abstractions of its last library of each domain."""

    totals: dict[_Part, _Total] = field(default_factory=dict)
    abstractions: dict[str, int] = field(default_factory=dict)


class Totals:
    """Collects files in order; the step of a file's metrics is its position, from 0.

    Of each domain and split: the number of tasks ``searched`` and ``solved``, the ``solved_share``, ``programs`` tried,
    ``cpu_seconds`` if every search was made with --timing, ``cost``, the mean of the best solutions in nats, and
    ``answers_1`` to ``answers_3``, the tasks whose tests so many answers solve (evaluate --rank); of each domain the
    number of ``abstractions`` in the last library of the file.
    """

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}

    def add(self, record: Record) -> None:
        """Add one record; only headers, libraries and frontiers with a search or programs count."""
        if isinstance(record, Header | Library | Frontier):
            file = self._files.setdefault(source_of(record), _File())
            if isinstance(record, Library):
                file.abstractions[record.domain] = len(record.abstractions)
            elif isinstance(record, Frontier) and record.task is not None and (record.search or record.programs):
                part = _Part(record.task.domain, record.task.split or "")
                file.totals.setdefault(part, _Total()).count(record)

    def metrics(self, labels: Mapping[str, str]) -> Iterator[Metric]:
        """Yield the metrics of each file in order, with ``labels`` beside those of domain and split."""
        for step, file in enumerate(self._files.values()):
            for part, total in file.totals.items():
                split = {"split": part.split} if part.split else {}
                for name, value in total.figures():
                    yield Metric(name, value, step, {"domain": part.domain, **split, **labels})
            for domain, count in file.abstractions.items():
                yield Metric("abstractions", count, step, {"domain": domain, **labels})
