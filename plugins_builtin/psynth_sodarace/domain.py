"""The domain of Sodarace: programs in two languages make walkers, and the reward is how far these move."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from psynth.core.settings import setting
from psynth.core.stream.records import Library, Program, Task
from psynth.plugins.domain import LAMBDA, TaskSettings
from psynth.plugins.evaluator import Budget, Evaluator, Outcome, Verdict
from psynth.plugins.source_domain import PYTHON, SourceEvaluator
from psynth.plugins.syntax import Syntax
from psynth.plugins.two_languages import TwoLanguageDomain
from psynth_sodarace.behavior import Build
from psynth_sodarace.evaluation import NO_ARGUMENTS, LambdaWalkers, PythonWalkers
from psynth_sodarace.judging import verdicts
from psynth_sodarace.machine import constants
from psynth_sodarace.primitives import PRIMITIVES, WEIGHTS
from psynth_sodarace.seeds import LAMBDA_SEEDS, PYTHON_SEEDS
from psynth_sodarace.trial import Trial
from psynth_sodarace.walkers import FORMAT

if TYPE_CHECKING:
    from psynth.core.engines.leases import Engines
    from psynth.plugins.views import Views

DESCRIPTIONS: Mapping[str, str] = {
    "flat": "Make a walker that moves far over level ground.",
    "left-wall": "Make a walker that moves far, with a wall on its left.",
    "right-wall": "Make a walker that moves far, with a wall on its right.",
    "bumpy": "Make a walker that moves far over bumps.",
    "tunnel": "Make a walker that moves far under a low ceiling.",
}
"""What each terrain asks for."""
SPLITS: Mapping[str, Sequence[str]] = {"train": ("flat",), "test": ("left-wall", "right-wall", "bumpy", "tunnel")}
"""The terrains of each split: walkers evolve on flat ground, and the others test them."""
REQUEST = "walker"


@dataclass(frozen=True)
class SodaraceTaskSettings(TaskSettings):
    """The settings of ``psynth tasks sodarace``."""

    milliseconds: int = setting(
        5000, minimum=1, maximum=600_000, unit="milliseconds", help="how long a walker may use its muscles"
    )


class Sodarace(TwoLanguageDomain):
    """Walkers on five terrains."""

    name = "sodarace"
    help = "walkers of joints and muscles that move over a terrain"
    languages: ClassVar[Mapping[str, str]] = {
        LAMBDA: "typed λ-terms of joints, muscles and loops",
        PYTHON: "Python source that defines make_walker, run in the sandbox",
    }
    TaskSettings = SodaraceTaskSettings
    primitives = PRIMITIVES
    weights = WEIGHTS
    function = "make_walker"

    def tasks(self, settings: SodaraceTaskSettings, seed: int) -> Iterator[Task]:
        """Yield a task for each terrain of a split; the seed has no effect."""
        for split in settings.splits:
            for number, terrain in enumerate(SPLITS[split][: settings.count]):
                yield Task(
                    id=f"{self.name}/{split}-{number:03}-{terrain}",
                    domain=self.name,
                    request=REQUEST,
                    environment=Trial(terrain, settings.milliseconds).to_json(),
                    split=split,
                    descriptions=(DESCRIPTIONS[terrain],),
                )

    def seeds(self, task: Task) -> Sequence[Program]:
        """The walkers that evolution starts from, the same for each task."""
        return [
            *(Program(text, PYTHON) for text in PYTHON_SEEDS.values()),
            *(Program(text, LAMBDA) for text in LAMBDA_SEEDS.values()),
        ]

    def calls(self, task: Task) -> Sequence[Sequence[Any]]:
        """One call without arguments."""
        Trial.of(task)
        return NO_ARGUMENTS

    def verdict(self, task: Task, outcomes: Sequence[Outcome]) -> Verdict:
        """The verdict on the walker that a program returned."""
        [found] = verdicts(task, [outcomes])
        return found

    def _evaluator(self, budget: Budget, jobs: int, engines: Engines | None) -> SourceEvaluator:
        return PythonWalkers(self, budget, jobs, engines)

    def _term_evaluator(self, library: Library, budget: Budget, engines: Engines, jobs: int) -> Evaluator:
        return LambdaWalkers(type(self), library, budget, engines.python_workers, jobs)

    def behavior(self) -> Build:
        """Height, width and mass."""
        return Build()

    def syntax(self) -> Syntax:
        """Both languages, described for people and prompts."""
        rules = constants()
        (fewest, most), (_, muscles) = rules.joints, rules.muscles
        description = (
            f"Programs make a walker. In Python they define make_walker(), without arguments; {FORMAT}. A bone keeps "
            "its length; the length of a muscle swings once a second, the amplitude "
            f"(−{rules.amplitude:g} to {rules.amplitude:g}) scales the contraction, and the phase (in periods) shifts "
            f"it. A walker has {fewest} to {most} joints and up to {muscles} muscles, {rules.degree} at a joint, which "
            f"connect all joints and no two twice; it is at most {rules.size:g} high and wide, and its mass, the "
            f"number of joints and half the length of all muscles, is at most {rules.mass:g}."
        )
        return dataclasses.replace(super().syntax(), description=description)

    def views(self) -> Views:
        """Walkers in motion."""
        from psynth_sodarace.views import WalkerViews

        return WalkerViews(self)
