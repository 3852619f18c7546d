"""The base of the operators on text: for each program, mutants that a maker makes one by one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import NamedTuple

from psynth.core.diffs import difference
from psynth.core.limits import LARGEST
from psynth.core.marked_blocks import BadBlocks
from psynth.core.python_source import NotPython
from psynth.core.seeds import stable_hash
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Origin, Program, Record
from psynth.core.stream.scope import batches, scoped
from psynth.plugins.method import Context
from psynth.plugins.source_domain import PYTHON
from psynth.plugins.variation import ROUNDS, Known, Parent, Variation, Work, seeds_of
from psynth_source.blocks import Blocks
from psynth_source.program import Kept

TRIES = 10
"""Attempts at a mutant of a block that fits the rest of its program."""
BATCH = 256
"""Records read together."""
DIFF = "diff"
"""The field of a program's origin with the unified diff from its first parent."""


class Made(NamedTuple):
    """A mutant, and the programs besides the parent that it was made from."""

    text: str
    mates: tuple[str, ...] = ()


Maker = Callable[[Random], Made | None]
"""Makes one mutant, or none where it found no change that holds."""


class Unfit(Exception):
    """A program has no mutants; the message says why."""


@dataclass(frozen=True)
class TextVariation(Variation):
    """The settings of operators on text, and their loop over programs."""

    diffs: bool = setting(False, help="write the unified diff from the parent as origin.diff")

    @property
    def together(self) -> int | None:
        """The number of records whose programs may mate; None: those of the whole stream."""
        return BATCH

    @abstractmethod
    def by(self) -> str:
        """The name of the operator in origins."""

    @abstractmethod
    def languages(self) -> Sequence[str]:
        """The languages of the programs that it varies."""

    @abstractmethod
    def maker(self, parent: Program, mates: Sequence[str], frontier: Frontier, context: Context) -> Maker:
        """The maker of a program's mutants; ``mates`` are other programs of its language.

        Raises Unfit for a program without mutants, NotPython for one that is invalid.
        """

    def varied(self, records: Iterator[Record], context: Context) -> Iterator[Record | Work[Parent]]:
        """Yield the records in order, with ``Work`` in place of each frontier that has programs."""
        for batch in batches(scoped(records, context.library_for), self.together):
            whole = self.mates_of([each for each, _ in batch]) if self.together is None else None
            for record, _ in batch:
                if isinstance(record, Frontier) and record.programs:
                    yield self._work(record, self.mates_of([record]) if whole is None else whole, context)
                else:
                    yield record

    def mates_of(self, records: Sequence[Record]) -> dict[tuple[str | None, str], list[str]]:
        """The programs of frontiers by domain and language, sorted, so that the order of the stream has no effect."""
        found: dict[tuple[str | None, str], set[str]] = {}
        for frontier in (each for each in records if isinstance(each, Frontier)):
            for each in frontier.programs:
                found.setdefault((_domain(frontier), each.language), set()).add(each.program)
        return {key: sorted(programs) for key, programs in found.items()}

    def _work(
        self, frontier: Frontier, mates: dict[tuple[str | None, str], list[str]], context: Context
    ) -> Work[Parent]:
        seeds = seeds_of(frontier, context)
        work = Work(frontier, [Parent(*pair) for pair in zip(frontier.programs, seeds, strict=True)])
        known = self.known([work])
        for parent in work.parents:
            program = parent.program
            if program.language not in self.languages():
                languages = " and ".join(self.languages())
                parent.wrong = (
                    f"--method {self.by()} mutates programs in {languages}; this program is in {program.language}"
                )
                continue
            others = [each for each in mates[_domain(frontier), program.language] if each != program.program]
            try:
                self._fill(parent, self._maker(program, others, frontier, context), known[id(parent)])
            except NotPython as error:
                parent.wrong = f"not Python: {error}"
            except Unfit as error:
                parent.none = str(error)
        return work

    def _maker(self, program: Program, mates: Sequence[str], frontier: Frontier, context: Context) -> Maker:
        """The maker of a program's mutants or, if it has blocks to be varied, of mutants that differ in one of them."""
        try:
            blocks = Blocks.of(program.program) if program.language == PYTHON else None
        except BadBlocks as error:
            raise Unfit(str(error)) from None
        if blocks is None:
            return self.maker(program, mates, frontier, context)
        kept = Kept.of(program.program)
        makers: list[tuple[int, Maker, Mapping[str, str]]] = []
        reasons: list[Unfit] = []
        for place in range(len(blocks.varied)):
            alone = blocks.alone(place)
            if alone is None:
                continue
            own = _blocks_of(mates, blocks, place)
            try:
                maker = self.maker(replace(program, program=alone), sorted(own), frontier, context)
            except Unfit as error:
                reasons.append(error)
            else:
                makers.append((place, maker, own))
        if not makers:
            raise reasons[0] if reasons else Unfit("there is no statement between the markers EVOLVE-BLOCK")

        def make(rng: Random) -> Made | None:
            for _ in range(TRIES):
                place, maker, own = rng.choice(makers)
                made = maker(rng)
                text = None if made is None else blocks.with_variant(place, made.text)
                if made is not None and text is not None and kept.allows(text, LARGEST):
                    return Made(text, tuple(own[mate] for mate in made.mates))
            return None

        return make

    def _fill(self, parent: Parent, maker: Maker, known: Known) -> None:
        found = False
        for number in range(self.count * (ROUNDS if self.distinct else 1)):
            if len(parent.mutants) == self.count:
                return
            made = maker(Random(stable_hash(parent.seed, number)))
            if made is None:
                continue
            found = True
            text = made.text + "\n" * (parent.program.program.endswith("\n") and not made.text.endswith("\n"))
            if self.takes(parent, text, known):
                parent.mutants.append(self._program(parent.program, text, made.mates))
        if not found:
            parent.none = "no change was found that keeps its names bound and its functions"

    def _program(self, parent: Program, text: str, mates: tuple[str, ...]) -> Program:
        extra = {DIFF: difference(parent.program, text)} if self.diffs else {}
        origin = Origin(by=self.by(), from_=(parent.program, *mates), extra=extra)
        return Program(text, parent.language, origin=origin)


def _blocks_of(mates: Sequence[str], blocks: Blocks, place: int) -> dict[str, str]:
    """The mates that differ in blocks only, by the program that their block is alone."""
    found: dict[str, str] = {}
    for mate in mates:
        if not blocks.keep(mate):
            continue
        theirs = Blocks.of(mate)
        assert theirs is not None
        alone = theirs.alone(place)
        if alone is not None:
            found.setdefault(alone, mate)
    return found


def _domain(frontier: Frontier) -> str | None:
    return None if frontier.task is None else frontier.task.domain
