"""Vectors: the steps have the distribution that the settings say, stay in bounds, and keep the shape of the program."""

from __future__ import annotations

import json
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psynth_source.vector import VectorVariation

from psynth.plugins import Context, Frontier, Program, Task

FUNCTION = Task("function/train-000-sphere", "function", environment={"function": "sphere", "least": [0, 0]})


def varied(*programs: Program, task: Task | None = None, seed: int = 0, **given: float) -> list[Program]:
    """The mutants of the programs of one frontier."""
    method = VectorVariation(**given)  # type: ignore[arg-type]
    [made] = list(method.run(iter([Frontier(task, programs)]), Context("mutate", seed=seed)))
    assert isinstance(made, Frontier)
    return list(made.programs)


def test_steps_are_gaussian() -> None:
    made = [json.loads(each.program) for each in varied(Program("[1.5, [-2, 0]]", "json"), count=1000, sigma=0.5)]
    steps = [[x - 1.5, y + 2, z] for x, [y, z] in made]
    for column in zip(*steps, strict=True):
        assert statistics.fmean(column) == pytest.approx(0, abs=0.07)
        assert statistics.stdev(column) == pytest.approx(0.5, rel=0.1)


def test_steps_along_the_line_to_a_mate() -> None:
    parents = (Program("[1, 1]", "json"), Program("[3, 5]", "json"), Program("[1, 2, 3]", "json"))
    made = varied(*parents, count=800, sigma=0.0, line_sigma=0.3)
    shares = []
    for each in made:
        assert each.origin is not None
        assert each.origin.from_ is not None
        if each.origin.from_[0] == "[1, 1]":
            assert each.origin.from_ == ("[1, 1]", "[3, 5]")
            x, y = json.loads(each.program)
            assert 2 * (x - 1) == pytest.approx(y - 1)
            shares.append((x - 1) / 2)
    assert len(shares) == 800
    assert statistics.stdev(shares) == pytest.approx(0.3, rel=0.1)


@settings(max_examples=20, deadline=None)
@given(numbers=st.lists(st.floats(-4, 4) | st.integers(-4, 4), min_size=1, max_size=5), seed=st.integers(0, 99))
def test_numbers_stay_in_the_bounds_of_the_domain(numbers: list[float], seed: int) -> None:
    source = f"import math\n\ndef point(n):\n    return {numbers}\n"
    made = varied(Program(source, "python"), task=FUNCTION, seed=seed, count=5, sigma=3.0)
    assert len(made) == 5
    for each in made:
        scope: dict[str, object] = {}
        exec(each.program, scope)  # of the test's own making
        point = scope["point"](2)  # type: ignore[operator]
        assert len(point) == len(numbers)
        assert point != numbers
        assert all(-4 <= x <= 4 for x in point)
        assert each.program.startswith("import math\n")


@pytest.mark.parametrize(
    ("program", "language", "why"),
    [
        ("{}", "json", "no list of numbers"),
        ("[1, true]", "json", "no list of numbers"),
        ("[NaN]", "json", "NaN is no number"),
        ("[" * 100_000, "json", "not JSON"),
        ("[1e999]", "json", "no list of numbers"),
        ("def f():\n    return [x]", "python", "no functions that return a constant list"),
        ("def f():\n    return [1]\ndef g():\n    return (2,)", "python", "2 functions"),
    ],
)
def test_programs_without_numbers_are_counted(program: str, language: str, why: str) -> None:
    said: list[str] = []
    frontier = Frontier(None, (Program(program, language),))
    [made] = list(VectorVariation().run(iter([frontier]), Context("mutate", warn=said.append)))
    assert isinstance(made, Frontier)
    assert made.programs == ()
    [message] = said
    assert message.startswith("programs without a mutant: 1; ")
    assert why in message
