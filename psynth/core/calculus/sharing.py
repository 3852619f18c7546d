"""Fast evaluation of many programs on the same inputs: equal subterms and equal calls are processed only once.

The semantics is that of ``interpreter``. This module is a shortcut for most programs and gives up (returns None) on all
others: unusual programs, programs that might be ill typed or exhaust a budget, and values that could change unnoticed.
Sharing affects only the time, never a result.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any, Final

from psynth.core.calculus.inference import INT, INTEGER, LiteralType
from psynth.core.calculus.interpreter import (
    APPLY,
    CALL,
    CHANGEABLE,
    CONSTANT,
    LAMBDA,
    LARGEST_INT,
    NESTING_LIMIT,
    PRIMITIVE,
    SHARED,
    SIZED,
    SMALLEST_INT,
    UNCHANGEABLE,
    VARIABLE,
    Code,
    CompileError,
    Environment,
    Function,
    Interpreter,
    Machine,
    Outcome,
    Primitive,
    Stop,
    Thunk,
    check_result,
    failure,
    fingerprint,
)
from psynth.core.calculus.types import Type, TypeConstructor
from psynth.core.calculus.unification import Unifier

NODES_LIMIT: Final = 100_000
"""Maximum number of distinct subterms kept before everything is discarded."""
BODIES_LIMIT: Final = 30_000
"""Number of distinct subterms above which program bodies are no longer kept, as few are parts of later programs."""
RESULTS_LIMIT: Final = 300_000
"""Maximum number of results of subterms kept before everything is discarded."""
BYTES_LIMIT: Final = 64 << 20
"""Maximum total bytes of the fingerprints of kept values."""
_HEIGHT_LIMIT: Final = 60
_CONTAINERS: Final = CHANGEABLE | {frozenset}
_SEQUENCES: Final = frozenset((list, tuple))
_ATOMS: Final = frozenset((NoneType, bool, int, str))
_PLAIN: Final = _ATOMS | {float}


class _Node:
    """A subterm: an operation and its parts. ``types`` caches its type in each typing environment.

    A subterm that is not ``kept`` is not shared with later programs.
    """

    __slots__ = ("_code", "height", "kept", "op", "parts", "text", "types", "value")

    def __init__(self, op: int, parts: tuple[_Node, ...], value: Any, text: str, code: Code | None = None) -> None:
        self.op, self.parts, self.value, self.text, self._code = op, parts, value, text, code
        height = 0
        for part in parts:
            if part.height > height:
                height = part.height
        self.height: int = height + 1
        self.types: dict[tuple[Type, ...], Type | None] = {}
        self.kept = True

    @property
    def code(self) -> Code:
        """The instruction, compiled on first use: most programs run without it."""
        if self._code is None:
            parts = self.parts[1:] if self.op == CALL else self.parts
            self._code = Code(self.op, self.value, parts=tuple([part.code for part in parts]))
        return self._code


class _Value:
    """The outcome of a subterm: a value with its fingerprint, if any, or an error. Equal values are one object."""

    __slots__ = ("error", "mark", "value")

    def __init__(self, value: Any, mark: bytes | None = None, error: Exception | None = None) -> None:
        self.value, self.mark, self.error = value, mark, error


class _Result:
    """The outcome of a subterm or of one call of a primitive, with its steps and an upper bound on its cells."""

    __slots__ = ("cells", "deepest", "given", "steps")

    def __init__(self, given: _Value, steps: int, cells: int, deepest: int) -> None:
        self.given, self.steps, self.cells, self.deepest = given, steps, cells, deepest


@dataclass(frozen=True, slots=True)
class _Stem:
    """The common part of programs that differ in their last argument: the text around it, and the other ``parts``.

    ``parameter`` is the type that the last argument must have for the body to have type ``result``; None if there is no
    such type for all arguments.
    """

    before: str
    after: str
    parts: tuple[_Node, ...]
    request: Type
    environment: tuple[Type, ...]
    parameter: Type | None
    result: Type


class _GiveUp(BaseException):
    """The shortcut does not apply."""


class Place:
    """The values of variables, innermost first, and the outcomes of subterms under them.

    ``view`` converts an outcome to the requested result, once for each value. ``within`` holds the places in the bodies
    of functions called here, by the value of the argument.
    """

    __slots__ = ("environment", "inputs", "results", "view", "views", "within")

    def __init__(self, inputs: list[_Result], environment: Environment, view: Callable[[Outcome], Any]) -> None:
        self.inputs, self.environment, self.view = inputs, environment, view
        self.results: dict[_Node, _Result | None] = {}
        self.views: dict[_Value, Any] = {}
        self.within: dict[_Value, Place] = {}

    def check(self) -> None:
        """Raise ``_Changed`` if an input has changed."""
        _check([each.given for each in self.inputs])

    def inside(self, argument: _Value) -> Place:
        """The place in the body of a function called with ``argument``."""
        place = self.within.get(argument)
        if place is None:
            inputs = [_Result(argument, 0, 0, 1), *self.inputs]
            place = self.within[argument] = Place(inputs, (argument.value, self.environment), self.view)
        return place


class Sharing:
    """The shortcut for programs of one interpreter; ``types`` maps its names to their types."""

    def __init__(
        self,
        interpreter: Interpreter,
        types: Mapping[str, Type],
        literal_type: LiteralType | None,
        *,
        fuel: int,
        size: int,
    ) -> None:
        self._interpreter, self._types, self._literal_type = interpreter, types, literal_type
        self._fuel, self._size = fuel, size
        self._terms: dict[str, _Node] = {}
        self._nodes: dict[tuple[_Node, ...], _Node] = {}
        self._stem: _Stem | None = None
        self._lambda = _Node(LAMBDA, (), None, "lambda", Code(LAMBDA))
        self._values: dict[Any, _Value] = {}
        self._calls: dict[tuple[_Node | _Value | Place, ...], _Result | None] = {}
        self._results = self._bytes = 0
        self.generation = 0
        """Incremented when everything is discarded, which invalidates all earlier ``Place`` objects."""

    def forget(self) -> None:
        """Discard all shared data."""
        self._terms, self._nodes, self._stem = {}, {}, None
        self._values, self._calls = {}, {}
        self._results = self._bytes = 0
        self._interpreter.renew_constants()
        self.generation += 1

    def full(self) -> bool:
        """Whether a limit on shared data is exceeded."""
        return len(self._nodes) > NODES_LIMIT or self._results > RESULTS_LIMIT or self._bytes > BYTES_LIMIT

    def place(self, inputs: Sequence[Any], view: Callable[[Outcome], Any]) -> Place:
        """A place with these inputs, valid until everything is discarded."""
        place = Place([], None, view)
        for value in inputs:
            place = place.inside(self._kept(value))
        return place

    # --- reading and typing ---

    def read(self, text: str, request: Type) -> _Node | None:
        """The body of a program of type ``request`` with a lambda for each of its parameters."""
        stem = self._stem
        try:
            if stem is not None and text.startswith(stem.before) and stem.request is request:
                last = self._terms.get(text[len(stem.before) : -len(stem.after)])
                if last is not None and text.endswith(stem.after):
                    return self._completed(stem, last, text)
            node = self._parsed(text)
        except (_GiveUp, IndexError):
            return None
        result = request
        environment: tuple[Type, ...] = ()
        while node.op == LAMBDA and node.parts and result.is_arrow:
            assert isinstance(result, TypeConstructor)
            environment = (result.arguments[0], *environment)
            result, node = result.arguments[1], node.parts[0]
        if result.is_arrow or result.bound or self._type(node, environment) is not result:
            return None
        if len(node.parts) > 1:
            self._stem = self._stem_of(node, request, environment, result)
        return node

    def _parsed(self, text: str) -> _Node:
        stack: list[list[_Node]] = []
        items: list[_Node] = []
        terms, nodes = self._terms, self._nodes
        for token in text.replace("(", "( ").replace(")", " )").split(" "):
            if token == "(":
                stack.append(items)
                items = []
            elif token == ")":
                key = tuple(items)
                items = stack.pop()
                items.append(nodes.get(key) or self._made(key))
            else:
                items.append(terms.get(token) or self._leaf(token))
        if stack or len(items) != 1:
            raise _GiveUp
        return items[0]

    def _stem_of(self, body: _Node, request: Type, environment: tuple[Type, ...], result: Type) -> _Stem:
        """The common part of programs that differ from this one only in the last argument of the body."""
        *parts, _ = body.parts
        before = "(lambda " * len(environment) + "(" + "".join([f"{part.text} " for part in parts])
        kind: Type | None = self._type_of_head(parts[0], environment)
        for _ in parts[1:]:
            kind = kind.arguments[1] if isinstance(kind, TypeConstructor) and kind.is_arrow else None
        closed = isinstance(kind, TypeConstructor) and kind.is_arrow and not kind.bound
        parameter = kind.arguments[0] if closed and isinstance(kind, TypeConstructor) else None
        after = ")" * (len(environment) + 1)
        return _Stem(before, after, tuple(parts), request, environment, parameter, result)

    def _completed(self, stem: _Stem, last: _Node, text: str) -> _Node | None:
        """The body of the program with the last argument ``last``."""
        key = (*stem.parts, last)
        node = self._nodes.get(key)
        if node is None:
            lambdas = len(stem.environment)
            text = text[len("(lambda ") * lambdas : len(text) - lambdas]
            node = self._made(key, text, keep=len(self._nodes) < BODIES_LIMIT)
        parameter = stem.parameter
        if parameter is not None and last.op != LAMBDA and self._type(last, stem.environment) is parameter:
            node.types[stem.environment] = stem.result
            return node
        return node if self._type(node, stem.environment) is stem.result else None

    def _leaf(self, token: str) -> _Node:
        if token == "lambda":
            node = self._lambda
        elif token[:1] == "$" and token[1:].isdecimal() and token.isascii():
            index = int(token[1:])
            node = _Node(VARIABLE, (), index, token, Code(VARIABLE, index=index))
        elif token in ("", "lam", "#", "#(") or token[0] in "$#" or not token.isprintable():
            raise _GiveUp
        else:
            try:
                code = self._interpreter.code_named(token)
            except CompileError:
                raise _GiveUp from None
            node = _Node(code.op if code.op in (CONSTANT, PRIMITIVE) else APPLY, (), token, token, code)
        self._terms[token] = node
        return node

    def _made(self, key: tuple[_Node, ...], text: str | None = None, keep: bool = True) -> _Node:
        """The subterm with these parts; ``text`` is its text if already known."""
        head, *rest = key
        if text is None:
            text = f"({' '.join([part.text for part in key])})"
        if head is self._lambda:
            if len(rest) != 1 or rest[0] is self._lambda:
                raise _GiveUp
            node = _Node(LAMBDA, (rest[0],), None, text)
        elif not rest or self._lambda in rest or (head.op in (APPLY, CALL) and head.parts):
            raise _GiveUp
        elif head.op != PRIMITIVE:
            node = _Node(APPLY, key, None, text)
        else:
            primitive = head.code.value
            if len(rest) > primitive.arity:
                raise _GiveUp
            node = _Node(CALL, key, primitive, text) if len(rest) == primitive.arity else _Node(APPLY, key, None, text)
        if node.height > _HEIGHT_LIMIT:
            raise _GiveUp
        node.kept = keep or node.op != CALL
        if node.kept:
            self._nodes[key] = self._terms[text] = node
        return node

    def _type(self, node: _Node, environment: tuple[Type, ...]) -> Type | None:
        """The type of a subterm; None unless a simple inference finds one without type variables."""
        try:
            return node.types[environment]
        except KeyError:
            found = node.types[environment] = self._inferred(node, environment)
            return found

    def _inferred(self, node: _Node, environment: tuple[Type, ...]) -> Type | None:
        if node.op == VARIABLE:
            known = environment[node.value] if node.value < len(environment) else None
        elif node.op in (CALL, APPLY) and node.parts:
            known = self._type_of_application(node.parts[0], node.parts[1:], environment)
        elif node.op == LAMBDA:
            return None
        else:
            known = self._type_of_name(node)
        return None if known is None or known.bound else known

    def _type_of_name(self, node: _Node) -> Type | None:
        known = self._types.get(node.value if isinstance(node.value, str) else "")
        if known is None and self._literal_type is not None:
            known = self._literal_type(node.value)
        return INT if known is None and INTEGER.fullmatch(node.value) else known

    def _type_of_head(self, head: _Node, environment: tuple[Type, ...]) -> Type | None:
        return self._type(head, environment) if head.op == VARIABLE or head.parts else self._type_of_name(head)

    def _type_of_application(
        self, head: _Node, arguments: Sequence[_Node], environment: tuple[Type, ...]
    ) -> Type | None:
        """The type of an application: arguments other than lambdas determine the type variables before lambdas do."""
        kind = self._type_of_head(head, environment)
        if kind is None:
            return None
        if not kind.bound:
            return self._type_without_variables(kind, arguments, environment)
        unifier = Unifier()
        kind = unifier.instantiate(kind)
        later: list[tuple[_Node, Type]] = []
        for argument in arguments:
            kind = unifier.resolve(kind)
            if not kind.is_arrow:
                return None
            assert isinstance(kind, TypeConstructor)
            parameter, kind = kind.arguments
            if argument.op == LAMBDA:
                later.append((argument, parameter))
                continue
            given = self._type_of_name(argument) if not argument.parts and argument.op != VARIABLE else None
            given = self._type(argument, environment) if given is None else unifier.instantiate(given)
            if given is None or not unifier.try_unify(parameter, given):
                return None
        for function, parameter in later:
            inner = environment
            parameter = unifier.apply(parameter)
            while function.op == LAMBDA and parameter.is_arrow:
                assert isinstance(parameter, TypeConstructor)
                domain, parameter = parameter.arguments
                if domain.bound:
                    return None
                inner, function = (domain, *inner), function.parts[0]
            given = self._type(function, inner)
            if given is None or not unifier.try_unify(parameter, given):
                return None
        return unifier.apply(kind)

    def _type_without_variables(
        self, kind: Type, arguments: Sequence[_Node], environment: tuple[Type, ...]
    ) -> Type | None:
        """The result type of a function of monomorphic type ``kind``; types are compared by identity."""
        for argument in arguments:
            if not kind.is_arrow:
                return None
            assert isinstance(kind, TypeConstructor)
            parameter, kind = kind.arguments
            inner = environment
            while argument.op == LAMBDA and parameter.is_arrow:
                assert isinstance(parameter, TypeConstructor)
                domain, parameter = parameter.arguments
                inner, argument = (domain, *inner), argument.parts[0]
            if argument.parts or argument.op == VARIABLE:
                given = self._type(argument, inner)
            else:
                given = self._type_of_name(argument)
            if given is not parameter and (given is None or not _fits(given, parameter)):
                return None
        return kind

    # --- running ---

    def run(self, body: _Node, place: Place) -> Any:
        """The view of the outcome of a program with this body in a place."""
        try:
            result = self._result(body, place)
        except _Changed:
            self.forget()
            return None
        except _GiveUp:
            return None
        if result.steps + len(place.inputs) > self._fuel or result.cells > self._size:
            return None
        given, views = result.given, place.views
        if given not in views:
            views[given] = place.view(self._outcome(given))
        return views[given]

    def _outcome(self, given: _Value) -> Outcome:
        if given.error is not None:
            return failure(given.error)
        try:
            check_result(given.value, self._size)
        except Stop as stop:
            return Outcome(stop.status, message=stop.message)
        return Outcome("ok", given.value)

    def _result(self, node: _Node, place: Place) -> _Result:
        if node.op == VARIABLE:
            found: _Result = place.inputs[node.value]
            return found
        if not node.kept:
            return self._call(node, place)
        results = place.results
        if node in results:
            known = results[node]
            if known is None:
                raise _GiveUp
            return known
        results[node] = None
        self._results += 1
        result = results[node] = self._call(node, place) if node.op == CALL else self._other(node, place)
        return result

    def _call(self, node: _Node, place: Place) -> _Result:
        """The result of a primitive with all its arguments, cached for equal arguments."""
        primitive: Primitive = node.value
        delayed = primitive.lazy | primitive.functional
        key: list[_Node | _Value | Place] = [node.parts[0], place] if delayed else [node.parts[0]]
        steps, size, deepest = 0, 0, 1
        for position, part in enumerate(node.parts[1:]):
            if position in delayed:
                key.append(part)
                continue
            result = self._result(part, place)
            steps += result.steps
            size += result.cells
            if result.deepest > deepest:
                deepest = result.deepest
            if result.given.error is not None:
                return _Result(result.given, steps, size, deepest)
            key.append(result.given)
        arguments = tuple(key)
        call = self._calls.get(arguments) or self._called(primitive, arguments, place)
        return _Result(call.given, steps + call.steps, size + call.cells, max(deepest, call.deepest))

    def _called(self, primitive: Primitive, key: tuple[Any, ...], place: Place) -> _Result:
        """The outcome and cost of a call that is not cached."""
        calls = self._calls
        if key in calls:
            raise _GiveUp
        calls[key] = None
        self._results += 1
        if primitive.lazy or primitive.functional:
            call = calls[key] = self._call_with_delayed(primitive, key[2:], place)
        else:
            call = calls[key] = self._call_with_values(primitive, key[1:])
        return call

    def _call_with_values(self, primitive: Primitive, arguments: Sequence[_Value]) -> _Result:
        """Call a primitive with values."""
        try:
            value = primitive.function(*[argument.value for argument in arguments])
        except (MemoryError, RecursionError) as error:
            if not error.args or isinstance(error, RecursionError):
                _check(arguments)
                raise _GiveUp from None
            return _Result(_failed(error, arguments), 1, 0, 1)
        except Exception as error:
            return _Result(_failed(error, arguments), 1, 0, 1)
        _check(arguments)
        return _Result(self._kept(value), 1, _most_cells(value), 1)

    def _call_with_delayed(self, primitive: Primitive, given: Sequence[Any], place: Place) -> _Result:
        """Call a primitive with functions or lazy arguments, which are given as subterms."""
        machine = _Machine(self._fuel, self._size)
        machine.nesting = machine.deepest = 1
        used: list[_Value] = []
        arguments: list[Any] = []
        for position, part in enumerate(given):
            if position in primitive.lazy:
                code = part.code if part.op != CALL else Code(SHARED, self._delayed(part, place, used))
                argument = machine.delay(code, place.environment)
                arguments.append(argument if type(argument) is Thunk else Thunk(machine, None, None, argument))
            elif position in primitive.functional:
                arguments.append(self._function(part, machine, place, used))
            else:
                used.append(part)
                arguments.append(part.value)

        def call() -> Any:
            return _forced(primitive.function(*arguments), machine, arguments)

        return self._guarded(call, machine, place, used, steps=1)

    def _delayed(self, node: _Node, place: Place, used: list[_Value]) -> Callable[[Machine, Environment], Any]:
        """A function that computes the value of a subterm when a machine needs it."""

        def value(machine: Machine, _: Environment) -> Any:
            try:
                result = self._result(node, place)
            except _Changed:
                raise
            except _GiveUp:
                raise Stop("error", "") from None
            return _charged(result, machine, used)

        return value

    def _function(self, node: _Node, machine: Machine, place: Place, used: list[_Value]) -> Any:
        """A function argument; if its body calls a primitive, the body runs once for equal arguments."""
        body = node.parts[0] if node.op == LAMBDA else node
        if body.op != CALL or body is node:
            return machine.delay(node.code, place.environment)

        def value(machine: Machine, environment: Environment) -> Any:
            assert environment is not None
            try:
                result = self._result(body, place.inside(self._copied(environment[0])))
            except _Changed:
                raise
            except _GiveUp:
                return machine.enter(body.code, environment, None, [])
            return _charged(result, machine, used)

        return Function(machine, Code(SHARED, value), place.environment)

    def _other(self, node: _Node, place: Place) -> _Result:
        """Run any other subterm on the interpreter's machine."""
        if node.op == CONSTANT:
            return _Result(self._kept(node.code.value), 0, 0, 1)
        if node.op != APPLY:
            raise _GiveUp
        machine = _Machine(self._fuel, self._size)
        return self._guarded(lambda: machine.enter(node.code, place.environment, None, []), machine, place, ())

    def _guarded(
        self, call: Callable[[], Any], machine: Machine, place: Place, used: Sequence[_Value], steps: int = 0
    ) -> _Result:
        """The result of a call that may have had access to inputs, constants and ``used`` values, with its cost."""
        error: Exception | None = None
        value, unusual = None, False
        try:
            value = call()
        except _Changed:
            raise
        except (Stop, RecursionError, _GiveUp):
            unusual = True
        except Exception as raised:
            error = raised
            unusual = isinstance(raised, MemoryError) and not raised.args
        _check(used)
        place.check()
        if self._interpreter.changed_constant() is not None:
            raise _Changed
        if unusual:
            raise _GiveUp
        given = self._kept(value) if error is None else _failed(error, ())
        return _Result(given, steps + self._fuel - machine.fuel, self._size - machine.size, machine.deepest)

    def _copied(self, value: Any) -> _Value:
        """A copy of a value for programs to share, since a primitive may still change the original."""
        if type(value) in _ATOMS:
            return self._kept(value)
        mark = fingerprint(value) if type(value) in _SEQUENCES else None
        if mark is None or not _is_plain(value):
            raise _GiveUp
        return self._values.get(mark) or self._kept(copy.deepcopy(value))

    def _kept(self, value: Any) -> _Value:
        """A value for programs to share: immutable, or with changes detected."""
        kind = type(value)
        mark: bytes | None = None
        key: Any = None
        if kind in _ATOMS:
            key = (kind, value)
        elif kind not in UNCHANGEABLE:
            mark = fingerprint(value) if kind in _CONTAINERS else None
            if mark is None:
                raise _GiveUp
            key = mark if kind in _SEQUENCES and _is_plain(value) else None
        known = self._values.get(key)
        if known is None:
            known = _Value(value, mark)
            self._bytes += 0 if mark is None else len(mark)
            if key is not None:
                self._values[key] = known
        return known


