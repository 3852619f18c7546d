"""Puzzles as λ-tasks: types, constants as leaves, the checker's word on answers, and evolution of Python programs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psynth_puzzles.answer_types import term_type, type_of
from psynth_puzzles.constants import constants_of, token
from psynth_puzzles.domain import Puzzles, PuzzleTaskSettings
from psynth_puzzles.primitives import PRIMITIVES
from psynth_puzzles.puzzle import Puzzle

from psynth.core.calculus.terms import Name, parse_term
from psynth.core.calculus.text_literals import text_of
from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.plugins import Budget, Task, Verdict
from tests.psynth_command import Psynth
from tests.sandbox_layers import missing

pytestmark = [
    pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built"),
    pytest.mark.skipif(bool(missing("user", "mount")), reason=str(missing("user", "mount"))),
]

DOMAIN = Puzzles()
TEXT = """\
def sat(s: str, n=3):
    "A docstring."
    assert n > 0, "a message"
    return s == "a (b)" * n and len(s) > 7
"""


def puzzle(checker: str, answer: str, *inputs: Any) -> Task:
    """A task of a puzzle."""
    made = Puzzle(checker, answer, "def sol():", list(inputs))
    return Task("puzzles/x", "puzzles", made.request(), environment=made.environment())


def judged(task: Task, *programs: str) -> list[Verdict]:
    """The verdicts on λ-terms."""
    with DOMAIN.evaluator(DOMAIN.library(), Budget()) as evaluator:
        [verdicts] = evaluator.judge([(task, programs)])
    return verdicts


def promising(task: Task, programs: list[str]) -> list[str]:
    """The programs that a search would keep."""
    with DOMAIN.evaluator(DOMAIN.library(), Budget(seconds=1.0)) as evaluator:
        found = list(evaluator.promising(task, programs))
        assert list(evaluator.promising(task, programs)) == found, "an answer that was wrong once is so again"
    return found


def test_types_of_puzzles() -> None:
    assert [term_type(each) for each in ("int", "List[List[str]]", "List[float]", "float")] == [
        *("int", "list(list(str))"),
        *(None, None),
    ]
    values: list[Any] = [True, 1, "a", [], [[1], []], [1, "a"], 1.5, None, {}]
    assert [type_of(each) for each in values] == [
        *("bool", "int", "str", "list(int)", "list(list(int))"),
        *(None, None, None, None),
    ]
    assert puzzle(TEXT, "str", 3, ["a"]).request == "int -> list(str) -> str"
    assert puzzle(TEXT, "float", 3).request is None
    requests = {each.request is None for each in DOMAIN.tasks(PuzzleTaskSettings(split="all"), 0)}
    assert requests == {True, False}, "one family has answers with fractions"


def test_constants_of_a_checker() -> None:
    assert constants_of(TEXT) == [0, "a (b)", 7], "neither defaults nor messages nor the docstring"
    assert constants_of(f"def sat(x): return x == {10**30} or x == {'a' * 500!r} or x is True or x == 2.5") == []
    assert constants_of("def sat(") == ()


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=30))
def test_a_text_is_a_token_and_back(text: str) -> None:
    name = token(text)
    assert isinstance(parse_term(f"(f {name})"), type(parse_term("(f x)")))
    assert parse_term(name) == Name(name)
    assert text_of(name) == text
    assert str(DOMAIN.literal_type(name)) == "str"


@pytest.mark.parametrize("name", ["a", '"', '"a', "'a'", '"\\ud800"', '"\\x"', "17"])
def test_what_is_no_text(name: str) -> None:
    assert text_of(name) is None
    assert DOMAIN.literal_type(name) is None


def test_terms_are_judged_by_the_checker() -> None:
    task = puzzle(TEXT, "str", 3)
    right, wrong, fails = judged(
        task, r'(lambda (repeat $0 "a\u0020\u0028b\u0029"))', '(lambda "a")', "(lambda (text (div 1 0)))"
    )
    assert (right.solved, right.score, right.outputs[0].value) == (True, 1.0, "a (b)" * 3)
    assert (wrong.solved, wrong.status, wrong.message) == (False, "ok", "the checker returned False")
    assert (fails.status, fails.solved) == ("error", False)
    assert (fails.message or "").startswith("ZeroDivisionError")


def test_a_search_sees_what_judging_sees_even_of_checkers_that_spoil_their_defaults() -> None:
    spoiling = "def sat(x: int, left=[1, 2, 3]):\n    left.pop()\n    return x == 2 and len(left) == 2"
    programs = ["0", "1", "(add 1 1)", "2", "10", "(div 1 0)"]
    task = puzzle(spoiling, "int")
    assert promising(task, programs) == ["(add 1 1)", "2"]
    assert [verdict.solved for verdict in judged(task, *programs)] == [False, False, True, True, False, False]


def test_a_checker_that_hangs_on_one_answer_judges_the_others() -> None:
    hangs = "def sat(x: int):\n    while x == 1:\n        pass\n    return x == 10"
    assert promising(puzzle(hangs, "int"), ["0", "1", "10"]) == ["10"]


def test_no_primitive_builds_what_is_too_large() -> None:
    task = puzzle("def sat(x: int): return True", "int")
    huge = "(mul 10 (mul 10 (mul 10 (mul 10 10))))"
    programs = (
        "(pow 10 (pow 10 10))",
        f'(size (repeat {huge} "abc"))',
        f"(length (range {huge[:-1]}10))))))",
        f"(length (map (lambda (copies {huge} $0)) (range 100)))",
    )
    for verdict in judged(task, *programs[:2], programs[3]):
        assert verdict.status in ("error", "memory"), verdict.outputs
    assert len({each.name for each in PRIMITIVES}) == len(PRIMITIVES)


def test_enumeration_and_evolution_find_answers(tmp_path: Path) -> None:
    run = Psynth(tmp_path)

    def psynth(*words: str) -> subprocess.CompletedProcess[str]:
        return run(*words, env={"PSYNTH_PLUGINS": "puzzles,elites,search,source"})

    task = puzzle('def sat(s: str, n=4):\n    return s.count("xy") == n', "str", 4)
    stream = [DOMAIN.library(), *DOMAIN.records(PuzzleTaskSettings(count=2), 0)]
    own = [json.loads(record.encode()) for record in stream if record.TYPE == "library"]
    assert len(own) > 1
    library = own[0]
    library["productions"].append({"name": token("xy"), "type": "str", "log_weight": 1.5})
    frontier = {"type": "frontier", "task": task.to_json(), "programs": []}
    (tmp_path / "task.jsonl").write_text(f"{json.dumps(library)}\n{json.dumps(frontier)}\n")
    found = psynth("enumerate", "--max-cost", "9", "task.jsonl").stdout
    [line] = [json.loads(line) for line in found.splitlines() if '"frontier"' in line]
    assert '(lambda (repeat $0 "xy"))' in {each["program"] for each in line["programs"]}

    start = {"program": "def sol(n=4):\n    return 'xy' * 3\n", "language": "python"}
    (tmp_path / "start.jsonl").write_text(f"{json.dumps(library)}\n{json.dumps({**frontier, 'programs': [start]})}\n")
    words = ("--method", "map-elites", "--target", "1", "--max-evaluations", "400", "--batch", "40")
    evolved = psynth("elites", *words, "start.jsonl").stdout
    assert '"log_likelihood":0.0' in evolved, "the sandbox's checker accepted a program that was evolved"
