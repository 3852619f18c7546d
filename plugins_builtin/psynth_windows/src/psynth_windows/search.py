"""One search for the tasks of one type, in the λ-machine or, where programs run elsewhere, by proposing them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any

from psynth.core.errors import InputError
from psynth.core.lambda_machine import LambdaMachine, SearchBudget
from psynth.core.records import Example, Library, Task
from psynth.plugins.domain import Budget, Domain, Evaluator
from psynth.plugins.method import Context


@dataclass(frozen=True, slots=True)
class Solution:
    """A program that solves a task: log prior in nats, log-likelihood 0 when all examples are right."""

    program: str
    log_prior: float
    log_likelihood: float = 0.0
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What a search found for one task, best first, and how far it went."""

    solutions: list[Solution]
    programs: int
    max_cost: float
    status: str
    cpu_seconds: float | None


@dataclass
class Group:
    """Tasks of one domain, library and request; ``tasks`` holds (position in the batch, task)."""

    domain: Domain
    library: Library
    request: str
    tasks: list[tuple[int, Task]]

    def split(self, parts: int) -> list[Group]:
        """Split the tasks evenly into at most ``parts`` groups; results do not depend on it."""
        parts = max(1, min(parts, len(self.tasks)))
        return [Group(self.domain, self.library, self.request, self.tasks[part::parts]) for part in range(parts)]


@dataclass
class GroupSearch:
    """A search under way, which another thread may interrupt."""

    group: Group
    budget: SearchBudget
    context: Context
    _machine: LambdaMachine = field(default_factory=LambdaMachine, init=False)
    rejected: dict[int, InputError] = field(default_factory=dict, init=False)
    """Tasks whose data are wrong, by their position in the batch."""
    _interrupted: bool = field(default=False, init=False)

    def interrupt(self) -> None:
        """End the search early; what it has found is kept."""
        self._interrupted = True
        self._machine.interrupt()

    def run(self) -> dict[int, TaskResult]:
        """Search, and return the result of each task by its position in the batch; wrong ones are left out.

        After an interrupt, every task whose search had more to do says so, whatever it has found: `--resume` does it
        again.
        """
        with self._machine:
            while self.group.tasks and not self._interrupted:
                try:
                    return self._in_machine() if self.group.domain.runs_in == "lambda-machine" else self._elsewhere()
                except InputError as error:
                    self._reject(error)
        return {index: TaskResult([], 0, 0.0, "interrupted", 0.0) for index, _ in self.group.tasks}

    def _reject(self, error: InputError) -> None:
        """Leave out the tasks that an error is about: the one that it names, or else all, which share a request."""
        wrong = [index for index, task in self.group.tasks if error.task in (None, task.id)]
        self.rejected.update(dict.fromkeys(wrong, error))
        if not wrong:
            raise error
        self.group.tasks = [(index, task) for index, task in self.group.tasks if index not in self.rejected]

    def _in_machine(self) -> dict[int, TaskResult]:
        group = self.group
        tasks = [{"id": task.id, "examples": _examples(task)} for _, task in group.tasks]
        reply = self._machine.enumerate(group.library.to_json(), group.request, tasks, self.budget)
        return {
            index: TaskResult(
                [Solution(hit["program"], hit["log_prior"]) for hit in found["hits"]],
                found["programs"],
                found["max_cost"],
                "interrupted" if self._cut_short(reply, found) else found["status"],
                reply["cpu_seconds"],
            )
            for (index, _), found in zip(group.tasks, reply["tasks"], strict=True)
        }

    def _cut_short(self, reply: dict[str, Any], found: dict[str, Any]) -> bool:
        """Whether an interrupt ended a task's search: one that was done before has tried fewer programs than all."""
        return self._interrupted and reply["status"] == "budget" and found["programs"] == reply["programs"]

    def _elsewhere(self) -> dict[int, TaskResult]:
        group = self.group
        evaluation = Budget(fuel=self.budget.fuel, size=self.budget.size)
        with group.domain.evaluator(group.library, evaluation) as evaluator:
            return _Proposals(self, evaluator).run()


class _Proposals:
    """Programs that the λ-machine proposes, judged by the domain in batches."""

    def __init__(self, search: GroupSearch, evaluator: Evaluator) -> None:
        self.search, self.evaluator = search, evaluator
        self.open: dict[int, Task] = dict(search.group.tasks)
        self.found: dict[int, list[Solution]] = {index: [] for index in self.open}
        self.results: dict[int, TaskResult] = {}
        self.programs = 0
        self.max_cost = 0.0
        self.started = time.process_time()

    def run(self) -> dict[int, TaskResult]:
        search = self.search
        batches = search._machine.propose(search.group.library.to_json(), search.group.request, search.budget)
        status = "interrupted"
        for batch in batches:
            if search._interrupted:
                break
            self._judge(batch.programs)
            if batch.window_end is not None:
                self.max_cost = batch.window_end
                self._finish_solved()
            if batch.status is not None and not search._interrupted:
                status = batch.status
            if not self.open:
                break
        batches.close()
        for index in list(self.open):
            self._finish(index, "solved" if self.found[index] and not search._interrupted else status)
        return self.results

    def _judge(self, programs: list[tuple[str, float]]) -> None:
        self.programs += len(programs)
        # Most programs fail on the first example: the others are not run for those.
        costs = dict(programs)
        screens = [(_first_example(task), list(costs)) for task in self.open.values()]
        hopeful = [
            (task, [text for text, verdict in zip(costs, of_task, strict=True) if verdict.log_likelihood == 0])
            for task, of_task in zip(self.open.values(), self.evaluator.judge(screens), strict=True)
        ]
        for index, (_, texts), of_task in zip(self.open, hopeful, self.evaluator.judge(hopeful), strict=True):
            self.found[index].extend(
                Solution(text, -costs[text], verdict.log_likelihood, verdict.score)
                for text, verdict in zip(texts, of_task, strict=True)
                if verdict.log_likelihood == 0
            )

    def _finish_solved(self) -> None:
        if not self.search.budget.exhaustive:
            for index in [index for index in self.open if len(self.found[index]) >= self.search.budget.max_frontier]:
                self._finish(index, "solved")

    def _finish(self, index: int, status: str) -> None:
        del self.open[index]
        best = sorted(self.found[index], key=lambda solution: -solution.log_prior)[: self.search.budget.max_frontier]
        cpu_seconds = time.process_time() - self.started
        self.results[index] = TaskResult(best, self.programs, self.max_cost, status, cpu_seconds)


def _first_example(task: Task) -> Task:
    return replace(task, examples=_seen(task)[:1])


def _examples(task: Task) -> list[dict[str, object]]:
    """The examples that a search may see: those not held out."""
    return [{"inputs": example.inputs, "output": example.output} for example in _seen(task)]


def _seen(task: Task) -> tuple[Example, ...]:
    return tuple(example for example in task.examples if example.split != "test")
