"""The constants of a puzzle's checker as leaves of λ-terms, and the notation of constants in terms."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from psynth.core.calculus.interpreter import LARGEST_INT, SMALLEST_INT
from psynth.core.calculus.text_literals import text_literal, text_of
from psynth.core.python_source import NotPython, parse

MOST, LONGEST = 24, 200
"""Constants of a puzzle, and characters of one."""


def token(value: int | str) -> str:
    """A constant as it is written in a term."""
    return str(value) if isinstance(value, int) else text_literal(value, ascii=True)


def constants_of(checker: str) -> Sequence[int | str]:
    """The integers and texts in a checker's source, in order and each once, without messages and defaults."""
    try:
        tree = parse(checker)
    except NotPython:
        return ()
    found: dict[tuple[type, int | str], None] = {}
    for value in _constants(tree):
        if isinstance(value, str) and (len(token(value)) > LONGEST or text_of(token(value)) is None):
            continue
        if isinstance(value, int) and not SMALLEST_INT <= value <= LARGEST_INT:
            continue
        found[type(value), value] = None
    return [value for _, value in found][:MOST]


def _constants(tree: ast.AST) -> Iterator[int | str]:
    """The values of constant nodes, in the order of the text; without recursion, as source may be deep."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        match node:
            case ast.Constant(value=int() | str() as value) if not isinstance(value, bool):
                yield value
            case ast.Assert():
                pending.append(node.test)
            case ast.arguments() | ast.Expr(ast.Constant()):
                continue
            case _:
                pending += reversed(list(ast.iter_child_nodes(node)))
