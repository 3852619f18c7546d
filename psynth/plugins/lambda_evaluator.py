"""The evaluator of domains whose primitives the λ-machine implements."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import orjson

from psynth.core.engines.lambda_machine import LambdaMachine, SearchBudget
from psynth.core.engines.leases import Engines, default_engines
from psynth.core.stream.records import Library, Task
from psynth.plugins.evaluator import Budget, ExampleEvaluator, Job, Outcome, ProgramError

WORTHWHILE = 64
"""Number of jobs that justify one more λ-machine."""


class LambdaMachineEvaluator(ExampleEvaluator):
    """Runs programs in up to ``jobs`` leased λ-machines, many programs per request."""

    def __init__(self, library: Library, budget: Budget, engines: Engines | None = None, jobs: int = 1) -> None:
        # Encoded once, since each request sends it again.
        self._library = orjson.Fragment(orjson.dumps(library.to_json()))
        self._budget, self._jobs = budget, jobs
        self._engines = engines or default_engines()
        self._leases = contextlib.ExitStack()
        self._machines: list[LambdaMachine] = []

    def close(self) -> None:
        """End the leases."""
        self._machines.clear()
        self._leases.close()

    def matches_in_machine(self, task: Task) -> bool:
        """True for tasks with examples, unless a subclass overrides how programs are run or judged."""
        own = type(self).run_all is LambdaMachineEvaluator.run_all and type(self).judge is ExampleEvaluator.judge
        return own and task.environment is None

    def check_task(self, task: Task) -> None:
        """Raise InputError as a search for the task would, which the λ-machine refuses if examples have wrong types."""
        if task.request is None or not self.matches_in_machine(task):
            return super().check_task(task)
        if not self._machines:
            self._machines.append(self._leases.enter_context(self._engines.lambda_machine()))
        self._machines[0].enumerate(self._library, task.request, [task_json(task)], SearchBudget(max_programs=1))
        return None

    def run_all(self, jobs: Sequence[Job]) -> list[list[Outcome] | ProgramError]:
        """Send the jobs in one request per machine; a machine runs equal programs on equal inputs once."""
        if not jobs:
            return []
        count = max(1, min(self._jobs, len(jobs) // WORTHWHILE))
        while len(self._machines) < count:
            self._machines.append(self._leases.enter_context(self._engines.lambda_machine()))
        if count == 1:
            return self._run(self._machines[0], jobs)
        from concurrent.futures import ThreadPoolExecutor  # takes longer to import than a small stream to evaluate

        share = -(-len(jobs) // count)
        parts = [jobs[start : start + share] for start in range(0, len(jobs), share)]
        with ThreadPoolExecutor(count) as pool:
            answers = pool.map(self._run, self._machines, parts)
            return [answer for part in answers for answer in part]

    def _run(self, machine: LambdaMachine, jobs: Sequence[Job]) -> list[list[Outcome] | ProgramError]:
        requests = [
            {"program": job.program, "inputs": [list(arguments) for arguments in job.inputs]}
            | ({} if job.request is None else {"request": job.request})
            | ({} if job.outputs is None else {"outputs": list(job.outputs)})
            for job in jobs
        ]
        results = machine.evaluate(self._library, requests, fuel=self._budget.fuel, size=self._budget.size)
        return [_answer(result) for result in results]


def task_json(task: Task) -> dict[str, Any]:
    """A task as the λ-machine takes it."""
    examples = [{"inputs": example.inputs, "output": example.output} for example in task.examples]
    return {"id": task.id, "examples": examples}


def _answer(result: Any) -> list[Outcome] | ProgramError:
    if isinstance(result, dict):
        error = result["error"]
        return ProgramError(str(error["kind"]), str(error["message"]))
    return [Outcome(each["status"], each.get("value"), each.get("message", ""), each.get("right")) for each in result]
