"""The enumerate method ``windows``: programs in order of cost, by successive windows of −log prior."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from psynth.core.engines.lambda_machine import LambdaMachine, SearchBudget
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Program
from psynth.core.wording import counted
from psynth.plugins.evaluator import Budget
from psynth.plugins.group_search import Group, GroupSearchMethod
from psynth.plugins.lambda_evaluator import task_json
from psynth.plugins.search import SearchResult, SearchStatus
from psynth_search.proposals import Proposals

DEFAULT_PROGRAMS = 300_000
"""Default number of complete programs tried for a task: a few CPU seconds for the tasks of one type."""


@dataclass(frozen=True)
class Windows(SearchBudget, GroupSearchMethod):
    """Search each task for the likeliest programs that solve it, window by window of −log prior.

    All tasks of one type share one enumeration, and each program runs once on each distinct input. Without
    --max-cost, --max-programs or --timeout a search ends after 300,000 programs.
    """

    name = "windows"

    merge: bool = setting(
        True, help="of terms that the domain declares equivalent, as lengths and turns of logo, try only the cheapest"
    )

    def evaluation(self) -> Budget:
        """The limits of one evaluation."""
        return Budget(fuel=self.fuel, size=self.size)

    def search_budget(self) -> SearchBudget:
        """The budget of one search, with a limit on programs if there is no other bound."""
        return self if self.is_bounded else replace(self, max_programs=DEFAULT_PROGRAMS)

    def search(self, group: Group) -> Mapping[int, SearchResult]:
        """The results of a search in the λ-machine or, if another evaluator judges, of proposing programs to it."""
        first = group.first
        with first.engines.lambda_machine() as machine:
            if group.in_machine:
                return self._in_machine(machine, group)
            return Proposals(machine, group, self.search_budget(), self.evaluation()).results()

    def enough(self, frontier: Frontier) -> bool:
        """Whether a frontier already has as many solutions as are kept."""
        solutions = sum(program.solves for program in frontier.programs)
        return solutions >= self.max_frontier and not self.exhaustive

    def kept(self, programs: list[Program]) -> tuple[Program, ...]:
        """The requested number of solutions, and all other programs of the frontier."""
        solutions = [program for program in programs if program.solves][: self.max_frontier]
        return (*solutions, *(program for program in programs if not program.solves))

    def _in_machine(self, machine: LambdaMachine, group: Group) -> dict[int, SearchResult]:
        tasks = [task_json(each.task) for each in group.problems.values()]
        reply = machine.enumerate(
            group.first.library.to_json(),
            group.request,
            tasks,
            self.search_budget(),
            merge=self.merge,
            weights=group.first.lambda_weights,
            stop=group.first.stop,
        )
        interrupted = group.first.stop.is_set()
        self._note_windows(group, reply)
        return {
            number: SearchResult(
                programs=[solution(hit) for hit in found["hits"]],
                tried=found["programs"],
                max_cost=found["max_cost"],
                status=_status(reply, found, interrupted),
                cpu_seconds=found["cpu_seconds"],
                judged=True,
            )
            for number, found in zip(group.problems, reply["tasks"], strict=True)
        }

    def _note_windows(self, group: Group, reply: Mapping[str, Any]) -> None:
        """Report, for each window in which tasks were solved, their number and the likeliest new solution."""
        ids = [problem.task.id for problem in group.problems.values()]
        answers = zip(ids, reply["tasks"], strict=True)
        firsts = [(-each["hits"][0]["log_prior"], name, each["hits"][0]) for name, each in answers if each["hits"]]
        firsts.sort(key=lambda first: first[0])
        tasks = counted(len(reply["tasks"]), "task")
        solved = 0
        for window, found in groupby(firsts, key=lambda first: int(first[0] / self.step)):
            new = list(found)
            solved += len(new)
            cost, name, best = new[0]
            group.first.note(
                f"{group.request}: {solved} of {tasks} solved below {(window + 1) * self.step:g} nats; "
                f"{name} at {cost:.2f}: {best['program']}"
            )
        if not firsts:
            group.first.note(f"{group.request}: none of {tasks} solved by {reply['programs']:,} programs")


def solution(hit: Mapping[str, Any]) -> Program:
    """A hit of the λ-machine as a program that solves its task."""
    return Program(hit["program"], log_prior=hit["log_prior"], log_likelihood=0.0, score=1.0, status="ok")


def _status(reply: Mapping[str, Any], found: Mapping[str, Any], interrupted: bool) -> SearchStatus:
    """The status of a task's search; a task that was done before an interrupt has tried fewer programs."""
    if interrupted and reply["status"] == "budget" and found["programs"] == reply["programs"]:
        return "interrupted"
    status: SearchStatus = found["status"]
    return status
