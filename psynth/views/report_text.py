"""Tables and curves of ``psynth report`` as text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, takewhile

from rich.console import Group, RenderableType
from rich.text import Text

from psynth.core.printable import one_line
from psynth.views.curves import PROGRESS, SOLVED_BY, Curve, Row, Spread, held, step_label
from psynth.views.grid import Column, Grid
from psynth.views.numerals import rounded
from psynth.views.published import figures_for
from psynth.views.shortening import shortened

TITLES: Mapping[str, str] = {
    "programs": "programs",
    "search_reward": "best seen",
    "reward": "reward",
    "held_out_reward": "held out",
    "score": "score",
    "solved": "solved",
    "cpu_seconds": "CPU s",
}
BARS = "▁▂▃▄▅▆▇█"
WIDTH = 48
"""Maximum number of characters of a curve."""
FEWEST_BARS = 8
"""Number of characters of a curve below which names are shortened."""


def table(
    rows: Sequence[Row], published: Mapping[str, Mapping[str, float]], totals: Sequence[Row] = ()
) -> RenderableType:
    """A table with one row for each task and method, and a column for each figure, followed by the published ones.

    ``totals`` are the last rows, for all tasks.
    """
    beside = {row.task: figures_for(row.task, published) for row in rows}
    names = list(dict.fromkeys(name for figures in beside.values() for name in figures))
    columns = [name for name in TITLES if any(name in row.figures for row in (*rows, *totals))]
    figures = [Column(TITLES[name], "number") for name in columns]
    beside_columns = [Column(name, "number", "dim") for name in names]
    grid = Grid([Column("task"), Column("method"), Column("runs", "number"), *figures, *beside_columns])
    before, prefix = None, common_prefix(row.task for row in rows)
    for row in rows:
        cells = [_figure(name, row.figures.get(name), row.runs) for name in columns]
        others = [f"{beside[row.task][name]:.2f}" if name in beside[row.task] else "–" for name in names]
        task = "" if row.task == before else one_line(row.task.removeprefix(prefix))
        grid.add(task, row.method, str(row.runs), *cells, *others)
        before = row.task
    if rows and totals:
        grid.rule()
    for number, row in enumerate(totals):
        cells = [_figure(name, row.figures.get(name), row.runs, spread=False) for name in columns]
        grid.add("" if number else row.task, row.method, str(row.runs), *cells, *("–" for _ in names))
    return Group(Text(f"{prefix}…", style="bold"), grid) if prefix else grid


def curve_lines(curves: Sequence[Curve], scale: str, width: int | None = None) -> Iterator[RenderableType]:
    """Yield, for each metric and task, a heading and one line for each series: its mean as bars on a common scale.

    On a terminal with ``width`` columns, there are fewer bars, and names are shortened as far as it takes.
    """
    for (metric, task), group in groupby(curves, key=lambda curve: (curve.metric, curve.task)):
        together = list(group)
        log = is_log(together, scale)
        steps = sorted({step for curve in together for step in curve.steps})
        means = [spread.mean for curve in together for spread in curve.spreads]
        heading = Text(metric, style="bold")
        heading.append(f"  {task}" if task else "", style="green")
        what = step_label(metric) if metric in (*SOLVED_BY.values(), *PROGRESS) else "steps"
        heading.append(f"  {what} {_number(steps[0])} to {_number(steps[-1])}{', log' if log else ''}", style="dim")
        yield heading
        ends = [_ends(curve) for curve in together]
        bars = WIDTH if held(metric) else min(WIDTH, len(steps))
        names = [curve.series for curve in together]
        if width is not None:
            names, bars = _fitted(names, bars, width - max(map(len, ends)) - 4)
        places = _places(steps[0], steps[-1], log, bars) if bars else []
        longest = max(map(len, names))
        for curve, name, end in zip(together, names, ends, strict=True):
            line = Text(f"  {name:<{longest}}  ")
            line.append(_bars(curve, places, min(means), max(means)), style="cyan")
            yield line.append(end)


def _ends(curve: Curve) -> str:
    """What stands after the bars of a curve: its first and its last mean, and the number of runs."""
    first, last = curve.spreads[0], curve.spreads[-1]
    deviation = f" ±{last.std:.2g}" if last.count > 1 else ""
    runs = f"{curve.runs} run{'' if curve.runs == 1 else 's'}"
    return f"  {first.mean:.4g} → {last.mean:.4g}{deviation}  {runs}"


def _fitted(names: list[str], bars: int, room: int) -> tuple[list[str], int]:
    """The names and the number of bars that fit into ``room`` columns: fewer bars first, then shorter names."""
    longest = max(map(len, names))
    if room - longest < FEWEST_BARS:
        names = shortened(names, room - FEWEST_BARS) or names
        longest = max(map(len, names))
    return names, max(0, min(bars, room - longest))


def common_prefix(tasks: Iterable[str]) -> str:
    """The common prefix of several tasks' ids, up to a slash; empty for one task."""
    folders = [task.split("/")[:-1] for task in dict.fromkeys(filter(None, tasks))]
    if len(folders) < 2:
        return ""
    shared = takewhile(lambda parts: len(set(parts)) == 1, zip(*folders, strict=False))
    return "".join(f"{part}/" for part, *_ in shared)


def is_log(curves: Sequence[Curve], scale: str) -> bool:
    """Whether the scale of steps is logarithmic; with ``scale`` auto if they span three decades."""
    steps = [step for curve in curves for step in curve.steps if step > 0]
    if scale != "auto" or not steps:
        return scale == "log" and bool(steps)
    return max(steps) >= 1000 * min(steps)


def _places(first: float, last: float, log: bool, count: int) -> list[float]:
    """Equidistant steps; a logarithmic scale starts at 1 if the first step is not positive."""
    if count == 1 or first == last:
        return [last]
    if log:
        first = first if first > 0 else min(1.0, last)
        return [first * (last / first) ** (place / (count - 1)) for place in range(count - 1)] + [last]
    return [first + (last - first) * place / (count - 1) for place in range(count - 1)] + [last]


def _bars(curve: Curve, places: Sequence[float], least: float, most: float) -> str:
    bars = []
    for place in places:
        index = bisect_right(curve.steps, place) - 1
        if index < 0:
            bars.append(" ")
            continue
        share = (curve.spreads[index].mean - least) / (most - least) if most > least else 1.0
        bars.append(BARS[min(len(BARS) - 1, int(share * len(BARS)))])
    return "".join(bars)


def _number(step: float) -> str:
    return f"{step:,.0f}" if float(step).is_integer() else f"{step:,g}"


def _figure(name: str, found: Spread | None, runs: int, *, spread: bool = True) -> str:
    """A mean with its deviation, and in parentheses of how many runs if not of all."""
    if found is None:
        return "–"
    if name == "solved":
        return f"{round(found.mean * found.count)}/{found.count}"
    written = {"programs": rounded, "cpu_seconds": _seconds}.get(name, _precise)
    deviation = f" ±{written(found.std)}" if found.count > 1 and spread else ""
    return written(found.mean) + deviation + (f" ({found.count})" if found.count < runs else "")


def _precise(value: float) -> str:
    return f"{value:.3f}"


def _seconds(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"
