"""The format's page says what the code does: its examples are records, its tables the fields."""

import io
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from psynth.core.stream import records
from psynth.core.stream.fields import documented_fields
from psynth.core.stream.reading import ReadReport, read_records
from psynth.core.stream.records import RECORD_TYPES, decode, encode
from psynth.core.stream.schema import stream_schema

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "stream.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```jsonl\n(.*?)```", PAGE, re.DOTALL)
LINES = [line.encode() for block in BLOCKS for line in block.splitlines()]
# The table of each object, found by the text before it.
TABLES = {
    records.Header: "### header",
    records.Provenance: "An entry of `provenance`:",
    records.Library: "### library",
    records.Production: "An entry of `productions`:",
    records.Documentation: "`documentation`:",
    records.Contextual: "`contextual`:",
    records.Weights: "where weights are",
    records.Frontier: "### frontier",
    records.Task: "`task`:",
    records.Example: "An entry of `examples`:",
    records.Program: "An entry of `programs`:",
    records.Origin: "The `origin` of a program:",
    records.Credit: "The `elite` of a frontier in an archive:",
    records.Answers: "The `answers` of a frontier:",
    records.Search: "`search`:",
    records.Archive: "### archive",
    records.Dimension: "An entry of `dimensions`:",
    records.Model: "### model",
    records.Metric: "### metric",
    records.End: "### end",
}


def test_there_is_an_example_of_every_record():
    assert {decode(line)["type"] for line in LINES} == set(RECORD_TYPES)


@pytest.mark.parametrize("line", LINES)
def test_an_example_is_valid_and_written_as_the_code_writes_it(line):
    data = decode(line)
    Draft202012Validator(stream_schema()).validate(data)
    assert RECORD_TYPES[data["type"]].from_json(data).encode() == line
    assert encode(data) == line


def test_the_first_example_is_a_whole_stream():
    report = ReadReport()
    assert len(list(read_records([io.BytesIO(BLOCKS[0].encode())], report=report))) == 3
    assert (report.truncated, report.status) == ([], "complete")


@pytest.mark.parametrize("cls", TABLES, ids=lambda cls: cls.__name__)
def test_the_table_of_an_object_names_its_fields_in_order(cls):
    _, _, after = PAGE.partition(f"\n{TABLES[cls]}\n")
    table = re.search(r"\| field \|.*?\n\|[-|]+\|\n((?:\|.*\n)+)", after)
    assert table is not None
    named = re.findall(r"^\| `([a-z_0-9]+)(\??)`", table[1], re.MULTILINE)
    assert named == [(name, "" if required else "?") for name, required in documented_fields(cls).items()]
