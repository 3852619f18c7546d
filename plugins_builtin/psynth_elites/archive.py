"""The method ``archive``: keeps the best programs of a stream for each kind of behavior, and chooses parents."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from psynth.core.archive_figures import ARCHIVE_LABEL, describes_archive, metrics, statistics
from psynth.core.engines.archive import TAKEN, Elites, Status, uneven
from psynth.core.errors import InputError, PsynthError, UsageError
from psynth.core.settings import setting
from psynth.core.stream.held import natural_order
from psynth.core.stream.merging import unite_headers
from psynth.core.stream.reading import ReadReport, read_records
from psynth.core.stream.records import (
    Archive,
    Credit,
    End,
    Foreign,
    Frontier,
    Header,
    Library,
    Metric,
    Program,
    Record,
)
from psynth.core.stream.resuming import parents_of
from psynth.core.wording import counted
from psynth.plugins.method import Context
from psynth_elites.selection import SELECTIONS, Credits, Selected
from psynth_elites.settings import ArchiveSettings

FRONTIER = Frontier.TYPE
PROGRESS = 10_000
"""Programs between two steps of the progress bar."""
WHY = {
    "outside": "outside the range of a dimension",
    "no objective": "without the figure that is best in an elite",
    "no descriptor": "without a descriptor (psynth evaluate --descriptors)",
}


@dataclass(frozen=True)
class KeepArchive(ArchiveSettings):
    """Keep the best programs of a stream for each kind of behavior.

    Programs need a reward or a score, and a descriptor: psynth evaluate --descriptors writes both. The output is an
    archive: its layout, then one elite a frontier, then metrics that describe it. Archives are input like any other, so
    that several are merged by reading them; in the layouts grid and cvt the order does not matter. If the input has an
    archive, the output has its layout, unless options describe another.

    With --ask the output is not the archive but parents chosen from it, for psynth mutate. --tell adds programs made
    from them, and counts for each elite how many of its children were accepted, which --select curiosity and ucb use.

        psynth evaluate --descriptors karel.jsonl | psynth elites -o archive.jsonl
        psynth elites archive.jsonl other.jsonl --bins 24 -o merged.jsonl
        psynth elites --ask 64 archive.jsonl | psynth mutate | psynth evaluate --descriptors > children.jsonl
        psynth elites --tell archive.jsonl children.jsonl -o archive.jsonl
    """

    random = True
    reads = (Library, Archive)

    ask: int | None = setting(
        None, minimum=1, maximum=10_000_000, unit="frontiers", help="write so many frontiers of parents for each task"
    )
    select: str = setting("uniform", choices=tuple(SELECTIONS), help="how --ask chooses parents")
    parents: int = setting(1, minimum=1, maximum=1000, unit="parents", help="different parents in a frontier of --ask")
    tell: Path | None = setting(None, file="read", help="add the input to the archive in this file")

    def needs_credits(self) -> bool:
        """Whether the credits of elites matter, so that they have to be read."""
        return self.tell is not None or self.select in ("curiosity", "ucb")

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the archive of the records, or parents from it."""
        if self.tell is not None and self.ask is not None:
            raise UsageError("--ask and --tell: first tell the archive, then ask it")
        if self.ask is None and self.tell is None and (self.select != "uniform" or self.parents != 1):
            raise UsageError("--select and --parents say how --ask chooses; give --ask, too")
        context.progress.start(None, "programs")
        keeper = _Keeper(self, context)
        if self.tell is not None:
            report = ReadReport()
            for record in read_records([self.tell], (*self.reads, Metric), report=report):
                keeper.add(record, told=False)
            if keeper.given is None:
                raise UsageError(f"--tell {self.tell}: there is no archive in this file")
            if report.truncated:
                context.warn(f"--tell {self.tell}: no end record: its writer died, or the archive was cut short")
        end = End("complete")
        told = self.tell is not None
        # The hot loop: where nothing else is to be done, a line goes to the engine, and its status is counted.
        quick, passed = None, 0
        for record in records:
            if quick is not None and type(record) is Foreign and record.type == FRONTIER:
                status = quick(record.line)
                if status is not None:
                    keeper.statuses[status] += 1
                    passed += 1
                    if passed % PROGRESS == 0:
                        keeper.progress(PROGRESS)
                    continue
            if isinstance(record, End):
                end = record
            else:
                keeper.add(record, told=told)
                quick = None if told else keeper.quick()
        yield from keeper.finished()
        yield end


