"""Texts as tokens of programs: JSON strings in which white space and parentheses, which end a token, are escaped."""

from __future__ import annotations

import json
import re

_ENDS_A_TOKEN = re.compile(r"[()\s\x00-\x1f\x7f-\xa0]")


def text_literal(text: str, *, ascii: bool = False) -> str:
    """The token of a text; with ``ascii`` all other characters are escapes, too."""
    written = json.dumps(text, ensure_ascii=ascii)
    return _ENDS_A_TOKEN.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def text_of(token: str) -> str | None:
    """The text that a token stands for, None if it is no literal of a text."""
    if len(token) < 2 or token[0] != '"' or token[-1] != '"':
        return None
    try:
        value = json.loads(token)
        value.encode()
    except (ValueError, AttributeError):  # no JSON, half of a surrogate pair, no text
        return None
    return str(value)
