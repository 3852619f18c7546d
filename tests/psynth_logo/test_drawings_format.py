"""psynth import drawings: published drawings as tasks, from their pictures or from their programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psynth.cli.main import main
from psynth.core.engines.lambda_machine import EXECUTABLE
from tests.pipeline_command import records
from tests.shared_data import shared_data

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")

LINE = "(lambda (logo_FWRT logo_UL logo_ZA $0))"
BLANK = ["00" * 28] * 28


Import = Callable[..., tuple[list[dict[str, Any]], str]]


@pytest.fixture
def imported(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Import:
    """A function that imports drawings, and returns the frontiers and the messages."""

    def run(drawings: list[Any], *words: str, status: int = 0) -> tuple[list[dict[str, Any]], str]:
        path = tmp_path / "drawings.jsonl"
        path.write_text("".join(json.dumps(each) + "\n" for each in drawings))
        assert main(["import", "drawings", *words, str(path)]) == status
        printed, messages = capfdbinary.readouterr()
        return records(printed, "frontier"), messages.decode()

    return run


def test_published_drawings(imported: Import) -> None:
    given = [json.loads(line) for line in shared_data("tasks/logo-test.jsonl").read_text().splitlines()]
    drawings = [
        {
            "name": each["task"]["id"].split("/")[1],
            "image": each["task"]["examples"][0]["output"]["image"],
            "program": each["programs"][0]["program"],
            "descriptions": each["task"]["descriptions"],
            "split": "test",
        }
        for each in given
    ]
    frontiers, messages = imported(drawings)
    assert messages == ""
    kept = ("id", "domain", "request", "examples", "split", "descriptions")
    assert [each["task"] for each in frontiers] == [{name: each["task"][name] for name in kept} for each in given]
    assert not any(each["programs"] for each in frontiers)
    redrawn, messages = imported(drawings, "--picture", "program", "--programs")
    assert messages == ""
    assert all(each["programs"][0]["log_likelihood"] == 0 for each in redrawn)
    exact = [a["task"]["examples"] == b["task"]["examples"] for a, b in zip(redrawn, frontiers, strict=True)]
    assert 0 < sum(exact) < len(exact), "programs are drawn here, not by the renderer of the published pictures"


def test_pictures_as_numbers_and_a_program_that_draws_another(imported: Import) -> None:
    frontiers, messages = imported(
        [
            {"name": "blank", "image": [[0] * 28] * 28, "descriptions": "nothing"},
            {"name": "line", "image": BLANK, "program": LINE},
            {"name": "drawn", "program": LINE},
        ],
        "--programs",
    )
    assert messages == "psynth import: warning: logo/line: its program does not draw its image\n"
    blank, line, drawn = (each["task"]["examples"][0]["output"]["image"] for each in frontiers)
    assert blank == line == BLANK != drawn
    assert frontiers[0]["task"]["descriptions"] == ["nothing"]
    assert [[each["score"] for each in frontier["programs"]] for frontier in frontiers] == [[], [0], [1]]


@pytest.mark.parametrize(
    ("drawing", "message"),
    [
        ("text", "a drawing is a JSON object"),
        ({"image": BLANK}, "name: a drawing needs one"),
        ({"name": 3, "image": BLANK}, "name: expected text"),
        ({"name": "x"}, "the drawing has neither an image nor a program"),
        ({"name": "x", "image": BLANK[1:]}, "image: the value is no picture, an object with an image of 28 rows"),
        ({"name": "x", "image": [[256] * 28] * 28}, "image: row 0 is not of numbers from 0 to 255"),
        ({"name": "x", "image": 3}, "image: the value is no picture, an object with an image of 28 rows"),
        ({"name": "x", "image": BLANK, "descriptions": [1]}, "descriptions: expected text or a list of texts"),
        (
            {"name": "x", "image": BLANK, "split": "tets"},
            "split: expected train or test, not 'tets' (did you mean 'test'?)",
        ),
        ({"name": "x", "image": BLANK, "split": 1}, "split: expected text"),
        ({"name": "x", "image": BLANK, "progam": LINE}, "unknown field 'progam' (did you mean 'program'?)"),
        ({"name": "x", "image": BLANK, "typo": 3}, "unknown field 'typo'"),
        ({"name": "x", "program": "(lambda"}, "program: the program cannot be run: "),
        ({"name": "x", "program": "(lambda (logo_FWRT logo_UL logo_UL $0))"}, "program: the program cannot be run: "),
        (
            {"name": "x", "program": "(lambda (logo_FWRT (logo_MULL logo_UL 20) logo_ZA $0))"},
            "program: the program failed with status error: the drawing is larger than the canvas",
        ),
    ],
)
def test_what_is_no_drawing(imported: Import, tmp_path: Path, drawing: Any, message: str) -> None:
    _, messages = imported([drawing], status=3)
    assert messages.startswith(f"psynth import: {tmp_path}/drawings.jsonl:1: {message}")
    assert messages.count("\n") == 1


def test_a_name_stands_for_one_drawing(imported: Import, tmp_path: Path) -> None:
    _, messages = imported([{"name": "x", "image": BLANK}] * 2, status=3)
    assert messages == f"psynth import: {tmp_path}/drawings.jsonl:2: a second drawing named 'x'\n"
