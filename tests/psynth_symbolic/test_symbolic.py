"""The domain ``symbolic``: published formulas, two ways to evaluate λ-terms, tolerance, held-out points, searches."""

from __future__ import annotations

import json
import math
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psynth_symbolic.columns import Columns
from psynth_symbolic.domain import Symbolic, SymbolicTaskSettings
from psynth_symbolic.formulas import FORMULAS, KEIJZER, NGUYEN, VLADISLAVLEVA
from psynth_symbolic.judging import TOLERANCE, verdict_of
from psynth_symbolic.primitives import SETS

from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.core.engines.leases import default_engines
from psynth.plugins import Budget, Example, Job, Outcome, Task, Verdict
from psynth.plugins.python_domain import PythonEvaluator
from tests.psynth_command import Psynth
from tests.sandbox_layers import missing

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")

DOMAIN = Symbolic()
LIBRARY = DOMAIN.library("rich")
SOLUTIONS = {
    "nguyen-1": "(lambda (mul $0 (add 1.0 (mul $0 (add 1.0 $0)))))",
    "nguyen-5": "(lambda (sub (mul (sin (mul $0 $0)) (cos $0)) 1.0))",
    "nguyen-6": "(lambda (add (sin $0) (sin (add $0 (mul $0 $0)))))",
    "nguyen-7": "(lambda (log (mul (add $0 1.0) (add (mul $0 $0) 1.0))))",
    "nguyen-8": "(lambda (exp (mul 0.5 (log $0))))",
    "nguyen-9": "(lambda (lambda (add (sin $1) (sin (mul $0 $0)))))",
    "nguyen-10": "(lambda (lambda (mul 2.0 (mul (sin $1) (cos $0)))))",
    "nguyen-11": "(lambda (lambda (pow $1 $0)))",
    "keijzer-1": "(lambda (mul 0.3 (mul $0 (sin (mul 6.283185307179586 $0)))))",
    "keijzer-7": "(lambda (log $0))",
    "keijzer-14": "(lambda (lambda (div 8.0 (add 2.0 (add (square $1) (square $0))))))",
    "vladislavleva-6": "(lambda (lambda (mul 6.0 (mul (sin $1) (cos $0)))))",
}
"""Formulas as λ-terms, written anew."""


def tasks(**chosen: int) -> dict[str, Task]:
    """All tasks, by the name of the formula."""
    every = DOMAIN.tasks(SymbolicTaskSettings(split="all", **chosen), seed=3)
    return {task.id.split("-", 2)[2]: task for task in every}


def judged(task: Task, *programs: str) -> list[Verdict]:
    """The verdicts on λ-terms."""
    with DOMAIN.evaluator(LIBRARY, Budget()) as evaluator:
        [verdicts] = evaluator.judge([(task, programs)])
    return verdicts


def test_terms_written_anew_solve_the_published_formulas() -> None:
    assert [len(NGUYEN), len(KEIJZER), len(VLADISLAVLEVA)] == [12, 15, 8]
    every = tasks(points=50, held_out=50)
    assert len(every) == 35
    for name, program in SOLUTIONS.items():
        [verdict] = judged(every[name], program)
        assert (verdict.solved, verdict.reward, verdict.held_out, verdict.held_out_reward) == (True, 1.0, 1.0, 1.0), (
            name
        )


