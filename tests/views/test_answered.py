"""psynth report on answers: the tasks that one, two or three of them solve, and the sheet of what is solved."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from psynth.core.stream.records import Answers, Example, Frontier, Program, Record, Task
from psynth.plugins import Context
from psynth.views import solved_sheet
from psynth.views.answered import Answered, AnsweredRow
from tests.psynth_command import Psynth

ARC = {"PSYNTH_PLUGINS": "arc"}
SOLVED = (1, 1, 2, 3, None, None)
"""The answer that solves each of some tasks."""
FLIPPED = "(lambda (hmirror.grid $0))"


def frontier(name: str, solved: int | None, *, split: str = "test", rank: str = "length") -> Frontier:
    """A task that mirrors a grid, with a wrong program and a right one."""
    grids = [[[1, 2], [3, 0]], [[4, 4], [0, 5]]]
    examples = [Example([each], each[::-1], kind) for each, kind in zip(grids, (None, "test"), strict=True)]
    task = Task(f"arc/{name}", "arc", "tgrid -> tgrid", tuple(examples), split=split)
    wrong = Program("(lambda $0)", score=1.0, held_out=0.0, log_likelihood=0.0)
    right = Program(FLIPPED, score=1.0, held_out=1.0, log_likelihood=0.0)
    return Frontier(task, (wrong, right), answers=Answers(rank, 3, solved))


def frontiers() -> list[Frontier]:
    return [frontier(f"task-{number}", solved) for number, solved in enumerate(SOLVED)]


def test_answers_are_counted_by_order_and_split() -> None:
    answered = Answered()
    stale = frontier("task-0", None)
    for each in [stale, *frontiers(), frontier("other", 1, split="train"), frontier("other", 3, rank="vote")]:
        answered.add(each)
    assert answered.rows() == [
        AnsweredRow("", "arc", "test", "length", 6, (2, 3, 4)),
        AnsweredRow("", "arc", "train", "length", 1, (1, 1, 1)),
        AnsweredRow("", "arc", "test", "vote", 1, (0, 0, 1)),
    ]


def test_report_prints_counts_draws_a_sheet_and_writes_totals(tmp_path: Path) -> None:
    psynth = Psynth(tmp_path)
    path = tmp_path / "found.jsonl"
    path.write_text(
        "".join(f"{json.dumps(each.to_json())}\n" for each in frontiers()) + '{"type":"end","status":"complete"}\n'
    )
    files = {name: str(tmp_path / name) for name in ("sheet.png", "page.html", "totals.jsonl")}
    words = ["--sheet", files["sheet.png"], "--html", files["page.html"], "--totals", files["totals.jsonl"]]
    done = psynth("report", *words, str(path), env=ARC)
    assert done.returncode == 0, done.stderr
    [line] = [line.split() for line in done.stdout.splitlines() if line.startswith("found arc")]
    assert line == ["found", "arc", "test", "length", "6", "2", "3", "4", "66.7"]
    image = pytest.importorskip("PIL.Image")
    with image.open(files["sheet.png"]) as sheet:
        colors = {color for _, color in sheet.convert("RGB").getcolors(1 << 20)}
    assert set(solved_sheet.BORDER) <= colors, "some are solved by their first answer, some by a later one"
    assert 'alt="The solved tasks"' in Path(files["page.html"]).read_text()
    metrics = [json.loads(line) for line in Path(files["totals.jsonl"]).read_text().splitlines()]
    values = {each["name"]: each["value"] for each in metrics if each["type"] == "metric"}
    assert [values[f"answers_{count}"] for count in (1, 2, 3)] == [2, 3, 4]
    parsed = json.loads(psynth("report", "--json", str(path), env=ARC).stdout)
    assert [row["solved"] for row in parsed["answers"]] == [[2, 3, 4]]


def test_the_sheet_shows_the_program_that_is_right_on_the_test() -> None:
    image = pytest.importorskip("PIL.Image")
    context = Context("report")

    def pixels(*records: Record) -> Any:
        solved = solved_sheet.Solved()
        for each in records:
            solved.add(each)
        picture, notes = solved.sheet(context)
        assert not notes
        return None if picture is None else image.open(io.BytesIO(picture)).tobytes()

    found = frontier("task-0", 1)
    only_right = Frontier(found.task, (found.programs[1],), answers=found.answers)
    only_wrong = Frontier(found.task, (found.programs[0],), answers=found.answers)
    assert pixels(found) == pixels(only_right) != pixels(only_wrong)
    assert pixels(frontier("task-0", None)) is None, "right on the examples, but no answer is right"


def test_tasks_that_cannot_be_drawn_are_said(tmp_path: Path) -> None:
    task = Task("list/x", "list", "int -> int", (Example([1], 1),))
    record = Frontier(task, (Program("(lambda $0)", score=1.0, log_likelihood=0.0),))
    path = tmp_path / "found.jsonl"
    path.write_text(json.dumps(record.to_json()) + '\n{"type":"end","status":"complete"}\n')
    done = Psynth(tmp_path)("report", "--sheet", str(tmp_path / "sheet.png"), str(path))
    assert done.returncode == 2
    assert "1 of the tasks solved cannot be drawn" in done.stderr
    assert not (tmp_path / "sheet.png").exists()
