"""Parses Python source without running it, within limits that keep a hostile text from harming the parser."""

from __future__ import annotations

import ast
import warnings

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
