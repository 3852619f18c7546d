"""The programs that are written in one library, the inputs to run them on, and the tasks that this makes."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from psynth.core.calculus.inference import infer
from psynth.core.calculus.terms import parse_term
from psynth.core.calculus.types import Type, parse_type
from psynth.core.calculus.unification import Unifier
from psynth.core.errors import PsynthError
from psynth.core.languages import grammar_of
from psynth.core.seeds import derive
from psynth.core.stream.records import Frontier, Library, Program, Task, encode
from psynth.core.wording import counted
from psynth.plugins.domain import LAMBDA, Domain
from psynth.plugins.evaluator import Budget
from psynth.plugins.example_maker import ExampleMaker, Inputs
from psynth.plugins.method import Context
from psynth.plugins.task_maker import MadeTask, TaskMakerSettings, frontier_of_made, made_task_id

BATCH = "dream"
"""The part of a task's id after the domain's name."""
OWN_TASKS = 1000
"""Maximum number of the domain's own tasks whose inputs are used where the stream has none."""
DUPLICATE, NO_INPUTS = "duplicate", "of a type without inputs"
"""Why a program makes no task, besides the reasons of `ExampleMaker`."""


@dataclass(frozen=True, slots=True)
class DreamSettings:
    """Numbers of inputs: of a task, to try for one, and to compare programs on; and the limits of an evaluation."""

    inputs: int
    trials: int
    probes: int
    budget: Budget


