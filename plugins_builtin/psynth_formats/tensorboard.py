"""TensorBoard's logs: the metrics of a stream as scalars, which ``tensorboard --logdir`` draws."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

from psynth.core.errors import InputError, UsageError
from psynth.core.extras import installation
from psynth.core.stream.records import Metric, Record, encode
from psynth.plugins.format import Format
from psynth.plugins.method import Context

LOG = "events.out.tfevents.0.psynth"
"""The name of a log; TensorBoard recognizes it by its middle part."""
VERSION = "brain.Event:2"
"""The version of the format of logs, which their first event states."""
ALONE = "metrics"
"""The run of metrics without labels."""
LONGEST = 100
"""Maximum length of the name of a run, in characters."""


@dataclass(frozen=True)
class TensorBoard(Format):
    """TensorBoard's logs of the metrics in a stream, written to a new folder.

    Metrics with the same labels (domain, split, seed, …) are a run. A metric without a step gets its position among
    those of its name and run. `tensorboard --logdir FOLDER` draws them.

        psynth export tensorboard training.jsonl -o logs
    """

    name: ClassVar[str] = "tensorboard"
    help: ClassVar[str] = "metrics as logs of TensorBoard (export only)"
    folders: ClassVar[bool] = True

    def write_folder(self, records: Iterator[Record], folder: Path, context: Context) -> None:
        """Write a log for each run, to a folder of its own. The same metrics give the same bytes."""
        runs: dict[bytes, _Run] = {}
        for record in records:
            if not isinstance(record, Metric) or not math.isfinite(record.value):
                continue
            key = encode(dict(sorted(record.labels.items())))
            if key not in runs:
                runs[key] = _Run(_new(folder, record))
            try:
                runs[key].add(record)
            except (OverflowError, ValueError):
                context.bad_input(record.error(f"TensorBoard counts steps in 64-bit integers, not {record.step:g}"))
        if not runs:
            raise InputError("there are no metrics in the stream")
        for run in runs.values():
            run.close()


class _Run:
    """The log of one run."""

    def __init__(self, folder: Path) -> None:
        self._event, self._summary, writer = _tensorboard()
        folder.mkdir()
        self._counts: dict[str, int] = {}
        self._file = open(folder / LOG, "wb")  # noqa: SIM115 - closed by `close`
        self._writer = writer(self._file)
        self._writer.write(self._event(file_version=VERSION).SerializeToString())

    def add(self, metric: Metric) -> None:
        """Add a scalar; OverflowError or ValueError for a step that the format cannot hold."""
        position = self._counts[metric.name] = self._counts.get(metric.name, -1) + 1
        step = position if metric.step is None else round(metric.step)
        value = self._summary.Value(tag=metric.name, simple_value=metric.value)
        self._writer.write(self._event(step=step, summary=self._summary(value=[value])).SerializeToString())

    def close(self) -> None:
        """Write what is left."""
        self._writer.flush()
        self._file.close()


def _new(folder: Path, metric: Metric) -> Path:
    """The folder of another run, named after its labels; a number tells apart those whose names become the same."""
    labels = ",".join(f"{name}={value}" for name, value in sorted(metric.labels.items()))
    name = re.sub(r"[^\w.,=+-]+", "-", labels)[:LONGEST].strip(".") or ALONE
    numbered = (folder / (name if number == 1 else f"{name}-{number}") for number in count(1))
    return next(path for path in numbered if not path.exists())


def _tensorboard() -> tuple[Any, Any, Any]:
    """The types of events and summaries, and the writer of records; UsageError names the extra if they are missing."""
    try:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.record_writer import RecordWriter
    except ImportError as error:
        raise UsageError(f"export tensorboard needs TensorBoard ({error}); {installation('neural')}") from error
    return Event, Summary, RecordWriter
