"""The train method ``embedding``: its settings, and which records of a stream it learns from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from psynth.core.calculus.inference import infer
from psynth.core.calculus.terms import parse_term
from psynth.core.errors import InputError, PsynthError, UsageError
from psynth.core.languages import grammar_of
from psynth.core.settings import setting
from psynth.core.stream.records import End, Frontier, Library, Metric, Model, Record, Task
from psynth.plugins.method import Context, Method
from psynth_leaps.extra import require


@dataclass(frozen=True)
class Embedding(Method):
    """Learn a latent space of programs as LEAPS does: programs that look and act alike have nearby vectors.

    A variational autoencoder encodes and decodes programs; an executor learns to act from the vector alone as the
    program does in worlds of its task (Trivedi et al., NeurIPS 2021). --losses chooses among the paper's: p
    reconstructs programs, l imitates their actions, r rewards programs decoded from a vector for acting alike; prl is
    LEAPS, the others are its ablations. A domain without demonstrations has only p.

    Programs are sequences of productions and decoding is masked by their types, so every vector is a complete,
    well-typed program. The library must be first-order: no lambda, no type variables.

    The model folder holds checkpoints: the same command continues a run that was killed, and ends with the same weights
    on the same machine with the same -j. The frontiers learned from are not passed on; the library, metrics of every
    epoch and a model record are.
    """

    model: Path | None = setting(None, file="write", help="folder to write the model to (required)")
    losses: str | None = setting(
        None, choices=("p", "pr", "pl", "prl"), help="losses to train with (default: all that the domain has)"
    )
    latent: int = setting(256, minimum=1, unit="dimensions", help="dimensions of the latent space")
    hidden: int = setting(256, minimum=1, unit="units", help="units of encoder and decoder")
    executor: int = setting(128, minimum=1, unit="units", help="units of the executor")
    filters: int = setting(16, minimum=1, unit="filters", help="filters of the executor's convolutions")
    epochs: int = setting(150, minimum=1, unit="epochs", help="passes over the programs")
    batch: int = setting(256, minimum=1, unit="programs", help="programs in each step")
    rate: float = setting(1e-3, minimum=0, help="learning rate of Adam")
    decay: float = setting(0.95, minimum=0, maximum=1, help="factor on the learning rate")
    decay_every: int = setting(10, minimum=1, unit="epochs", help="apply --decay every N epochs")
    clip: float = setting(5.0, minimum=0, help="maximum norm of the gradient")
    beta: float = setting(0.1, minimum=0, help="weight of the mean divergence from the normal distribution")
    executor_weight: float = setting(1.0, minimum=0, help="weight of loss l")
    reinforce_weight: float = setting(0.1, minimum=0, help="weight of loss r")
    entropy: float = setting(0.1, minimum=0, help="weight of the decoder's entropy in loss r")
    reinforce_from: float = setting(
        0.8, minimum=0, maximum=1, help="add loss r once this share of held-out programs is reconstructed exactly"
    )
    reinforce_every: int = setting(4, minimum=1, unit="steps", help="apply loss r every N steps")
    demonstrations: int = setting(
        2, minimum=1, unit="worlds", help="worlds in which each program is executed in a step"
    )
    most_actions: int = setting(20, minimum=1, unit="actions", help="actions to learn from in each demonstration")
    max_length: int = setting(45, minimum=1, unit="productions", help="maximum length of a program")
    validation: float = setting(0.15, minimum=0, maximum=0.9, help="share of the programs to hold out")
    device: str = setting("auto", choices=("auto", "cpu", "cuda"), help="device")
    precision: str = setting(
        "float32",
        choices=("float32", "bfloat16"),
        help="precision of products; bfloat16 may be faster",
    )
    max_time: float | None = setting(None, minimum=0, unit="seconds", help="stop after this long")
    checkpoint: float = setting(120, minimum=0, unit="seconds", help="save a checkpoint this often", provenance=False)
    tensorboard: Path | None = setting(None, file="write", help="folder to write TensorBoard logs to", provenance=False)
    overwrite: bool = setting(False, help="start over, even if the model folder holds a checkpoint")

    parallel = "threads"
    random = True
    reads = (Library, Frontier)

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield everything but the frontiers learned from, then metric records and the model."""
        if self.model is None:
            raise UsageError("--model: say which folder to write the model into")
        require("psynth train --method embedding", "torch", "safetensors")
        from psynth_leaps.corpus import Drawn

        drawn: list[Drawn] = []
        libraries: dict[str, Library] = {}
        latest: Library | None = None
        end = End("complete")
        for record in records:
            if isinstance(record, Frontier) and record.programs:
                task = record.task or self._untied(record, latest)
                if drawn and drawn[0].task.domain != task.domain:
                    raise record.error(f"a model is of one domain, and this is not {drawn[0].task.domain}")
                drawn += [Drawn(each.program, task) for each in record.programs if each.language == "lambda"]
                continue
            if isinstance(record, Library):
                known = libraries.get(record.domain)
                if drawn and record.domain == drawn[0].task.domain and record != known:
                    raise InputError("the library changes among the programs: a model is of one language")
                libraries[record.domain] = latest = record
            if isinstance(record, End):
                end = record
            else:
                yield record
        if not drawn:
            raise InputError("the stream has no programs to learn from: psynth sample draws some")
        domain = drawn[0].task.domain
        yield from self._train(libraries.get(domain) or context.library_for(domain), drawn, end, context)

    def _untied(self, frontier: Frontier, library: Library | None) -> Task:
        """A task for programs without one, which can be read and written but show nothing."""
        if library is None:
            raise frontier.error("no library stands before this program without a task")
        if self.losses != "p":
            raise frontier.error(
                "a program without a task shows nothing: train with --losses p, or draw with --demonstrations N"
            )
        grammar = grammar_of(library)
        try:
            kind = infer(parse_term(frontier.programs[0].program), grammar.types)
        except PsynthError as error:
            raise frontier.error(str(error)) from error
        return Task(id=f"{library.domain}/untied", domain=library.domain, request=str(kind))

    def _train(self, library: Library, drawn: list, end: End, context: Context) -> Iterator[Record]:
        from psynth_leaps.session import Session

        session = Session(self, library, drawn, context)
        try:
            for epoch, figures in enumerate(session.epochs(), 1):
                for name, value in figures.items():
                    split, _, what = name.partition("_")
                    yield Metric(name=what, value=value, step=epoch, labels={"split": split, "domain": library.domain})
        except KeyboardInterrupt:
            session.save()
            model = session.record()
            if model is not None:
                yield model
            raise
        model = session.record()
        if model is not None:
            yield model
        yield replace(end, status="budget") if session.stopped and end.status == "complete" else end

    def found(self, record: Record) -> bool:
        """Whether a record is the model."""
        return isinstance(record, Model)
