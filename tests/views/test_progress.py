"""The tasks solved in the course of a loop, counted by hand and against a count from scratch at each point."""

from __future__ import annotations

import random

import pytest

from psynth.core.stream.records import Example, Frontier, Metric, Origin, Place, Program, Task
from psynth.plugins.all_tasks import SECONDS
from psynth.views.curves import Curve
from psynth.views.progress import ALONE, BY_ITERATION, BY_PROGRAMS, BY_SECONDS, CUMULATIVE, Progress


def task(name: str) -> Task:
    return Task(f"list/{name}", "list", "int -> int", (Example([1], 1), Example([2], 2, "test")))


def program(text: str, score: float, right: bool, by: str = "policy", **others: object) -> Program:
    origin = Origin(by=by, evaluations=others.pop("number", None))  # type: ignore[arg-type]
    return Program(text, score=score, held_out=float(right), origin=origin, **others)  # type: ignore[arg-type]


def points(curves: list[Curve], metric: str) -> dict[str, list[tuple[float, float]]]:
    return {
        each.series: [(step, spread.mean) for step, spread in zip(each.steps, each.spreads, strict=True)]
        for each in curves
        if each.metric == metric
    }


def test_iterations_alone_and_together_and_by_origin() -> None:
    progress = Progress()
    wrong = [program(text, 1.0, False, step=1) for text in ("a", "b", "c")]
    for frontier in (
        Frontier(task("one"), (program("longer", 1.0, True, step=0), program("none", 0.0, False, step=0))),
        Frontier(task("one"), tuple(wrong)),
        Frontier(task("two"), (program("m", 0.5, True, by="mutate", step=1),)),
        Frontier(task("two"), (program("p", 1.0, False, step=2),)),
    ):
        progress.add(frontier)
    curves = progress.curves()
    # In iteration 1 three shorter programs stand before the one that is right on the first task.
    assert points(curves, BY_ITERATION) == {
        CUMULATIVE: [(0, 1), (1, 1), (2, 1)],
        ALONE: [(0, 1), (1, 1), (2, 0)],
        f"policy, {CUMULATIVE}": [(0, 1), (1, 0), (2, 0)],
        f"policy, {ALONE}": [(0, 1), (1, 0), (2, 0)],
        f"mutate, {CUMULATIVE}": [(0, 0), (1, 1), (2, 1)],
        f"mutate, {ALONE}": [(0, 0), (1, 1), (2, 0)],
    }
    assert [step for step, _ in points(curves, BY_PROGRAMS)[CUMULATIVE]] == [2, 6, 7]
    assert not points(curves, BY_SECONDS)


def test_without_steps_files_are_iterations() -> None:
    progress = Progress()
    for number, name in enumerate(("b.jsonl", "a.jsonl")):
        frontier = Frontier(task(name), (program("p", 1.0, True),), place=Place(name, 1))
        progress.add(frontier)
        assert len(progress.curves()) == (0 if number == 0 else 4)
    assert points(progress.curves(), BY_ITERATION)[CUMULATIVE] == [(0, 1), (1, 2)]


@pytest.mark.parametrize("seed", range(5))
def test_the_first_so_many_programs_count_as_if_there_were_no_more(seed: int) -> None:
    draw = random.Random(seed)
    progress, offered = Progress(), []
    for number in range(1, 60):
        name, text = draw.choice("wxyz"), "p" * draw.randint(1, 6)
        # What a text is worth on a task depends on both alone.
        of_text = random.Random(f"{seed} {name} {text}")
        score, right = of_text.choice([0.25, 0.5, 1.0]), of_text.random() < 0.4
        offered.append((number, name, text, score, right))
        progress.add(Frontier(task(name), (program(text, score, right, number=number),)))
    seconds = [(20, 1.5), (40, 4.0), (60, 5.0)]
    for step, value in seconds:
        progress.add(Metric(SECONDS, value, step))

    def solved(count: int) -> int:
        total = 0
        for name in "wxyz":
            ranked = sorted(
                {(-score, len(text), text, right) for n, at, text, score, right in offered if n <= count and at == name}
            )
            total += any(right for *_, right in ranked[:3])
        return total

    curve = points(progress.curves(), BY_PROGRAMS)["all tasks"]
    assert [value for _, value in curve] == [solved(int(step)) for step, _ in curve]
    steps = [int(step) for step, _ in curve]
    for count in range(steps[0], 60):
        assert solved(count) == [value for step, value in curve if step <= count][-1]
    timed = points(progress.curves(), BY_SECONDS)["all tasks"]
    for when, until in [(value, step) for step, value in seconds]:
        assert [value for at, value in timed if at <= when][-1] == solved(until)
