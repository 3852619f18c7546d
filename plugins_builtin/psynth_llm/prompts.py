"""The texts that a language model reads about a domain and a task."""

from __future__ import annotations

from psynth.core.stream.records import Program
from psynth.plugins.language_model import Message
from psynth.plugins.task_text import Shown, call_text, task_text, value_text
from psynth.plugins.visible_task import VisibleTask
from psynth_llm.notation import Notation, Refused


def system(notation: Notation, role: str) -> Message:
    """What holds for all tasks of a domain: the language and its library."""
    return Message("system", f"{role}\n\n{notation.described()}")


def task_shown(
    task: VisibleTask, notation: Notation, shown: Shown, examples: int, description: str | None = None
) -> str:
    """What a task wants, with examples of programs in a notation."""
    return task_text(task, shown, examples, description, function=notation.function, typed=notation.typed)


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
        f"  {call_text(function, example.inputs)} is {value_text(output)}, but should be {value_text(example.output)}"
        for example, output in zip(task.examples, program.outputs, strict=True)
        if output != example.output
    ]
    return wrong[:examples]
