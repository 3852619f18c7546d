"""Local search on any domain: mutants from the λ-machine, judged by the domain's evaluator."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence

import orjson

from psynth.core.calculus.normal_forms import beta_normal
from psynth.core.calculus.terms import parse_term
from psynth.core.engines.lambda_machine import DEFAULT_MUTANT_DEPTH, DEFAULT_MUTANT_SIZE
from psynth.core.engines.leases import Engines, default_engines
from psynth.core.errors import InputError
from psynth.core.stream.records import Library
from psynth.plugins.domain import Domain
from psynth.plugins.evaluator import Budget, Verdict
from psynth.plugins.neighborhood import Candidate, Neighborhood, Step
from psynth.plugins.visible_task import VisibleTask

FIRST_BATCH = 8
"""The size of the first batch of mutants; it doubles each time, so that an early improvement is cheap."""
LARGEST_BATCH = 512
"""The size of the largest batch of mutants."""
CACHED = 100_000
"""Maximum number of programs whose gains are cached."""


class LambdaNeighborhood(Neighborhood):
    """Mutants in any library of any domain; InputError for a task without a request.

    ``max_size`` is in nodes (default 100) and also limits sampled programs. ``first_batch`` changes no result. In a
    step ``run`` counts the different programs examined, without the candidate; fewer may have been run, since gains are
    cached from step to step.
    """

    def __init__(
        self,
        domain: Domain,
        library: Library,
        task: VisibleTask,
        *,
        max_size: int | None = None,
        max_depth: int = DEFAULT_MUTANT_DEPTH,
        first_batch: int = FIRST_BATCH,
        weights: object = None,
        engines: Engines | None = None,
        jobs: int = 1,
    ) -> None:
        if task.request is None:
            raise InputError("a local search needs a task with a request", task=task.id)
        self.ceiling = 1.0 if task.environment is None else math.inf
        self._request, self._task = task.request, task
        # Serialized once, since each step sends it again.
        self._library = orjson.Fragment(orjson.dumps(library.to_json()))
        self._max_size = DEFAULT_MUTANT_SIZE if max_size is None else max_size
        self._max_depth, self._first_batch = max_depth, first_batch
        self._weights = weights
        self._known: dict[str, Candidate] = {}
        engines = engines or default_engines()
        self._leases = contextlib.ExitStack()
        self._machine = self._leases.enter_context(engines.lambda_machine())
        self._evaluator = self._leases.enter_context(domain.evaluator(library, Budget(), engines=engines, jobs=jobs))

    def close(self) -> None:
        """End the leases."""
        self._leases.close()

    def cancel(self) -> None:
        """End the current and all later evaluations."""
        self._evaluator.cancel()

    def judge(self, programs: Sequence[str]) -> list[Candidate]:
        """Evaluate programs; gains of earlier programs are cached. InputError for a task without a criterion."""
        new = [program for program in dict.fromkeys(programs) if program not in self._known]
        fresh: dict[str, Candidate] = {}
        if new:
            [verdicts] = self._evaluator.judge([(self._task, new)])
            if any(verdict.says_nothing for verdict in verdicts):
                raise InputError("it has no examples, or anything else to judge programs by", task=self._task.id)
            fresh = {text: _candidate(text, verdict) for text, verdict in zip(new, verdicts, strict=True)}
        candidates = [fresh.get(program) or self._known[program] for program in programs]
        if len(self._known) + len(fresh) > CACHED:
            self._known.clear()
        self._known |= fresh
        return candidates

    def draw(self, count: int, seed: int) -> list[Candidate]:
        """Sample programs of at most ``max_size`` nodes; InputError if there are none."""
        drawn = self._machine.sample(
            self._library,
            self._request,
            seed=seed,
            count=count,
            max_size=self._max_size,
            weights=self._weights,
        )
        return self.judge([each["program"] for each in drawn])

    def step(self, candidate: Candidate, most: int, seed: int, *, drift: bool = False) -> Step:
        """Judge mutants in growing batches; a program without mutants within the limits has no step.

        After a sideways move the rest of the batch is discarded, and the next batch is small again.
        InputError if the program cannot be mutated, even if it runs.
        """
        parent = without_redexes(candidate.program)
        seen = {candidate.program, parent}
        examined = run = 0
        batch = self._first_batch
        while examined < most:
            mutants = self.judge(self._mutants(parent, seed, examined, min(batch, most - examined)))
            if not mutants:
                break
            batch = min(2 * batch, LARGEST_BATCH)
            for mutant in mutants:
                examined += 1
                if mutant.program not in seen:
                    seen.add(mutant.program)
                    run += 1
                if mutant.gain > candidate.gain:
                    return Step(mutant, examined, run)
                if drift and mutant.gain == candidate.gain and mutant.program != parent:
                    parent, batch = without_redexes(mutant.program), self._first_batch
                    break
        return Step(None, examined, run)

    def _mutants(self, program: str, seed: int, first: int, count: int) -> list[str]:
        [answer] = self._machine.mutate(
            self._library,
            self._request,
            [program],
            seeds=[seed],
            count=count,
            first=first,
            max_size=self._max_size,
            max_depth=self._max_depth,
            weights=self._weights,
        )
        error = answer.get("error")
        if error is None:
            return [mutant["program"] for mutant in answer["mutants"]]
        if error["kind"] == "none":
            return []
        raise InputError(f"{program} cannot be mutated: {error['message']}", task=self._task.id)


def _candidate(program: str, verdict: Verdict) -> Candidate:
    return Candidate(program, verdict.gain, solved=verdict.solved)


def without_redexes(program: str) -> str:
    """The program in β-normal form, as the λ-machine requires for mutation."""
    return str(beta_normal(parse_term(program))) if "((lam" in program else program
