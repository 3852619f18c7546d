"""The domain of function optimization: a program is or returns a point, and the reward is how low a function is there.

Read it as an example of a domain of Python programs with rewards and a behavior space.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from psynth.core.errors import InputError
from psynth.core.seeds import generator
from psynth.core.settings import setting
from psynth.core.stream.records import Program, Task
from psynth.plugins.behavior import Axis, Behavior
from psynth.plugins.domain import TaskSettings
from psynth.plugins.evaluator import Budget, Evaluator, Job, Outcome, ProgramError, Verdict
from psynth.plugins.source_domain import PYTHON, SourceDomain
from psynth.plugins.syntax import Syntax

if TYPE_CHECKING:
    from psynth.core.engines.leases import Engines
    from psynth.core.stream.records import Library

JSON = "json"
BOUND = 4.0
"""Points are in [−BOUND, BOUND] in each dimension."""
LEAST = 1e-6
"""Up to this value a function counts as least: its minimum is 0."""

Point = Sequence[float]


def _ackley(x: Point) -> float:
    distance = math.sqrt(sum(each * each for each in x) / len(x))
    waves = sum(math.cos(2 * math.pi * each) for each in x) / len(x)
    return 20 - 20 * math.exp(-0.2 * distance) + math.e - math.exp(waves)


def _rosenbrock(x: Point) -> float:
    pairs = itertools.pairwise(x)
    return sum(100 * (second + 1 - (first + 1) ** 2) ** 2 + first**2 for first, second in pairs)


def _griewank(x: Point) -> float:
    product = math.prod(math.cos(each / math.sqrt(place)) for place, each in enumerate(x, 1))
    return 1 + sum(each * each for each in x) / 4000 - product


def _himmelblau(x: Point) -> float:
    """In each pair of numbers; a last one without another is squared."""
    pairs = [(first + 3, second + 2) for first, second in zip(x[::2], x[1::2], strict=False)]
    rest = x[-1] ** 2 if len(x) % 2 else 0.0
    return rest + sum((a * a + b - 11) ** 2 + (a + b * b - 7) ** 2 for a, b in pairs)


LOWEST = -2.903534027771177
"""Where the polynomial of Styblinski and Tang is least: the least root of 4x³ − 32x + 5."""


def _polynomial(x: float) -> float:
    return (x**4 - 16 * x * x + 5 * x) / 2


def _styblinski_tang(x: Point) -> float:
    return sum(_polynomial(each + LOWEST) - _polynomial(LOWEST) for each in x)


FUNCTIONS: Mapping[str, Mapping[str, Callable[[Point], float]]] = {
    "train": {
        "sphere": lambda x: sum(each * each for each in x),
        "ackley": _ackley,
        "rosenbrock": _rosenbrock,
        "himmelblau": _himmelblau,
        "styblinski-tang": _styblinski_tang,
    },
    "test": {
        "rastrigin": lambda x: sum(10 + each * each - 10 * math.cos(2 * math.pi * each) for each in x),
        "griewank": _griewank,
    },
}
"""The functions of each split, moved so that each is least, 0, at the origin."""
_ALL = {name: function for functions in FUNCTIONS.values() for name, function in functions.items()}


@dataclass(frozen=True)
class FunctionTaskSettings(TaskSettings):
    """The settings of ``psynth tasks function``."""

    dimensions: int = setting(2, minimum=2, maximum=1000, unit="dimensions", help="dimensions of the points")


class Function(SourceDomain):
    """Points of a box, judged by a function whose least point the seed chooses."""

    name = "function"
    help = "points where test functions are least"
    languages: ClassVar[Mapping[str, str]] = {
        PYTHON: "Python source that defines point, run in the sandbox",
        JSON: "a list of numbers, the point itself",
    }
    TaskSettings = FunctionTaskSettings
    function = "point"

    def tasks(self, settings: FunctionTaskSettings, seed: int) -> Iterator[Task]:
        """Yield a task for each function of a split."""
        for split in settings.splits:
            for number, name in enumerate(list(FUNCTIONS[split])[: settings.count]):
                task_id = f"{self.name}/{split}-{number:03}-{name}"
                rng = generator(seed, "tasks", task_id)
                least = [round(rng.uniform(-BOUND / 2, BOUND / 2), 3) for _ in range(settings.dimensions)]
                yield Task(
                    id=task_id,
                    domain=self.name,
                    environment={"function": name, "least": least},
                    split=split,
                    descriptions=(f"find where a moved {name} function of {settings.dimensions} numbers is least",),
                )

    def seeds(self, task: Task) -> Sequence[Program]:
        """The middle of the box, in both languages."""
        middle = [0.0] * len(_environment(task)[1])
        return [Program(f"def point(dimensions):\n    return {middle}\n", PYTHON), Program(json.dumps(middle), JSON)]

    def evaluator(
        self,
        library: Library,
        budget: Budget,
        *,
        language: str = PYTHON,
        engines: Engines | None = None,
        jobs: int = 1,
    ) -> Evaluator:
        """The evaluator of a language; points are judged in this process."""
        if language == JSON:
            return PointEvaluator(self)
        return super().evaluator(library, budget, language=language, engines=engines, jobs=jobs)

    def calls(self, task: Task) -> Sequence[Sequence[Any]]:
        """One call, with the number of dimensions."""
        return [[len(_environment(task)[1])]]

    def verdict(self, task: Task, outcomes: Sequence[Outcome]) -> Verdict:
        """The reward is minus the function's value, and the score falls with it from 1 to 0."""
        function, least = _environment(task)
        [outcome] = outcomes
        if outcome.status == "ok" and not _is_point(outcome.value, len(least)):
            limits = f"{len(least)} numbers from {-BOUND:g} to {BOUND:g}"
            outcome = Outcome("error", message=f"the program returned something else than a list of {limits}")
        if outcome.status != "ok":
            return Verdict(outcome.status, -math.inf, None, outputs=(outcome,), message=outcome.message)
        value = max(0.0, function([x - origin for x, origin in zip(outcome.value, least, strict=True)]))
        likelihood = 0.0 if value <= LEAST else -math.inf
        return Verdict("ok", likelihood, 1 / (1 + value), reward=-value, outputs=(outcome,))

    def bounds(self, task: Task) -> tuple[float, float]:
        """Those of the box."""
        return -BOUND, BOUND

    def behavior(self) -> Behavior:
        """The place of the point."""
        return Place()

    def syntax(self) -> Syntax:
        """Python source, described for people and prompts."""
        return replace(
            super().syntax(),
            description="Programs are Python source that defines point(dimensions), which returns a list of so many "
            f"numbers from {-BOUND:g} to {BOUND:g}, or such a list itself, as JSON.",
        )


