"""The methods ``subterm`` and ``crossover``, which replace the programs of each frontier by mutants of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from psynth.core.calculus.lets import LET_DEFINITION, LET_TYPE, calls_as_lets, lets_as_calls
from psynth.core.calculus.terms import Name, parse_term
from psynth.core.engines.lambda_machine import DEFAULT_MUTANT_DEPTH, DEFAULT_MUTANT_SIZE, LambdaMachine
from psynth.core.errors import InputError, PsynthError
from psynth.core.limits import LARGEST
from psynth.core.settings import setting
from psynth.core.stream.records import Origin, Production, Program, Record
from psynth.core.stream.scope import batches, scoped
from psynth.plugins.lambda_neighborhood import without_redexes
from psynth.plugins.method import Context
from psynth.plugins.variation import ROUNDS, Known, Variation, Work
from psynth_search.parents import TermParent, groups, refuse, works

BATCH = 256
"""Records read for one batch of requests to the λ-machine."""
TOGETHER = 20_000
"""Mutants that are made, sent and held together, unless one frontier has more."""
NO_OTHER = "none"
"""The kind of the λ-machine's error reply that no part fits."""


@dataclass(frozen=True)
class TermVariation(Variation):
    """The base of both methods: mutants of λ-terms, which the λ-machine makes."""

    max_size: int = setting(
        DEFAULT_MUTANT_SIZE,
        minimum=1,
        maximum=LARGEST,
        unit="nodes",
        help="maximum size of a mutant: occurrences of primitives, abstractions, literals and variables",
    )
    keep_lets: bool = setting(
        False,
        help="keep shared values, ((lambda body) value), instead of writing them out; such mutants have no log-prior",
    )

    def varied(self, records: Iterator[Record], context: Context) -> Iterator[Record | Work[TermParent]]:
        """Yield the records in order, in batches that share requests to the λ-machine."""
        with context.engines.lambda_machine() as machine:
            for batch in batches(scoped(records, context.library_for), self.batch_size):
                yield from self._worked(list(works(batch, context)), machine)

    def _worked(
        self, batch: Sequence[Record | Work[TermParent]], machine: LambdaMachine
    ) -> Iterator[Record | Work[TermParent]]:
        """Yield the batch with its mutants, in parts that fit into memory if frontiers do not depend on each other."""
        part: list[Record | Work[TermParent]] = []
        size = 0
        for item in batch:
            part.append(item)
            size += self.count * len(item.parents) if isinstance(item, Work) else 0
            if size >= TOGETHER and self.batch_size is not None:
                yield from self._with_mutants(part, machine)
                part, size = [], 0
        yield from self._with_mutants(part, machine)

    def _with_mutants(
        self, part: Sequence[Record | Work[TermParent]], machine: LambdaMachine
    ) -> Sequence[Record | Work[TermParent]]:
        self._vary([item for item in part if isinstance(item, Work)], machine)
        return part

    @abstractmethod
    def _answers(
        self, machine: LambdaMachine, parents: Sequence[TermParent], mates: Sequence[str], count: int, first: int
    ) -> list[dict[str, Any]]:
        """The λ-machine's reply for each parent; ``mates`` are the programs that may supply parts."""

    @abstractmethod
    def _made_from(self, parent: TermParent, mutant: dict[str, Any], mates: Sequence[str]) -> Origin:
        """The origin of a mutant."""

    @property
    def batch_size(self) -> int | None:
        """The number of records processed together; None: all."""
        return BATCH

    def _groups(
        self, works: Sequence[Work[TermParent]], machine: LambdaMachine
    ) -> Iterator[tuple[list[TermParent], list[str]]]:
        """Yield groups of parents for one request, each with the programs that may supply parts."""
        for group in groups(works, machine):
            yield group, []

    def _vary(self, works: Sequence[Work[TermParent]], machine: LambdaMachine) -> None:
        known = self.known(works)
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
        self, machine: LambdaMachine, asked: Sequence[TermParent], mates: Sequence[str], first: int
    ) -> Iterator[tuple[TermParent, dict[str, Any]]]:
        """Yield the machine's replies, from requests of bounded size: a mutant depends on its number alone."""
        width = max(1, TOGETHER // self.count)
        for start in range(0, len(asked), width):
            parents = asked[start : start + width]
            for done in range(0, self.count, TOGETHER):
                count = min(TOGETHER, self.count - done)
                answers = self._answers(machine, parents, mates, count, first + done)
                yield from zip(parents, map(self._as_written, answers), strict=True)

    def _take(self, parent: TermParent, answer: dict[str, Any], mates: Sequence[str], known: Known) -> None:
        error = answer.get("error")
        if error is not None and error["kind"] == NO_OTHER:
            parent.none = error["message"]
            parent.mutants.clear()
        elif error is not None:
            parent.wrong = error["message"]
        else:
            for mutant in answer["mutants"]:
                if self.takes(parent, mutant["program"], known):
                    log_prior = mutant["log_prior"]
                    parent.mutants.append(
                        Program(
                            program=mutant["program"],
                            language="lambda",
                            log_prior=float("-inf") if log_prior is None else log_prior,
                            origin=self._made_from(parent, mutant, mates),
                        )
                    )

    def _as_sent(self, program: str) -> str:
        """A program as the λ-machine mutates it: in β-normal form, or with calls that share values.

        What has no such form stays as it is, for the machine to refuse.
        """
        try:
            return str(lets_as_calls(parse_term(program), LET)) if self.keep_lets else without_redexes(program)
        except PsynthError:
            return program

    def _as_written(self, answer: dict[str, Any]) -> dict[str, Any]:
        """A reply of the machine with the sharing of values as it is written."""
        if not self.keep_lets or "mutants" not in answer:
            return answer
        written = [
            {**mutant, "program": str(calls_as_lets(parse_term(mutant["program"]), LET))}
            for mutant in answer["mutants"]
        ]
        return {**answer, "mutants": written}

    def _library(self, parent: TermParent) -> dict[str, Any]:
        """The library that a parent is written in as it is sent; InputError if it cannot have what shares values."""
        library = parent.library
        if not self.keep_lets:
            return library.to_json()
        if library.contextual is not None:
            raise InputError("--keep-lets cannot be used with weights by context; psynth mutate without it")
        if LET.text in library.reserved_names:
            raise InputError(f"--keep-lets cannot be used with a library that has a production {LET.text}")
        # It is never proposed.
        sharing = Production(LET.text, LET_TYPE, float("-inf"), definition=LET_DEFINITION)
        return replace(library, productions=(*library.productions, sharing)).to_json()


LET = Name("let")
"""What shares values while the λ-machine works."""


@dataclass(frozen=True)
class Subterm(TermVariation):
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
        self, machine: LambdaMachine, parents: Sequence[TermParent], mates: Sequence[str], count: int, first: int
    ) -> list[dict[str, Any]]:
        return machine.mutate(
            self._library(parents[0]),
            parents[0].request or "",
            [self._as_sent(parent.program.program) for parent in parents],
            seeds=[parent.seed for parent in parents],
            count=count,
            first=first,
            max_size=self.max_size,
            max_depth=self.max_depth,
        )

    def _made_from(self, parent: TermParent, mutant: dict[str, Any], mates: Sequence[str]) -> Origin:
        return Origin(by="mutate", from_=(parent.program.program,))


