"""The kinds of expressions of a Python program as far as its text tells: int, float, bool, str, list[int] and so on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from psynth_source.bindings import FUNCTIONS, parameters

Kind = str | None
"""A type such as ``int`` or ``list[float]``; ``list`` is one of elements of unknown kind, None an unknown type."""

PASSES = 3
"""Rounds over all assignments: enough for chains of as many variables."""
_RESULTS: dict[str, str] = {
    **dict.fromkeys(("len", "ord", "hash", "id", "int"), "int"),
    **dict.fromkeys(("float",), "float"),
    **dict.fromkeys(("str", "chr", "repr", "hex", "bin", "input", "format"), "str"),
    **dict.fromkeys(("bool", "isinstance", "all", "any", "callable", "hasattr"), "bool"),
    "range": "range",
    "dict": "dict",
    "set": "set",
    "tuple": "tuple",
    "divmod": "tuple",
}
_METHODS: dict[str, str] = {
    **dict.fromkeys(("count", "index", "find", "rfind", "bit_length", "toordinal"), "int"),
    **dict.fromkeys(
        ("upper", "lower", "strip", "lstrip", "rstrip", "replace", "join", "format", "title", "zfill", "capitalize"),
        "str",
    ),
    **dict.fromkeys(("split", "splitlines", "rsplit"), "list[str]"),
    **dict.fromkeys(
        ("startswith", "endswith", "isdigit", "isalpha", "isupper", "islower", "isalnum", "isspace", "is_integer"),
        "bool",
    ),
}
_WHOLE = {"floor", "ceil", "gcd", "lcm", "isqrt", "comb", "perm", "factorial"}
"""Functions of the module ``math`` whose results are integers; those of all others are floats."""
_MODULE = {"math": "float"}


def joined(first: Kind, second: Kind) -> Kind:
    """The kind of what is of either kind; None if there is none."""
    if first == second:
        return first
    both = {first, second}
    if both <= {"int", "float", "bool"}:
        return "float" if "float" in both else "int"
    if first and second and first.startswith("list") and second.startswith("list"):
        return "list" if "list" not in both else max(first, second, key=len)
    return None


def fits(kind: Kind, wanted: Kind) -> bool:
    """Whether an expression of one kind may stand for one of another."""
    if kind == wanted:
        return True
    if kind is None or wanted is None:
        return False
    lists = kind.startswith("list") and wanted.startswith("list")
    return (kind, wanted) == ("int", "float") or (lists and "list" in (kind, wanted))


def element_of(kind: Kind) -> Kind:
    """The kind of the elements of a list, the characters of a string, the numbers of a range."""
    if kind in ("str", "range"):
        return "str" if kind == "str" else "int"
    found = re.fullmatch(r"list\[(.+)\]", kind or "")
    return found[1] if found else None


def list_of(kind: Kind) -> str:
    """The kind of a list of elements of a kind."""
    return "list" if kind is None else f"list[{kind}]"


class Kinds:
    """The kinds of the variables and expressions of a module."""

    def __init__(self, tree: ast.Module) -> None:
        self._names: dict[tuple[str, str], str] = {}
        self._clashing: set[tuple[str, str]] = set()
        self._results: dict[str, Kind] = {}
        self.names: dict[str, list[str]] = {"": []}
        """The variables of each function, by its name path; those of the module under the empty path."""
        for _ in range(PASSES):
            self._body(tree.body, "")

    def of(self, node: ast.expr | None, function: str) -> Kind:
        """The kind of an expression in a function."""
        match node:
            case ast.Constant():
                name = type(node.value).__name__
                return name if name in ("int", "float", "bool", "str") else None
            case ast.Name():
                return self.of_name(node.id, function)
            case ast.JoinedStr():
                return "str"
            case ast.Compare():
                return "bool"
            case ast.BoolOp():
                return joined(self.of(node.values[0], function), self.of(node.values[-1], function))
            case ast.UnaryOp():
                inner = self.of(node.operand, function)
                return "bool" if isinstance(node.op, ast.Not) else ("int" if inner == "bool" else inner)
            case ast.BinOp():
                return _result(node.op, self.of(node.left, function), self.of(node.right, function))
            case ast.IfExp():
                return joined(self.of(node.body, function), self.of(node.orelse, function))
            case ast.List():
                return list_of(self._common(node.elts, function))
            case ast.ListComp():
                return list_of(self.of(node.elt, function))
            case ast.Tuple():
                return "tuple"
            case ast.Dict() | ast.DictComp():
                return "dict"
            case ast.Set() | ast.SetComp():
                return "set"
            case ast.NamedExpr():
                return self.of(node.value, function)
            case ast.Subscript():
                inner = self.of(node.value, function)
                return inner if isinstance(node.slice, ast.Slice) else element_of(inner)
            case ast.Call():
                return self._call(node, function)
        return None

    def of_name(self, name: str, function: str) -> Kind:
        """The kind of a variable, looked up from the function outwards."""
        while True:
            if (function, name) in self._names:
                return None if (function, name) in self._clashing else self._names[function, name]
            if not function:
                return None
            function = function.rpartition(".")[0]

    def visible(self, function: str) -> Iterator[str]:
        """The variables of a function and of what is around it, each once."""
        seen: set[str] = set()
        while True:
            for name in self.names.get(function, ()):
                if name not in seen:
                    seen.add(name)
                    yield name
            if not function:
                return
            function = function.rpartition(".")[0]

    def _common(self, nodes: list[ast.expr], function: str) -> Kind:
        kinds = [self.of(each, function) for each in nodes]
        kind = kinds[0] if kinds else None
        for each in kinds[1:]:
            kind = joined(kind, each)
        return kind

    def _call(self, node: ast.Call, function: str) -> Kind:
        called, arguments = node.func, node.args
        if isinstance(called, ast.Attribute):
            if isinstance(called.value, ast.Name) and called.value.id in _MODULE:
                return "int" if called.attr in _WHOLE else "float"
            return self.of(called.value, function) if called.attr == "copy" else _METHODS.get(called.attr)
        if not isinstance(called, ast.Name):
            return None
        if called.id in self._results:
            return self._results[called.id]
        first = self.of(arguments[0], function) if arguments else None
        if called.id in ("sum", "min", "max"):
            return self._common(arguments, function) if len(arguments) > 1 and called.id != "sum" else element_of(first)
        if called.id == "abs":
            return "int" if first == "bool" else first
        if called.id == "round":
            return first if len(arguments) > 1 else "int"
        if called.id in ("sorted", "list"):
            return list_of(element_of(first))
        return _RESULTS.get(called.id)

    # ---- variables -------------------------------------------------------------------------------------------------

    def _body(self, nodes: list[ast.stmt], function: str) -> None:
        for node in nodes:
            self._visit(node, function)

    def _visit(self, node: ast.AST, function: str) -> None:
        if isinstance(node, FUNCTIONS):
            self._function(node, function)
            return
        if isinstance(node, ast.ClassDef):
            self._body(node.body, f"{function}.{node.name}".lstrip("."))
            return
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._assign(target, self.of(node.value, function), function)
        elif isinstance(node, ast.AnnAssign):
            self._assign(node.target, _annotated(node.annotation), function)
        elif isinstance(node, ast.AugAssign):
            before = self.of(node.target, function)
            self._assign(node.target, _result(node.op, before, self.of(node.value, function)), function)
        elif isinstance(node, ast.NamedExpr):
            self._assign(node.target, self.of(node.value, function), function)
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            self._assign(node.target, element_of(self.of(node.iter, function)), function)
        elif isinstance(node, ast.Return) and function in self.names and "." not in function:
            kind = self.of(node.value, function)
            known = self._results.get(function)
            self._results[function] = kind if known is None else joined(known, kind)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
            for each in node.args:
                self._assign(each, "int", function)  # a parameter whose use tells its kind
        for child in ast.iter_child_nodes(node):
            self._visit(child, function)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, around: str) -> None:
        function = f"{around}.{node.name}".lstrip(".")
        self.names.setdefault(function, [])
        given = [*node.args.posonlyargs, *node.args.args]
        defaults = [None] * (len(given) - len(node.args.defaults)) + [*node.args.defaults]
        for each, default in zip(given, defaults, strict=True):
            kind = _annotated(each.annotation) or self.of(default, around)
            self._assign(ast.Name(each.arg, ast.Store()), kind, function)
        for name in parameters(node.args):
            self._assign(ast.Name(name, ast.Store()), None, function)
        self._body(node.body, function)

    def _assign(self, target: ast.expr, kind: Kind, function: str) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            for each in target.elts:
                self._assign(each, None, function)
        if not isinstance(target, ast.Name):
            return
        names = self.names.setdefault(function, [])
        if target.id not in names and isinstance(target.ctx, ast.Store):
            names.append(target.id)
        if kind is None or target.id not in names:
            return
        key = (function, target.id)
        known = self._names.get(key, kind)
        together = joined(known, kind)
        if together is None:
            self._clashing.add(key)
        self._names[key] = together or known


def _annotated(node: ast.expr | None) -> Kind:
    """The kind that an annotation names."""
    text = "" if node is None else ast.unparse(node).replace("List[", "list[").strip("'\"")
    return text if re.fullmatch(r"(list\[)*(int|float|bool|str|list|dict|set|tuple)\]*", text) else None


def _result(op: ast.operator, left: Kind, right: Kind) -> Kind:
    """The kind of what a binary operator gives."""
    numbers = {"int", "float", "bool"}
    if left in numbers and right in numbers:
        if "float" in (left, right) or isinstance(op, ast.Div):
            return "float"
        return "bool" if left == right == "bool" and isinstance(op, ast.BitAnd | ast.BitOr | ast.BitXor) else "int"
    if isinstance(op, ast.Mod) and left == "str":
        return "str"
    if isinstance(op, ast.Add):
        return joined(left, right) if left not in numbers and right not in numbers else None
    if isinstance(op, ast.Mult):
        return next((kind for kind in (left, right) if kind == "str" or (kind or "").startswith("list")), None)
    return None
