"""Tasks by how many answers solve their tests: the table of what ``evaluate --rank`` wrote, and totals of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from psynth.core.stream.records import Answers, Frontier, Record, source_of
from psynth.views.experiments import stem
from psynth.views.grid import Column, Grid

MOST: Final = 3
"""The greatest number of answers that is told apart."""


class _Part(NamedTuple):
    """What is counted together: the tasks of a file, domain and split whose answers stand in one order."""

    source: str
    domain: str
    split: str
    rank: str


@dataclass(frozen=True)
class AnsweredRow:
    """How many of ``tasks`` tasks are solved by their first answer, by the first two, and so on."""

    source: str
    domain: str
    split: str
    rank: str
    tasks: int
    solved: tuple[int, ...]


@dataclass
class Answered:
    """Collects the frontiers that say with how many answers they are solved; of several of a task the last counts."""

    _found: dict[_Part, dict[str, Answers]] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Add one record; only frontiers with answers matter."""
        if isinstance(record, Frontier) and record.task is not None and record.answers is not None:
            task = record.task
            part = _Part(source_of(record), task.domain, task.split or "", record.answers.rank)
            self._found.setdefault(part, {})[task.id] = record.answers

    def rows(self) -> list[AnsweredRow]:
        """A row for each file, domain, split and order of answers."""
        return [
            AnsweredRow(*part, len(tasks), tuple(_within(tasks.values(), count) for count in range(1, MOST + 1)))
            for part, tasks in self._found.items()
        ]


def _within(answers: Iterable[Answers], count: int) -> int:
    return sum(each.solved is not None and each.solved <= count for each in answers)


def figures(answers: Sequence[Answers]) -> Iterator[tuple[str, float]]:
    """Yield the totals of some tasks' answers, by name: ``answers_2`` are the tasks that two answers solve."""
    for count in range(1, MOST + 1):
        yield f"answers_{count}", _within(answers, count)


def answered_table(rows: Sequence[AnsweredRow]) -> Grid:
    """A row for each part, with how many tasks so many answers solve, and what share that is."""
    titles = ["1 answer", *(f"{count} answers" for count in range(2, MOST + 1)), "%"]
    columns = [Column("tests solved with"), Column("split"), Column("ranked by"), Column("tasks", "number")]
    grid = Grid([*columns, *(Column(title, "number") for title in titles)])
    for row in rows:
        share = f"{100 * row.solved[-1] / row.tasks:.1f}"
        name = " ".join(filter(None, [stem(row.source) if row.source else "", row.domain]))
        grid.add(name, row.split or "–", row.rank, str(row.tasks), *map(str, row.solved), share)
    return grid


def answered_json(row: AnsweredRow) -> dict[str, Any]:
    """A row as JSON; ``solved`` has the tasks that one answer solves, that two solve, and so on."""
    named = {"source": row.source, "domain": row.domain, "split": row.split or None, "rank": row.rank}
    return {**named, "tasks": row.tasks, "solved": list(row.solved)}