class Dreaming:
    """Collects the programs and inputs that follow one library, and makes tasks of them."""

    def __init__(self, domain: Domain, library: Library, context: Context, settings: DreamSettings) -> None:
        self._domain, self._library, self._context, self._settings = domain, library, context, settings
        self._types = grammar_of(library).types
        self._programs: dict[tuple[str | None, str], tuple[Program, Frontier]] = {}
        self._pool: dict[str, dict[bytes, Inputs]] = {}
        self._dropped: Counter[str] = Counter()
        self._any = False

    def add(self, frontier: Frontier) -> None:
        """Add the inputs of a frontier's task, if it has one, and the frontier's λ-terms.

        InputError for a task with a malformed request.
        """
        self._any = True
        request = None if frontier.task is None else self._added_inputs(frontier.task, self._pool)
        for program in frontier.programs:
            if program.language == LAMBDA:
                self._programs.setdefault((request, program.program), (program, frontier))

    def frontiers(self, numbers: Counter[str]) -> Iterator[Frontier]:
        """Yield the tasks made; ``numbers`` has the number of the next task of each domain.

        InputError if the domain has no tasks with inputs and outputs, and for a program without a type.
        """
        if not self._any:
            return
        pool = self._pool or self._own_pool()
        if not self._programs:
            return
        made = 0
        for request, programs in self._by_request(list(pool)).items():
            if request not in pool:
                self._dropped[NO_INPUTS] += len(programs)
                continue
            for frontier in self._made(request, list(pool[request].values()), programs, numbers):
                made += 1
                yield frontier
        self._report(made)

    def _added_inputs(self, task: Task, pool: dict[str, dict[bytes, Inputs]]) -> str | None:
        """The type that a task requests, in its usual spelling; its inputs are added to ``pool``."""
        if task.request is None:
            return None
        request = str(parse_type(task.request))
        inputs = tuple(example.inputs for example in self._domain.visible(task).examples)
        if inputs:
            pool.setdefault(request, {}).setdefault(encode(list(inputs)), inputs)
        return request

    def _own_pool(self) -> dict[str, dict[bytes, Inputs]]:
        """The inputs of the domain's own training tasks; InputError if these have none."""
        pool: dict[str, dict[bytes, Inputs]] = {}
        tasks = self._domain.tasks(self._domain.TaskSettings(), self._context.seed)
        for task in itertools.islice(tasks, OWN_TASKS):
            self._added_inputs(task, pool)
        if not pool:
            raise self._library.error(
                f"programs of {self._domain.name} make no tasks, as its tasks have no inputs and outputs"
            )
        return pool

    def _by_request(self, requests: list[str]) -> dict[str, list[Program]]:
        """The programs by the type that they are run at: their task's, or each of ``requests`` that they may have."""
        kinds = {request: parse_type(request) for request in requests}
        untied = self._principal_types()
        found: dict[str, list[Program]] = {request: [] for request in requests}
        fitting: dict[str, list[str]] = {}
        for (request, text), (program, _) in self._programs.items():
            if request is not None:
                found.setdefault(request, []).append(program)
                continue
            kind = untied[text]
            if kind not in fitting:
                fitting[kind] = [name for name, wanted in kinds.items() if _unify(parse_type(kind), wanted)]
            for name in fitting[kind]:
                found.setdefault(name, []).append(program)
            if not fitting[kind]:
                self._dropped[NO_INPUTS] += 1
        return {request: _distinct(programs) for request, programs in found.items() if programs}

    def _principal_types(self) -> dict[str, str]:
        """The type of each program without a task; InputError, with the place, for one that has none."""
        texts = [text for request, text in self._programs if request is None]
        if not texts:
            return {}
        with self._context.engines.lambda_machine() as machine:
            answers = machine.infer(self._library.to_json(), texts)
        found = {}
        for text, answer in zip(texts, answers, strict=True):
            # The machine does not know the literals of domains in Python.
            found[text] = answer["type"] if "type" in answer else self._inferred(text)
        return found

    def _inferred(self, text: str) -> str:
        try:
            return str(infer(parse_term(text), self._types, literal_type=self._domain.syntax().literal_type))
        except PsynthError as error:
            raise self._programs[None, text][1].error(f"{text}: {error}") from error

    def _made(
        self, request: str, inputs: list[Inputs], programs: list[Program], numbers: Counter[str]
    ) -> Iterator[Frontier]:
        context, settings, name = self._context, self._settings, self._domain.name
        maker = ExampleMaker(self._domain, request, inputs, budget=settings.budget, engines=context.engines)
        kept = self._distinct_behaviors(maker, request, programs)
        context.progress.start(len(kept), f"dreams of {name}")
        made = maker.tasks_for(
            [(each.program, self._seed(request, each.program)) for each in kept],
            self._library,
            settings.inputs,
            TaskMakerSettings(trials=settings.trials),
            threads=context.jobs,
        )
        for program, task in zip(kept, made, strict=True):
            context.progress.advance()
            if not isinstance(task, MadeTask):
                self._dropped[task] += 1
                continue
            yield frontier_of_made(
                task,
                program.program,
                task_id=made_task_id(name, BATCH, context.seed, numbers[name]),
                domain=name,
                request=request,
                log_prior=program.log_prior,
                by=context.command,
            )
            numbers[name] += 1
        context.progress.finish()

    def _distinct_behaviors(self, maker: ExampleMaker, request: str, programs: list[Program]) -> list[Program]:
        """One program for each behavior, at the place of the first of them in the stream."""
        texts = [each.program for each in programs]
        seed = self._seed(request, "")
        behaviors = maker.behaviors(texts, self._library, self._settings.probes, seed=seed, threads=self._context.jobs)
        best: dict[bytes, Program] = {}
        for program, behavior in zip(programs, behaviors, strict=True):
            if isinstance(behavior, str):
                self._dropped[behavior] += 1
                continue
            if behavior in best:
                self._dropped[DUPLICATE] += 1
            best[behavior] = min(best.get(behavior, program), program, key=_cost)
        return list(best.values())

    def _seed(self, request: str, program: str) -> int:
        return derive(self._context.seed, self._context.command, f"{self._domain.name} {request} {program}")

    def _report(self, made: int) -> None:
        told = f"{self._domain.name}: {counted(made, 'task')} made of {counted(len(self._programs), 'program')}"
        dropped = ", ".join(f"{number:,} {why}" for why, number in self._dropped.most_common())
        self._context.warn(f"{told}; dropped {dropped}" if dropped else told)


def _distinct(programs: list[Program]) -> list[Program]:
    """The programs without repetitions of a text, as one may stand with a task and without."""
    return list({each.program: each for each in reversed(programs)}.values())[::-1]


def _unify(kind: Type, request: Type) -> bool:
    unifier = Unifier()
    return unifier.try_unify(unifier.instantiate(kind), unifier.instantiate(request))


def _cost(program: Program) -> tuple[float, int, str]:
    """The order in which programs of one behavior are preferred: by probability, where known, then by size."""
    log_prior = float("-inf") if program.log_prior is None else program.log_prior
    words = program.program.replace("(", " ").replace(")", " ").split()
    return -log_prior, len(words), program.program
