"""Tasks from JSON lines: each line is a task with its examples, as data sets of tasks often are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from psynth.core.errors import InputError
from psynth.core.settings import did_you_mean, setting
from psynth.core.stream.records import Example, Frontier, Record, Task
from psynth.plugins.domain import LAMBDA, Domain
from psynth.plugins.format import Format, each_sound
from psynth.plugins.method import Context
from psynth_formats.rows import Row, read_rows
from psynth_formats.value_types import request_of

FIELDS = ("name", "id", "examples", "train", "test", "request", "description")


@dataclass(frozen=True)
class TaskLines(Format):
    """Tasks of your own as JSON lines: each line is an object with the examples of a task.

    Examples are in "examples", or in "train" and, held out, in "test". An example is {"inputs": [1, 2], "output": 3},
    {"input": 1, "output": 2}, or a list of the inputs and the output. Optional are "name" (or "id"), "description", and
    "request", the type of the programs, which is otherwise inferred from the values.

        psynth import jsonl -d list tasks.jsonl | psynth enumerate | psynth show
    """

    name: ClassVar[str] = "jsonl"
    help: ClassVar[str] = "tasks of your own as JSON lines, a task a line"

    domain: str = setting("list", flag="-d/--domain", value="DOMAIN", only="import", help="domain of the tasks")

    def read(self, paths: Sequence[str], context: Context) -> Iterator[Record]:
        """Yield the domain's library, and a frontier for each line."""
        domain = context.registry.domain(self.domain)
        yield domain.library()
        for path in paths:
            stem = "tasks" if path == "-" else Path(path).name.split(".")[0]
            rows = read_rows(path, None, context.bad_input, header=True, suffix=".jsonl")
            numbered = ((f"{stem}-{row.line - 1:05}", row) for row in rows)
            for _, task in each_sound(numbered, lambda named: _task(named[1], named[0], domain), context):
                yield Frontier(task)


def _task(row: Row, default: str, domain: Domain) -> Task:
    for field in row.cells:
        if field not in FIELDS and (hint := did_you_mean(field, FIELDS)):
            raise row.error(f"unknown field {field!r}{hint}")
    name = _text(row, "name") or _text(row, "id") or default
    shown = [*_examples(row, "examples", None), *_examples(row, "train", None)]
    examples = (*shown, *_examples(row, "test", "test"))
    if not shown:
        raise row.error("the task has no examples")
    request = _text(row, "request")
    if request is None and LAMBDA in domain.languages:
        try:
            request = request_of(examples, domain)
        except InputError as error:
            raise row.error(f"task {name}: {error.message}; the field request gives the type") from error
    description = _text(row, "description")
    prefix = "" if name.startswith(f"{domain.name}/") else f"{domain.name}/"
    return Task(
        f"{prefix}{name}", domain.name, request, examples, descriptions=() if description is None else (description,)
    )


def _text(row: Row, field: str) -> str | None:
    value = row.cells.get(field)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise row.error(f"{field} is text")


def _examples(row: Row, field: str, split: str | None) -> list[Example]:
    found = row.cells.get(field, [])
    if not isinstance(found, list):
        raise row.error(f"{field} is a list of examples")
    return [_example(row, f"{field}[{number}]", each, split) for number, each in enumerate(found)]


def _example(row: Row, place: str, value: Any, split: str | None) -> Example:
    if isinstance(value, list) and len(value) == 2 and isinstance(value[0], list):
        return Example(value[0], value[1], split=split)
    if isinstance(value, dict) and "output" in value:
        inputs = value.get("inputs")
        if isinstance(inputs, list):
            return Example(inputs, value["output"], split=split or value.get("split"))
        if "input" in value:
            return Example([value["input"]], value["output"], split=split or value.get("split"))
    raise row.error(f'{place}: an example is {{"inputs": […], "output": …}}, or a list of the inputs and the output')
