"""Tables of examples: CSV, TSV, JSON and JSON lines as rows of named cells, each with its place."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psynth.core.errors import InputError, UsageError
from psynth.core.files import read_json, read_text

DELIMITERS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
"""The character between cells, by the suffix of a file."""
JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")
COMPRESSED = (".gz", ".zst")
LONGEST_CELL = 1 << 28
"""The longest cell that is read, in characters."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its cells by column. Cells of a JSON file are values, those of other files are text."""

    cells: Mapping[str, Any]
    source: str
    line: int
    is_json: bool
    number: int = 0
    """The number of rows of a JSON file before it, bad ones included."""

    def error(self, message: str) -> InputError:
        """An error in this row."""
        return InputError(message, source=self.source, line=self.line)


Bad = Callable[[InputError], object]
"""Handles a bad row: raises the error, or returns to go on with the next row."""


def read_rows(path: str, delimiter: str | None, bad: Bad, *, header: bool, suffix: str = "") -> Iterator[Row]:
    """The rows of a file (``-``: standard input) by its suffix, or with cells separated by ``delimiter``.

    ``suffix`` replaces the file's own. Without a header the columns are called 1, 2, …. InputError for what is no such
    file, with the line, and if the suffix tells nothing; ``bad`` handles errors in single rows.
    """
    name = path
    while Path(name).suffix in COMPRESSED:
        name = name.removesuffix(Path(name).suffix)
    suffix = suffix or Path(name).suffix.lower()
    if delimiter is None and suffix in JSON_SUFFIXES:
        return _json_rows(path, suffix != ".json", bad)
    delimiter = delimiter or DELIMITERS.get(suffix)
    if delimiter is None:
        known = ", ".join((*DELIMITERS, *JSON_SUFFIXES))
        problem = f"cannot tell what file this is; use a suffix ({known}) or --delimiter"
        raise InputError(problem, source="<stdin>" if path == "-" else path)
    return _text_rows(path, {"\\t": "\t", "tab": "\t"}.get(delimiter, delimiter), bad, header=header)


def _text_rows(path: str, delimiter: str, bad: Bad, *, header: bool) -> Iterator[Row]:
    source = "<stdin>" if path == "-" else path
    csv.field_size_limit(LONGEST_CELL)
    try:
        reader = csv.reader(io.StringIO(read_text(path), newline=""), delimiter=delimiter, strict=True)
    except TypeError as error:
        raise UsageError(f"--delimiter {delimiter}: {error}") from error
    columns: list[str] | None = None
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            bad(InputError(f"not a table: {error}", source=source, line=reader.line_num))
            continue
        if not cells:
            continue
        if columns is None:
            columns = cells if header else [str(number) for number in range(1, len(cells) + 1)]
            _check_columns(columns, source)
            if header:
                continue
        if len(cells) != len(columns):
            problem = f"{len(cells)} cells in a table of {len(columns)} columns"
            bad(InputError(problem, source=source, line=reader.line_num))
        else:
            yield Row(dict(zip(columns, cells, strict=True)), source, reader.line_num, is_json=False)


def _check_columns(columns: Sequence[str], source: str) -> None:
    twice = next((name for place, name in enumerate(columns) if name in columns[:place]), None)
    if twice is not None:
        raise InputError(f"two columns are called {twice!r}", source=source, line=1)


def _json_rows(path: str, by_line: bool, bad: Bad) -> Iterator[Row]:
    source = "<stdin>" if path == "-" else path
    for number, line, value in _lines(path, source, bad) if by_line else _items(path, source):
        if isinstance(value, dict):
            yield Row(value, source, line, is_json=True, number=number)
        else:
            bad(InputError("expected an object, a row of the table", source=source, line=line))


def _items(path: str, source: str) -> Iterator[tuple[int, int, Any]]:
    found = read_json(path)
    if not isinstance(found, list):
        raise InputError("expected a list of objects, the rows of the table", source=source)
    yield from ((number, number + 1, value) for number, value in enumerate(found))


def _lines(path: str, source: str, bad: Bad) -> Iterator[tuple[int, int, Any]]:
    lines = ((place, line) for place, line in enumerate(read_text(path).splitlines(), 1) if line.strip())
    for number, (place, line) in enumerate(lines):
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            bad(InputError(f"not JSON: {_explained(error, line)}", source=source, line=place))
        except (ValueError, RecursionError) as error:
            bad(InputError(f"not JSON: {error}", source=source, line=place))
        else:
            yield number, place, value


def _explained(error: json.JSONDecodeError, line: str) -> str:
    """What is wrong with a line; one that holds the beginning of a value only is a file written over several lines."""
    if not line[error.pos :].strip():
        return "the line ends within a value; a task is one whole line (jq -c . FILE writes it so)"
    return f"{error.msg} at column {error.colno}"
