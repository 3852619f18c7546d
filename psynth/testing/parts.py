"""Conformance of a domain's optional parts: syntax, views, behavior and the maker of tasks."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from typing import Any

from psynth.core.calculus.terms import parse_term
from psynth.core.seeds import derive
from psynth.core.stream.records import Library, Program, Task
from psynth.plugins.domain import LAMBDA, Domain
from psynth.plugins.task_maker import MadeTask
from psynth.plugins.views import Animation
from psynth.testing.require import no_exception, require
from psynth.testing.verdicts import judge

FRAMES = 3
"""Number of frames of an animation to draw."""


def check_syntax(domain: Domain, library: Library, tasks: Sequence[Task], programs: Sequence[str]) -> None:
    """Check that native notation is read back as the same term, or one with the same outcomes on every task."""
    syntax = domain.syntax()
    require(isinstance(syntax.description, str), f"the description of {domain.name!r}'s language is a text")
    batch = [(task, list(programs)) for task in tasks]
    with no_exception(f"the syntax of {domain.name!r}"):
        native = [syntax.print(program) for program in programs]
        back = [syntax.read(text) for text in native]
        again = [syntax.print(program) for program in back]
    require(again == native, f"the syntax of {domain.name!r} prints what it reads as it was")
    if [parse_term(text) for text in back] != [parse_term(text) for text in programs]:
        same = judge(domain, library, LAMBDA, [(task, back) for task in tasks])
        require(
            same == judge(domain, library, LAMBDA, batch),
            f"the syntax of {domain.name!r} reads what it prints as an equivalent program",
        )


def check_views(domain: Domain, library: Library, tasks: Sequence[Task], programs: Mapping[str, Sequence[str]]) -> None:
    """Check that every task and value can be drawn, and programs animated if the domain animates them."""
    views = domain.views()
    for task in tasks:
        with no_exception(f"drawing the task {task.id!r}"):
            _draw(views.draw_task(task))
            values = [value for example in task.examples for value in (*example.inputs, example.output)]
            texts = [views.format_value(value) for value in [*values, None, True, 0, "text", [], {}]]
        require(all(isinstance(text, str) for text in texts), f"format_value of {domain.name!r} gives text")
        for program in [None, *programs.get(LAMBDA, ())[:2]]:
            with no_exception(f"animating {program!r} on {task.id!r}"):
                animation = views.animate(library, task, program)
                if animation is not None:
                    _draw_frames(animation, f"the animation of {program!r} on {task.id!r}")


def _draw_frames(animation: Animation, what: str) -> None:
    require(bool(animation.frames), f"{what} has a frame")
    shapes = set()
    for frame in animation.thinned(FRAMES).frames:
        _draw(frame.draw())
        raster: Any = frame.raster()
        shapes.add(raster.shape)
        require(str(raster.dtype) == "uint8" and raster.ndim == 3, f"{what} has rasters of colored pixels")
    require(len(shapes) == 1, f"{what} has rasters of one shape")


def _draw(renderable: Any) -> None:
    from rich.console import Console

    if renderable is not None:
        Console(file=io.StringIO(), width=100).print(renderable)


def check_behavior(
    domain: Domain, library: Library, tasks: Sequence[Task], programs: Mapping[str, Sequence[str]]
) -> None:
    """Check that axes are named intervals, and that a descriptor has one number for each."""
    behavior = domain.behavior()
    if behavior is None:
        return
    names = [axis.name for axis in behavior.axes]
    require(len(set(names)) == len(names) > 0, f"the axes of {domain.name!r}'s behavior have different names")
    require(all(axis.low < axis.high for axis in behavior.axes), f"the axes of {domain.name!r} are intervals")
    described = judged = 0
    for language, texts in programs.items():
        for verdicts in judge(domain, library, language, [(task, texts) for task in tasks]):
            for text, verdict in zip(texts, verdicts, strict=True):
                judged += 1
                with no_exception(f"the behavior of {domain.name!r}"):
                    descriptor = behavior.describe(Program(text, language), verdict.outputs)
                if descriptor is not None:
                    described += 1
                    kept = len(descriptor) == len(names) and all(math.isfinite(number) for number in descriptor)
                    require(kept, f"a descriptor of {domain.name!r} has one finite number an axis, not {descriptor}")
    # A domain without tasks and programs of its own describes none.
    require(described > 0 or judged == 0, f"some program of {domain.name!r} has a descriptor")


def check_task_maker(domain: Domain, library: Library, tasks: Sequence[Task], programs: Sequence[str]) -> None:
    """Check that programs solve the tasks made for them, which depend on the seeds but not on the number of threads."""
    maker = domain.task_maker()
    assert maker is not None
    request = next((task.request for task in tasks), None)
    seeded = [(program, derive(0, "testing", program)) for program in programs]
    what = f"the task maker of {domain.name!r}"
    with no_exception(what):
        made, again = (
            maker.tasks_for(seeded, library, 3, maker.Settings(), outputs=True, threads=threads) for threads in (1, 2)
        )
    require(len(made) == len(seeded), f"{what} gives one answer a program")
    require(made == again, f"{what} makes the same tasks whatever the number of threads")
    solved = 0
    for number, (program, answer) in enumerate(zip(programs, made, strict=True)):
        if not isinstance(answer, MadeTask):
            require(bool(answer), f"{what} says why there is no task for {program!r}")
            continue
        task = Task(f"{domain.name}/made-{number}", domain.name, request, answer.examples, answer.environment)
        [[verdict]] = judge(domain, library, LAMBDA, [(task, [program])])
        require(verdict.solved, f"{what} makes a task that {program!r} solves")
        solved += 1
    require(solved > 0, f"{what} makes a task for some of the programs {programs}")
