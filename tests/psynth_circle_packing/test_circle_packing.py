"""The domain ``circle-packing``: what is valid is decided without any rounding, seeds, versions, pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psynth_circle_packing.domain import CirclePacking, CirclePackingTaskSettings, measured
from psynth_circle_packing.packing import Packing

from psynth.plugins import Budget, InputError, Program, Task, Verdict
from psynth.plugins.evaluator import judged as with_verdict

DOMAIN = CirclePacking()


def task_of(circles: int) -> Task:
    """The task with so many circles."""
    [task] = DOMAIN.tasks(CirclePackingTaskSettings(circles=circles), 0)
    return task


def judged(circles: int, *programs: str) -> list[Verdict]:
    """The verdicts on programs."""
    with DOMAIN.evaluator(DOMAIN.library(), Budget(seconds=20.0)) as evaluator:
        [verdicts] = evaluator.judge([(task_of(circles), programs)])
    return verdicts


def two(distance: float, first: float, second: float) -> Packing:
    """Two circles beside each other, far from the sides."""
    return Packing([(0.25, 0.5), (0.25 + distance, 0.5)], [first, second])


def test_an_ulp_decides() -> None:
    """Touching is valid, the least overlap is not, and no tolerance hides either."""
    assert two(0.25, 0.125, 0.125).fault() is None
    fault = two(0.25, 0.125, math.nextafter(0.125, 1)).fault()
    assert fault is not None
    assert "circles 0 and 1 overlap" in fault
    above = math.nextafter(0.5, 1)
    assert Packing([(0.5, 0.5)], [0.5]).fault() is None
    for center, side in (((0.5, above), "top"), ((above, 0.5), "right")):
        fault = Packing([center], [0.5]).fault()
        assert fault is not None
        assert f"crosses the {side}" in fault
    below = Packing([(0.5, 0.5)], [-5e-324]).fault()
    assert below is not None
    assert "negative" in below


@given(
    st.lists(st.tuples(*[st.floats(0, 1, allow_subnormal=True)] * 2, st.floats(0, 0.5)), min_size=1, max_size=4),
    st.integers(0, 2),
)
def test_the_check_is_that_of_rational_arithmetic(circles: list[tuple[float, float, float]], nudged: int) -> None:
    """Against a second check: every number as an integer, scaled so that all of them are whole."""
    for number in range(nudged):
        x, y, r = circles[number % len(circles)]
        circles[number % len(circles)] = (x, y, min(x, y, 1 - x, 1 - y, math.nextafter(r, 1)))
    packing = Packing([(x, y) for x, y, _ in circles], [r for *_, r in circles])
    scale = 1 << 1100
    whole = [[int(Fraction(each) * scale) for each in circle] for circle in circles]
    inside = all(min(x, y, scale - x, scale - y) >= r >= 0 for x, y, r in whole)
    apart = all(
        (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 >= (a[2] + b[2]) ** 2
        for number, a in enumerate(whole)
        for b in whole[:number]
    )
    assert (packing.fault() is None) == (inside and apart)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ([[[0.5, 0.5]], [0.5], 99.0], None),  # a sum that a program claims counts nothing
        ([[[0.5, 0.5]]], "expected"),
        ([[[0.5, 0.5]], [0.5, 0.1]], "1 centers and 2 radii instead of 1 each"),
        ([[[0.5]], [0.5]], "center 0"),
        ([[[0.5, True]], [0.5]], "something else than a number"),
        ([[[0.5, 0.5]], [10**400]], "too large"),
        ([[[0.5, 0.5]], [0.6]], "circle 0 crosses the left side of the square by 0.1"),
        ({"centers": [[0.5, 0.5]]}, "expected"),
    ],
)
def test_what_programs_return_is_not_trusted(value: object, why: str | None) -> None:
    outcome = measured(value, 1)
    if why is None:
        assert (outcome.status, outcome.value["sum"], outcome.value["contacts"]) == ("ok", 0.5, 4)
    else:
        assert outcome.status == "error"
        assert why in outcome.message


def test_seeds_are_valid_and_better_where_they_optimize() -> None:
    """In several sizes; the versions that a result depends on are kept with the program."""
    rewards: list[Sequence[float]] = []
    for circles in (1, 7, 26):
        programs = [each.program for each in DOMAIN.seeds(task_of(circles))]
        verdicts = judged(circles, *programs)
        assert [each.status for each in verdicts] == ["ok", "ok"], [each.message for each in verdicts]
        assert [each.log_likelihood for each in verdicts] == [None, None]
        rewards.append([each.reward or 0.0 for each in verdicts])
        for program, verdict in zip(programs, verdicts, strict=True):
            versions = with_verdict(Program(program, "python"), verdict).versions or {}
            assert versions["numpy"] == numpy.__version__
            assert "python" in versions
    assert rewards[0] == pytest.approx([0.5, 0.4999], abs=1e-9)
    assert all(best > other for best, other in rewards)
    assert rewards[2][0] > 2.61


def test_a_program_that_overlaps_fails_whatever_its_sum() -> None:
    [verdict] = judged(2, "def construct_packing(): return [[0.5, 0.5], [0.5, 0.5]], [0.5, 0.5]")
    assert (verdict.status, verdict.reward, verdict.score) == ("error", None, 0.0)
    assert verdict.message == "circles 0 and 1 overlap by 1"
    behavior = DOMAIN.behavior()
    assert behavior.of(verdict.outputs) is None


def test_a_packing_is_drawn() -> None:
    task, program = task_of(1), "def construct_packing(): return [[0.5, 0.5]], [0.5]"
    views = DOMAIN.views()
    animation = views.animate(DOMAIN.library(), task, program, language="python")
    assert animation is not None
    [frame] = animation.frames
    assert frame.caption == "sum of radii 0.500000000, 4 contacts"
    empty = views.animate(DOMAIN.library(), task, None)
    assert empty is not None
    rows = str(frame.draw()).splitlines()
    assert len(rows) == 20
    assert {len(row) for row in rows} == {40}
    assert rows != str(empty.frames[0].draw()).splitlines()
    bad = "def construct_packing(): return [[0.5, 0.5]] * 2, [0.5] * 2"
    with pytest.raises(InputError, match="overlap"):
        views.animate(DOMAIN.library(), task_of(2), bad, language="python")
    pytest.importorskip("PIL")
    pixels = frame.raster()
    assert pixels.shape == (480, 480, 3)
    assert (pixels[240, 240] != pixels[5, 5]).any()


def test_a_task_without_circles_is_an_error() -> None:
    for environment in (None, {"circles": 0}, {"circles": 2.5}, {"circles": 100_000}):
        with pytest.raises(InputError, match=r"environment\.circles"):
            DOMAIN.calls(Task("circle-packing/x", "circle-packing", environment=environment))
