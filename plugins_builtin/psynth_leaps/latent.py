"""The search methods ``cem`` and ``cebs``: their settings, and which model a frontier is searched with."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from psynth.core.errors import InputError
from psynth.core.limits import LARGEST
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Library, Model, Record
from psynth.plugins.method import Context
from psynth.plugins.task_search import TaskSearchMethod
from psynth_leaps.extra import require

if TYPE_CHECKING:
    from psynth_leaps.latent_task import LatentSearch, Limits

KIND = "embedding"


@dataclass(frozen=True)
class Latent(TaskSearchMethod):
    """What both methods share: the model."""

    model_kind: ClassVar[str | None] = KIND

    model: Path | None = setting(
        None, file="read", help="the model's folder (default: that of the stream's model record)"
    )

    @abstractmethod
    def search_with(self, folder: Path, frontier: Frontier, library: Library, context: Context) -> LatentSearch:
        """The search of one frontier's task with the model in ``folder``."""

    def search(self, frontier: Frontier, library: Library, model: Model | None, context: Context) -> LatentSearch:
        """The search of one frontier's task; InputError where there is no embedding of its domain."""
        folder = self.model or (None if model is None else Path(model.path))
        if folder is None:
            assert frontier.task is not None
            domain = frontier.task.domain
            raise InputError(
                f"no embedding of {domain} in the stream: name a model's folder with --model, "
                "or search without a model (psynth search)"
            )
        return self.search_with(folder, frontier, library, context)

    def limits(self) -> Limits:
        """When a search ends, as it takes it."""
        from psynth_leaps.latent_task import Limits

        return Limits(self.max_evaluations, self.timeout, self.target, self.max_frontier)

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records in order, each frontier with what was found for its task."""
        require(f"psynth search --method {self.name}", "torch", "safetensors")
        import torch

        # A few programs at a time do not repay several threads; searches run in parallel instead.
        torch.set_num_threads(1)
        yield from super().run(records, context)


@dataclass(frozen=True)
class Cem(Latent):
    """Move a mean vector toward programs of high reward: LEAPS' cross-entropy method in the latent space of a model.

    In each iteration, vectors are sampled around the mean and decoded; the next mean is computed from the elites, the
    vectors whose programs have the highest rewards (Trivedi et al., NeurIPS 2021). The best programs ever decoded are
    kept. The paper's settings differ by task: examples/leaps.sh has them. Metric records before each frontier give the
    progress of the best reward; the rewards of the programs are from a separate evaluation, also on held-out instances.
    """

    name: ClassVar[str] = "cem"

    population: int = setting(32, minimum=1, unit="vectors", help="vectors sampled in each iteration")
    elite: float = setting(0.1, minimum=0, maximum=1, help="share of the vectors that are elites")
    sigma: float = setting(0.25, minimum=0, help="standard deviation around the mean")
    final_sigma: float | None = setting(
        None, minimum=1e-6, help="decrease --sigma exponentially to this (default: constant)"
    )
    decay_iterations: int = setting(500, minimum=1, unit="iterations", help="iterations until --final-sigma is reached")
    reduction: str = setting(
        "weighted",
        choices=("mean", "weighted", "max"),
        help="next mean: the elites' mean, weighted mean or best",
    )
    start: str = setting(
        "normal",
        choices=("zeros", "ones", "normal", "tiny-normal", "large-normal"),
        help="first mean; ones are 0.01 as in LEAPS, the normal ones have deviation 1, 0.1 and 2",
    )
    elitism: bool = setting(False, help="keep the elites in the next iteration")
    exponential: bool = setting(False, help="weight elites by the exponential of their reward")
    iterations: int = setting(1000, minimum=1, unit="iterations", help="maximum iterations of a run")
    converged: int | None = setting(
        None,
        minimum=1,
        unit="iterations",
        help="end a run when the mean's programs average the best reward over this many iterations",
    )
    restarts: int = setting(0, minimum=0, maximum=LARGEST, unit="runs", help="further runs, from other vectors")

    def search_with(self, folder: Path, frontier: Frontier, library: Library, context: Context) -> LatentSearch:
        """The search of one frontier's task with the model in ``folder``."""
        from psynth_leaps.cross_entropy import CrossEntropy, CrossEntropySearch

        plan = CrossEntropy(
            population=self.population,
            elites=max(1, round(self.elite * self.population)),
            sigma=self.sigma,
            final_sigma=self.final_sigma,
            decay_iterations=self.decay_iterations,
            reduction=self.reduction,
            start=self.start,
            elitism=self.elitism,
            exponential=self.exponential,
            iterations=self.iterations,
            converged=self.converged,
        )
        return CrossEntropySearch(frontier, library, context, self.name, folder, self.limits(), self.restarts, plan)


@dataclass(frozen=True)
class Cebs(Latent):
    """Sample around the vectors of highest reward: cross-entropy beam search in the latent space of a model.

    Each new vector is near one of the elites, so that several hills are climbed at once; the search restarts when the
    elites' mean reward has not increased for --patience iterations (Carvalho et al., ICLR 2024). The best programs ever
    decoded are kept. Metric records before each frontier give the progress of the best reward; the rewards of the
    programs are from a separate evaluation, also on held-out instances.
    """

    name: ClassVar[str] = "cebs"

    population: int = setting(64, minimum=1, unit="vectors", help="vectors in each iteration")
    elite: float = setting(0.25, minimum=0, maximum=1, help="share of the vectors that are elites")
    sigma: float = setting(0.25, minimum=0, help="standard deviation around an elite")
    patience: int = setting(
        5, minimum=1, unit="iterations", help="restart after this many without a better mean of the elites"
    )

    def search_with(self, folder: Path, frontier: Frontier, library: Library, context: Context) -> LatentSearch:
        """The search of one frontier's task with the model in ``folder``."""
        from psynth_leaps.beam import Beam, BeamSearch

        plan = Beam(self.population, max(1, round(self.elite * self.population)), self.sigma, self.patience)
        return BeamSearch(frontier, library, context, self.name, folder, self.limits(), LARGEST, plan)
