"""The tasks: their shares and splits, references that solve them, and questions that no shorter one answers."""

from __future__ import annotations

import dataclasses
import random
from collections import Counter
from typing import Any

import pytest
from psynth_clevr.domain import Clevr
from psynth_clevr.questions import KINDS
from psynth_clevr.scenes import MARGIN, REACH, draw_attributes, placed
from psynth_clevr.tasks import kinds_in_order

from psynth.core.errors import UsageError
from psynth.plugins import Budget, Task
from tests.pipeline_command import psynth

pytestmark = pytest.mark.usefixtures("machine")


def tasks(seed: int = 0, **settings: Any) -> list[Task]:
    domain = Clevr()
    return list(domain.tasks(dataclasses.replace(domain.TaskSettings(), **settings), seed))


@pytest.fixture(scope="module")
def both() -> list[Task]:
    return tasks(split="all", held_out=2)


def test_the_shares_and_scenes_are_the_published_ones(both: list[Task]) -> None:
    for split, total in (("train", 194), ("test", 103)):
        found = [task for task in both if task.split == split]
        counts = Counter(task.meta["class"] for task in found if task.meta)
        assert (len(found), counts) == (total, {name: getattr(kind, split) for name, kind in KINDS.items()})
        half = Counter(task.meta["class"] for task in found[: total // 2] if task.meta)
        assert all(abs(2 * half[name] - counts[name]) <= 2 for name in KINDS)
    for task in both:
        assert task.meta is not None
        shown = [example for example in task.examples if example.split is None]
        assert (len(shown), len(task.examples)) == (KINDS[task.meta["class"]].scenes, len(shown) + 2)


def test_no_question_is_in_both_splits_under_any_seed(both: list[Task]) -> None:
    sentences = [task.descriptions[0] for task in both]
    assert len(set(sentences)) == len(sentences)
    trained = {each.descriptions[0] for each in both if each.split == "train"}
    again = {each.descriptions[0] for each in tasks(1, count=30, split="test")}
    assert not trained & again
    assert not again <= set(sentences)


def test_every_reference_solves_its_task_on_hidden_scenes_too(both: list[Task]) -> None:
    with Clevr().evaluator(Clevr().library(), Budget()) as evaluator:
        for task in both:
            assert task.meta is not None
            outcomes = evaluator.run(task.meta["reference"], task.request, [each.inputs for each in task.examples])
            assert [each.value for each in outcomes] == [each.output for each in task.examples], task.id


def without_a_filter(program: str) -> list[str]:
    """The programs that lack one of the filters."""
    shorter, start = [], program.find("(clevr_fold ")
    while start >= 0:
        of, rest = first_term(program[start + len("(clevr_fold ") :])
        _, after = first_term(program[start:])
        assert rest.startswith(" clevr_empty")
        shorter.append(program[:start] + of + after)
        start = program.find("(clevr_fold ", start + 1)
    return shorter


def first_term(text: str) -> tuple[str, str]:
    depth = 0
    for place, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0 and (character == ")" or text[place + 1 : place + 2] in (" ", ")")):
            return text[: place + 1], text[place + 1 :]
    raise AssertionError(text)


def test_each_condition_matters_and_no_constant_answers(both: list[Task]) -> None:
    with Clevr().evaluator(Clevr().library(), Budget()) as evaluator:
        for task in both:
            assert task.meta is not None
            shown = [example for example in task.examples if example.split is None]
            most = Counter(repr(each.output) for each in shown).most_common(1)[0][1]
            assert most <= 0.6 * len(shown)
            assert all(each.output not in ([], each.inputs[0]) for each in shown)
            for shorter in without_a_filter(task.meta["reference"]):
                outcomes = evaluator.run(shorter, task.request, [each.inputs for each in shown])
                assert [each.value for each in outcomes] != [each.output for each in shown], (task.id, shorter)


def test_relations_follow_from_positions_and_are_apart_by_the_margin() -> None:
    rng = random.Random(0)
    for _ in range(50):
        scene = placed(draw_attributes(rng), rng)
        assert 3 <= len(scene) <= 10
        for one in scene:
            for other in scene:
                if one is other:
                    assert all(one.id not in ids for ids in one.sides.values())
                    continue
                assert one.at is not None
                assert other.at is not None
                across, back = other.at[0] - one.at[0], other.at[1] - one.at[1]
                assert min(abs(across), abs(back)) >= MARGIN
                assert max(map(abs, other.at)) <= REACH
                assert (other.id in one.sides["left"], other.id in one.sides["right"]) == (across < 0, across > 0)
                assert (other.id in one.sides["front"], other.id in one.sides["behind"]) == (back < 0, back > 0)


def test_a_beginning_has_the_shares_of_the_whole() -> None:
    counts = {"a": 5, "b": 3, "c": 1}
    for total in range(1, 19):
        found = Counter(kinds_in_order(counts, total))
        assert all(abs(found[name] - total * count / 9) < 1.5 for name, count in counts.items())


def test_the_same_at_any_hash_seed_and_the_class_can_be_chosen() -> None:
    words = ("tasks", "clevr", "--split", "all", "--count", "8", "--seed", "3")
    first, second = (psynth(*words, env={"PYTHONHASHSEED": seed}).stdout for seed in ("1", "2"))
    assert first == second
    assert psynth(*words[:-1], "4").stdout != first
    assert {task.meta["class"] for task in tasks(question="remove", count=5) if task.meta} == {"remove"}


def test_too_many_questions_are_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psynth_clevr.tasks.DRAWS", 30)
    with pytest.raises(UsageError, match="lower --count"):
        tasks(question="localization", count=500)
