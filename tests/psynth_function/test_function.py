"""The domain ``function``: rewards are values of the function, and a point outside of the box earns none."""

from __future__ import annotations

import math

import pytest
from psynth_function.domain import FUNCTIONS, Function, FunctionTaskSettings

from psynth.plugins import Budget, InputError, Task, Verdict

DOMAIN = Function()


def judged(task: Task, *programs: str) -> list[Verdict]:
    """The verdicts on programs."""
    with DOMAIN.evaluator(DOMAIN.library(), Budget(seconds=10.0)) as evaluator:
        [verdicts] = evaluator.judge([(task, programs)])
    return verdicts


@pytest.mark.parametrize("dimensions", [2, 5])
def test_each_function_is_least_at_the_point_that_its_task_says(dimensions: int) -> None:
    settings = FunctionTaskSettings(split="all", dimensions=dimensions)
    for task in DOMAIN.tasks(settings, seed=3):
        least = (task.environment or {})["least"]
        near = [least[0] + 0.1, *least[1:]]
        best, worse = judged(task, f"def point(n): return {least}", f"def point(n): return {near}")
        assert (best.solved, best.score) == (True, pytest.approx(1.0)), task.id
        assert best.reward == pytest.approx(0.0, abs=1e-12)
        assert worse.reward is not None
        assert (worse.solved, worse.reward < -1e-3, worse.score < 1) == (False, True, True), task.id


def test_the_sphere_by_hand_and_the_place_of_a_point() -> None:
    task = Task("function/x", "function", environment={"function": "sphere", "least": [1, -2]})
    [verdict] = judged(task, "def point(n): return (1 + n, -4)")
    assert (verdict.reward, verdict.score, verdict.log_likelihood) == (-8.0, 1 / 9, -math.inf)
    behavior = DOMAIN.behavior()
    assert behavior is not None
    assert behavior.of(verdict.outputs) == (3.0, -4.0)


@pytest.mark.parametrize(
    "value", ["[0]", "[0, 4.01]", "[0, True]", "[0, 10**400]", "'00'", "None", "[0, '0']", "{0, 1}"]
)
def test_what_is_no_point_earns_nothing(value: str) -> None:
    task = Task("function/x", "function", environment={"function": "sphere", "least": [0, 0]})
    [verdict] = judged(task, f"def point(n): return {value}")
    assert (verdict.status, verdict.reward, verdict.solved) == ("error", None, False)
    assert verdict.message
    behavior = DOMAIN.behavior()
    assert behavior is not None
    assert behavior.of(verdict.outputs) is None


@pytest.mark.parametrize(
    "environment", [None, {"function": "cube", "least": [0, 0]}, {"function": "sphere", "least": [9, 9]}]
)
def test_a_task_without_a_function_is_an_error(environment: dict[str, object] | None) -> None:
    with pytest.raises(InputError, match="environment"):
        judged(Task("function/x", "function", environment=environment), "def point(n): return [0, 0]")


def test_a_point_as_json_is_judged_as_one_that_python_returns() -> None:
    for task in DOMAIN.tasks(FunctionTaskSettings(split="all", dimensions=3), seed=1):
        points = [[0.5, -1, 3.25], [4.0, -4.0, 0.0]]
        returned = judged(task, *(f"def point(n): return {point}" for point in points))
        with DOMAIN.evaluator(DOMAIN.library(), Budget(), language="json") as evaluator:
            [written] = evaluator.judge([(task, [str(point) for point in points])])
        assert written == returned


@pytest.mark.parametrize("text", ["", "[1, 2", "3", "[1, NaN]", "[1e999, 0]", "[true, 0]", '["1", 2]', "[" * 100_000])
def test_a_text_that_is_no_list_of_numbers_cannot_be_run(text: str) -> None:
    task = Task("function/x", "function", environment={"function": "sphere", "least": [0, 0]})
    with DOMAIN.evaluator(DOMAIN.library(), Budget(), language="json") as evaluator:
        [[verdict]] = evaluator.judge([(task, [text])])
    assert verdict.rejected is not None
    assert (verdict.rejected.kind, verdict.gain) == ("parse", -math.inf)


def test_published_minima_of_himmelblau_and_styblinski_tang() -> None:
    # The four minima of Himmelblau's function and, of the other, the second-best valley, moved as the domain moves it.
    minima = [(3.0, 2.0), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848126)]
    for x, y in minima:
        assert FUNCTIONS["train"]["himmelblau"]([x - 3, y - 2]) == pytest.approx(0, abs=1e-9)
    shift = 2.746803 + 2.903534027771177
    assert FUNCTIONS["train"]["styblinski-tang"]([shift]) == pytest.approx(39.166166 - 25.02945, abs=1e-4)
