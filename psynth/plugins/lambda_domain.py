"""The base of domains that run in the λ-machine: a domain names its primitives, the machine knows what they are."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import orjson

from psynth.core.engines.lambda_machine import LambdaMachine
from psynth.core.errors import EngineError
from psynth.core.stream.records import Library, Production, Task
from psynth.plugins.domain import Budget, Domain, ExampleEvaluator, Job, Outcome, ProgramError

if TYPE_CHECKING:
    from psynth.plugins.neighborhood import Neighborhood


@functools.cache
def machine_primitives() -> Mapping[str, str]:
    """The type of every primitive that the λ-machine implements, by name; asked once a process."""
    with LambdaMachine() as machine:
        return machine.primitives()


class LambdaMachineDomain(Domain):
    """A domain that runs in the λ-machine. ``primitives`` lists the names in each of ``primitive_sets``, in order."""

    runs_in: ClassVar[str] = "lambda-machine"
    primitives: ClassVar[Mapping[str, Sequence[str]]]

    def library(self, primitive_set: str | None = None) -> Library:
        """The primitives of a set with the types that the λ-machine gives them, every weight 0."""
        types = machine_primitives()
        names = self.primitives[self.chosen_set(primitive_set)]
        missing = [name for name in names if name not in types]
        if missing:
            raise EngineError(
                f"the domain {self.name!r} names primitives that the λ-machine lacks: {', '.join(missing)}"
            )
        productions = tuple(Production(name=name, type=types[name], log_weight=0.0) for name in names)
        return Library(domain=self.name, productions=productions, log_variable=0.0)

    def evaluator(self, library: Library, budget: Budget) -> LambdaMachineEvaluator:
        """An evaluator with a λ-machine of its own."""
        return LambdaMachineEvaluator(library, budget)

    def neighborhood(
        self, library: Library, task: Task, *, max_size: int | None = None, threads: int = 1
    ) -> Neighborhood:
        """Mutants that the λ-machine itself judges by the task's examples, unless evaluators are not the machine's."""
        from psynth.plugins.example_neighborhood import ExampleNeighborhood
        from psynth.plugins.lambda_neighborhood import LambdaNeighborhood

        judged_there = type(self).evaluator is LambdaMachineDomain.evaluator and task.environment is None
        kind = ExampleNeighborhood if judged_there else LambdaNeighborhood
        return kind(self, library, task, max_size=max_size)


class LambdaMachineEvaluator(ExampleEvaluator):
    """Runs programs in a λ-machine, its own unless one is given, many a request."""

    def __init__(self, library: Library, budget: Budget, machine: LambdaMachine | None = None) -> None:
        # Written once: each request sends it again.
        self._library = orjson.Fragment(orjson.dumps(library.to_json()))
        self._budget = budget
        self._machine = machine or LambdaMachine()

    def close(self) -> None:
        """End the λ-machine."""
        self._machine.close()

    def run_all(self, jobs: Sequence[Job]) -> list[list[Outcome] | ProgramError]:
        """Send the jobs in one request; the machine runs equal programs on equal inputs once."""
        if not jobs:
            return []
        requests = [
            {"program": job.program, "inputs": [list(arguments) for arguments in job.inputs]}
            | ({} if job.request is None else {"request": job.request})
            for job in jobs
        ]
        results = self._machine.evaluate(self._library, requests, fuel=self._budget.fuel, size=self._budget.size)
        return [_answer(result) for result in results]


def _answer(result: object) -> list[Outcome] | ProgramError:
    if isinstance(result, dict):
        error = result["error"]
        return ProgramError(str(error["kind"]), str(error["message"]))
    assert isinstance(result, list)
    return [Outcome(each["status"], each.get("value"), each.get("message", "")) for each in result]
