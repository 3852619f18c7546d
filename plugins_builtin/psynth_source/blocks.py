"""The parts of a Python program that alone may be varied: between lines with EVOLVE-BLOCK-START and EVOLVE-BLOCK-END.

A part is varied as a program of its own, `Blocks.alone`, in which the names of the rest are bound: those of the top of
a module by an import, those within a function as arguments of one. Everything else keeps every byte.
"""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass

from psynth.core.marked_blocks import MarkedBlocks
from psynth.core.python_source import NotPython, parse
from psynth_source.bindings import FUNCTIONS, bound_in, parameters

AROUND, INSIDE = "_around_block", "_inside_block"
"""The names of the module and of the function that stand for the rest of a program."""


@dataclass(frozen=True)
class Blocks(MarkedBlocks):
    """The blocks of a Python program."""

    def alone(self, place: int) -> str | None:
        """A block as a program; None if there is no statement in it, NotPython if it is no sequence of statements."""
        text = self.varied[place]
        indented = _indent(text)
        body = _parsed(text)
        if not body:
            return None
        names = sorted(_names_around(self.with_block(place, f"{indented}pass\n")) - {AROUND, INSIDE})
        tree = parse(f"def {INSIDE}({', '.join(names)}): pass" if indented else _import(names))
        if indented:
            function = tree.body[0]
            assert isinstance(function, ast.FunctionDef)
            function.body = body
        else:
            tree.body += body
        return ast.unparse(ast.fix_missing_locations(tree)) + "\n"

    def with_variant(self, place: int, program: str) -> str | None:
        """The whole program with a variant of `alone` in place of the block; None if it is none."""
        text, body = self.varied[place], parse(program).body
        indented = _indent(text)
        if indented:
            [function, *rest] = body
            if rest or not isinstance(function, ast.FunctionDef) or function.name != INSIDE:
                return None
            body = function.body
        elif body and isinstance(body[0], ast.ImportFrom) and body[0].module == AROUND:
            body = body[1:]
        if not body:
            return None
        made = textwrap.indent(ast.unparse(ast.Module(body, [])), indented) + "\n"
        # Indenting changes texts of several lines; where it does, the variant is no longer what was made.
        if _dumped(_parsed(made)) != _dumped(body):
            return None
        blank = text[: len(text) - len(text.lstrip("\n"))], text[len(text.rstrip("\n")) + 1 :]
        return self.with_block(place, f"{blank[0]}{made}{blank[1]}")


def _indent(text: str) -> str:
    """The indentation of a block: that of its first line that is neither empty nor a comment."""
    lines = (line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#"))
    first = next(lines, "")
    return first[: len(first) - len(first.lstrip())]


def _parsed(text: str) -> list[ast.stmt]:
    """The statements of a block."""
    if not _indent(text):
        return parse(text).body
    [condition] = parse(f"if True:\n{text}").body
    assert isinstance(condition, ast.If)
    if condition.orelse:
        raise NotPython("a block begins within a statement")
    return condition.body


def _dumped(body: list[ast.stmt]) -> str:
    return ast.dump(ast.Module(body, []))


def _import(names: list[str]) -> str:
    return f"from {AROUND} import {', '.join(names)}" if names else ""


def _names_around(source: str) -> set[str]:
    """The names that a program binds anywhere."""
    tree = parse(source)
    found = set(bound_in(tree.body))
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS):
            found |= {*parameters(node.args), *bound_in(node.body)}
        elif isinstance(node, ast.ImportFrom):
            found.discard("*")
    return found - {"*"}
