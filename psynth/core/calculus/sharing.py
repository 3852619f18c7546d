"""Runs many programs on the same inputs fast: equal subterms are parsed, typed and run once.

The semantics is that of ``interpreter``. This module is a shortcut for most programs and gives up (returns None) on all
others: unusual programs, programs that might be ill typed or exhaust a budget, and values that could change unnoticed.
Sharing affects only the time, never a result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from psynth.core.calculus.inference import INT, INTEGER, LiteralType
from psynth.core.calculus.interpreter import (
    APPLY,
    CALL,
    CHANGEABLE,
    CONSTANT,
    LAMBDA,
    NESTING_LIMIT,
    PRIMITIVE,
    SHARED,
    UNCHANGEABLE,
    VARIABLE,
    Code,
    CompileError,
    Environment,
    Interpreter,
    Machine,
    Outcome,
    Primitive,
    Stop,
    Thunk,
    cells,
    check_result,
    failure,
    fingerprint,
)
from psynth.core.calculus.types import Type, TypeConstructor
from psynth.core.calculus.unification import Unifier

NODES_LIMIT: Final = 100_000
"""Maximum number of distinct subterms kept before everything is discarded."""
RESULTS_LIMIT: Final = 300_000
"""Maximum number of results of subterms kept before everything is discarded."""
BYTES_LIMIT: Final = 64 << 20
"""Maximum total bytes of the fingerprints of kept values."""
_HEIGHT_LIMIT: Final = 60
_CONTAINERS: Final = CHANGEABLE | {frozenset}


class _Node:
    """A subterm: an instruction and its parts; ``types`` caches its type in each environment."""

    __slots__ = ("code", "height", "op", "parts", "types", "value")

    def __init__(self, op: int, parts: tuple[_Node, ...], value: Any, code: Code) -> None:
        self.op, self.parts, self.value, self.code = op, parts, value, code
        height = 0
        for part in parts:
            if part.height > height:
                height = part.height
        self.height: int = height + 1
        self.types: dict[tuple[Type, ...], Type | None] = {}


class _Result:
    """The result of a subterm: a value or an error, with its steps and cells; ``mark`` is the value's fingerprint."""

    __slots__ = ("cells", "deepest", "error", "mark", "steps", "value")

    def __init__(
        self,
        value: Any,
        steps: int = 0,
        cells: int = 0,
        mark: bytes | None = None,
        error: Exception | None = None,
        deepest: int = 1,
    ) -> None:
        self.value, self.steps, self.cells = value, steps, cells
        self.mark, self.error, self.deepest = mark, error, deepest


class _GiveUp(BaseException):
    """The shortcut does not apply."""


class Place:
    """Inputs, and the results of subterms on them."""

    __slots__ = ("environment", "inputs", "results")

    def __init__(self, inputs: Sequence[Any]) -> None:
        environment: Environment = None
        for value in inputs:
            environment = (value, environment)
        self.environment = environment
        self.inputs: list[_Result] = [_shared(value, 0, 0, 1) for value in reversed(inputs)]
        self.results: dict[_Node, _Result | None] = {}

    def check(self) -> None:
        """Raise ``_Changed`` if an input has changed."""
        _check(self.inputs)


