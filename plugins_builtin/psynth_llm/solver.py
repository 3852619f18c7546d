"""The method ``llm`` of ``psynth sample``: LILO's solver, with the programs of a language model judged rung by rung."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import ClassVar, TypeAlias

from psynth.core.errors import InputError, UsageError
from psynth.core.limits import LARGEST
from psynth.core.seeds import derive, stable_hash
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Library, Record, Search
from psynth.core.stream.scope import Scope, batches, scoped
from psynth.core.wording import counted
from psynth.core.work import Stop
from psynth.plugins.asking import Asker, AskingSettings
from psynth.plugins.domain import LAMBDA
from psynth.plugins.language_model import Answer, Message, ModelRequest, Sampling
from psynth.plugins.method import TASKS, Context
from psynth.plugins.prices import prompt_tokens_at_most
from psynth.plugins.search import Problem, SearchMethod, SearchResult, with_honest_end
from psynth.plugins.task_text import Shown
from psynth_llm.attempt import Attempt, Sample
from psynth_llm.notation import Notation, Terms, notation_of
from psynth_llm.prompts import feedback, system, task_shown
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
        "random",
        help="show solved tasks at random, or those with descriptions most like the task's, by words or by embeddings",
    )
    embedder: str | None = setting(
        None,
        value="NAME[:OPTIONS]",
        help="with --retrieval embeddings, the model that gives them (default: the first --model)",
    )
    shots: int = setting(10, minimum=0, maximum=1000, unit="tasks", help="maximum solved tasks in a prompt")
    context: int = setting(
        4096, minimum=1, maximum=LARGEST, unit="tokens", help="show no more solved tasks than fit, with an answer"
    )
    language: str | None = setting(
        None, value="LANGUAGE", help="lambda, python, json, text or native (default: the domain's usual notation)"
    )
    repair: int = setting(0, minimum=0, maximum=1000, unit="requests", help="requests to repair what did not solve")
    constrain: int | None = setting(
        None,
        minimum=0,
        maximum=100,
        unit="levels",
        help="send models that take it a grammar of the λ-terms of a task's type, up to this depth if it fits",
    )
    all_queries: bool = setting(False, help="ask all --queries, also after a program that solves the task")
    keep_unsolved: bool = setting(False, help="also keep programs that can be run and do not solve their task")
    solved: bool = setting(False, help="also ask for tasks that have a program that solves them")
    batch: int = setting(64, minimum=1, unit="tasks", help="tasks that are worked on together")

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records in order, each frontier with the programs of the model."""
        context.progress.start(None, TASKS)
        if self.embedder is not None and self.retrieval != "embeddings":
            raise UsageError("--embedder is for --retrieval embeddings; give both")
        with Asker(self, context, self.embedder) as asker:
            yield from with_honest_end(_Run(self, context, asker).records(records))


