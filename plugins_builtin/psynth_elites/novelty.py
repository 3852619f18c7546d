"""Whether two programs are the same up to the names of their variables, found without running them."""

from __future__ import annotations

import ast
from hashlib import blake2b

from psynth.core.python_source import NotPython, parse
from psynth.core.stream.records import Program

PYTHON = "python"


def fingerprint(program: Program) -> bytes:
    """Equal for programs that differ only in layout, comments and names of local variables.

    λ-terms have no names of variables, so that their text decides.
    """
    text = _renamed(program.program) if program.language == PYTHON else program.program
    digest = blake2b(f"{program.language} {text}".encode("utf-8", "surrogatepass"), digest_size=16)
    return digest.digest()


def _renamed(source: str) -> str:
    """A source's syntax tree with the variables of each function numbered; the source itself if it has none."""
    try:
        tree = parse(source)
        for function in tree.body:
            if isinstance(function, ast.FunctionDef):
                _Renaming(_locals(function)).visit(function)
        return ast.dump(tree)
    except (NotPython, RecursionError):
        return source


def _locals(function: ast.FunctionDef) -> dict[str, str]:
    """The names that a function binds, and nothing outside does, each with a number in the order of first binding."""
    fixed: set[str] = set()
    bound: dict[str, str] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Global | ast.Nonlocal):
            fixed.update(node.names)
        elif isinstance(node, ast.keyword) and node.arg is not None:
            fixed.add(node.arg)
        elif isinstance(node, ast.arg):
            bound.setdefault(node.arg, "")
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.setdefault(node.id, "")
    return {name: f"v{number}" for number, name in enumerate(name for name in bound if name not in fixed)}


class _Renaming(ast.NodeTransformer):
    """Renames variables in place."""

    def __init__(self, names: dict[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self._names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg = self._names.get(node.arg, node.arg)
        return node