def test_the_points_are_the_published_ones() -> None:
    every = tasks(points=10_000, held_out=200)
    shown = {name: [each for each in task.examples if each.split is None] for name, task in every.items()}
    assert {len(shown[name]) for name in NGUYEN} == {20}
    assert [len(shown[f"keijzer-{number}"]) for number in (1, 4, 5, 6, 8)] == [21, 201, 1000, 50, 101]
    assert [len(shown[f"vladislavleva-{number}"]) for number in range(1, 9)] == [100, 100, 600, 1024, 300, 30, 300, 50]
    assert all(0 <= x <= 2 for example in shown["nguyen-7"] for x in example.inputs)
    [first, *_, last] = shown["keijzer-6"]
    assert (first.inputs, first.output, last.inputs) == ([1.0], 1.0, [50.0])
    unseen = [each.inputs[0] for each in every["keijzer-6"].examples if each.split == "test"]
    assert (len(unseen), max(unseen)) == (120, 120.0), "the published test goes beyond the training points"
    for task in every.values():
        assert all(math.isfinite(each.output) for each in task.examples)
        assert "test" not in {each.split for each in DOMAIN.visible(task).examples}
    assert {name for names in FORMULAS.values() for name in names} == every.keys()


def test_the_tolerance() -> None:
    def verdict(value: float) -> Verdict:
        task = Task("symbolic/x", "symbolic", "real -> real", (Example([1.0], 100.0), Example([2.0], 0.5)))
        return verdict_of(task, [Outcome("ok", value), Outcome("ok", 0.5)])

    assert verdict(100.0 + 99 * TOLERANCE).solved
    assert verdict(100.0 + 99 * TOLERANCE).reward == 1.0
    assert not verdict(100.0 + 101 * TOLERANCE).solved
    assert verdict(99.5).reward == pytest.approx(1 / (1 + 0.5 / math.hypot(49.75, 49.75)))


def test_failures_are_data_and_worse_than_any_formula() -> None:
    task = tasks()["nguyen-1"]
    fails, overflows, worst = judged(
        task, "(lambda (log $0))", "(lambda (exp (exp (add 10.0 $0))))", "(lambda (exp (mul 10.0 $0)))"
    )
    assert (fails.status, fails.reward, fails.solved, fails.message) == (
        "error",
        0.0,
        False,
        "ValueError: math domain error",
    )
    assert (overflows.status, overflows.message) == ("error", "OverflowError: math range error")
    assert worst.gain > 0 == fails.gain


@st.composite
def terms(draw: st.DrawFn, depth: int = 4) -> str:
    """Bodies of λ-terms of two variables."""
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        return draw(st.sampled_from(["$0", "$1", "1.0", "0.1", "10.0", "-2.5", "1.5e-3"]))
    primitive = draw(st.sampled_from([each for each in SETS["rich"] if callable(each.function)]))
    parts = [draw(terms(depth - 1)) for _ in range(primitive.type.count("->"))]
    return f"({primitive.name} {' '.join(parts)})"


@settings(max_examples=30, deadline=None)
@given(st.lists(terms(), min_size=1, max_size=20))
def test_values_at_all_points_at_once_are_those_of_the_interpreter(bodies: list[str]) -> None:
    inputs = [[0.5, -1.0], [0.0, 2.0], [1e200, 3.0], [-0.25, 0.0]]
    programs = [f"(lambda (lambda {body}))" for body in bodies]
    jobs = [Job(program, inputs, "real -> real -> real") for program in programs]
    with DOMAIN.evaluator(LIBRARY, Budget()) as evaluator:
        fast = evaluator.run_all(jobs)
        assert isinstance(evaluator, PythonEvaluator)
        assert fast == PythonEvaluator.run_all(evaluator, jobs)


def test_the_shortcut_applies_to_all_that_has_no_binding_inside_and_to_nothing_else() -> None:
    columns = Columns([each.name for each in LIBRARY.productions], DOMAIN.primitives, DOMAIN.literal_value, 100_000)
    points = columns.points([[1.0], [0.0], [4.0]])
    assert points is not None
    assert columns.values("(lambda (mul $0 (add 0.5 1.0)))", points) == [1.5, 0.0, 6.0]
    assert columns.values("(lambda (inv $0))", points) == "failing"
    odd = (
        *("$0", "(lambda $1)", "(lambda (add $0))", "(lambda (add $0 $0 $0))", "(lambda ((lambda $0) $0))"),
        *("(lambda ())", "(lambda (1.0 $0))", "(lambda add)", "(lambda $0) $0", "(lambda (add $0 $0)", "(lambda fn_0)"),
        *("(lambda 7)", "(lambda)", "(lambda (lambda $0))"),
    )
    for text in odd:
        assert columns.values(text, points) is None, text
    assert columns.points([[1.0], [1]]) is None
    assert columns.points([[1.0], [1.0, 2.0]]) is None


