"""The domain of symbolic regression: formulas in two languages, judged by their values at points."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from psynth.core.calculus.types import Type, parse_type
from psynth.core.seeds import generator
from psynth.core.settings import setting
from psynth.core.stream.records import Example, Library, Program, Task
from psynth.plugins.domain import LAMBDA, TaskSettings
from psynth.plugins.evaluator import Budget, Evaluator, Outcome, Verdict
from psynth.plugins.python_domain import Primitive
from psynth.plugins.source_domain import PYTHON
from psynth.plugins.syntax import Syntax
from psynth.plugins.two_languages import TwoLanguageDomain
from psynth_symbolic.evaluation import FormulaEvaluator
from psynth_symbolic.formulas import FORMULAS, Formula, Point
from psynth_symbolic.judging import verdict_of
from psynth_symbolic.primitives import SETS

if TYPE_CHECKING:
    from psynth.core.engines.leases import Engines

REAL = parse_type("real")
VARIABLES = ("x", "y", "z", "u", "v")
_LITERAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+(e-?[0-9]+)?")


@dataclass(frozen=True)
class SymbolicTaskSettings(TaskSettings):
    """The settings of ``psynth tasks symbolic``."""

    points: int = setting(
        100, minimum=2, maximum=10_000, unit="points", help="training points of a task, of those published, at most"
    )
    held_out: int = setting(100, minimum=0, maximum=10_000, unit="points", help="points to hold out (split test)")


class Symbolic(TwoLanguageDomain):
    """Formulas to find from points."""

    name = "symbolic"
    help = "formulas to find from points"
    languages: ClassVar[Mapping[str, str]] = {
        LAMBDA: "typed λ-terms over real numbers",
        PYTHON: "Python source that defines f, run in the sandbox",
    }
    TaskSettings = SymbolicTaskSettings
    primitive_sets: ClassVar[Mapping[str, str]] = {
        "base": "arithmetic, sin, cos, exp, log, 1 and 2",
        "pure": "arithmetic, sin, cos, exp and log, without constants",
        "polynomials": "arithmetic, 1 and 2",
        "rich": "base, sqrt, pow, square, neg, inv and constants from 0.1 to 10",
    }
    primitives: ClassVar[Sequence[Primitive]] = tuple(
        {each.name: each for name in SETS for each in SETS[name]}.values()
    )
    function = "f"

    def primitives_in(self, primitive_set: str) -> Sequence[Primitive]:
        """The primitives of one of the sets."""
        return SETS[primitive_set]

    def tasks(self, settings: SymbolicTaskSettings, seed: int) -> Iterator[Task]:
        """Yield a task for each formula of a split; the seed changes the points that are drawn."""
        for split in settings.splits:
            for number, (name, formula) in enumerate(list(FORMULAS[split].items())[: settings.count]):
                yield _task(f"{self.name}/{split}-{number:03}-{name}", split, formula, settings, seed)

    def seeds(self, task: Task) -> Sequence[Program]:
        """The first variable, as a program of each language."""
        names = VARIABLES[: len(task.examples[0].inputs)] if task.examples else VARIABLES[:1]
        term = f"{'(lambda ' * len(names)}${len(names) - 1}{')' * len(names)}"
        source = f"from math import cos, exp, log, sin\n\n\ndef f({', '.join(names)}):\n    return {names[0]}\n"
        return [Program(term, LAMBDA), Program(source, PYTHON)]

    def literal_type(self, text: str) -> Type | None:
        """Numbers with a decimal point are constants."""
        return None if self.literal_value(text) is None else REAL

    def literal_value(self, text: str) -> float | None:
        """The number that a token denotes."""
        if not _LITERAL.fullmatch(text) or not math.isfinite(value := float(text)):
            return None
        return value

    def verdict(self, task: Task, outcomes: Sequence[Outcome]) -> Verdict:
        """The verdict on a program from its values."""
        return verdict_of(task, outcomes)

    def _term_evaluator(self, library: Library, budget: Budget, engines: Engines, jobs: int) -> Evaluator:
        return FormulaEvaluator(self, library, budget, engines.python_workers, jobs)

    def syntax(self) -> Syntax:
        """Both languages, described for people and prompts."""
        description = (
            "Programs are formulas of real numbers. In Python they define f, whose arguments are the variables, and "
            "return a number; λ-terms may have any number with a decimal point as a constant. Operations are not "
            "protected: a division by zero or the logarithm of a negative number is an error."
        )
        return dataclasses.replace(super().syntax(), description=description)


def _task(task_id: str, split: str, formula: Formula, settings: SymbolicTaskSettings, seed: int) -> Task:
    rng = generator(seed, "tasks", task_id)
    train = formula.train.points(formula.variables, settings.points, rng)
    test = formula.test.points(formula.variables, settings.held_out, rng)

    def example(point: Point, of: str | None) -> Example:
        return Example(list(point), float(formula.function(*point)), split=of)

    names = ", ".join(VARIABLES[: formula.variables])
    return Task(
        id=task_id,
        domain=Symbolic.name,
        request=" -> ".join(["real"] * (formula.variables + 1)),
        examples=(*(example(each, None) for each in train), *(example(each, "test") for each in test)),
        split=split,
        descriptions=(f"{task_id.split('-', 2)[2]}: find f({names}) from {len(train)} points.",),
    )
