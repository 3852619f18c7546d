"""Types of the λ-calculus: interned syntax trees, their text, and the renaming of their variables.

Equal types are the same object, so ``is`` compares them and a type is a cheap dictionary key. No function recurses:
only memory limits the depth of a type.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from weakref import WeakValueDictionary

from psynth.core.errors import PsynthError

ARROW: Final = "->"
_TOKEN = re.compile(r"->|[(),]|(?:(?!->)[^\s(),])+")
_VARIABLE = re.compile(r"t[0-9]+")


class TypeSyntaxError(PsynthError):
    """Invalid text of a type; ``position`` counts characters from 0."""

    exit_code = 3

    def __init__(self, problem: str, text: str, position: int) -> None:
        self.position = position
        super().__init__(f"not a type: {problem} at character {position} of {text[:80]!r}")


class Type:
    """An immutable type; only ``TypeVariable`` and ``TypeConstructor`` are instantiated.

    ``bound`` is 1 + the largest index of a variable (0: no variables), ``size`` is the number of nodes, and
    ``is_arrow`` is true for function types, whose ``arguments`` are the parameter and the result.
    """

    __slots__ = ("__weakref__", "bound", "is_arrow", "size")
    bound: int
    size: int
    is_arrow: bool

    def __str__(self) -> str:
        return print_type(self)

    def __repr__(self) -> str:
        return f"parse_type({print_type(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return parse_type, (print_type(self),)

    def __copy__(self) -> "Type":
        return self

    def __deepcopy__(self, memo: object) -> "Type":
        return self


class TypeVariable(Type):
    """A type variable, written ``t0``, ``t1``, …"""

    __slots__ = ("index",)
    __match_args__ = ("index",)
    index: int

    def __new__(cls, index: int) -> "TypeVariable":
        known = _variables.get(index)
        if known is not None:
            return known
        self = super().__new__(cls)
        self.index, self.bound, self.size, self.is_arrow = index, index + 1, 1, False
        _variables[index] = self
        return self


class TypeConstructor(Type):
    """A named type applied to arguments: ``int``, ``list(t0)``; function types are ``->`` with two arguments."""

    __slots__ = ("arguments", "name")
    __match_args__ = ("name", "arguments")
    name: str
    arguments: tuple[Type, ...]

    def __new__(cls, name: str, arguments: tuple[Type, ...] = ()) -> "TypeConstructor":
        known = _constructors.get((name, arguments))
        if known is not None:
            return known
        if name == ARROW:
            if len(arguments) != 2:
                raise ValueError("a function type has two arguments")
        elif _VARIABLE.fullmatch(name) or not _TOKEN.fullmatch(name) or name in "(),":
            raise ValueError(f"not a name of a type: {name!r}")
        self = super().__new__(cls)
        self.name, self.arguments, self.is_arrow = name, arguments, name == ARROW
        self.bound = max((argument.bound for argument in arguments), default=0)
        self.size = 1 + sum(argument.size for argument in arguments)
        _constructors[name, arguments] = self
        return self


_variables: WeakValueDictionary[int, TypeVariable] = WeakValueDictionary()
_constructors: WeakValueDictionary[tuple[str, tuple[Type, ...]], TypeConstructor] = WeakValueDictionary()


def constructors(kind: Type) -> set[str]:
    """The names of the types that a type is made of, except functions: ``int`` and ``list`` for ``list(int)``."""
    names: set[str] = set()
    pending = [kind]
    while pending:
        part = pending.pop()
        if isinstance(part, TypeConstructor):
            pending += part.arguments
            if not part.is_arrow:
                names.add(part.name)
    return names


def arrow(*types: Type) -> Type:
    """The curried function type ``a -> b -> … -> result`` of ``types`` (at least one)."""
    result = types[-1]
    for parameter in reversed(types[:-1]):
        result = TypeConstructor(ARROW, (parameter, result))
    return result


def split_arrow(kind: Type) -> tuple[list[Type], Type]:
    """The parameters of a curried function type, and its result."""
    parameters: list[Type] = []
    while kind.is_arrow:
        assert isinstance(kind, TypeConstructor)
        parameter, kind = kind.arguments
        parameters.append(parameter)
    return parameters, kind


def arguments_of(kind: Type) -> list[Type]:
    """The parameters of a curried function type, none for any other type."""
    return split_arrow(kind)[0]


def return_of(kind: Type) -> Type:
    """The result type of a curried function type after all its arguments."""
    return split_arrow(kind)[1]


# --- text -----------------------------------------------------------------------------------------------------------


class _Level:
    """An open parenthesis: the name before it, its arguments so far, and the current chain of arrows."""

    __slots__ = ("arguments", "chain", "name", "position")

    def __init__(self, name: str, position: int) -> None:
        self.name, self.position = name, position
        self.arguments: list[Type] = []
        self.chain: list[Type] = []


def parse_type(text: str) -> Type:
    """Parse a type such as ``(t0 -> t1) -> list(t0) -> list(t1)``; raises ``TypeSyntaxError``."""
    tokens = [(match.group(), match.start()) for match in _TOKEN.finditer(text)]
    tokens.append(("", len(text)))
    levels = [_Level("", 0)]
    expecting = True
    skip = False
    for (token, position), (following, _) in zip(tokens, [*tokens[1:], ("", 0)], strict=True):
        level = levels[-1]
        if skip:
            skip = False
        elif expecting:
            if token == "(":
                levels.append(_Level("", position))
            elif token in ("", "->", ")", ","):
                raise TypeSyntaxError(f"a type is missing before {token or 'the end'}", text, position)
            elif _VARIABLE.fullmatch(token):
                level.chain.append(TypeVariable(int(token[1:])))
                expecting = False
            elif following == "(":
                levels.append(_Level(token, position))
                skip = True
            else:
                level.chain.append(TypeConstructor(token))
                expecting = False
        elif token == "->":
            expecting = True
        elif token == "," and level.name:
            level.arguments.append(arrow(*level.chain))
            level.chain = []
            expecting = True
        elif token == ")" and len(levels) > 1:
            levels.pop()
            inner = arrow(*level.chain)
            if level.name:
                inner = TypeConstructor(level.name, (*level.arguments, inner))
            levels[-1].chain.append(inner)
        elif token == "" and len(levels) == 1:
            break
        elif token == "":
            raise TypeSyntaxError("this parenthesis is never closed", text, level.position)
        else:
            raise TypeSyntaxError(f"unexpected {token!r}", text, position)
    return arrow(*levels[0].chain)


def print_type(kind: Type) -> str:
    """The text of a type; the inverse of ``parse_type``."""
    pieces: list[str] = []
    stack: list[Type | str] = [kind]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            pieces.append(node)
        elif isinstance(node, TypeVariable):
            pieces.append(f"t{node.index}")
        elif isinstance(node, TypeConstructor):
            if node.is_arrow:
                parameter, result = node.arguments
                stack += (result, " -> ")
                stack += (")", parameter, "(") if parameter.is_arrow else (parameter,)
            else:
                pieces.append(node.name)
                if node.arguments:
                    stack.append(")")
                    for position, argument in enumerate(reversed(node.arguments)):
                        stack += (", ", argument) if position else (argument,)
                    stack.append("(")
    return "".join(pieces)


# --- renaming and substitution --------------------------------------------------------------------------------------


def replace_variables(kind: Type, bindings: Mapping[int, Type], *, chase: bool) -> Type:
    """Replace variables by ``bindings``; with ``chase`` also in the replacements."""
    done: dict[Type, Type] = {}
    stack = [kind]
    while stack:
        node = stack[-1]
        if node in done:
            stack.pop()
        elif isinstance(node, TypeVariable):
            target = bindings.get(node.index)
            if target is None:
                done[node] = node
            elif not chase or not target.bound:
                done[node] = target
            elif target in done:
                done[node] = done[target]
            else:
                stack.append(target)
        else:
            assert isinstance(node, TypeConstructor)
            pending = [argument for argument in node.arguments if argument.bound and argument not in done]
            if pending:
                stack += pending
            else:
                arguments = tuple([done[argument] if argument.bound else argument for argument in node.arguments])
                done[node] = TypeConstructor(node.name, arguments)
    return done[kind]


def number_variables(kinds: Iterable[Type], numbering: dict[int, Type]) -> None:
    """Extend ``numbering`` with the variables of ``kinds`` in order of appearance."""
    for kind in kinds:
        if not kind.bound:
            continue
        seen: set[Type] = set()
        stack = [kind]
        while stack:
            node = stack.pop()
            if isinstance(node, TypeVariable):
                if node.index not in numbering:
                    numbering[node.index] = TypeVariable(len(numbering))
            elif node not in seen:
                seen.add(node)
                assert isinstance(node, TypeConstructor)
                stack += [argument for argument in reversed(node.arguments) if argument.bound]


def canonical(kind: Type) -> Type:
    """The type with its variables numbered 0, 1, … in order of appearance."""
    return canonical_all((kind,))[0]


def canonical_all(kinds: Iterable[Type]) -> tuple[Type, ...]:
    """Number the variables of several types at once, in order of appearance from the first type to the last."""
    kinds = tuple(kinds)
    for kind in kinds:
        if kind.bound:
            break
    else:
        return kinds
    numbering: dict[int, Type] = {}
    number_variables(kinds, numbering)
    return tuple([replace_variables(kind, numbering, chase=False) if kind.bound else kind for kind in kinds])


_SHIFTED_LIMIT: Final = 100_000
_shifted: dict[tuple[Type, int], Type] = {}


def shift_variables(kind: Type, by: int) -> Type:
    """The type with ``by`` added to the index of every variable (cached)."""
    if not kind.bound or not by:
        return kind
    key = (kind, by)
    known = _shifted.get(key)
    if known is None:
        if len(_shifted) >= _SHIFTED_LIMIT:
            _shifted.clear()
        numbering: dict[int, Type] = {index: TypeVariable(index + by) for index in range(kind.bound)}
        known = _shifted[key] = replace_variables(kind, numbering, chase=False)
    return known


def describe_type(kind: Type, limit: int = 120) -> str:
    """The text of a type for a message; a huge type is described by its size."""
    if kind.size > limit:
        return f"a type of {kind.size} nodes" if kind.size < 10**9 else "a type of over 10^9 nodes"
    return print_type(kind)
