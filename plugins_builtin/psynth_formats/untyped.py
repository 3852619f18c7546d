"""The domain ``untyped``: imported programs whose primitives have no known types or meaning."""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from psynth.core.engines.leases import Engines
from psynth.core.errors import UsageError
from psynth.core.stream.records import Library, Task
from psynth.plugins.domain import LAMBDA, Domain, TaskSettings
from psynth.plugins.evaluator import Budget, Evaluator, Job, Outcome, ProgramError, Verdict


class Untyped(Domain):
    """Programs over primitives without types: each has type ``t0``, which unifies with any type.

    Such programs can be compressed, documented, displayed and exported, but not run, since their primitives have no
    known meaning. Their library is the one that the import wrote into the stream.
    """

    name = "untyped"
    help = "imported programs whose primitives have no known types"
    primitive_sets: ClassVar[Mapping[str, str]] = {"none": "no primitives: they come with an imported stream"}

    def library(self, primitive_set: str | None = None) -> Library:
        """A library without productions."""
        self.chosen_set(primitive_set)
        return Library(domain=self.name, productions=(), log_variable=0.0)

    def tasks(self, settings: TaskSettings, seed: int) -> Iterator[Task]:
        """No tasks: UsageError explains where untyped programs come from."""
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
        """An evaluator that rejects every program with the reason."""
        return _RejectingEvaluator()


class _RejectingEvaluator(Evaluator):
    """Gives every program the status error, so that no record is lost."""

    _WHY = "primitives of the domain 'untyped' have no meaning, so its programs cannot be run"

    def run_all(self, jobs: Sequence[Job]) -> list[list[Outcome] | ProgramError]:
        return [[Outcome("error", message=self._WHY) for _ in job.inputs] for job in jobs]

    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        verdict = Verdict("error", None, 0.0)
        return [[verdict for _ in programs] for _, programs in jobs]
