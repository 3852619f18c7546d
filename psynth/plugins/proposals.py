"""Methods that propose programs for many tasks at once, as policies and language models do."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from psynth.core.errors import InputError
from psynth.core.limits import LARGEST
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Program, Record, quality
from psynth.core.stream.scope import Scope, batches, scoped
from psynth.core.work import Stop
from psynth.plugins.method import TASKS, Context
from psynth.plugins.search import Problem, SearchMethod, SearchResult, with_honest_end


@dataclass(frozen=True)
class ProposalMethod(SearchMethod):
    """The base class of methods that propose programs for many tasks at once; the frame judges the programs."""

    random = True

    batch: int = setting(64, help="number of tasks in one batch of proposals", unit="tasks", minimum=1)
    max_frontier: int = setting(5, minimum=1, maximum=LARGEST, unit="programs", help="best programs to keep for a task")

    @abstractmethod
    def propose(self, problems: Sequence[Problem]) -> list[list[Program]]:
        """Programs for each problem, in any of its domain's languages."""

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records in order, each frontier with the best programs proposed for its task."""
        context.progress.start(None, TASKS)
        yield from with_honest_end(self._run(records, context))

    def _run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        stop = Stop()
        for batch in batches(scoped(records, context.library_for), self.batch):
            finished = self._finished(batch, context, stop)
            for number, (record, _) in enumerate(batch):
                outcome = finished.get(number, record)
                if outcome is not None:
                    if number not in finished:
                        context.progress.passed(outcome)
                    yield outcome

    def _finished(
        self, batch: Sequence[tuple[Record, Scope]], context: Context, stop: Stop
    ) -> dict[int, Frontier | None]:
        finished: dict[int, Frontier | None] = {}
        problems: dict[int, Problem] = {}
        for number, (record, scope) in enumerate(batch):
            if isinstance(record, Frontier) and record.task is not None:
                try:
                    problems[number] = self.problem(record, scope, context, stop, context.jobs)
                except InputError as error:
                    finished[number] = record if context.bad_input(record.error(error.message)) else None
        for number, programs in self._proposals(problems).items():
            frontier, problem = batch[number][0], problems[number]
            assert isinstance(frontier, Frontier)
            if isinstance(programs, InputError):
                finished[number] = frontier if context.bad_input(frontier.error(programs.message)) else None
                continue
            result = SearchResult(self._best(problem, programs), len(programs), "budget", judged=True)
            found = self.finished(frontier, problem, result, context)
            assert found.search is not None
            status = "solved" if found.solved else "budget"
            finished[number] = replace(found, search=replace(found.search, status=status))
            context.progress.advance(solved=int(found.solved))
        return finished

    def _proposals(self, problems: Mapping[int, Problem]) -> dict[int, list[Program] | InputError]:
        """The proposals by problem; a problem that cannot be worked on does not take the others with it."""
        try:
            return dict(zip(problems, self.propose(list(problems.values())), strict=True))
        except InputError as error:
            if len(problems) == 1:
                return dict.fromkeys(problems, error)
        alone = [self._proposals({number: problem}) for number, problem in problems.items()]
        return {number: programs for each in alone for number, programs in each.items()}

    def _best(self, problem: Problem, programs: list[Program]) -> list[Program]:
        """The best distinct proposals, by their verdicts on the visible task."""
        distinct = list({(each.language, each.program): each for each in programs}.values())
        found = self.with_verdicts(problem, problem.task, distinct)
        return sorted(found, key=quality, reverse=True)[: self.max_frontier]
