"""The method ``llm`` of ``psynth sample``: LILO's solver, with the programs of a language model judged rung by rung."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import ClassVar, TypeAlias

from psynth.core.errors import InputError
from psynth.core.limits import LARGEST
from psynth.core.seeds import derive, stable_hash
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Library, Origin, Record, Search
from psynth.core.stream.scope import Scope, batches, scoped
from psynth.core.work import Stop
from psynth.plugins.asking import Asker, AskingSettings, Reply
from psynth.plugins.domain import LAMBDA
from psynth.plugins.language_model import Answer, Message, ModelRequest, RequestTooLong
from psynth.plugins.method import TASKS, Context
from psynth.plugins.prices import prompt_tokens_at_most
from psynth.plugins.search import SearchMethod, SearchResult, with_honest_end
from psynth_llm.attempt import Attempt
from psynth_llm.notation import notation_of
from psynth_llm.prompts import Shown, feedback, system, task_text
from psynth_llm.retrieval import Examples, Retrieval, Solved, read_solved

Outcome: TypeAlias = Frontier | InputError
Conversation: TypeAlias = tuple[Message, ...]


@dataclass(frozen=True)
class Solver(AskingSettings, SearchMethod):
    """Ask a language model for programs that solve each task (the solver of LILO: Grand et al., 2024).

    A prompt has the language and the library with what is documented of it, solved tasks of --examples, and the task:
    its description, its examples, or both. Each of --queries requests shows other solved tasks, and is answered by
    --samples programs; a solved task is not asked for again. A sample ends at the first rung that does not hold: parse,
    closed, infer, request, eta_long, prior, run; it is then unsolved or solved. search.samples counts where samples
    ended, search.prompt_tokens and completion_tokens what they took. λ-terms are brought into β-normal η-long form.

    With --repair a task that is unsolved gets further requests, each of which shows the model the program that got
    farthest, and what is wrong with it. What --cache has is not asked again, so that a run that was killed goes on
    where it was, and the same run again costs nothing.

        psynth tasks list | psynth sample --method llm --model openai:model=NAME --cache answers.jsonl -j 8
        psynth sample --method llm --model replay:file=answers.jsonl --examples solved.jsonl tasks.jsonl
    """

    name: ClassVar[str] = "llm"
    parallel = "threads"
    random = True

    queries: int = setting(4, minimum=1, maximum=10_000, unit="requests", main=True, help="requests for each task")
    samples: int = setting(4, minimum=1, maximum=1024, unit="programs", help="programs of each request")
    show: Shown = setting("both", help="what the prompt shows of a task")
    shown: int = setting(5, minimum=0, maximum=1000, unit="examples", help="maximum examples of a task in a prompt")
    examples: Path | None = setting(
        None, file="read", main=True, help="a stream with solved tasks to show as examples (default: none are shown)"
    )
    retrieval: Retrieval = setting(
        "random", help="show solved tasks at random, or those with descriptions most like the task's"
    )
    shots: int = setting(10, minimum=0, maximum=1000, unit="tasks", help="maximum solved tasks in a prompt")
    context: int = setting(
        4096, minimum=1, maximum=LARGEST, unit="tokens", help="show no more solved tasks than fit, with an answer"
    )
    language: str | None = setting(
        None, value="LANGUAGE", help="lambda, python, json, text or native (default: the domain's usual notation)"
    )
    repair: int = setting(0, minimum=0, maximum=1000, unit="requests", help="requests to repair what did not solve")
    all_queries: bool = setting(False, help="ask all --queries, also after a program that solves the task")
    keep_unsolved: bool = setting(False, help="also keep programs that can be run and do not solve their task")
    solved: bool = setting(False, help="also ask for tasks that have a program that solves them")
    batch: int = setting(64, minimum=1, unit="tasks", help="tasks that are worked on together")

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records in order, each frontier with the programs of the model."""
        context.progress.start(None, TASKS)
        with Asker(self, context) as asker:
            yield from with_honest_end(_Run(self, context, asker).records(records))


