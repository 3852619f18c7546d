"""Results of runs: figures of searches by task and method, and curves of metrics, with their spread over runs."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal, NamedTuple, TypeVar

from psynth.core.stream.records import Frontier, Header, Library, Metric, Record, source_of
from psynth.views.experiments import Experiment, Experiments, stem

FIGURES = ("programs", "search_reward", "reward", "held_out_reward", "score", "solved", "cpu_seconds")
"""The figures of a row of the table: complete programs tried, the reward observed by the search, the best program's own
reward, reward on held-out instances and score, whether the task was solved (0 or 1), and CPU seconds."""
BEST = ("reward", "score")
"""The metrics of searches: the best value so far, by number of evaluations."""
OF_ARCHIVES = ("qd_score", "cells", "coverage", "best")
"""The metrics of archives: figures that hold until the next measurement, too, by number of evaluations."""
ARCHIVE_CURVES = ("qd_score", "coverage", "best")
"""Those of them that a report draws unless it is told otherwise."""
SOLVED_BY: Mapping[str, str] = {"cpu_seconds": "solved by CPU seconds", "programs": "solved by programs"}
"""Curves of the number of tasks solved, by what was spent on a task."""
PROGRESS: Mapping[str, str] = {
    "tasks solved by iteration": "iteration",
    "tasks solved by programs tried": "programs in all",
    "tasks solved by CPU seconds": "CPU seconds in all",
}
"""Curves of the number of tasks solved in the course of a loop, with what their steps are."""
NAMED = ("task", "method", "seed")
"""The labels that identify the run of a metric."""

By = Literal["method", "file"]


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and sample standard deviation (n − 1; 0 for a single value) of ``count`` values."""

    count: int
    mean: float
    std: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of at least one value."""
        return cls(len(values), statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else 0.0)


@dataclass(frozen=True)
class Row:
    """The figures of ``runs`` searches for one task by one method, without figures that no run has."""

    task: str
    method: str
    runs: int
    figures: Mapping[str, Spread]


@dataclass(frozen=True)
class Curve:
    """One metric of one task and one series over its runs: the spread of the values at each of ``steps``, in order."""

    metric: str
    task: str
    series: str
    runs: int
    steps: tuple[float, ...]
    spreads: tuple[Spread, ...]


class _Run(NamedTuple):
    """The run of a metric: the file, the index of the stream in the file (from 1), and the seed."""

    source: str
    stream: int
    seed: str


Points = list[tuple[float, float]]
Figures = Mapping[str, float]
S = TypeVar("S")


@dataclass
class Gathering:
    """Collects the records of one or several streams; each frontier with a search or programs is one run of its task.

    Runs and metrics are grouped by method, or by file name and method, and within these by experiment: only runs that
    were made with the same settings and library are averaged.
    """

    by: By = "method"
    interrupted: Counter[str] = field(default_factory=Counter)
    """The number of interrupted searches in each file."""
    _figures: dict[tuple[str, str], dict[Experiment, list[Figures]]] = field(default_factory=dict)
    _points: dict[tuple[str, str, str], dict[Experiment, dict[_Run, Points]]] = field(default_factory=dict)
    _streams: dict[str, int] = field(default_factory=dict)
    _experiments: Experiments = field(default_factory=Experiments)

    def add(self, record: Record) -> None:
        """Add one record; only headers, libraries, frontiers and metrics matter."""
        source = source_of(record)
        if isinstance(record, Header):
            # A file may hold several streams, joined by `cat`; each is a separate run.
            self._streams[source] = self._streams.get(source, 0) + 1
            self._experiments.begin(source, record)
        elif isinstance(record, Library):
            self._experiments.use(source, record)
        elif isinstance(record, Frontier):
            self._add_frontier(record, source)
        elif isinstance(record, Metric):
            self._add_metric(record, source)

    def rows(self) -> list[Row]:
        """The rows of the table: tasks in order of appearance, and the methods of each."""
        order = {task: place for place, task in enumerate(dict.fromkeys(task for task, _ in self._figures))}
        keys = sorted(self._figures, key=lambda key: order[key[0]])
        apart = self._apart(series for _, series in keys)
        return [
            _row(task, name, runs)
            for task, series in keys
            for name, runs in self._named(series, self._figures[task, series], apart)
        ]

    def totals(self) -> list[Row]:
        """A row for all tasks of each method, if there are several tasks: the means over all its runs."""
        together: dict[str, list[Row]] = {}
        for row in self.rows():
            together.setdefault(row.method, []).append(row)
        return [_total(method, rows) for method, rows in together.items() if len(rows) > 1]

    def metrics(self) -> list[str]:
        """The names of all metrics, in order of appearance."""
        return list(dict.fromkeys(name for name, _, _ in self._points))

    def curves(self, metrics: Iterable[str]) -> list[Curve]:
        """The curves of these metrics, ordered by metric and task."""
        found = []
        for metric in metrics:
            keys = [key for key in self._points if key[0] == metric]
            tasks = list(dict.fromkeys(task for _, task, _ in keys))
            for _, task, series in sorted(keys, key=lambda key: tasks.index(key[1])):
                of_experiment = _without_copies(self._points[metric, task, series])
                apart = {series} if len(of_experiment) > 1 else set()
                for name, runs in self._named(series, of_experiment, apart):
                    found.append(_curve(metric, task, name, list(runs.values())))
        return found

    def differences(self) -> list[str]:
        """A message for each group of files that are not averaged, with a difference between them."""
        found = (self._experiments.difference(list(each)) for each in self._figures.values() if len(each) > 1)
        return list(dict.fromkeys(found))

    def missing(self) -> list[str]:
        """A message for each stage of which the streams together have some shards only."""
        return self._experiments.missing()

    def _apart(self, names: Iterable[str]) -> set[str]:
        """The series that have several experiments for some task, which are named in all rows."""
        several = {series for (_, series), runs in self._figures.items() if len(runs) > 1}
        return several & {*names}

    def _named(self, series: str, runs: Mapping[Experiment, S], apart: Collection[str]) -> Iterator[tuple[str, S]]:
        for experiment, each in runs.items():
            name = self._experiments.name(experiment) if series in apart else ""
            yield (f"{series} ({name})" if name else series), each

    def _add_frontier(self, frontier: Frontier, source: str) -> None:
        search, best = frontier.search, frontier.best
        if search is not None and search.status == "interrupted":
            self.interrupted[source] += 1
        if frontier.task is None or (search is None and best is None):
            return
        method = "–" if search is None else search.method
        figures: dict[str, float | None] = {"solved": float(frontier.solved)}
        if search is not None:
            figures |= {
                "programs": search.programs,
                "search_reward": search.reward,
                "cpu_seconds": search.cpu_seconds,
            }
        if best is not None:
            figures |= {"reward": best.reward, "held_out_reward": best.held_out_reward, "score": best.score}
        elif frontier.task.examples:
            figures["score"] = 0.0  # A search that finds nothing gets no example right.
        run = {name: float(value) for name, value in figures.items() if value is not None}
        experiment = self._experiments.of(source, frontier.task.domain)
        runs = self._figures.setdefault((frontier.task.id, self._series(method, source)), {})
        runs.setdefault(experiment, []).append(run)

    def _add_metric(self, metric: Metric, source: str) -> None:
        if not math.isfinite(metric.value):
            return
        labels = metric.labels
        others = [f"{name}={value}" for name, value in labels.items() if name not in NAMED]
        series = " ".join([self._series(str(labels.get("method", "")), source), *others]).strip()
        run = _Run(source, self._streams.get(source, 0), str(labels.get("seed", "")))
        task = str(labels.get("task", ""))
        experiment = self._experiments.of(source, str(labels.get("domain", "")) or task.partition("/")[0])
        points = self._points.setdefault((metric.name, task, series), {}).setdefault(experiment, {}).setdefault(run, [])
        points.append((float(len(points)) if metric.step is None else metric.step, metric.value))

    def _series(self, method: str, source: str) -> str:
        if self.by == "method":
            return method
        return f"{stem(source)} {method}".rstrip(" –")


def _without_copies(runs: Mapping[Experiment, Mapping[_Run, Points]]) -> dict[Experiment, dict[_Run, Points]]:
    """The runs without those that a later stage carried along: the same values of the same seed."""
    found: dict[Experiment, dict[_Run, Points]] = {}
    for experiment, of_experiment in sorted(runs.items(), key=lambda item: len(item[0].stages)):
        before = [
            (run.seed, points)
            for earlier, of_earlier in found.items()
            if experiment.comes_after(earlier)
            for run, points in of_earlier.items()
        ]
        own = {run: points for run, points in of_experiment.items() if (run.seed, points) not in before}
        if own:
            found[experiment] = own
    return {experiment: found[experiment] for experiment in runs if experiment in found}


def held(metric: str) -> bool:
    """Whether a metric keeps its value until the next measurement, as a search's best so far does."""
    return metric in (*BEST, *OF_ARCHIVES) or metric in (*SOLVED_BY.values(), *PROGRESS)


