"""The method ``windows``: reads frontiers, searches the tasks of each type together, and writes them back in order."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice

from psynth.core.engines.lambda_machine import SearchBudget
from psynth.core.errors import InputError
from psynth.core.limits import DEFAULT_FUEL, DEFAULT_SIZE, LARGEST
from psynth.core.settings import setting
from psynth.core.stream.records import (
    End,
    Frontier,
    Library,
    Origin,
    Program,
    Record,
    Search,
    quality,
    ran_out,
    worst,
)
from psynth.plugins.evaluation import judged
from psynth.plugins.method import Context, Method
from psynth_search.group_search import Group, GroupSearch, Solution, TaskResult

DEFAULT_PROGRAMS = 300_000
"""Complete programs tried a task when no budget is given: a few CPU seconds for the tasks of one type."""


@dataclass(frozen=True)
class Windows(Method):
    """Search each task for the likeliest programs that solve it, window by window of −log prior.

    All tasks of one type share one enumeration, and each program runs once on each distinct input. Without
    --max-cost, --max-programs or --timeout a search ends after 300,000 programs.
    """

    resumable = True
    parallel = "processes"
    timed = True

    max_cost: float | None = setting(
        None, help="search all programs cheaper than this (−log prior)", unit="nats", minimum=0
    )
    max_programs: int | None = setting(
        None, help="stop a task's search after this many programs", unit="programs", minimum=1, maximum=LARGEST
    )
    timeout: float | None = setting(
        None, help="stop a task's search after this long (wall clock)", unit="seconds", minimum=0
    )
    max_frontier: int = setting(
        5,
        help="solutions to keep for a task; its search stops once it has them",
        unit="programs",
        minimum=1,
        maximum=LARGEST,
    )
    exhaustive: bool = setting(False, help="keep searching up to the cost bound after a task is solved")
    step: float = setting(1.5, help="width of a window", unit="nats", minimum=0.01)
    fuel: int = setting(DEFAULT_FUEL, help="maximum steps of one evaluation", unit="steps", minimum=1, maximum=LARGEST)
    size: int = setting(
        DEFAULT_SIZE,
        help="maximum list cells and characters that one evaluation allocates",
        unit="cells",
        minimum=1,
        maximum=LARGEST,
    )
    batch: int = setting(4096, help="frontiers to search together before any is written", unit="frontiers", minimum=1)

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records in order, each frontier with the programs found for its task."""
        libraries: dict[str, Library] = {}
        incomplete = False
        for records_of_batch in _batches(records, self.batch):
            rejected: dict[int, InputError] = {}
            groups = _groups(records_of_batch, libraries, context, self, rejected)
            results, interrupted = self._search(list(groups.values()), context, rejected)
            for index, record in enumerate(records_of_batch):
                if isinstance(record, Frontier) and index in rejected:
                    if not context.bad_input(record.error(rejected[index].message)):
                        continue
                elif isinstance(record, Frontier) and index in results:
                    record = self._found(record, results[index], context)
                incomplete = incomplete or ran_out(record)
                if isinstance(record, End) and incomplete:
                    record = replace(record, status=worst(record.status, "budget"))
                yield record
            if interrupted:
                raise KeyboardInterrupt

    def search_budget(self) -> SearchBudget:
        """Return the budget of one search, with the default where none is given."""
        unbounded = self.max_cost is None and self.max_programs is None and self.timeout is None
        return SearchBudget(
            max_cost=self.max_cost,
            max_programs=DEFAULT_PROGRAMS if unbounded else self.max_programs,
            timeout=self.timeout,
            max_frontier=self.max_frontier,
            exhaustive=self.exhaustive,
            step=self.step,
            fuel=self.fuel,
            size=self.size,
        )

    def _search(
        self, groups: list[Group], context: Context, rejected: dict[int, InputError]
    ) -> tuple[dict[int, TaskResult], bool]:
        """Search all groups; also say whether the user interrupted it. Tasks that are wrong go to ``rejected``."""
        parts = [part for group in groups for part in group.split(context.jobs)]
        results: dict[int, TaskResult] = {}
        if not parts:
            return results, False
        searches = [GroupSearch(part, self.search_budget(), context) for part in parts]
        interrupted = False
        context.progress.start(len(parts), "searches")
        with ThreadPoolExecutor(max_workers=context.jobs) as pool:
            futures = [pool.submit(search.run) for search in searches]
            for future in futures:
                while True:
                    try:
                        results.update(future.result())
                        break
                    except KeyboardInterrupt:
                        interrupted = True
                        for search in searches:
                            search.interrupt()
                context.progress.advance()
        context.progress.finish()
        for search in searches:
            rejected.update(search.rejected)
        return results, interrupted

    def _found(self, frontier: Frontier, result: TaskResult, context: Context) -> Frontier:
        known = {program.program for program in frontier.programs}
        programs = [*frontier.programs, *(_program(found) for found in result.solutions if found.program not in known)]
        programs.sort(key=quality, reverse=True)
        solutions = [program for program in programs if program.log_likelihood == 0][: self.max_frontier]
        others = [program for program in programs if program.log_likelihood != 0]
        search = Search(
            method="windows",
            programs=result.programs,
            max_cost=result.max_cost,
            status=result.status,
            cpu_seconds=result.cpu_seconds if context.timing else None,
        )
        return replace(frontier, programs=(*solutions, *others), search=search)


def _program(found: Solution) -> Program:
    program = Program(
        program=found.program,
        language="lambda",
        log_prior=found.log_prior,
        log_likelihood=0.0,
        score=1.0,
        status="ok",
        origin=Origin(by="windows"),
    )
    return program if found.verdict is None else judged(program, found.verdict)


def _batches(records: Iterator[Record], size: int) -> Iterator[list[Record]]:
    records = iter(records)
    while batch := list(islice(records, size)):
        yield batch


def _groups(
    records: list[Record],
    libraries: dict[str, Library],
    context: Context,
    method: Windows,
    rejected: dict[int, InputError],
) -> dict[tuple[str, ...], Group]:
    """Gather the frontiers that still need a search by library, domain and request; keeps ``libraries`` up to date.

    Frontiers that cannot be searched go to ``rejected``, by position.
    """
    groups: dict[tuple[str, ...], Group] = {}
    for index, record in enumerate(records):
        if isinstance(record, Library):
            libraries[record.domain] = record
        if not isinstance(record, Frontier) or record.task is None or _enough(record, method):
            continue
        task = record.task
        try:
            if task.request is None:
                raise InputError("a task to enumerate for needs a request")
            domain = context.domain(task.domain)
        except InputError as error:
            rejected[index] = error
            continue
        library = libraries.get(task.domain)
        if library is None:
            library = libraries[task.domain] = context.library_for(task.domain)
        key = (str(id(library)), task.domain, task.request)
        groups.setdefault(key, Group(domain, library, task.request, [])).tasks.append((index, task))
    return groups


def _enough(frontier: Frontier, method: Windows) -> bool:
    solutions = sum(1 for program in frontier.programs if program.log_likelihood == 0)
    return solutions >= method.max_frontier and not method.exhaustive
