"""Parses Python source without running it, within limits that keep a hostile text from harming the parser."""

from __future__ import annotations

import ast
import warnings
from typing import Any

MAX_LENGTH = 1 << 20
"""Maximum length of a source in characters."""


def unreadable(source: str) -> str | None:
    """Why a text is no source whatever its syntax: too long, or not encodable; None if it may be parsed."""
    if len(source) > MAX_LENGTH:
        return f"longer than {MAX_LENGTH:,} characters"
    if "\0" in source:
        return "a NUL character"
    try:
        source.encode()
    except UnicodeEncodeError:
        return "half of a surrogate pair, which UTF-8 cannot encode"
    return None


class NotPython(ValueError):
    """A text is not Python source."""


def parse(source: str) -> ast.Module:
    """The syntax tree of a source; NotPython with the reason if it has none."""
    fault = unreadable(source)
    if fault is not None:
        raise NotPython(fault)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on escape sequences and the like, which do no harm
            return ast.parse(source)
    except SyntaxError as error:
        raise NotPython(error.msg if error.lineno is None else f"{error.msg} (line {error.lineno})") from error
    except (RecursionError, MemoryError) as error:
        raise NotPython("nested too deeply") from error
    except ValueError as error:
        raise NotPython(str(error)) from error


def syntax_fault(source: str) -> str | None:
    """Why a text is not Python; None if it is."""
    try:
        parse(source)
    except NotPython as error:
        return str(error)
    return None


def check_compiles(tree: ast.Module) -> None:
    """Raise NotPython where a tree cannot be compiled, as with a ``return`` outside functions; nothing runs."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(tree, "<program>", "exec", dont_inherit=True)
    except SyntaxError as error:
        raise NotPython(error.msg) from error
    except (RecursionError, MemoryError) as error:
        raise NotPython("nested too deeply") from error
    except (ValueError, OverflowError) as error:
        raise NotPython(str(error)) from error


def is_number(node: ast.AST) -> bool:
    """Whether a node is an int or a float, with or without a minus."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def number_of(node: ast.expr) -> int | float:
    """The value of a node that `is_number`."""
    value: Any = ast.literal_eval(node)
    return float(value) if isinstance(value, float) else int(value)


def number_node(value: int | float) -> ast.expr:
    """The node of a finite number: a negative one has its minus as an operator, as the parser makes it."""
    if value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)