@dataclass(frozen=True)
class Crossover(TermVariation):
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

    @property
    def needs_mates(self) -> bool:
        """Unless programs of other frontiers may mate."""
        return self.mates == "frontier"

    def hint(self) -> str:
        return "; --mates stream offers more" if self.mates == "frontier" else ""

    def _groups(
        self, works: Sequence[Work[TermParent]], machine: LambdaMachine
    ) -> Iterator[tuple[list[TermParent], list[str]]]:
        if self.mates == "stream":
            together = groups(works, machine)
        else:
            together = [group for work in works for group in groups([work], machine)]
        for group in together:
            # Sorted, so that the result does not depend on the order of the stream.
            yield group, sorted({parent.program.program for parent in group})

    def _answers(
        self, machine: LambdaMachine, parents: Sequence[TermParent], mates: Sequence[str], count: int, first: int
    ) -> list[dict[str, Any]]:
        return machine.crossover(
            self._library(parents[0]),
            parents[0].request or "",
            [self._as_sent(parent.program.program) for parent in parents],
            mates=[self._as_sent(mate) for mate in mates],
            seeds=[parent.seed for parent in parents],
            count=count,
            first=first,
            max_size=self.max_size,
        )

    def _made_from(self, parent: TermParent, mutant: dict[str, Any], mates: Sequence[str]) -> Origin:
        return Origin(by="crossover", from_=(parent.program.program, mates[mutant["mate"]]))
