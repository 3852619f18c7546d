"""Evaluation of λ-terms whose primitives are Python functions: call-by-need, with fuel and a size budget.

Arguments of primitives are evaluated when all are there, from left to right; any other argument when it is first
needed, once. So neither naming a part of a program nor writing it out changes what the program gives. The machine has a
stack of its own: the depth of a program does not matter, only that of primitives whose function arguments call
primitives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from psynth.core.calculus.inference import INTEGER, excerpt
from psynth.core.calculus.normal_forms import dependency_order
from psynth.core.calculus.terms import Application, Inlined, Lambda, Name, Term, Variable, fold, head_and_arguments
from psynth.core.calculus.types import Type, arguments_of
from psynth.core.errors import PsynthError
from psynth.core.limits import DEFAULT_FUEL, DEFAULT_SIZE

# The λ-machine's integers, so that a program means the same wherever it runs.
SMALLEST_INT: Final = -(2**62)
LARGEST_INT: Final = 2**62 - 1
# Primitives that call functions nest on Python's own stack, some four frames each.
NESTING_LIMIT: Final = 100

Status: TypeAlias = Literal["ok", "error", "fuel", "memory"]


class CompileError(PsynthError):
    """A term that cannot be run: an unknown name or a free variable."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one program did on one input; ``value`` only means something with status ``ok``."""

    status: Status
    value: Any = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Primitive:
    """A named Python function of ``arity`` arguments (0: a value).

    Arguments are values; function values are callable, with one or more arguments. A parameter whose position is in
    ``lazy`` arrives as a function without arguments that gives the value; the primitive may also return that function
    as it is, which costs no nesting. Arguments at ``functional`` positions, those of function type, are evaluated when
    they are first called, so that η-expanding one changes nothing. A primitive must not change its arguments; one that
    is about to build something huge raises ``MemoryError``.
    """

    name: str
    function: Any
    arity: int
    lazy: frozenset[int] = frozenset()
    functional: frozenset[int] = frozenset()

    @classmethod
    def typed(cls, name: str, kind: Type, function: Any, lazy: Iterable[int] = ()) -> Primitive:
        """A primitive with the arguments that its type has."""
        parameters = arguments_of(kind)
        functional = frozenset([position for position, parameter in enumerate(parameters) if parameter.is_arrow])
        return cls(name, function, len(parameters), frozenset(lazy), functional)


# --- compiled programs ----------------------------------------------------------------------------------------------

_CONSTANT, _VARIABLE, _LAMBDA, _PRIMITIVE, _CALL, _APPLY = range(6)


class _Code:
    """One instruction: ``value`` is a constant or primitive, ``index`` a variable's, ``parts`` what it is made of."""

    __slots__ = ("index", "op", "parts", "value")

    def __init__(self, op: int, value: Any = None, index: int = 0, parts: tuple[_Code, ...] = ()) -> None:
        self.op, self.value, self.index, self.parts = op, value, index, parts


class Interpreter:
    """Compiles terms over some primitives and abstractions.

    ``definitions`` are the learned abstractions. ``literal_value`` gives the value of a token that is neither (None: it
    is no literal); integer tokens have theirs.
    """

    def __init__(
        self,
        primitives: Iterable[Primitive],
        definitions: Mapping[str, Term] | None = None,
        *,
        literal_value: Callable[[str], Any] | None = None,
    ) -> None:
        self._literal_value = literal_value
        self._names: dict[str, _Code] = {}
        for primitive in primitives:
            value = primitive if primitive.arity else primitive.function
            self._names[primitive.name] = _Code(_PRIMITIVE if primitive.arity else _CONSTANT, value)
        for name in dependency_order(definitions or {}):
            assert definitions is not None
            self._names[name] = self._compile(definitions[name])

    def compile(self, term: Term) -> CompiledProgram:
        """Prepare a closed term for running on many inputs; raises ``CompileError``."""
        return CompiledProgram(self._compile(term))

    def _compile(self, term: Term) -> _Code:
        if term.free:
            raise CompileError(f"variable ${term.free - 1} of {excerpt(term)} is bound by no lambda")
        return fold(term, self._instruction, head_and_arguments)

    def _instruction(self, node: Term, parts: tuple[_Code, ...]) -> _Code:
        if isinstance(node, Variable):
            return _Code(_VARIABLE, index=node.index)
        if isinstance(node, Lambda):
            return _Code(_LAMBDA, parts=parts)
        if isinstance(node, Application):
            head = parts[0]
            if head.op == _PRIMITIVE and len(parts) > head.value.arity:
                call = _Code(_CALL, head.value, parts=parts[1 : head.value.arity + 1])
                rest = parts[head.value.arity + 1 :]
                return _Code(_APPLY, parts=(call, *rest)) if rest else call
            return _Code(_APPLY, parts=parts)
        if isinstance(node, Inlined):
            if node.free:
                raise CompileError(f"{excerpt(node)} is inlined but not closed")
            return parts[0]
        assert isinstance(node, Name)
        return self._named(node.text)

    def _named(self, text: str) -> _Code:
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
        return _Code(_CONSTANT, value)


