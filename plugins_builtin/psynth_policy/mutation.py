"""The mutate method ``policy``: changes that a policy trained with --parent makes to programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from psynth.core.errors import InputError
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Origin, Record
from psynth.core.stream.scope import Scope, scoped
from psynth.core.wording import counted
from psynth.learning.extras import require
from psynth.plugins.evaluator import Budget, Evaluator
from psynth.plugins.method import Context
from psynth.plugins.variation import Known, Parent, Variation, Work, seeds_of
from psynth_policy.sampling import Draws, kept
from psynth_policy.settings import KIND

if TYPE_CHECKING:
    from psynth.core.stream.records import Library
    from psynth.plugins.visible_task import VisibleTask
    from psynth_policy.trained import Policies, Policy

ROUNDS = 4
"""Times that programs are drawn, if some of the mutants are the parent or, with --distinct, duplicates."""


@dataclass(frozen=True)
class MutatePolicy(Draws, Variation):
    """Draw changed programs from a policy that was trained with --parent: p(program | task, parent, its outputs).

    The model reads the task, the program and what that returns on the task's examples, and writes another program of
    the task's type; one that equals its parent is drawn again. Programs without a task have no mutants. Without their
    outputs in the stream, programs are run. --constrain and the other options of drawing are those of sample.

        psynth train --method policy --parent --model editor pairs.jsonl -o model.jsonl
        psynth evaluate programs.jsonl | psynth mutate --method policy --model editor --count 8
    """

    resumable = True
    parallel = "threads"
    by: ClassVar[str] = "policy"

    model: Path | None = setting(
        None, file="read", value="DIR", main=True, help="the model's folder (default: that of the stream's record)"
    )
    device: str = setting("cpu", choices=("auto", "cpu", "cuda"), help="device to draw on")

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records in order, each frontier with the mutants of its programs."""
        require("--method policy", "torch", "safetensors", "transformers")
        import torch

        torch.set_num_threads(1)
        refused = self._refused
        try:
            yield from super().run(records, context)
        finally:
            if refused:
                told = ", ".join(f"{count:,} by {rung}" for rung, count in sorted(refused.items()))
                context.warn(f"{counted(refused.total(), 'sample')} dropped: {told}")
            refused.clear()

    def varied(self, records: Iterator[Record], context: Context) -> Iterator[Record | Work[Any]]:
        """Yield the records in order, with ``Work`` in place of each frontier that has programs."""
        for record, scope in scoped(records, context.library_for):
            if isinstance(record, Frontier) and record.programs:
                yield self._work(record, scope, context)
            else:
                yield record

    @cached_property
    def _policies(self) -> Policies:
        from psynth_policy.trained import Policies

        return Policies(self.model, self.device)

    @cached_property
    def _refused(self) -> Counter[str]:
        return Counter()

    def _work(self, frontier: Frontier, scope: Scope, context: Context) -> Work[Parent]:
        parents = [
            Parent(program, seed) for program, seed in zip(frontier.programs, seeds_of(frontier, context), strict=True)
        ]
        work = Work(frontier, parents)
        if frontier.task is None:
            for parent in parents:
                parent.none = "without a task there is nothing to change a program for"
            return work
        try:
            library = scope.library(frontier)
            domain = context.domain(library.domain)
            policy = self._policies.of(domain, scope.model(KIND, domain.name), context.warn)
            if not policy.config.parent:
                raise InputError(
                    "the model was trained without --parent, and writes programs from the task alone: "
                    "use psynth sample, or train one with --parent"
                )
            notation = policy.notation(library)
            with domain.evaluator(
                library, Budget(), language=notation.language, engines=context.engines, jobs=context.jobs
            ) as evaluator:
                known = self.known([work])
                for parent in parents:
                    self._mutate(parent, domain.visible(frontier.task), library, policy, evaluator, known[id(parent)])
        except InputError as error:
            if error.source is not None:
                raise
            work.wrong = frontier.error(error.message)
        return work

    def _mutate(
        self,
        parent: Parent,
        task: VisibleTask,
        library: Library,
        policy: Policy,
        evaluator: Evaluator,
        known: Known,
    ) -> None:
        from psynth.core.seeds import stable_hash
        from psynth_policy.corpus import outputs_of

        program = parent.program
        if program.language != policy.notation(library).language:
            parent.none = f"the model changes no programs in {program.language}"
            return
        outputs = program.outputs
        if outputs is None or len(outputs) != len(task.examples):
            outputs = outputs_of(evaluator, task, program.program)
        read = policy.parent(program.program, task, library, outputs)
        if read is None:
            parent.wrong = "it is not of the task's type, or has words that the model has not learned"
            return
        origin = Origin(by=self.by, from_=(program.program,))
        for attempt in range(ROUNDS):
            if len(parent.mutants) >= self.count:
                return
            missing = self.count - len(parent.mutants)
            seed = stable_hash(parent.seed, "policy", attempt) >> 1
            drawn = policy.draw(task, library, missing, self.draws, seed, read)
            for mutant in kept(drawn, origin, Counter(), self._refused):
                if mutant.program != program.program and self.takes(parent, mutant.program, known):
                    parent.mutants.append(mutant)
        if not parent.mutants:
            parent.none = "every program drawn is the parent, a duplicate, or no program"
