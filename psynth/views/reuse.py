"""Reuse of learned abstractions: how many solutions call each one, separately for each split of the tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from psynth.core.calculus.terms import TermSyntaxError, names_in, parse_term
from psynth.core.stream.records import Frontier, Header, Library, Production, Record, source_of
from psynth.core.stream.renaming import WORD
from psynth.views.documented import meaning_lines
from psynth.views.experiments import Experiment, Experiments
from psynth.views.grid import Column, Grid

UNSPLIT = "all tasks"
"""The name of the split of tasks that have none."""


@dataclass
class SplitUse:
    """The best solutions of one split: of how many searches, and how many call each abstraction and any at all."""

    searched: int = 0
    solved: int = 0
    reusing: int = 0
    solutions: Counter[str] = field(default_factory=Counter)
    occurrences: Counter[str] = field(default_factory=Counter)


@dataclass
class LibraryUse:
    """The uses of the abstractions of one library, by split in order of appearance."""

    domain: str
    abstractions: Sequence[Production]
    _counts: dict[str, dict[Experiment, SplitUse]] = field(default_factory=dict)
    _experiments: Experiments = field(default_factory=Experiments)

    @property
    def splits(self) -> dict[str, SplitUse]:
        """The uses by split; a split that several experiments searched is named with each of them, as ``train (a)``."""
        found = {}
        for split, counts in self._counts.items():
            for experiment, use in counts.items():
                name = f"{split} ({self._experiments.name(experiment)})" if len(counts) > 1 else split
                found[name] = use
        return found

    @property
    def in_library(self) -> Counter[str]:
        """How many other abstractions call each one."""
        calls: Counter[str] = Counter()
        for entry in self.abstractions:
            calls.update(names_in(parse_term(entry.definition or "")))
        return calls

    def count(self, frontier: Frontier, source: str) -> None:
        """Count the best solution of a frontier of a file, which calls an abstraction directly or not at all."""
        assert frontier.task is not None
        counts = self._counts.setdefault(frontier.task.split or UNSPLIT, {})
        split = counts.setdefault(self._experiments.of(source, self.domain), SplitUse())
        split.searched += 1
        solution = next((program for program in frontier.programs if program.solves), None)
        if solution is None:
            return
        split.solved += 1
        words = Counter(WORD.findall(solution.program)) if solution.language == "lambda" else Counter[str]()
        called = [entry.name for entry in self.abstractions if entry.name in words]
        split.reusing += bool(called)
        split.solutions.update(called)
        split.occurrences.update({name: words[name] for name in called})


class Reuse:
    """Collects the libraries of streams that have learned abstractions, and the solutions written in them."""

    def __init__(self) -> None:
        self._uses: dict[tuple[Any, ...], LibraryUse] = {}
        self._current: dict[tuple[str, str], LibraryUse | None] = {}
        self._experiments = Experiments()

    def add(self, record: Record) -> None:
        """Add one record; libraries that differ in weights or documentation alone are one."""
        source = source_of(record)
        if isinstance(record, Header):
            self._experiments.begin(source, record)
        elif isinstance(record, Library):
            self._experiments.use(source, record)
            self._current[source, record.domain] = self._of(record)
        elif isinstance(record, Frontier) and record.task is not None:
            use = self._current.get((source, record.task.domain))
            if use is not None and (record.search is not None or record.programs):
                use.count(record, source)

    def libraries(self) -> list[LibraryUse]:
        """The uses of every library, without libraries that no search was made with."""
        return [use for use in self._uses.values() if use.splits]

    def _of(self, library: Library) -> LibraryUse | None:
        abstractions = [entry for entry in library.abstractions if _sound(entry)]
        if not abstractions:
            return None
        key = library.domain, *((entry.name, entry.definition) for entry in abstractions)
        return self._uses.setdefault(key, LibraryUse(library.domain, abstractions, _experiments=self._experiments))


def _sound(entry: Production) -> bool:
    try:
        parse_term(entry.definition or "")
    except TermSyntaxError:
        return False
    return True


def reuse_table(use: LibraryUse) -> RenderableType:
    """A table with a row for each abstraction, and a last one for solutions that call any."""
    splits = [Column(split, "number") for split in use.splits]
    grid = Grid([Column("abstraction"), *splits, Column("in library", "number"), Column("meaning", "text")])
    in_library = use.in_library
    for entry in use.abstractions:
        counts = [f"{split.solutions[entry.name]}/{split.solved}" for split in use.splits.values()]
        meaning = next(meaning_lines(entry, examples=0), entry.definition or "").partition(" — ")[0]
        grid.add(entry.name, *counts, str(in_library[entry.name]), meaning)
    grid.rule()
    any_of = [f"{split.reusing}/{split.solved}" for split in use.splits.values()]
    grid.add("any of them", *any_of, "", "")
    return Group(Text(f"{use.domain}: uses in solutions", style="bold"), grid)


def searched_lines(use: LibraryUse) -> Iterator[str]:
    """Yield, for each split, of how many searches the solutions are."""
    for name, split in use.splits.items():
        yield f"{use.domain}, {name}: {split.solved} of {split.searched} searches solved their task"


def reuse_json(use: LibraryUse) -> dict[str, Any]:
    """The uses of a library as JSON."""
    in_library = use.in_library
    return {
        "domain": use.domain,
        "splits": {
            name: {"searched": split.searched, "solved": split.solved, "reusing": split.reusing}
            for name, split in use.splits.items()
        },
        "abstractions": [
            {
                "name": entry.name,
                "type": entry.type,
                "summary": None if entry.documentation is None else entry.documentation.summary,
                "in_library": in_library[entry.name],
                "uses": {
                    name: {"solutions": split.solutions[entry.name], "occurrences": split.occurrences[entry.name]}
                    for name, split in use.splits.items()
                },
            }
            for entry in use.abstractions
        ],
    }
