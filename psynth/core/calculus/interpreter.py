"""Evaluation of λ-terms whose primitives are Python functions: call-by-need, with fuel and a size budget.

A primitive's arguments are evaluated from left to right once it has all of them; any other argument is evaluated at
most once, when it is first needed. So neither abstracting nor inlining a part of a program changes its result. The
machine has its own stack: only primitives that call functions which call primitives nest on Python's. A primitive that
changes one of its arguments ends the program with status error.
"""

from __future__ import annotations

import contextlib
import copy
import marshal
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from types import NoneType
from typing import Any, Final, Literal, TypeAlias

from psynth.core.calculus.inference import INTEGER, excerpt
from psynth.core.calculus.normal_forms import dependency_order
from psynth.core.calculus.terms import Application, Inlined, Lambda, Name, Term, Variable, fold, head_and_arguments
from psynth.core.calculus.types import Type, arguments_of
from psynth.core.errors import PsynthError
from psynth.core.limits import DEFAULT_FUEL, DEFAULT_SIZE

SMALLEST_INT: Final = -(2**62)
LARGEST_INT: Final = 2**62 - 1
"""The range of integers: that of the λ-machine, so that a program has the same meaning in both."""
NESTING_LIMIT: Final = 100
"""Maximum nesting of primitives that call functions, each of which takes about four frames of Python's stack."""
FINGERPRINT_LIMIT: Final = 1 << 20
"""Maximum number of cells of a value, nested ones included, whose changes are detected."""
FUNCTION_RESULT: Final = "the result is a function"
"""The message about a program that lacks arguments, here and in the λ-machine."""
_NESTING: Final = frozenset((list, tuple, dict, set, frozenset))

Status: TypeAlias = Literal["ok", "error", "fuel", "memory", "timeout"]


class CompileError(PsynthError):
    """A term that cannot be run because of an unknown name or a free variable."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one program on one input; ``value`` is meaningful only with status ``ok``."""

    status: Status
    value: Any = None
    message: str = ""


def failure(error: Exception) -> Outcome:
    """The outcome of a program if a primitive raised ``error``."""
    if isinstance(error, MemoryError):
        return Outcome("memory", message=f"MemoryError: {error}" if str(error) else "MemoryError")
    if isinstance(error, RecursionError):
        return Outcome("memory", message=f"RecursionError: {error}")
    return Outcome("error", message=f"{type(error).__name__}: {error}")


def fingerprint(value: Any) -> bytes | None:
    """Bytes that differ whenever any part of ``value`` differs.

    None for values with objects other than Python's own data, or with more than ``FINGERPRINT_LIMIT`` cells in all.
    """
    try:
        # Up to version 2 the bytes depend on the value alone; later also on how often its parts are referenced.
        return marshal.dumps(value, 2) if _can_be_written(value) else None
    except ValueError:
        return None


def _can_be_written(value: Any) -> bool:
    """Whether a value is small even if repeated parts are counted each time, as their number may be exponential."""
    if type(value) not in _NESTING:
        return True
    left, stack = FINGERPRINT_LIMIT, [value]
    while stack and left >= 0:
        node = stack.pop()
        left -= len(node)
        parts = node.values() if type(node) is dict else node
        if not _NESTING.isdisjoint(map(type, parts)):
            stack += [part for part in parts if type(part) in _NESTING]
    return left >= 0


@dataclass(frozen=True, slots=True)
class Primitive:
    """A named Python function of ``arity`` arguments (0: a value).

    Arguments are values; function values are callable with one or more arguments. An argument at a position in ``lazy``
    is passed as a function without arguments that returns the value; the primitive may also return that function
    itself, which does not count as nesting. Arguments at ``functional`` positions, those of function type, are
    evaluated when they are first called, so that η-expansion changes nothing. A primitive must not change its arguments
    and should raise ``MemoryError`` instead of building a huge value.
    """

    name: str
    function: Any
    arity: int
    lazy: frozenset[int] = frozenset()
    functional: frozenset[int] = frozenset()

    @classmethod
    def typed(cls, name: str, kind: Type, function: Any, lazy: Iterable[int] = ()) -> Primitive:
        """A primitive whose arity and functional positions are those of its type."""
        parameters = arguments_of(kind)
        functional = frozenset([position for position, parameter in enumerate(parameters) if parameter.is_arrow])
        return cls(name, function, len(parameters), frozenset(lazy), functional)


# --- compiled programs ----------------------------------------------------------------------------------------------

CONSTANT, VARIABLE, LAMBDA, PRIMITIVE, CALL, APPLY, SHARED = range(7)


