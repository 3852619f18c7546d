"""The frame of every method of ``psynth document``, which names and describes the abstractions of libraries.

A method is handed one `Abstraction` after the other, in the order of the library, and returns its `Documentation`. The
frame finds uses and evaluates examples, makes names unique, renames the abstractions wherever the stream names them,
and leaves those alone that have documentation already.
"""

from __future__ import annotations

import itertools
import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from psynth.core.calculus.normal_forms import CyclicDefinition, dependency_order
from psynth.core.calculus.terms import LAMBDAS, Term, TermSyntaxError, parse_term
from psynth.core.calculus.types import TypeSyntaxError, parse_type
from psynth.core.errors import InputError
from psynth.core.settings import setting
from psynth.core.stream.records import (
    Documentation,
    Foreign,
    Frontier,
    Library,
    Metric,
    Model,
    Production,
    Record,
    encode,
)
from psynth.core.stream.renaming import WORD, Renaming
from psynth.core.stream.scope import scoped
from psynth.plugins.abstraction import Abstraction, arguments_in, callees, meaning, terms_of, uses_of
from psynth.plugins.applications import Applications
from psynth.plugins.domain import Domain
from psynth.plugins.method import Context, Method

LONGEST_NAME = 60
"""Maximum number of characters of a name."""
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NUMBERED_LAMBDA = re.compile(r"lam_[0-9]+")
"""A tagged lambda of Stitch, whose files could not hold such a name."""


def is_identifier(name: str) -> bool:
    """Whether a name can be given to an abstraction: it can be read in λ-terms and in every format."""
    reserved = name in LAMBDAS or _NUMBERED_LAMBDA.fullmatch(name)
    return len(name) <= LONGEST_NAME and bool(_IDENTIFIER.fullmatch(name)) and not reserved


def unique(name: str, taken: frozenset[str] | set[str]) -> str:
    """The name, with the smallest number from 2 that makes it unique if it is taken."""
    if name not in taken:
        return name
    return next(each for number in itertools.count(2) if (each := f"{name}_{number}") not in taken)


@dataclass
class _Part:
    """A library of a stream and the frontiers written in it; ``renaming`` is made when it is documented."""

    library: Library
    frontiers: list[Frontier] = field(default_factory=list)
    renaming: Renaming = field(default_factory=lambda: Renaming({}))
    documented: Library | None = None


Known = dict[tuple[str, Term], Documentation]
"""Documentation by domain and `meaning`: an abstraction keeps it whatever it is called, in every library."""