class _Run:
    """The work on a stream."""

    def __init__(self, method: Solver, context: Context, asker: Asker) -> None:
        self._method, self._context, self._asker = method, context, asker
        self._solved: Mapping[str, list[Solved]] = (
            {} if method.examples is None else read_solved(method.examples, context.domain)
        )
        self._examples: dict[tuple[int, str | None], Examples] = {}
        self._libraries: list[Library] = []

    def records(self, records: Iterator[Record]) -> Iterator[Record]:
        stop = Stop()
        for batch in batches(scoped(records, self._context.library_for), self._method.batch):
            outcomes = self._worked(batch, stop)
            for number, (record, _) in enumerate(batch):
                outcome = outcomes.get(number)
                if isinstance(outcome, InputError):
                    if self._context.bad_input(outcome):
                        yield record
                else:
                    passed = record if outcome is None else outcome
                    self._context.progress.passed(passed)
                    yield passed

    def _worked(self, batch: Sequence[tuple[Record, Scope]], stop: Stop) -> dict[int, Outcome]:
        outcomes: dict[int, Outcome] = {}
        attempts: dict[int, Attempt] = {}
        for number, (record, scope) in enumerate(batch):
            if isinstance(record, Frontier) and record.task is not None and (self._method.solved or not record.solved):
                try:
                    attempts[number] = self._attempt(record, scope, stop)
                except InputError as error:
                    outcomes[number] = record.error(error.message)
        failed = self._try(list(attempts.values()))
        for number, attempt in attempts.items():
            fault = failed.get(id(attempt))
            outcomes[number] = self._finished(attempt) if fault is None else attempt.frontier.error(fault.message)
        return outcomes

    def _attempt(self, frontier: Frontier, scope: Scope, stop: Stop) -> Attempt:
        method = self._method
        problem = method.problem(frontier, scope, self._context, stop, self._context.jobs)
        notation = notation_of(problem.domain, problem.library, method.language)
        if notation.language == LAMBDA and problem.task.request is None:
            raise InputError("it has no request, the type of the wanted program")
        examples = self._examples_for(problem.library, method.language, problem.domain.name, notation.shown)
        return Attempt(frontier, problem, notation, examples, method.shots)

    def _examples_for(
        self, library: Library, language: str | None, domain: str, shown: Callable[..., str | None]
    ) -> Examples:
        """The solved tasks whose programs can be shown in a library, found once for each."""
        key = next((number for number, each in enumerate(self._libraries) if each is library), None)
        if key is None:
            key = len(self._libraries)
            self._libraries.append(library)
            usable = [
                replace(each, programs=tuple(program for program in each.programs if shown(program) is not None))
                for each in self._solved.get(domain, ())
            ]
            kept = [each for each in usable if each.programs]
            lost = len(usable) - len(kept)
            if lost:
                self._context.warn(
                    f"{lost} of {len(usable)} solved tasks of {domain} are not in this library's language"
                )
            self._examples[key, language] = Examples(kept, self._method.retrieval)
        return self._examples[key, language]

    def _try(self, attempts: list[Attempt]) -> dict[int, InputError]:
        """Ask until all is solved or asked; the tasks that cannot be asked for, by the identity of their attempts."""
        method = self._method
        failed: dict[int, InputError] = {}
        for query in range(method.queries):
            waiting = [
                each for each in attempts if self._is_open(each, failed) and (method.all_queries or not each.solved)
            ]
            while waiting:
                asked = [(each, self._prompt(each, query)) for each in waiting]
                waiting = self._take(asked, f"query {query}", failed)
        for repair in range(method.repair):
            again = [(each, self._repair(each)) for each in attempts if self._is_open(each, failed) and not each.solved]
            self._take([(each, found) for each, found in again if found], f"repair {repair}", failed)
        return failed

    @staticmethod
    def _is_open(attempt: Attempt, failed: Mapping[int, InputError]) -> bool:
        return not attempt.ended and id(attempt) not in failed

    def _take(
        self, asked: Sequence[tuple[Attempt, Conversation]], what: str, failed: dict[int, InputError]
    ) -> list[Attempt]:
        """Ask and take in the answers; returns the attempts whose prompts were too long, which now show less."""
        method = self._method
        requests = [
            ModelRequest(messages, sampling=method.sampling(stable_hash(each.problem.seed, what), method.samples))
            for each, messages in asked
        ]
        too_long: list[Attempt] = []
        for (attempt, messages), reply in zip(asked, self._asker.ask(requests), strict=True):
            if isinstance(reply, RequestTooLong):
                if attempt.shots and what.startswith("query"):
                    attempt.shots //= 2
                    too_long.append(attempt)
                else:
                    failed[id(attempt)] = reply
            else:
                self._judge(attempt, messages, reply)
        return too_long

    def _judge(self, attempt: Attempt, messages: Conversation, reply: Reply) -> None:
        if not isinstance(reply, Answer):
            attempt.ended = True
            return
        new = attempt.take(reply, messages)
        origin = Origin(by=self._method.name, extra={"model": reply.model})
        programs = [replace(each.program, origin=origin) for each in new if each.program is not None]
        if programs:
            problem = attempt.problem
            attempt.judge(new, self._method.with_verdicts(problem, problem.task, programs, outputs=True))

    def _prompt(self, attempt: Attempt, query: int) -> Conversation:
        """The language, as many solved tasks as fit, and the task."""
        method, problem = self._method, attempt.problem
        rng = Random(derive(problem.seed, "llm", f"query {query}"))
        notation = attempt.notation
        first = system(notation, f"You write programs that solve small tasks. {notation.form}")
        last = Message("user", task_text(problem.task, notation, method.show, method.shown))
        shown: list[tuple[Message, Message]] = []
        for solved in attempt.examples.chosen(problem.task, rng)[: attempt.shots]:
            text = attempt.notation.shown(solved.programs[0])
            assert text is not None
            description = rng.choice(solved.task.descriptions) if solved.task.descriptions else None
            pair = (
                Message("user", task_text(solved.task, notation, method.show, method.shown, description)),
                Message("assistant", attempt.notation.quoted(text)),
            )
            if self._size([first, last, *pair, *(each for other in shown for each in other)]) > method.context:
                break
            shown.append(pair)
        # The likest stand last, next to the task.
        return (first, *(each for pair in reversed(shown) for each in pair), last)

    def _size(self, messages: Sequence[Message]) -> int:
        return prompt_tokens_at_most(ModelRequest(tuple(messages))) + self._method.max_tokens

    def _repair(self, attempt: Attempt) -> Conversation | None:
        sample = attempt.best_failure()
        if sample is None:
            return None
        wrong = feedback(sample.program, sample.refused, attempt.problem.task, attempt.notation, self._method.shown)
        return (*sample.conversation, Message("assistant", sample.text), Message("user", wrong))

    def _finished(self, attempt: Attempt) -> Frontier:
        kept = [
            replace(each, outputs=None)
            for each in attempt.programs
            if each.solves or (self._method.keep_unsolved and each.status in ("ok", None))
        ]
        result = SearchResult(kept, len(attempt.samples), "budget", judged=True)
        found = self._method.finished(attempt.frontier, attempt.problem, result, self._context)
        status = "solved" if found.solved else "budget"
        search = Search(self._method.name, len(attempt.samples), status=status, extra=attempt.account())
        return replace(found, search=search)