@dataclass
class _Keeper:
    """An archive that grows, and what else the stream has."""

    method: KeepArchive
    context: Context
    headers: list[Header] = field(default_factory=list)
    libraries: dict[str, Library] = field(default_factory=dict)
    others: list[Record] = field(default_factory=list)
    given: Archive | None = None
    elites: Elites | None = None
    domain: str | None = None
    counts: Counter[str] = field(default_factory=Counter)
    """What became of all programs that were offered, also in the archives of the input."""
    statuses: Counter[str] = field(default_factory=Counter)
    """What became of the programs of the input that are not elites of an archive."""
    credits: dict[str, Credits] = field(default_factory=dict)
    offered: int = 0
    without_task: int = 0
    _in_archive: bool = False
    """Whether the frontiers that come are elites of an archive, and were offered before."""

    def quick(self) -> Callable[[bytes], Status | None] | None:
        """A function that offers a line, if nothing else is to be done for the lines that follow."""
        if self.elites is None or self._in_archive or self.method.needs_credits():
            return None
        return self.elites.offer_line

    def progress(self, steps: int) -> None:
        """Show that so many more programs were offered."""
        self.context.progress.advance(steps, f"{self._filled():,} cells")

    def add(self, record: Record, *, told: bool) -> None:
        """Add a record; with ``told`` the programs of a frontier are children of elites."""
        if isinstance(record, Frontier) or (isinstance(record, Foreign) and record.type == FRONTIER):
            self._offer(record, told)
        elif isinstance(record, Header):
            self._in_archive = False
            self.headers.append(record)
        elif isinstance(record, Library):
            self._library(record)
        elif isinstance(record, Archive):
            self._archive(record)
        elif not is_made_anew(record):
            self.others.append(record)

    def _library(self, library: Library) -> None:
        known = self.libraries.setdefault(library.domain, library)
        if _abstractions(known) != _abstractions(library):
            raise library.error(
                f"a second library of domain {library.domain!r} with other abstractions: programs in one mean "
                "something else in the other; psynth compress --library FILE --rewrite-only brings them into one"
            )

    def _archive(self, archive: Archive) -> None:
        self._in_archive = True
        self.counts.update(archive.counts)
        if self.given is None:
            self.given = archive
            if self.elites is not None:
                # Made for the programs before it; the options that made it are not those of the archive.
                self._check_even(archive, self.elites.archive)
        else:
            self._check_even(archive, self.given)

    def _check_even(self, archive: Archive, other: Archive) -> None:
        difference = uneven(archive, other)
        if difference is not None and not self.method.describes():
            raise archive.error(
                f"an archive with other {difference} than the one before it; describe the layout of the result, "
                "as with --layout, --dim and --bins"
            )

    def _offer(self, record: Foreign | Frontier, told: bool) -> None:
        try:
            elites = self.elites or self._begun(record)
            if isinstance(record, Foreign) and told:
                record = record.frontier()
            offered = None if elites is None else elites.offer(record)
            if offered is None:
                self.without_task += 1
                self.others.append(record)
                return
            for status, frontier in offered:
                if not self._in_archive:
                    self.statuses[status] += 1
                if told and frontier is not None:
                    self._credit(frontier, status)
            if not told and self.method.needs_credits():
                self._known_credit(record)
        except InputError as error:
            if self.context.bad_input(error):
                self.others.append(record)
            return
        self.offered += 1
        if self.offered % PROGRESS == 0:
            self.progress(PROGRESS)

    def _filled(self) -> int:
        assert self.elites is not None
        return sum(map(self.elites.filled, self.elites.tasks()))

    def _begun(self, record: Foreign | Frontier) -> Elites | None:
        """The empty archive for the domain of a frontier; None if the frontier has no task."""
        frontier = record
        if isinstance(frontier, Foreign):
            frontier = frontier.frontier()
        if frontier.task is None:
            return None
        self.domain = frontier.task.domain
        try:
            self.elites = Elites(self.method.archive(self.context, self.domain, self.given))
        except InputError as error:
            raise frontier.error(error.message) from None
        return self.elites

    def _credit(self, child: Frontier, status: Status) -> None:
        assert child.task is not None
        credits = self.credits.setdefault(child.task.id, Credits())
        [program] = child.programs
        for parent in parents_of(program):
            credits.add((program.language, parent), accepted=status in TAKEN)

    def _known_credit(self, record: Foreign | Frontier) -> None:
        """Take over the credit that a record of an archive has."""
        frontier = record
        if isinstance(frontier, Foreign):
            if b'"elite"' not in frontier.line:
                return
            frontier = frontier.frontier()
        if frontier.elite is None or frontier.task is None or len(frontier.programs) != 1:
            return
        [program] = frontier.programs
        credits = self.credits.setdefault(frontier.task.id, Credits())
        key = (program.language, program.program)
        credits.children[key] = max(credits.children.get(key, 0), frontier.elite.children)
        credits.accepted[key] = max(credits.accepted.get(key, 0), frontier.elite.accepted)

    def finished(self) -> Iterator[Record]:
        """Yield the output but its end."""
        yield unite_headers(self.headers)
        yield from self.libraries.values()
        if self.method.ask is None:
            yield from self.others
        elites = self.elites
        if elites is None:
            if self.given is not None and self.method.ask is None:
                yield self.given
            self.context.warn("no frontier: the archive is empty")
            return
        self._check_domains(elites)
        elites.settle()
        self._say(elites)
        tasks = sorted(elites.tasks(), key=natural_order)
        if self.method.ask is None:
            counts = self.counts + self.statuses
            yield dataclasses.replace(elites.archive, counts=dict(sorted(counts.items())))
        for task in tasks:
            if self.method.ask is None:
                yield from self._elites(elites, task)
            else:
                yield from self._asked(elites, task, self.method.ask)
        if self.method.ask is None:
            yield from itertools.chain.from_iterable(metrics(elites, task) for task in tasks)

    def _check_domains(self, elites: Elites) -> None:
        """InputError if a task is of another domain than the first: its dimensions are others."""
        for task in elites.tasks():
            first = elites.best(task, 0).frontier
            if first.task is not None and first.task.domain != self.domain:
                raise InputError(
                    f"elites of the domains {self.domain!r} and {first.task.domain!r}: an archive is of one",
                    task=first.task.id,
                )

    def _say(self, elites: Elites) -> None:
        """Say what was left out, and with -v what the archive holds."""
        if self.without_task:
            self.context.warn(f"{counted(self.without_task, 'frontier')} without a task: not in the archive, passed on")
        for status, why in WHY.items():
            number = self.statuses[status]
            if number:
                self.context.warn(f"{counted(number, 'program')} {why}: not in the archive")
        if elites.clipped:
            counts = counted(elites.clipped, "program")
            self.context.warn(f"{counts} {WHY['outside']}: in the nearest cell (--outside clip)")
        for task in elites.tasks():
            found = statistics(elites, task)
            share = "" if found.coverage is None else f" of {found.cells:,} ({found.coverage:.1%})"
            self.context.note(
                f"{task}: {found.filled:,} cells{share}, best {found.best:g}, QD score {found.qd_score:g}"
            )

    def _elites(self, elites: Elites, task: str) -> Iterator[Record]:
        credits = self.credits.get(task, Credits())
        for elite in elites.all(task):
            children, accepted = credits.of(elite)
            if children:
                frontier = dataclasses.replace(elite.frontier, elite=Credit(children, accepted))
                yield Foreign(Frontier.TYPE, frontier.encode())
            else:
                yield Foreign(Frontier.TYPE, elite.line)

    def _asked(self, elites: Elites, task: str, count: int) -> Iterator[Record]:
        selection = SELECTIONS[self.method.select](elites, task, self.credits.get(task, Credits()))
        filled = elites.filled(task)
        if filled * elites.archive.depth < self.method.parents:
            self.context.warn(f"{task}: {counted(filled, 'cell')} with elites, fewer than --parents")
        for chosen in selection.select(count, self.method.parents, self.context.rng(task)):
            yield _parents(chosen)


def _parents(chosen: Selected) -> Frontier:
    """A frontier with the programs of some elites, as parents of others."""
    programs: list[Program] = [program for elite in chosen for program in elite.frontier.programs]
    return dataclasses.replace(chosen[0].frontier, programs=tuple(programs), elite=None, search=None)


def _abstractions(library: Library) -> dict[str, str | None]:
    return {entry.name: entry.definition for entry in library.productions}


def is_made_anew(record: Record) -> bool:
    """Whether a record is a metric about an archive as a whole."""
    if isinstance(record, Foreign) and record.type == Metric.TYPE and f'"{ARCHIVE_LABEL}"'.encode() in record.line:
        try:
            record = Metric.from_json(record.to_json())
        except PsynthError:
            return False
    return isinstance(record, Metric) and describes_archive(record)
