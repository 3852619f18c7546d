"""Python source as the terminal displays it: highlighted, and without characters that would control the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psynth.core.printable import printable

if TYPE_CHECKING:
    from rich.text import Text


def python_source(source: str) -> Text:
    """The source, highlighted where the terminal has colors; long lines are folded, not cut."""
    from rich.syntax import Syntax

    text = Syntax("", "python", theme="ansi_dark", background_color="default").highlight(printable(source.rstrip()))
    text.rstrip()
    text.no_wrap, text.overflow = False, "fold"
    return text
