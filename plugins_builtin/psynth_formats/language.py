"""Builds a library from the programs of a file: primitives get types, inlined abstractions get names."""

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from psynth.core.calculus.inference import IllTyped, infer
from psynth.core.calculus.terms import (
    Inlined,
    Name,
    Term,
    TermSyntaxError,
    distinct_subterms,
    fold,
    names_in,
    parse_term,
    rebuild,
)
from psynth.core.calculus.types import Type, arguments_of, parse_type
from psynth.core.program_lists import ANYTHING, UNTYPED
from psynth.core.stream.records import Contextual, Library, Production
from psynth.core.wording import counted
from psynth.plugins.method import Context
from psynth_formats.located import Located

NEVER = -math.inf
_ANYTHING = parse_type(ANYTHING)
_INTEGER = re.compile(r"-?[0-9]+")
PREFIX = "fn_"


def read_term(place: Located, *, bare_application: bool = False) -> Term:
    """The closed term at ``place``; InputError names the place and the character."""
    try:
        term = parse_term(place.text(), bare_application=bare_application)
    except TermSyntaxError as error:
        raise place.error(str(error)) from error
    if term.free:
        raise place.error(f"the variable ${term.free - 1} is bound by no lambda")
    return term


class ImportedLanguage:
    """Collects the primitives and abstractions of one file into a library.

    In the domain ``untyped`` every primitive has type t0, and any other domain must have the primitives, unless
    ``types`` gives their types; with ``types`` programs must be well typed, and integers are of type int. Inlined
    abstractions ``#(…)`` become productions ``fn_0``, ``fn_1``, … in order of appearance, inner before outer, with
    names that do not occur in ``terms``. ``unlisted`` is the log-weight of productions missing from the file's grammar.
    """

    def __init__(
        self,
        domain: str,
        context: Context,
        terms: Iterable[Term],
        *,
        unlisted: float = NEVER,
        types: Mapping[str, Type] | None = None,
    ) -> None:
        self.domain = domain
        self._given = types
        self._unlisted = unlisted
        self._known = None if domain == UNTYPED else _known_types(domain, context)
        self._literal_type = context.registry.domain(domain).syntax().literal_type
        taken: set[str] = set()
        for term in terms:
            taken |= names_in(term)
        self._fresh: Iterator[str] = (
            name for number in itertools.count() if (name := f"{PREFIX}{number}") not in taken
        )
        self.types: dict[str, Type] = {}
        self._primitives: dict[str, float] = {}
        self._abstractions: dict[str, Production] = {}
        self._names: dict[Term, str] = {}
        self._resolved: dict[Term, Term] = {}

    def weigh(self, term: Term, log_weight: float, place: Located) -> str:
        """Add a production of the file's grammar, a name or ``#(…)``, and return its name in the library."""
        named = self.resolve(term, place)
        if not isinstance(named, Name):
            raise place.error("a production is a name or an inlined abstraction #(…)")
        if named.text in self._abstractions:
            self._abstractions[named.text] = replace(self._abstractions[named.text], log_weight=log_weight)
        else:
            self._primitives[named.text] = log_weight
        return named.text

    def include(self, library: Library) -> None:
        """Add the productions of a library; types that are given take precedence."""
        for production in library.productions:
            given = (self._given or {}).get(production.name)
            self.types[production.name] = parse_type(production.type) if given is None else given
            self._primitives[production.name] = production.log_weight

    def define(self, name: str, definition: Term, log_weight: float, place: Located) -> None:
        """Add a named abstraction."""
        definition = self.resolve(definition, place)
        self._abstract(name, definition, log_weight, place)
        self._names.setdefault(definition, name)

    def resolve(self, term: Term, place: Located) -> Term:
        """``term`` with every ``#(…)`` replaced by its name; new names and abstractions are added to the library."""
        if term not in self._resolved:
            inlined = []
            for node in distinct_subterms(term):
                if isinstance(node, Name):
                    self._add_name(node.text, place)
                elif isinstance(node, Inlined):
                    inlined.append(node)
            # Inner abstractions are smaller and so come first; the sort is stable, so ties keep the order of the text.
            for node in sorted(inlined, key=lambda node: node.size):
                self._name_of(self._named(node.body), place)
            self._resolved[term] = self._named(term)
        return self._resolved[term]

    def _named(self, term: Term) -> Term:
        """``term`` with every ``#(…)`` replaced by its name; all must have names."""

        def combine(node: Term, parts: tuple[Term, ...]) -> Term:
            return Name(self._names[parts[0]]) if isinstance(node, Inlined) else rebuild(node, parts)

        return fold(term, combine)

    def library(
        self, log_variable: float, *, continuation: str | None = None, contextual: Contextual | None = None
    ) -> Library:
        """The library: primitives, then abstractions, each in order of appearance."""
        primitives = [
            Production(name=name, type=str(self.types[name]), log_weight=weight)
            for name, weight in self._primitives.items()
        ]
        return Library(
            domain=self.domain,
            productions=(*primitives, *self._abstractions.values()),
            log_variable=log_variable,
            continuation=continuation,
            contextual=contextual,
        )

    @property
    def untyped_names(self) -> list[str]:
        """The primitives without a type of their own, in order of appearance."""
        return [name for name in self._primitives if self.types[name] is _ANYTHING]

    def warn_of_untyped_names(self, context: Context) -> None:
        """Say which primitives the given types leave out: a language with one of them counts as untyped."""
        names = self.untyped_names if self._given is not None else []
        if names:
            some = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
            context.warn(f"{self.domain}: {counted(len(names), 'primitive')} without a type in --types: {some}")

    def arity(self, name: str) -> int:
        """The number of arguments of a production, by its type."""
        return len(arguments_of(self.types[name]))

    def request_of(self, term: Term, place: Located) -> str:
        """The inferred type of a resolved program; ``t0`` for an ill-typed program of ``untyped``."""
        try:
            return str(infer(term, self.types, literal_type=self._literal_type))
        except IllTyped as error:
            if self._known is None and self._given is None:
                return str(_ANYTHING)
            if self._known is None:
                raise place.error(f"not a program by the types given: {error}") from error
            raise place.error(f"not a program of the domain {self.domain!r}: {error}") from error

    def checked(self, term: Term, place: Located) -> Term:
        """A resolved program; InputError if it is ill typed by the types given."""
        if self._given is not None:
            self.request_of(term, place)
        return term

    def _name_of(self, body: Term, place: Located) -> str:
        if body not in self._names:
            if body.free:
                raise place.error(f"an inlined abstraction has the unbound variable ${body.free - 1}")
            name = next(self._fresh)
            self._abstract(name, body, self._unlisted, place)
            self._names[body] = name
        return self._names[body]

    def _abstract(self, name: str, definition: Term, log_weight: float, place: Located) -> None:
        if name in self.types:
            raise place.error(f"{name} is defined twice")
        kind = self.request_of(definition, place)
        self.types[name] = parse_type(kind)
        self._abstractions[name] = Production(name=name, type=kind, log_weight=log_weight, definition=str(definition))

    def _add_name(self, name: str, place: Located) -> None:
        """Add the type of a name; a primitive missing from the file's grammar gets the weight ``unlisted``."""
        if name in self.types:
            return
        if self._given is not None and name in self._given:
            kind: Type | None = self._given[name]
        elif self._known is None:
            kind = parse_type("int") if self._given is not None and _INTEGER.fullmatch(name) else _ANYTHING
        else:
            kind = self._known.get(name) or self._literal_type(name)
            if kind is None and _INTEGER.fullmatch(name):
                kind = parse_type("int")
        if kind is None:
            raise place.error(
                f"the domain {self.domain!r} has no primitive {name!r} (--domain {UNTYPED} takes any primitive)"
            )
        self.types[name] = kind
        self._primitives[name] = self._unlisted


def _known_types(domain: str, context: Context) -> Mapping[str, Type]:
    """The types of all primitives of a domain, from all of its sets."""
    found = context.registry.domain(domain)
    return {
        production.name: parse_type(production.type)
        for primitive_set in reversed(list(found.primitive_sets))
        for production in found.library(primitive_set).productions
    }


def task_ids(domain: str, prefix: str, names: Sequence[str]) -> list[str]:
    """An id for each task: the domain, ``prefix``, a zero-padded number, and the name if there is one."""
    width = max(3, len(str(len(names))))
    lead = f"{prefix}-" if prefix else ""
    return [f"{domain}/{lead}{number:0{width}}{_slug(name)}" for number, name in enumerate(names)]


def _slug(name: str, longest: int = 60) -> str:
    slug = re.sub(r"[^\w]+", "-", name.lower()).strip("-")[:longest].strip("-")
    return f"-{slug}" if slug else ""