class Sharing:
    """The shortcut for programs of one interpreter; ``types`` are those of its names."""

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
        self._leaves: dict[str, _Node | None] = {}
        self._nodes: dict[tuple[_Node, ...], _Node] = {}
        self._lambda = _Node(LAMBDA, (), None, Code(LAMBDA))
        self._results = self._bytes = 0
        self.generation = 0
        """Incremented when everything is discarded, which invalidates all earlier ``Place`` objects."""

    def forget(self) -> None:
        """Discard everything that is shared."""
        self._leaves, self._nodes = {}, {}
        self._results = self._bytes = 0
        self._interpreter.renew_constants()
        self.generation += 1

    def full(self) -> bool:
        """Whether a limit on shared data is exceeded."""
        return len(self._nodes) > NODES_LIMIT or self._results > RESULTS_LIMIT or self._bytes > BYTES_LIMIT

    # --- reading and typing ---

    def read(self, text: str, request: Type) -> _Node | None:
        """The body of a program that is a lambda for each parameter of ``request`` and has that type."""
        stack: list[list[_Node]] = []
        items: list[_Node] = []
        leaves, nodes = self._leaves, self._nodes
        try:
            for token in text.replace("(", "( ").replace(")", " )").split(" "):
                if token == "(":
                    stack.append(items)
                    items = []
                elif token == ")":
                    key = tuple(items)
                    items = stack.pop()
                    items.append(nodes.get(key) or self._made(key))
                else:
                    items.append(leaves.get(token) or self._leaf(token))
        except (_GiveUp, IndexError):
            return None
        if stack or len(items) != 1:
            return None
        [node] = items
        environment: tuple[Type, ...] = ()
        while node.op == LAMBDA and node.parts and request.is_arrow:
            assert isinstance(request, TypeConstructor)
            environment = (request.arguments[0], *environment)
            request, node = request.arguments[1], node.parts[0]
        if request.is_arrow or request.bound or node.height > _HEIGHT_LIMIT:
            return None
        return node if self._type(node, environment) is request else None

    def _leaf(self, token: str) -> _Node:
        if token == "lambda":
            node = self._lambda
        elif token[:1] == "$" and token[1:].isdecimal() and token.isascii():
            index = int(token[1:])
            node = _Node(VARIABLE, (), index, Code(VARIABLE, index=index))
        elif token in ("", "lam", "#", "#(") or token[0] in "$#" or not token.isprintable():
            raise _GiveUp
        else:
            try:
                code = self._interpreter.code_named(token)
            except CompileError:
                raise _GiveUp from None
            node = _Node(code.op if code.op in (CONSTANT, PRIMITIVE) else APPLY, (), token, code)
        self._leaves[token] = node
        return node

    def _made(self, key: tuple[_Node, ...]) -> _Node:
        head, *rest = key
        if head is self._lambda:
            if len(rest) != 1 or rest[0] is self._lambda:
                raise _GiveUp
            node = _Node(LAMBDA, (rest[0],), None, Code(LAMBDA, parts=(rest[0].code,)))
        elif not rest or self._lambda in rest or (head.op in (APPLY, CALL) and head.parts):
            raise _GiveUp
        else:
            codes = tuple([part.code for part in rest])
            primitive = head.code.value
            if head.op == PRIMITIVE and len(rest) == primitive.arity:
                node = _Node(CALL, key, primitive, Code(CALL, primitive, parts=codes))
            elif head.op == PRIMITIVE and len(rest) > primitive.arity:
                raise _GiveUp
            else:
                node = _Node(APPLY, key, None, Code(APPLY, parts=(head.code, *codes)))
        self._nodes[key] = node
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

    def _type_of_application(
        self, head: _Node, arguments: Sequence[_Node], environment: tuple[Type, ...]
    ) -> Type | None:
        """Type the arguments that are not lambdas, which determines type variables, then the bodies of lambdas."""
        kind = self._type(head, environment) if head.op == VARIABLE or head.parts else self._type_of_name(head)
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
        """The result type of a function of monomorphic type ``kind``, where types are compared by identity."""
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

    def run(self, body: _Node, place: Place) -> Outcome | None:
        """The outcome of a program with this body in a place."""
        try:
            result = self._result(body, place)
        except _Changed:
            self.forget()
            return None
        except _GiveUp:
            return None
        if result.steps + len(place.inputs) > self._fuel or result.cells > self._size:
            return None
        if result.error is not None:
            return failure(result.error)
        try:
            check_result(result.value, self._size)
        except Stop as stop:
            return Outcome(stop.status, message=stop.message)
        return Outcome("ok", result.value)

    def _result(self, node: _Node, place: Place) -> _Result:
        if node.op == VARIABLE:
            found: _Result = place.inputs[node.value]
            return found
        results = place.results
        if node in results:
            known = results[node]
            if known is None:
                raise _GiveUp
            return known
        results[node] = None
        self._results += 1
        result = results[node] = self._call(node, place) if node.op == CALL else self._other(node, place)
        if result.mark is not None:
            self._bytes += len(result.mark)
        return result

    def _call(self, node: _Node, place: Place) -> _Result:
        """Call a saturated primitive."""
        primitive: Primitive = node.value
        if primitive.lazy or primitive.functional:
            return self._call_with_delayed(node, place, primitive)
        steps, size, deepest = 1, 0, 1
        given: list[_Result] = []
        for part in node.parts[1:]:
            result = self._result(part, place)
            steps += result.steps
            size += result.cells
            if result.error is not None:
                return _Result(None, steps - 1, size, error=result.error, deepest=deepest)
            deepest = max(deepest, result.deepest)
            given.append(result)
        values = [result.value for result in given]
        try:
            value = primitive.function(*values)
        except (MemoryError, RecursionError) as error:
            if not error.args or isinstance(error, RecursionError):
                _check(given)
                raise _GiveUp from None
            return _failed(error, given, steps, size, deepest)
        except Exception as error:
            return _failed(error, given, steps, size, deepest)
        _check(given)
        return _shared(value, steps, size + _cells(value, values), deepest)

    def _call_with_delayed(self, node: _Node, place: Place, primitive: Primitive) -> _Result:
        """Call a primitive with functional or lazy arguments."""
        machine = Machine(self._fuel, self._size)
        machine.nesting = machine.deepest = 1
        steps, size, deepest = 1, 0, 1
        given: list[_Result] = []
        arguments: list[Any] = []
        for position, part in enumerate(node.parts[1:]):
            if position in primitive.lazy:
                code = part.code if part.op != CALL else Code(SHARED, self._delayed(part, place, given))
                argument = machine.delay(code, place.environment)
                arguments.append(argument if type(argument) is Thunk else Thunk(machine, None, None, argument))
            elif position in primitive.functional:
                arguments.append(machine.delay(part.code, place.environment))
            else:
                result = self._result(part, place)
                steps, size = steps + result.steps, size + result.cells
                if result.error is not None:
                    return _Result(None, steps - 1, size, error=result.error, deepest=deepest)
                deepest = max(deepest, result.deepest)
                given.append(result)
                arguments.append(result.value)

        def call() -> Any:
            return _forced(primitive.function(*arguments), machine, arguments)

        error, value = self._guarded(call, place, given)
        steps += self._fuel - machine.fuel
        size += self._size - machine.size
        deepest = max(deepest, machine.deepest)
        if error is not None:
            return _failed(error, [], steps, size, deepest)
        return _shared(value, steps, size, deepest)

    def _delayed(self, node: _Node, place: Place, used: list[_Result]) -> Callable[[Machine], Any]:
        """A function that computes the value of a subterm and charges a machine for it."""

        def value(machine: Machine) -> Any:
            try:
                result = self._result(node, place)
            except _GiveUp:
                raise Stop("error", "") from None
            machine.fuel -= result.steps
            machine.size -= result.cells
            machine.deepest = max(machine.deepest, machine.nesting + result.deepest - 1)
            if machine.fuel < 0 or machine.size < 0 or machine.deepest > NESTING_LIMIT:
                raise Stop("fuel", "")
            if result.error is not None:
                raise result.error
            used.append(result)
            return result.value

        return value

    def _other(self, node: _Node, place: Place) -> _Result:
        """Run any other subterm on the interpreter's machine."""
        if node.op == CONSTANT:
            return _shared(node.code.value, 0, 0, 1)
        if node.op != APPLY:
            raise _GiveUp
        machine = Machine(self._fuel, self._size)
        error, value = self._guarded(lambda: machine.enter(node.code, place.environment, None, []), place, ())
        steps, size = self._fuel - machine.fuel, self._size - machine.size
        if error is not None:
            return _failed(error, [], steps, size, machine.deepest)
        return _shared(value, steps, size, machine.deepest)

    def _guarded(self, call: Callable[[], Any], place: Place, given: Sequence[_Result]) -> tuple[Exception | None, Any]:
        """The error or value of a call that had access to inputs, constants and the ``given`` results."""
        error: Exception | None = None
        value, unusual = None, False
        try:
            value = call()
        except (Stop, RecursionError, _GiveUp):
            unusual = True
        except Exception as raised:
            error = raised
            unusual = isinstance(raised, MemoryError) and not raised.args
        _check(given)
        place.check()
        if self._interpreter.changed_constant() is not None:
            raise _Changed
        if unusual:
            raise _GiveUp
        return error, value


