"""Runs beside a baseline on the same tasks: what each solves within equal CPU seconds, and within equal programs tried.

A budget is spent as if all tasks were searched with one limit each: with the limit t a search that took c spends
min(t, c), and has solved its task if it did so and c ≤ t. A search that failed spends what it took, and has not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from rich.console import Group, RenderableType
from rich.text import Text

from psynth.core.stream.records import Frontier, Header, Library, Record, Task, same_task, source_of
from psynth.core.wording import counted
from psynth.views.curves import SOLVED_BY, Curve, Spread
from psynth.views.experiments import Experiment, Experiments
from psynth.views.grid import Column, Grid
from psynth.views.numerals import amount

MEASURES: Mapping[str, str] = {"cpu_seconds": "CPU s", "programs": "programs"}
"""What a budget can be of: the fields of a search, with their titles."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One search of one task: whether it was solved, and what the search took, by measure."""

    solved: bool
    took: Mapping[str, float]


class _Key(NamedTuple):
    """What is compared: one experiment by one method, on the tasks of one domain."""

    domain: str
    baseline: bool
    experiment: Experiment
    method: str


@dataclass(frozen=True)
class Side:
    """The results of one run, or of several with other seeds, on the tasks that all sides have.

    ``took`` and ``within`` are by measure: the mean of a search, and how many searches solved their task within the
    smallest mean of any side.
    """

    name: str
    baseline: bool
    searches: int
    solved: int
    took: Mapping[str, float]
    within: Mapping[str, int]
    gained: int
    """Tasks that it solves more often than the first baseline; 0 for a baseline."""
    lost: int


@dataclass(frozen=True)
class Comparison:
    """The sides of one domain, and ``budgets``, at which they are compared, by measure."""

    domain: str
    tasks: int
    sides: tuple[Side, ...]
    budgets: Mapping[str, float]
    curves: tuple[Curve, ...]
    notes: tuple[str, ...]


@dataclass
class Comparing:
    """Collects the searches of runs and of baselines."""

    _trials: dict[_Key, dict[str, list[Trial]]] = field(default_factory=dict)
    _tasks: dict[str, Task] = field(default_factory=dict)
    _other: dict[str, None] = field(default_factory=dict)
    _unsearched: int = 0
    _experiments: Experiments = field(default_factory=Experiments)

    def add(self, record: Record, *, baseline: bool) -> None:
        """Add one record of a run or of a baseline; only headers, libraries and frontiers matter."""
        source = source_of(record)
        if isinstance(record, Header):
            self._experiments.begin(source, record)
        elif isinstance(record, Library):
            self._experiments.use(source, record)
        elif isinstance(record, Frontier) and record.task is not None:
            self._add_frontier(record, record.task, source, baseline)

    def _add_frontier(self, frontier: Frontier, task: Task, source: str, baseline: bool) -> None:
        search = frontier.search
        if search is None:
            self._unsearched += 1
            return
        if not same_task(self._tasks.setdefault(task.id, task), task):
            self._other[task.id] = None
        took = {name: float(value) for name in MEASURES if (value := getattr(search, name)) is not None}
        key = _Key(task.domain, baseline, self._experiments.of(source, task.domain), search.method)
        self._trials.setdefault(key, {}).setdefault(task.id, []).append(Trial(frontier.solved, took))

    def solved_curves(self) -> list[Curve]:
        """The number of tasks solved by what was spent, of each domain and run; only of what all its searches state."""
        found = []
        for measure in MEASURES:
            for domain in dict.fromkeys(key.domain for key in self._trials):
                keys = [key for key in self._trials if key.domain == domain]
                for key in keys:
                    tasks = self._trials[key]
                    trials = [trial for each in tasks.values() for trial in each]
                    if all(measure in trial.took for trial in trials):
                        found.append(_curve(domain, self._name(key, keys), trials, measure, len(tasks)))
        return found

    def comparisons(self) -> list[Comparison]:
        """A comparison for each domain that has both runs and baselines."""
        domains = dict.fromkeys(key.domain for key in self._trials)
        sides = map(self._sides, domains)
        return [
            self._compare(together, apart)
            for together, apart in sides
            if {key.baseline for key in together} == {True, False}
        ]

    def _sides(self, domain: str) -> tuple[list[_Key], list[_Key]]:
        """What can be compared in a domain, runs before baselines, and the runs without any task of a baseline."""
        keys = [key for key in self._trials if key.domain == domain]
        of_baselines = {task for key in keys if key.baseline for task in self._trials[key]}
        apart = [key for key in keys if not self._trials[key].keys() & of_baselines]
        return sorted((key for key in keys if key not in apart), key=lambda key: key.baseline), apart

    def alone(self) -> list[str]:
        """A message for each domain that has nothing to compare: no baseline, or no run with a task of one."""
        domains = dict.fromkeys(key.domain for key in self._trials)
        baselines = {domain: {key.baseline for key in self._sides(domain)[0]} for domain in domains}
        return [
            f"{domain}: there is no {'run' if True in found else 'baseline'} to compare with"
            for domain, found in baselines.items()
            if found != {True, False}
        ]

    def _compare(self, keys: Sequence[_Key], apart: Sequence[_Key]) -> Comparison:
        common = [
            task
            for task in self._trials[keys[0]]
            if task not in self._other and all(task in self._trials[key] for key in keys)
        ]
        names = {key: self._name(key, keys) for key in (*keys, *apart)}
        trials = {key: [trial for task in common for trial in self._trials[key][task]] for key in keys}
        measures = [
            name for name in MEASURES if common and all(name in each.took for of in trials.values() for each in of)
        ]
        took = {key: {name: _mean([each.took[name] for each in trials[key]]) for name in measures} for key in keys}
        budgets = {name: min(took[key][name] for key in keys) for name in measures}
        base = next(key for key in keys if key.baseline)
        sides = []
        for key in keys:
            shares = [(self._share(key, task), self._share(base, task)) for task in common]
            side = Side(
                names[key],
                key.baseline,
                len(trials[key]),
                sum(trial.solved for trial in trials[key]),
                took[key],
                {name: _solved_within(trials[key], name, budgets[name]) for name in measures},
                sum(mine > its for mine, its in shares),
                sum(mine < its for mine, its in shares),
            )
            sides.append(side)
        curves = [
            _curve(keys[0].domain, names[key], trials[key], name, len(common)) for name in measures for key in keys
        ]
        return Comparison(
            keys[0].domain,
            len(common),
            tuple(sides),
            budgets,
            tuple(curves),
            tuple(self._notes(keys, names, common, measures)),
        )

    def _share(self, key: _Key, task: str) -> float:
        trials = self._trials[key][task]
        return sum(trial.solved for trial in trials) / len(trials)

    def _name(self, key: _Key, keys: Sequence[_Key]) -> str:
        name = self._experiments.name(key.experiment) or "run"
        several = len({each.method for each in keys}) > 1
        return f"{name} {key.method}" if several else name

    def _notes(
        self, keys: Sequence[_Key], names: Mapping[_Key, str], common: Sequence[str], measures: Sequence[str]
    ) -> Iterator[str]:
        for key in [key for key in names if key not in keys]:
            yield f"{names[key]} is not compared: it has no task of a baseline"
        for key in keys:
            left = len(self._trials[key].keys() - set(common))
            if left:
                yield f"{names[key]}: {counted(left, 'task')} left out that not all have"
        different = [task for task in self._other if task.startswith(f"{keys[0].domain}/")]
        if different:
            yield f"{counted(len(different), 'task')} left out that differ from stream to stream, as {different[0]}"
        if self._unsearched:
            yield f"{counted(self._unsearched, 'frontier')} left out that no search was made for"
        if common and "cpu_seconds" not in measures:
            yield "CPU seconds are not compared: not every search was made with --timing"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _spent(trials: Sequence[Trial], measure: str) -> Iterator[tuple[float, int]]:
    """Yield, for each limit that some trial took, the mean amount spent and the number of trials solved."""
    took = sorted((trial.took[measure], trial.solved) for trial in trials)
    before, solved, beyond = 0.0, 0, len(took)
    for limit, group in groupby(took, key=itemgetter(0)):
        together = list(group)
        before += limit * len(together)
        solved += sum(is_solved for _, is_solved in together)
        beyond -= len(together)
        yield (before + limit * beyond) / len(took), solved


