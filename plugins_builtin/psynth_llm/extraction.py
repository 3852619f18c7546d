"""The program in what a language model wrote around it."""

from __future__ import annotations

import re

_FENCE = re.compile(r"^[ \t]*(```+|~~~+)[ \t]*([\w+-]*)[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
PLAIN = ("", "text", "plaintext")
"""What may stand behind a fence around text of any language."""


def fenced(text: str, *languages: str) -> str | None:
    """The first fenced block in one of ``languages`` or in none, else the first block; None if there is none."""
    blocks = [(match[2].lower(), match[3]) for match in _FENCE.finditer(text)]
    fitting = [body for language, body in blocks if language in (*languages, *PLAIN)]
    return next(iter([*fitting, *(body for _, body in blocks)]), None)


def program_in(text: str, *languages: str) -> str:
    """A program of several lines: the fenced block if there is one, else the text itself."""
    block = fenced(text, *languages)
    return text.strip("\n") if block is None else block


def term_in(text: str) -> str:
    """A λ-term: the fenced block if there is one; then from the first parenthesis to its partner, or the first line."""
    text = program_in(text, "lisp", "scheme", "lambda", "racket", "clojure").strip()
    first, _, _ = text.partition("\n")
    start = text.find("(")
    if start < 0 or (start > 0 and "(lam" not in text and not first.startswith("(")):
        return first.strip().strip("`").strip()
    named = text.find("(lam")
    start = named if named >= 0 and not text.startswith("(") else start
    depth = 0
    for place in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return text[start : place + 1]
    return text[start:]
