"""The untyped domain: a home for imported programs whose primitives' types and meanings nobody knows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from psynth.core.engines.leases import Engines
from psynth.core.errors import UsageError
from psynth.core.stream.records import Library, Task
from psynth.plugins.domain import LAMBDA, Domain, TaskSettings
from psynth.plugins.evaluator import Budget, Evaluator, Job, Outcome, ProgramError, Verdict


class Untyped(Domain):
    """Programs over primitives without types: each has the type ``t0``, which fits everywhere.

    Such programs can be compressed, documented, shown and exported; they cannot be run, since nobody knows what they
    mean.  The library that counts is the one that the import wrote into the stream.
    """

    name = "untyped"
    help = "imported programs whose primitives have no known types"
    primitive_sets: ClassVar[Mapping[str, str]] = {"none": "no primitives: they come with an imported stream"}

    def library(self, primitive_set: str | None = None) -> Library:
        """A library without productions."""
        self.chosen_set(primitive_set)
        return Library(domain=self.name, productions=(), log_variable=0.0)

    def tasks(self, settings: TaskSettings, seed: int) -> Iterator[Task]:
        """Say where untyped programs come from: there are no tasks to generate."""
        raise UsageError("the domain 'untyped' has no tasks of its own: psynth import reads programs into it")

    def evaluator(
        self,
        library: Library,
        budget: Budget,
        *,
        language: str = LAMBDA,
        engines: Engines | None = None,
        jobs: int = 1,
    ) -> Evaluator:
        """An evaluator that answers every program with the reason why it cannot be run."""
        return _Meaningless()


class _Meaningless(Evaluator):
    """Answers for programs that mean nothing here: an error as data, for no record may be lost over it."""

    _WHY = "primitives of the domain 'untyped' have no meaning, so its programs cannot be run"

    def run_all(self, jobs: Sequence[Job]) -> list[list[Outcome] | ProgramError]:
        return [[Outcome("error", message=self._WHY) for _ in job.inputs] for job in jobs]

    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        verdict = Verdict("error", None, 0.0)
        return [[verdict for _ in programs] for _, programs in jobs]
