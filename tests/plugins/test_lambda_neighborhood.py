"""Local search by way of the λ-machine: the same whatever the batches, and it gets somewhere on every domain."""

from __future__ import annotations

import math

import pytest
from psynth_search.climb import Climb, Plan
from psynth_search.widths import constant

from psynth.core.errors import InputError
from psynth.core.stream.records import Task
from psynth.plugins.lambda_neighborhood import LambdaNeighborhood

CASES = [
    ("list", "list", "list/train-002-tail"),
    ("list, learned", "list", "list/train-000-head"),
    ("regex", "regex", "regex/train-00000"),
    ("karel", "karel", "karel/prog-policies/stair-climber-12x12"),
    ("karel, learned", "karel", "karel/prog-policies/harvester-8x8"),
    ("tiles", "tiles", "tiles/train-00-copy-right"),
]


def open_task(registry, languages, case, **settings) -> LambdaNeighborhood:
    language, name, task_id = case
    domain = registry.domain(name)
    [task] = [task for task in domain.tasks(domain.TaskSettings(), 0) if task.id == task_id]
    return LambdaNeighborhood(domain, languages[language][0], domain.visible(task), max_size=20, **settings)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_batches_and_what_came_before_change_nothing(registry, languages, case) -> None:
    steps = []
    for first_batch in (1, 8, 64):
        with open_task(registry, languages, case, first_batch=first_batch) as neighborhood:
            drawn = neighborhood.draw(4, seed=2**63 - 5)
            taken = [
                neighborhood.step(candidate, 40, seed=seed, drift=drift)
                for candidate in drawn
                for seed, drift in ((3, False), (2**63 - 1, True))
            ]
            assert drawn == neighborhood.draw(4, seed=2**63 - 5)
            assert taken[-1] == neighborhood.step(drawn[-1], 40, seed=2**63 - 1, drift=True)
            steps.append((drawn, taken))
    assert steps[0] == steps[1] == steps[2]
    for candidate, step in zip([each for each in steps[0][0] for _ in range(2)], steps[0][1], strict=True):
        assert 0 < step.run <= step.evaluations <= 40
        if step.candidate is not None:
            assert step.candidate.program != candidate.program
            assert step.candidate.gain > candidate.gain


@pytest.mark.parametrize("case", [CASES[0], CASES[1], CASES[3], CASES[5]], ids=lambda case: case[0])
def test_it_climbs_to_a_solution(registry, languages, case) -> None:
    with open_task(registry, languages, case) as neighborhood:
        climb = Climb(neighborhood, Plan(constant(100), 3000), seed=2)
        gains = [candidate.gain for candidate in climb.improvements()]
        assert neighborhood.ceiling == (math.inf if case[1] == "karel" else 1.0)
    assert climb.is_solved
    assert climb.best is not None
    assert climb.best.solved
    assert gains == sorted(set(gains))


def test_starting_points_of_any_form(registry, languages) -> None:
    with open_task(registry, languages, CASES[0]) as neighborhood:
        shared, unreadable, other = neighborhood.judge(
            ["(lambda ((lambda (cdr $0)) $0))", "(lambda", "(lambda (car $0))"]
        )
        assert (shared.gain, shared.solved) == (1.0, True)
        assert unreadable.gain == other.gain == -math.inf
        step = neighborhood.step(shared, 5, seed=1)
        assert step.evaluations == 5
        with pytest.raises(InputError, match="cannot be mutated"):
            neighborhood.step(other, 5, seed=1)


def test_a_task_without_a_type_is_refused(registry, languages) -> None:
    domain = registry.domain("list")
    with pytest.raises(InputError, match="request"):
        LambdaNeighborhood(domain, languages["list"][0], Task(id="list/x", domain="list"))