class PointEvaluator(Evaluator):
    """Judges points that are written as JSON, which is data: nothing is run."""

    def __init__(self, domain: Function) -> None:
        self._domain = domain

    def run_all(self, jobs: Sequence[Job]) -> list[list[Outcome] | ProgramError]:
        """The point of each job, whatever its inputs."""
        found = [_read(job.program) for job in jobs]
        return [
            each if isinstance(each, ProgramError) else [each for _ in job.inputs]
            for each, job in zip(found, jobs, strict=True)
        ]

    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        """Judge each point on its task."""
        for task, _ in jobs:
            _environment(task)
        return [[self._verdict(task, _read(program)) for program in programs] for task, programs in jobs]

    def _verdict(self, task: Task, read: Outcome | ProgramError) -> Verdict:
        if isinstance(read, ProgramError):
            return Verdict("error", -math.inf, None, rejected=read)
        return self._domain.verdict(task, [read])


def _read(program: str) -> Outcome | ProgramError:
    """The point that a text is."""
    try:
        value = json.loads(program)
    except (ValueError, RecursionError) as error:
        return ProgramError("parse", f"not JSON: {error}")
    if not isinstance(value, list) or not all(type(x) in (int, float) and math.isfinite(x) for x in value):
        return ProgramError("parse", "not a list of finite numbers")
    return Outcome("ok", value)


class Place(Behavior):
    """The first two coordinates of a point."""

    axes = (Axis("x0", -BOUND, BOUND), Axis("x1", -BOUND, BOUND))

    def of(self, outcomes: Sequence[Outcome]) -> tuple[float, ...] | None:
        """The coordinates; None if the program returned no point."""
        if not outcomes or outcomes[0].status != "ok":
            return None
        first, second, *_ = outcomes[0].value
        return float(first), float(second)


def _environment(task: Task) -> tuple[Callable[[Point], float], Point]:
    """The function of a task and where it is least; InputError if the task has none."""
    given = task.environment or {}
    name, least = given.get("function"), given.get("least")
    if not isinstance(name, str) or name not in _ALL:
        raise InputError(f"environment.function: expected one of {', '.join(_ALL)}", task=task.id)
    if not isinstance(least, list) or len(least) < 2 or not _is_point(least, len(least)):
        raise InputError("environment.least: expected a point of two or more dimensions", task=task.id)
    return _ALL[name], least


def _is_point(value: Any, dimensions: int) -> bool:
    return (
        isinstance(value, list)
        and len(value) == dimensions
        and all(type(x) in (int, float) and abs(x) <= BOUND for x in value)
    )
