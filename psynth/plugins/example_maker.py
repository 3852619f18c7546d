"""Makes tasks for given programs in any domain whose tasks have inputs and outputs: by running them on such inputs."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from psynth.core.stream.records import Example, Task, encode
from psynth.plugins.domain import Domain
from psynth.plugins.evaluator import Budget, Evaluator, Job, Outcome, ProgramError
from psynth.plugins.task_maker import MadeTask, TaskMaker, TaskMakerSettings

if TYPE_CHECKING:
    from psynth.core.engines.leases import Engines
    from psynth.core.stream.records import Library

Inputs = tuple[list[Any], ...]
"""The inputs of one task: a list of arguments for each example."""
CONSTANT, FAILED, UNSOLVED = "constant", "failed", "not solved by their own program"
"""Why no task is made for a program."""
TOGETHER = 512
"""Number of programs whose outputs are in memory at the same time."""


class ExampleMaker(TaskMaker):
    """Makes tasks of one type from the inputs of tasks, ``pool``, which are of the same type.

    A task has the inputs of a random task of the pool as far as the program has a value for them, then those of others.
    There is none for a program that fails on too many, and for one with the same output for all.
    """

    def __init__(
        self, domain: Domain, request: str, pool: Iterable[Inputs], *, budget: Budget, engines: Engines | None = None
    ) -> None:
        self._domain, self._request, self._budget, self._engines = domain, request, budget, engines
        self._pool = [inputs for inputs in pool if inputs]
        self._distinct = len({encode(each) for inputs in self._pool for each in inputs})

    def tasks_for(
        self,
        programs: Sequence[tuple[str, int]],
        library: Library,
        count: int,
        settings: TaskMakerSettings,
        *,
        outputs: bool = False,
        threads: int = 1,
    ) -> list[MadeTask | str]:
        """For each program a task with ``count`` inputs, or with all those of the pool if there are fewer."""
        wanted = min(count, self._distinct)
        with self._evaluator(library, threads) as evaluator:
            found: list[MadeTask | str] = []
            for start in range(0, len(programs), TOGETHER):
                found += self._made(evaluator, programs[start : start + TOGETHER], wanted, settings.trials, outputs)
        return found

    def behaviors(
        self, programs: Sequence[str], library: Library, count: int, *, seed: int, threads: int = 1
    ) -> list[bytes | str]:
        """A digest of each program's outputs on ``count`` inputs, the same for all, or why a task for it is impossible.

        Programs with equal digests have the same output, or none, on each of these inputs.
        """
        inputs = list(self._inputs(seed, count))
        found: list[bytes | str] = []
        with self._evaluator(library, threads) as evaluator:
            for start in range(0, len(programs), TOGETHER):
                part = programs[start : start + TOGETHER]
                answers = evaluator.run_all([Job(program, inputs, self._request) for program in part])
                found += [_behavior(answer) for answer in answers]
        return found

    def _evaluator(self, library: Library, threads: int) -> Evaluator:
        return self._domain.evaluator(library, self._budget, engines=self._engines, jobs=threads)

    def _inputs(self, seed: int, most: int) -> Iterator[list[Any]]:
        """Yield at most ``most`` distinct inputs, those of one random task after those of another."""
        seen: set[bytes] = set()
        for inputs in random.Random(seed).sample(self._pool, len(self._pool)):
            for each in inputs:
                key = encode(each)
                if key not in seen:
                    seen.add(key)
                    yield each
                    if len(seen) == most:
                        return

    def _made(
        self, evaluator: Evaluator, programs: Sequence[tuple[str, int]], wanted: int, trials: int, outputs: bool
    ) -> list[MadeTask | str]:
        sources = [self._inputs(seed, max(trials, wanted)) for _, seed in programs]
        examples: list[list[Example]] = [[] for _ in programs]
        # Most programs have values for the first inputs; only the others are run on further ones.
        unfinished = list(range(len(programs)))
        while unfinished:
            chosen = [(place, _first(sources[place], wanted - len(examples[place]))) for place in unfinished]
            chosen = [(place, inputs) for place, inputs in chosen if inputs]
            answers = evaluator.run_all([Job(programs[place][0], inputs, self._request) for place, inputs in chosen])
            unfinished = []
            for (place, inputs), answer in zip(chosen, answers, strict=True):
                if isinstance(answer, ProgramError):
                    continue
                examples[place] += _examples(inputs, answer)
                if len(examples[place]) < wanted:
                    unfinished.append(place)
        found = [_task_of(each, wanted, outputs) for each in examples]
        return self._checked(evaluator, programs, found)

    def _checked(
        self, evaluator: Evaluator, programs: Sequence[tuple[str, int]], found: list[MadeTask | str]
    ) -> list[MadeTask | str]:
        """The tasks that the domain agrees are solved by their programs: it may compare outputs in its own way."""
        places = [place for place, made in enumerate(found) if isinstance(made, MadeTask)]
        jobs = [(self._judged(found[place], place), [programs[place][0]]) for place in places]
        for place, [verdict] in zip(places, evaluator.judge(jobs), strict=True):
            if not verdict.solved:
                found[place] = UNSOLVED
        return found

    def _judged(self, made: MadeTask | str, place: int) -> Task:
        assert isinstance(made, MadeTask)
        name = self._domain.name
        return Task(id=f"{name}/made/{place}", domain=name, request=self._request, examples=made.examples)


def _first(source: Iterator[list[Any]], count: int) -> list[list[Any]]:
    return [each for _, each in zip(range(count), source, strict=False)]


def _examples(inputs: Sequence[list[Any]], answer: Sequence[Outcome]) -> list[Example]:
    return [
        Example(inputs=arguments, output=outcome.value)
        for arguments, outcome in zip(inputs, answer, strict=True)
        if outcome.status == "ok"
    ]


def _task_of(examples: list[Example], wanted: int, outputs: bool) -> MadeTask | str:
    if len(examples) < wanted or not examples:
        return FAILED
    if len(examples) > 1 and len({encode(each.output) for each in examples}) == 1:
        return CONSTANT
    return MadeTask(tuple(examples), outputs=[each.output for each in examples] if outputs else None)


def _behavior(answer: list[Outcome] | ProgramError) -> bytes | str:
    if isinstance(answer, ProgramError) or all(outcome.status != "ok" for outcome in answer):
        return FAILED
    values = [[outcome.value] if outcome.status == "ok" else [] for outcome in answer]
    encoded = [encode(value) for value in values]
    if len(encoded) > 1 and len(set(encoded)) == 1:
        return CONSTANT
    return blake2b(b"\n".join(encoded), digest_size=16).digest()
