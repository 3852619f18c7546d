"""What ``psynth report`` has to show, as text, as JSON or as a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psynth.views.answered import AnsweredRow
from psynth.views.archives import Archives
from psynth.views.comparing import Comparison
from psynth.views.curves import Curve, Row
from psynth.views.reuse import LibraryUse
from psynth.views.spending import SpendingRow


@dataclass(frozen=True)
class ReportContent:
    """Results of searches, answers to tests, uses of abstractions, runs beside baselines, archives, curves and notes.

    ``published`` are figures to show beside those of a task, by its name or pattern, and ``scale`` is that of the
    steps of curves; ``spending`` is what language models were paid.
    """

    rows: Sequence[Row]
    totals: Sequence[Row]
    reuse: Sequence[LibraryUse]
    comparisons: Sequence[Comparison]
    archives: Archives
    curves: Sequence[Curve]
    published: dict[str, dict[str, float]]
    scale: str
    notes: Sequence[str]
    answered: Sequence[AnsweredRow] = ()
    spending: Sequence[SpendingRow] = ()
