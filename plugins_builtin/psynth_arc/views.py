"""The views of tasks: pairs of grids side by side, with what a program makes of the input, and where that is wrong."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from psynth.core.errors import InputError
from psynth.core.stream.records import Example, Library, Task
from psynth.plugins.domain import LAMBDA, Domain
from psynth.plugins.evaluator import Budget
from psynth.plugins.views import Animation, Frame, Views
from psynth_arc.drawing import difference, draw, raster
from psynth_arc.grids import Grid, shaped_grid

if TYPE_CHECKING:
    from rich.table import Table


class Picture(NamedTuple):
    """A grid with what it is."""

    title: str
    grid: Grid


class GridViews(Views):
    """Grids in the terminal, as digits on their colors, and as images."""

    def __init__(self, domain: Domain) -> None:
        self._domain = domain

    def draw_task(self, task: Task) -> Any:
        """The pairs of the task, each in a row, tests marked; None if a value is no grid."""
        from rich.console import Group

        try:
            rows = [
                _table([Picture(_kind(each), _grid(each.inputs[0])), Picture("", _grid(each.output))])
                for each in task.examples
                if len(each.inputs) == 1
            ]
        except InputError:
            return None
        return Group(*rows) if rows else None

    def format_value(self, value: Any) -> str:
        """A grid by its size and rows of digits; anything else as JSON."""
        try:
            grid = shaped_grid(value)
        except InputError:
            return super().format_value(value)
        if any(not 0 <= color <= 9 for row in grid for color in row):
            return super().format_value(value)
        return f"{len(grid)}×{len(grid[0])} " + "/".join("".join(map(str, row)) for row in grid)

    def animate(
        self,
        library: Library,
        task: Task,
        program: str | None,
        *,
        language: str = LAMBDA,
        instance: int = 0,
        held_out: bool = False,
    ) -> Animation | None:
        """One frame: a pair, with what a program makes of its input, and the cells where that is wrong."""
        examples = [each for each in task.examples if (each.split == "test") == held_out]
        if instance >= len(examples):
            kind = "tests" if held_out else "demonstrations"
            raise InputError(f"the task has {len(examples)} {kind}; there is no instance {instance}")
        example = examples[instance]
        wanted = Picture("wanted", _grid(example.output))
        pictures = [Picture("input", _grid(example.inputs[0])), wanted]
        caption = f"{len(wanted.grid)} by {len(wanted.grid[0])} wanted"
        if program is not None:
            found = self._prediction(library, task, program, example)
            wrong = difference(found, wanted.grid)
            pictures[1:] = [Picture("prediction", found)]
            if found != wanted.grid:
                pictures.append(wanted)
            if wrong is not None:
                pictures.append(Picture("difference", wrong))
            caption = _verdict(found, wanted.grid)
        frame = Frame(caption, partial(_table, pictures), partial(raster, [each.grid for each in pictures]))
        title = f"{_kind(example)} {instance}"
        # The terminal has a title over each grid, an image has none.
        names = f": {', '.join(each.title for each in pictures)}" if program is not None else ""
        return Animation(title + names, [frame], instances=len(examples))

    def _prediction(self, library: Library, task: Task, program: str, example: Example) -> Grid:
        with self._domain.evaluator(library, Budget()) as evaluator:
            return _grid(evaluator.value_of(program, task.request, example.inputs))


def _kind(example: Example) -> str:
    return "test" if example.split == "test" else "demonstration"


def _grid(value: Any) -> Grid:
    return shaped_grid(value)


def _verdict(found: Grid, wanted: Grid) -> str:
    """Whether a prediction is right and, if not, what is wrong with it."""
    if found == wanted:
        return "right"
    shapes = [f"{len(grid)} by {len(grid[0])}" for grid in (found, wanted)]
    if shapes[0] != shapes[1]:
        return f"wrong: {shapes[0]}, not {shapes[1]}"
    cells = sum(a != b for row, other in zip(found, wanted, strict=True) for a, b in zip(row, other, strict=True))
    return f"wrong: {cells} of {len(found) * len(found[0])} cells"


def _table(pictures: list[Picture]) -> Table:
    """Grids side by side under their titles."""
    from rich.table import Table

    titled = any(each.title for each in pictures)
    table = Table.grid(padding=(0, 3))
    for _ in pictures:
        table.add_column(no_wrap=True, vertical="middle")
    if titled:
        table.add_row(*(each.title for each in pictures))
    table.add_row(*(draw(each.grid) for each in pictures))
    table.add_row()
    return table
