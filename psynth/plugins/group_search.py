"""Methods that search the tasks of one domain, library and request together, as enumeration does."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from psynth.core.errors import EngineError, InputError
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Record, encode
from psynth.core.stream.scope import Scope, batches, scoped
from psynth.core.work import Stop, Work, in_order
from psynth.plugins.method import TASKS, Context
from psynth.plugins.search import INTERRUPTED, Problem, SearchMethod, SearchResult, with_honest_end


@dataclass
class Group:
    """Problems of one domain, library, weights and request; ``in_machine`` if the λ-machine itself may judge them.

    ``equal_values`` is that of their evaluator.
    """

    problems: dict[int, Problem]
    in_machine: bool
    request: str
    equal_values: bool = True
    rejected: dict[int, InputError] = field(default_factory=dict)
    """Errors of problems with invalid data, by problem number."""

    @property
    def first(self) -> Problem:
        """Any of the problems, to read their common properties."""
        return next(iter(self.problems.values()))

    def split(self, parts: int) -> list[Group]:
        """The problems distributed evenly over at most ``parts`` groups, which changes no result."""
        numbers = list(self.problems)
        parts = max(1, min(parts, len(numbers)))
        return [
            replace(self, problems={number: self.problems[number] for number in numbers[part::parts]}, rejected={})
            for part in range(parts)
        ]

    def reject(self, error: InputError) -> None:
        """Reject the problems that an error concerns: the task that it names, or else all, which share a request."""
        wrong = [number for number, each in self.problems.items() if error.task in (None, each.task.id)]
        if not wrong:
            raise error
        for number in wrong:
            del self.problems[number]
            self.rejected[number] = error


@dataclass(frozen=True)
class GroupSearchMethod(SearchMethod):
    """Methods that search all tasks of one domain, library and request together, batch by batch."""

    parallel = "processes"

    batch: int = setting(4096, help="frontiers to search together before any is written", unit="frontiers", minimum=1)

    @abstractmethod
    def search(self, group: Group) -> Mapping[int, SearchResult]:
        """The result for each problem of a group, by its number.

        InputError for one task, given by its id, or for all: the frame rejects it and searches the others again.
        """

    def parts(self, group: Group, jobs: int) -> list[Group]:
        """The parts of a group that are searched side by side, by ``jobs`` processes."""
        # If a group is judged outside the λ-machine, its evaluator distributes the work over processes.
        return group.split(jobs if group.in_machine else 1)

    def enough(self, frontier: Frontier) -> bool:
        """Whether a frontier already has all that a search could find, and passes unchanged."""
        return False

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records in order, each frontier with the programs found for its task."""
        yield from with_honest_end(self._run(records, context))

    def _run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        context.progress.start(None, TASKS)
        for batch in batches(scoped(records, context.library_for), self.batch):
            stop = Stop()
            problems: dict[int, Problem] = {}
            rejected: dict[int, InputError] = {}
            for number, (record, scope) in enumerate(batch):
                if isinstance(record, Frontier) and record.task is not None and not self.enough(record):
                    try:
                        problems[number] = self._problem(record, scope, context, stop)
                    except InputError as error:
                        rejected[number] = error
            results: dict[int, SearchResult] = {}
            interrupted = False
            try:
                for found, wrong in self._results(problems, context, stop):
                    results |= found
                    rejected |= wrong
            except KeyboardInterrupt:
                interrupted = True
                unsearched = problems.keys() - results.keys() - rejected.keys()
                results |= dict.fromkeys(unsearched, INTERRUPTED)
            for number, (record, _) in enumerate(batch):
                if isinstance(record, Frontier) and number in rejected:
                    if context.bad_input(record.error(rejected[number].message)):
                        yield record
                elif isinstance(record, Frontier) and number in results:
                    yield self.finished(record, problems[number], results[number], context)
                else:
                    context.progress.passed(record)
                    yield record
            if interrupted:
                raise KeyboardInterrupt

    def _problem(self, frontier: Frontier, scope: Scope, context: Context, stop: Stop) -> Problem:
        problem = self.problem(frontier, scope, context, stop, context.jobs)
        problem.domain.require_lambda("be enumerated")
        if problem.task.request is None:
            raise InputError("a task to be enumerated needs a request")
        return problem

    def _results(
        self, problems: Mapping[int, Problem], context: Context, stop: Stop
    ) -> Iterator[tuple[Mapping[int, SearchResult], Mapping[int, InputError]]]:
        parts = [part for group in self._groups(problems) for part in self.parts(group, context.jobs)]
        work = (Work(partial(self._searched, part)) for part in parts)
        for found, wrong in in_order(work, jobs=context.jobs, stop=stop):
            solved = sum(result.status == "solved" for result in found.values())
            context.progress.advance(len(found) + len(wrong), solved=solved)
            yield found, wrong

    def _searched(self, group: Group) -> Iterator[tuple[Mapping[int, SearchResult], Mapping[int, InputError]]]:
        while group.problems:
            if group.first.stop.is_set():
                yield dict.fromkeys(group.problems, INTERRUPTED), group.rejected
                return
            try:
                yield self.search(group), group.rejected
                return
            except InputError as error:
                group.reject(error)
            except EngineError:
                # An engine that was about to begin ends at the interruption that a search would have noticed.
                if not group.first.stop.is_set():
                    raise
        yield {}, group.rejected

    def _groups(self, problems: Mapping[int, Problem]) -> list[Group]:
        groups: dict[tuple[int, bytes, str, bool], Group] = {}
        for number, problem in problems.items():
            with problem.domain.evaluator(problem.library, self.evaluation(), engines=problem.engines) as evaluator:
                in_machine, equal_values = evaluator.matches_in_machine(problem.task), evaluator.equal_values
            request = problem.task.request or ""
            key = (id(problem.library), encode(problem.lambda_weights), request, in_machine)
            groups.setdefault(key, Group({}, in_machine, request, equal_values)).problems[number] = problem
        return list(groups.values())