class Code:
    """One instruction: ``value`` is a constant or primitive, ``index`` that of a variable, ``parts`` its operands.

    The value of a ``SHARED`` instruction is a function from the machine and the environment to the instruction's value.
    """

    __slots__ = ("index", "op", "parts", "value")

    def __init__(self, op: int, value: Any = None, index: int = 0, parts: tuple[Code, ...] = ()) -> None:
        self.op, self.value, self.index, self.parts = op, value, index, parts


class Interpreter:
    """Compiles terms over some primitives and abstractions.

    ``definitions`` are the learned abstractions. ``literal_value`` returns the value of any other token (None if it is
    not a literal); integer tokens are literals by default.
    """

    def __init__(
        self,
        primitives: Iterable[Primitive],
        definitions: Mapping[str, Term] | None = None,
        *,
        literal_value: Callable[[str], Any] | None = None,
    ) -> None:
        self._literal_value = literal_value
        self._names: dict[str, Code] = {}
        self._constants: list[tuple[str, Code, Any]] = []
        for primitive in primitives:
            value = primitive if primitive.arity else primitive.function
            code = self._names[primitive.name] = Code(PRIMITIVE if primitive.arity else CONSTANT, value)
            if not primitive.arity and type(value) not in UNCHANGEABLE:
                self._constants.append((primitive.name, code, value))
        for name in dependency_order(definitions or {}):
            assert definitions is not None
            self._names[name] = self._compile(definitions[name])

    def compile(self, term: Term) -> CompiledProgram:
        """Prepare a closed term for running on many inputs; raises ``CompileError``."""
        return CompiledProgram(self._compile(term))

    def renew_constants(self) -> None:
        """Replace the values of mutable constants by fresh copies."""
        for _, code, value in self._constants:
            # Values that cannot be copied, such as modules and generators, are shared.
            with contextlib.suppress(Exception):
                code.value = copy.deepcopy(value)

    def changed_constant(self) -> str | None:
        """The name of a constant whose value has changed; None if there is none."""
        for name, code, value in self._constants:
            if code.value is not value and fingerprint(code.value) != fingerprint(value):
                return name
        return None

    def code_named(self, text: str) -> Code:
        """The instruction of a primitive, abstraction or literal; ``CompileError`` for any other text."""
        return self._named(text)

    def _compile(self, term: Term) -> Code:
        if term.free:
            raise CompileError(f"variable ${term.free - 1} of {excerpt(term)} is bound by no lambda")
        return fold(term, self._instruction, head_and_arguments)

    def _instruction(self, node: Term, parts: tuple[Code, ...]) -> Code:
        if isinstance(node, Variable):
            return Code(VARIABLE, index=node.index)
        if isinstance(node, Lambda):
            return Code(LAMBDA, parts=parts)
        if isinstance(node, Application):
            head = parts[0]
            if head.op == PRIMITIVE and len(parts) > head.value.arity:
                call = Code(CALL, head.value, parts=parts[1 : head.value.arity + 1])
                rest = parts[head.value.arity + 1 :]
                return Code(APPLY, parts=(call, *rest)) if rest else call
            return Code(APPLY, parts=parts)
        if isinstance(node, Inlined):
            if node.free:
                raise CompileError(f"{excerpt(node)} is inlined but not closed")
            return parts[0]
        assert isinstance(node, Name)
        return self._named(node.text)

    def _named(self, text: str) -> Code:
        known = self._names.get(text)
        if known is not None:
            return known
        value = None if self._literal_value is None else self._literal_value(text)
        if value is None and INTEGER.fullmatch(text):
            value = int(text) if len(text) < 30 else LARGEST_INT + 1
            if not SMALLEST_INT <= value <= LARGEST_INT:
                raise CompileError(f"integer beyond 63 bits: {text[:40]}")
        if value is None:
            raise CompileError(f"{text} is neither a primitive, an abstraction nor a literal")
        return Code(CONSTANT, value)


class CompiledProgram:
    """A program ready to run."""

    __slots__ = ("_code",)

    def __init__(self, code: Code) -> None:
        self._code = code

    def run(self, inputs: Sequence[Any], *, fuel: int = DEFAULT_FUEL, size: int = DEFAULT_SIZE) -> Outcome:
        """Apply the program to ``inputs`` and evaluate the result completely.

        ``fuel`` bounds the sum of β-steps and calls of primitives; ``size`` bounds the total length of the lists and
        strings that primitives return, and the cells of the result. Exceptions of primitives become statuses.
        """
        try:
            value = Machine(fuel, size).evaluate(self._code, inputs)
            check_result(value, size)
        except Stop as stop:
            return Outcome(stop.status, message=stop.message)
        except Exception as error:  # exceptions of primitives are data
            return failure(error)
        return Outcome("ok", value)


