"""One training run: corpus, vocabulary, network and folder from the settings, and the model's record at the end."""

from __future__ import annotations

import dataclasses
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import torch

from psynth.core.errors import InputError, UsageError
from psynth.core.seeds import derive
from psynth.core.stream.records import Frontier, Library, Model
from psynth.learning.checkpoints import CHECKPOINT, identity_of
from psynth.learning.device import device_of, make_deterministic, trainable
from psynth.learning.log import TensorBoardLog
from psynth.learning.model_folder import ModelFolder
from psynth.learning.session import prepare_folder
from psynth.learning.tensors import read_note, read_tensors
from psynth.plugins.domain import Domain
from psynth.plugins.method import Context
from psynth_policy.corpus import Corpus, read_corpus, read_frontiers, words_in
from psynth_policy.network import Network, grow, grown_moments, pretrained, scratch_config
from psynth_policy.notation import Notation, notation_of
from psynth_policy.reading import Reader
from psynth_policy.settings import FINE_TUNED, FROM_SCRATCH, KIND, MAY_CHANGE, PolicySettings
from psynth_policy.trained import FORMAT, TOKENIZER, Config, read_config, tokenizer_digest, vocabulary_of
from psynth_policy.training import Training
from psynth_policy.vocabulary import Vocabulary

LIKE_BEFORE = ("domain", "language", "show", "parent")
"""What of a model a run that goes on with it may not change."""


@dataclasses.dataclass
class _Begun:
    """A model before its training: vocabulary, network, and the optimizer's state by weight."""

    vocabulary: Vocabulary
    config: dict[str, Any]
    network: Network
    moments: dict[str, Any] = dataclasses.field(default_factory=dict)
    steps: int = 0
    tuned: bool = False
    """Whether it began as a pretrained model."""