@pytest.mark.skipif(bool(missing("user", "mount")), reason=str(missing("user", "mount")))
def test_python_and_terms_have_the_same_verdicts() -> None:
    task = tasks(held_out=5)["nguyen-5"]
    source = "from math import cos, sin\n\ndef f(x):\n    return sin(x * x) * cos(x) - {}\n"
    with DOMAIN.evaluator(DOMAIN.library(), Budget(seconds=10.0), language="python") as evaluator:
        [[right, wrong, text]] = evaluator.judge([(task, [source.format(1), source.format(2), "def f(x): return 'x'"])])
    [same] = judged(task, "(lambda (sub (mul (sin (mul $0 $0)) (cos $0)) 2.0))")
    assert (right.solved, right.held_out) == (True, 1.0)
    assert (wrong.reward, wrong.held_out_reward) == (same.reward, same.held_out_reward)
    assert (text.status, text.reward) == ("error", 0.0)


def test_searches_solve_compress_and_keep_the_best(tmp_path: Path) -> None:
    run = Psynth(tmp_path)

    def psynth(*words: str) -> subprocess.CompletedProcess[str]:
        return run(*words, env={"PSYNTH_PLUGINS": "symbolic,elites,search,library"})

    chosen = ("--task", "*nguyen-8", "--task", "*nguyen-4")
    (tmp_path / "tasks.jsonl").write_text(psynth("tasks", "symbolic", *chosen).stdout)
    found = psynth("enumerate", "--max-cost", "12", "tasks.jsonl").stdout
    (tmp_path / "found.jsonl").write_text(found)
    hard, easy = (json.loads(line) for line in found.splitlines() if '"frontier"' in line)
    assert "(lambda (exp (div (log $0) 2.0)))" in {each["program"] for each in easy["programs"]}
    assert {each["held_out"] for each in easy["programs"]} == {1.0}
    assert len(hard["programs"]) == 5, "the best are kept where none is right"
    rewards = [each["reward"] for each in hard["programs"]]
    assert rewards == sorted(rewards, reverse=True)
    assert rewards[0] > 0.5
    assert '"type":"library"' in psynth("compress", "found.jsonl").stdout
    archive = psynth("elites", "--method", "map-elites", "--max-evaluations", "300", "tasks.jsonl").stdout
    best = max(float(each) for each in re.findall(r'"reward":([0-9.]+)', archive))
    assert best > 0.5


def test_no_search_gains_from_how_its_batches_are_cut() -> None:
    task = DOMAIN.visible(tasks()["nguyen-4"])
    with default_engines().lambda_machine() as machine:
        drawn = machine.sample(DOMAIN.library().to_json(), task.request or "", seed=1, count=400, max_depth=4)
    programs = list(dict.fromkeys(str(each["program"]) for each in drawn))
    with DOMAIN.evaluator(DOMAIN.library(), Budget()) as evaluator:
        whole = evaluator.promising(task, programs)
        halves = [each for part in (programs[:100], programs[100:]) for each in evaluator.promising(task, part)]
        [verdicts] = evaluator.judge([(task, programs)])
    gains = sorted((verdict.gain for verdict in verdicts), reverse=True)
    by_program = dict(zip(programs, (verdict.gain for verdict in verdicts), strict=True))
    for kept in (whole, halves):
        assert sorted((by_program[each] for each in kept), reverse=True)[:50] == gains[:50]
    assert len(whole) < len(programs)
