"""Draws worlds on a terminal: two characters a cell, so that cells are about square."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psynth.core.karel_machine import Picture

if TYPE_CHECKING:
    from rich.text import Text

AGENTS = {"N": "▲", "E": "▶", "S": "▼", "W": "◀"}


def draw(picture: Picture) -> Text:
    """A state as coloured text: ██ wall, ● one marker, a number for more, an arrow for the agent."""
    from rich.text import Text

    text = Text()
    for row, line in enumerate(picture.map):
        if row:
            text.append("\n")
        for column, cell in enumerate(line):
            markers = 0 if cell in "#." else int(cell, 16)
            if (row, column) == (picture.row, picture.column):
                style = "bold black on yellow" if markers else "bold yellow"
                text.append(f"{AGENTS[picture.heading]} ", style=style)
            elif cell == "#":
                text.append("██", style="bright_black")
            elif markers:
                text.append(f"{'●' if markers == 1 else markers}".ljust(2), style="cyan")
            else:
                text.append("· ", style="dim")
    return text
