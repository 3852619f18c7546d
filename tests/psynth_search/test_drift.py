"""Drifting in the generic neighborhood: what as good a mutant as any leads to, whatever the batches."""

from __future__ import annotations

import pytest
from psynth_karel.domain import Karel, KarelTaskSettings

from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.plugins.lambda_neighborhood import LambdaNeighborhood
from psynth.plugins.neighborhood import Candidate

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")
KAREL = Karel()
[TASK] = KAREL.tasks(KarelTaskSettings(task=("harvester",), instances=4, held_out=0), seed=0)


def around(first_batch: int) -> LambdaNeighborhood:
    return LambdaNeighborhood(KAREL, KAREL.library(), TASK, max_size=8, first_batch=first_batch)


def literally(neighborhood: LambdaNeighborhood, candidate: Candidate, most: int, seed: int):
    """One mutant after the other, each of whatever was as good last; and how often that changed."""
    here, moved = candidate.program, 0
    for number in range(most):
        [mutant] = neighborhood.judge(neighborhood._mutants(here, seed, number, 1))
        if mutant.gain > candidate.gain:
            return mutant, number + 1, moved
        if mutant.gain == candidate.gain and mutant.program != here:
            here, moved = mutant.program, moved + 1
    return None, most, moved


def test_each_mutant_that_is_as_good_is_gone_on_from_whatever_the_batches() -> None:
    moves = 0
    with around(1) as one, around(16) as many:
        [start] = one.judge(["(karel_repeat 2 (karel_seq pickMarker move))"])
        for seed in range(6):
            found, examined, moved = literally(one, start, 80, seed)
            for neighborhood in (one, many):
                step = neighborhood.step(start, 80, seed, drift=True)
                assert (step.candidate, step.evaluations) == (found, examined)
            moves += moved
    assert moves > 0