class CompiledProgram:
    """A program ready to run."""

    __slots__ = ("_code",)

    def __init__(self, code: _Code) -> None:
        self._code = code

    def run(self, inputs: Sequence[Any], *, fuel: int = DEFAULT_FUEL, size: int = DEFAULT_SIZE) -> Outcome:
        """Apply the program to ``inputs`` and evaluate all of the result.

        ``fuel`` bounds β-steps and calls of primitives together; ``size`` the total length of the lists and strings
        that primitives give, and the cells of the result. What a primitive raises becomes a status.
        """
        machine = _Machine(fuel, size)
        try:
            value = machine.evaluate(self._code, inputs)
            machine.check_result(value, size)
        except _Stop as stop:
            return Outcome(stop.status, message=stop.message)
        except MemoryError as error:
            return Outcome("memory", message=f"MemoryError: {error}" if str(error) else "MemoryError")
        except RecursionError as error:
            return Outcome("memory", message=f"RecursionError: {error}")
        except Exception as error:  # whatever a primitive raises is data
            return Outcome("error", message=f"{type(error).__name__}: {error}")
        return Outcome("ok", value)


# --- values of the running machine ----------------------------------------------------------------------------------

# The values of the variables, innermost first, as linked pairs.
Environment: TypeAlias = "tuple[Any, Environment] | None"


class _Stop(BaseException):
    """Ends a run; no ``Exception``, so that no primitive that handles errors takes it for one."""

    def __init__(self, status: Status, message: str) -> None:
        self.status, self.message = status, message


class Thunk:
    """An argument that is evaluated when first needed; a call gives its value, applied to the call's arguments."""

    __slots__ = ("code", "done", "environment", "machine", "value")

    def __init__(self, machine: _Machine, code: _Code | None, environment: Environment, value: Any = None) -> None:
        self.machine, self.code, self.environment, self.value = machine, code, environment, value
        self.done = code is None

    def __call__(self, *arguments: Any) -> Any:
        if self.done and not arguments:
            return self.value
        return self.machine.enter(None, None, self, [(_APPLY, list(arguments[::-1]))] if arguments else [])


class Function:
    """A function value: a closure, or a primitive that lacks arguments; called with one argument or more."""

    __slots__ = ("arguments", "body", "environment", "machine", "primitive")

    def __init__(
        self,
        machine: _Machine,
        body: _Code | None,
        environment: Environment,
        primitive: Primitive | None = None,
        arguments: tuple[Any, ...] = (),
    ) -> None:
        self.machine, self.body, self.environment = machine, body, environment
        self.primitive, self.arguments = primitive, arguments

    def __call__(self, *arguments: Any) -> Any:
        return self.machine.enter(None, None, self, [(_APPLY, list(arguments[::-1]))])

    def __repr__(self) -> str:
        return "<function>"


_UPDATE: Final = 6
_SIZED: Final = frozenset((list, str, tuple, dict, set, frozenset, bytes))


