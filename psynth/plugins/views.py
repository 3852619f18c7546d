"""The part of a domain that draws: tasks, values, and programs at work as frames for a terminal or an image."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psynth.core.stream.records import Library, Task


@dataclass(frozen=True, slots=True)
class Frame:
    """One moment. Both pictures are made only when they are asked for, so that long episodes cost little.

    ``caption`` is a short line: what was just done, and how far it has got. ``draw`` makes a rich renderable,
    ``raster`` a numpy array of type uint8 and shape (height, width, 3): pixels, red, green and blue. All rasters of an
    animation have one shape.
    """

    caption: str
    draw: Callable[[], Any]
    raster: Callable[[], Any]


@dataclass(frozen=True)
class Animation:
    """A program at work in one of a task's instances, from the initial state to the last.

    ``title`` says which instance it is, ``instances`` how many the task has. ``total`` is the number of frames before
    some were left out.
    """

    title: str
    frames: Sequence[Frame]
    instances: int = 1
    total: int | None = None

    def thinned(self, most: int) -> Animation:
        """The animation with ``most`` frames at the most, spread evenly; the first and the last stay (``most`` ≥ 2)."""
        count = len(self.frames)
        if count <= most:
            return self
        last = most - 1
        kept = [self.frames[(place * (count - 1) + last // 2) // last] for place in range(most)]
        return dataclasses.replace(self, frames=kept, total=self.total or count)

    @property
    def note(self) -> str:
        """What was left out, in a few words; empty if nothing was."""
        return "" if self.total is None else f"{len(self.frames)} of {self.total} frames"


class Views:
    """How a domain's tasks, values and programs are shown to people."""

    def draw_task(self, task: Task) -> Any:
        """A rich renderable of a task; None to have its examples listed."""
        return None

    def format_value(self, value: Any) -> str:
        """An input or output as a person of this domain would write it."""
        import orjson

        return orjson.dumps(value).decode()

    def animate(
        self, library: Library, task: Task, program: str | None, *, instance: int = 0, held_out: bool = False
    ) -> Animation | None:
        """A program at work in one of a task's instances, without a program only the initial state.

        None where the domain cannot animate programs. ``instance`` counts from 0, among those held out with
        ``held_out``. InputError where the task has no such instance, or where the program cannot be run at all.
        """
        return None
