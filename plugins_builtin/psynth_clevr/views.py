"""Pictures of scenes and of what is asked for, or found, in them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from psynth.core.errors import InputError
from psynth.core.stream.records import Example, Library, Task
from psynth.plugins.domain import LAMBDA, Domain
from psynth.plugins.evaluator import Budget
from psynth.plugins.views import Animation, Frame, Views
from psynth_clevr.drawing import described, draw
from psynth_clevr.scenes import Scene, from_json

if TYPE_CHECKING:
    from rich.columns import Columns

DRAWN = 3
"""Scenes drawn of a task, at most."""


class SceneViews(Views):
    """Scenes as maps, and sets of objects in words."""

    def __init__(self, domain: Domain) -> None:
        self._domain = domain

    def draw_task(self, task: Task) -> Columns | None:
        """The first scenes with their answers, objects to be found being marked; None if the task has other inputs."""
        from rich.columns import Columns
        from rich.console import Group
        from rich.text import Text

        shown = [example for example in task.examples if example.split != "test"][:DRAWN]
        try:
            pictures = [_picture(example) for example in shown]
        except InputError:
            return None
        parts = [Group(draw(scene, marked), Text(f"↦ {caption}\n")) for scene, marked, caption in pictures]
        return Columns(parts, padding=(0, 4))

    def format_value(self, value: Any) -> str:
        """A set of objects in words, any other value as it is read in English, or as JSON."""
        try:
            return _in_words(value)
        except InputError:
            return super().format_value(value)

    def animate(
        self,
        library: Library,
        task: Task,
        program: str | None,
        *,
        language: str = LAMBDA,
        instance: int = 0,
        held_out: bool = False,
    ) -> Animation:
        """One frame: a scene with a program's answer or, without a program, with the right one."""
        examples = [example for example in task.examples if (example.split == "test") == held_out]
        if instance >= len(examples):
            kind = "held-out scenes" if held_out else "scenes"
            raise InputError(f"the task has {len(examples)} {kind}; there is no instance {instance}")
        example = examples[instance]
        if program is not None:
            with self._domain.evaluator(library, Budget(), language=language) as evaluator:
                found = evaluator.value_of(program, task.request, example.inputs)
            example = Example(example.inputs, found)
        from psynth_clevr.raster import raster

        scene, marked, answer = _picture(example)
        asked = task.descriptions[0] if task.descriptions else task.id
        frame = Frame(f"{asked} {answer}", partial(draw, scene, marked), partial(raster, scene, marked))
        return Animation(f"scene {instance}", [frame], instances=len(examples))


def _picture(example: Example) -> tuple[Scene, frozenset[int], str]:
    """The scene of an example, the ids of objects that are its answer, and the answer in words."""
    if len(example.inputs) != 1:
        raise InputError("a question is about one scene")
    scene = from_json(example.inputs[0])
    try:
        answer = from_json(example.output)
    except InputError:
        return scene, frozenset(), _in_words(example.output)
    # A set of changed objects is drawn as the scene that it is.
    left = {thing.id: thing for thing in scene}
    changed = any(left.get(thing.id) != thing for thing in answer)
    words = _in_words(example.output)
    return (answer, frozenset(), words) if changed else (scene, frozenset(thing.id for thing in answer), words)


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | str):
        return str(value)
    things = from_json(value)
    return ", ".join(f"{thing.id} {described(thing)}" for thing in things) or "nothing"
