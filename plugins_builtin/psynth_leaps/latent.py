"""The search methods ``cem`` and ``cebs``: their settings, and the model for each frontier."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from psynth.core.errors import InputError
from psynth.core.limits import LARGEST
from psynth.core.settings import setting
from psynth.core.stream.records import Record
from psynth.learning.extras import require
from psynth.learning.model_folder import ModelFolder
from psynth.plugins.method import Context
from psynth.plugins.search import Problem
from psynth.plugins.task_search import TaskSearchMethod
from psynth_leaps.plans import Beam, CrossEntropy
from psynth_leaps.settings import KIND

if TYPE_CHECKING:
    from psynth_leaps.latent_task import LatentSearch, Limits

SHIPPED = Path(__file__).parent / "models"
"""The folder of each domain whose embedding comes with psynth; its README says which command made it."""


@dataclass(frozen=True)
class Latent(TaskSearchMethod):
    """The base of both methods: the model."""

    model_kind: ClassVar[str | None] = KIND

    model: Path | None = setting(
        None,
        file="read",
        value="DIR",
        main=True,
        help="the model's folder (default: that of the stream's model record, else the one that comes with psynth)",
    )

    @abstractmethod
    def search_with(self, folder: ModelFolder, problem: Problem) -> LatentSearch:
        """The search of one problem with the model in ``folder``."""

    def search(self, problem: Problem) -> LatentSearch:
        """The search of one problem; raises `InputError` if its domain's embedding is missing or stale."""
        if self.model is not None:
            folder = ModelFolder(self.model)
        elif problem.model is not None:
            folder = ModelFolder.open(problem.model, problem.warn)
        else:
            folder = shipped(problem.domain.name)
            problem.warn(f"no model is named: searching with the embedding of {problem.domain.name} that psynth ships")
        return self.search_with(folder, problem)

    def limits(self) -> Limits:
        """The settings that end a search."""
        from psynth_leaps.latent_task import Limits

        return Limits(self.max_evaluations, self.timeout, self.target, self.max_frontier)

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records in order, each frontier with the programs found for its task."""
        require(f"--method {self.name}", "torch", "safetensors")
        import torch

        # Several threads do not pay for a few programs at a time; searches run in parallel instead.
        torch.set_num_threads(1)
        yield from super().run(records, replace(context, warn=once(context.warn)))


def shipped(domain: str) -> ModelFolder:
    """The embedding of a domain that comes with psynth; InputError if there is none."""
    folder = ModelFolder(SHIPPED / domain)
    if not folder.exists:
        raise InputError(
            f"no embedding of {domain} in the stream: name a model's folder with --model, "
            "or search without a model (psynth search)"
        )
    return folder


def once(warn: Callable[[str], None]) -> Callable[[str], None]:
    """``warn`` without repetitions: a model is opened for every frontier."""
    said: set[str] = set()

    def warn_once(message: str) -> None:
        if message not in said:
            said.add(message)
            warn(message)

    return warn_once


@dataclass(frozen=True)
class Cem(CrossEntropy, Latent):
    """Move a mean vector toward programs of high reward: LEAPS' cross-entropy method in the latent space of a model.

    In each iteration, vectors are sampled around the mean and decoded; the next mean is computed from the elites, the
    vectors whose programs have the highest rewards (Trivedi et al., NeurIPS 2021). The best programs ever decoded are
    kept. The paper's settings differ by task: examples/leaps.sh has them. Metric records before each frontier give the
    progress of the best reward; the rewards of the programs are from a separate evaluation, also on held-out instances.
    """

    name: ClassVar[str] = "cem"

    restarts: int = setting(0, minimum=0, maximum=LARGEST, unit="runs", help="further runs, from other vectors")

    def search_with(self, folder: ModelFolder, problem: Problem) -> LatentSearch:
        """The search of one problem with the model in ``folder``."""
        from psynth_leaps.cross_entropy import CrossEntropySearch

        return CrossEntropySearch(problem, folder, self.limits(), self.restarts, self)


@dataclass(frozen=True)
class Cebs(Beam, Latent):
    """Sample around the vectors of highest reward: cross-entropy beam search in the latent space of a model.

    Each new vector is near one of the elites, so that the search follows several optima at once; it restarts when the
    elites' mean reward has not increased for --patience iterations (Carvalho et al., ICLR 2024). The best programs ever
    decoded are kept. Metric records before each frontier give the progress of the best reward; the rewards of the
    programs are from a separate evaluation, also on held-out instances.
    """

    name: ClassVar[str] = "cebs"

    def search_with(self, folder: ModelFolder, problem: Problem) -> LatentSearch:
        """The search of one problem with the model in ``folder``."""
        from psynth_leaps.beam import BeamSearch

        return BeamSearch(problem, folder, self.limits(), LARGEST, self)
