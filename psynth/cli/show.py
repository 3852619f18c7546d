"""psynth show: draws tasks, programs and libraries on the terminal, and animates programs there or as images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from psynth.cli.filters import FILES
from psynth.cli.options import ERRORS, LIMIT, SOURCE, STRICT, TASK_SEED, TASKS, VERBOSITY, SourceOptions
from psynth.cli.subcommand import Group, Parsed, Subcommand
from psynth.core import standard
from psynth.core.errors import InputError, UsageError
from psynth.core.settings import setting

if TYPE_CHECKING:
    from rich.console import Console

    from psynth.cli.run import Run
    from psynth.core.stream.records import Library, Record
    from psynth.views.scenes import Scene

DETAILS = """\
Tasks are drawn with their examples and best programs, then learned abstractions and a summary. --only library draws
whole libraries, --only metric each metric.

    psynth enumerate -d list --max-cost 15 | psynth show
    psynth show --only library solved.jsonl
    psynth show --summary before.jsonl after.jsonl

If a domain has a syntax of its own, programs are shown in both; abstractions are expanded in the second.

--animate plays the best program of each frontier if the domain can animate programs; if standard output is not a
terminal, it prints a few frames of each instead. --image writes the same to a file: FILE.gif is an animation, FILE.png
has a few frames side by side, or some instances of a task that has no program. For several frontiers, write {task} into
the file's name, or choose one with --task. Images need an extra: in the checkout of psynth, pip install '.[pictures]'.

An archive (psynth elites) is drawn as a map of its first two dimensions: a square has the best elite of its bins, and
is brighter if that is better. --map FILE.png draws the map as a picture, with elites at work if the domain can animate
them.

    psynth show --animate --task maze solved.jsonl
    psynth show --image '{task}.gif' --fps 12 solved.jsonl
    psynth show -d karel --task maze --image worlds.png
