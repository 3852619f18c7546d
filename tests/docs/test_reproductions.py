"""The records of reproductions say what was measured: every figure is in RESULTS.md, and every command can be run."""

from __future__ import annotations

import re
import shlex
import tomllib
from typing import Any

import pytest

from tests.docs.examples import ROOT
from tests.docs.test_coming_from import fault

FIELDS = {"system", "what", "published", "source", "here", "command", "cpu", "seeds", "caveat", "section", "quotes"}
RECORDS = tomllib.loads((ROOT / "benchmarks" / "reproductions.toml").read_text())["record"]
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?|\.\d+")
IDS = [f"{record['system']}-{place}" for place, record in enumerate(RECORDS)]
each_record = pytest.mark.parametrize("record", RECORDS, ids=IDS)


def sections(text: str) -> dict[str, str]:
    """The text below each heading of RESULTS.md up to the next, with single blanks."""
    parts = re.split(r"^##+ (.+)$", text, flags=re.MULTILINE)
    return {name: " ".join(body.split()) for name, body in zip(parts[1::2], parts[2::2], strict=True)}


RESULTS = sections((ROOT / "benchmarks" / "RESULTS.md").read_text())


def unsupported(record: dict[str, Any], results: dict[str, str]) -> list[str]:
    """The quotes that are not in the section, and the figures that are in no quote."""
    wrong = [quote for quote in record["quotes"] if quote not in results.get(record["section"], "")]
    known = set(NUMBER.findall(" ".join(record["quotes"])))
    told = NUMBER.findall(" ".join(record[name] for name in ("here", "cpu", "seeds")))
    return wrong + [figure for figure in told if figure not in known]


def test_there_are_records_of_every_system() -> None:
    assert len(RECORDS) >= 15
    told = " ".join(record["system"] for record in RECORDS)
    assert all(name in told for name in ("LEAPS", "Stitch", "LILO", "DreamCoder", "CodeIt", "ELM"))


@each_record
def test_a_record_is_complete(record: dict[str, Any]) -> None:
    assert record.keys() == FIELDS
    assert all(value.strip() for name, value in record.items() if name != "quotes")
    assert record["section"] in RESULTS
    assert record["quotes"] or record["here"] == "not run"


@each_record
def test_its_figures_are_those_of_the_results(record: dict[str, Any]) -> None:
    assert unsupported(record, RESULTS) == []


@each_record
def test_its_command_can_be_run(record: dict[str, Any]) -> None:
    words = [word for word in shlex.split(record["command"]) if not re.fullmatch(r"[A-Z]+=\S*", word)]
    if words[0] == "psynth":
        assert fault(shlex.join(words)) is None
    else:
        script = next(word for word in words if "/" in word)
        assert (ROOT / script).exists()


def test_a_figure_that_was_not_measured_is_found() -> None:
    record = next(each for each in RECORDS if each["system"] == "ELM")
    assert unsupported({**record, "here": "1,726 of 1,728"}, RESULTS) == ["1,726"]
    assert unsupported(record, {**RESULTS, record["section"]: ""}) == record["quotes"]
