"""The texts that a language model reads about a domain and a task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from psynth.core.stream.records import Example, Program, Task, encode
from psynth.plugins.language_model import Message
from psynth.plugins.visible_task import VisibleTask
from psynth_llm.notation import Notation, Refused

Shown: TypeAlias = Literal["both", "description", "examples"]
LONGEST_VALUE = 300
"""Maximum number of characters of a value in a prompt; an ellipsis stands for the rest."""
LONGEST_DATA = 4000
"""Maximum number of characters of a task's further data, which are left out if they have more."""


def system(notation: Notation, role: str) -> Message:
    """What holds for all tasks of a domain: the language and its library."""
    return Message("system", f"{role}\n\n{notation.described()}")


def task_text(
    task: VisibleTask, notation: Notation, shown: Shown, examples: int, description: str | None = None
) -> str:
    """What a task wants: its description (the first, unless another is given), its type and up to so many examples."""
    lines: list[str] = []
    if description is None:
        description = next(iter(task.descriptions), None)
    if shown != "examples" and description:
        lines.append(f"Task: {description}")
    if task.request is not None and notation.typed:
        lines.append(f"Type: {task.request}")
    if shown != "description":
        lines += _examples(task.examples[:examples], notation.function)
    if shown != "examples":
        lines += _data(task)
    if not lines:
        lines.append(f"Task: {task.id}")
    return "\n".join(lines)


def _examples(examples: Sequence[Example], function: str) -> list[str]:
    lines = [f"  {_call(function, each.inputs)} = {value_text(each.output)}" for each in examples]
    return ["Examples:", *lines] if lines else []


def _call(function: str, inputs: Sequence[Any]) -> str:
    """An application of the wanted function."""
    return f"{function}({', '.join(map(value_text, inputs))})"


def _data(task: Task) -> list[str]:
    """What the task's domain needs to judge a program, where it is short."""
    if not task.environment:
        return []
    text = encode(task.environment).decode()
    return [f"Data: {text}"] if len(text) <= LONGEST_DATA else []


def value_text(value: Any) -> str:
    """A value as JSON, cut where it is long."""
    text = encode(value).decode()
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def feedback(
    program: Program | None, refused: Refused | None, task: VisibleTask, notation: Notation, examples: int
) -> str:
    """What is wrong with a program that the model wrote: why it could not be run, or what it returned."""
    lines: list[str] = []
    if refused is not None:
        lines.append(f"That is no program that can be run: {refused.message}")
    elif program is not None:
        lines.append("That program does not solve the task.")
        lines += _wrong(program, task, examples, notation.function)
        if program.message:
            lines.append(program.message)
        if program.reward is not None:
            lines.append(f"Its reward is {program.reward:g}.")
    lines.append("Write a program that does, and nothing else.")
    return "\n".join(lines)


def _wrong(program: Program, task: VisibleTask, examples: int, function: str) -> list[str]:
    """The examples that a program gets wrong, with what it returned."""
    if program.outputs is None or len(program.outputs) != len(task.examples):
        return []
    wrong = [
        f"  {_call(function, example.inputs)} is {value_text(output)}, but should be {value_text(example.output)}"
        for example, output in zip(task.examples, program.outputs, strict=True)
        if output != example.output
    ]
    return wrong[:examples]
