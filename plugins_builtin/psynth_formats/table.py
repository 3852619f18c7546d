"""Tasks from tables: each row is an example, its columns are the inputs and the output."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
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

TEST = "test"
"""The split of examples that are held out."""


@dataclass(frozen=True)
class Table(Format):
    """Tasks of your own from a table: CSV, TSV, JSON (a list of objects) or JSON lines.

    Each row is an example. The last column is the output, and the columns before it are the inputs, unless --inputs and
    --output-column name them. All rows of a file are one task, unless --task-column names a column: then rows with the
    same value there are one task. Cells of CSV and TSV files are JSON (3, true, [1,2]) if all cells of their column
    are, else text. The type of a task is inferred from its values, in the types of the domain, or given by --request.

        psynth import table -d list double.csv | psynth enumerate | psynth show
    """

    name: ClassVar[str] = "table"
    help: ClassVar[str] = "tasks of your own from CSV, TSV, JSON or JSON lines"

    domain: str = setting("list", flag="-d/--domain", value="DOMAIN", only="import", help="domain of the tasks")
    request: str | None = setting(None, only="import", value="TYPE", help="type of the programs (default: inferred)")
    inputs: tuple[str, ...] = setting(
        (), only="import", unit="columns", help="columns of the inputs, in order (repeatable; names between commas)"
    )
    output: str | None = setting(
        None, flag="--output-column", only="import", unit="column", help="column of the output"
    )
    task: str | None = setting(
        None, flag="--task-column", only="import", unit="column", help="column of the task's name"
    )
    description: str | None = setting(
        None, flag="--description-column", only="import", unit="column", help="column of the task's description"
    )
    split: str | None = setting(
        None, flag="--split-column", only="import", unit="column", help="column that says test in held-out examples"
    )
    text: tuple[str, ...] = setting((), only="import", unit="columns", help="columns whose cells are text (repeatable)")
    delimiter: str | None = setting(None, only="import", help="character between cells (default: by the suffix)")
    header: bool = setting(
        True, only="import", help="the first row has the names of the columns, else they are 1, 2, …"
    )

    def read(self, paths: Sequence[str], context: Context) -> Iterator[Record]:
        """Yield the domain's library, and a frontier for each task in the order of its first row."""
        domain = context.registry.domain(self.domain)
        yield domain.library()
        for path in paths:
            rows = list(read_rows(path, self.delimiter, context.bad_input, header=self.header))
            yield from self._frontiers(path, rows, domain, context)

    def _frontiers(self, path: str, rows: Sequence[Row], domain: Domain, context: Context) -> Iterator[Frontier]:
        if not rows:
            raise InputError("the table has no rows", source=path)
        columns = self._columns(rows)
        rows = [row for row, _ in each_sound(rows, lambda row: _checked(row, columns), context)]
        if not rows:
            return
        tables = _decoded(rows, columns, set(_names(self.text)))
        stem = "table" if path == "-" else Path(path).name.split(".")[0]
        groups: dict[str, list[int]] = {}
        for number, row in enumerate(rows):
            groups.setdefault(stem if columns.task is None else _text(row, columns.task), []).append(number)

        def frontier(group: tuple[str, list[int]]) -> Frontier:
            name, numbers = group
            first = rows[numbers[0]]
            examples = tuple(_example(rows[number], tables, number, columns) for number in numbers)
            request = self.request
            if request is None and LAMBDA in domain.languages:
                try:
                    request = request_of(examples, domain)
                except InputError as error:
                    raise first.error(f"task {name}: {error.message}; --request gives the type") from error
            described = () if columns.description is None else (_text(first, columns.description),)
            return Frontier(Task(f"{domain.name}/{name}", domain.name, request, examples, descriptions=described))

        for _, made in each_sound(groups.items(), frontier, context):
            yield made

    def _columns(self, rows: Sequence[Row]) -> Columns:
        first = rows[0]
        known = list(first.cells)
        special = {self.task, self.description, self.split}
        plain = [name for name in known if name not in special]
        output = self.output or (plain[-1] if plain else None)
        inputs = _names(self.inputs) or [name for name in plain if name != output]
        for name in (*inputs, output, *special):
            if name is not None and name not in first.cells:
                columns = ", ".join(known)
                raise first.error(f"there is no column {name!r}{did_you_mean(name, known)}; the columns: {columns}")
        if output is None:
            raise first.error("there is no column for the output")
        return Columns(tuple(inputs), output, self.task, self.description, self.split)


@dataclass(frozen=True, slots=True)
class Columns:
    """The use of each column."""

    inputs: tuple[str, ...]
    output: str
    task: str | None
    description: str | None
    split: str | None


def _names(texts: Sequence[str]) -> list[str]:
    return [name for text in texts for name in text.split(",") if name]


def _decoded(rows: Sequence[Row], columns: Columns, text: set[str]) -> Mapping[str, list[Any]]:
    """The values of each column of inputs and output."""
    return {
        name: _column([_cell(row, name) for row in rows], rows, name in text)
        for name in (*columns.inputs, columns.output)
    }


def _checked(row: Row, columns: Columns) -> Row:
    """The row; InputError unless it has a cell in every column that is used, and a name if tasks have names."""
    for name in (*columns.inputs, columns.output):
        _cell(row, name)
    for column in (columns.task, columns.description):
        if column is not None:
            _text(row, column)
    return row


def _cell(row: Row, column: str) -> Any:
    if column not in row.cells:
        raise row.error(f"the row has no {column!r}")
    return row.cells[column]


def _column(cells: list[Any], rows: Sequence[Row], is_text: bool) -> list[Any]:
    """The values of a column: JSON if all its cells are, but for those that are empty, else text."""
    if is_text or rows[0].is_json:
        return [str(cell) for cell in cells] if is_text else cells
    try:
        values = [json.loads(cell, parse_constant=_refuse) if cell.strip() else EMPTY for cell in cells]
        return cells if all(value is EMPTY for value in values) else values
    except (ValueError, RecursionError):
        return cells


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is text")


def _text(row: Row, column: str) -> str:
    value = _cell(row, column)
    text = value if isinstance(value, str) else json.dumps(value)
    if not text.strip():
        raise row.error(f"column {column!r} is empty")
    return text


EMPTY = object()
"""The value of an empty cell in a column of JSON."""


def _example(row: Row, tables: Mapping[str, list[Any]], number: int, columns: Columns) -> Example:
    for name in (*columns.inputs, columns.output):
        if tables[name][number] is EMPTY:
            raise row.error(f"the cell in column {name!r} is empty")
    inputs = [tables[name][number] for name in columns.inputs]
    held_out = columns.split is not None and row.cells.get(columns.split) == TEST
    return Example(inputs, tables[columns.output][number], split=TEST if held_out else None)
