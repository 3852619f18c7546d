"""Plays scenes on a terminal, or prints a few of their frames elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.text import Text

from psynth.plugins.views import Frame
from psynth.views.scenes import Scene


def play(scene: Scene, console: Console, frames: int, rate: float, sleep: Callable[[float], None] = time.sleep) -> None:
    """Draw the frames in place, ``rate`` per second; the last one remains."""
    animation = scene.animation.thinned(frames)
    console.print(heading(scene, animation.note))
    with Live(console=console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False) as live:
        for place, frame in enumerate(animation.frames):
            if place:
                sleep(1 / rate)
            live.update(_frame(frame), refresh=True)


def lay_out(scene: Scene, console: Console, frames: int) -> None:
    """Print a few frames side by side."""
    animation = scene.animation.thinned(frames)
    console.print(heading(scene, animation.note))
    console.print(
        Padding(Columns([_frame(frame) for frame in animation.frames], padding=(1, 3)), (0, 0, 0, 2), expand=False)
    )


def heading(scene: Scene, note: str) -> RenderableType:
    """The task, the instance, a note on omitted frames, and the program."""
    text = Text(scene.task, style="bold")
    text.append(f"  {scene.animation.title}", style="green")
    if note:
        text.append(f"  {note}", style="dim")
    if scene.program is None:
        return text
    return Group(text, Padding(Text(scene.program, style="cyan", overflow="fold"), (0, 0, 0, 2), expand=False))


def _frame(frame: Frame) -> RenderableType:
    return Group(frame.draw(), Text(frame.caption, style="dim"))
