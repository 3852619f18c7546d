"""One training run: corpus, network and folder from the settings, and the model's record at the end."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from psynth.core.errors import InputError
from psynth.core.languages import grammar_of
from psynth.core.seeds import derive
from psynth.core.stream.records import Frontier, Library, Model
from psynth.core.wording import counted
from psynth.learning.checkpoints import identity_of
from psynth.learning.device import device_of, make_deterministic, trainable
from psynth.learning.log import TensorBoardLog
from psynth.learning.model_folder import ModelFolder
from psynth.learning.session import prepare_folder, warn_if_beyond
from psynth.plugins.abstraction import language_digest
from psynth.plugins.method import Context
from psynth_recognition.corpus import Corpus, read_corpus
from psynth_recognition.encoders import Sizes
from psynth_recognition.network import Network
from psynth_recognition.perceiving import perceiver_of
from psynth_recognition.settings import KIND, MAY_CHANGE, RecognitionSettings
from psynth_recognition.trained import FORMAT, Config, sizes_of
from psynth_recognition.training import Training


class Session:
    """Training of one model with the settings of the method.

    Raises `InputError` if the tasks cannot be learned from, `UsageError` if the folder holds another model.
    """

    def __init__(
        self, settings: RecognitionSettings, library: Library, frontiers: Sequence[Frontier], context: Context
    ) -> None:
        self._settings, self._context = settings, context
        self._folder = ModelFolder(settings.destination())
        contextual = settings.grammar == "bigram"
        if library.contextual is not None and not contextual:
            raise InputError(f"the library of {library.domain} has weights by context: use --grammar bigram")
        domain = context.domain(library.domain)
        perceiver = perceiver_of(domain, settings)
        corpus = read_corpus(
            domain, library, frontiers, perceiver, contextual=contextual, max_programs=settings.max_programs
        )
        sizes = sizes_of(perceiver, grammar_of(library), hidden=settings.hidden, contextual=contextual)
        self._config = _config(settings, library, corpus, sizes, context.seed)
        # 63 bits of any seed, which is all that generators take.
        seed = derive(context.seed, context.command, domain.name)
        device = device_of(settings.device)
        make_deterministic(device, seed=seed, threads=context.jobs)
        self._training = Training(
            trainable(lambda: Network(sizes), device),
            corpus,
            perceiver,
            settings,
            self._folder,
            identity=identity_of(self._config.to_json(), corpus.digest),
            seed=seed,
            device=device,
        )
        self._report_data(corpus)
        prepare_folder(
            self._folder, self._config, self._training.resume, overwrite=settings.overwrite, learned_from="tasks"
        )
        warn_if_beyond(self._training.step, settings.steps, "steps", context.warn)

    @property
    def stopped(self) -> bool:
        """Whether --timeout ended the training before its last step."""
        return self._training.stopped

    def reports(self) -> Iterator[tuple[int, dict[str, float]]]:
        """Train, and yield the metrics of each report, with its step, from the first on."""
        training, progress = self._training, self._context.progress
        progress.start(training.schedule.steps, "steps")
        before = training.step
        progress.advance(before)
        with TensorBoardLog(self._settings.tensorboard) as log:
            for step, figures in training.run(progress.advance):
                if step > before:
                    log.write(step, figures)
                yield step, figures

    def save(self) -> None:
        """Write a checkpoint for the same command to continue from."""
        self._training.save()

    def record(self) -> Iterator[Model]:
        """The model's record; None until the first report, as there are no weights yet."""
        if not self._folder.exists:
            return
        config: dict[str, Any] = {
            **self._config.settings,
            "encoder": self._config.sizes.encoder,
            "library_sha256": self._config.library_sha256,
            "steps": self._training.step,
        }
        yield Model(
            kind=KIND,
            path=str(self._folder.path),
            sha256=self._folder.digest(),
            domain=self._config.domain,
            config=config,
        )

    def _report_data(self, corpus: Corpus) -> None:
        warn, dreams = self._context.warn, sum(task.is_dream for task in corpus.tasks)
        if corpus.unreadable:
            warn(f"skipped {counted(corpus.unreadable, 'program')} that the library does not generate")
        if corpus.unseen:
            told = f"skipped {counted(corpus.unseen, 'task')} without examples"
            warn(f"{told}, of which the network would see nothing useful")
        if dreams == len(corpus.tasks) and self._settings.dreams < 1:
            warn("the stream has no replayed tasks: all steps are of dreams (psynth enumerate solves tasks)")
        if not dreams and self._settings.dreams > 0:
            warn("the stream has no dreams: all steps are of replayed tasks (psynth relabel makes dreams)")


def _config(settings: RecognitionSettings, library: Library, corpus: Corpus, sizes: Sizes, seed: int) -> Config:
    fixed = {name: value for name, value in dataclasses.asdict(settings).items() if name not in MAY_CHANGE}
    dreams = sum(task.is_dream for task in corpus.tasks)
    return Config(
        format=FORMAT,
        kind=KIND,
        domain=library.domain,
        library_sha256=language_digest(library),
        sizes=sizes,
        examples=settings.examples,
        max_tokens=settings.max_tokens,
        settings=fixed | {"seed": seed, "replayed_tasks": len(corpus.tasks) - dreams, "dreamed_tasks": dreams},
    )
