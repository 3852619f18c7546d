"""S-expressions of SMT-LIB: read with the lines on which they stand, and written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from psynth.core.errors import InputError

Kind = Literal["list", "symbol", "text", "number"]
_TOKEN = re.compile(r'\s+|;[^\n]*|(?P<text>"(?:[^"]|"")*")|(?P<quoted>\|[^|\\]*\|)|(?P<other>[()]|[^\s()";|]+)')
_NUMBER = re.compile(r"-?[0-9]+")
_ESCAPE = re.compile(r"\\u\{([0-9a-fA-F]{1,5})\}|\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
DEEPEST = 1000
"""Parentheses within each other; each takes one level of recursion."""


@dataclass(frozen=True)
class Expression:
    """An S-expression and the line on which it begins; ``value`` is the text of a symbol, or what is written."""

    kind: Kind
    value: str
    items: tuple[Expression, ...]
    line: int

    @property
    def head(self) -> str | None:
        """The symbol with which a list begins, if any."""
        return self.items[0].value if self.items and self.items[0].kind == "symbol" else None

    def __str__(self) -> str:
        if self.kind == "list":
            return f"({' '.join(map(str, self.items))})"
        return written_text(self.value) if self.kind == "text" else self.value


def read_expressions(text: str) -> Iterator[Expression]:
    """The S-expressions of a file; InputError with the line of what is none."""
    open_lists: list[tuple[int, list[Expression]]] = []
    at, line = 0, 1
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            what = "a text that does not end" if text[at] == '"' else "a symbol that does not end"
            raise InputError(what, line=line)
        at = found.end()
        if found["other"] == "(":
            if len(open_lists) == DEEPEST:
                raise InputError(f"more than {DEEPEST} parentheses within each other", line=line)
            open_lists.append((line, []))
        elif found["other"] == ")":
            if not open_lists:
                raise InputError("this parenthesis was never opened", line=line)
            begun, items = open_lists.pop()
            made = Expression("list", "", tuple(items), begun)
            if open_lists:
                open_lists[-1][1].append(made)
            else:
                yield made
        elif found.lastgroup is not None:
            atom = _atom(found[found.lastgroup], line)
            if not open_lists:
                raise InputError(f"{str(atom)[:40]} stands outside of all parentheses", line=line)
            open_lists[-1][1].append(atom)
        line += found[0].count("\n")
    if open_lists:
        raise InputError("this parenthesis is never closed", line=open_lists[0][0])


def _atom(token: str, line: int) -> Expression:
    if token[0] == '"':
        return Expression("text", _unescaped(token[1:-1].replace('""', '"')), (), line)
    if token[0] == "|":
        return Expression("symbol", token[1:-1], (), line)
    return Expression("number" if _NUMBER.fullmatch(token) else "symbol", token, (), line)


def _unescaped(text: str) -> str:
    def character(found: re.Match[str]) -> str:
        code = int(found[1] or found[2] or found[3], 16)
        return found[0] if 0xD800 <= code < 0xE000 or code > 0x10FFFF else chr(code)

    return _ESCAPE.sub(character, text)


def written_text(text: str) -> str:
    """A text as SMT-LIB writes it: quotation marks doubled, characters beyond printable ASCII by their numbers."""
    parts = (
        f"\\u{{{ord(each):x}}}" if not 0x20 <= ord(each) < 0x7F or each == "\\" else '""' if each == '"' else each
        for each in text
    )
    return f'"{"".join(parts)}"'


def written_number(value: int) -> str:
    """An integer as SMT-LIB writes it, which has no negative literals."""
    return str(value) if value >= 0 else f"(- {-value})"