"""

MOVING, STILL = 200, 8
"""Maximum number of frames of an animation, and of a row of frames side by side."""


@dataclass(frozen=True)
class ShowOptions:
    """The records to draw."""

    only: str | None = setting(None, choices=("frontier", "library", "metric"), help="draw only records of this type")
    learned: bool = setting(False, help="of a library, only the learned abstractions")
    examples: int = setting(3, minimum=0, help="examples to draw for each task", unit="examples")
    programs: int = setting(1, minimum=0, help="programs to draw for each frontier", unit="programs")
    summary: bool = setting(False, help="only the summary, one row per file")
    color: str = setting("auto", choices=("auto", "always", "never"), help="colors; auto: on a terminal")


@dataclass(frozen=True)
class PlayOptions:
    """The animation of programs."""

    animate: bool = setting(False, help="play the best program of each frontier on the terminal")
    image: Path | None = setting(
        None, file="write", help="write to FILE.gif or FILE.png instead; {task} stands for the task's id"
    )
    map: Path | None = setting(
        None, file="write", help="write the map of an archive to FILE.png; {task} stands for the task's id"
    )
    instance: int = setting(0, minimum=0, unit="instance", help="the task's instance, counted from 0")
    held_out: bool = setting(False, help="count the held-out instances instead")
    fps: float = setting(8.0, minimum=0.1, maximum=50, unit="frames/s", help="speed of the animation")
    frames: int | None = setting(
        None, minimum=2, unit="frames", help=f"maximum frames (default: {MOVING} animated, {STILL} side by side)"
    )


def subcommand(help: str, words: Sequence[str]) -> Subcommand:
    """The subcommand; ``help`` is its summary."""
    groups = [
        Group("What to draw", ShowOptions),
        Group("Programs at work", PlayOptions),
        *(SOURCE, TASKS, TASK_SEED, LIMIT, ERRORS, STRICT, VERBOSITY),
    ]
    return Subcommand("show", f"{help}\n\n{DETAILS}", run, [FILES], groups)


def run(parsed: Parsed) -> int:
    """Draw the stream, or play it."""
    from psynth.cli.run import Run
    from psynth.cli.sink import Sink
    from psynth.cli.source import Source

    options, playing = parsed.of(ShowOptions), parsed.of(PlayOptions)
    if sum([playing.animate, playing.image is not None, playing.map is not None]) > 1:
        raise UsageError("--animate plays on the terminal, --image and --map write a file; give one of them")
    if options.summary and (playing.animate or playing.image is not None or playing.map is not None):
        raise UsageError("--summary draws nothing else; omit it to play programs")
    this_run = Run("show", parsed)
    source = Source(this_run)
    console = standard.console(
        force_terminal={"auto": None, "always": True, "never": False}[options.color],
        soft_wrap=False,
        highlight=False,
    )
    records = source.chosen(source.read())
    if playing.map is not None:
        _write_maps(this_run, records, playing.map, source.libraries())
    elif playing.image is not None:
        _write_images(this_run, _scenes(this_run, records, playing, source.libraries()), playing, playing.image)
    elif playing.animate:
        _play(_scenes(this_run, records, playing, source.libraries()), playing, console)
    else:
        _draw(this_run, records, options, console, source.libraries())
    Sink(this_run).conclude()
    return 0


def _draw(
    run: Run, records: Iterator[Record], options: ShowOptions, console: Console, overrides: Mapping[str, Library]
) -> None:
    from psynth.core.stream.records import Line
    from psynth.views.rendering import Drawing, View

    view = View(options.examples, options.programs, options.learned, options.only)
    drawing = Drawing(view, run.context().registry, overrides, _name_of_input(run))
    for record in records:
        try:
            parts = list(drawing.of(record, quiet=options.summary))
        except InputError as error:
            run.bad_input(record.error(error.message) if isinstance(record, Line) else error)
            continue
        for part in parts:
            console.print(part)
    for part in drawing.rest():
        console.print(part)
    if options.only is None or options.summary:
        console.print(drawing.summary(run.report.ends))
        for message in drawing.missing():
            console.print(message, markup=False)


def _name_of_input(run: Run) -> str:
    """What to call the stream of records before the first one whose place is known."""
    domain, files = run.parsed.of(SourceOptions).domain, run.parsed.arguments["files"] or ["-"]
    if domain is not None:
        return f"-d {domain}"
    return "<stdin>" if files[0] == "-" else str(files[0])


def _scenes(
    run: Run, records: Iterator[Record], playing: PlayOptions, overrides: Mapping[str, Library]
) -> Iterator[Scene]:
    from psynth.views.scenes import Choice, scenes

    choice = Choice(playing.instance, playing.held_out)
    return scenes(records, run.context(), choice, overrides)


def _play(found: Iterator[Scene], playing: PlayOptions, console: Console) -> None:
    from psynth.views.playing import lay_out, play

    moves = standard.out().isatty() and not console.is_dumb_terminal
    for scene in found:
        if moves and scene.program is not None:
            play(scene, console, playing.frames or MOVING, playing.fps)
        else:
            lay_out(scene, console, playing.frames or STILL)


def _write_images(run: Run, found: Iterator[Scene], playing: PlayOptions, path: Path) -> None:
    """Write an image for each scene; without ``{task}`` in the name there may be only one."""
    from psynth.cli.targets import binary_output
    from psynth.views import images

    images.check(path)
    first: Scene | None = None
    written: dict[Path, str] = {}
    for scene in found:
        if images.PLACE not in str(path):
            if first is not None:
                raise UsageError(
                    f"--image {path}: there are several frontiers ({first.task}, {scene.task}, …); "
                    "choose one with --task or --limit 1, or write {task} into the file's name"
                )
            first = scene
            continue
        if scene.program is None and path.suffix.lower() == ".gif":
            run.messages.warn(f"{scene.task} has no program to play; skipped")
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


def _write_maps(run: Run, records: Iterator[Record], path: Path, overrides: Mapping[str, Library]) -> None:
    """Write a map for each task of the archives; without ``{task}`` in the name there may be only one."""
    from psynth.cli.targets import binary_output
    from psynth.core.stream.records import Library
    from psynth.views import contact_sheet, images
    from psynth.views.archives import Archives

    contact_sheet.check(path)
    archives, libraries = Archives(), dict(overrides)
    for record in records:
        archives.takes(record, "")
        if isinstance(record, Library):
            libraries.setdefault(record.domain, record)
    tasks = list(archives.tasks())
    if not tasks:
        raise UsageError("--map: there is no archive with elites in the stream; psynth elites makes one")
    if len(tasks) > 1 and images.PLACE not in str(path):
        raise UsageError(f"--map {path}: there are {len(tasks)} maps; write {{task}} into the file's name")
    picture = contact_sheet.pictures(run.context(), libraries)
    for _, elites, task in tasks:
        with binary_output(images.path_for(path, task)) as stream:
            stream.write(contact_sheet.contact_sheet(elites, task, picture))


def _image(scene: Scene, playing: PlayOptions, path: Path) -> bytes:
    from psynth.views import images

    if path.suffix.lower() == ".png":
        return images.png(scene, playing.frames or STILL)
    if scene.program is None:
        raise UsageError(f"--image {path}: {scene.task} has no program to play; a .png shows its worlds")
    return images.gif(scene, playing.frames or MOVING, playing.fps)
