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


def syntax_fault(source: str) -> str | None:
    """Why a text is not Python; None if it is."""
    fault = unreadable(source)
    if fault is not None:
        return fault
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on escape sequences and the like, which do no harm
            ast.parse(source)
    except SyntaxError as error:
        return error.msg if error.lineno is None else f"{error.msg} (line {error.lineno})"
    except (RecursionError, MemoryError):
        return "nested too deeply"
    except ValueError as error:
        return str(error)
    return None
