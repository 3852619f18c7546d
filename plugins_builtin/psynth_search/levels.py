"""Enumeration by cost levels, with equal terms merged and parts of programs solved from the examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psynth.core.settings import setting
from psynth.core.stream.records import Cut
from psynth.plugins.group_search import Group
from psynth.plugins.lambda_evaluator import task_json
from psynth.plugins.search import Problem, SearchResult
from psynth_search.windows import Windows, solution


@dataclass(frozen=True)
class Levels(Windows):
    """Search each task from the bottom up, cheapest terms first, and merge terms that behave alike.

    Terms of a type and scope that have the same values on the inputs of the task and on sampled values of bound
    variables count as one, the cheapest. The values that a solution must have are also taken apart by what primitives
    declare (inverses, and roles in joining, cutting, replacing and mapping), and conditions tell examples apart. Such
    a solution may cost more than --max-cost. Without --max-cost, --max-programs or --timeout a search ends after
    300,000 programs. Every solution is checked on all examples.

    Tasks whose programs are not judged in the λ-machine, as those with rewards, or not by equal values, as drawings,
    are searched as by --method windows, which tasks with type variables in their request need.
    """

    name = "levels"

    batch: int = setting(16, help="frontiers to search before any is written", unit="frontiers", minimum=1)
    goals: bool = setting(True, help="solve parts of programs from the examples, by what primitives declare")
    refine: int = setting(
        50_000,
        help="after a solution of goals, programs to try for a cheaper one",
        unit="programs",
        minimum=0,
    )

    def parts(self, group: Group, jobs: int) -> list[Group]:
        """A part for each problem, as each has a search of its own."""
        return group.split(len(group.problems)) if _is_by_levels(group) else super().parts(group, jobs)

    def search(self, group: Group) -> Mapping[int, SearchResult]:
        """The result of one search in the λ-machine for each problem; those judged elsewhere are left to windows."""
        if not _is_by_levels(group):
            return super().search(group)
        return {number: self._search(problem, group.request) for number, problem in group.problems.items()}

    def _search(self, problem: Problem, request: str) -> SearchResult:
        with problem.engines.lambda_machine() as machine:
            found = machine.solve(
                problem.library.to_json(),
                request,
                task_json(problem.task),
                self.search_budget(),
                goals=self.goals,
                refine=self.refine,
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


def _is_by_levels(group: Group) -> bool:
    """Whether the λ-machine may judge by comparing values, of which levels keep one term each."""
    return group.in_machine and group.equal_values
