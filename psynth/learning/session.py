"""A session of training: the folder of its model at the start, and the records that it yields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from psynth.core.errors import UsageError
from psynth.core.stream.fields import Fields
from psynth.core.stream.records import End, Metric, Model, Record
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
    session: Session, reports: Iterator[tuple[int, Mapping[str, float]]], domain: str, end: End
) -> Iterator[Record]:
    """Yield the metrics of each report with its step, then the model and the end, which says if the time ran out.

    ``reports`` train; the name of a figure is its split and what it measures, as in ``train_loss``. An interruption
    saves the session and yields the model before it is passed on.
    """
    try:
        for step, figures in reports:
            for name, value in figures.items():
                split, _, what = name.partition("_")
                yield Metric(name=what, value=value, step=step, labels={"split": split, "domain": domain})
    except KeyboardInterrupt:
        session.save()
        yield from session.record()
        raise
    yield from session.record()
    yield replace(end, status="budget") if session.stopped and end.status == "complete" else end
