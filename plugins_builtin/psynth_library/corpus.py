"""The programs to learn a library from: reading, compression, verification of the rewritten programs, and types."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from psynth.core.calculus.inference import IllTyped, infer
from psynth.core.calculus.normal_forms import NormalizationLimit, beta_normal, eta_long, expand, name_inlined
from psynth.core.calculus.terms import Term, TermSyntaxError, parse_term
from psynth.core.calculus.types import Type, TypeVariable, parse_type
from psynth.core.engines.compression import Compression, CompressionSettings, compress
from psynth.core.errors import InputError
from psynth.core.stream.records import Frontier, Library, Production, Program
from psynth.core.wording import counted
from psynth.plugins.domain import LAMBDA
from psynth.plugins.method import Progress

NORMALIZATION_STEPS = 1_000_000
"""Maximum number of β-steps to compare two programs: enough for any program that a search finds."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A program rewritten in the new library; ``term`` is None if the program is unchanged."""

    term: Term | None
    request: Type | None
    learned_from: bool
    log_likelihood: float | None


@dataclass(frozen=True, slots=True)
class Learned:
    """The result of compression, and each frontier's programs rewritten, in the order of the frontiers."""

    compression: Compression
    programs: list[list[Rewritten]]


class Corpus:
    """The frontiers of one library, ready for compression.

    ``library`` is the one that the programs are written in; after :meth:`compress` it also has the new abstractions,
    with their types and weight 0. ``warnings`` reports the programs left unchanged.
    """

    def __init__(self, library: Library, frontiers: Sequence[Frontier], *, from_scratch: bool = False) -> None:
        self.frontiers = list(frontiers)
        self.warnings: list[str] = []
        self._ill_typed: list[str] = []
        self.definitions = _definitions(library)
        self._dropped = dict(self.definitions) if from_scratch else {}
        kept = tuple(entry for entry in library.productions if entry.name not in self._dropped)
        self.library = replace(library, productions=kept) if from_scratch else library
        self.types = {entry.name: parse_type(entry.type) for entry in self.library.productions}
        self._terms = [[self._read(frontier, program) for program in frontier.programs] for frontier in self.frontiers]
        self._warn_of_other_languages()

    @property
    def typed(self) -> bool:
        """Whether the library has meaningful types: one type for everything counts as untyped."""
        return any(not isinstance(kind, TypeVariable) for kind in self.types.values())

    @property
    def has_examples(self) -> bool:
        """Whether there is any program to learn from."""
        return bool(self._places())

    @property
    def lacking(self) -> str:
        """Why there is no program to learn from."""
        count = sum(len(frontier.programs) for frontier in self.frontiers)
        if not count:
            return f"{counted(len(self.frontiers), 'frontier')} without a program"
        return f"none of {counted(count, 'program')} solves its task"

    def compress(self, settings: CompressionSettings, progress: Progress, *, eta_long: bool, effort: int) -> Learned:
        """Learn abstractions, extend the library, and rewrite every program that was learned from.

        Since greedy choices may be suboptimal, the run is repeated with one of its abstractions forbidden, within a
        budget of ``effort`` patterns visited, and the library of greatest utility is kept. This is limited discrepancy
        search (Harvey and Ginsberg, IJCAI 1995) with one discrepancy.
        """
        places = self._places()
        tasks = [[str(self._terms[at][index]) for index in of_task] for at, of_task in places.items()]
        found = first = self._run(tasks, settings, progress, eta_long, refused=None)
        for abstraction in first.abstractions:
            if effort <= 0 or first.status != "complete":
                break
            other = self._run(tasks, settings, Progress(), eta_long, refused=abstraction.definition)
            effort -= sum(each.visited for each in other.abstractions)
            if _utility(other) > _utility(found):
                found = other
        for abstraction in found.abstractions:
            self._add(abstraction.name, parse_term(abstraction.definition))
        programs = [
            [
                Rewritten(term, self._request(at), False, program.log_likelihood)
                for term, program in zip(terms, frontier.programs, strict=True)
            ]
            for at, (terms, frontier) in enumerate(zip(self._terms, self.frontiers, strict=True))
        ]
        for (at, of_task), rewritten in zip(places.items(), found.rewritten, strict=True):
            for index, text in zip(of_task, rewritten, strict=True):
                term = self._terms[at][index]
                assert term is not None  # `_places` lists only programs that are terms
                programs[at][index] = replace(
                    programs[at][index], term=self._verified(at, term, parse_term(text)), learned_from=True
                )
        if self._ill_typed:
            more = len(self._ill_typed) - 1
            self.warnings.append(self._ill_typed[0] + (f" (and {counted(more, 'more program')})" if more else ""))
        return Learned(found, programs)

    def _run(
        self,
        tasks: list[list[str]],
        settings: CompressionSettings,
        progress: Progress,
        eta_long: bool,
        *,
        refused: str | None,
    ) -> Compression:
        """One greedy run without the abstraction ``refused``; all abstractions have types."""
        types = dict(self.types)

        def well_typed(definition: str) -> bool:
            try:
                infer(parse_term(definition), types)
            except IllTyped:
                return False
            return definition != refused

        def learned(name: str, definition: str) -> None:
            types[name] = infer(parse_term(definition), types)
            progress.advance(note=name)

        reserved = [*self.types, *self._dropped]
        return compress(tasks, settings, eta_long=eta_long, reserved=reserved, accept=well_typed, learned=learned)

    def scored(self, programs: Sequence[Sequence[Rewritten]]) -> list[tuple[Type, list[tuple[Term, float]]]]:
        """The data to refit the weights to: the programs learned from, by request."""
        frontiers = []
        for of_task in programs:
            used = [
                (new.term, new.log_likelihood or 0.0) for new in of_task if new.learned_from and new.term is not None
            ]
            request = of_task[0].request if of_task else None
            if used and request is not None:
                frontiers.append((request, used))
        return frontiers

    def _places(self) -> dict[int, list[int]]:
        """The positions of the programs to learn from, for each frontier that has any."""
        places: dict[int, list[int]] = {}
        for at, (frontier, terms) in enumerate(zip(self.frontiers, self._terms, strict=True)):
            usable = [
                index
                for index, (program, term) in enumerate(zip(frontier.programs, terms, strict=True))
                if term is not None and _is_learned_from(program)
            ]
            if usable:
                places[at] = usable
        return places

    def _read(self, frontier: Frontier, program: Program) -> Term | None:
        """The program with the abstractions to drop expanded and every ``#(…)`` named or expanded."""
        if program.language != LAMBDA:
            return None
        try:
            term = name_inlined(parse_term(program.program), self.definitions)
            plain = expand(term, self._dropped)
            return term if plain is term else beta_normal(plain, NORMALIZATION_STEPS)
        except TermSyntaxError:  # reported when it was read; kept as it is
            return None
        except NormalizationLimit:
            self.warnings.append(
                f"{_task_id(frontier)}: {_short(program.program)} does not normalize and is left unchanged"
            )
            return None

    def _warn_of_other_languages(self) -> None:
        others = Counter(each.language for frontier in self.frontiers for each in frontier.programs)
        del others[LAMBDA]
        for language, count in sorted(others.items()):
            are = "is" if count == 1 else "are"
            left = f"{counted(count, 'program')} in {language} {are} left unchanged"
            self.warnings.append(f"{self.library.domain}: {left}; only λ-terms can be compressed")

    def _request(self, at: int) -> Type | None:
        task = self.frontiers[at].task
        return parse_type(task.request) if task is not None and task.request is not None else None

    def _add(self, name: str, definition: Term) -> None:
        self.types[name] = kind = infer(definition, self.types)
        self.definitions[name] = definition
        new = Production(name=name, type=str(kind), log_weight=0.0, definition=str(definition))
        self.library = replace(self.library, productions=(*self.library.productions, new), contextual=None)

    def _verified(self, at: int, old: Term, new: Term) -> Term:
        """``new`` in eta-long form, or ``old`` with a warning if ``new`` does not expand back to it."""
        try:
            if self._plain(new) is not self._plain(old):
                self.warnings.append(
                    f"{_task_id(self.frontiers[at])}: the rewriting of "
                    f"{_short(str(old))} does not expand back; it is left unchanged"
                )
                return old
        except NormalizationLimit:
            self.warnings.append(
                f"{_task_id(self.frontiers[at])}: {_short(str(old))} is too large to verify; it is left unchanged"
            )
            return old
        request = self._request(at)
        if request is None:
            return new
        try:
            return eta_long(new, request, self.types)
        except IllTyped as error:
            self._ill_typed.append(f"{_task_id(self.frontiers[at])}: {_short(str(new))} is not well typed: {error}")
            return new

    def _plain(self, term: Term) -> Term:
        return beta_normal(expand(term, self.definitions), NORMALIZATION_STEPS)


def _utility(found: Compression) -> int:
    return sum(abstraction.utility for abstraction in found.abstractions)


def _definitions(library: Library) -> dict[str, Term]:
    definitions: dict[str, Term] = {}
    for production in library.productions:
        if production.definition is not None:
            try:
                definitions[production.name] = parse_term(production.definition)
            except TermSyntaxError as error:
                raise InputError(
                    f"library {library.domain}: the definition of {production.name} cannot be read: {error}"
                ) from error
    return definitions


def syntax_fault(program: Program) -> str | None:
    """Why a λ-term cannot be read; None for one that can, and for programs in other languages."""
    try:
        if program.language == LAMBDA:
            parse_term(program.program)
    except TermSyntaxError as error:
        return str(error)
    return None


def _is_learned_from(program: Program) -> bool:
    """Whether to learn from a program: it solves its task, or was not judged, as in an imported corpus."""
    never_judged = program.log_likelihood is None and program.status in (None, "ok")
    return program.solves or never_judged


def _task_id(frontier: Frontier) -> str:
    return frontier.task.id if frontier.task is not None else "a program without a task"


def _short(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
