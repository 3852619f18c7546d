"""One search for the tasks of one type, in the λ-machine or, where programs run elsewhere, by proposing them."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from typing import Any

from psynth.core.engines.lambda_machine import LambdaMachine, SearchBudget
from psynth.core.errors import InputError
from psynth.core.stream.records import Library, Task
from psynth.plugins.domain import Budget, Domain, Evaluator, Verdict
from psynth.plugins.method import Context


@dataclass(frozen=True, slots=True)
class Solution:
    """A program to keep for a task: one that solves it, or where programs earn rewards, one of the best.

    ``log_prior`` is in nats; ``verdict`` is None where all examples are right and there is no more to say.
    """

    program: str
    log_prior: float
    verdict: Verdict | None = None


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
        tasks = [{"id": task.id, "examples": _examples(group.domain.visible(task))} for _, task in group.tasks]
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
    """Programs that the λ-machine proposes, judged by the domain in batches.

    What a task holds out is judged only for the programs that are kept.
    """

    def __init__(self, search: GroupSearch, evaluator: Evaluator) -> None:
        self.search, self.evaluator = search, evaluator
        self.tasks: dict[int, Task] = dict(search.group.tasks)
        self.open = {index: search.group.domain.visible(task) for index, task in self.tasks.items()}
        self.found: dict[int, list[Solution]] = {index: [] for index in self.open}
        self.best: dict[int, list[Solution]] = {index: [] for index in self.open}
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
        if not programs:
            return
        costs = dict(programs)
        for index, texts in self._hopeful(list(costs)).items():
            [verdicts] = self.evaluator.judge([(self.open[index], texts)])
            for text, verdict in zip(texts, verdicts, strict=True):
                if verdict.log_likelihood == 0:
                    self.found[index].append(Solution(text, -costs[text], verdict))
                elif verdict.reward is not None and verdict.score > 0:
                    self._keep(index, Solution(text, -costs[text], verdict))

    def _hopeful(self, texts: list[str]) -> dict[int, list[str]]:
        """The programs worth judging in full: most fail on a task's first example, and the others need not be run."""
        hopeful = dict.fromkeys(self.open, texts)
        screens = {index: task for index, task in self.open.items() if len(task.examples) > 1}
        verdicts = self.evaluator.judge(
            [(replace(task, examples=task.examples[:1]), texts) for task in screens.values()]
        )
        for index, of_task in zip(screens, verdicts, strict=True):
            hopeful[index] = [text for text, verdict in zip(texts, of_task, strict=True) if verdict.log_likelihood == 0]
        return hopeful

    def _keep(self, index: int, candidate: Solution) -> None:
        """Remember a program that does not solve a task if it is among those that earn most."""
        best, room = self.best[index], self.search.budget.max_frontier
        if len(best) < room or _gain(candidate) > _gain(best[-1]):
            best.append(candidate)
            best.sort(key=_gain, reverse=True)
            del best[room:]

    def _finish_solved(self) -> None:
        if not self.search.budget.exhaustive:
            for index in [index for index in self.open if len(self.found[index]) >= self.search.budget.max_frontier]:
                self._finish(index, "solved")

    def _finish(self, index: int, status: str) -> None:
        visible = self.open.pop(index)
        solutions = sorted(self.found[index], key=lambda solution: -solution.log_prior)
        kept = (solutions or self.best[index])[: self.search.budget.max_frontier]
        if kept and self.tasks[index] is not visible:
            [verdicts] = self.evaluator.judge([(self.tasks[index], [each.program for each in kept])])
            kept = [replace(each, verdict=verdict) for each, verdict in zip(kept, verdicts, strict=True)]
        cpu_seconds = time.process_time() - self.started
        self.results[index] = TaskResult(kept, self.programs, self.max_cost, status, cpu_seconds)


def _gain(solution: Solution) -> tuple[float, float]:
    """What programs that do not solve a task are compared by: reward, then prior."""
    verdict = solution.verdict
    return (-math.inf if verdict is None or verdict.reward is None else verdict.reward), solution.log_prior


def _examples(task: Task) -> list[dict[str, object]]:
    return [{"inputs": example.inputs, "output": example.output} for example in task.examples]
