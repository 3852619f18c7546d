"""The text domain: its primitives against an independent implementation, its literals, its tasks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psynth_text.domain import Text
from psynth_text.families import FAMILIES

from psynth.core.calculus.terms import parse_term
from psynth.core.calculus.text_literals import text_literal, text_of
from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.core.engines.leases import default_engines
from psynth.plugins import Budget, Job
from tests.psynth_text.oracle import FUNCTIONS

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")
DOMAIN = Text()
#: Few letters, so that parts occur in wholes; characters of one to four bytes.
TEXTS = st.text("ab-é€𝔸0 ", max_size=8)
VALUES = {"string": TEXTS, "int": st.integers(-3, 10)}
CALLS = st.sampled_from(sorted(FUNCTIONS)).flatmap(
    lambda name: st.tuples(st.just(name), st.tuples(*(VALUES[kind] for kind in FUNCTIONS[name][0].split())))
)


def run(program: str, inputs: tuple[Any, ...]) -> Any:
    with DOMAIN.evaluator(DOMAIN.library(), Budget(), engines=default_engines()) as evaluator:
        [outcome] = evaluator.run(program, None, [list(inputs)])
    assert outcome.status == "ok", outcome.message
    return outcome.value


@settings(max_examples=60, deadline=None)
@given(st.lists(CALLS, min_size=30, max_size=60))
def test_primitives_do_what_the_theory_says(calls: list[tuple[str, tuple[Any, ...]]]) -> None:
    jobs = []
    for name, arguments in calls:
        variables = " ".join(f"${place}" for place in reversed(range(len(arguments))))
        jobs.append(
            Job("(lambda " * len(arguments) + f"({name} {variables})" + ")" * len(arguments), [list(arguments)])
        )
    with DOMAIN.evaluator(DOMAIN.library(), Budget(), engines=default_engines()) as evaluator:
        answers = evaluator.run_all(jobs)
    for (name, arguments), answer in zip(calls, answers, strict=True):
        assert isinstance(answer, list), answer
        assert (answer[0].value, answer[0].status) == (FUNCTIONS[name][1](*arguments), "ok"), (name, arguments)


@pytest.mark.parametrize(
    ("program", "value"),
    [
        ('(str.replace "USA" "" "x")', "xUSA"),
        ('(str.indexof "abc" "" 3)', 3),
        ('(str.indexof "abc" "" 4)', -1),
        ('(str.to_int "")', -1),
        ('(str.to_int "-1")', -1),
        ('(str.to_int "007")', 7),
        ('(str.to_int "٣")', -1),
        ('(str.substr "abc" 1 9223372036854775807)', None),
        ('(str.substr "abc" 1 4611686018427387903)', "bc"),
        ('(ite (str.contains "a" "") (str.from_int 3) (str.at "" (str.to_int "99999999999999999999")))', "3"),
    ],
)
def test_corner_cases(program: str, value: object) -> None:
    with DOMAIN.evaluator(DOMAIN.library(), Budget(), engines=default_engines()) as evaluator:
        [answer] = evaluator.run_all([Job(program, [[]])])
    if value is None:
        assert not isinstance(answer, list)
        assert "beyond 63 bits" in answer.message
    else:
        assert isinstance(answer, list)
        assert answer[0].value == value


def test_a_number_beyond_63_bits_is_a_failure_of_its_program() -> None:
    with DOMAIN.evaluator(DOMAIN.library(), Budget(), engines=default_engines()) as evaluator:
        [outcome] = evaluator.run('(str.to_int "99999999999999999999")', None, [[]])
    assert (outcome.status, outcome.message) == ("error", "an integer beyond 63 bits")


def test_no_search_for_a_text_takes_quadratic_time_for_free() -> None:
    # Each comparison fails at its last character.
    program = "(lambda (lambda (str.indexof $1 $0 0)))"
    with DOMAIN.evaluator(DOMAIN.library(), Budget(), engines=default_engines()) as evaluator:
        [outcome] = evaluator.run(program, None, [["a" * 60_000, "a" * 30_000 + "b"]])
    assert outcome.status == "fuel"


@given(st.text(st.characters(exclude_categories=["Cs"])))
@settings(max_examples=200, deadline=None)
def test_any_text_is_one_token_that_is_read_back(text: str) -> None:
    token = text_literal(text)
    assert text_of(token) == text
    assert str(parse_term(f"(f {token} {token})")) == f"(f {token} {token})"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=20))
@settings(max_examples=20, deadline=None)
def test_the_machine_reads_literals_as_python_does(texts: list[str]) -> None:
    with DOMAIN.evaluator(DOMAIN.library(), Budget(), engines=default_engines()) as evaluator:
        answers = evaluator.run_all([Job(text_literal(text), [[]], "string") for text in texts])
    assert [answer[0].value if isinstance(answer, list) else answer for answer in answers] == texts


@pytest.mark.parametrize("token", ['"', '"a', 'a"', '"\\', '"\\ud800"', '"\\x41"', "a", '"a"b"'])
def test_what_is_no_literal_is_unknown(token: str) -> None:
    assert text_of(token) is None
    with DOMAIN.evaluator(DOMAIN.library(), Budget(), engines=default_engines()) as evaluator:
        [answer] = evaluator.run_all([Job(token, [[]])])
    assert not isinstance(answer, list)


def test_splits_share_no_family_and_examples_are_those_of_the_seed() -> None:
    tasks = {
        (split, seed): list(DOMAIN.tasks(DOMAIN.TaskSettings(split=split, held_out=2), seed))
        for split in ("train", "test")
        for seed in (0, 1)
    }
    names = {split: {task.id.split("-", 2)[2] for task in tasks[split, 0]} for split in ("train", "test")}
    assert not names["train"] & names["test"]
    assert len(names["train"] | names["test"]) == len(FAMILIES)
    for split in ("train", "test"):
        assert [task.id for task in tasks[split, 0]] == [task.id for task in tasks[split, 1]]
        assert tasks[split, 0] != tasks[split, 1]
        for task in tasks[split, 0]:
            assert [each.split for each in task.examples] == [None] * 6 + ["test"] * 2
            assert len({str(each.inputs) for each in task.examples}) == 8
