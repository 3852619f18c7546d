"""Plots the curves of ``psynth report``: a panel for each task, a line for each series (needs matplotlib)."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from psynth.core.errors import UsageError
from psynth.core.extras import installation
from psynth.core.printable import printable
from psynth.views.curves import SOLVED_BY, Curve, held, step_label
from psynth.views.published import figures_for
from psynth.views.report_text import common_prefix, is_log

SUFFIXES = (".png", ".svg", ".pdf")
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's colors, which the color-blind can distinguish (Color Universal Design, 2008)."""
DASHES = ("-", "--", "-.", ":")
COLUMNS, PANEL = 4, (3.1, 2.5)
"""Maximum number of panels in a row, and the width and height of a panel in inches."""
LINE, LETTER, HANDLE = 0.18, 0.075, 0.65
"""Inches: the height of a line of the legend, the width of a letter, and that of the mark and gap beside a name."""
STYLE = {
    "font.size": 8.5,
    "axes.titlesize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#8a8f99",
    "axes.grid": True,
    "grid.color": "#e8e8ea",
    "grid.linewidth": 0.7,
    "axes.axisbelow": True,
    "xtick.color": "#555a66",
    "ytick.color": "#555a66",
    # Data is text: $ in λ-terms begins no formula.
    "text.parse_math": False,
    "svg.hashsalt": "psynth",
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
}


def check(path: Path) -> None:
    """UsageError if the suffix is not one of a plot, or if matplotlib is missing."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"--image {path}: write FILE.png, FILE.svg or FILE.pdf")
    _matplotlib()


def plot(
    curves: Sequence[Curve], kind: str, scale: str, published: Mapping[str, Mapping[str, float]] | None = None
) -> bytes:
    """The image, deterministic in its bytes; ``kind`` is a suffix such as ``.png``."""
    matplotlib, figure_type = _matplotlib()
    panels = [(key, list(group)) for key, group in groupby(curves, key=lambda curve: (curve.metric, curve.task))]
    series = list(dict.fromkeys(curve.series for curve in curves))
    rows = -(-len(panels) // COLUMNS)
    columns = -(-len(panels) // rows)
    prefix = common_prefix(curve.task for curve in curves)
    with matplotlib.rc_context(STYLE):
        width = PANEL[0] * columns
        beside = _beside([printable(each) for each in series], width)
        lines = -(-len(series) // beside) if len(series) > 1 else 1
        height = PANEL[1] * rows + 0.5 + LINE * (lines - 1)
        figure = figure_type(figsize=(width, height), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False)
        for (key, together), axis in zip(panels, axes.flat, strict=False):
            _panel(axis, key, together, series, is_log(together, scale), prefix)
            if held(key[0]):
                _published(axis, figures_for(key[1], published or {}))
        for axis in axes.flat[len(panels) :]:
            axis.set_visible(False)
        _legend(figure, axes, beside)
        out = io.BytesIO()
        metadata = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {"Software": None}}[kind]
        with warnings.catch_warnings():
            # A box in place of a letter that the font lacks says enough.
            warnings.filterwarnings("ignore", message="Glyph ")
            figure.savefig(out, format=kind[1:], dpi=160, facecolor="white", metadata=metadata)
    return out.getvalue()


def _panel(
    axis: Any, key: tuple[str, str], curves: Sequence[Curve], series: Sequence[str], log: bool, prefix: str
) -> None:
    metric, task = key
    least = min((step for curve in curves for step in curve.steps if step > 0), default=1.0)
    for curve in curves:
        number = series.index(curve.series)
        style = {
            "color": COLORS[number % len(COLORS)],
            "linestyle": DASHES[number // len(COLORS) % len(DASHES)],
            "drawstyle": "steps-post" if held(metric) else "default",
        }
        steps = [max(step, least) for step in curve.steps] if log else list(curve.steps)
        means = [spread.mean for spread in curve.spreads]
        label = printable(curve.series or metric)
        axis.plot(steps, means, label=label, linewidth=1.5, marker="o" if len(steps) == 1 else None, **style)
        if curve.runs > 1:
            low = [spread.mean - spread.std for spread in curve.spreads]
            high = [spread.mean + spread.std for spread in curve.spreads]
            step = "post" if held(metric) else None
            axis.fill_between(steps, low, high, color=style["color"], alpha=0.16, linewidth=0, step=step)
    if log:
        axis.set_xscale("log")
        # The usual labels are formulas, which this module takes no text for.
        axis.xaxis.set_major_formatter(lambda step, _: f"{step:g}")
    axis.set_title(printable(task.removeprefix(prefix) or metric), loc="left")
    axis.set_xlabel(step_label(metric))
    axis.set_ylabel("tasks solved" if metric in SOLVED_BY.values() else printable(metric))
    if metric in SOLVED_BY.values():
        axis.yaxis.get_major_locator().set_params(integer=True)


def _published(axis: Any, figures: Mapping[str, float]) -> None:
    """A dotted line for each published figure, with its name."""
    for name, value in figures.items():
        axis.axhline(value, color="#8a8f99", linestyle=":", linewidth=1)
        where = (0.02, value)
        axis.annotate(
            printable(name), where, xycoords=("axes fraction", "data"), fontsize=7, color="#555a66", va="bottom"
        )


def _beside(names: Sequence[str], width: float) -> int:
    """How many names of the legend fit into one line of a figure that is ``width`` inches wide; at most 4."""
    longest = max(map(len, names), default=1) * LETTER + HANDLE
    return max(1, min(4, len(names), int(width / longest)))


def _legend(figure: Any, axes: Any, beside: int) -> None:
    """One legend for all panels, above them."""
    lines: dict[str, Any] = {}
    for axis in axes.flat:
        for line, label in zip(*axis.get_legend_handles_labels(), strict=True):
            lines.setdefault(label, line)
    if len(lines) > 1:
        figure.legend(lines.values(), lines.keys(), loc="outside upper left", ncols=beside, frameon=False)


def _matplotlib() -> tuple[Any, Any]:
    """matplotlib and its Figure, which needs no display; UsageError names the extra if they are missing."""
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError as error:
        raise UsageError(f"--image needs matplotlib ({error}); {installation('pictures')}") from error
    return matplotlib, Figure
