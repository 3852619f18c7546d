"""Local search on examples within the λ-machine, which makes, judges and selects mutants."""

from __future__ import annotations

import math

from psynth.core.engines.lambda_machine import DEFAULT_MUTANT_DEPTH
from psynth.core.engines.leases import Engines
from psynth.core.stream.records import Library
from psynth.plugins.domain import Domain
from psynth.plugins.evaluator import Budget
from psynth.plugins.lambda_neighborhood import LambdaNeighborhood, without_redexes
from psynth.plugins.neighborhood import Candidate, Step
from psynth.plugins.visible_task import VisibleTask

MOST = 10_000_000
"""Maximum number of mutants in one request to the machine."""


class ExampleNeighborhood(LambdaNeighborhood):
    """A `LambdaNeighborhood` with identical steps for tasks that the λ-machine can judge by examples.

    A step is one request, and a mutant is run only on as many examples as decide whether it is better.
    """

    def __init__(
        self,
        domain: Domain,
        library: Library,
        task: VisibleTask,
        *,
        max_size: int | None = None,
        max_depth: int = DEFAULT_MUTANT_DEPTH,
        weights: object = None,
        engines: Engines | None = None,
        jobs: int = 1,
    ) -> None:
        super().__init__(
            domain, library, task, max_size=max_size, max_depth=max_depth, weights=weights, engines=engines, jobs=jobs
        )
        self._budget = Budget()
        self._count = len(task.examples)
        self._examples = [{"inputs": list(each.inputs), "output": each.output} for each in task.examples]

    def step(self, candidate: Candidate, most: int, seed: int, *, drift: bool = False) -> Step:
        """Let the machine examine the mutants; a program without mutants within the limits has no step.

        InputError if the program cannot be mutated, even if it runs.
        """
        right = -1 if candidate.gain == -math.inf else round(candidate.gain * self._count)
        answer = self._machine.improve(
            self._library,
            self._request,
            without_redexes(candidate.program),
            self._examples,
            right=right,
            seed=seed,
            count=min(most, MOST),
            drift=drift,
            max_size=self._max_size,
            max_depth=self._max_depth,
            fuel=self._budget.fuel,
            size=self._budget.size,
            weights=self._weights,
        )
        found = answer["found"]
        return Step(None if found is None else self._candidate(**found), answer["examined"], answer["run"])

    def _candidate(self, program: str, right: int) -> Candidate:
        if right < 0:
            return Candidate(program, -math.inf)
        gain = right / self._count if self._count else 0.0
        return Candidate(program, gain, solved=0 < right == self._count)
