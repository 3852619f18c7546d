"""The part of a domain for display: tasks, values, and animated programs as frames for a terminal or an image."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psynth.core.stream.records import encode

if TYPE_CHECKING:
    from psynth.core.stream.records import Library, Task


@dataclass(frozen=True, slots=True)
class Frame:
    """One moment of an animation; both pictures are computed lazily, so that long episodes cost little."""

    caption: str
    """A short line with the last action and the progress."""
    draw: Callable[[], Any]
    """A function that returns a rich renderable."""
    raster: Callable[[], Any]
    """A function that returns RGB pixels: a uint8 numpy array (height, width, 3), of one shape for all frames."""


@dataclass(frozen=True)
class Animation:
    """An animated program in one of a task's instances, from the initial state to the last."""

    title: str
    """The instance."""
    frames: Sequence[Frame]
    instances: int = 1
    """The number of instances of the task."""
    total: int | None = None
    """The number of frames before thinning; None if it was not thinned."""

    def thinned(self, most: int) -> Animation:
        """The animation with at most ``most`` (≥ 2) evenly spaced frames, including the first and the last."""
        count = len(self.frames)
        if count <= most:
            return self
        last = most - 1
        kept = [self.frames[(place * (count - 1) + last // 2) // last] for place in range(most)]
        return dataclasses.replace(self, frames=kept, total=self.total or count)

    @property
    def note(self) -> str:
        """A note on omitted frames; empty if there are none."""
        return "" if self.total is None else f"{len(self.frames)} of {self.total} frames"


class Views:
    """How a domain's tasks, values and programs are displayed."""

    def draw_task(self, task: Task) -> Any:
        """A rich renderable of a task; None to list its examples.

        The task has no more examples than are to be drawn: psynth show cuts them to --examples.
        """
        return None

    def format_value(self, value: Any) -> str:
        """An input or output in the notation of the domain."""
        return encode(value).decode()

    def animate(
        self,
        library: Library,
        task: Task,
        program: str | None,
        *,
        language: str = "lambda",
        instance: int = 0,
        held_out: bool = False,
    ) -> Animation | None:
        """An animation of a program in one of a task's instances; without a program, of the initial state.

        None if the domain cannot animate programs in ``language``. ``instance`` counts from 0, among the held-out
        instances if ``held_out``. InputError if the task has no such instance or the program cannot be run.
        """
        return None
