"""The evaluator of domains whose primitives the λ-machine implements."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import orjson

from psynth.core.engines.lambda_machine import LambdaMachine, SearchBudget
from psynth.core.engines.leases import Engines, default_engines
from psynth.core.stream.records import Library, Task
from psynth.plugins.evaluator import Budget, ExampleEvaluator, Job, Outcome, ProgramError, Screened

T = TypeVar("T")
R = TypeVar("R")

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
        return [answer for part in self._shared_out(self._run, jobs) for answer in part] if jobs else []

    def screen(self, tasks: Sequence[Task], programs: Sequence[str], *, quick: bool = False) -> Screened:
        """Which programs are right on some example of which tasks, all as one graph in which equal parts run once."""
        if not tasks or not programs or not all(map(self._is_plain, tasks)):
            return super().screen(tasks, programs, quick=quick)
        places: dict[str, list[int]] = {}
        for place, task in enumerate(tasks):
            places.setdefault(task.request or "", []).append(place)
        right: list[list[int]] = [[] for _ in tasks]
        rejected: list[dict[int, ProgramError]] = []
        seconds = 0.0
        for request, of_request in places.items():
            examples = [task_json(tasks[place]) for place in of_request]
            parts = self._shared_out(partial(self._screen, quick, request, examples), programs)
            rejected.append({})
            for number, result in enumerate(each for part in parts for each in part["results"]):
                if "error" in result:
                    rejected[-1][number] = _rejection(result)
                for place, _ in result.get("right", ()):
                    right[of_request[place]].append(number)
            seconds += sum(part["cpu_seconds"] for part in parts)
        everywhere = {place: error for place, error in rejected[0].items() if all(place in each for each in rejected)}
        return Screened(right, everywhere, seconds)

    def _is_plain(self, task: Task) -> bool:
        return task.request is not None and bool(task.examples) and self.matches_in_machine(task)

    def _screen(
        self,
        quick: bool,
        request: str,
        tasks: Sequence[dict[str, Any]],
        machine: LambdaMachine,
        programs: Sequence[str],
    ) -> dict[str, Any]:
        # The machine tries the examples of a task from the smallest on.
        fuel, size = self._budget.fuel, self._budget.size
        return machine.judge(self._library, request, programs, tasks, any=not quick, fuel=fuel, size=size)

    def _shared_out(self, run: Callable[[LambdaMachine, Sequence[T]], R], work: Sequence[T]) -> list[R]:
        """What the machines make of their shares of the work, in order."""
        count = max(1, min(self._jobs, len(work) // WORTHWHILE))
        while len(self._machines) < count:
            self._machines.append(self._leases.enter_context(self._engines.lambda_machine()))
        if count == 1:
            return [run(self._machines[0], work)]
        from concurrent.futures import ThreadPoolExecutor  # takes longer to import than a small stream to evaluate

        share = -(-len(work) // count)
        parts = [work[start : start + share] for start in range(0, len(work), share)]
        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(run, self._machines, parts))

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
        return _rejection(result)
    return [Outcome(each["status"], each.get("value"), each.get("message", ""), each.get("right")) for each in result]


def _rejection(result: dict[str, Any]) -> ProgramError:
    error = result["error"]
    return ProgramError(str(error["kind"]), str(error["message"]))
