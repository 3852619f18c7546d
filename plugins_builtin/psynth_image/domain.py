"""The domain of pictures: programs in two languages draw 32×32 pixels, and the reward is how near they come."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from psynth.core.stream.records import Library, Program, Task
from psynth.plugins.domain import LAMBDA, TaskSettings
from psynth.plugins.evaluator import Budget, Evaluator, Outcome, Verdict
from psynth.plugins.source_domain import PYTHON
from psynth.plugins.syntax import Syntax
from psynth.plugins.two_languages import TwoLanguageDomain
from psynth_image.behavior import Tint
from psynth_image.evaluation import NO_ARGUMENTS, LambdaPictures
from psynth_image.judging import target_of, verdict_of
from psynth_image.pixels import GREATEST, SIDE
from psynth_image.primitives import PRIMITIVES
from psynth_image.seeds import LAMBDA_SEEDS, PYTHON_SEEDS
from psynth_image.targets import TARGETS

if TYPE_CHECKING:
    from psynth.core.engines.leases import Engines
    from psynth.plugins.views import Views


class Image(TwoLanguageDomain):
    """Pictures to draw."""

    name = "image"
    help = f"pictures of {SIDE}×{SIDE} pixels to draw"
    languages: ClassVar[Mapping[str, str]] = {
        PYTHON: "Python source that defines draw, run in the sandbox with numpy",
        LAMBDA: "typed λ-terms over fields, one number for each pixel",
    }
    primitives = PRIMITIVES
    function = "draw"
    packages = ("numpy",)

    def tasks(self, settings: TaskSettings, seed: int) -> Iterator[Task]:
        """Yield a task for each picture of a split; the seed has no effect."""
        for split in settings.splits:
            for number, (name, (description, _)) in enumerate(list(TARGETS[split].items())[: settings.count]):
                yield Task(
                    id=f"{self.name}/{split}-{number:03}-{name}",
                    domain=self.name,
                    request="image",
                    environment={"target": name},
                    split=split,
                    descriptions=(f"Draw {description}.",),
                )

    def seeds(self, task: Task) -> Sequence[Program]:
        """Simple pictures, the same for each task."""
        return [
            *(Program(text, PYTHON) for text in PYTHON_SEEDS.values()),
            *(Program(text, LAMBDA) for text in LAMBDA_SEEDS.values()),
        ]

    def calls(self, task: Task) -> Sequence[Sequence[Any]]:
        """One call without arguments."""
        target_of(task)
        return NO_ARGUMENTS

    def verdict(self, task: Task, outcomes: Sequence[Outcome]) -> Verdict:
        """The verdict on the picture that a program returned."""
        return verdict_of(task, outcomes)

    def _term_evaluator(self, library: Library, budget: Budget, engines: Engines, jobs: int) -> Evaluator:
        return LambdaPictures(type(self), library, budget, engines.python_workers, jobs)

    def behavior(self) -> Tint:
        """The means of red, green and blue."""
        return Tint()

    def syntax(self) -> Syntax:
        """Both languages, described for people and prompts."""
        description = (
            f"Programs draw a picture of {SIDE}×{SIDE} pixels. In Python they define draw(), without arguments, and "
            f"return {SIDE} rows from top to bottom of {SIDE} pixels from left to right, as nested lists or as an "
            f"array of numpy; a pixel is red, green and blue from 0 to {GREATEST}."
        )
        return dataclasses.replace(super().syntax(), description=description)

    def views(self) -> Views:
        """Pictures in the terminal and as images."""
        from psynth_image.views import PictureViews

        return PictureViews(self)