def _solved_within(trials: Sequence[Trial], measure: str, budget: float) -> int:
    """How many trials are solved when ``budget`` is spent, the mean over all of them."""
    slack = budget * 1e-9
    return max((solved for spent, solved in _spent(trials, measure) if spent <= budget + slack), default=0)


def _curve(domain: str, series: str, trials: Sequence[Trial], measure: str, tasks: int) -> Curve:
    """The number of tasks solved, a run, by the mean amount spent on a task."""
    points: dict[float, float] = {}
    for spent, solved in _spent(trials, measure):
        points[spent] = solved * tasks / len(trials)
    spreads = tuple(Spread(1, value, 0.0) for value in points.values())
    runs = max(1, round(len(trials) / max(1, tasks)))
    return Curve(SOLVED_BY[measure], domain, series, runs, tuple(points), spreads)


def comparison_table(comparison: Comparison) -> RenderableType:
    """A table with a row for each side: what it solved, what it took, and what it solved within equal budgets."""
    titles = ["searches", "solved", "gained", "lost", *(f"{MEASURES[name]} a task" for name in comparison.budgets)]
    titles += [f"within {amount(budget)} {MEASURES[name]}" for name, budget in comparison.budgets.items()]
    grid = Grid([Column("run"), *(Column(title, "number") for title in titles)])
    for side in comparison.sides:
        change = ["–", "–"] if side.baseline else [str(side.gained), str(side.lost)]
        took = [amount(side.took[name]) for name in comparison.budgets]
        within = [f"{side.within[name]}/{side.searches}" for name in comparison.budgets]
        name = f"{side.name} (baseline)" if side.baseline else side.name
        grid.add(name, str(side.searches), f"{side.solved}/{side.searches}", *change, *took, *within)
    tasks = counted(comparison.tasks, "task")
    title = f"{comparison.domain}: {tasks} that all have; solved in all, and within equal budgets a task"
    return Group(Text(title, style="bold"), grid)


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """A comparison as JSON, without its curves."""
    return {
        "domain": comparison.domain,
        "tasks": comparison.tasks,
        "budgets": dict(comparison.budgets),
        "runs": [
            {
                "name": side.name,
                "baseline": side.baseline,
                "searches": side.searches,
                "solved": side.solved,
                "mean": dict(side.took),
                "solved_within": dict(side.within),
                **({} if side.baseline else {"gained": side.gained, "lost": side.lost}),
            }
            for side in comparison.sides
        ],
    }
