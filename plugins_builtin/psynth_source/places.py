"""The places of a Python syntax tree that an edit may change: expressions, and lists of statements."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from psynth.core.python_source import is_number

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
FIXED = (*FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal)
"""Statements that are neither moved, copied nor removed."""
ENDS = (ast.Return, ast.Raise, ast.Break, ast.Continue)
"""Statements after which a block is left."""


@dataclass(frozen=True)
class Place:
    """An expression where it stands: ``function`` is the name path of the function around it, empty at the top.

    ``whole`` says that a fraction may be wrong there, as in a subscript.
    """

    owner: ast.AST
    field: str
    index: int | None
    function: str
    whole: bool

    @property
    def node(self) -> ast.expr:
        """The expression that stands there."""
        value = getattr(self.owner, self.field)
        found: ast.expr = value if self.index is None else value[self.index]
        return found

    def put(self, node: ast.expr) -> None:
        """Replace the expression."""
        if self.index is None:
            setattr(self.owner, self.field, node)
        else:
            getattr(self.owner, self.field)[self.index] = node


@dataclass(frozen=True)
class Block:
    """A list of statements inside a function; ``loop`` says whether a loop of that function is around it."""

    statements: list[ast.stmt]
    function: str
    loop: bool
    body: bool
    """Whether it is the body of the function itself."""

    def removable(self) -> list[int]:
        """The positions of statements that may be moved or removed."""
        return [number for number, each in enumerate(self.statements) if is_free(each, number, self)]

    def gaps(self) -> range:
        """The positions at which a statement may be inserted: not before a docstring, nor where nothing arrives."""
        first = int(self.body and is_docstring(self.statements[0]))
        return range(first, len(self.statements) + (not isinstance(self.statements[-1], ENDS)))


def is_docstring(statement: ast.stmt) -> bool:
    """Whether a statement is only a string."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def is_free(statement: ast.stmt, number: int, block: Block) -> bool:
    """Whether a statement may be moved or removed: no definition, docstring or last return of a function."""
    last = number == len(block.statements) - 1
    fixed = any(isinstance(each, FIXED) for each in ast.walk(statement))
    return not (fixed or is_docstring(statement) or (block.body and last and isinstance(statement, ast.Return)))


@dataclass(frozen=True)
class Places:
    """All places of a tree, in the order of its text."""

    expressions: list[Place]
    blocks: list[Block]

    @classmethod
    def of(cls, tree: ast.Module) -> Places:
        """The places of a module; RecursionError if it is nested too deeply."""
        found = cls([], [])
        for statement in tree.body:
            found._statement(statement, "", False)
        return found

    def _block(self, statements: list[ast.stmt], function: str, loop: bool, body: bool = False) -> None:
        if statements:
            if function:
                self.blocks.append(Block(statements, function, loop, body))
            for each in statements:
                self._statement(each, function, loop)

    def _statement(self, statement: ast.stmt, function: str, loop: bool) -> None:
        if isinstance(statement, FUNCTIONS):
            self._block(statement.body, f"{function}.{statement.name}".lstrip("."), False, True)
        elif isinstance(statement, ast.ClassDef):
            for each in statement.body:
                if isinstance(each, FUNCTIONS):
                    self._statement(each, f"{function}.{statement.name}".lstrip("."), False)
        elif not isinstance(statement, FIXED) and not is_docstring(statement):
            inside = loop or isinstance(statement, ast.For | ast.AsyncFor | ast.While)
            self._fields(statement, function, False, inside)

    def _fields(self, node: ast.AST, function: str, whole: bool, loop: bool) -> None:
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "type_comment", "format_spec", "type"):
                continue
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                self._block(value, function, loop and name != "orelse")
                continue
            for index, child in enumerate(value) if isinstance(value, list) else ((None, value),):
                if isinstance(child, ast.AST):
                    self._child(Place(node, name, index, function, whole or _wants_whole(node, name)), child, loop)

    def _child(self, place: Place, child: ast.AST, loop: bool) -> None:
        if isinstance(child, ast.pattern | ast.arguments | ast.JoinedStr | ast.expr_context | ast.operator):
            return
        if isinstance(child, ast.expr) and _may_change(place, child):
            self.expressions.append(place)
        self._fields(child, place.function, place.whole, loop)


def _may_change(place: Place, child: ast.expr) -> bool:
    if not isinstance(getattr(child, "ctx", None) or ast.Load(), ast.Load) or isinstance(child, ast.Starred):
        return False
    if isinstance(child, ast.Slice) or (isinstance(place.owner, ast.Call) and place.field == "func"):
        return False
    if isinstance(place.owner, ast.Delete | ast.YieldFrom | ast.Await):
        return False
    if place.field == "operand" and is_number(place.owner):
        return False  # a number and its sign are one
    # What a method is called on or an element assigned to is of a type that a replacement seldom has.
    assigned = isinstance(place.owner, ast.Subscript) and isinstance(place.owner.ctx, ast.Store)
    return not (place.field == "value" and (assigned or isinstance(place.owner, ast.Attribute)))


def _wants_whole(owner: ast.AST, field: str) -> bool:
    if isinstance(owner, ast.Call):
        return not (isinstance(owner.func, ast.Name) and owner.func.id in ("abs", "min", "max", "sum", "float"))
    if isinstance(owner, ast.BinOp | ast.AugAssign):
        return isinstance(owner.op, ast.BitAnd | ast.BitOr | ast.BitXor | ast.LShift | ast.RShift)
    return isinstance(owner, ast.Slice) or (isinstance(owner, ast.Subscript) and field == "slice")


def size_of(tree: ast.AST) -> int:
    """The statements and expressions of a tree."""
    return sum(isinstance(each, ast.stmt | ast.expr) for each in ast.walk(tree))


def names_in(node: ast.AST) -> Iterator[str]:
    """The names that an expression or statement uses."""
    return (each.id for each in ast.walk(node) if isinstance(each, ast.Name))
