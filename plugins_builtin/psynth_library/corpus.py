"""The programs to learn a library from: reading, η-long form where there are types, compression, and inferred types."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache, partial

from psynth.core.calculus.inference import IllTyped, infer
from psynth.core.calculus.lets import expanded_with_lets
from psynth.core.calculus.normal_forms import (
    NormalizationLimit,
    beta_normal,
    eta_long,
    eta_normal,
    expand,
    name_inlined,
)
from psynth.core.calculus.terms import Term, TermSyntaxError, parse_term
from psynth.core.calculus.types import Type, parse_type
from psynth.core.engines.compression import (
    Compression,
    CompressionSettings,
    JointSearch,
    Rewriting,
    compress,
    rewrite,
)
from psynth.core.errors import InputError
from psynth.core.languages import grammar_of, is_typed
from psynth.core.stream.records import Frontier, Library, Production, Program
from psynth.core.wording import counted
from psynth.plugins.domain import LAMBDA
from psynth.plugins.method import Progress
from psynth_library.shares import cost_of_a_nat, handicaps, is_graded, weights_of

NORMALIZATION_STEPS = 1_000_000
"""Maximum number of β-steps to expand a program: enough for any that a search finds."""
UNKNOWN = parse_type("t0")
"""The type of what has none without types, as ``(lambda ($0 $0))``: it fits wherever it stands."""
COMPARISON_STEPS = 10_000
"""Maximum number of β-steps to compare two abstractions; beyond it they count as different."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A program rewritten in the new library; ``term`` is None if the program is unchanged.

    ``derivable`` is the form that a grammar can score: η-long where there are types, otherwise the same term.
    """

    term: Term | None
    derivable: Term | None
    request: Type | None
    learned_from: bool
    log_likelihood: float | None


@dataclass(frozen=True, slots=True)
class Learned:
    """The result of compression, and each frontier's programs rewritten, in the order of the frontiers."""

    compression: Compression
    programs: list[list[Rewritten]]
    rewriting: Rewriting | None = None
    """What the abstractions that the library had already made of the programs, before anything was learned."""