class _Machine:
    """One run: its budget, and the loop that evaluates."""

    __slots__ = ("fuel", "nesting", "size")

    def __init__(self, fuel: int, size: int) -> None:
        self.fuel, self.size, self.nesting = fuel, size, 0

    def evaluate(self, code: _Code, inputs: Sequence[Any]) -> Any:
        """The value of a program applied to inputs."""
        return self.enter(code, None, None, [(_APPLY, list(inputs[::-1]))] if inputs else [])

    def enter(self, code: _Code | None, environment: Environment, value: Any, frames: list[Any]) -> Any:
        """Run the loop, once more if it is running already, and count how often."""
        if self.nesting >= NESTING_LIMIT:
            raise _Stop("memory", f"primitives and functions call each other over {NESTING_LIMIT} deep")
        self.nesting += 1
        try:
            return self._loop(code, environment, value, frames)
        finally:
            self.nesting -= 1

    def _loop(self, code: _Code | None, environment: Environment, value: Any, frames: list[Any]) -> Any:
        """Evaluate ``code``, or go on with ``value`` if there is none, until no frame wants the value.

        Frames: (_UPDATE, thunk) keeps the value; (_APPLY, arguments, last first) applies it; (_CALL, primitive,
        arguments, position) takes it as an argument of a primitive that is about to be called.
        """
        while True:
            if code is not None:
                op = code.op
                if op == _APPLY:
                    parts = code.parts
                    arguments = [self._delay(part, environment) for part in parts[:0:-1]]
                    frames.append((_APPLY, arguments))
                    code = parts[0]
                    continue
                if op == _CALL:
                    arguments = [self._delay(part, environment) for part in code.parts]
                    value = self._prepare(code.value, arguments, 0, frames)
                else:
                    value = self._delay(code, environment)
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
            elif frame[0] == _CALL:
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

    def _delay(self, code: _Code, environment: Environment) -> Any:
        """A value where that takes no step, else a thunk."""
        op = code.op
        if op == _CONSTANT:
            return code.value
        if op == _VARIABLE:
            for _ in range(code.index):
                assert environment is not None
                environment = environment[1]
            assert environment is not None
            value = environment[0]
            return value.value if type(value) is Thunk and value.done else value
        if op == _LAMBDA:
            return Function(self, code.parts[0], environment)
        if op == _PRIMITIVE:
            return Function(self, None, None, code.value)
        return Thunk(self, code, environment)

    def _apply_other(self, function: Any, arguments: list[Any], frames: list[Any]) -> Any:
        """Apply a primitive that lacks arguments, or a Python function that a primitive gave (one argument a call)."""
        if type(function) is not Function:
            if not callable(function):
                raise _Stop("error", f"a value of type {type(function).__name__} is applied, but is no function")
            function = Function(self, None, None, Primitive("", function, 1))
        primitive = function.primitive
        have = [*function.arguments]
        while arguments and len(have) < primitive.arity:
            have.append(arguments.pop())
        if len(have) < primitive.arity:
            return Function(self, None, None, primitive, tuple(have))
        if arguments:
            frames.append((_APPLY, arguments))
        return self._prepare(primitive, have, 0, frames)

    def _prepare(self, primitive: Primitive, arguments: list[Any], position: int, frames: list[Any]) -> Any:
        """Call a primitive if all its arguments from ``position`` on are values, else give the first that is none."""
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
                    frames.append((_CALL, primitive, arguments, index))
                    return argument
                arguments[index] = argument.value
        self._spend()
        value = primitive.function(*arguments)
        kind = type(value)
        if kind is int:
            if not SMALLEST_INT <= value <= LARGEST_INT:
                raise _Stop("error", "integer beyond 63 bits")
        elif kind in _SIZED and not any(value is argument for argument in arguments):
            self.size -= len(value)
            if self.size < 0:
                raise _Stop("memory", "size limit reached")
        return value

    def _spend(self) -> None:
        self.fuel -= 1
        if self.fuel < 0:
            raise _Stop("fuel", "fuel ran out")

    def check_result(self, value: Any, size: int) -> None:
        """See that a result is data through and through, and not more than ``size`` cells when written out."""
        stack = [value]
        while stack:
            node = stack.pop()
            if callable(node):
                raise _Stop("error", "the result is a function" if node is value else "the result contains a function")
            if isinstance(node, str):
                size -= len(node)
            elif isinstance(node, list | tuple | set | frozenset):
                size -= len(node)
                stack += node if size >= 0 else ()
            elif isinstance(node, dict):
                size -= len(node)
                stack += [*node.keys(), *node.values()] if size >= 0 else ()
            if size < 0:
                raise _Stop("memory", "the result is over the size limit")
