"""psynth show: draw tasks, programs and libraries on the terminal; play programs there or as images."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from psynth.cli.filters import ERRORS, FILES, LIMIT, SOURCE, STRICT, TALK
from psynth.cli.subcommand import Group, Parsed, Subcommand
from psynth.core.errors import UsageError
from psynth.core.settings import setting

if TYPE_CHECKING:
    from rich.console import Console

    from psynth.cli.pipeline import Pipeline
    from psynth.core.stream.records import Record
    from psynth.views.scenes import Scene

HELP = """Draw what a stream holds: tasks with their examples and best programs, libraries, metrics, and a summary.

    psynth enumerate -d list --max-cost 15 | psynth show
    psynth show --only library --learned solved.jsonl
    psynth show --summary before.jsonl after.jsonl

A program that is written in another syntax in its domain is shown in both; abstractions are expanded in the second.

--animate plays the best program of each frontier, where the domain has pictures of programs at work. Where standard
output is no terminal it prints a few frames of each instead. --image writes the same to a file: FILE.gif plays,
FILE.png has a few frames side by side, or of a task without a program some of its instances. With several frontiers
write {task} into the file's name, or choose one with --task. Needs the extra pictures: pip install 'psynth[pictures]'.

    psynth show --animate --task '*maze*' solved.jsonl
    psynth show --image '{task}.gif' --fps 12 solved.jsonl
    psynth show -d karel --task '*/maze-*' --image worlds.png
"""

MOVING, STILL = 200, 8
"""Frames of an animation at the most, and of those that are laid out side by side."""


@dataclass(frozen=True)
class ShowOptions:
    """What to draw."""

    only: str | None = setting(None, choices=("frontier", "library", "metric"), help="draw only records of this type")
    task: str | None = setting(None, unit="glob", help="only tasks whose id matches, as '*maze*'")
    learned: bool = setting(False, help="of a library, only the abstractions learned")
    examples: int = setting(3, minimum=0, help="examples to draw of a task", unit="examples")
    programs: int = setting(1, minimum=0, help="programs to draw of a frontier", unit="programs")
    summary: bool = setting(False, help="only the summary, a row a file")
    color: str = setting("auto", choices=("auto", "always", "never"), help="colors; auto: on a terminal")


@dataclass(frozen=True)
class PlayOptions:
    """How to play programs."""

    animate: bool = setting(False, help="play the best program of each frontier on the terminal")
    image: Path | None = setting(None, help="write it to FILE.gif or FILE.png instead; {task} stands for the task's id")
    instance: int = setting(0, minimum=0, unit="instance", help="which of a task's instances, from 0")
    held_out: bool = setting(False, help="count among the instances held out")
    fps: float = setting(8.0, minimum=0.1, maximum=50, unit="frames/s", help="how fast it plays")
    frames: int | None = setting(
        None, minimum=2, unit="frames", help=f"most frames; {MOVING} if it plays, {STILL} side by side"
    )


def subcommand(words: Sequence[str]) -> Subcommand:
    """The subcommand's arguments, options and function."""
    groups = [
        Group("What to draw", ShowOptions),
        Group("Programs at work", PlayOptions),
        SOURCE,
        LIMIT,
        ERRORS,
        STRICT,
        TALK,
    ]
    return Subcommand("show", HELP, run, [FILES], groups)


def run(parsed: Parsed) -> int:
    """Draw the stream, or play it."""
    from rich.console import Console

    from psynth.cli.pipeline import Pipeline
    from psynth.views.scenes import matching

    options, playing = parsed.of(ShowOptions), parsed.of(PlayOptions)
    if playing.animate and playing.image is not None:
        raise UsageError("--animate plays on the terminal, --image writes a file; give one of them")
    if options.summary and (playing.animate or playing.image is not None):
        raise UsageError("--summary draws nothing else; leave it out to play programs")
    pipeline = Pipeline("show", parsed)
    console = Console(
        force_terminal={"auto": None, "always": True, "never": False}[options.color],
        soft_wrap=False,
        highlight=False,
    )
    records = pipeline.chosen(matching(pipeline.read(), options.task))
    if playing.image is not None:
        _write_images(pipeline, records, playing, playing.image)
    elif playing.animate:
        _play(pipeline, records, playing, console)
    else:
        _draw(pipeline, records, options, console)
    pipeline.conclude()
    return 0


def _draw(pipeline: Pipeline, records: Iterator[Record], options: ShowOptions, console: Console) -> None:
    from psynth.views.rendering import Drawing, View

    view = View(options.examples, options.programs, options.learned, options.only)
    drawing = Drawing(view, pipeline.context().registry, pipeline.library_file())
    for record in records:
        for part in drawing.of(record, quiet=options.summary):
            console.print(part)
    if options.only is None or options.summary:
        console.print(drawing.summary())


def _scenes(pipeline: Pipeline, records: Iterator[Record], playing: PlayOptions) -> Iterator[Scene]:
    from psynth.views.scenes import Choice, scenes

    choice = Choice(playing.instance, playing.held_out)
    return scenes(records, pipeline.context(), choice, pipeline.library_file())


def _play(pipeline: Pipeline, records: Iterator[Record], playing: PlayOptions, console: Console) -> None:
    from psynth.views.playing import lay_out, play

    moves = sys.stdout.isatty() and not console.is_dumb_terminal
    for scene in _scenes(pipeline, records, playing):
        if moves and scene.program is not None:
            play(scene, console, playing.frames or MOVING, playing.fps)
        else:
            lay_out(scene, console, playing.frames or STILL)


def _write_images(pipeline: Pipeline, records: Iterator[Record], playing: PlayOptions, path: Path) -> None:
    """Write an image a scene; without ``{task}`` in the name there may be only one, which is known when all is read."""
    from psynth.cli.targets import binary_output
    from psynth.views import images

    images.check(path)
    first: Scene | None = None
    written: dict[Path, str] = {}
    for scene in _scenes(pipeline, records, playing):
        if images.PLACE not in str(path):
            if first is not None:
                raise UsageError(
                    f"--image {path}: there are several frontiers ({first.task}, {scene.task}, …); "
                    "choose one with --task or --limit 1, or write {task} into the file's name"
                )
            first = scene
            continue
        if scene.program is None and path.suffix.lower() == ".gif":
            pipeline.voice.warn(f"{scene.task} has no program to play; left out")
            continue
        target = images.path_for(path, scene.task)
        if target in written:
            raise UsageError(
                f"--image {target}: two frontiers ({written[target]}, {scene.task}) would be written to it"
            )
        written[target] = scene.task
        with binary_output(target) as stream:
            stream.write(_image(scene, playing, target))
    if first is not None:
        with binary_output(path) as stream:
            stream.write(_image(first, playing, path))
    elif not written:
        raise UsageError("--image: there is no frontier to draw; psynth show lists what the stream holds")


def _image(scene: Scene, playing: PlayOptions, path: Path) -> bytes:
    from psynth.views import images

    if path.suffix.lower() == ".png":
        return images.png(scene, playing.frames or STILL)
    if scene.program is None:
        raise UsageError(f"--image {path}: {scene.task} has no program to play; a .png shows its worlds")
    return images.gif(scene, playing.frames or MOVING, playing.fps)
