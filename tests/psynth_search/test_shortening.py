"""Shortening: what is found earns no less, and none of the shorter programs nearby earns as much."""

from __future__ import annotations

import pytest
from psynth_search.shortening import shorten

from psynth.core.calculus.terms import parse_term
from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.core.stream.records import Task
from psynth.plugins.lambda_neighborhood import LambdaNeighborhood
from psynth.plugins.method import Context

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")


def shortened(domain: str, task: Task, program: str):
    context = Context("x")
    with LambdaNeighborhood(context.domain(domain), context.library_for(domain), task) as neighborhood:
        [before] = neighborhood.judge([program])
        return before, *shorten(neighborhood, before)


def test_what_does_nothing_goes_and_what_matters_stays() -> None:
    domain = Context("x").domain("karel")
    [task] = domain.tasks(domain.TaskSettings(task=("harvester",)), 0)
    row = "(karel_seq (karel_repeat 13 (karel_seq move pickMarker)) turnRight)"
    sweep = f"(karel_while leftIsClear (karel_seq (karel_while leftIsClear {row}) turnLeft))"
    junk = f"(karel_seq (karel_if frontIsClear {sweep}) (karel_while (karel_not frontIsClear) turnLeft))"
    before, after, evaluations = shortened("karel", domain.visible(task), junk)
    assert before.gain == after.gain == 1.0
    assert parse_term(after.program).size <= parse_term(sweep).size
    assert 0 < evaluations < 300


def test_parts_move_within_lambdas_and_ill_typed_ones_are_refused() -> None:
    domain = Context("x").domain("list")
    task = next(task for task in domain.tasks(domain.TaskSettings(), 0) if task.id.endswith("head"))
    before, after, _ = shortened("list", task, "(lambda (car (map (lambda (+ 0 $0)) (if (eq? 1 1) $0 (cdr $0)))))")
    assert (before.solved, after.solved) == (True, True)
    assert after.program == "(lambda (car $0))"


def test_a_program_that_cannot_be_shortened_stays() -> None:
    domain = Context("x").domain("karel")
    [task] = domain.tasks(domain.TaskSettings(task=("maze",)), 0)
    before, after, evaluations = shortened("karel", domain.visible(task), "move")
    assert (after, evaluations) == (before, 0)
