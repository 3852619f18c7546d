"""CodeIt's folders: tasks, mutated tasks, samples and solutions, read as text, and written as a run writes them."""

from __future__ import annotations

import copy
import csv
import json
from pathlib import Path
from typing import Any

import pytest

from psynth.cli.main import main
from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.core.stream.reading import read_records
from psynth.core.stream.records import Frontier

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")

GRID = [[1, 2, 3], [4, 5, 6]]
UPSIDE_DOWN, TURNED = GRID[::-1], [list(row) for row in zip(*GRID[::-1], strict=True)]
OTHER = [[7, 7], [0, 1]]


def task(key: str, program: str | None, output: Any, **others: Any) -> dict[str, Any]:
    pairs = {"training_examples": [{"input": GRID, "output": output}, {"input": OTHER, "output": OTHER[::-1]}]}
    tests = {"test_examples": [{"input": OTHER, "output": OTHER[::-1]}]}
    return {"program": program, **pairs, **tests, "task_key": key, "extra_info": "", **others}


def function(key: str, *lines: str) -> str:
    return "".join([f"def solve_{key}(I):\n", *(f"    {line}\n" for line in lines), "    return O\n"])


def solution(lines: str, seen: list[float], tests: list[bool], step: int = 2) -> dict[str, Any]:
    figures = {"seen_example_performance": seen, "test_performance": tests}
    shown = {"task_demonstration_performance": [each == 1 for each in seen]}
    return {"program": lines, "new_task_key": f"bbbb0000_it{step}__7", **figures, **shown}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file of each kind."""
    root = tmp_path / "data"
    seed = task("aaaa0000", function("aaaa0000", "O = hmirror(I)"), UPSIDE_DOWN)
    asked = task("bbbb0000", None, UPSIDE_DOWN)
    mutant = task("aaaa0000_it0_3", function("aaaa0000_it0_3", "x1 = rot90(I)", "O = rot90(x1)"), GRID)
    mutant |= {"parent_key": "aaaa0000", "test_examples": []}
    sampled = task("bbbb0000_it2__7", function("bbbb0000_it2__7", "O = vmirror(I)"), GRID, parent_key="bbbb0000")
    sampled["extra_info"] = {"rewards": [1.0, 0.5], "distance": 0.25, "task_demonstration_performance": 0.5}
    lines = {
        "O = hmirror(I)": solution("O = hmirror(I)", [1.0, 1.0], [True]),
        "x1 = I\nO = identity(x1)": solution("O = identity(I)", [0.5, 1.0], [False], 0),
    }
    found = {"policy": {"seen_example": {"bbbb0000": lines}, "task_demonstration": {}, "test": {}}}
    samples = ["<pad><s>x1 = hmirror(I)\nO = hmirror(x1)</s><pad>", "O = hmirror(I) # and more", "O = os.system(I)", ""]
    write(root / "training/aaaa0000.json", seed)
    write(root / "evaluation/bbbb0000.json", asked)
    write(root / "mutated_tasks_train_2.json", {each["task_key"]: each for each in (mutant, sampled)})
    write(root / "split_keys.json", {"train": [], "val": ["aaaa0000"], "test": ["bbbb0000"]})
    write(root / "solutions_2.json", found)
    write(root / "log_2.json", {"bbbb0000": samples})
    return root


def write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


def frontiers(path: Path) -> list[Frontier]:
    return [each for each in read_records([str(path)]) if isinstance(each, Frontier)]


def imported(*paths: Path, to: Path) -> list[Frontier]:
    assert main(["import", "codeit", "-q", *map(str, paths), "-o", str(to)]) == 0
    return frontiers(to)


def test_a_folder_becomes_tasks_programs_and_figures(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    stream = tmp_path / "all.jsonl"
    assert main(["import", "codeit", str(folder), "-o", str(stream)]) == 0
    assert "2 of 4 samples are no programs" in capfd.readouterr().err
    found = frontiers(stream)
    asked, mutant, sampled, seed, log, solutions = found
    meta = {"version": "codeit-2020", "data": "5d9066d"}
    assert [(each.task.id, each.task.split, each.task.meta) for each in (seed, asked) if each.task] == [
        ("arc/aaaa0000", "train", {**meta, "part": "val"}),
        ("arc/bbbb0000", "test", {**meta, "part": "test"}),
    ]
    assert [[program.program for program in each.programs] for each in (asked, seed, mutant)] == [
        [],
        ["(lambda (hmirror.grid $0))"],
        ["(lambda (rot90 (rot90 $0)))"],
    ]
    assert [(each.task.origin, each.task.meta) for each in (mutant, sampled) if each.task] == [
        ("mutation", {**meta, "parent": "arc/aaaa0000"}),
        ("hindsight", {**meta, "parent": "arc/bbbb0000", "distance": 0.25, "score": 0.5}),
    ]
    assert log.task == asked.task == solutions.task
    assert [(each.program, each.step, each.origin.by) for each in log.programs if each.origin] == [
        ("(lambda (hmirror.grid (hmirror.grid $0)))", 2, "policy"),
        ("(lambda (hmirror.grid $0))", 2, "policy"),
    ]
    assert [(each.program, each.score, each.held_out, each.step) for each in solutions.programs] == [
        ("(lambda (hmirror.grid $0))", 1.0, 1.0, 2),
        ("(lambda (identity $0))", 0.5, 0.0, 0),
    ]
    judged = tmp_path / "judged.jsonl"
    assert main(["evaluate", "-q", str(stream), "-o", str(judged)]) == 0
    again = frontiers(judged)[-1]
    assert [(each.score, each.held_out) for each in again.programs] == [(1.0, 1.0), (0.0, 0.0)], "as it is here"


def test_what_is_written_is_read_back(folder: Path, tmp_path: Path) -> None:
    before = imported(folder, to=tmp_path / "before.jsonl")
    back = tmp_path / "back"
    assert main(["export", "codeit", "-q", str(tmp_path / "before.jsonl"), "-o", str(back)]) == 0
    names = {str(each.relative_to(back)) for each in back.rglob("*") if each.is_file()}
    assert names == {
        *("training/aaaa0000.json", "evaluation/bbbb0000.json", "split_keys.json", "mutated_tasks_train_2.json"),
        *("log_0.json", "log_2.json", "solutions_0.json", "solutions_2.json", "performance.csv"),
    }
    assert json.loads((back / "split_keys.json").read_text()) == {
        "train": [],
        "val": ["aaaa0000"],
        "test": ["bbbb0000"],
    }
    tasks = ["training/aaaa0000.json", "evaluation/bbbb0000.json"]
    for name in tasks:
        ours, theirs = (json.loads((each / name).read_text()) for each in (back, folder))
        marked = {"parent_key": None, "extra_info": {"version": "codeit-2020", "data": "5d9066d"}}
        assert ours == {**theirs, **marked}
    written = json.loads((back / "solutions_2.json").read_text())["policy"]
    read = json.loads((folder / "solutions_2.json").read_text())["policy"]["seen_example"]["bbbb0000"]
    best = "O = hmirror(I)"
    assert written["test"] == written["task_demonstration"] == {"bbbb0000": {best: read[best]}}
    assert set(written["seen_example"]["bbbb0000"]) == {best, "O = identity(I)"}
    after = imported(back, to=tmp_path / "after.jsonl")
    assert [each for each in after if each.task and each.task.origin != "given"] == [
        each for each in before if each.task and each.task.origin != "given"
    ]
    assert [each.task for each in after[:2]] == [each.task for each in before[:2]]
    assert after[-1] == before[-1]


def test_performance_counts_tasks_that_three_programs_solve(tmp_path: Path) -> None:
    """By hand: at first three wrong programs stand before the right one, and only later a shorter one is right."""
    root = tmp_path / "data"
    for key in ("bbbb0000", "cccc0000"):
        write(root / f"evaluation/{key}.json", task(key, None, UPSIDE_DOWN))
    lines = ["O = rot180(I)", "x1 = rot90(I)\nO = rot90(x1)", "x1 = rot180(I)\nO = identity(x1)"]
    right = "x1 = hmirror(I)\nx2 = hmirror(x1)\nO = hmirror(x2)"
    found = {each: solution(each, [0.5, 1.0], [False], 1) for each in lines} | {
        right: solution(right, [0.5, 1.0], [True], 1)
    }
    found["O = hmirror(I)"] = solution("O = hmirror(I)", [0.5, 1.0], [True], 4)
    write(root / "solutions_4.json", {"policy": {"seen_example": {"bbbb0000": found}}})
    imported(root, to=tmp_path / "all.jsonl")
    assert main(["export", "codeit", "-q", str(tmp_path / "all.jsonl"), "-o", str(tmp_path / "run")]) == 0
    rows = list(csv.reader((tmp_path / "run/performance.csv").open()))
    assert rows == [
        ["meta_iteration", "cumulative_performance", "performance", "step", "num_mutated_tasks", "num_policy_tasks"],
        ["1", "0.0", "0.0", "", "0", "0"],
        ["4", "0.5", "0.5", "", "0", "0"],
    ]


def test_figures_come_of_outputs(tmp_path: Path, folder: Path) -> None:
    stream = tmp_path / "one.jsonl"
    imported(folder / "evaluation", folder / "log_2.json", to=stream)
    run, judged = tmp_path / "run", tmp_path / "judged.jsonl"
    assert main(["evaluate", "-q", str(stream), "-o", str(judged)]) == 0
    assert main(["export", "codeit", "-q", str(judged), "-o", str(run)]) == 3, "outputs are needed"
    assert main(["evaluate", "-q", "--outputs", str(stream), "-o", str(judged)]) == 0
    assert main(["export", "codeit", "-q", str(judged), "-o", str(run)]) == 0
    found = json.loads((run / "solutions_2.json").read_text())["policy"]["seen_example"]["bbbb0000"]
    assert found == {
        "O = hmirror(I)": {**solution("O = hmirror(I)", [1.0, 1.0], [True]), "new_task_key": "bbbb0000_it2__0"}
    }


SEED = task("aaaa0000", function("aaaa0000", "O = hmirror(I)"), UPSIDE_DOWN)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"program": "import os\n"}, "task aaaa0000: program: line 1: expected a function definition"),
        ({"program": "__import__('os')"}, "task aaaa0000: program: line 1: expected a function definition"),
        ({"program": function("k", "O = open(I)")}, "task aaaa0000: program: line 2: open is neither"),
        ({"program": 5}, "task aaaa0000: program: expected the text of a function"),
        ({"program": "def solve_k(I):\n" + "(" * 9999}, "task aaaa0000: program: not Python"),
        ({"training_examples": []}, "task aaaa0000: there are no demonstrations"),
        ({"training_examples": [{"input": GRID}]}, "task aaaa0000: training_examples[0].output: expected a grid"),
        (
            {"training_examples": [{"input": [[1, 2], [3]], "output": GRID}]},
            "training_examples[0].input: the grid is ragged",
        ),
        ({"training_examples": [{"input": [[10]], "output": GRID}]}, "training_examples[0].input: "),
        ({"training_examples": [{"input": [[0] * 31], "output": GRID}]}, "31; the greatest is 30 by 30"),
        (
            {"parent_key": "a", "training_examples": [{"input": [[10] * 40], "output": GRID}]},
            "a color is not from 0 to 9",
        ),
        ({"test_examples": {}}, "task aaaa0000: test_examples: expected a list of pairs"),
        ({"task_key": ""}, "task_key: expected printable text"),
        ({"task_key": "a\u001b[2J"}, "task_key: expected printable text"),
        ({"parent_key": 3}, "parent_key is text or null"),
        ({"extra_info": [1]}, "parent_key is text or null, extra_info an object"),
    ],
)
def test_a_wrong_task_is_named_and_can_be_left_out(
    change: dict[str, Any], said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    wrong = copy.deepcopy(SEED) | change
    good = {**SEED, "task_key": "good"}
    write(tmp_path / "x.json", wrong)
    write(tmp_path / "y.json", good)
    out = tmp_path / "out.jsonl"
    assert main(["import", "codeit", "-q", str(tmp_path / "x.json"), "-o", str(out)]) == 3
    message = capfd.readouterr().err
    assert f"{tmp_path / 'x.json'}: " in message
    assert said in message
    assert len(message.strip().splitlines()) == 1
    both = [str(tmp_path / name) for name in ("x.json", "y.json")]
    assert main(["import", "codeit", "-q", "--on-error", "skip", *both, "-o", str(out)]) == 0
    assert [each.task.id for each in frontiers(out) if each.task] == ["arc/good"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([], "no file of CodeIt holds this"),
        ({}, "expected a task, or an object of tasks by key"),
        ({"a": 1}, "expected a task, or an object of tasks by key"),
        ({"a": SEED}, "task aaaa0000: its key in the file is a"),
        ({"train": ["a"], "test": ["a"]}, "the key a is in train and in test"),
        ({"train": [1], "test": []}, "train: expected a list of keys"),
        ({"policy": {"seen_example": []}}, "policy.seen_example: expected solutions by task"),
        ({"policy": {"seen_example": {"k": {"p": []}}}}, "task k: expected a solution, an object"),
        (
            {"policy": {"seen_example": {"k": {"p": {"program": "O = I"}}}}},
            "task k: seen_example_performance: expected",
        ),
        ({"policy": {"seen_example": {"k": {"p": solution("O = eval(I)", [1.0], [True])}}}}, "eval is neither"),
        ({"policy": {"seen_example": {"k": {"p": solution("O = rot90(I)", [2.0], [True])}}}}, "from 0 to 1"),
    ],
)
def test_a_wrong_file_is_named(value: Any, said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "x.json", value)
    assert main(["import", "codeit", "-q", str(tmp_path / "x.json"), "-o", str(tmp_path / "out.jsonl")]) == 3
    message = capfd.readouterr().err
    assert f"{tmp_path / 'x.json'}: " in message
    assert said in message


def test_nothing_of_a_file_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    attack = f"O = open({str(mark)!r}, 'w')"
    escaping = f"O = I\n    return O\n{attack}\ndef solve_x(I):"
    write(tmp_path / "log_1.json", {"k": [attack, escaping]})
    assert imported(tmp_path / "log_1.json", to=tmp_path / "out.jsonl") == []
    assert not mark.exists()
