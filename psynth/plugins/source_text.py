"""Python source as the terminal displays it: highlighted, and without characters that would control the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

_VISIBLE = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"}
_HIDDEN = dict.fromkeys((*range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)), 0xFFFD)
_CONTROLS = _VISIBLE | _HIDDEN
"""Characters that move the cursor, change colors or reverse the text, with visible ones in their place."""


def printable(text: str) -> str:
    """The text with a visible character in place of each that would control the terminal."""
    return text.translate(_CONTROLS)


def python_source(source: str) -> Text:
    """The source, highlighted where the terminal has colors; long lines are folded, not cut."""
    from rich.syntax import Syntax

    text = Syntax("", "python", theme="ansi_dark", background_color="default").highlight(printable(source.rstrip()))
    text.rstrip()
    text.no_wrap, text.overflow = False, "fold"
    return text
