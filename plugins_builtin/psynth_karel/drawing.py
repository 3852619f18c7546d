"""Draws worlds on a terminal with two characters for each cell, so that cells are about square."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psynth_karel.machine import Picture
from psynth_karel.tints import BODY, DOOR, FOOD, GOAL, OPEN_DOOR, TRAIL, Tints

if TYPE_CHECKING:
    from rich.text import Text

AGENTS = {"N": "▲", "E": "▶", "S": "▼", "W": "◀"}
GROUND = {
    GOAL: ("◌ ", "green"),
    DOOR: ("▒▒", "yellow"),
    OPEN_DOOR: ("░░", "yellow"),
    TRAIL: ("▒▒", "bright_black"),
    BODY: ("▓▓", "green"),
    FOOD: ("✶ ", "red"),
}
"""Characters and style of a cell without a marker, by the kind of cell."""


def draw(picture: Picture, tints: Tints | None = None) -> Text:
    """A state as colored text: ██ wall, ● one marker, a number for more, an arrow for the agent.

    ``tints`` gives the kinds of cells: ◌ goal, ▒▒ closed door or trail, ░░ open door, ▓▓ body, ✶ food.
    """
    from rich.text import Text

    tints = tints or {}
    text = Text()
    for row, line in enumerate(picture.map):
        if row:
            text.append("\n")
        for column, cell in enumerate(line):
            markers = 0 if cell in "#." else int(cell, 16)
            ground = tints.get((row, column))
            if (row, column) == (picture.row, picture.column):
                style = "bold black on yellow" if markers else "bold yellow"
                text.append(f"{AGENTS[picture.heading]} ", style=style)
            elif markers:
                text.append(f"{'●' if markers == 1 else markers}".ljust(2), style="cyan")
            elif ground is not None and (cell != "#" or ground in (DOOR, TRAIL)):
                text.append(*GROUND[ground])
            elif cell == "#":
                text.append("██", style="bright_black")
            else:
                text.append("· ", style="dim")
    return text
