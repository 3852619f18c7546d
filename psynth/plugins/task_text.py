"""How a task is written for a language model, and read back by a model that learned from tasks themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal, TypeAlias

from psynth.core.stream.records import Example, Task, encode
from psynth.plugins.visible_task import VisibleTask

Shown: TypeAlias = Literal["both", "description", "examples"]
"""What is shown of a task."""
LONGEST_VALUE = 300
"""Maximum number of characters of a value in a prompt; an ellipsis stands for the rest."""
LONGEST_DATA = 4000
"""Maximum number of characters of a task's further data, which are left out if they have more."""
TASK, TYPE, EXAMPLES, DATA = "Task: ", "Type: ", "Examples:", "Data: "
"""What the parts of a text begin with."""
_EXAMPLE = re.compile(r"  [\w.]+\((.*)\) = (.*)")


def task_text(
    task: VisibleTask, shown: Shown, examples: int, description: str | None = None, *, function: str, typed: bool
) -> str:
    """What a task wants: its description (the first, unless another is given), its type and up to so many examples.

    ``function`` is what examples call a program; the type is written if it is ``typed``.
    """
    lines: list[str] = []
    if description is None:
        description = next(iter(task.descriptions), None)
    if shown != "examples" and description:
        lines.append(f"{TASK}{description}")
    if task.request is not None and typed:
        lines.append(f"{TYPE}{task.request}")
    if shown != "description":
        lines += _examples(task.examples[:examples], function)
    if shown != "examples":
        lines += _data(task)
    if not lines:
        lines.append(f"{TASK}{task.id}")
    return "\n".join(lines)


def read_task_text(text: str, domain: str) -> VisibleTask:
    """The task of a text that has one: what ``task_text`` wrote of it, wherever it stands.

    An example with a value that was cut is left out. Without a description, type and examples the task has none.
    """
    descriptions: list[str] = []
    request: str | None = None
    environment: dict[str, Any] | None = None
    examples: list[Example] = []
    for line in text.splitlines():
        found = _EXAMPLE.fullmatch(line)
        if line.startswith(TASK):
            descriptions.append(line.removeprefix(TASK))
        elif line.startswith(TYPE):
            request = line.removeprefix(TYPE)
        elif line.startswith(DATA):
            data = _value(line.removeprefix(DATA))
            environment = data if isinstance(data, dict) else None
        elif found is not None:
            inputs, output = _value(f"[{found[1]}]"), _value(f"[{found[2]}]")
            if isinstance(inputs, list) and isinstance(output, list) and len(output) == 1:
                examples.append(Example(inputs, output[0]))
    return VisibleTask(
        f"{domain}/prompt", domain, request, tuple(examples), environment=environment, descriptions=tuple(descriptions)
    )


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _examples(examples: Sequence[Example], function: str) -> Iterator[str]:
    if examples:
        yield EXAMPLES
    for each in examples:
        yield f"  {call_text(function, each.inputs)} = {value_text(each.output)}"


def call_text(function: str, inputs: Sequence[Any]) -> str:
    """An application of the wanted function."""
    return f"{function}({', '.join(map(value_text, inputs))})"


def _data(task: Task) -> list[str]:
    """What the task's domain needs to judge a program, where it is short."""
    if not task.environment:
        return []
    text = encode(task.environment).decode()
    return [f"{DATA}{text}"] if len(text) <= LONGEST_DATA else []


def value_text(value: Any) -> str:
    """A value as JSON, cut where it is long."""
    text = encode(value).decode()
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