# --- values of the running machine ----------------------------------------------------------------------------------

Environment: TypeAlias = "tuple[Any, Environment] | None"
"""The values of the variables as a linked list, innermost first."""


class Stop(BaseException):
    """Ends a run; not an ``Exception``, so that primitives that handle exceptions do not catch it."""

    def __init__(self, status: Status, message: str) -> None:
        self.status, self.message = status, message


class Thunk:
    """An argument that is evaluated when first needed; a call returns its value, applied to the call's arguments."""

    __slots__ = ("code", "done", "environment", "machine", "value")

    def __init__(self, machine: Machine, code: Code | None, environment: Environment, value: Any = None) -> None:
        self.machine, self.code, self.environment, self.value = machine, code, environment, value
        self.done = code is None

    def __call__(self, *arguments: Any) -> Any:
        if self.done and not arguments:
            return self.value
        return self.machine.enter(None, None, self, [(APPLY, list(arguments[::-1]))] if arguments else [])


class Function:
    """A function value: a closure or a partially applied primitive, called with one or more arguments."""

    __slots__ = ("arguments", "body", "environment", "machine", "primitive")

    def __init__(
        self,
        machine: Machine,
        body: Code | None,
        environment: Environment,
        primitive: Primitive | None = None,
        arguments: tuple[Any, ...] = (),
    ) -> None:
        self.machine, self.body, self.environment = machine, body, environment
        self.primitive, self.arguments = primitive, arguments

    def __call__(self, *arguments: Any) -> Any:
        return self.machine.enter(None, None, self, [(APPLY, list(arguments[::-1]))])

    def __repr__(self) -> str:
        return "<function>"


_UPDATE: Final = 7
SIZED: Final = frozenset((list, str, tuple, dict, set, frozenset, bytes))
"""The types whose length counts toward the size that a program allocates."""
CHANGEABLE: Final = frozenset((list, dict, set, tuple, bytearray))
"""The types of arguments that a primitive could change, themselves or within."""
UNCHANGEABLE: Final = frozenset(
    (NoneType, bool, int, float, complex, str, bytes, Fraction, Decimal, date, datetime, timedelta)
)
"""The immutable types without parts."""


