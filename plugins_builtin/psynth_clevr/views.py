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


class SceneViews(Views):
    """Scenes as maps, and sets of objects in words."""

    def __init__(self, domain: Domain) -> None:
        self._domain = domain

    def draw_task(self, task: Task) -> Columns | None:
        """The scenes with their answers, objects to be found being marked; None if the task has no or other inputs."""
        from rich.columns import Columns
        from rich.console import Group
        from rich.text import Text

        shown = [example for example in task.examples if example.split != "test"]
        if not shown:
            return None
        try:
            pictures = [draw(*_picture(example)) for example in shown]
        except InputError:
            return None
        answers = [Text(f"↦ {self.format_value(example.output)}\n") for example in shown]
        parts = [Group(picture, answer) for picture, answer in zip(pictures, answers, strict=True)]
        return Columns(parts, padding=(0, 4))

    def format_value(self, value: Any) -> str:
        """Objects in words, a truth value as yes or no, and anything else without quotation marks, or as JSON."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, int | str) and value != "":
            return str(value)
        try:
            things = _objects(value)
        except InputError:
            return super().format_value(value)
        return ", ".join(f"{thing.id} {described(thing)}" for thing in things) or "nothing"

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
        asked = task.descriptions[0] if task.descriptions else task.id
        caption = None
        if program is not None:
            try:
                with self._domain.evaluator(library, Budget(), language=language) as evaluator:
                    found = evaluator.value_of(program, task.request, example.inputs)
            except InputError as error:
                found, caption = [], error.message
            example = Example(example.inputs, found)
        from psynth_clevr.raster import raster

        scene, marked = _picture(example)
        answer = self.format_value(example.output) if caption is None else caption
        frame = Frame(f"{asked} {answer}", partial(draw, scene, marked), partial(raster, scene, marked))
        return Animation(f"scene {instance}", [frame], instances=len(examples))


def _objects(value: Any) -> Scene:
    """A set of objects, or one, as a set; InputError for any other value."""
    return from_json([value] if isinstance(value, dict) and value else value)


def _picture(example: Example) -> tuple[Scene, frozenset[int]]:
    """The scene of an example, and the ids of objects that are its answer; changed ones are drawn as the scene."""
    if len(example.inputs) != 1:
        raise InputError("a question is about one scene")
    scene = from_json(example.inputs[0])
    try:
        answer = _objects(example.output)
    except InputError:
        return scene, frozenset()
    before = {thing.id: thing for thing in scene}
    if any(before.get(thing.id) != thing for thing in answer):
        return answer, frozenset()
    return scene, frozenset(thing.id for thing in answer)
