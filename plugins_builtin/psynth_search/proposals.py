"""An enumeration whose programs are judged in batches by the domain's evaluator."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterator

from psynth.core.engines.lambda_machine import Batch, LambdaMachine, SearchBudget
from psynth.core.stream.records import Program
from psynth.core.wording import counted
from psynth.core.work import Canceled, canceling
from psynth.plugins.evaluator import Budget, Evaluator, judged
from psynth.plugins.group_search import Group
from psynth.plugins.search import SearchResult, SearchStatus
from psynth.plugins.visible_task import VisibleTask
from psynth_search.failures import SAMPLED, failure_note


class Proposals:
    """A search over programs that the λ-machine proposes, cheapest window first, for a group of problems.

    Each problem keeps the programs that solve it or, if there are none, those with the best rewards or partial scores.
    """

    def __init__(self, machine: LambdaMachine, group: Group, budget: SearchBudget, evaluation: Budget) -> None:
        self._machine, self._group, self._budget, self._evaluation = machine, group, budget, evaluation
        self._stop = group.first.stop
        self._open: dict[int, VisibleTask] = {number: each.task for number, each in group.problems.items()}
        self._solutions: dict[int, list[Program]] = {number: [] for number in self._open}
        self._best: dict[int, list[Program]] = {number: [] for number in self._open}
        self._results: dict[int, SearchResult] = {}
        self._programs, self._max_cost = 0, 0.0
        self._last, self._share = time.process_time(), 0.0
        self._cheapest: list[str] = []

    def results(self) -> dict[int, SearchResult]:
        """Run the search, and return the result for each problem by its number."""
        first = self._group.first
        with (
            first.domain.evaluator(
                first.library, self._evaluation, engines=first.engines, jobs=first.threads
            ) as evaluator,
            canceling(evaluator.cancel, self._stop, self._budget.timeout),
        ):
            status = self._search(evaluator)
        for number in list(self._open):
            solved = self._solutions[number] and not self._stop.is_set()
            self._finish(number, "solved" if solved else status)
        return self._results

    def _search(self, evaluator: Evaluator) -> SearchStatus:
        """Judge programs until the budget is spent, all problems are solved, or the search is interrupted."""
        first = self._group.first
        batches = self._machine.propose(
            first.library.to_json(),
            self._group.request,
            self._budget,
            weights=first.lambda_weights,
            stop=self._stop,
        )
        with contextlib.closing(batches):
            try:
                status = self._judge_all(batches, evaluator)
                self._note_failures(evaluator)
                return status
            except Canceled:
                return "interrupted" if self._stop.is_set() else "budget"

    def _judge_all(self, batches: Iterator[Batch], evaluator: Evaluator) -> SearchStatus:
        status: SearchStatus = "interrupted"
        for batch in batches:
            if self._stop.is_set():
                break
            self._judge(batch.programs, evaluator)
            if batch.window_end is not None:
                self._max_cost = batch.window_end
                self._note_window()
                self._finish_solved()
            if batch.status is not None and not self._stop.is_set():
                status = "exhausted" if batch.status == "exhausted" else "budget"
            if not self._open:
                break
        return status

    def _judge(self, programs: list[tuple[str, float]], evaluator: Evaluator) -> None:
        self._programs += len(programs)
        costs = dict(programs)
        self._cheapest += list(costs)[: SAMPLED - len(self._cheapest)]
        for number, task in self._open.items():
            texts = evaluator.promising(task, list(costs))
            [verdicts] = evaluator.judge([(task, texts)]) if texts else [[]]
            for text, verdict in zip(texts, verdicts, strict=True):
                if verdict.solved or (not evaluator.exact_match and (verdict.score or 0.0) > 0):
                    program = judged(Program(text, log_prior=-costs[text]), verdict)
                    if verdict.solved:
                        self._solutions[number].append(program)
                    else:
                        self._keep(number, program)

    def _keep(self, number: int, program: Program) -> None:
        """Keep a program that does not solve the task if it is among the best."""
        best, room = self._best[number], self._budget.max_frontier
        if len(best) < room or _rank(program) > _rank(best[-1]):
            best.append(program)
            best.sort(key=_rank, reverse=True)
            del best[room:]

    def _note_window(self) -> None:
        """Report the number of tasks solved so far, and the likeliest solution or the best program."""
        solutions = [(number, each) for number, found in self._solutions.items() for each in found]
        others = [(number, each) for number, found in self._best.items() for each in found]
        solved, tasks = sum(map(bool, self._solutions.values())), counted(len(self._solutions), "task")
        note = f"{self._group.request}: {solved} of {tasks} solved below {self._max_cost:g} nats"
        best = max(solutions or others, key=lambda pair: _rank(pair[1]), default=None)
        if best is not None:
            number, program = best
            note += f"; {self._group.problems[number].task.id}: {program.program}"
        self._group.first.note(note)

    def _note_failures(self, evaluator: Evaluator) -> None:
        """With ``-v``, report how programs fail on the first task."""
        first = self._group.first
        if first.verbose and self._cheapest and not self._stop.is_set():
            note = failure_note(evaluator, first.task, self._cheapest)
            if note is not None:
                first.note(f"{self._group.request}: {note}")

    def _finish_solved(self) -> None:
        if not self._budget.exhaustive:
            for number in list(self._open):
                if len(self._solutions[number]) >= self._budget.max_frontier:
                    self._finish(number, "solved")

    def _shared_seconds(self) -> float:
        """The CPU seconds of a problem open since the start; at each moment, the open ones share the time equally."""
        now = time.process_time()
        self._share += (now - self._last) / max(1, len(self._open))
        self._last = now
        return self._share

    def _finish(self, number: int, status: SearchStatus) -> None:
        seconds = self._shared_seconds()
        del self._open[number]
        solutions = sorted(self._solutions[number], key=lambda program: -(program.log_prior or 0.0))
        self._results[number] = SearchResult(
            programs=(solutions or self._best[number])[: self._budget.max_frontier],
            tried=self._programs,
            max_cost=self._max_cost,
            status=status,
            cpu_seconds=seconds,
            judged=True,
        )


def _rank(program: Program) -> tuple[float, float]:
    """The sort key of programs that do not solve a task: by reward or score, then by prior."""
    return (-math.inf if program.gain is None else program.gain), program.log_prior or 0.0