class Machine:
    """One run: its budget and its evaluation loop; ``deepest`` is the deepest nesting of primitives so far."""

    __slots__ = ("deepest", "fuel", "nesting", "size")

    def __init__(self, fuel: int, size: int) -> None:
        self.fuel, self.size, self.nesting, self.deepest = fuel, size, 0, 0

    def evaluate(self, code: Code, inputs: Sequence[Any]) -> Any:
        """The value of a program applied to inputs."""
        return self.enter(code, None, None, [(APPLY, list(inputs[::-1]))] if inputs else [])

    def enter(self, code: Code | None, environment: Environment, value: Any, frames: list[Any]) -> Any:
        """Run the evaluation loop, possibly nested within itself, and track the nesting."""
        if self.nesting >= NESTING_LIMIT:
            raise Stop("memory", f"primitives and functions nest more than {NESTING_LIMIT} deep")
        self.nesting += 1
        self.deepest = max(self.deepest, self.nesting)
        try:
            return self._loop(code, environment, value, frames)
        finally:
            self.nesting -= 1

    def _loop(self, code: Code | None, environment: Environment, value: Any, frames: list[Any]) -> Any:
        """Evaluate ``code``, or continue with ``value`` if it is None, until no frame is left.

        Frames: (_UPDATE, thunk) stores the value; (APPLY, arguments in reverse) applies it; (CALL, primitive,
        arguments, position) uses it as an argument of a pending primitive.
        """
        while True:
            if code is not None:
                op = code.op
                if op == APPLY:
                    parts = code.parts
                    arguments = [self.delay(part, environment) for part in parts[:0:-1]]
                    frames.append((APPLY, arguments))
                    code = parts[0]
                    continue
                if op == CALL:
                    arguments = [self.delay(part, environment) for part in code.parts]
                    value = self._prepare(code.value, arguments, 0, frames)
                elif op == SHARED:
                    value = code.value(self, environment)
                else:
                    value = self.delay(code, environment)
                code = None
            if type(value) is Thunk:
                if value.done:
                    value = value.value
                else:
                    frames.append((_UPDATE, value))
                    code, environment = value.code, value.environment
                    continue
            if not frames:
                return value
            frame = frames.pop()
            if frame[0] == _UPDATE:
                thunk = frame[1]
                thunk.value, thunk.done, thunk.code, thunk.environment = value, True, None, None
            elif frame[0] == CALL:
                _, primitive, arguments, position = frame
                arguments[position] = value
                value = self._prepare(primitive, arguments, position + 1, frames)
            else:
                arguments = frame[1]
                if type(value) is Function and value.body is not None:
                    self._spend()
                    code, environment = value.body, (arguments.pop(), value.environment)
                    if arguments:
                        frames.append(frame)
                else:
                    value = self._apply_other(value, arguments, frames)

    def delay(self, code: Code, environment: Environment) -> Any:
        """The value of ``code`` if it takes no step, else a thunk."""
        op = code.op
        if op == CONSTANT:
            return code.value
        if op == VARIABLE:
            for _ in range(code.index):
                assert environment is not None
                environment = environment[1]
            assert environment is not None
            value = environment[0]
            return value.value if type(value) is Thunk and value.done else value
        if op == LAMBDA:
            return Function(self, code.parts[0], environment)
        if op == PRIMITIVE:
            return Function(self, None, None, code.value)
        return Thunk(self, code, environment)

    def _apply_other(self, function: Any, arguments: list[Any], frames: list[Any]) -> Any:
        """Apply a partial primitive, or a Python function that a primitive returned (one argument for each call)."""
        if type(function) is not Function:
            if not callable(function):
                raise Stop("error", f"a value of type {type(function).__name__} is applied, but is not a function")
            function = Function(self, None, None, Primitive("", function, 1))
        primitive = function.primitive
        have = [*function.arguments]
        while arguments and len(have) < primitive.arity:
            have.append(arguments.pop())
        if len(have) < primitive.arity:
            return Function(self, None, None, primitive, tuple(have))
        if arguments:
            frames.append((APPLY, arguments))
        return self._prepare(primitive, have, 0, frames)

    def _prepare(self, primitive: Primitive, arguments: list[Any], position: int, frames: list[Any]) -> Any:
        """Call a primitive if all its arguments from ``position`` on are values, else return the first thunk."""
        lazy, functional = primitive.lazy, primitive.functional
        for index in range(position, primitive.arity):
            argument = arguments[index]
            if index in lazy:
                if type(argument) is not Thunk:
                    arguments[index] = Thunk(self, None, None, argument)
            elif type(argument) is Thunk:
                if index in functional and not argument.done:
                    continue
                if not argument.done:
                    frames.append((CALL, primitive, arguments, index))
                    return argument
                arguments[index] = argument.value
        self._spend()
        value = call_unchanged(primitive, arguments)
        self.size -= self.cells(value, arguments)
        if self.size < 0:
            raise Stop("memory", "size limit reached")
        return value

    def cells(self, value: Any, arguments: Sequence[Any]) -> int:
        """The cells that a value returned by a primitive counts; ``Stop`` for an integer that is too large."""
        kind = type(value)
        if kind is int:
            if not SMALLEST_INT <= value <= LARGEST_INT:
                raise Stop("error", "integer beyond 63 bits")
        elif kind in SIZED and not any(value is argument for argument in arguments):
            return len(value)
        return 0

    def _spend(self) -> None:
        self.fuel -= 1
        if self.fuel < 0:
            raise Stop("fuel", "fuel ran out")


def call_unchanged(primitive: Primitive, arguments: list[Any]) -> Any:
    """The result of a primitive; ``Stop`` if the primitive changes one of its arguments."""
    before = [
        (position, fingerprint(argument)) for position, argument in enumerate(arguments) if type(argument) in CHANGEABLE
    ]
    if not before:
        return primitive.function(*arguments)
    try:
        value = primitive.function(*arguments)
    except Exception:
        _check_unchanged(primitive, arguments, before)
        raise
    _check_unchanged(primitive, arguments, before)
    return value


def _check_unchanged(primitive: Primitive, arguments: list[Any], before: list[tuple[int, bytes | None]]) -> None:
    for position, mark in before:
        if mark is not None and fingerprint(arguments[position]) != mark:
            message = f"the primitive {primitive.name} changed its argument {position + 1}, which no primitive may"
            raise Stop("error", message) from None


def check_result(value: Any, size: int) -> None:
    """Raise ``Stop`` unless a result contains no functions and at most ``size`` cells."""
    stack = [value]
    while stack:
        node = stack.pop()
        if callable(node):
            raise Stop("error", FUNCTION_RESULT if node is value else "the result contains a function")
        if isinstance(node, str):
            size -= len(node)
        elif isinstance(node, list | tuple | set | frozenset):
            size -= len(node)
            stack += node if size >= 0 else ()
        elif isinstance(node, dict):
            size -= len(node)
            stack += [*node.keys(), *node.values()] if size >= 0 else ()
        if size < 0:
            raise Stop("memory", "the result is over the size limit")
