"""One run of training: the corpus, the folder, the figures on their way to TensorBoard, and the record at the end."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from psynth.core.errors import InputError, UsageError
from psynth.core.seeds import derive
from psynth.core.stream.records import Library, Model, encode
from psynth.plugins.method import Context
from psynth_leaps.corpus import Corpus, Drawn, Skipped, read_corpus
from psynth_leaps.extra import require
from psynth_leaps.folder import WEIGHTS, Config, digest, write_config
from psynth_leaps.network import Network, Sizes
from psynth_leaps.objectives import Weights
from psynth_leaps.training import Schedule, Training

if TYPE_CHECKING:
    from psynth_leaps.embedding import Embedding

UNSAID = ("model", "epochs", "max_time", "checkpoint", "tensorboard", "overwrite", "device")
"""Settings that may change when training goes on."""


def device_of(name: str) -> torch.device:
    """The device that a setting names; UsageError if there is none such."""
    if name == "cuda" and not torch.cuda.is_available():
        raise UsageError("--device cuda: PyTorch finds no such device here")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


class Session:
    """Training of one model with the settings of the method."""

    def __init__(self, settings: Embedding, library: Library, drawn: Sequence[Drawn], context: Context) -> None:
        assert settings.model is not None
        self._settings, self._context, self._folder = settings, context, settings.model
        torch.set_num_threads(context.jobs)
        domain = context.domain(library.domain)
        corpus, skipped = read_corpus(domain, library, drawn, settings.max_length, demonstrated=settings.losses != "p")
        _tell(skipped, context)
        losses = _losses(settings, corpus, context)
        sizes = Sizes(
            productions=len(corpus.language.names),
            latent=settings.latent,
            hidden=settings.hidden,
            executor=settings.executor,
            filters=settings.filters,
            actions=len(corpus.demonstrator.actions) if corpus.demonstrator and "l" in losses else None,
            features=corpus.demonstrator.shape if corpus.demonstrator and "l" in losses else None,
        )
        said = {name: value for name, value in dataclasses.asdict(settings).items() if name not in UNSAID}
        said |= {"losses": losses, "seed": context.seed, "programs": len(corpus)}
        self._config = Config(
            domain.name,
            corpus.language.request,
            dataclasses.replace(library).to_json(),
            sizes,
            settings.max_length,
            said,
        )
        self._identity = hashlib.sha256(encode([self._config.to_json(), corpus.digest])).hexdigest()
        # 63 bits of any seed, which is all that generators take.
        seed = derive(context.seed, context.command, domain.name)
        torch.manual_seed(seed)
        device = device_of(settings.device)
        self._training = Training(Network(sizes), corpus, _schedule(settings, losses), self._folder, seed, device)
        self._prepare_folder()

    def _prepare_folder(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"--model {self._folder}: {error.strerror}") from error
        known = False if self._settings.overwrite else self._training.resume(self._identity)
        if known is None or (not known and not self._settings.overwrite and (self._folder / WEIGHTS).exists()):
            raise UsageError(
                f"--model {self._folder}: there is a model of other programs or settings; --overwrite begins anew"
            )
        write_config(self._folder, self._config)

    @property
    def stopped(self) -> bool:
        """Whether --max-time ended the training before its last epoch."""
        return self._training.stopped

    def epochs(self) -> Iterator[dict[str, float]]:
        """Train; yields the figures of each epoch, from the first on."""
        training, progress = self._training, self._context.progress
        progress.start(training.schedule.epochs * len(training.learned), "programs")
        before = training.epoch
        progress.advance(before * len(training.learned))
        with _Log(self._settings.tensorboard) as log:
            for number, figures in enumerate(training.run(self._identity, progress.advance), 1):
                if number > before:
                    log.write(number, figures)
                yield figures

    def save(self) -> None:
        """Write a checkpoint to go on from."""
        self._training.save(self._identity)

    def record(self) -> Model | None:
        """The model's record; None if no epoch was finished, so that there are no weights yet."""
        if not (self._folder / WEIGHTS).exists():
            return None
        return Model(
            kind="embedding",
            path=str(self._folder),
            sha256=digest(self._folder),
            domain=self._config.domain,
            config={
                **self._config.settings,
                "request": self._config.request,
                "productions": list(self._config.language.names),
                "epochs": len(self._training.figures),
            },
        )


def _schedule(settings: Embedding, losses: str) -> Schedule:
    return Schedule(
        losses=losses,
        epochs=settings.epochs,
        batch=settings.batch,
        rate=settings.rate,
        decay=settings.decay,
        decay_every=settings.decay_every,
        clip=settings.clip,
        demonstrations=settings.demonstrations,
        most_actions=settings.most_actions,
        max_length=settings.max_length,
        weights=Weights(settings.beta, settings.executor_weight, settings.reinforce_weight, settings.entropy),
        reinforce_from=settings.reinforce_from,
        reinforce_every=settings.reinforce_every,
        validation=settings.validation,
        half=settings.precision == "bfloat16",
        max_time=settings.max_time,
        checkpoint=settings.checkpoint,
    )


def _losses(settings: Embedding, corpus: Corpus, context: Context) -> str:
    if corpus.demonstrator is not None or settings.losses == "p":
        return settings.losses or "prl"
    if settings.losses is None:
        context.warn("the domain demonstrates no programs: trained to reconstruct them only (--losses p)")
        return "p"
    raise InputError(f"the domain demonstrates no programs, which --losses {settings.losses} needs: use --losses p")


def _tell(skipped: Skipped, context: Context) -> None:
    if skipped.unwritable:
        context.warn(f"{skipped.unwritable} programs left out that are not of the language: {skipped.reason}")
    if skipped.long:
        context.warn(f"{skipped.long} programs left out that are longer than --max-length")
    if skipped.doubles:
        context.warn(f"{skipped.doubles} programs left out that are the same as others")


class _Log:
    """TensorBoard's log of an epoch's figures; nothing without a folder."""

    def __init__(self, folder: Path | None) -> None:
        self._writer: Any = None
        if folder is not None:
            require("--tensorboard", "tensorboard")
            from torch.utils.tensorboard import SummaryWriter

            self._writer = SummaryWriter(str(folder))  # type: ignore[no-untyped-call]

    def __enter__(self) -> _Log:
        return self

    def __exit__(self, *why: object) -> None:
        if self._writer is not None:
            self._writer.close()

    def write(self, epoch: int, figures: dict[str, float]) -> None:
        if self._writer is not None:
            for name, value in figures.items():
                split, _, what = name.partition("_")
                self._writer.add_scalar(f"{split}/{what}", value, epoch)
            self._writer.flush()
