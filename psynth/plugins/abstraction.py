"""Learned abstractions as a documenting method sees them: what each one means, calls, and is used for."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from psynth.core.calculus.normal_forms import NormalizationLimit, beta_normal, expand
from psynth.core.calculus.terms import (
    Name,
    Term,
    TermSyntaxError,
    distinct_subterms,
    names_in,
    parse_term,
    print_term,
    spine,
)
from psynth.core.stream.records import Frontier, Library
from psynth.core.stream.renaming import WORD
from psynth.plugins.domain import LAMBDA, Domain

USES = 10
"""Maximum number of uses of one abstraction that are collected: as many as LILO shows to its language model."""
SHOWN_USES = 2
"""Maximum number of uses among the examples of an abstraction that cannot be evaluated."""
EXPANSION_STEPS = 10_000
"""Maximum number of β-steps to expand an abstraction; beyond it, its definition stands for its expansion."""


@dataclass(frozen=True, slots=True)
class Callee:
    """A primitive or an abstraction that a definition calls; ``summary`` is None if it has no documentation."""

    name: str
    type: str
    definition: str | None = None
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """A program that calls an abstraction: the shortest solution of its task that does, or else a program of it.

    ``task`` is the id of the task, ``description`` its first description; neither holds anything held out.
    """

    program: str
    task: str | None = None
    description: str | None = None
    solves: bool = False

    def to_json(self) -> dict[str, Any]:
        """The use as an example of a production's documentation."""
        return {"program": self.program, **({} if self.task is None else {"task": self.task})}


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An application of an abstraction: the ``value`` of ``program``, a λ-term, for the arguments ``inputs``."""

    program: str
    inputs: tuple[Any, ...]
    value: Any

    def to_json(self) -> dict[str, Any]:
        """The application as an example of a production's documentation."""
        return {"program": self.program, "inputs": list(self.inputs), "value": self.value}


@dataclass(frozen=True, slots=True)
class Abstraction:
    """An abstraction to document. Abstractions before it have their new names already, those after it do not.

    ``name`` is its name so far, which is also in ``examples`` and ``uses``. ``expanded`` is the definition in terms of
    primitives alone, or the definition itself if it has no normal form. ``calls`` are the productions that the
    definition names, in the library's order. ``taken`` are the words that no abstraction may be called.
    """

    name: str
    type: str
    definition: Term
    expanded: Term
    calls: tuple[Callee, ...]
    examples: tuple[Evaluated, ...]
    uses: tuple[Use, ...]
    taken: frozenset[str]
    domain: Domain | None
    """None if no installed plugin has it."""

    def shown(self) -> list[dict[str, Any]]:
        """The examples for its documentation: applications with their values or, without any, a few uses."""
        return [each.to_json() for each in self.examples or self.uses[:SHOWN_USES]]

    def callee(self, name: str) -> Callee | None:
        """The production of this name that the definition calls."""
        return next((each for each in self.calls if each.name == name), None)


def meaning(definition: Term, definitions: Mapping[str, Term]) -> Term:
    """What identifies an abstraction whatever it is called: its β-normal form in terms of primitives alone."""
    try:
        return beta_normal(expand(definition, definitions), EXPANSION_STEPS)
    except NormalizationLimit:
        return definition


def language_digest(library: Library) -> str:
    """What identifies a library whatever its abstractions are called: SHA-256 of its language and weights, hexadecimal.

    Two libraries with equal digests have the same productions in the same order, with equal types, meanings and
    weights; documentation does not count.
    """
    definitions = {each.name: parse_term(each.definition or "") for each in library.abstractions}
    numbers = {each.name: number for number, each in enumerate(library.productions)}
    described = [
        [
            f"#{print_term(meaning(definitions[each.name], definitions))}" if each.name in definitions else each.name,
            each.type,
            each.log_weight,
        ]
        for each in library.productions
    ]
    contextual: Any = None
    if library.contextual is not None:
        contextual = library.contextual.to_json()
        contextual["productions"] = sorted(
            [numbers.get(name, -1), weights] for name, weights in contextual["productions"].items()
        )
    parts = [library.domain, described, library.log_variable, library.continuation, contextual]
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()


def uses_of(names: Iterable[str], frontiers: Sequence[Frontier]) -> dict[str, tuple[Use, ...]]:
    """For each name, up to `USES` programs that mention it, one for each task: solutions first, and short ones."""
    found: dict[str, list[Use]] = {name: [] for name in names}
    for frontier in frontiers:
        of_task: dict[str, Use] = {}
        for program in frontier.programs:
            if program.language != LAMBDA:
                continue
            use = _use(program.program, program.solves, frontier)
            for name in found.keys() & set(WORD.findall(program.program)):
                of_task[name] = min(of_task.get(name, use), use, key=_preference)
        for name, use in of_task.items():
            found[name].append(use)
    return {name: tuple(sorted(uses, key=_preference)[:USES]) for name, uses in found.items()}


def _preference(use: Use) -> tuple[bool, int]:
    return not use.solves, len(use.program)


def _use(program: str, solves: bool, frontier: Frontier) -> Use:
    task = frontier.task
    if task is None:
        return Use(program, solves=solves)
    return Use(program, task.id, next(iter(task.descriptions), None), solves)


def arguments_in(terms: Iterable[Term], names: Iterable[str]) -> dict[str, list[list[Term]]]:
    """For each name and each position, the distinct closed arguments with which terms call it, in order."""
    found: dict[str, list[dict[Term, None]]] = {name: [] for name in names}
    for term in terms:
        if not found.keys() & names_in(term):
            continue
        for call in distinct_subterms(term):
            head, arguments = spine(call)
            positions = found.get(head.text) if isinstance(head, Name) else None
            if positions is None:
                continue
            positions += [{} for _ in arguments[len(positions) :]]
            for position, argument in zip(positions, arguments, strict=False):
                if not argument.free:
                    position[argument] = None
    return {name: [list(position) for position in positions] for name, positions in found.items()}


def terms_of(frontiers: Iterable[Frontier]) -> Iterator[Term]:
    """The λ-terms among the programs of frontiers, without those that cannot be read."""
    programs = itertools.chain.from_iterable(frontier.programs for frontier in frontiers)
    for program in programs:
        if program.language == LAMBDA:
            try:
                yield parse_term(program.program)
            except TermSyntaxError:
                continue


def callees(definition: Term, library: Library, summaries: Mapping[str, str]) -> tuple[Callee, ...]:
    """The productions that a definition calls; ``summaries`` are those of primitives, by name."""
    called = names_in(definition)
    return tuple(
        Callee(
            entry.name,
            entry.type,
            entry.definition,
            summaries.get(entry.name)
            if entry.documentation is None or entry.documentation.summary is None
            else entry.documentation.summary,
        )
        for entry in library.productions
        if entry.name in called
    )
