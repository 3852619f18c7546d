"""Draws scenes on a terminal: a map seen from above, and a line for each object."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final

from psynth_clevr.scenes import REACH, VALUES, Position, Scene, Thing

if TYPE_CHECKING:
    from rich.text import Text

COLUMNS, ROWS = 29, 11
"""Characters of a map."""
MARKS: Final = {
    ("cube", "metal"): "■",
    ("cube", "rubber"): "□",
    ("cylinder", "metal"): "▮",
    ("cylinder", "rubber"): "▯",
    ("sphere", "metal"): "●",
    ("sphere", "rubber"): "○",
}
SMALL: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
TINTS: Final = {
    "blue": "#3b6cf0",
    "brown": "#9a6233",
    "cyan": "#26c0cf",
    "gray": "#8a8a8a",
    "green": "#2c9a3c",
    "purple": "#9440c4",
    "red": "#d23b3b",
    "yellow": "#e0bf1c",
}
"""The color of each color's name."""


def positions(scene: Sequence[Thing]) -> list[Position]:
    """Where objects are: their places, or, for a scene with none, what the relations say of their order."""
    if all(each.at is not None for each in scene):
        return [each.at for each in scene if each.at is not None]
    step = 2 * REACH // max(1, len(scene) - 1)
    return [(len(each.sides["left"]) * step - REACH, len(each.sides["front"]) * step - REACH) for each in scene]


def described(thing: Thing) -> str:
    """An object in words: *large red metal cube*."""
    return " ".join(thing.attributes[name] for name in VALUES)


def draw(scene: Scene, marked: Collection[int] = ()) -> Text:
    """A map, its back at the top, and the objects in words; those whose ids are ``marked`` stand out.

    ■ □ is a cube, ▮ ▯ a cylinder, ● ○ a sphere, of metal or rubber; the id follows, small for a small object.
    """
    from rich.text import Text

    cells: dict[tuple[int, int], tuple[str, str]] = {}
    for thing, place in zip(scene, positions(scene), strict=True):
        _put(cells, place, _mark(thing), _style(thing, marked))
    text = Text()
    for row in range(ROWS):
        column = 0
        while column < COLUMNS:
            mark, style = cells.get((row, column), ("·" if column % 4 == 0 and row % 2 == 0 else " ", "dim"))
            text.append(mark, style)
            column += len(mark)
        text.append("\n")
    for number, thing in enumerate(scene):
        text.append(f"{_mark(thing)} ", _style(thing, marked))
        text.append(described(thing), "bold" if thing.id in marked else "")
        text.append("\n" if number + 1 < len(scene) else "")
    return text


def _mark(thing: Thing) -> str:
    number = str(thing.id)
    return MARKS[thing.attributes["shape"], thing.attributes["material"]] + (
        number.translate(SMALL) if thing.attributes["size"] == "small" else number
    )


def _style(thing: Thing, marked: Collection[int]) -> str:
    return f"bold {TINTS[thing.attributes['color']]}" + (" reverse" if thing.id in marked else "")


def _put(cells: dict[tuple[int, int], tuple[str, str]], place: Position, mark: str, style: str) -> None:
    """Set a mark at the free cells that are nearest to a place."""
    x, y = (min(1.0, max(0.0, (each + REACH) / (2 * REACH))) for each in place)
    row, column = round((1 - y) * (ROWS - 1)), round(x * (COLUMNS - len(mark)))

    def overlaps(row: int, column: int) -> bool:
        return any(
            row == other and start < column + len(mark) and column < start + len(text)
            for (other, start), (text, _) in cells.items()
        )

    free = (
        (abs(each_row - row) * 3 + abs(each_column - column), each_row, each_column)
        for each_row in range(ROWS)
        for each_column in range(COLUMNS - len(mark) + 1)
        if not overlaps(each_row, each_column)
    )
    nearest = min(free, default=None)
    if nearest is not None:
        cells[nearest[1:]] = (mark, style)
