"""One run of an evolution over a stream: its tasks in turn, their islands, logs and baselines, and the archive."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from psynth.core.archive_figures import metrics, statistics
from psynth.core.engines.archive import Elites
from psynth.core.errors import InputError
from psynth.core.files import whole_file
from psynth.core.stream.held import natural_order
from psynth.core.stream.records import (
    Archive,
    Credit,
    End,
    Frontier,
    Header,
    Library,
    Metric,
    Record,
    same_task,
    worst,
)
from psynth.core.stream.scope import Scope, scoped
from psynth.core.wording import counted
from psynth.plugins.method import Context
from psynth_elites.archive import is_made_anew
from psynth_elites.evolution import Evolution
from psynth_elites.evolving import BASELINES, Evolving, Plan, Round
from psynth_elites.judging import Judge, check_behavior
from psynth_elites.log import Key, Log
from psynth_elites.steady import Judges, Steady


def _joined(first: Frontier, second: Frontier) -> Frontier:
    """A frontier with the programs of two of one task, as those of an archive are; InputError if the tasks differ."""
    assert first.task is not None
    assert second.task is not None
    if not same_task(first.task, second.task):
        raise second.error("another task with this id came before")
    return dataclasses.replace(first, programs=(*first.programs, *second.programs), elite=None)


@dataclass
class Run(contextlib.AbstractContextManager["Run"]):
    """One run of a method over a stream."""

    method: Evolution
    context: Context
    result: Elites | None = None
    history: list[Metric] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    credits: dict[tuple[str, str, str], Credit] = field(default_factory=dict)
    judges: dict[str, Judge] = field(default_factory=dict)
    reached: bool = True
    _headers: list[Header] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self._log: Log | None = None
        self._snapshot_at = self.method.snapshot_every

    def __exit__(self, *why: object) -> None:
        self._stack.close()

    def records(self, records: Iterator[Record]) -> Iterator[Record]:
        """Yield the output for the records of the input."""
        self.context.progress.start(None, "programs")
        end = End("complete")
        interrupted: KeyboardInterrupt | None = None
        given: Archive | None = None
        starts: dict[str, tuple[Frontier, Scope]] = {}
        for record, scope in scoped(records, self.context.library_for):
            if isinstance(record, End):
                end = record
            elif isinstance(record, Frontier) and record.task is not None:
                known = starts.get(record.task.id)
                starts[record.task.id] = (record if known is None else _joined(known[0], record)), scope
            elif isinstance(record, Archive):
                given = record
            elif not is_made_anew(record):
                if isinstance(record, Header):
                    self._headers.append(record)
                yield record
        try:
            for frontier, scope in starts.values():
                self._evolve(frontier, scope, given)
        except KeyboardInterrupt as found:
            interrupted = found
        if interrupted is not None:
            end = dataclasses.replace(end, status="interrupted")
        elif not self.reached:
            end = dataclasses.replace(end, status=worst(end.status, "budget"))
        if self._log is not None:
            self._log.finish(end.status)
        yield from self._archive_records()
        yield end
        if interrupted is not None:
            raise interrupted

    # ---- one task ----------------------------------------------------------------------------------------------------

    def _evolve(self, frontier: Frontier, scope: Scope, given: Archive | None) -> None:
        assert frontier.task is not None
        try:
            library = scope.library(frontier)
            archive = self.method.archive(self.context, frontier.task.domain, given)
            judge = Judge(
                frontier,
                library,
                self.method.budget(),
                self.context,
                behaves=self.method.behaves,
                cascade=self.method.cascade,
            )
            self._stack.enter_context(judge)
            self.judges[frontier.task.id] = judge
            if self.method.behaves:
                check_behavior(archive, judge)
            plan = self.method.plan(self.context, frontier)
            self.result = self.result or Elites(archive)
            self._open_log(library)
            self._all_islands(frontier, library, archive, plan, judge)
            for name in dict.fromkeys(self.method.baseline):
                self._baseline(name, frontier, library, archive, plan, judge)
        except InputError as error:
            if self.context.bad_input(frontier.error(error.message)):
                self.context.warn(f"{frontier.task.id}: not in the archive, as it could not be evolved")

    def _open_log(self, library: Library) -> None:
        if self.method.log is not None and self._log is None:
            header = self._headers[0] if self._headers else Header()
            self._log = self._stack.enter_context(Log(self.method.log, header, library))

    def _all_islands(self, frontier: Frontier, library: Library, archive: Archive, plan: Plan, judge: Judge) -> None:
        """Evolve the islands of a task in turns, and join their elites in the result."""
        islands = [
            Evolving(frontier, library, Elites(archive), plan, self.context, judge, island)
            for island in range(self.method.islands_count)
        ]
        try:
            self._turns(islands, self.method.name)
        finally:
            assert self.result is not None
            assert frontier.task is not None
            for island in islands:
                self.statuses.update(island.statuses)
                for elite in island.elites.all(frontier.task.id):
                    self.result.offer(elite.frontier)
                    children, accepted = island.credits.of(elite)
                    key = (frontier.task.id, elite.language, elite.program)
                    known = self.credits.get(key, Credit())
                    self.credits[key] = Credit(known.children + children, known.accepted + accepted)
            self.result.settle()

    def _baseline(
        self, name: str, frontier: Frontier, library: Library, archive: Archive, plan: Plan, judge: Judge
    ) -> None:
        """Spend the same budget on a baseline, of which only the metrics are kept."""
        baseline = dataclasses.replace(plan, policy=BASELINES[name])
        self._turns([Evolving(frontier, library, Elites(archive), baseline, self.context, judge)], name)

    def _turns(self, islands: Sequence[Evolving], method: str) -> None:
        """Evolve islands in turns until the budget is spent, the target reached, or nothing is left to try."""
        first = islands[0]
        key = (first.task.id, method)
        started = time.monotonic()
        known = self._log.rounds.get(key, []) if self._log is not None else []

        def spent() -> int:
            return sum(island.evaluations for island in islands)

        def is_over() -> bool:
            late = self.method.timeout is not None and time.monotonic() - started >= self.method.timeout
            return late or spent() >= self.method.max_evaluations or self._is_good(islands)

        evolve = self._in_rounds if self.method.steady is None else self._in_steady_state
        exhausted = evolve(islands, key, known, is_over, spent)
        if not self._is_good(islands):
            self.reached = False
        if exhausted:
            self.context.warn(f"{first.task.id}: {method} found no more programs that are new")

    def _in_rounds(
        self,
        islands: Sequence[Evolving],
        key: Key,
        known: Sequence[Round],
        is_over: Callable[[], bool],
        spent: Callable[[], int],
    ) -> bool:
        """Evolve islands, a batch each in turns; whether nothing is left to try."""
        turns = 0
        for found in known:
            left = self.method.max_evaluations - spent()
            if left <= 0 or self._is_good(islands):
                break
            # With a smaller budget than that of the log, the last round ends sooner.
            found = dataclasses.replace(found, programs=found.programs[:left])
            islands[found.island].recall(found)
            self._after(found, islands, key, known=True)
            turns = self._migrate(islands, turns)
        last = known[-1].island if known else -1
        exhausted: set[int] = set()
        while not is_over() and len(exhausted) < len(islands):
            last = (last + 1) % len(islands)
            island = islands[last]
            made = next(island.rounds(is_over, lambda: self.method.max_evaluations - spent()), None)
            if made is None:
                exhausted.add(last)
                continue
            island.absorb(made)
            self._after(made, islands, key, known=False)
            turns = self._migrate(islands, turns)
        return len(exhausted) == len(islands)

    def _in_steady_state(
        self,
        islands: Sequence[Evolving],
        key: Key,
        known: Sequence[Round],
        is_over: Callable[[], bool],
        spent: Callable[[], int],
    ) -> bool:
        """Evolve islands program by program; whether nothing is left to try. A batch is a turn, as for migration."""
        assert self.method.steady is not None
        turns = 0
        with Judges(islands[0].judge.alone, self.context.jobs) as judges:
            steady = Steady(islands, judges, self.method.steady, known)
            for found, was_known in steady.rounds(is_over, self.method.max_evaluations):
                islands[found.island].absorb(found)
                is_turn = spent() % self.method.batch == 0
                is_last = spent() == self.method.max_evaluations or self._is_good(islands)
                measured = range(len(islands)) if is_turn or is_last else ()
                self._after(found, islands, key, known=was_known, measured=measured)
                if is_turn:
                    turns = self._migrate(islands, turns)
        return not is_over()

    def _is_good(self, islands: Sequence[Evolving]) -> bool:
        """Whether the target is reached: the one of the settings, or a program that solves the task."""
        if self.method.target is None:
            return False
        sign = -1.0 if islands[0].elites.archive.minimize else 1.0
        return any(each.best is not None and each.best.gain >= sign * self.method.target for each in islands)

    def _migrate(self, islands: Sequence[Evolving], turns: int) -> int:
        """Count a turn, and let the best elites move on after every round of migration."""
        turns += 1
        if len(islands) > 1 and turns % (len(islands) * self.method.migrate_every) == 0:
            sent = [
                sorted(
                    each.elites.all(each.task.id), key=lambda elite: (-elite.gain, len(elite.program), elite.program)
                )
                for each in islands
            ]
            for number, elites in enumerate(sent):
                islands[(number + 1) % len(islands)].immigrate(elites[: self.method.migrants])
        return turns

    def _after(
        self, found: Round, islands: Sequence[Evolving], key: Key, *, known: bool, measured: Sequence[int] | None = None
    ) -> None:
        """What follows a round: metrics of the islands ``measured``, by default its own; log, snapshot and progress."""
        task, _ = key
        evaluations = sum(island.evaluations for island in islands)
        island = islands[found.island]
        of_round: list[Metric] = []
        for number in [found.island] if measured is None else measured:
            of_round += self._measured(islands, number, key, evaluations)
        self.history += of_round
        if self._log is not None and not known:
            frontiers = [Frontier(island.task, (program,)) for program in found.programs]
            self._log.append(key, found, frontiers, of_round)
        self.context.progress.advance(0 if known else len(found.programs), f"{island.elites.filled(task)} cells")
        if self.method.snapshot is not None and evaluations >= self._snapshot_at and not known:
            self._snapshot_at = evaluations + self.method.snapshot_every
            self._write_snapshot(island.elites, island.library)

    def _measured(self, islands: Sequence[Evolving], number: int, key: Key, evaluations: int) -> Iterator[Metric]:
        """Yield the metrics of an island after so many evaluations of all."""
        task, method = key
        labels: dict[str, str | int] = {"method": method, "seed": self.context.seed}
        if len(islands) > 1:
            labels["island"] = number
        elites = islands[number].elites
        elites.settle()
        yield from metrics(elites, task, step=evaluations, **labels)
        shown = statistics(elites, task)
        self.context.note(
            f"{task}: {method}, {counted(evaluations, 'program')}, {shown.filled} cells, "
            f"best {math.nan if shown.best is None else shown.best:g}, QD score {shown.qd_score:g}"
        )

    def _write_snapshot(self, elites: Elites, library: Library) -> None:
        assert self.method.snapshot is not None
        records: list[Record] = [*self._headers, library, elites.archive]
        records += [elite.frontier for task in elites.tasks() for elite in elites.all(task)]
        with whole_file(self.method.snapshot) as file:
            for record in [*records, End("budget")]:
                file.write(record.encode() + b"\n")

    # ---- the result --------------------------------------------------------------------------------------------------

    def _archive_records(self) -> Iterator[Record]:
        """Yield the archive with its elites, then its metrics and those of its history."""
        if self.result is None:
            self.context.warn("no task to evolve programs for: the archive is empty")
            return
        counts = dict(sorted(self.statuses.items()))
        yield dataclasses.replace(self.result.archive, counts=counts)
        tasks = sorted(self.result.tasks(), key=natural_order)
        for task in tasks:
            for elite in self.result.all(task):
                frontier = elite.frontier
                [program] = frontier.programs
                credit = self.credits.get((task, elite.language, elite.program))
                found = self.judges[task].with_held_out(program)
                yield dataclasses.replace(
                    frontier, programs=(found,), elite=credit if credit is not None and credit.children else None
                )
        for task in tasks:
            yield from metrics(self.result, task)
        yield from self.history
