"""The replay method ``priority``: programs of streams are drawn by priority, to learn from them again."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from psynth.core.errors import UsageError
from psynth.core.seeds import stable_hash
from psynth.core.settings import setting
from psynth.core.stream.reading import ReadReport, read_records
from psynth.core.stream.records import End, Frontier, Library, Program, Record, decode, quality, unite_ends
from psynth.core.stream.scope import scoped
from psynth.core.stream.seen import Seen
from psynth.plugins.method import TASKS, Context, Method
from psynth.plugins.task_maker import root_of
from psynth_replay.buffer import DiverseBuffer, Drawing, WeightedBuffer
from psynth_replay.priority import FIGURES, LEAST, Priority, weights_of

NO_PROGRAMS = "there are no programs in the stream, so nothing was drawn"


@dataclass(frozen=True)
class Replay(Method):
    """Draw programs by priority, without replacement: a replay buffer is a stream.

    The probability to be drawn next is proportional to the priority: Σ weight · figure / Σ weight. Figures are from 0
    to 1: score, the share of the examples that a program is right on (after psynth relabel, of the task that it was
    tried for); length, 1 for an empty program and 0 from --length-scale words on; age, 1 from --age-scale steps on;
    distance, 1 where no part of the outputs differs from what was wanted; novelty, 1/n for the n-th occurrence of a
    text. Only score counts by default, as in CodeIt (Butt et al., 2024). Solutions of given tasks have priority 1, and
    programs of priority 0 are drawn after all others. A program counts once for a task.

    The output has a frontier for each task of which a program was drawn, with the programs drawn, in the order of the
    first draws and behind its library. With --store, programs of
    that file are drawn too, independently of those of the input. Which programs are drawn depends on the seed, the
    tasks' ids and the programs, but not on their order, except with novelty.
    """

    random = True
    reads = (Library, Frontier)

    count: int | None = setting(None, minimum=0, unit="programs", main=True, help="programs to draw [default: all]")
    store: tuple[str, ...] = setting(
        (), value="FILE:COUNT", main=True, help="also draw COUNT programs of the stream in FILE (repeatable)"
    )
    max_per_task: int | None = setting(
        None, minimum=1, unit="programs", main=True, help="most programs of a task, with those relabeled from it"
    )
    diverse: bool = setting(
        False, help="of each task draw those of highest and of lowest priority, half of --max-per-task each"
    )
    weight: tuple[str, ...] = setting(
        (), value="NAME=WEIGHT", help=f"weight of a figure: {', '.join(FIGURES)} (repeatable) [default: score=1]"
    )
    length_scale: int = setting(100, minimum=1, unit="words", help="length from which on the figure is 0")
    age_scale: int = setting(100, minimum=1, unit="steps", help="step from which on the figure is 1")

    def __post_init__(self) -> None:
        super().__post_init__()
        weights_of(self.weight)
        if self.diverse and self.max_per_task is None:
            raise UsageError("--diverse needs --max-per-task: how many programs of a task to draw")
        for text in self.store:
            _file_and_count(text)

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield records that are no frontiers and no libraries, then what is drawn of the input and of each store."""
        context.progress.start(None, TASKS)
        ends: list[End] = []
        yield from self._drawn(records, self.count, context, ends)
        for text in self.store:
            path, count = _file_and_count(text)
            report = ReadReport()
            yield from self._drawn(read_records([path], self.reads, report=report), count, context, ends)
            ends.append(End(report.status))
        yield functools.reduce(unite_ends, ends)

    def _drawn(
        self, records: Iterable[Record], count: int | None, context: Context, ends: list[End]
    ) -> Iterator[Record]:
        """Yield a store's records that are no frontiers and no libraries, then what is drawn of it; its end is kept."""
        buffer: Drawing[_Item] = (
            WeightedBuffer(count, self.max_per_task)
            if not self.diverse or self.max_per_task is None
            else DiverseBuffer(count, self.max_per_task)
        )
        priority = Priority(weights_of(self.weight), self.length_scale, self.age_scale)
        libraries, seen = _Libraries(), Seen()
        offered = False
        for record, scope in scoped(records, context.library_for):
            if isinstance(record, End):
                ends.append(record)
            elif isinstance(record, Library):
                libraries.add(record)
            elif isinstance(record, Frontier):
                context.progress.advance()
                number = libraries.latest if record.task is None else libraries.add(scope.library(record))
                for place, program in enumerate(record.programs):
                    offered = True
                    identity = _identity(record, program)
                    if seen.add(identity):
                        buffer.add(
                            _Item(number, None if record.task is None else record.task.id, place, record.encode()),
                            priority=priority.of(record.task, program) + LEAST,
                            uniform=_uniform(context, identity),
                            group="" if record.task is None else root_of(record.task),
                        )
            else:
                yield record
        if not offered:
            context.warn(NO_PROGRAMS)
        yield from libraries.before(buffer.drawn())


class _Item(NamedTuple):
    """A program: the number of its library, if there is one, its task's id, its place in a frontier and that's line."""

    library: int | None
    task: str | None
    place: int
    line: bytes


class _Libraries:
    """The libraries of a store, in the order in which they were met; equal ones are one."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}
        self._libraries: list[Library] = []
        self._known: tuple[Library, int] | None = None
        self.latest: int | None = None

    def add(self, library: Library) -> int:
        """The number of a library, which is now the latest."""
        if self._known is None or self._known[0] is not library:
            number = self._numbers.setdefault(hashlib.sha256(library.encode()).digest(), len(self._libraries))
            if number == len(self._libraries):
                self._libraries.append(library)
            self._known = library, number
        self.latest = self._known[1]
        return self.latest

    def before(self, drawn: Iterable[_Item]) -> Iterator[Record]:
        """Yield the frontiers of items in order, those of each library behind it."""
        items = list(drawn)
        for number, library in enumerate(self._libraries):
            yield library
            yield from _frontiers([item for item in items if item.library == number])
        yield from _frontiers([item for item in items if item.library is None])


def _frontiers(items: Iterable[_Item]) -> Iterator[Frontier]:
    """Yield a frontier for each task, with the programs of its items best first; those of no task stand alone."""
    by_task: dict[str | int, list[_Item]] = {}
    for number, item in enumerate(items):
        by_task.setdefault(number if item.task is None else item.task, []).append(item)
    for together in by_task.values():
        frontiers = [Frontier.from_json(decode(item.line)) for item in together]
        programs = [frontier.programs[item.place] for frontier, item in zip(frontiers, together, strict=True)]
        yield dataclasses.replace(
            frontiers[0], programs=tuple(sorted(programs, key=quality, reverse=True)), search=None
        )


def _identity(frontier: Frontier, program: Program) -> str:
    """What makes a program of a task another one."""
    task = "" if frontier.task is None else frontier.task.id
    return "\n".join((task, program.language, program.program))


def _uniform(context: Context, identity: str) -> float:
    """The random number of a program, in (0, 1]: the same wherever it stands in its store."""
    return ((stable_hash(context.seed, context.command, identity) >> 11) + 1) / (1 << 53)


def _file_and_count(text: str) -> tuple[Path, int]:
    """The two parts of ``FILE:COUNT``; UsageError for another text."""
    path, _, count = text.rpartition(":")
    if not path or not count.isdecimal():
        raise UsageError(f"--store: {text!r} is not FILE:COUNT, as in policy.jsonl:90000")
    return Path(path), int(count)
