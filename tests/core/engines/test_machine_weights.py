"""Weights of one call against a library that has them itself, through every method that takes weights."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from psynth.core.engines.lambda_machine import LambdaMachine, SearchBudget
from psynth.core.errors import InputError

from .conftest import untimed

REQUEST = "list(int) -> list(int)"
PROGRAM = "(lambda (cons 1 (map (lambda (+ $0 1)) $0)))"
MATE = "(lambda (cdr (cdr $0)))"
EXAMPLES = [{"inputs": [[1, 2]], "output": [2, 3]}, {"inputs": [[]], "output": []}]
BUDGET = SearchBudget(max_cost=11.0, max_programs=400, max_frontier=3)
JSON = dict[str, Any]


@pytest.fixture(scope="module")
def running() -> Iterator[LambdaMachine]:
    with LambdaMachine() as machine:
        yield machine


@pytest.fixture
def language(library: Callable[..., JSON]) -> JSON:
    return library(
        "map cons car cdr empty + 0 1 if", twice=("(t0 -> t0) -> t0 -> t0", "(lambda (lambda ($1 ($1 $0))))")
    )


def same(language: JSON, seed: int) -> JSON:
    """Weights at random, the same everywhere."""
    rng = random.Random(seed)
    return {"log_weights": [rng.uniform(-2, 2) for _ in language["productions"]], "log_variable": rng.uniform(-1, 1)}


def by_parent(language: JSON, seed: int) -> JSON:
    """Weights at random for each place."""
    arities = {"map": 2, "cons": 2, "car": 1, "cdr": 1, "+": 2, "if": 3, "twice": 2}
    seeds = iter(range(1000 * seed, 1000 * seed + 1000))
    return {
        "start": same(language, next(seeds)),
        "variable": same(language, next(seeds)),
        "productions": {name: [same(language, next(seeds)) for _ in range(n)] for name, n in arities.items()},
    }


def with_weights(language: JSON, weights: JSON) -> JSON:
    """The library whose own weights these are."""
    if "start" in weights:
        return language | {"contextual": weights}
    pairs = zip(language["productions"], weights["log_weights"], strict=True)
    productions = [production | {"log_weight": weight} for production, weight in pairs]
    return language | {"productions": productions, "log_variable": weights["log_variable"]}


def searched(machine: LambdaMachine, library: JSON, **given: Any) -> JSON:
    tasks = [{"id": "t", "examples": EXAMPLES[:1]}]
    return untimed(machine.enumerate(library, REQUEST, tasks, BUDGET, **given))


METHODS: dict[str, Callable[..., Any]] = {
    "enumerate": searched,
    "propose": lambda machine, library, **given: list(machine.propose(library, REQUEST, BUDGET, batch=64, **given)),
    "sample": lambda machine, library, **given: machine.sample(library, REQUEST, seed=3, count=20, **given),
    "sample within a size": lambda machine, library, **given: machine.sample(
        library, REQUEST, seed=3, count=20, max_size=9, **given
    ),
    "mutate": lambda machine, library, **given: machine.mutate(
        library, REQUEST, [PROGRAM, MATE], seeds=[1, 2], count=10, **given
    ),
    "crossover": lambda machine, library, **given: machine.crossover(
        library, REQUEST, [PROGRAM, MATE], mates=[MATE, PROGRAM], seeds=[1, 2], count=5, **given
    ),
    "improve": lambda machine, library, **given: machine.improve(
        library, REQUEST, MATE, EXAMPLES, right=1, seed=1, count=100, drift=True, **given
    ),
}


@pytest.mark.parametrize("method", METHODS)
def test_weights_are_as_the_librarys_own(running, language, method):
    ask = METHODS[method]
    own = ask(running, language)
    listed = [make(language, seed) for make in (same, by_parent) for seed in (1, 2)]
    answers = [ask(running, language, weights=weights) for weights in listed]
    assert any(answer != own for answer in answers)
    # Again, backwards: what is kept for the last weights changes no answer, and neither do the weights before.
    assert [ask(running, language, weights=weights) for weights in reversed(listed)] == answers[::-1]
    assert ask(running, language) == own
    assert [ask(running, with_weights(language, weights)) for weights in listed] == answers


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda weights: weights | {"log_weights": weights["log_weights"][:-1]}, "9 weights for 10 productions"),
        (lambda weights: {"start": weights, "variable": weights, "productions": {}}, "productions of map are missing"),
        (lambda weights: {"log_variable": 0}, "either log_weights, or start, variable and productions"),
        (lambda weights: [1.0, 2.0], "an object"),
    ],
)
def test_weights_that_do_not_fit_are_refused(running, language, change, why):
    with pytest.raises(InputError, match=why):
        running.sample(language, REQUEST, seed=1, count=1, weights=change(same(language, 1)))
    assert running.sample(language, REQUEST, seed=1, count=1)
