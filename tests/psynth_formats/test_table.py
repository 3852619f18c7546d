"""Tasks from tables: columns to examples, types inferred or given, and every defect with its place."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from psynth_formats.table import Table
from psynth_formats.task_lines import TaskLines

from psynth.core.errors import InputError
from psynth.core.stream.records import Frontier, Library
from tests.psynth_formats.toy_domain import context


def tasks(path: Path, **settings: Any) -> list[dict[str, Any]]:
    """The tasks read from a file, as JSON."""
    library, *frontiers = Table(**{"domain": "list", **settings}).read([str(path)], context("import"))
    assert isinstance(library, Library)
    assert all(isinstance(each, Frontier) for each in frontiers)
    return [each.task.to_json() for each in frontiers if isinstance(each, Frontier) and each.task is not None]


def written(folder: Path, name: str, text: str) -> Path:
    """A file with this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_each_row_is_an_example(tmp_path: Path) -> None:
    [task] = tasks(written(tmp_path, "double.csv", 'x,y\n"[1,2]","[2,4]"\n[],[]\n'))
    assert task == {
        "id": "list/double",
        "domain": "list",
        "request": "list(int) -> list(int)",
        "examples": [{"inputs": [[1, 2]], "output": [2, 4]}, {"inputs": [[]], "output": []}],
    }


def test_columns_have_uses(tmp_path: Path) -> None:
    text = "name\tsplit\ty\tn\tx\tsaid\na\t\t3\t1\t2\tadd\nb\t\t5\t2\t3\tadd more\na\ttest\t9\t4\t5\tadd\n"
    options = {"task": "name", "split": "split", "description": "said", "output": "y", "inputs": ("x,n",)}
    first, second = tasks(written(tmp_path, "t.tsv", text), **options)
    assert (first["id"], second["id"]) == ("list/a", "list/b")
    assert first["request"] == "int -> int -> int"
    assert first["descriptions"] == ["add"]
    assert first["examples"] == [
        {"inputs": [2, 1], "output": 3},
        {"inputs": [5, 4], "output": 9, "split": "test"},
    ]


def test_the_same_from_json_lines_compressed_and_headless(tmp_path: Path) -> None:
    rows = [{"x": [1], "y": True}, {"x": [], "y": False}]
    expected = [dict(task, id="") for task in tasks(written(tmp_path, "a.json", json.dumps(rows)))]
    lines = "\n".join(map(json.dumps, rows))
    packed = tmp_path / "b.jsonl.gz"
    packed.write_bytes(gzip.compress(lines.encode()))
    plain = written(tmp_path, "c.txt", "[1];true\n[];false\n")
    assert expected[0]["request"] == "list(int) -> bool"
    assert [dict(task, id="") for task in tasks(packed)] == expected
    assert [dict(task, id="") for task in tasks(plain, delimiter=";", header=False)] == expected


@pytest.mark.parametrize(
    ("cells", "request_", "output"),
    [
        ("1\n2\n", "int", [1, 2]),
        ("true\nfalse\n", "bool", [True, False]),
        ('"[[1],[]]"\n[]\n', "list(list(int))", [[[1], []], []]),
        ("[]\n[]\n", "list(t0)", [[], []]),
    ],
)
def test_types_are_inferred(tmp_path: Path, cells: str, request_: str, output: list[Any]) -> None:
    [task] = tasks(written(tmp_path, "t.csv", "y\n" + cells))
    assert (task["request"], [each["output"] for each in task["examples"]]) == (request_, output)


def test_text_has_the_type_that_the_domain_gives_it(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", "x,y\n12,a12\nNaN,aNaN\n")
    [task] = tasks(path, domain="regex")
    assert (task["request"], task["examples"][0]["inputs"]) == ("tfullstr -> tfullstr", ["12"])
    digits = written(tmp_path, "d.csv", "x,y\n007,7\n010,10\n")
    [task] = tasks(digits, domain="regex", text=("x,y",))
    assert task["examples"][1] == {"inputs": ["010"], "output": "10"}
    [task] = tasks(path, domain="parity")
    assert "request" not in task


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("x,y\n1,2,3\n", {}, r"t.csv:2: 3 cells in a table of 2 columns"),
        ("x,x\n1,2\n", {}, r"t.csv:1: two columns are called 'x'"),
        ("x,y\n1,2\n", {"output": "z"}, r"there is no column 'z'.*the columns: x, y"),
        ("input,y\n1,2\n", {"inputs": ("inputs",)}, r"did you mean 'input'"),
        ("x,y\n", {}, r"no rows"),
        ("", {}, r"no rows"),
        ('x,y\n1,"2\n', {}, r"not a table"),
        ("x,y\n1,a\n", {}, r"task t: the output: the domain has no type for text values; --request gives the type"),
        ("x,y\n1,[1]\n1,2\n", {}, r"the output is not always of one type \(int, list\)"),
        ("n,x,y\n ,1,2\n", {"task": "n"}, r"t.csv:2: column 'n' is empty"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        tasks(written(tmp_path, "t.csv", text), **options)


def test_a_file_without_a_known_suffix_needs_a_delimiter(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--delimiter"):
        tasks(written(tmp_path, "t.txt", "x,y\n"))


def lines(path: Path, domain: str = "list") -> list[dict[str, Any]]:
    """The tasks read from JSON lines, as JSON."""
    _, *frontiers = TaskLines(domain=domain).read([str(path)], context("import"))
    return [each.task.to_json() for each in frontiers if isinstance(each, Frontier) and each.task is not None]


def test_a_line_is_a_task(tmp_path: Path) -> None:
    text = """\
{"name": "sum", "description": "add", "examples": [{"inputs": [1, 2], "output": 3}, [[4, 5], 9]]}
{"id": "list/own", "train": [{"input": [1], "output": 1}], "test": [{"input": [2], "output": 2}]}

{"examples": [[[[]], []]], "request": "list(int) -> list(int)"}
"""
    first, second, third = lines(written(tmp_path, "own.jsonl", text))
    assert first["request"] == "int -> int -> int"
    assert first["descriptions"] == ["add"]
    assert first["examples"][1] == {"inputs": [4, 5], "output": 9}
    assert second["id"] == "list/own"
    assert second["examples"][1] == {"inputs": [[2]], "output": 2, "split": "test"}
    assert (third["id"], third["request"]) == ("list/own-00002", "list(int) -> list(int)")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"own.jsonl:1: not JSON: the line ends within a value; a task is one whole line \(jq -c"),
        ("{1}", r"own.jsonl:1: not JSON: Expecting property name.* at column 2"),
        ("[]", r"own.jsonl:1: expected an object"),
        ("{}", "the task has no examples"),
        ('{"example": []}', r"unknown field 'example' \(did you mean 'examples'"),
        ('{"examples": [1]}', r"examples\[0\]: an example is"),
        ('{"examples": [[[1], "a"]]}', "no type for text values; the field request gives the type"),
        ('{"examples": 1}', "examples is a list"),
        ('{"test": [[[1], 1]]}', "the task has no examples"),
        ('{"name": [], "examples": [[[1], 1]]}', "name is text"),
    ],
)
def test_a_line_that_is_no_task_is_told(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        lines(written(tmp_path, "own.jsonl", line))
