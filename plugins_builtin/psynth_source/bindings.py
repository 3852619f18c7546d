"""Which names a Python program may use before they are bound, by definite assignment."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SCOPES = (*FUNCTIONS, ast.ClassDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
PREDEFINED = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__"}

Use = tuple[str, str]
"""The name path of a function, empty for the module, and a name that it uses."""


@dataclass
class Bindings:
    """What was found of a module.

    ``never``: names that nothing binds where they are used; ``maybe``: those that something binds on some ways there
    only; ``open_ended``: functions whose end may be reached without a return; ``generators``: functions that yield.
    """

    never: set[Use] = field(default_factory=set)
    maybe: set[Use] = field(default_factory=set)
    open_ended: set[str] = field(default_factory=set)
    generators: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, tree: ast.Module) -> Bindings:
        """The bindings of a module; RecursionError if it is nested too deeply."""
        found = cls()
        names = frozenset(bound_in(tree.body))
        _Scope(found, "", names, (), names).run(tree.body, _State(set(), set()))
        return found

    def keep(self, other: Bindings) -> bool:
        """Whether a variant of the program with the bindings ``other`` is no worse bound, and ends as this one does."""
        sound = other.never <= self.never and other.maybe <= self.maybe | self.never
        return sound and other.open_ended <= self.open_ended and other.generators == self.generators


@dataclass
class _State:
    """Names that are bound on every way to a point, and on some way."""

    must: set[str]
    may: set[str]

    def copy(self) -> _State:
        return _State(set(self.must), set(self.may))

    def bind(self, *names: str) -> None:
        self.must.update(names)
        self.may.update(names)


def _joined(*states: _State | None) -> _State | None:
    """The state where several ways meet; None: no way leads there."""
    arriving = [each for each in states if each is not None]
    if not arriving:
        return None
    must = set.intersection(*(each.must for each in arriving))
    return _State(must, set[str]().union(*(each.may for each in arriving)))


LEAVES = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
"""Nodes that have no children and no meaning here; half of all nodes are such."""


def _children(node: ast.AST) -> Iterator[ast.AST]:
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            yield from (each for each in value if isinstance(each, ast.AST) and not isinstance(each, LEAVES))
        elif isinstance(value, ast.AST) and not isinstance(value, LEAVES):
            yield value


def _own(nodes: Iterable[ast.AST]) -> list[ast.AST]:
    """The nodes of one scope: without what stands in inner functions, classes and, but for :=, comprehensions."""
    found: list[ast.AST] = []
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        found.append(node)
        if isinstance(node, COMPREHENSIONS):
            found += [each.target for each in ast.walk(node) if isinstance(each, ast.NamedExpr)]
        elif not isinstance(node, SCOPES):
            waiting += _children(node)
    return found


def bound_in(statements: Sequence[ast.AST]) -> Iterator[str]:
    """The names that statements bind in their own scope."""
    for node in _own(statements):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest


def parameters(arguments: ast.arguments) -> list[str]:
    """The names of all parameters."""
    several = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return [each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *several)]


def _deleted(statements: Sequence[ast.AST]) -> set[str]:
    return {each.id for each in _own(statements) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Del)}


@dataclass
class _Scope:
    """The walk through one function, class or the module, in the order in which it runs."""

    found: Bindings
    path: str
    local: frozenset[str]
    outer: tuple[frozenset[str], ...]
    module: frozenset[str]
    free: set[str] = field(default_factory=set)
    """The names of outer functions that it uses."""
    _breaks: list[list[_State]] = field(default_factory=list)
    _inner: list[set[str]] = field(default_factory=list)

    def run(self, statements: Sequence[ast.stmt], state: _State | None) -> _State | None:
        """The state after statements; None if their end is not reached."""
        for each in statements:
            if state is None:
                return None
            state = self._statement(each, state)
        return state

    # ---- statements ------------------------------------------------------------------------------------------------

    def _statement(self, node: ast.stmt, state: _State) -> _State | None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._expressions([*node.decorator_list, node.args, node.returns], state)
                self._function(node, state)
                state.bind(node.name)
            case ast.ClassDef():
                self._expressions([*node.decorator_list, *node.bases, *node.keywords], state)
                self._class(node, state)
                state.bind(node.name)
            case ast.If():
                self._expressions([node.test], state)
                return _joined(self.run(node.body, state.copy()), self.run(node.orelse, state.copy()))
            case ast.For() | ast.AsyncFor() | ast.While():
                return self._loop(node, state)
            case ast.Try() | ast.TryStar():
                return self._try(node, state)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    self._expressions([item.context_expr], state)
                    self._target(item.optional_vars, state)
                return self.run(node.body, state)
            case ast.Match():
                return self._match(node, state)
            case ast.Return() | ast.Raise():
                self._expressions(_children(node), state)
                return None
            case ast.Break():
                if self._breaks:
                    self._breaks[-1].append(state)
                return None
            case ast.Continue():
                return None
            case ast.Assign():
                self._expressions([node.value], state)
                for target in node.targets:
                    self._target(target, state)
            case ast.AugAssign():
                self._expressions([node.value], state)
                if isinstance(node.target, ast.Name):
                    self._use(node.target.id, state)
                self._target(node.target, state)
            case ast.AnnAssign():
                self._expressions([node.value], state)
                if node.value is not None:
                    self._target(node.target, state)
            case ast.Delete():
                for target in node.targets:
                    self._delete(target, state)
            case ast.Import() | ast.ImportFrom():
                state.bind(*bound_in([node]))
            case _:
                self._expressions(_children(node), state)
        return state

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, state: _State) -> _State | None:
        again = state.copy()
        again.must -= _deleted(node.body)
        again.may |= set(bound_in(node.body))
        endless = False
        if isinstance(node, ast.While):
            self._expressions([node.test], again)
            endless = isinstance(node.test, ast.Constant) and bool(node.test.value)
            body = again.copy()
        else:
            self._expressions([node.iter], state)
            body = again.copy()
            self._target(node.target, body)
            again.may |= body.may
        self._breaks.append([])
        self.run(node.body, body)
        left = self._breaks.pop()
        return _joined(None if endless else self.run(node.orelse, again), *left)

    def _try(self, node: ast.Try | ast.TryStar, state: _State) -> _State | None:
        failed = state.copy()
        failed.must -= _deleted(node.body)
        failed.may |= set(bound_in(node.body))
        ways = [self.run(node.orelse, self.run(node.body, state.copy()))]
        for handler in node.handlers:
            caught = failed.copy()
            self._expressions([handler.type], caught)
            if handler.name:
                caught.bind(handler.name)
            after = self.run(handler.body, caught)
            if after is not None and handler.name:
                after.must.discard(handler.name)
            ways.append(after)
        whole = [*node.body, *node.handlers, *node.orelse]
        anywhere = _State(state.must - _deleted(whole), state.may | set(bound_in(whole)))
        ended = self.run(node.finalbody, anywhere)
        joined = _joined(*ways)
        return None if joined is None or ended is None else self.run(node.finalbody, joined)

    def _match(self, node: ast.Match, state: _State) -> _State | None:
        self._expressions([node.subject], state)
        ways: list[_State | None] = []
        catch_all = False
        for case in node.cases:
            inside = state.copy()
            self._expressions([each for each in ast.walk(case.pattern) if isinstance(each, ast.expr)], inside)
            inside.bind(*bound_in([case.pattern]))
            self._expressions([case.guard], inside)
            ways.append(self.run(case.body, inside))
            plain = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
            catch_all = catch_all or (plain and case.guard is None)
        return _joined(*ways, None if catch_all else state)

    def _target(self, node: ast.AST | None, state: _State) -> None:
        match node:
            case ast.Name():
                state.bind(node.id)
            case ast.Tuple() | ast.List():
                for each in node.elts:
                    self._target(each, state)
            case ast.Starred():
                self._target(node.value, state)
            case ast.Attribute() | ast.Subscript():
                self._expressions(_children(node), state)

    def _delete(self, node: ast.expr, state: _State) -> None:
        if isinstance(node, ast.Name):
            self._use(node.id, state)
            state.must.discard(node.id)
            state.may.discard(node.id)
        else:
            self._expressions(_children(node), state)

    # ---- inner scopes ----------------------------------------------------------------------------------------------

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, state: _State) -> None:
        path = f"{self.path}.{node.name}".lstrip(".")
        end = self._scope(path, node.body, parameters(node.args), state, name=node.name)
        if end is not None:
            self.found.open_ended.add(path)
        if any(isinstance(each, ast.Yield | ast.YieldFrom) for each in _own(node.body)):
            self.found.generators.add(path)

    def _class(self, node: ast.ClassDef, state: _State) -> None:
        # What a class binds is not seen by its methods; within its body it is taken to be bound.
        bound = list(bound_in(node.body))
        inner = _Scope(self.found, f"{self.path}.{node.name}".lstrip("."), frozenset(), self._around(), self.module)
        inner._inner.append(set(bound))
        inner.run(node.body, _State(set(), set()))
        self._use_all(inner.free, state)

    def _scope(
        self, path: str, body: Sequence[ast.stmt], bound: list[str], state: _State, name: str = ""
    ) -> _State | None:
        elsewhere = {each for node in _own(body) if isinstance(node, ast.Global | ast.Nonlocal) for each in node.names}
        local = frozenset({*bound, *bound_in(body)} - elsewhere)
        inner = _Scope(self.found, path, local, self._around(), self.module)
        end = inner.run(body, _State(set(bound), set(bound)))
        self._use_all(inner.free - {name}, state)
        return end

    def _around(self) -> tuple[frozenset[str], ...]:
        inner = frozenset[str]().union(*self._inner)
        return (*self.outer, self.local, inner) if self.path else (*self.outer, inner)

    def _use_all(self, names: Iterable[str], state: _State) -> None:
        for name in names:
            self._use(name, state)

    # ---- expressions -----------------------------------------------------------------------------------------------

    def _expressions(self, nodes: Iterable[ast.AST | None], state: _State) -> None:
        for node in nodes:
            if node is not None:
                self._expression(node, state)

    def _expression(self, node: ast.AST, state: _State) -> None:
        match node:
            case ast.Name():
                if isinstance(node.ctx, ast.Load):
                    self._use(node.id, state)
            case ast.NamedExpr():
                self._expression(node.value, state)
                state.bind(node.target.id)
            case ast.Lambda():
                self._expression(node.args, state)
                self._scope(f"{self.path}.<lambda>".lstrip("."), [ast.Expr(node.body)], parameters(node.args), state)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self._comprehension(node, state)
            case ast.BoolOp() | ast.IfExp():
                # A := in a part that may be skipped binds its name on some ways only.
                first, *rest = [node.test, node.body, node.orelse] if isinstance(node, ast.IfExp) else node.values
                self._expression(first, state)
                for each in rest:
                    way = state.copy()
                    self._expression(each, way)
                    state.may |= way.may
            case _:
                self._expressions(_children(node), state)

    def _comprehension(self, node: ast.AST, state: _State) -> None:
        generators: list[ast.comprehension] = getattr(node, "generators", [])
        inside = state.copy()
        self._inner.append(set())
        for each in generators:
            self._expression(each.iter, inside)
            self._inner[-1] |= {name.id for name in ast.walk(each.target) if isinstance(name, ast.Name)}
            self._expressions(each.ifs, inside)
        values = [child for child in _children(node) if not isinstance(child, ast.comprehension)]
        self._expressions(values, inside)
        self._inner.pop()
        state.may |= inside.may

    def _use(self, name: str, state: _State) -> None:
        if any(name in each for each in self._inner):
            return
        if name in self.local:
            if name not in state.may:
                self.found.never.add((self.path, name))
            elif name not in state.must:
                self.found.maybe.add((self.path, name))
        elif any(name in each for each in self.outer):
            self.free.add(name)
        elif name not in self.module and name not in PREDEFINED:
            self.found.never.add((self.path, name))
