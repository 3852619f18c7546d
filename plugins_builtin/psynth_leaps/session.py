"""One training run: corpus, network and folder from the settings, and the model's record at the end."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from psynth.core.errors import InputError
from psynth.core.seeds import derive
from psynth.core.stream.records import Library, Model
from psynth.learning.checkpoints import identity_of
from psynth.learning.device import device_of, make_deterministic, trainable
from psynth.learning.log import TensorBoardLog
from psynth.learning.model_folder import ModelFolder
from psynth.learning.session import prepare_folder, warn_if_beyond
from psynth.plugins.method import Context
from psynth_leaps.corpus import Corpus, Skipped, read_corpus
from psynth_leaps.network import Network, Sizes
from psynth_leaps.settings import KIND, MAY_CHANGE, EmbeddingSettings, Widths
from psynth_leaps.trained import FORMAT, Config
from psynth_leaps.training import Training
from psynth_leaps.training_programs import TrainingProgram


class Session:
    """Training of one model with the settings of the method.

    Raises `InputError` if the programs cannot be learned from, `UsageError` if the folder holds another model.
    """

    def __init__(
        self, settings: EmbeddingSettings, library: Library, programs: Sequence[TrainingProgram], context: Context
    ) -> None:
        self._context = context
        self._folder = ModelFolder(settings.destination())
        domain = context.domain(library.domain)
        corpus, skipped = read_corpus(
            domain, library, programs, settings.max_length, demonstrated=settings.demonstrates
        )
        _report_skipped(skipped, context)
        self._settings = settings = dataclasses.replace(settings, losses=_losses(settings, corpus, context))
        sizes = _sizes(settings, corpus)
        self._config = _config(settings, library, corpus, sizes, context.seed)
        # 63 bits of any seed, which is all that generators take.
        seed = derive(context.seed, context.command, domain.name)
        device = device_of(settings.device)
        make_deterministic(device, seed=seed, threads=context.jobs)
        self._training = Training(
            trainable(lambda: Network(sizes), device),
            corpus,
            settings,
            self._folder,
            identity=identity_of(self._config.to_json(), corpus.digest),
            seed=seed,
            device=device,
        )
        prepare_folder(
            self._folder, self._config, self._training.resume, overwrite=settings.overwrite, learned_from="programs"
        )
        warn_if_beyond(self._training.epoch, settings.epochs, "epochs", context.warn)

    @property
    def stopped(self) -> bool:
        """Whether --timeout ended the training before its last epoch."""
        return self._training.stopped

    def epochs(self) -> Iterator[dict[str, float]]:
        """Train, and yield the metrics of each epoch from the first on."""
        training, progress = self._training, self._context.progress
        progress.start(training.schedule.epochs * len(training.learned), "programs")
        before = training.epoch
        progress.advance(before * len(training.learned))
        with TensorBoardLog(self._settings.tensorboard) as log:
            for number, figures in enumerate(training.run(progress.advance), 1):
                if number > before:
                    log.write(number, figures)
                yield figures

    def save(self) -> None:
        """Write a checkpoint for the same command to continue from."""
        self._training.save()

    def record(self) -> Iterator[Model]:
        """The model's record; None until the first epoch is finished, as there are no weights yet."""
        if not self._folder.exists:
            return
        yield Model(
            kind=KIND,
            path=str(self._folder.path),
            sha256=self._folder.digest(),
            domain=self._config.domain,
            config={
                **self._config.settings,
                "request": self._config.request,
                "productions": list(self._config.language.names),
                "epochs": len(self._training.figures),
            },
        )


def _sizes(settings: EmbeddingSettings, corpus: Corpus) -> Sizes:
    widths = {each.name: getattr(settings, each.name) for each in dataclasses.fields(Widths)}
    demonstrator = corpus.demonstrator if settings.imitates else None
    return Sizes(
        **widths,
        productions=len(corpus.language.names),
        actions=None if demonstrator is None else len(demonstrator.actions),
        features=None if demonstrator is None else demonstrator.shape,
    )


def _config(settings: EmbeddingSettings, library: Library, corpus: Corpus, sizes: Sizes, seed: int) -> Config:
    fixed = {name: value for name, value in dataclasses.asdict(settings).items() if name not in MAY_CHANGE}
    return Config(
        format=FORMAT,
        kind=KIND,
        domain=library.domain,
        request=corpus.language.request,
        library=library.to_json(),
        sizes=sizes,
        max_length=settings.max_length,
        settings=fixed | {"seed": seed, "programs": len(corpus)},
    )


def _losses(settings: EmbeddingSettings, corpus: Corpus, context: Context) -> str:
    """The losses to train with; raises `InputError` if the domain does not support the selected ones."""
    if corpus.demonstrator is not None or not settings.demonstrates:
        return settings.losses or "prl"
    if settings.losses is None:
        context.warn("the domain demonstrates no programs: trained to reconstruct them only (--losses p)")
        return "p"
    raise InputError(f"the domain demonstrates no programs, which --losses {settings.losses} needs: use --losses p")


def _report_skipped(skipped: Skipped, context: Context) -> None:
    if skipped.unwritable:
        context.warn(f"skipped {skipped.unwritable} programs that are not in the language: {skipped.reason}")
    if skipped.long:
        context.warn(f"skipped {skipped.long} programs longer than --max-length")
    if skipped.duplicates:
        context.warn(f"skipped {skipped.duplicates} duplicate programs")