class Session:
    """Training of one model with the settings of the method.

    Raises `InputError` if the tasks cannot be learned from, `UsageError` if the folder holds another model.
    """

    def __init__(
        self,
        settings: PolicySettings,
        language: str,
        library: Library,
        frontiers: Sequence[Frontier],
        context: Context,
    ) -> None:
        self._settings, self._context = settings, context
        self._folder = ModelFolder(settings.destination())
        domain = context.domain(library.domain)
        skipped: Counter[str] = Counter()
        notation = notation_of(domain, library, language)
        raws = read_frontiers(domain, notation, frontiers, settings, skipped)
        if not raws:
            why = ", ".join(f"{count} {what}" for what, count in skipped.items())
            raise InputError(f"none of the programs can be learned from: skipped {why}")
        task_words, program_words = words_in(raws, domain, settings)
        # 63 bits of any seed, which is all that generators take.
        seed = derive(context.seed, context.command, domain.name)
        device = device_of(settings.device)
        make_deterministic(device, seed=seed, threads=context.jobs)
        begun = self._begin(domain, language, notation, task_words, program_words, device)
        reader = Reader(domain.words(), begun.vocabulary, settings.show, settings.examples, settings.max_input)
        corpus = read_corpus(raws, domain, library, notation, reader, settings, skipped, context.jobs)
        self._keep_tokenizer(begun.vocabulary)
        self._config = self._config_of(library, language, corpus, begun)
        network = begun.network.to(device)
        rate = settings.rate if settings.rate is not None else FINE_TUNED if begun.tuned else FROM_SCRATCH
        optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=settings.decay)
        _restore(optimizer, network, begun.moments)
        self._training = Training(
            network,
            optimizer,
            corpus,
            reader,
            settings,
            self._folder,
            rate=rate,
            before=begun.steps,
            identity=self._identity(corpus),
            seed=seed,
            device=device,
        )
        for what, count in skipped.items():
            context.warn(f"skipped {count:,} {what}")
        self._prepare()

    @property
    def stopped(self) -> bool:
        """Whether --timeout ended the training before its last step."""
        return self._training.stopped

    def reports(self) -> Iterator[tuple[int, dict[str, float]]]:
        """Train, and yield the metrics of each report, with its step, from the first on."""
        training, progress = self._training, self._context.progress
        progress.start(training.steps, "steps")
        done = len(training.reported)
        progress.advance(training.step)
        with TensorBoardLog(self._settings.tensorboard) as log:
            for number, (step, figures) in enumerate(training.run(progress.advance)):
                if number >= done:
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
            "language": self._config.language,
            "parameters": sum(each.numel() for each in self._training.network.parameters()),
            "steps": self._training.before + self._training.step,
        }
        yield Model(
            kind=KIND,
            path=str(self._folder.path),
            sha256=self._folder.digest(),
            domain=self._config.domain,
            config=config,
        )

    # --- how a model begins -----------------------------------------------------------------------------------------

    def _begin(
        self,
        domain: Domain,
        language: str,
        notation: Notation,
        task_words: Sequence[str],
        program_words: Sequence[str],
        device: torch.device,
    ) -> _Begun:
        settings = self._settings
        standard = notation.standard_words()
        known = [*standard, *(word for word in program_words if word not in set(standard))]
        tasks = [*domain.words().known, *task_words]
        if settings.start is not None:
            if settings.base is not None:
                raise UsageError("--from goes on with a model, --base begins one: give one of them")
            return self._go_on(ModelFolder(settings.start), domain, language, tasks, known, device)
        if settings.base is not None:
            return self._fine_tune(settings.base, known)
        vocabulary = Vocabulary.new(tasks, known)
        sizes = settings.sizes
        config = scratch_config(
            len(vocabulary),
            hidden=sizes.hidden,
            layers=sizes.layers,
            heads=sizes.heads,
            dropout=settings.dropout,
            pad=vocabulary.pad,
            end=vocabulary.end,
        )
        return _Begun(vocabulary, config, trainable(lambda: Network(config), device))

    def _fine_tune(self, base: str, program_words: Sequence[str]) -> _Begun:
        """A pretrained model with a row for each word of programs: the mean of those of its pieces."""
        model, tokenizer, config = pretrained(base)
        rows = model.get_input_embeddings().weight.shape[0]
        vocabulary = Vocabulary.added(tokenizer, rows, program_words)
        config |= {
            "vocab_size": len(vocabulary),
            "dropout_rate": self._settings.dropout,
            "pad_token_id": vocabulary.pad,
            "eos_token_id": vocabulary.end,
            "decoder_start_token_id": vocabulary.pad,
        }
        network = Network(config)
        pieces = {}
        for word, number in zip(vocabulary.program_words, vocabulary.program_numbers, strict=True):
            parts = vocabulary.text(word)
            if parts:
                pieces[number] = parts
        model.tie_weights()
        old = {f"t5.{name}": each.detach().float() for name, each in model.named_parameters()}
        grow(old, network, pieces)
        return _Begun(vocabulary, config, network, tuned=True)

    def _go_on(
        self,
        folder: ModelFolder,
        domain: Domain,
        language: str,
        task_words: Sequence[str],
        program_words: Sequence[str],
        device: torch.device,
    ) -> _Begun:
        """A policy as its last run left it, with a row for each further word."""
        config = read_config(folder)
        settings = self._settings
        now = {"domain": domain.name, "language": language, "show": settings.show, "parent": settings.parent}
        for name in LIKE_BEFORE:
            if getattr(config, name) != now[name]:
                raise UsageError(
                    f"--from {folder.path}: a model with {name} {getattr(config, name)!r}, not {now[name]!r}"
                )
        before = vocabulary_of(folder, config)
        vocabulary = before.grown(task_words, program_words)
        grown = config.network | {"vocab_size": max(config.network["vocab_size"], len(vocabulary))}
        grown["dropout_rate"] = settings.dropout
        network = trainable(lambda: Network(grown), device)
        tuned = bool(config.settings.get("base"))
        path = folder.path / CHECKPOINT
        if not path.exists():
            self._context.warn(f"--from {folder.path}: there is no state of its optimizer, which starts anew")
            old = folder.load(lambda: Network(config.network), torch.device("cpu"))
            grow(dict(old.named_parameters()), network)
            return _Begun(vocabulary, grown, network, tuned=tuned)
        saved = read_tensors(path)
        progress = read_note(path).get("progress", {})
        try:
            weights = {
                name.removeprefix("network."): each for name, each in saved.items() if name.startswith("network.")
            }
            grow(weights, network)
            steps = int(progress["before"]) + int(progress["step"])
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise InputError(f"damaged: {error}", source=str(path)) from error
        moments = {name: each for name, each in saved.items() if name.startswith("optimizer.")}
        return _Begun(vocabulary, grown, network, moments, steps, tuned)

    # --- the folder -------------------------------------------------------------------------------------------------

    def _keep_tokenizer(self, vocabulary: Vocabulary) -> None:
        if vocabulary.tokenizer is None:
            return
        self._folder.create()
        path = self._folder.path / TOKENIZER
        fresh = self._folder.path / f"{TOKENIZER}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        vocabulary.tokenizer.save_pretrained(str(fresh))
        if path.exists() and tokenizer_digest(path) == tokenizer_digest(fresh):
            shutil.rmtree(fresh)
            return
        shutil.rmtree(path, ignore_errors=True)
        fresh.rename(path)

    @property
    def _goes_on_in_place(self) -> bool:
        start = self._settings.start
        return start is not None and start.resolve() == self._folder.path.resolve()

    def _identity(self, corpus: Corpus) -> str:
        """What identifies the run: its model and data, and the model that it goes on from unless that is replaced."""
        start = None
        if self._settings.start is not None and not self._goes_on_in_place:
            start = ModelFolder(self._settings.start).digest()
        return identity_of(self._config.to_json(), corpus.digest, start)

    def _prepare(self) -> None:
        """Continue the run of the folder, or start one in it."""
        path = self._folder.path / CHECKPOINT
        if self._goes_on_in_place and path.exists() and read_note(path).get("identity") != self._training.identity:
            # This run replaces the one before, which is its beginning.
            self._training.save()
            self._folder.write_weights(dict(self._training.network.named_parameters()), {"step": self._training.before})
        prepare_folder(
            self._folder,
            self._config,
            self._training.resume,
            overwrite=self._settings.overwrite and not self._goes_on_in_place,
            learned_from="tasks",
        )
        if self._training.step >= self._training.steps:
            self._context.warn("the model has learned from these tasks already: it is left as it is")

    def _config_of(self, library: Library, language: str, corpus: Corpus, begun: _Begun) -> Config:
        settings = self._settings
        fixed = {
            name: value for name, value in dataclasses.asdict(settings).items() if name not in (*MAY_CHANGE, "language")
        }
        tokenizer = None
        if begun.vocabulary.tokenizer is not None:
            tokenizer = tokenizer_digest(self._folder.path / TOKENIZER)
        told = fixed | {"seed": self._context.seed, "tasks": len(corpus.tasks), "programs": len(corpus.lessons)}
        return Config(
            format=FORMAT,
            kind=KIND,
            domain=library.domain,
            language=language,
            library=library.to_json(),
            entries=begun.vocabulary.entries,
            first=begun.vocabulary.first,
            tokenizer_sha256=tokenizer,
            network=begun.config,
            show=settings.show,
            parent=settings.parent,
            examples=settings.examples,
            max_input=settings.max_input,
            max_words=settings.max_words,
            requests=list(corpus.requests),
            settings=told,
        )


def _restore(optimizer: torch.optim.Optimizer, network: Network, moments: dict[str, Any]) -> None:
    """Give an optimizer the state of an earlier run."""
    parameters = dict(network.named_parameters())
    for entry, value in moments.items():
        _, key, name = entry.split(".", 2)
        if name in parameters:
            parameter = parameters[name]
            optimizer.state[parameter][key] = value if value.ndim == 0 else value.to(parameter.device)
    grown_moments(optimizer, network)
