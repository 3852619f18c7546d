"""Tables for people: whole where nothing limits their width, and fitted to a terminal without loss elsewhere.

On a terminal that is too narrow, text is folded first, then names are shortened in the middle; where that is not enough
either, each row becomes a paragraph. Numbers and titles are never cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from rich.cells import cell_len
from rich.text import Text

from psynth.views.shortening import least_width, shortened

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

GAPS = (3, 2, 1)
"""Blanks between columns, the first that fits."""
LEAST_TEXT = 24
"""The least width of a column of folded text."""
INDENT = "  "
TOGETHER = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Column:
    """A column. Names are shortened in the middle, text is folded, numbers are aligned to the right and stay whole."""

    title: str
    kind: Literal["name", "text", "number"] = "name"
    style: str = ""


@dataclass
class Grid:
    """A table of texts; a cell of a text column may have several lines. Rows after a ``rule`` are below a line."""

    columns: Sequence[Column]
    rows: list[Sequence[str]] = field(default_factory=list)
    rules: set[int] = field(default_factory=set)
    margin: str = ""

    def add(self, *cells: str) -> None:
        """Add a row."""
        self.rows.append(cells)

    def rule(self) -> None:
        """Draw a line above the rows that follow."""
        self.rules.add(len(self.rows))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines of the table at the width of the console."""
        room = options.max_width - len(self.margin)
        for gap in GAPS:
            widths = self._widths()
            if sum(widths) + gap * (len(widths) - 1) <= room:
                yield from self._lines(widths, gap)
                return
        fitted = self._fitted(room)
        if fitted is not None:
            yield from fitted._lines(fitted._widths(), GAPS[-1])
        else:
            yield from self._paragraphs(room)

    def _widths(self) -> list[int]:
        """The natural width of each column."""
        cells = ([column.title, *column_cells] for column, column_cells in self._by_column())
        return [max(cell_len(line) for cell in each for line in cell.split("\n")) for each in cells]

    def _by_column(self) -> Iterator[tuple[Column, list[str]]]:
        for number, column in enumerate(self.columns):
            yield column, [row[number] for row in self.rows]

    def _fitted(self, room: int) -> Grid | None:
        """The table with text folded and names shortened so that it fits; None if that is impossible."""
        widths, gap = self._widths(), GAPS[-1]
        excess = sum(widths) + gap * (len(widths) - 1) - room
        least = [
            max(len(column.title), least_width(cells)) if column.kind == "name" else LEAST_TEXT
            for column, cells in self._by_column()
        ]
        for kind in ("text", "name"):
            numbers = [number for number, column in enumerate(self.columns) if column.kind == kind]
            while excess > 0:
                free = [number for number in numbers if widths[number] > least[number]]
                if not free:
                    break
                widths[max(free, key=lambda number: widths[number])] -= 1
                excess -= 1
        if excess > 0:
            return None
        fitted = []
        for number, (column, cells) in enumerate(self._by_column()):
            if column.kind == "text":
                cells = ["\n".join(folded(cell, widths[number])) for cell in cells]
            elif column.kind == "name":
                cells = shortened(cells, widths[number]) or cells
            fitted.append(cells)
        return Grid(self.columns, list(zip(*fitted, strict=True)), self.rules, self.margin)

    def _lines(self, widths: Sequence[int], gap: int) -> Iterator[Text]:
        rule = "─" * (sum(widths) + gap * (len(widths) - 1))
        yield self._line([column.title for column in self.columns], widths, gap, "bold")
        yield Text(self.margin + rule, no_wrap=True)
        for number, row in enumerate(self.rows):
            if number in self.rules:
                yield Text(self.margin + rule, no_wrap=True)
            parts = [cell.split("\n") for cell in row]
            for place in range(max(map(len, parts))):
                line = [part[place] if place < len(part) else "" for part in parts]
                yield self._line(line, widths, gap)

    def _line(self, cells: Sequence[str], widths: Sequence[int], gap: int, style: str = "") -> Text:
        line = Text(self.margin, no_wrap=True)
        for number, (cell, width, column) in enumerate(zip(cells, widths, self.columns, strict=True)):
            if number:
                line.append(" " * gap)
            blanks = " " * (width - cell_len(cell))
            line.append(
                blanks + cell if column.kind == "number" else cell + blanks, style=style or column.style or None
            )
        line.rstrip()
        return line

    def _paragraphs(self, room: int) -> Iterator[Text]:
        """Each row as a paragraph: its names, then its figures with their titles."""
        before = [""] * len(self.columns)
        for row in self.rows:
            # An empty name stands for that of the row above.
            row = [cell or last if column.kind == "name" else cell for cell, last, column in self._beside(row, before)]
            before = list(row)
            names = [cell for cell, _, column in self._beside(row, before) if column.kind == "name" and cell]
            rest = [
                f"{column.title} {cell}".replace(" ", TOGETHER)
                for cell, _, column in self._beside(row, before)
                if column.kind == "number" and cell
            ]
            yield from self._folded("  ".join(names), room, "", "bold")
            yield from self._folded(", ".join(rest), room, INDENT)
            for cell, _, column in self._beside(row, before):
                if column.kind == "text" and cell:
                    for line in cell.split("\n"):
                        yield from self._folded(line, room, INDENT, column.style)

    def _beside(self, row: Sequence[str], before: Sequence[str]) -> Iterable[tuple[str, str, Column]]:
        return zip(row, before, self.columns, strict=True)

    def _folded(self, text: str, room: int, indent: str, style: str = "") -> Iterator[Text]:
        for line in folded(text, max(1, room - len(indent))):
            if line:
                yield Text(self.margin + indent + line.replace(TOGETHER, " "), style=style, no_wrap=True)


def folded(text: str, width: int) -> list[str]:
    """The lines of a text broken at blanks, and within words that are longer than a line."""
    lines = []
    for part in text.split("\n"):
        line = ""
        for word in part.split(" "):
            if line and len(line) + 1 + len(word) > width:
                lines.append(line)
                line = ""
            elif line:
                word = f" {word}"
            line += word
            while len(line) > width:
                lines.append(line[:width])
                line = line[width:]
        lines.append(line)
    return lines
