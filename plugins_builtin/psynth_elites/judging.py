"""Judging the programs of evolution: their verdicts and descriptors, on what a search may see of a task."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from psynth.core.closing import Closing
from psynth.core.errors import InputError
from psynth.core.stream.records import Archive, Frontier, Library, Program, same_task
from psynth.plugins.cascade import with_cascade
from psynth.plugins.evaluator import Budget, Evaluator, judged

if TYPE_CHECKING:
    from psynth.plugins.domain import Domain
    from psynth.plugins.method import Context

POPULATION = (0.0,)
"""The descriptor of programs in domains without a behavior space: all are in one cell."""


class Judge(Closing):
    """Judges programs of one task; a context manager, since it holds evaluators."""

    def __init__(
        self,
        frontier: Frontier,
        library: Library,
        budget: Budget,
        context: Context,
        *,
        behaves: bool,
        cascade: Sequence[str] = (),
    ) -> None:
        """``cascade``: values of --cascade; ``behaves``: descriptors are those of the domain's behavior space.

        Where they are not, all programs have the same one.
        """
        assert frontier.task is not None
        self._frontier, self._behaves, self._cascade = frontier, behaves, cascade
        self.domain: Domain = context.domain(frontier.task.domain)
        self._whole, self._visible = frontier.task, self.domain.visible(frontier.task)
        self._library, self._budget, self._context = library, budget, context
        self._behavior = self.domain.behavior() if behaves else None
        self._evaluators: dict[str, Evaluator] = {}
        self._stack = contextlib.ExitStack()
        self._canceled = threading.Event()

    def close(self) -> None:
        """Close the evaluators."""
        self._stack.close()

    def alone(self) -> Judge:
        """Another judge of the same task, which judges one program at a time."""
        context = replace(self._context, jobs=1)
        return Judge(self._frontier, self._library, self._budget, context, behaves=self._behaves, cascade=self._cascade)

    def cancel(self) -> None:
        """End, from another thread, the current and all later calls of ``judge`` with ``Canceled``, if they can."""
        self._canceled.set()
        for evaluator in list(self._evaluators.values()):
            evaluator.cancel()

    def judge(self, programs: Sequence[Program]) -> list[Program]:
        """The programs with the verdicts on the visible task and their descriptors; InputError for a bad task."""
        found: dict[int, Program] = {}
        for language in dict.fromkeys(program.language for program in programs):
            places = [place for place, program in enumerate(programs) if program.language == language]
            texts = [programs[place].program for place in places]
            [verdicts] = self._evaluator(language).judge([(self._visible, texts)])
            for place, verdict in zip(places, verdicts, strict=True):
                program = judged(programs[place], verdict)
                descriptor = POPULATION if self._behavior is None else self._behavior.of_verdict(program, verdict)
                found[place] = replace(program, descriptor=descriptor)
        return [found[place] for place in range(len(programs))]

    def with_held_out(self, program: Program) -> Program:
        """The program with its verdict on what the task holds out, which no search sees."""
        if same_task(self._whole, self._visible):
            return program
        [[verdict]] = self._evaluator(program.language).judge([(self._whole, [program.program])])
        return replace(program, held_out=verdict.held_out, held_out_reward=verdict.held_out_reward)

    def _evaluator(self, language: str) -> Evaluator:
        if language not in self._evaluators:
            self.domain.require_language(language)
            evaluator = self.domain.evaluator(
                self._library,
                self._budget,
                language=language,
                engines=self._context.engines,
                jobs=self._context.jobs,
            )
            evaluator = self._stack.enter_context(with_cascade(evaluator, self._cascade))
            self._evaluators[language] = evaluator
            if self._canceled.is_set():
                evaluator.cancel()
        return self._evaluators[language]


def check_behavior(archive: Archive, judge: Judge) -> None:
    """InputError unless the domain describes behavior in as many dimensions as the archive has."""
    behavior = judge.domain.behavior()
    size = 0 if behavior is None else len(behavior.axes)
    if size != len(archive.dimensions):
        raise InputError(
            f"domain {judge.domain.name!r} describes behavior by {size} numbers, and the archive has "
            f"{len(archive.dimensions)} dimensions"
        )