@dataclass(frozen=True)
class DocumentMethod(Method):
    """Methods that name and describe learned abstractions."""

    reads = (Library, Frontier, Model, Metric)

    rename: bool = setting(
        True, help="call the abstraction by its new name in definitions, programs and metrics, not only in its entry"
    )
    again: bool = setting(False, help="also document abstractions that have documentation")

    @abstractmethod
    def document(self, abstraction: Abstraction, context: Context) -> Documentation | None:
        """The name, summary and examples of one abstraction; None to leave it as it is.

        A name that is taken gets a number. Examples are texts, or objects with a λ-term as their ``program``.
        """

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield every record in its place, with documented libraries, and what names their abstractions renamed."""
        stream = list(_sound(records, context))
        places, parts = _parts(stream, context)
        interrupted = False
        try:
            self._document_all(parts, context)
        except KeyboardInterrupt:
            interrupted = True
        for record, part in zip(stream, places, strict=True):
            yield record if part is None else _renamed(record, part)
        if interrupted:
            raise KeyboardInterrupt
        _warn_of_models(stream, parts, context)

    def found(self, record: Record) -> bool:
        """Whether a record is a library with a documented abstraction."""
        return isinstance(record, Library) and any(map(is_documented, record.abstractions))

    def _document_all(self, parts: Sequence[_Part], context: Context) -> None:
        known: Known = {}
        if not self.again:
            for part in parts:
                _note_documented(part.library, known)
        wanted = sum(len(self._wanted(part.library)) for part in parts)
        if not any(part.library.abstractions for part in parts):
            context.warn("no library here has a learned abstraction; there is nothing to document")
        context.progress.start(wanted, "abstractions")
        for part in parts:
            if self._wanted(part.library):
                self._document_part(part, known, context)
        context.progress.finish()

    def _wanted(self, library: Library) -> list[Production]:
        """The abstractions to document, each after those that its definition calls."""
        entries = {entry.name: entry for entry in library.abstractions}
        order = dependency_order({name: parse_term(entry.definition or "") for name, entry in entries.items()})
        return [entries[name] for name in order if self.again or not is_documented(entries[name])]

    def _document_part(self, part: _Part, known: Known, context: Context) -> None:
        """Document one library; what an interruption leaves is kept as it is."""
        domain = _domain_of(part.library, context)
        material = _Material.of(part, self._wanted(part.library), domain, context)
        names: dict[str, str] = {}
        entries = {entry.name: entry for entry in part.library.productions}
        try:
            for entry in self._wanted(part.library):
                written = Renaming(names).library(replace(part.library, productions=tuple(entries.values())))
                place = list(entries).index(entry.name)
                abstraction = material.abstraction(entry, written, place, Renaming(names))
                identity = part.library.domain, abstraction.expanded
                given = _if_known(known.get(identity), abstraction) or self.document(abstraction, context)
                context.progress.advance(note=entry.name)
                if given is None or not given.says_something:
                    continue
                given = _with_name(given, entry, abstraction, context)
                if given.name is not None and self.rename and given.name != entry.name:
                    names[entry.name] = given.name
                former = () if entry.documentation is None else entry.documentation.formerly
                given = Renaming(names).documentation(replace(given, formerly=former))
                known[identity] = given
                entries[entry.name] = replace(entry, documentation=given)
                material.taken |= {given.name} if given.name is not None else set()
        finally:
            part.renaming = Renaming(names)
            part.documented = part.renaming.library(replace(part.library, productions=tuple(entries.values())))


def is_documented(production: Production) -> bool:
    """Whether a production has a name for people, or a summary."""
    return production.documentation is not None and production.documentation.says_something


@dataclass
class _Material:
    """What is known of the abstractions of one part, by the names that they have in the stream."""

    domain: Domain | None
    definitions: Mapping[str, Term]
    summaries: Mapping[str, str]
    uses: Mapping[str, Sequence[Any]]
    examples: Mapping[str, Sequence[Any]]
    taken: set[str]

    @classmethod
    def of(cls, part: _Part, wanted: Sequence[Production], domain: Domain | None, context: Context) -> _Material:
        """Gather uses, and evaluate examples."""
        library = part.library
        definitions = {entry.name: parse_term(entry.definition or "") for entry in library.abstractions}
        names = [entry.name for entry in wanted]
        words = {word for frontier in part.frontiers for each in frontier.programs for word in _words(each.program)}
        examples: Mapping[str, Sequence[Any]] = {}
        summaries: Mapping[str, str] = {}
        if domain is not None:
            summaries = {name: doc.summary for name, doc in domain.primitive_docs().items()}
            arguments = arguments_in(itertools.chain(terms_of(part.frontiers), definitions.values()), names)
            tasks = [frontier.task for frontier in part.frontiers if frontier.task is not None]
            examples = Applications(domain, library, tasks, arguments).of(names, context.engines)
        taken = {*library.reserved_names, *words}
        return cls(domain, definitions, summaries, uses_of(names, part.frontiers), examples, taken)

    def abstraction(self, entry: Production, written: Library, place: int, renaming: Renaming) -> Abstraction:
        """The abstraction of an entry, which is number ``place`` of the library as renamed so far, ``written``."""
        definition = parse_term(written.productions[place].definition or "")
        return Abstraction(
            name=entry.name,
            type=entry.type,
            definition=definition,
            expanded=meaning(self.definitions[entry.name], self.definitions),
            calls=callees(definition, written, self.summaries),
            examples=tuple(
                replace(each, program=renaming.term(each.program)) for each in self.examples.get(entry.name, ())
            ),
            uses=tuple(replace(each, program=renaming.term(each.program)) for each in self.uses.get(entry.name, ())),
            taken=frozenset(self.taken - {entry.name}),
            domain=self.domain,
        )


def _with_name(given: Documentation, entry: Production, abstraction: Abstraction, context: Context) -> Documentation:
    """The documentation with a name that is legal and unique, or without one, which a warning explains."""
    name = given.name
    if name is None:
        return given
    literal = abstraction.domain is not None and abstraction.domain.syntax().literal_type(name) is not None
    if not is_identifier(name) or literal:
        context.warn(f"{entry.name} keeps its name: {name!r} cannot be the name of an abstraction")
        return replace(given, name=None)
    return replace(given, name=unique(name, abstraction.taken))


def _if_known(given: Documentation | None, abstraction: Abstraction) -> Documentation | None:
    """The documentation of the same abstraction in another library, without examples that name what this one lacks."""
    if given is None:
        return None
    known = {*abstraction.taken, abstraction.name, *([] if given.name is None else [given.name])}
    programs = [each.get("program") if isinstance(each, dict) else None for each in given.examples]
    kept = (
        example
        for example, program in zip(given.examples, programs, strict=True)
        if not isinstance(program, str) or all(word in known or _is_syntax(word) for word in _words(program))
    )
    return replace(given, examples=tuple(kept))


def _is_syntax(word: str) -> bool:
    return word in LAMBDAS or word[0] in "$#"


def _warn_of_models(stream: Sequence[Record], parts: Sequence[_Part], context: Context) -> None:
    """Warn of models whose configuration names an abstraction that has a new name: they propose it by the old one."""
    for model in (record for record in stream if isinstance(record, Model)):
        config = encode(model.config)
        old = {name for part in parts if part.library.domain == model.domain for name in part.renaming.names}
        named = sorted(name for name in old if encode(name) in config)
        if named:
            context.warn(
                f"the model {model.path} proposes programs with {named[0]}, which has a new name: "
                "train it again, or keep the names with --no-rename"
            )


def _words(text: str) -> list[str]:
    return WORD.findall(text)


def _note_documented(library: Library, known: Known) -> None:
    """Add the documentation that a library has, so that the same abstractions in other libraries get it, too."""
    definitions = {entry.name: parse_term(entry.definition or "") for entry in library.abstractions}
    for entry in filter(is_documented, library.abstractions):
        assert entry.documentation is not None
        identity = library.domain, meaning(definitions[entry.name], definitions)
        known.setdefault(identity, entry.documentation)


def _domain_of(library: Library, context: Context) -> Domain | None:
    try:
        return context.domain(library.domain)
    except InputError as error:
        context.warn(f"{error.message}; abstractions are documented without evaluating them")
        return None


def _sound(records: Iterator[Record], context: Context) -> Iterator[Record]:
    """Yield records without unreadable libraries: ``--on-error`` decides whether to pass them on, unchanged."""
    for record in records:
        fault = _fault(record) if isinstance(record, Library) else None
        if fault is None:
            yield record
        elif isinstance(record, Library) and context.bad_input(record.error(fault)):
            yield Foreign(Library.TYPE, record.encode())


def _fault(library: Library) -> str | None:
    """Why the abstractions of a library cannot be documented; None if they can."""
    definitions: dict[str, Term] = {}
    for entry in library.productions:
        try:
            parse_type(entry.type)
            if entry.definition is not None:
                definitions[entry.name] = parse_term(entry.definition)
        except (TermSyntaxError, TypeSyntaxError) as error:
            return f"production {entry.name}: {error}"
    try:
        dependency_order(definitions)
    except CyclicDefinition as error:
        return str(error)
    return None


def _parts(stream: Sequence[Record], context: Context) -> tuple[list[_Part | None], list[_Part]]:
    """The part of each record of a stream, None for records that name no production, and all parts in order.

    Equal libraries, as after ``cat a.jsonl b.jsonl``, have one part.
    """
    parts: list[_Part] = []
    current: dict[str, _Part] = {}
    places: list[_Part | None] = []
    for record, scope in scoped(stream, context.library_for):
        place: _Part | None = None
        if isinstance(record, Library):
            place = next((part for part in parts if part.library == record), None)
            if place is None:
                place = _Part(record)
                parts.append(place)
            current[record.domain] = place
        elif isinstance(record, Frontier):
            domain = record.task.domain if record.task is not None else scope.nearest and scope.nearest.domain
            place = current.get(domain) if domain else None
            if place is not None:
                place.frontiers.append(record)
        elif isinstance(record, Metric):
            place = current.get(str(record.labels.get("domain")))
        places.append(place)
    return places, parts


def _renamed(record: Record, part: _Part) -> Record:
    if isinstance(record, Library):
        return record if part.documented is None else part.documented
    if isinstance(record, Frontier):
        return part.renaming.frontier(record)
    return part.renaming.metric(record) if isinstance(record, Metric) else record
