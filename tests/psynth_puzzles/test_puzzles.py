"""The generated puzzles: every one has an answer, and no value is an answer by its type alone."""

from __future__ import annotations

import dataclasses

import pytest
from psynth_puzzles.answer_types import fits, is_type
from psynth_puzzles.domain import Puzzles, PuzzleTaskSettings
from psynth_puzzles.families import FAMILIES

from psynth.plugins import Budget, InputError, Task, Verdict
from tests.psynth_puzzles.defaults import defaults
from tests.psynth_puzzles.solutions import SOLUTIONS


def made(seed: int = 0) -> list[Task]:
    """All puzzles of a seed."""
    return list(Puzzles().tasks(PuzzleTaskSettings(split="all"), seed))


def judged(*jobs: tuple[Task, list[str]]) -> list[list[Verdict]]:
    """The verdicts on programs."""
    domain = Puzzles()
    with domain.evaluator(domain.library(), Budget(seconds=10.0), language="python", jobs=2) as evaluator:
        return evaluator.judge(jobs)


def family(task: Task) -> str:
    """The family of a task."""
    assert task.meta is not None
    return str(task.meta["problem"])


def test_there_are_a_hundred_and_no_family_is_in_both_splits() -> None:
    tasks = made()
    assert [sum(task.split == split for task in tasks) for split in ("train", "test")] == [70, 30]
    assert len({str(task.environment) for task in tasks}) == 100
    assert len({task.id for task in tasks}) == 100
    families = {split: {each.name for each in FAMILIES[split]} for split in FAMILIES}
    assert not families["train"] & families["test"]
    assert all(family(task) in families[task.split or ""] for task in tasks)
    assert made() == tasks
    assert len({str(task.environment) for task in tasks} & {str(task.environment) for task in made(1)}) < 10


@pytest.mark.parametrize("seed", [0, 7])
def test_every_puzzle_has_an_answer_and_none_by_type_alone(seed: int) -> None:
    tasks = made(seed)
    answers = {task.id: defaults((task.environment or {})["answer"]) for task in tasks}
    programs = [
        [SOLUTIONS[family(task)], *(f"def sol(*inputs): return {value!r}" for value in answers[task.id])]
        for task in tasks
    ]
    for task, verdicts in zip(tasks, judged(*zip(tasks, programs, strict=True)), strict=True):
        assert verdicts[0].solved, (task.id, verdicts[0].message)
        assert not any(verdict.solved for verdict in verdicts[1:]), task.id
        assert all((verdict.message or "").startswith("the checker") for verdict in verdicts[1:]), task.id


def test_an_answer_of_another_type_is_none() -> None:
    [task, *_] = made()
    programs = [f"def sol(*inputs): return {value}" for value in ("'99'", "[99]", "99.0", "None", "True")]
    [verdicts] = judged((task, programs))
    assert {verdict.message for verdict in verdicts} == {"the answer is not of type int"}
    assert not any(verdict.solved for verdict in verdicts)


@pytest.mark.parametrize(
    ("value", "kind", "right"),
    [
        (1, "int", True),
        (True, "int", False),
        (1, "float", False),
        (1.0, "float", True),
        ([], "List[List[int]]", True),
        ([[1], []], "List[List[int]]", True),
        ([[1], [True]], "List[List[int]]", False),
        ([1], "List[List[int]]", False),
        ("ab", "List[str]", False),
        ({}, "List[str]", False),
    ],
)
def test_types_of_answers(value: object, kind: str, right: bool) -> None:
    assert fits(value, kind) is right


def test_what_is_no_type_of_answers() -> None:
    assert [is_type(text) for text in ("int", "List[bool]", "List[List[str]]")] == [True] * 3
    assert [is_type(text) for text in ("", "List", "List[]", "List[int", "int]", "Set[int]", "list[int]")] == [
        False
    ] * 7


@pytest.mark.parametrize(
    "changed", [{"checker": None}, {"answer": "Set[int]"}, {"header": 3}, {"inputs": {"n": 3}}, {"inputs": None}]
)
def test_a_task_that_is_no_puzzle_is_an_error(changed: dict[str, object]) -> None:
    [task, *_] = made()
    broken = dataclasses.replace(task, environment={**(task.environment or {}), **changed})
    with pytest.raises(InputError, match="environment"):
        judged((broken, ["def sol(*inputs): return 1"]))
    assert Puzzles().views().draw_task(broken) is None
