"""The figures of an archive: how much of it is filled, and how well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from psynth.core.engines.archive import Elites
from psynth.core.stream.records import TASK_LABEL, Metric

ARCHIVE_LABEL = "archive"
"""The label of the metrics that describe an archive as a whole; its value is the layout."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """The figures of the archive of one task."""

    filled: int
    """Cells with an elite."""
    cells: int | None
    """All cells; None if their number is not fixed."""
    best: float | None
    """The best objective of any elite; None if there is no elite."""
    mean: float | None
    """The mean objective of the best elite of each cell."""
    qd_score: float
    """The sum, over filled cells, of how much better than the offset the best elite is."""

    @property
    def coverage(self) -> float | None:
        """The share of cells that are filled."""
        return None if self.cells is None else self.filled / self.cells


def statistics(elites: Elites, task: str) -> Statistics:
    """The figures of a task's archive."""
    archive = elites.archive
    sign = -1.0 if archive.minimize else 1.0
    # In the order of cells, so that the sums do not depend on the order in which cells were filled.
    gains = [gain for _, gain in sorted(elites.gains(task))]
    best = max(gains, default=None)
    return Statistics(
        len(gains),
        elites.cells,
        None if best is None else sign * best,
        sign * sum(gains) / len(gains) if gains else None,
        sum(gain - sign * archive.offset for gain in gains),
    )


def describes_archive(metric: Metric) -> bool:
    """Whether a metric is about an archive as a whole, and not about its history."""
    return metric.step is None and ARCHIVE_LABEL in metric.labels


def metrics(elites: Elites, task: str, *, step: int | None = None, **labels: str | int) -> Iterator[Metric]:
    """The figures of a task's archive as metric records; without ``step`` they describe the archive of a stream."""
    found = statistics(elites, task)
    figures = {"qd_score": found.qd_score, "cells": found.filled, "coverage": found.coverage}
    figures |= {"best": found.best, "mean": found.mean}
    marks = labels if step is not None else {ARCHIVE_LABEL: elites.archive.layout, **labels}
    for name, value in figures.items():
        if value is not None:
            yield Metric(name, float(value), step=step, labels={TASK_LABEL: task, **marks})