def step_label(metric: str) -> str:
    """What the steps of a metric are."""
    spent = {SOLVED_BY["cpu_seconds"]: "CPU seconds a task", SOLVED_BY["programs"]: "programs a task", **PROGRESS}
    return spent.get(metric, "evaluations" if held(metric) else "step")


def _row(task: str, method: str, runs: Sequence[Mapping[str, float]]) -> Row:
    columns = {name: [run[name] for run in runs if name in run] for name in FIGURES}
    return Row(task, method, len(runs), {name: Spread.of(values) for name, values in columns.items() if values})


def _total(method: str, rows: Sequence[Row]) -> Row:
    """The row of all tasks: each figure's mean over all runs, without a deviation, as tasks differ."""
    figures = {}
    for name in FIGURES:
        spreads = [row.figures[name] for row in rows if name in row.figures]
        if spreads:
            count = sum(spread.count for spread in spreads)
            mean = math.fsum(spread.mean * spread.count for spread in spreads) / count
            figures[name] = Spread(count, mean, 0.0)
    return Row(f"all {len(rows)} tasks", method, sum(row.runs for row in rows), figures)


def _curve(metric: str, task: str, series: str, runs: Sequence[Points]) -> Curve:
    """The curve of runs with their own steps: held values count at all later steps, others only at their own."""
    events = sorted(
        ((step, number, value) for number, points in enumerate(runs) for step, value in points), key=itemgetter(0, 1)
    )
    now: dict[int, float] = {}
    steps, spreads = [], []
    for step, together in groupby(events, key=itemgetter(0)):
        if not held(metric):
            now = {}
        now |= {number: value for _, number, value in together}
        steps.append(step)
        spreads.append(Spread.of(list(now.values())))
    return Curve(metric, task, series, len(runs), tuple(steps), tuple(spreads))


def total_json(row: Row) -> dict[str, Any]:
    """The row of all tasks as JSON."""
    figures = {name: {"mean": each.mean, "runs": each.count} for name, each in row.figures.items()}
    return {"tasks": int(row.task.split()[1]), "method": row.method, "runs": row.runs, **figures}


def row_json(row: Row) -> dict[str, Any]:
    """A row as JSON: the mean, standard deviation and number of runs of each figure."""
    figures = {name: {"mean": each.mean, "std": each.std, "runs": each.count} for name, each in row.figures.items()}
    return {"task": row.task, "method": row.method, "runs": row.runs, **figures}


def curve_json(curve: Curve) -> dict[str, Any]:
    """A curve as JSON."""
    return {
        "metric": curve.metric,
        "task": curve.task,
        "series": curve.series,
        "runs": curve.runs,
        "steps": list(curve.steps),
        "mean": [each.mean for each in curve.spreads],
        "std": [each.std for each in curve.spreads],
    }
