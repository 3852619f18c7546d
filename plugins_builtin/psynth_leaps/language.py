"""A library's programs as sequences of productions: the term in prefix order, without parentheses.

Each hole of a term has a context: the start, or an argument of a production. If all productions are first-order and
monomorphic, the state of a partial program is a stack of contexts, so that a syntax mask is a table look-up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from psynth.core.calculus.productions import IMPOSSIBLE
from psynth.core.calculus.types import Type, TypeConstructor, parse_type, split_arrow
from psynth.core.errors import InputError, PsynthError
from psynth.core.stream.records import Library, Weights

START = 0
"""The context of a whole program."""


class NotInLanguage(PsynthError):
    """A program that is not a sequence of a language's productions; the message says why."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class ProgramLanguage:
    """The productions of programs of type ``request``, and the contexts in which each is allowed.

    ``arguments`` has the contexts of each production's arguments, ``allowed`` for each context whether each production
    is allowed there, ``least`` the minimum number of productions that complete a hole of that context.
    """

    request: str
    names: tuple[str, ...]
    arguments: tuple[tuple[int, ...], ...]
    allowed: tuple[tuple[bool, ...], ...]
    least: tuple[int, ...]

    @classmethod
    def of(cls, library: Library, request: str) -> ProgramLanguage:
        """The language of a library; raises `InputError` unless its productions are first-order and monomorphic."""
        wanted = parse_type(request)
        if not isinstance(wanted, TypeConstructor) or wanted.is_arrow or wanted.bound:
            raise InputError(f"programs of type {request} have variables: only terms without variables can be embedded")
        kinds = {production.name: split_arrow(parse_type(production.type)) for production in library.productions}
        chosen = _reachable(wanted, kinds)
        places: list[tuple[str | None, int, Type]] = [(None, 0, wanted)]
        arguments = []
        for name in chosen:
            parameters, _ = kinds[name]
            arguments.append(tuple(range(len(places), len(places) + len(parameters))))
            places += [(name, position, kind) for position, kind in enumerate(parameters)]
        allowed = [_allowed(library, place, chosen, kinds) for place in places]
        return _without_dead_ends(request, chosen, arguments, allowed)

    @property
    def costs(self) -> tuple[int, ...]:
        """The minimum number of productions of a term, by its first production."""
        return tuple(1 + sum(self.least[context] for context in contexts) for contexts in self.arguments)

    def read(self, program: str) -> list[int]:
        """The numbers of a term's productions; raises `NotInLanguage` if the term is not in the language."""
        numbers = {name: number for number, name in enumerate(self.names)}
        found = []
        waiting = [START]
        for word in program.replace("(", " ").replace(")", " ").split():
            number = numbers.get(word)
            if number is None:
                raise NotInLanguage(f"{word!r} is not a production of the model's language")
            if not waiting:
                raise NotInLanguage(f"{word!r} comes after the end of the program")
            if not self.allowed[waiting.pop()][number]:
                raise NotInLanguage(f"{word!r} is not allowed in its place")
            found.append(number)
            waiting += reversed(self.arguments[number])
        if waiting:
            raise NotInLanguage("the program is incomplete")
        return found

    def contexts(self, numbers: Sequence[int]) -> list[int]:
        """The context of each production of a program."""
        found, waiting = [], [START]
        for number in numbers:
            found.append(waiting.pop())
            waiting += reversed(self.arguments[number])
        return found

    def write(self, numbers: Sequence[int]) -> str:
        """The term of a complete sequence of productions."""
        parts: list[str] = []
        for number in reversed(numbers):
            count = len(self.arguments[number])
            if count:
                inner = [parts.pop() for _ in range(count)]
                parts.append(f"({self.names[number]} {' '.join(inner)})")
            else:
                parts.append(self.names[number])
        [term] = parts
        return term


def _reachable(wanted: Type, kinds: dict[str, tuple[list[Type], Type]]) -> list[str]:
    """The productions that can occur in a term of a type, in the library's order."""
    types, grown = {wanted}, True
    while grown:
        grown = False
        for name, (parameters, result) in kinds.items():
            if result.bound:
                raise InputError(f"{name} is polymorphic: only monomorphic productions can be embedded")
            if result in types and not types.issuperset(parameters):
                wrong = next((kind for kind in parameters if kind.bound or _is_function(kind)), None)
                if wrong is not None:
                    raise InputError(
                        f"{name} takes an argument of type {wrong}: only first-order, "
                        "monomorphic productions can be embedded"
                    )
                types.update(parameters)
                grown = True
    return [name for name, (_, result) in kinds.items() if result in types]


def _is_function(kind: Type) -> bool:
    return isinstance(kind, TypeConstructor) and kind.is_arrow


def _allowed(
    library: Library,
    place: tuple[str | None, int, Type],
    chosen: Sequence[str],
    kinds: dict[str, tuple[list[Type], Type]],
) -> list[bool]:
    """Whether each production is allowed at an argument of a production (None: the start)."""
    name, position, kind = place
    weights = [production.log_weight for production in library.productions]
    if library.contextual is not None:
        at: Weights = library.contextual.start if name is None else library.contextual.productions[name][position]
        weights = list(at.log_weights)
    possible = {
        production.name
        for production, weight in zip(library.productions, weights, strict=True)
        if weight > IMPOSSIBLE and kinds[production.name][1] == kind
    }
    return [each in possible for each in chosen]


def _without_dead_ends(
    request: str, names: Sequence[str], arguments: Sequence[tuple[int, ...]], allowed: list[list[bool]]
) -> ProgramLanguage:
    least = [math.inf] * len(allowed)
    changed = True
    while changed:
        changed = False
        for context, row in enumerate(allowed):
            found = min(
                (1 + sum(least[each] for each in arguments[number]) for number, may in enumerate(row) if may),
                default=math.inf,
            )
            if found < least[context]:
                least[context], changed = found, True
    if least[START] == math.inf:
        raise InputError(f"the library has no program of type {request}")
    ends = [all(least[each] < math.inf for each in contexts) for contexts in arguments]
    return ProgramLanguage(
        request,
        tuple(names),
        tuple(arguments),
        tuple(tuple(may and ends[number] for number, may in enumerate(row)) for row in allowed),
        tuple(int(each) if each < math.inf else 0 for each in least),
    )