def _fits(given: Type, parameter: Type) -> bool:
    """Whether the monomorphic type ``parameter`` is an instance of the polymorphic type ``given``."""
    unifier = Unifier()
    return bool(given.bound) and unifier.try_unify(unifier.instantiate(given), parameter)


def _forced(value: Any, machine: Machine, arguments: Sequence[Any]) -> Any:
    """The result of a primitive, evaluated if it is a lazy argument; the machine is charged for its cells."""
    machine.size -= _cells(value, arguments)
    return machine.enter(None, None, value, []) if type(value) is Thunk else value


def _cells(value: Any, arguments: Sequence[Any]) -> int:
    try:
        return cells(value, arguments)
    except Stop:
        raise _GiveUp from None


def _shared(value: Any, steps: int, size: int, deepest: int) -> _Result:
    """A result that programs may share: its value is immutable or has a fingerprint that reveals a change."""
    kind = type(value)
    if kind in UNCHANGEABLE:
        return _Result(value, steps, size, None, None, deepest)
    mark = fingerprint(value) if kind in _CONTAINERS else None
    if mark is None:
        raise _GiveUp
    return _Result(value, steps, size, mark, None, deepest)


def _failed(error: Exception, given: Sequence[_Result], steps: int, size: int, deepest: int) -> _Result:
    _check(given)
    # The frames in the traceback would keep values alive.
    error.__traceback__ = error.__context__ = error.__cause__ = None
    return _Result(None, steps, size, None, error, deepest)


class _Changed(_GiveUp):
    """A shared value has changed, so that nothing shared is reliable."""


def _check(results: Sequence[_Result]) -> None:
    for result in results:
        if result.mark is not None and fingerprint(result.value) != result.mark:
            raise _Changed
