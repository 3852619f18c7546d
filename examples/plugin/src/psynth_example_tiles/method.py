"""A method, ``psynth enumerate --method random``: draws programs from the library's grammar, keeps those that solve."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from psynth.core.calculus.types import parse_type
from psynth.core.languages import grammar_of
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Library, Origin, Program, Record, Search, Task
from psynth.plugins.evaluator import Budget
from psynth.plugins.method import Context, Method


@dataclass(frozen=True)
class Random(Method):
    """Draw programs at random from the library's grammar and keep those that solve the task.

    Simple and fair: a program is met about as often as the grammar finds it probable. What a task gets depends on the
    seed and the task alone, not on the other tasks.
    """

    resumable = True
    random = True

    max_programs: int = setting(2000, minimum=1, unit="programs", help="how many programs to draw for a task")
    max_frontier: int = setting(5, minimum=1, unit="programs", help="how many solutions to keep")
    max_depth: int = setting(6, minimum=1, help="how deep a program may be")

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records as they come, the frontiers with what was found."""
        libraries: dict[str, Library] = {}
        for record in records:
            if isinstance(record, Library):
                libraries[record.domain] = record
            if isinstance(record, Frontier) and record.task is not None and record.task.request is not None:
                domain = record.task.domain
                if domain not in libraries:
                    libraries[domain] = context.library_for(domain)
                yield self._searched(record, record.task, libraries[domain], context)
            else:
                yield record

    def _searched(self, frontier: Frontier, task: Task, library: Library, context: Context) -> Frontier:
        grammar = grammar_of(library)
        request = parse_type(task.request or "")
        rng = context.rng(task.id)
        # The same program may be drawn again; a dictionary keeps it once, in the order of first drawing.
        drawn = dict.fromkeys(grammar.sample(request, rng, max_depth=self.max_depth) for _ in range(self.max_programs))
        texts = [str(term) for term in drawn]
        with context.domain(task.domain).evaluator(library, Budget()) as evaluator:
            [verdicts] = evaluator.judge([(task, texts)])
        found = [
            Program(
                program=text,
                log_prior=grammar.log_prior(term, request),
                log_likelihood=0.0,
                score=1.0,
                status="ok",
                origin=Origin(by="random"),
            )
            for term, text, verdict in zip(drawn, texts, verdicts, strict=True)
            if verdict.log_likelihood == 0
        ]
        found.sort(key=lambda program: program.log_prior or 0.0, reverse=True)
        search = Search(method="random", programs=len(texts), status="solved" if found else "budget")
        return replace(frontier, programs=tuple(found[: self.max_frontier]), search=search)