class Corpus:
    """The frontiers of one library, ready for compression.

    ``library`` is the one that the programs are written in; after :meth:`compress` it also has the new abstractions,
    with their types and weight 0. ``warnings`` reports the programs left unchanged.
    """

    def __init__(self, library: Library, frontiers: Sequence[Frontier], *, from_scratch: bool = False) -> None:
        self.frontiers = list(frontiers)
        self.warnings: list[str] = []
        grammar = grammar_of(library)
        self.definitions = {each.name: each.definition for each in grammar.productions if each.definition is not None}
        self._dropped = dict(self.definitions) if from_scratch else {}
        self._reserved = library.reserved_names
        kept = tuple(entry for entry in library.productions if entry.name not in self._dropped)
        self.library = replace(library, productions=kept) if from_scratch else library
        self.types = {each.name: each.type for each in grammar.productions if each.name not in self._dropped}
        self.typed = is_typed(self.library)
        self._terms = [[self._read(frontier, program) for program in frontier.programs] for frontier in self.frontiers]
        self._weights: list[Fraction] = []
        self._handicaps: list[list[int]] = []
        self._warn_of_other_languages()

    @property
    def has_examples(self) -> bool:
        """Whether there is any program to learn from."""
        return bool(self._places())

    @property
    def lacking(self) -> str:
        """Why there is no program to learn from."""
        count = sum(program.language == LAMBDA for frontier in self.frontiers for program in frontier.programs)
        if not count and any(frontier.programs for frontier in self.frontiers):
            return "no program is a λ-term"
        if not count:
            return f"{counted(len(self.frontiers), 'frontier')} without a program"
        return f"none of {counted(count, 'program')} solves its task"

    def compress(
        self,
        settings: CompressionSettings,
        progress: Progress,
        *,
        eta_long: bool,
        joint: JointSearch | None = None,
        weights: Mapping[str, Fraction] | None = None,
    ) -> Learned:
        """Learn abstractions, extend the library, and rewrite every program that was learned from.

        With ``joint`` by a search over libraries, otherwise greedily.
        """
        places = self._places()
        self._weigh(places, settings, weights or {})
        rewriting = self._rewrite(places, settings, eta_long=eta_long)
        tasks = [[str(self._terms[at][index]) for index in of_task] for at, of_task in places.items()]
        found = self._run(tasks, settings, progress, eta_long, joint)
        for abstraction in found.abstractions:
            self._add(abstraction.name, parse_term(abstraction.definition))
        programs = self._written(places, found.rewritten, eta_long=eta_long)
        return Learned(found, programs, rewriting)

    def rewrite(self, settings: CompressionSettings, *, eta_long: bool) -> Learned:
        """Rewrite every program with the abstractions of the library, each at least cost, and learn nothing.

        Unlike :meth:`compress` this is for all λ-terms, whether they solve their task or not.
        """
        places = {
            at: usable
            for at, terms in enumerate(self._terms)
            if (usable := [index for index, term in enumerate(terms) if term is not None])
        }
        rewriting = self._rewrite(places, settings, eta_long=eta_long)
        texts = [[str(self._terms[at][index]) for index in of_task] for at, of_task in places.items()]
        if rewriting is None:
            rewriting = rewrite(texts, {}, settings, eta_long=eta_long)
        before, after = rewriting.cost_before, rewriting.cost_after
        found = Compression((), rewriting.rewritten, before, after, after, 0, rewriting.status)
        return Learned(found, self._written(places, texts, eta_long=eta_long), rewriting)

    def _rewrite(
        self, places: Mapping[int, list[int]], settings: CompressionSettings, *, eta_long: bool
    ) -> Rewriting | None:
        """Put programs into η-long form where that is wanted, and rewrite them with the library's abstractions."""
        if eta_long and self.typed:
            for at, of_task in places.items():
                for index in of_task:
                    self._terms[at][index] = self._eta_long(at, self._terms[at][index])
        kept = {name: term for name, term in self.definitions.items() if name not in self._dropped}
        if not kept or not places:
            return None
        texts = {name: str(_without_inlined(term, kept)) for name, term in kept.items()}
        tasks = [[str(self._terms[at][index]) for index in of_task] for at, of_task in places.items()]
        try:
            found = rewrite(tasks, texts, settings, eta_long=eta_long, weights=self._weights, handicaps=self._handicaps)
        except InputError as error:
            raise InputError(f"library {self.library.domain}: {error}") from error
        for (at, of_task), rewritten in zip(places.items(), found.rewritten, strict=True):
            for index, text in zip(of_task, rewritten, strict=True):
                self._terms[at][index] = parse_term(text)
        if found.unexpanded:
            left = f"{counted(found.unexpanded, 'program')} without a normal form"
            self.warnings.append(f"{self.library.domain}: {left} left as the library found them")
        return found

    def _written(
        self, places: Mapping[int, list[int]], texts: Sequence[Sequence[str]], *, eta_long: bool
    ) -> list[list[Rewritten]]:
        """Every program; those at ``places`` with the text they have now."""
        programs = [
            [
                Rewritten(term, term, self._request(at), False, program.log_likelihood)
                for term, program in zip(terms, frontier.programs, strict=True)
            ]
            for at, (terms, frontier) in enumerate(zip(self._terms, self.frontiers, strict=True))
        ]
        for (at, of_task), rewritten in zip(places.items(), texts, strict=True):
            for index, text in zip(of_task, rewritten, strict=True):
                term = parse_term(text)
                derivable = self._eta_long(at, term) if self.typed and not eta_long else term
                programs[at][index] = replace(programs[at][index], term=term, derivable=derivable, learned_from=True)
        return programs

    def _run(
        self,
        tasks: list[list[str]],
        settings: CompressionSettings,
        progress: Progress,
        eta_long: bool,
        joint: JointSearch | None,
    ) -> Compression:
        """The abstractions found, all of which have types, and no two of which mean the same."""
        types = dict(self.types)
        definitions = {name: term for name, term in self.definitions.items() if name not in self._dropped}
        known = {self._plain(definition, definitions) for definition in definitions.values()} - {None}

        def acceptable(definition: str) -> bool:
            term = parse_term(definition)
            if self._type_of(term, types) is None:
                return False
            return not known or self._plain(term, definitions) not in known

        def meaning(definition: str) -> str | None:
            term = parse_term(definition)
            if self._type_of(term, types) is None:
                return None
            plain = self._plain(term, definitions)
            return None if plain is not None and plain in known else str(plain or definition)

        def learned(name: str, definition: str) -> None:
            term = parse_term(definition)
            types[name] = self._type_of(term, types) or UNKNOWN
            definitions[name] = term
            plain = self._plain(term, definitions)
            if plain is not None:
                known.add(plain)
            if joint is None:
                progress.advance(note=name)

        shared = partial(
            compress,
            tasks,
            settings,
            eta_long=eta_long,
            weights=self._weights,
            handicaps=self._handicaps,
            reserved=self._reserved,
            learned=learned,
        )
        if joint is None:
            return shared(accept=acceptable)
        # Where nothing reduces and there is no library yet, the engine tells meanings apart by itself.
        if known or self.typed or any("(lam" in text for of_task in tasks for text in of_task):
            joint = replace(joint, meaning=meaning, misfit=self._misfit)
        return shared(joint=replace(joint, spent=_counter(progress, joint.effort)))

    def _misfit(self, definitions: Sequence[tuple[str, str]]) -> int | None:
        """The first definition that has no type in a typed language, given those before it.

        An abstraction's parameters are monomorphic, so a call may have no type where what it stands for has one.
        """
        types = dict(self.types)
        for index, (name, definition) in enumerate(definitions):
            kind = self._type_of(parse_term(definition), types)
            if kind is None:
                return index
            types[name] = kind
        return None

    def _weigh(
        self, places: Mapping[int, list[int]], settings: CompressionSettings, weights: Mapping[str, Fraction]
    ) -> None:
        """Say how much the tasks and their programs count."""
        frontiers = [self.frontiers[at] for at in places]
        self._weights = weights_of(frontiers, weights)
        unit = cost_of_a_nat(settings.cost_primitive, len(self.library.productions))
        self._handicaps = [
            handicaps([frontier.programs[index] for index in of_task], unit)
            for frontier, of_task in zip(frontiers, places.values(), strict=True)
        ]

    def _type_of(self, definition: Term, types: Mapping[str, Type]) -> Type | None:
        """The type of an abstraction; None if it has none in a typed language, UNKNOWN if it has none without types."""
        try:
            return infer(definition, types)
        except IllTyped:
            return None if self.typed else UNKNOWN

    def _plain(self, term: Term, definitions: Mapping[str, Term]) -> Term | None:
        """What a term means without abstractions: its β-normal form, with types its βη-normal form.

        None beyond COMPARISON_STEPS. Without types nothing says that a term is a function, equal to its η-expansion.
        """
        try:
            normal = beta_normal(expand(term, definitions), COMPARISON_STEPS)
        except NormalizationLimit:
            return None
        return eta_normal(normal) if self.typed else normal

    def scored(self, programs: Sequence[Sequence[Rewritten]]) -> list[tuple[Type, list[tuple[Term, float]]]]:
        """The data to refit the weights to: the programs learned from, by request."""
        frontiers = []
        for of_task in programs:
            used = [
                (new.derivable, new.log_likelihood or 0.0)
                for new in of_task
                if new.learned_from and new.derivable is not None
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
            term = _parsed(program.program)
            if "#(" in program.program:
                term = name_inlined(term, self.definitions)
            if not self._dropped and "#(" not in program.program:
                return term
            plain = expand(term, self._dropped)
            return term if plain is term else expanded_with_lets(term, self._dropped, NORMALIZATION_STEPS)
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
        self.types[name] = kind = self._type_of(definition, self.types) or UNKNOWN
        self.definitions[name] = definition
        new = Production(name=name, type=str(kind), log_weight=0.0, definition=str(definition))
        self.library = replace(self.library, productions=(*self.library.productions, new), contextual=None)

    def _eta_long(self, at: int, term: Term | None) -> Term:
        """The η-long form of a program of frontier ``at``; an ill-typed program is returned as it is."""
        assert term is not None  # only programs that are terms are learned from
        try:
            return eta_long(term, self._request(at), self.types)
        except IllTyped as error:
            message = f"{_task_id(self.frontiers[at])}: {_short(str(term))} is not well typed: {error}"
            if message not in self.warnings:
                self.warnings.append(message)
            return term


def _without_inlined(term: Term, definitions: Mapping[str, Term]) -> Term:
    """A definition with every ``#(…)`` and with it every name expanded; one without ``#(…)`` is unchanged."""
    if "#(" not in str(term):
        return term
    return beta_normal(expand(term, definitions), NORMALIZATION_STEPS)


def _counter(progress: Progress, effort: int) -> Callable[[int], None]:
    """What counts the steps that were spent, up to the effort."""
    shown = 0

    def spent(steps: int) -> None:
        nonlocal shown
        new = min(steps, effort) - shown
        if new > 0:
            progress.advance(new)
            shown += new

    return spent


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Term:
    """The term that a program is: each is looked at twice, when it is read and when it is learned from."""
    return parse_term(text)


def syntax_fault(program: Program) -> str | None:
    """Why a λ-term cannot be read; None for one that can, and for programs in other languages."""
    try:
        if program.language == LAMBDA:
            _parsed(program.program)
    except TermSyntaxError as error:
        return str(error)
    return None


def _is_learned_from(program: Program) -> bool:
    """Whether to learn from a program: it solves its task, or nobody judged it, or only graded it, as in a corpus."""
    never_judged = program.log_likelihood is None and program.status in (None, "ok")
    return program.solves or never_judged or is_graded(program)


def _task_id(frontier: Frontier) -> str:
    return frontier.task.id if frontier.task is not None else "a program without a task"


def _short(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
