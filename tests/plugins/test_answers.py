"""With how many answers a task is solved: the order of programs, which what is held out never influences."""

from __future__ import annotations

import dataclasses

import pytest

from psynth.core.stream.records import Answers, Example, Frontier, Program, Task
from psynth.plugins import Context, Library
from psynth.plugins.answers import RANKS, Judged, answers_of
from psynth.plugins.evaluation import Evaluate
from psynth.plugins.registry import default_registry
from psynth.testing.numbers import Numbers, WithDomain

TASK = Task("t/1", "t", "int -> int", (Example([1], 2), Example([5], 7, split="test"), Example([6], 8, split="test")))


def judged(text: str, score: float, outputs: list[int], prior: float | None = None) -> Judged:
    held_out = sum(found == wanted for found, wanted in zip(outputs[1:], (7, 8), strict=True)) / 2
    return Judged(Program(text, score=score, held_out=held_out, log_prior=prior), outputs)


RIGHT, HALF = judged("rrrr", 1.0, [2, 7, 8], -9.0), judged("h", 1.0, [2, 7, 0], -1.0)
LIKELY = judged("llllllll", 1.0, [2, 0, 0], -0.5)
FALSE, LUCKY = judged("f", 0.0, [0, 0, 0], 0.0), judged("x", 0.5, [2, 7, 8], 0.0)
SAME = judged("rrrrrrrrrrrr", 1.0, [2, 7, 8], -20.0)


@pytest.mark.parametrize(
    ("rank", "programs", "wanted"),
    [
        ("length", [RIGHT, HALF, FALSE], Answers("length", 3, 2)),
        ("prior", [RIGHT, HALF, LIKELY, FALSE], Answers("prior", 3, 3)),
        ("vote", [RIGHT, HALF, FALSE], Answers("vote", 2, 2)),
        ("vote", [RIGHT, HALF, LIKELY, SAME, FALSE], Answers("vote", 3, 1)),
        ("length", [HALF, LIKELY, judged("aa", 1.0, [2, 0, 1]), RIGHT], Answers("length", 3, 3)),
        ("length", [HALF, judged("b", 1.0, [2, 0, 1]), judged("c", 1.0, [2, 0, 1]), RIGHT], Answers("length", 3)),
        ("length", [FALSE, LUCKY], Answers("length", 2, 1)),
        ("vote", [FALSE, LUCKY], Answers("vote", 0)),
        ("length", [], Answers("length", 0)),
    ],
)
def test_the_first_three_answers_count(rank: str, programs: list[Judged], wanted: Answers) -> None:
    assert answers_of(TASK, programs, rank) == wanted
    assert answers_of(TASK, programs[::-1], rank) == wanted


@pytest.mark.parametrize("rank", RANKS)
def test_what_is_held_out_does_not_influence_the_order(rank: str) -> None:
    programs = [RIGHT, HALF, LIKELY, SAME, FALSE, LUCKY]
    # With one program said to be right at a time, the number of answers needed gives its place.
    places = []
    for hit in programs:
        marked = [
            Judged(dataclasses.replace(each.program, held_out=float(each is hit)), each.outputs) for each in programs
        ]
        found = answers_of(TASK, marked, rank)
        assert found is not None
        places.append(found.solved)
    assert sorted(place for place in places if place is not None) == [1, 2, 3]


def test_a_task_without_tests_has_no_answers() -> None:
    assert answers_of(dataclasses.replace(TASK, examples=TASK.examples[:1]), [RIGHT], "length") is None


def test_evaluate_writes_answers_only_when_asked() -> None:
    domain = Numbers()
    context = Context("evaluate", registry=WithDomain(default_registry(), domain))
    [first, *_] = domain.frontiers()
    assert first.task is not None
    tests = tuple(dataclasses.replace(each, split="test") for each in first.task.examples[:1])
    task = dataclasses.replace(first.task, examples=(*first.task.examples, *tests))
    records: list[Library | Frontier] = [domain.library(), Frontier(task, first.programs)]
    [_, plain] = Evaluate().run(iter(records), context)
    [_, ranked] = Evaluate(rank="length").run(iter(records), context)
    assert isinstance(plain, Frontier)
    assert isinstance(ranked, Frontier)
    assert plain.answers is None
    assert ranked.answers is not None
    assert ranked.answers.solved == next((1 for each in ranked.programs if each.held_out == 1), None)