class _Run:
    """The work on a stream."""

    def __init__(self, method: Solver, context: Context, asker: Asker) -> None:
        self._method, self._context, self._asker = method, context, asker
        self._solved: Mapping[str, list[Solved]] = (
            {} if method.examples is None else read_solved(method.examples, context.domain)
        )
        self._known: list[tuple[Library, Notation, Examples]] = []

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
        for examples in {id(each.examples): each.examples for each in attempts.values()}.values():
            examples.embed([each.problem.task for each in attempts.values() if each.examples is examples])
        failed = self._try(list(attempts.values()))
        for number, attempt in attempts.items():
            fault = failed.get(id(attempt))
            outcomes[number] = self._finished(attempt) if fault is None else attempt.frontier.error(fault.message)
        return outcomes

    def _attempt(self, frontier: Frontier, scope: Scope, stop: Stop) -> Attempt:
        method = self._method
        problem = method.problem(frontier, scope, self._context, stop, self._context.jobs)
        notation, examples = self._language(problem)
        if notation.language == LAMBDA and problem.task.request is None:
            raise InputError("it has no request, the type of the wanted program")
        return Attempt(frontier, problem, notation, examples, method.shots, method.name)

    def _language(self, problem: Problem) -> tuple[Notation, Examples]:
        """How programs are written in a library, and the solved tasks that are written so; made once for each."""
        for library, notation, examples in self._known:
            if library is problem.library:
                return notation, examples
        notation = notation_of(problem.domain, problem.library, self._method.language)
        if self._method.constrain is not None and not (isinstance(notation, Terms) and not notation.native):
            raise UsageError(f"--constrain is for λ-terms: add --language {LAMBDA}, if {problem.domain.name} has them")
        solved = self._solved.get(problem.domain.name, ())
        usable = [
            replace(each, programs=tuple(program for program in each.programs if notation.shown(program) is not None))
            for each in solved
        ]
        kept = [each for each in usable if each.programs]
        if len(kept) < len(solved):
            known = f"{len(solved) - len(kept)} of {counted(len(solved), 'solved task')} of {problem.domain.name}"
            self._context.warn(f"{known} cannot be shown: their programs are not in this library's language")
        examples = Examples(kept, self._method.retrieval, self._asker.embed)
        self._known.append((problem.library, notation, examples))
        return notation, examples

    def _try(self, attempts: list[Attempt]) -> dict[int, InputError]:
        """Ask until all is solved or asked; the tasks that cannot be asked for, by the identity of their attempts."""
        method = self._method
        failed: dict[int, InputError] = {}
        queries = range(method.queries)
        for round in [queries] if method.all_queries else [range(query, query + 1) for query in queries]:
            waiting = [(each, query) for query in round for each in attempts if method.all_queries or not each.solved]
            while waiting := [(each, query) for each, query in waiting if self._is_open(each, failed)]:
                asked = [(each, f"query {query}", self._prompt(each, query)) for each, query in waiting]
                too_long = self._take(asked, failed)
                waiting = [
                    pair for pair, (_, what, _) in zip(waiting, asked, strict=True) if (id(pair[0]), what) in too_long
                ]
        for repair in range(method.repair):
            again = [(each, self._repair(each)) for each in attempts if self._is_open(each, failed) and not each.solved]
            self._take([(each, f"repair {repair}", found) for each, found in again if found], failed)
        return failed

    @staticmethod
    def _is_open(attempt: Attempt, failed: Mapping[int, InputError]) -> bool:
        return not attempt.ended and id(attempt) not in failed

    def _take(
        self, asked: Sequence[tuple[Attempt, str, Conversation]], failed: dict[int, InputError]
    ) -> set[tuple[int, str]]:
        """Ask and take in the answers; returns which prompts were too long, of attempts that now show less."""
        requests = [ModelRequest(messages, sampling=self._sampling(each, what)) for each, what, messages in asked]
        too_long: dict[tuple[int, str], Attempt] = {}
        new: dict[int, tuple[Attempt, list[Sample]]] = {}
        answered: list[tuple[Answer, list[Sample]]] = []
        for (attempt, what, messages), reply in zip(asked, self._asker.ask(requests), strict=True):
            if isinstance(reply, Answer):
                new.setdefault(id(attempt), (attempt, []))[1].extend(attempt.take(reply, messages))
                answered.append((reply, attempt.samples[len(attempt.samples) - len(reply.completions) :]))
            elif reply is None:
                attempt.ended = True
            elif attempt.shots and what.startswith("query"):
                too_long[id(attempt), what] = attempt
            else:
                failed[id(attempt)] = reply
        for attempt, samples in new.values():
            self._judge(attempt, samples)
        for answer, samples in answered:
            self._asker.learn(answer, sum(each.end == "solved" for each in samples) / max(1, len(samples)))
        for attempt in {id(each): each for each in too_long.values()}.values():
            attempt.shots //= 2
        return set(too_long)

    def _sampling(self, attempt: Attempt, what: str) -> Sampling:
        method = self._method
        sampling = method.sampling(stable_hash(attempt.problem.seed, what), method.samples)
        if method.constrain is None:
            return sampling
        return sampling.constrained(grammar=attempt.notation.grammar(attempt.problem.task.request, method.constrain))

    def _judge(self, attempt: Attempt, samples: Sequence[Sample]) -> None:
        programs = [each.program for each in samples if each.program is not None]
        if programs:
            problem = attempt.problem
            attempt.judge(samples, self._method.with_verdicts(problem, problem.task, programs, outputs=True))

    def _prompt(self, attempt: Attempt, query: int) -> Conversation:
        """The language, as many solved tasks as fit, and the task."""
        method, problem = self._method, attempt.problem
        rng = Random(derive(problem.seed, "llm", f"query {query}"))
        notation = attempt.notation
        first = system(notation, f"You write programs that solve small tasks. {notation.form}")
        last = Message("user", task_shown(problem.task, notation, method.show, method.shown))
        shown: list[tuple[Message, Message]] = []
        for solved in attempt.examples.chosen(problem.task, rng)[: attempt.shots]:
            text = attempt.notation.shown(solved.programs[0])
            assert text is not None
            description = rng.choice(solved.task.descriptions) if solved.task.descriptions else None
            pair = (
                Message("user", task_shown(solved.task, notation, method.show, method.shown, description)),
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
