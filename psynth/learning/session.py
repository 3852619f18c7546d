"""A session of training: the folder of its model at the start, and the records that it yields."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Protocol, Self

from psynth.core.errors import UsageError
from psynth.core.stream.fields import Fields
from psynth.core.stream.records import End, Frontier, Metric, Model, Record
from psynth.core.stream.waiting import IN_MEMORY, read_held, write_held
from psynth.learning.checkpoints import CHECKPOINT, OtherTraining
from psynth.learning.model_folder import WEIGHTS, ModelFolder


def prepare_folder(
    folder: ModelFolder, config: Fields, resume: Callable[[], bool], *, overwrite: bool, learned_from: str
) -> None:
    """Continue the training run of the folder, or start one if the folder is empty or may be overwritten.

    ``resume`` restores the folder's checkpoint and returns whether there was one. Raises `UsageError` if the folder
    holds a model of other data (``learned_from`` names the kind) or settings.
    """
    folder.create()
    if overwrite:
        # The folder never holds the new configuration with the old weights.
        for name in (CHECKPOINT, WEIGHTS):
            (folder.path / name).unlink(missing_ok=True)
    other = UsageError(
        f"--model {folder.path}: there is a model of other {learned_from} or settings; --overwrite starts over"
    )
    try:
        resumed = resume()
    except OtherTraining as error:
        raise other from error
    if not resumed and (folder.path / WEIGHTS).exists():
        raise other
    folder.write_config(config)


def warn_if_beyond(done: int, asked: int, unit: str, warn: Callable[[str], None]) -> None:
    """Warn if a model has been trained for more steps or epochs than are asked for."""
    if done > asked:
        warn(f"the model has {done:,} {unit} already, more than --{unit} {asked}: it is left as it is")


class PassedOn:
    """The records of the input that a training passes on; those from the first frontier on follow the model.

    What uses a model needs its record ahead of the frontiers. They wait in memory, and beyond `IN_MEMORY` on disk. Used
    as a context manager, which removes them.
    """

    def __init__(self) -> None:
        self._held = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed by __exit__
        self._begun = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()

    def at_once(self, record: Record) -> Iterator[Record]:
        """Yield a record that may precede the model; hold it otherwise."""
        self._begun = self._begun or isinstance(record, Frontier)
        if self._begun:
            write_held(record, self._held)
        else:
            yield record

    def later(self) -> Iterator[Record]:
        """Yield the records that were held, in order."""
        return read_held(self._held)


class Session(Protocol):
    """What trains one model, and can be stopped."""

    @property
    def stopped(self) -> bool:
        """Whether a limit of time ended the training before it was complete."""

    def save(self) -> None:
        """Write a checkpoint for the same command to continue from."""

    def record(self) -> Iterator[Model]:
        """The model's record, if there are weights yet."""


def training_records(
    session: Session, reports: Iterator[tuple[int, Mapping[str, float]]], domain: str, passed_on: PassedOn, end: End
) -> Iterator[Record]:
    """Yield the metrics of each report with its step, then the model, what was held for it, and the end.

    ``reports`` train; the name of a figure is its split and what it measures, as in ``train_loss``. The end says if the
    time ran out. An interruption saves the session, and is raised again after the model and what was held.
    """
    try:
        for step, figures in reports:
            for name, value in figures.items():
                split, _, what = name.partition("_")
                yield Metric(name=what, value=value, step=step, labels={"split": split, "domain": domain})
    except KeyboardInterrupt:
        session.save()
        yield from session.record()
        yield from passed_on.later()
        raise
    yield from session.record()
    yield from passed_on.later()
    yield replace(end, status="budget") if session.stopped and end.status == "complete" else end
