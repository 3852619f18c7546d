"""Programs in the published form, ``def solve_KEY(I): x1 = f(a, b) … return O``: read as text and never executed."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from psynth.core.errors import InputError
from psynth.core.python_source import NotPython, parse
from psynth_arc.language import CONSTANTS, PRIMITIVES

PREFIXES: Final = ("solve_", "verify_")
"""What the names of functions begin with, before the key of their task."""
MOST_LINES: Final = 1000
"""The greatest number of calls in a program."""
NAMES: Final[Collection[str]] = frozenset((*PRIMITIVES, *CONSTANTS))


@dataclass(frozen=True, slots=True)
class Line:
    """``name = function(arguments)``, all of them names of variables, primitives or constants."""

    name: str
    function: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """A program: its task's key, the name of its input, its lines, and the name that it returns."""

    key: str
    parameter: str
    lines: tuple[Line, ...]
    result: str
    line: int = 0
    """The line where it begins."""

    def __str__(self) -> str:
        body = [f"    {each.name} = {each.function}({', '.join(each.arguments)})\n" for each in self.lines]
        return f"def {PREFIXES[0]}{self.key}({self.parameter}):\n{''.join(body)}    return {self.result}\n"


Definition: TypeAlias = ast.FunctionDef


def definitions(text: str) -> Iterator[Definition]:
    """The functions of a file, yet to be read; InputError with the line of anything else in it.

    Imports of all names of a module, which published files begin with, are passed over.
    """
    try:
        tree = parse(text)
    except NotPython as error:
        raise InputError(f"not Python: {error}") from error
    for number, statement in enumerate(tree.body):
        match statement:
            case ast.FunctionDef():
                yield statement
            case ast.ImportFrom(names=[ast.alias(name="*")]):
                pass
            case ast.Expr(value=ast.Constant(value=str())) if number == 0:
                pass
            case _:
                raise InputError(
                    "expected a function definition; nothing else is read, and nothing is run", line=statement.lineno
                )


def key_of(definition: Definition) -> str:
    """The key of the task that a function's name says it solves; InputError if it says none."""
    prefix = next((each for each in PREFIXES if definition.name.startswith(each)), None)
    key = definition.name.removeprefix(prefix or "")
    if prefix is None or not key:
        raise _error(definition, f"the function {definition.name} is not called {PREFIXES[0]}KEY")
    return key


def read_function(definition: Definition) -> Function:
    """The program that a function is; InputError with the line and the reason if it is not in the published form."""
    key = key_of(definition)
    taken = definition.args
    others = (*taken.posonlyargs, *taken.kwonlyargs, *taken.defaults, taken.vararg, taken.kwarg)
    if len(taken.args) != 1 or any(each is not None for each in others) or definition.decorator_list:
        raise _error(definition, f"{definition.name} takes one argument, the grid, and has no decorators")
    return _Reader(taken.args[0].arg, definition).function(key)


@dataclass
class _Reader:
    """Reads the body of a function; calls within calls become lines of their own."""

    parameter: str
    definition: Definition
    lines: list[Line] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    """What each variable is called in the lines."""
    made: int = 0
    """Values named here, since the source does not."""

    def function(self, key: str) -> Function:
        self._bind(self.parameter, self.definition)
        self.variables[self.parameter] = self.parameter
        *body, last = _without_docstring(self.definition.body) or [self.definition]
        for statement in body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self._bind(name, statement)
                    self.variables[name] = self._value(value, name)
                case _:
                    raise _error(statement, "expected NAME = FUNCTION(NAME, …)")
        if not isinstance(last, ast.Return) or last.value is None:
            raise _error(last, f"{self.definition.name} does not end with return NAME")
        result = self._value(last.value, self._fresh())
        return Function(key, self.parameter, tuple(self.lines), result, self.definition.lineno)

    def _bind(self, name: str, place: ast.stmt) -> None:
        if name in NAMES:
            raise _error(place, f"{name} is a name of the language and cannot be a variable")
        if name in self.variables:
            raise _error(place, f"{name} is assigned a second time")

    def _value(self, node: ast.expr, name: str) -> str:
        """The name of a value, after the lines that make it; ``name`` for the value of a call."""
        if isinstance(node, ast.Name):
            return self._known(node)
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.keywords or not node.args:
            raise _error(node, "expected a name or a call FUNCTION(NAME, …)")
        function = self._known(node.func)
        if function in CONSTANTS or function == self.parameter:
            raise _error(node, f"{function} is no function")
        arguments = tuple(self._value(each, self._fresh()) for each in node.args)
        if len(self.lines) >= MOST_LINES:
            raise _error(node, f"the program has over {MOST_LINES} calls")
        self.lines.append(Line(name, function, arguments))
        return name

    def _known(self, node: ast.Name) -> str:
        if node.id in self.variables:
            return self.variables[node.id]
        if node.id not in NAMES:
            raise _error(node, f"{node.id} is neither a variable nor a name of the language")
        return node.id

    def _fresh(self) -> str:
        """A name that no variable of the source has: it is no identifier."""
        self.made += 1
        return f"{self.made}."


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    match body:
        case [ast.Expr(value=ast.Constant(value=str())), *others]:
            return others
    return body


def _error(node: ast.stmt | ast.expr, message: str) -> InputError:
    return InputError(message, line=node.lineno)