def _fits(given: Type, parameter: Type) -> bool:
    """Whether the monomorphic type ``parameter`` is an instance of the polymorphic type ``given``."""
    unifier = Unifier()
    return bool(given.bound) and unifier.try_unify(unifier.instantiate(given), parameter)


class _Machine(Machine):
    """A machine that counts an upper bound of cells: one shared object may be several objects without sharing."""

    __slots__ = ()

    def cells(self, value: Any, arguments: Sequence[Any]) -> int:
        """All cells of a value, even if it is an argument."""
        return _most_cells(value)


def _charged(result: _Result, machine: Machine, used: list[_Value]) -> Any:
    """The value of a result, charged to the machine that needs it; errors are raised."""
    machine.fuel -= result.steps
    machine.size -= result.cells
    machine.deepest = max(machine.deepest, machine.nesting + result.deepest - 1)
    if machine.fuel < 0 or machine.size < 0 or machine.deepest > NESTING_LIMIT:
        raise Stop("fuel", "")
    if result.given.error is not None:
        raise result.given.error
    used.append(result.given)
    return result.given.value


def _forced(value: Any, machine: Machine, arguments: Sequence[Any]) -> Any:
    """The value that a primitive returned, forced if it is a lazy argument, and charged to the machine."""
    machine.size -= machine.cells(value, arguments)
    return machine.enter(None, None, value, []) if type(value) is Thunk else value


def _most_cells(value: Any) -> int:
    """The cells that a value returned by a primitive counts if it is none of the arguments."""
    kind = type(value)
    if kind is int and not SMALLEST_INT <= value <= LARGEST_INT:
        raise _GiveUp
    return len(value) if kind in SIZED else 0


def _is_plain(value: Sequence[Any]) -> bool:
    """Whether the fingerprint is unique to the value: it ignores the order of sets and the types of bytes."""
    kinds = set(map(type, value))
    return kinds <= _PLAIN or (
        kinds <= _PLAIN | _SEQUENCES and all(_is_plain(part) for part in value if type(part) in _SEQUENCES)
    )


def _failed(error: Exception, used: Sequence[_Value]) -> _Value:
    _check(used)
    # The error's traceback would keep values alive.
    error.__traceback__ = error.__context__ = error.__cause__ = None
    return _Value(None, error=error)


class _Changed(_GiveUp):
    """A shared value has changed, so that nothing shared is reliable."""


def _check(values: Iterable[_Value]) -> None:
    for each in values:
        if each.mark is not None and fingerprint(each.value) != each.mark:
            raise _Changed
