"""The cem-search methods ``cem`` and ``cebs``: their settings, and which model a frontier is searched with."""

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
from psynth.plugins.search import TaskSearchMethod
from psynth_leaps.extra import require

if TYPE_CHECKING:
    from psynth_leaps.latent_task import LatentSearch, Limits

KIND = "embedding"


@dataclass(frozen=True)
class Latent(TaskSearchMethod):
    """What both methods share: the model."""

    model_kind: ClassVar[str | None] = KIND

    model: Path | None = setting(None, help="the model's folder; if not given, that of the stream's model record")

    @abstractmethod
    def search_with(self, folder: Path, frontier: Frontier, library: Library, context: Context) -> LatentSearch:
        """The search of one frontier's task with the model in ``folder``."""

    def search(self, frontier: Frontier, library: Library, model: Model | None, context: Context) -> LatentSearch:
        """The search of one frontier's task; InputError where there is no embedding of its domain."""
        folder = self.model or (None if model is None else Path(model.path))
        if folder is None:
            assert frontier.task is not None
            domain = frontier.task.domain
            raise InputError(f"no embedding of {domain} in the stream: name its folder with --model")
        return self.search_with(folder, frontier, library, context)

    def limits(self) -> Limits:
        """When a search ends, as it takes it."""
        from psynth_leaps.latent_task import Limits

        return Limits(self.max_evaluations, self.timeout, self.target, self.max_frontier)

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records in order, each frontier with what was found for its task."""
        require(f"psynth cem-search --method {self.name}", "torch", "safetensors")
        import torch

        # Few programs at a time do not repay several threads; searches run side by side instead.
        torch.set_num_threads(1)
        yield from super().run(records, context)


@dataclass(frozen=True)
class Cem(Latent):
    """Move a mean vector to where programs earn most: LEAPS' cross-entropy method in the latent space of a model.

    In each iteration vectors are sampled around the mean one and decoded; the next mean vector comes from those
    that earn most (Trivedi et al., NeurIPS 2021). The best program ever decoded is kept. The paper's settings differ by
    task: examples/leaps.sh has them. Metric records before each frontier tell how the best reward grew; the programs'
    own rewards come from another evaluation, also on what is held out.
    """

    name: ClassVar[str] = "cem"

    population: int = setting(32, minimum=1, unit="vectors", help="vectors sampled in an iteration")
    elite: float = setting(0.1, minimum=0, maximum=1, help="share of them that the next mean vector comes from")
    sigma: float = setting(0.25, minimum=0, help="standard deviation around the mean vector")
    final_sigma: float | None = setting(
        None, minimum=1e-6, help="let it fall exponentially to this; it stays as it is if not given"
    )
    decay_iterations: int = setting(500, minimum=1, unit="iterations", help="how long it falls")
    reduction: str = setting(
        "weighted", choices=("mean", "weighted", "max"), help="the next mean vector: of the elites, by reward or not"
    )
    start: str = setting(
        "normal",
        choices=("zeros", "ones", "normal", "tiny-normal", "large-normal"),
        help="the first mean vector; LEAPS' ones are 0.01, the normal ones have deviation 1, 0.1 and 2",
    )
    elitism: bool = setting(False, help="keep the elites among the next vectors")
    exponential: bool = setting(False, help="weigh elites by the exponential of their reward")
    iterations: int = setting(1000, minimum=1, unit="iterations", help="length of a run")
    converged: int | None = setting(
        None,
        minimum=1,
        unit="iterations",
        help="end a run when the mean vector's last programs earn as much as the best one met, on average",
    )
    restarts: int = setting(0, minimum=0, maximum=LARGEST, unit="runs", help="runs after the first, from other vectors")

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
    """Breed the vectors whose programs earn most: cross-entropy beam search in the latent space of a model.

    Every child stands near one of the elites, so that several hills are climbed at once, and when the elites earn no
    more on average for some iterations the search begins anew (Carvalho et al., ICLR 2024). The best program ever
    decoded is kept. Metric records before each frontier tell how the best reward grew; the programs' own rewards come
    from another evaluation, also on what is held out.
    """

    name: ClassVar[str] = "cebs"

    population: int = setting(64, minimum=1, unit="vectors", help="vectors in an iteration")
    elite: float = setting(0.25, minimum=0, maximum=1, help="share of them that have children")
    sigma: float = setting(0.25, minimum=0, help="standard deviation of a child around its parent")
    patience: int = setting(
        5, minimum=1, unit="iterations", help="begin anew after so many in which the elites' mean did not grow"
    )

    def search_with(self, folder: Path, frontier: Frontier, library: Library, context: Context) -> LatentSearch:
        """The search of one frontier's task with the model in ``folder``."""
        from psynth_leaps.beam import Beam, BeamSearch

        plan = Beam(self.population, max(1, round(self.elite * self.population)), self.sigma, self.patience)
        return BeamSearch(frontier, library, context, self.name, folder, self.limits(), LARGEST, plan)
