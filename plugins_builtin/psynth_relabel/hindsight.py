"""The relabel method ``hindsight``: each program becomes a solution, of the task that asks for what it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from psynth.core.calculus.normal_forms import without_unused_bindings
from psynth.core.calculus.terms import TermSyntaxError, parse_term, print_term
from psynth.core.errors import InputError
from psynth.core.evaluation_limits import fuel_setting, size_setting
from psynth.core.settings import setting
from psynth.core.stream.records import End, Frontier, Library, Program, Record, Task
from psynth.core.stream.scope import Scope, batches, scoped
from psynth.core.stream.seen import Seen
from psynth.core.wording import counted
from psynth.plugins.domain import LAMBDA
from psynth.plugins.evaluation import BATCH, OpenEvaluators
from psynth.plugins.evaluator import Budget, Evaluator
from psynth.plugins.method import TASKS, Context, Method
from psynth_relabel.relabeled import (
    DUPLICATE,
    REFUSED,
    UNSOLVED,
    Relabeled,
    Relabeling,
    cheapest_of_each,
)
from psynth_relabel.rewarded import in_own_environments

MADE = "made"
NO_PROGRAMS = "there are no programs of tasks in the stream, so no tasks were made"


@dataclass
class _Work:
    """A frontier to relabel: what is made of its programs, or the error in it."""

    frontier: Frontier
    scope: Scope
    made: list[Frontier] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    rejected: InputError | None = None

    def add(self, found: Iterable[Frontier | str]) -> None:
        """Add frontiers, and the reasons of programs for which there is none."""
        for each in found:
            if isinstance(each, str):
                self.dropped[each] += 1
            else:
                self.made.append(each)


@dataclass(frozen=True)
class Hindsight(Method):
    """Turn each program of a task into the task that it does solve: the same inputs, with the program's own outputs.

    This is the relabeling of CodeIt (Butt et al., 2024): failures become solved tasks to learn from. Examples for which
    the program has no output are left out. A program makes no task if it has no output at all, has the same for all
    inputs or gives each input back, if its outputs are larger than --max-output or not valid in the domain. Of programs
    of one task that behave alike one is kept: the likeliest, then the shortest. Bindings that a λ-term does not use are
    removed. Where tasks are environments, as in karel, the new task has --inputs environments of its own.

    The output is the libraries and a frontier for each new task, with its program; the frontiers of the input are
    dropped without --keep. A new task's meta has the parent's id, and what the program achieved on the parent: score,
    reward, and distance, the share of the parts of its outputs that differ from those wanted. A task's id says what the
    task is, so equal ones from several runs are one for psynth merge. Held-out examples are never run.
    """

    parallel = "processes"
    random = True
    reads = (Library, Frontier)

    inputs: int = setting(
        10, minimum=1, maximum=100_000, unit="inputs", main=True, help="examples of each task, at most"
    )
    max_output: int = setting(
        2000,
        minimum=1,
        maximum=10_000_000,
        unit="values",
        main=True,
        help="maximum size of an output: its numbers, truth values and characters",
    )
    keep: bool = setting(False, main=True, help="also pass on the frontiers of the input")
    fuel: int = fuel_setting()
    size: int = size_setting()

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records, and in place of each frontier with programs those that are made of them."""
        context.progress.start(None, TASKS)
        counts: Counter[str] = Counter()
        seen = Seen()
        programs = 0
        with OpenEvaluators(context, Budget(fuel=self.fuel, size=self.size)) as evaluators:
            for batch in batches(scoped(records, context.library_for), BATCH):
                work = {
                    place: _Work(record, scope)
                    for place, (record, scope) in enumerate(batch)
                    if isinstance(record, Frontier) and record.task is not None and record.programs
                }
                programs += sum(len(each.frontier.programs) for each in work.values())
                for each in work.values():
                    self._relabel(each, evaluators, context)
                evaluators.close_replaced()
                for place, (record, _) in enumerate(batch):
                    if place in work:
                        yield from self._results(work[place], counts, seen, context)
                    elif not isinstance(record, Frontier) or self.keep:
                        if isinstance(record, End):
                            _tell(counts, programs, context)
                        yield record

    def _results(self, work: _Work, counts: Counter[str], seen: Seen, context: Context) -> Iterator[Frontier]:
        """Yield the frontier of some work, if it is kept, and the new ones that were not made before."""
        context.progress.advance()
        if work.rejected is not None:
            if context.bad_input(work.rejected):
                yield work.frontier
            return
        if self.keep:
            yield work.frontier
        counts.update(work.dropped)
        for made in work.made:
            assert made.task is not None
            if not seen.add(made.task.id):
                counts[DUPLICATE] += 1
                continue
            counts[MADE] += 1
            yield made

    def _relabel(self, work: _Work, evaluators: OpenEvaluators, context: Context) -> None:
        """Run the programs of a frontier, and make frontiers of what they do."""
        frontier = work.frontier
        assert frontier.task is not None
        try:
            domain = context.domain(frontier.task.domain)
            task = domain.visible(frontier.task)
            for language in dict.fromkeys(program.language for program in frontier.programs):
                evaluator = evaluators.of(frontier, work.scope, language)
                programs = [_shortened(each) for each in frontier.programs if each.language == language]
                [verdicts] = evaluator.judge([(task, [each.program for each in programs])])
                judged = list(zip(programs, verdicts, strict=True))
                if task.examples:
                    relabeling = Relabeling(task, self.inputs, self.max_output)
                    found = [relabeling.of(program, verdict) for program, verdict in judged]
                else:
                    library = work.scope.library(frontier)
                    found = in_own_environments(domain, judged, library, context, self.inputs)
                work.add(_accepted(cheapest_of_each(found), task, evaluator, context.command))
        except InputError as error:
            work.rejected = error if error.source else frontier.error(error.message)


def _shortened(program: Program) -> Program:
    """The program without the bindings that it does not use, if it is a λ-term."""
    if program.language != LAMBDA:
        return program
    try:
        return replace(program, program=print_term(without_unused_bindings(parse_term(program.program))))
    except TermSyntaxError:
        return program  # Its verdict says what is wrong.


def _accepted(
    found: Sequence[Relabeled | str], parent: Task, evaluator: Evaluator, by: str
) -> Iterator[Frontier | str]:
    """The frontiers whose tasks their domain accepts, and agrees are solved: it may compare outputs in its own way."""
    made = [each if isinstance(each, str) else each.frontier(parent, by) for each in found]
    reasons = iter(_objections([each for each in made if isinstance(each, Frontier)], evaluator))
    for each in made:
        reason = None if isinstance(each, str) else next(reasons)
        yield each if reason is None else reason


def _objections(made: Sequence[Frontier], evaluator: Evaluator) -> list[str | None]:
    """For each frontier None if its program solves its task, else why there is no such task."""
    jobs = [(each.task, [each.programs[0].program]) for each in made if each.task is not None]
    try:
        return [None if verdict.solved else UNSOLVED for [verdict] in evaluator.judge(jobs)]
    except InputError:
        return [REFUSED] if len(made) == 1 else [reason for each in made for reason in _objections([each], evaluator)]


def _tell(counts: Counter[str], programs: int, context: Context) -> None:
    if not programs:
        context.warn(NO_PROGRAMS)
        return
    dropped = ", ".join(f"{number:,} {why}" for why, number in counts.most_common() if why != MADE)
    told = f"{counted(counts[MADE], 'task')} made of {counted(programs, 'program')}"
    context.warn(f"{told}; dropped {dropped}" if dropped else told)
