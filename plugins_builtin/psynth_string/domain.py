"""The domain of words to match: a vector of numbers spells a word, and the reward is how near its letters are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from psynth.core.errors import UsageError
from psynth.core.settings import setting
from psynth.core.stream.records import Library, Program, Task
from psynth.plugins.domain import Domain, TaskSettings
from psynth.plugins.evaluator import Budget
from psynth.plugins.syntax import Syntax
from psynth_string.behavior import MeanAndSpread
from psynth_string.evaluation import VectorEvaluator, target_of
from psynth_string.letters import ALPHABET, GREATEST, LEAST

if TYPE_CHECKING:
    from psynth.core.engines.leases import Engines

JSON = "json"
WORDS: Mapping[str, Sequence[str]] = {
    "train": ("elite", "MAPElites", "evolution"),
    "test": ("archive", "QualityDiversity", "zAzAzAzA"),
}
"""The words of each split."""
STARTS = (0.5, 13.0, 26.0, 39.0, 51.5)
"""The number that each seed program repeats."""


@dataclass(frozen=True)
class StringTaskSettings(TaskSettings):
    """The settings of ``psynth tasks string``."""

    word: str | None = setting(None, help="one task with this word instead of the domain's own")


class String(Domain):
    """Words, matched by vectors."""

    name = "string"
    help = "words to match, one number for each letter"
    languages: ClassVar[Mapping[str, str]] = {JSON: "a list of numbers from 0 to 52, one for each letter"}
    TaskSettings = StringTaskSettings

    def tasks(self, settings: StringTaskSettings, seed: int) -> Iterator[Task]:
        """Yield a task for each word of a split; the seed has no effect."""
        if settings.word is not None:
            if not settings.word or not set(settings.word) <= set(ALPHABET):
                raise UsageError("--word: expected letters a to z and A to Z")
            yield _task(f"{self.name}/given-{settings.word}", settings.word, None)
            return
        for split in settings.splits:
            for number, word in enumerate(WORDS[split][: settings.count]):
                yield _task(f"{self.name}/{split}-{number:03}-{word}", word, split)

    def seeds(self, task: Task) -> Sequence[Program]:
        """One number for all letters: from the start, the middle and the end of the alphabet."""
        return [Program(json.dumps([start] * len(target_of(task))), JSON) for start in STARTS]

    def evaluator(
        self,
        library: Library,
        budget: Budget,
        *,
        language: str = JSON,
        engines: Engines | None = None,
        jobs: int = 1,
    ) -> VectorEvaluator:
        """The evaluator of vectors, in this process."""
        self.require_language(language)
        return VectorEvaluator()

    def bounds(self, task: Task) -> tuple[float, float]:
        """The line of letters."""
        return LEAST, GREATEST

    def behavior(self) -> MeanAndSpread:
        """Mean and spread of the numbers."""
        return MeanAndSpread()

    def syntax(self) -> Syntax:
        """Vectors, described for people and prompts."""
        return Syntax(
            f"Programs are JSON lists of numbers from {LEAST:g} to {GREATEST:g}, one for each letter of the word. "
            f"A number x spells the letter ⌊x⌋, counted from 0, of {ALPHABET}."
        )


def _task(task_id: str, word: str, split: str | None) -> Task:
    return Task(
        id=task_id,
        domain=String.name,
        environment={"target": word},
        split=split,
        descriptions=(f"Spell {word}.",),
    )
