"""The enumerate method ``grid``: programs that make the outputs from operations on grids, found without a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psynth.core.errors import InputError
from psynth.core.evaluation_limits import fuel_setting, size_setting
from psynth.core.limits import LARGEST
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Program
from psynth.plugins.evaluator import Budget
from psynth.plugins.group_search import Group, GroupSearchMethod
from psynth.plugins.lambda_evaluator import task_json
from psynth.plugins.search import Problem, SearchResult

STEP_COST = 10
"""What a step usually costs in the λ-machine, which counts tenths of a step."""


@dataclass(frozen=True)
class GridSearch(GroupSearchMethod):
    """Search each task from its grids: apply operations to all demonstrations and test inputs at once.

    States that agree on all of these grids count as one. Those of the output's size are laid over each other, each only
    where it is right, until they make the outputs of all demonstrations. Of programs with equal test outputs one is
    kept. The search deepens step by step, and ends early when its best answer is simple enough to be believed. Tasks
    need the request tgrid -> tgrid and a library of the primitive set search; the outputs of tests are never seen.
    """

    name = "grid"

    batch: int = setting(16, help="frontiers to search before any is written", unit="frontiers", minimum=1)
    depth: float = setting(
        2.1, help="usual operations in a row, at most", unit="steps", minimum=0.1, maximum=6.0, main=True
    )
    max_frontier: int = setting(
        3, help="programs to keep for a task, with different test outputs", unit="programs", minimum=1, maximum=LARGEST
    )
    max_programs: int | None = setting(
        None,
        help="stop a task's search after this many operations",
        unit="operations",
        minimum=1,
        maximum=LARGEST,
        main=True,
    )
    timeout: float | None = setting(
        None, help="stop a task's search after this long (wall clock)", unit="seconds", minimum=0, main=True
    )
    exhaustive: bool = setting(False, help="search to the full depth after a simple answer is found")
    fuel: int = fuel_setting()
    size: int = size_setting()

    def evaluation(self) -> Budget:
        """The limits of one evaluation."""
        return Budget(fuel=self.fuel, size=self.size)

    def parts(self, group: Group, jobs: int) -> list[Group]:
        """A part for each problem, as each has a search of its own."""
        return group.split(len(group.problems))

    def search(self, group: Group) -> Mapping[int, SearchResult]:
        """The result of one search in the λ-machine for each problem."""
        return {number: self._search(problem, group.request) for number, problem in group.problems.items()}

    def enough(self, frontier: Frontier) -> bool:
        """Whether a frontier already has as many solutions as are kept."""
        return sum(program.solves for program in frontier.programs) >= self.max_frontier and not self.exhaustive

    def kept(self, programs: list[Program]) -> tuple[Program, ...]:
        """The requested number of solutions, and all other programs of the frontier."""
        solutions = [program for program in programs if program.solves][: self.max_frontier]
        return (*solutions, *(program for program in programs if not program.solves))

    def _search(self, problem: Problem, request: str) -> SearchResult:
        task = task_json(problem.task) | {"tests": problem.task.test_inputs}
        with problem.engines.lambda_machine() as machine:
            try:
                found = machine.cover(
                    problem.library.to_json(),
                    request,
                    task,
                    depth=round(self.depth * STEP_COST),
                    max_frontier=self.max_frontier,
                    max_programs=self.max_programs,
                    timeout=self.timeout,
                    exhaustive=self.exhaustive,
                    fuel=self.fuel,
                    size=self.size,
                    weights=problem.lambda_weights,
                    stop=problem.stop,
                )
            except InputError as error:
                raise InputError(f"--method grid: {error.message}", task=problem.task.id) from error
        best = f"; {found['hits'][0]['program']}" if found["hits"] else ""
        problem.note(f"{problem.task.id}: {found['status']} after {found['programs']:,} operations{best}")
        return self._result(found, interrupted=problem.stop.is_set())

    def _result(self, found: Mapping[str, Any], *, interrupted: bool) -> SearchResult:
        return SearchResult(
            programs=[
                Program(hit["program"], log_prior=hit["log_prior"], log_likelihood=0.0, score=1.0, status="ok")
                for hit in found["hits"]
            ],
            tried=found["programs"],
            status="interrupted" if interrupted and found["status"] == "budget" else found["status"],
            cpu_seconds=found["cpu_seconds"],
            judged=True,
            distinct=found["distinct"],
        )
