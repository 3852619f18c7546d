"""The methods ``subterm`` and ``crossover``, which replace the programs of each frontier by mutants of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from psynth.core.engines.lambda_machine import DEFAULT_MUTANT_DEPTH, DEFAULT_MUTANT_SIZE, LambdaMachine
from psynth.core.errors import InputError
from psynth.core.limits import LARGEST
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Origin, Program, Record, quality
from psynth.core.stream.resuming import could_come_from, parents_of
from psynth.core.stream.scope import batches, scoped
from psynth.core.wording import counted
from psynth.plugins.method import TASKS, Context, Method
from psynth_search.parents import Parent, Work, groups, refuse, works

BATCH = 256
"""Records read for one batch of requests to the λ-machine."""
TOGETHER = 20_000
"""Mutants that are made, sent and held together, unless one frontier has more."""
ROUNDS = 10
"""Number of attempts to complete a program's mutants if they must be distinct."""
NO_OTHER = "none"
"""The kind of the λ-machine's error reply that no part fits."""


@dataclass(frozen=True)
class Variation(Method):
    """The base of both methods: the number of mutants and the treatment of their parents."""

    random = True

    count: int = setting(1, minimum=1, maximum=10_000_000, unit="mutants", help="mutants to make of each program")
    max_size: int = setting(
        DEFAULT_MUTANT_SIZE,
        minimum=1,
        maximum=LARGEST,
        unit="nodes",
        help="maximum size of a mutant: occurrences of primitives, abstractions, literals and variables",
    )
    keep: bool = setting(False, help="also keep the parents of the mutants")
    distinct: bool = setting(False, help="no duplicates in a frontier, among parents and mutants")

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records in order, each frontier with the mutants of its programs."""
        context.progress.start(None, TASKS)
        lacking = _Lacking()
        frontiers = parents = 0
        with context.engines.lambda_machine() as machine:
            for batch in batches(scoped(records, context.library_for), self.batch_size):
                frontiers += sum(isinstance(record, Frontier) for record, _ in batch)
                for item in self._worked(list(works(batch, context)), machine):
                    if not isinstance(item, Work):
                        yield item
                        continue
                    context.progress.advance()
                    parents += len(item.parents)
                    frontier = self._varied(item, context, lacking)
                    if frontier is not None:
                        yield frontier
        if frontiers and not parents:
            context.warn(f"{counted(frontiers, 'frontier')} without a program: there is nothing to mutate")
        if lacking.programs:
            context.warn(f"programs without a mutant: {lacking.programs}; {lacking.why}{self._hint()}")

    def makes(self, frontier: Frontier, result: Frontier) -> bool:
        """Whether the programs of ``result`` are those of the frontier, or mutants of them."""
        given = {each.program for each in frontier.programs}
        made = (each for each in result.programs if each.program not in given)
        return could_come_from(frontier, result) and all(given.issuperset(parents_of(each)) for each in made)

    def _worked(self, batch: Sequence[Record | Work], machine: LambdaMachine) -> Iterator[Record | Work]:
        """Yield the batch with its mutants, in parts that fit into memory if frontiers do not depend on each other."""
        part: list[Record | Work] = []
        size = 0
        for item in batch:
            part.append(item)
            size += self.count * len(item.parents) if isinstance(item, Work) else 0
            if size >= TOGETHER and self.batch_size is not None:
                yield from self._finished(part, machine)
                part, size = [], 0
        yield from self._finished(part, machine)

    def _finished(self, part: Sequence[Record | Work], machine: LambdaMachine) -> Sequence[Record | Work]:
        self._vary([item for item in part if isinstance(item, Work)], machine)
        return part

    @abstractmethod
    def _answers(
        self, machine: LambdaMachine, parents: Sequence[Parent], mates: Sequence[str], count: int, first: int
    ) -> list[dict[str, Any]]:
        """The λ-machine's reply for each parent; ``mates`` are the programs that may supply parts."""

    @abstractmethod
    def _made_from(self, parent: Parent, mutant: dict[str, Any], mates: Sequence[str]) -> Origin:
        """The origin of a mutant."""

    @property
    def batch_size(self) -> int | None:
        """The number of records processed together; None: all."""
        return BATCH

    def _hint(self) -> str:
        return ""

    def _groups(self, works: Sequence[Work], machine: LambdaMachine) -> Iterator[tuple[list[Parent], list[str]]]:
        """Yield groups of parents for one request, each with the programs that may supply parts."""
        for group in groups(works, machine):
            yield group, []

    def _vary(self, works: Sequence[Work], machine: LambdaMachine) -> None:
        known = {id(parent): _Known() for work in works for parent in work.parents}
        if self.distinct:
            for work in works:
                shared = _Known({parent.program.program for parent in work.parents})
                known.update((id(parent), shared) for parent in work.parents)
        for group, mates in self._groups(works, machine):
            asked, first = list(group), 0
            for _ in range(ROUNDS if self.distinct else 1):
                try:
                    for parent, answer in self._in_parts(machine, asked, mates, first):
                        self._take(parent, answer, mates, known[id(parent)])
                except InputError as error:  # the fault of the library or the type, which all of a group share
                    refuse(asked, error)
                    break
                first += self.count
                asked = [parent for parent in asked if len(parent.mutants) < self.count and parent.wrong is None]
                asked = [parent for parent in asked if parent.none is None]
                if not asked:
                    break

    def _in_parts(
        self, machine: LambdaMachine, asked: Sequence[Parent], mates: Sequence[str], first: int
    ) -> Iterator[tuple[Parent, dict[str, Any]]]:
        """Yield the machine's replies, from requests of bounded size: a mutant depends on its number alone."""
        width = max(1, TOGETHER // self.count)
        for start in range(0, len(asked), width):
            parents = asked[start : start + width]
            for done in range(0, self.count, TOGETHER):
                count = min(TOGETHER, self.count - done)
                yield from zip(parents, self._answers(machine, parents, mates, count, first + done), strict=True)

    def _take(self, parent: Parent, answer: dict[str, Any], mates: Sequence[str], known: _Known) -> None:
        error = answer.get("error")
        if error is not None and error["kind"] == NO_OTHER:
            parent.none = error["message"]
            parent.mutants.clear()
        elif error is not None:
            parent.wrong = error["message"]
        else:
            for mutant in answer["mutants"]:
                if len(parent.mutants) < self.count and (not self.distinct or known.add(mutant["program"])):
                    log_prior = mutant["log_prior"]
                    parent.mutants.append(
                        Program(
                            program=mutant["program"],
                            language="lambda",
                            log_prior=float("-inf") if log_prior is None else log_prior,
                            origin=self._made_from(parent, mutant, mates),
                        )
                    )

    def _varied(self, work: Work, context: Context, lacking: _Lacking) -> Frontier | None:
        frontier = work.frontier
        if work.wrong is not None:
            return frontier if context.bad_input(work.wrong) else None
        programs: list[Program] = []
        for number, parent in enumerate(work.parents, 1):
            if parent.wrong is not None:
                if context.bad_input(frontier.error(f"program {number}: {parent.wrong}")):
                    programs.append(parent.program)
                continue
            if self.keep:
                programs.append(parent.program)
            if not parent.mutants:
                lacking.note(parent.none or "every mutant duplicates a program of its frontier")
            programs += parent.mutants
        programs.sort(key=quality, reverse=True)
        return replace(frontier, programs=tuple(programs), search=frontier.search if self.keep else None)


@dataclass
class _Known:
    """The programs of a frontier so far."""

    programs: set[str] = field(default_factory=set)

    def add(self, program: str) -> bool:
        """Add a program, and return whether it is new."""
        before = len(self.programs)
        self.programs.add(program)
        return len(self.programs) > before


@dataclass
class _Lacking:
    """The number of programs without mutants, with the reason for the first."""

    programs: int = 0
    why: str = ""

    def note(self, why: str) -> None:
        self.why = self.why or why
        self.programs += 1


@dataclass(frozen=True)
class Subterm(Variation):
    """Replace a part of each program by a sample from the library's grammar.

    Every node of a program is equally likely to be replaced, with everything below it. The replacement has the type
    that the rest of the program requires, and is sampled with the grammar's probabilities, also contextual ones, among
    those within --max-size. A mutant always differs from its parent. Mutants have a log-prior but no scores; psynth
    evaluate computes these.
    """

    resumable = True

    max_depth: int = setting(
        DEFAULT_MUTANT_DEPTH,
        minimum=1,
        maximum=400,
        unit="levels",
        help="below this depth of the new part, choose only the shortest completions",
    )

    def _answers(
        self, machine: LambdaMachine, parents: Sequence[Parent], mates: Sequence[str], count: int, first: int
    ) -> list[dict[str, Any]]:
        return machine.mutate(
            parents[0].library.to_json(),
            parents[0].request or "",
            [parent.program.program for parent in parents],
            seeds=[parent.seed for parent in parents],
            count=count,
            first=first,
            max_size=self.max_size,
            max_depth=self.max_depth,
        )

    def _made_from(self, parent: Parent, mutant: dict[str, Any], mates: Sequence[str]) -> Origin:
        return Origin(by="mutate", from_=(parent.program.program,))


@dataclass(frozen=True)
class Crossover(Variation):
    """Replace a part of each program by a part of another program of its type.

    Every node of a program is equally likely to be replaced, by any part of another program that fits there. Free
    variables of that part become variables of the same type in the new place. Programs without a suitable mate have no
    mutants; a warning gives their number. With --mates stream, programs are crossed with those of all frontiers that
    have the same library and type, so the stream is read to its end first; with --shard, those of the shard.
    """

    mates: str = setting(
        "frontier",
        choices=("frontier", "stream"),
        help="take parts from the same frontier, or the whole stream",
    )

    @property
    def batch_size(self) -> int | None:
        """None if programs of any frontier may mate, so that all records are processed together."""
        return BATCH if self.mates == "frontier" else None

    def _hint(self) -> str:
        return "; --mates stream offers more" if self.mates == "frontier" else ""

    def _groups(self, works: Sequence[Work], machine: LambdaMachine) -> Iterator[tuple[list[Parent], list[str]]]:
        if self.mates == "stream":
            together = groups(works, machine)
        else:
            together = [group for work in works for group in groups([work], machine)]
        for group in together:
            # Sorted, so that the result does not depend on the order of the stream.
            yield group, sorted({parent.program.program for parent in group})

    def _answers(
        self, machine: LambdaMachine, parents: Sequence[Parent], mates: Sequence[str], count: int, first: int
    ) -> list[dict[str, Any]]:
        return machine.crossover(
            parents[0].library.to_json(),
            parents[0].request or "",
            [parent.program.program for parent in parents],
            mates=mates,
            seeds=[parent.seed for parent in parents],
            count=count,
            first=first,
            max_size=self.max_size,
        )

    def _made_from(self, parent: Parent, mutant: dict[str, Any], mates: Sequence[str]) -> Origin:
        return Origin(by="crossover", from_=(parent.program.program, mates[mutant["mate"]]))
