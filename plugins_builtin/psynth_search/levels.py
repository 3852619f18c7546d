"""Enumeration by cost levels, with equal terms merged and parts of programs solved from the examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from psynth.core.engines.lambda_machine import SearchBudget
from psynth.core.errors import InputError
from psynth.core.settings import setting
from psynth.core.stream.records import Contextual, Cut, Frontier, Program
from psynth.plugins.evaluator import Budget
from psynth.plugins.group_search import Group, GroupSearchMethod
from psynth.plugins.lambda_evaluator import task_json
from psynth.plugins.search import Problem, SearchResult
from psynth_search.windows import enough_solutions, kept_solutions, solution

DEFAULT_PROGRAMS = 300_000
"""Default number of terms tried for a task: half a CPU second to one."""


@dataclass(frozen=True)
class Levels(SearchBudget, GroupSearchMethod):
    """Search each task from the bottom up, cheapest terms first, and merge terms that behave alike.

    Terms of a type and scope that have the same values on the inputs of the task and on sampled values of bound
    variables count as one, the cheapest. The values that a solution must have are also taken apart by the inverses of
    primitives, so that a solution may cost more than --max-cost. Without --max-cost, --max-programs or --timeout a
    search ends after 300,000 programs. Every solution is checked on all examples.

    The λ-machine must judge the programs itself, and weights must not depend on the context: other tasks need
    --method windows.
    """

    name = "levels"

    batch: int = setting(16, help="frontiers to search before any is written", unit="frontiers", minimum=1)
    goals: bool = setting(True, help="solve parts of programs from the examples, by inverses of primitives")

    def evaluation(self) -> Budget:
        """The limits of one evaluation."""
        return Budget(fuel=self.fuel, size=self.size)

    def search_budget(self) -> SearchBudget:
        """The budget of one search, with a limit on programs if there is no other bound."""
        return self if self.is_bounded else replace(self, max_programs=DEFAULT_PROGRAMS)

    def parts(self, group: Group, jobs: int) -> list[Group]:
        """A part for each problem, as each has a search of its own."""
        return group.split(len(group.problems))

    def enough(self, frontier: Frontier) -> bool:
        """Whether a frontier already has as many solutions as are kept."""
        return enough_solutions(self, frontier)

    def kept(self, programs: list[Program]) -> tuple[Program, ...]:
        """The requested number of solutions, and all other programs of the frontier."""
        return kept_solutions(self, programs)

    def search(self, group: Group) -> Mapping[int, SearchResult]:
        """The result of one search in the λ-machine for each problem."""
        if not group.in_machine:
            raise InputError("--method levels needs tasks that the λ-machine judges itself; use --method windows")
        return {number: self._search(problem, group.request) for number, problem in group.problems.items()}

    def _search(self, problem: Problem, request: str) -> SearchResult:
        weights = problem.library.contextual if problem.weights is None else problem.weights
        if isinstance(weights, Contextual):
            raise InputError(
                "--method levels cannot honor weights that depend on the context; use --method windows",
                task=problem.task.id,
            )
        with problem.engines.lambda_machine() as machine:
            found = machine.solve(
                problem.library.to_json(),
                request,
                task_json(problem.task),
                self.search_budget(),
                goals=self.goals,
                weights=problem.lambda_weights,
                stop=problem.stop,
            )
        if "contradiction" in found:
            first, second = found["contradiction"]
            problem.warn(
                f"task {problem.task.id} is not searched: "
                f"its examples {first} and {second} have the same inputs and different outputs"
            )
            return SearchResult([], 0, "exhausted", max_cost=float("inf"), judged=True)
        best = f"; {found['hits'][0]['program']}" if found["hits"] else ""
        problem.note(f"{problem.task.id}: {found['status']} after {found['programs']:,} programs{best}")
        return self._result(found, interrupted=problem.stop.is_set())

    def _result(self, found: Mapping[str, Any], *, interrupted: bool) -> SearchResult:
        return SearchResult(
            programs=[solution(hit) for hit in found["hits"]],
            tried=found["programs"],
            max_cost=float("inf") if found["max_cost"] is None else found["max_cost"],
            status="interrupted" if interrupted and found["status"] == "budget" else found["status"],
            cpu_seconds=found["cpu_seconds"],
            judged=True,
            distinct=found["distinct"],
            cut=Cut(**found["cut"]),
        )
