"""Text for people: without characters that control a terminal, and in any encoding."""

from __future__ import annotations

import codecs
from typing import Final

_VISIBLE = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"}
_REORDERING = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_HIDDEN = dict.fromkeys((*range(0x7F, 0xA0), 0x2028, 0x2029, *_REORDERING), 0xFFFD)
_CONTROLS: Final = _VISIBLE | _HIDDEN
"""Characters that move the cursor, change colors or reorder the text, with visible ones in their place."""

ENCODING_ERRORS: Final = "psynth-spell"
"""The error handler of text streams that spells what their encoding lacks: ``...`` for an ellipsis, else an escape."""

_SPELLED: Final = {
    **dict.fromkeys("–—−", "-"),
    **dict.fromkeys("·•", "."),
    **dict.fromkeys("✔✓", "*"),
    "…": "...",
    "↦": "|->",
    "→": "->",
    "≤": "<=",
    "≥": ">=",
    "×": "x",
    "λ": "lambda",
    "±": "+-",
    "\N{REPLACEMENT CHARACTER}": "?",
}


def printable(text: str) -> str:
    """The text with a visible character in place of each that would control the terminal."""
    return text.translate(_CONTROLS)


def one_line(text: str) -> str:
    """The text as one line of a message."""
    return printable(" ".join(text.split()))


def _spell(error: UnicodeError) -> tuple[str, int]:
    """Replace what an encoding lacks; box drawings and bars become plain characters of the same width."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(_spelled(character) for character in text), error.end


def _spelled(character: str) -> str:
    if "\u2400" <= character <= "\u243f":
        return "?"
    if "\u2500" <= character <= "\u259f":
        return "-" if character < "\u2580" else "#"
    known = _SPELLED.get(character)
    return character.encode("ascii", "backslashreplace").decode() if known is None else known


codecs.register_error(ENCODING_ERRORS, _spell)
