"""Tasks as arrays: what a domain's features show of a task, of limited length."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from psynth.core.errors import InputError
from psynth.plugins.domain import Domain
from psynth.plugins.features import (
    OBJECT_VOCABULARY,
    Features,
    ImageFeatures,
    ObjectFeatures,
    TokenFeatures,
    word_number,
)
from psynth.plugins.visible_task import VisibleTask
from psynth_recognition.settings import Perception

Kind = TypeVar("Kind", bound=Features)


class Perceiver(ABC, Generic[Kind]):
    """Sees tasks; ``examples`` is the greatest number of examples of a task in a batch."""

    kind: str
    examples: int

    @abstractmethod
    def see(self, task: VisibleTask) -> Any:
        """The arrays of one task; raises `InputError` if the domain cannot show it."""

    def chosen(self, seen: Any, rng: np.random.Generator | None) -> Any:
        """What of a task is for a batch: of its examples random ones in their order with ``rng``, else the first."""
        if len(seen) <= self.examples:
            return seen
        if rng is None:
            return seen[: self.examples]
        return [seen[place] for place in sorted(rng.choice(len(seen), self.examples, replace=False))]


@dataclass(frozen=True, slots=True)
class TokenSequence:
    """The tokens of one example: the inputs, of which there are ``inputs``, then a mark and the output."""

    tokens: Any
    inputs: int


@dataclass(frozen=True)
class TokenPerceiver(Perceiver[TokenFeatures]):
    """Sees examples as sequences, each cut to half of ``max_tokens`` before and after the output's mark."""

    features: TokenFeatures
    examples: int
    max_tokens: int
    kind = "tokens"

    def see(self, task: VisibleTask) -> list[TokenSequence]:
        """The sequence of each example."""
        most, mark = self.max_tokens // 2, self.features.start_of_output
        seen = []
        for inputs, output in self.features.examples(task):
            tokens = [*inputs[:most], mark, *output[: most - 1]]
            seen.append(TokenSequence(np.array(tokens, dtype=np.int64), len(inputs[:most])))
        return seen


@dataclass(frozen=True)
class ObjectPerceiver(Perceiver[ObjectFeatures]):
    """Sees examples as sets of elements: for each example the numbers of the words of each element."""

    features: ObjectFeatures
    examples: int
    kind = "objects"

    def see(self, task: VisibleTask) -> list[Any]:
        """For each example an array (elements, words) of how often an element has each word."""
        return [self._counts(elements) for elements in self.features.examples(task)]

    def _counts(self, elements: list[list[str]]) -> Any:
        counts = np.zeros((len(elements), OBJECT_VOCABULARY), dtype=np.uint8)
        for row, words in enumerate(elements):
            np.add.at(counts[row], [word_number(word) for word in words], 1)
        return counts


@dataclass(frozen=True)
class ImagePerceiver(Perceiver[ImageFeatures]):
    """Sees one image for each task."""

    features: ImageFeatures
    examples: int = 1
    kind = "image"

    def see(self, task: VisibleTask) -> Any:
        """The image as an array of float32."""
        image = np.asarray(self.features.image(task), dtype=np.float32)
        if image.shape != self.features.shape:
            raise InputError(f"the image has shape {list(image.shape)}, not {list(self.features.shape)}", task=task.id)
        return image

    def chosen(self, seen: Any, rng: np.random.Generator | None) -> Any:
        """The whole image."""
        return seen


def shows(domain: Domain, task: VisibleTask) -> bool:
    """Whether a network sees what a task asks for: by its examples, or by features that the domain declares.

    The default features read an environment as JSON, which names worlds and rewards but does not show them.
    """
    return bool(task.examples) or type(domain).features is not Domain.features


def perceiver_of(domain: Domain, settings: Perception) -> Perceiver[Any]:
    """The perceiver for a domain; raises `InputError` if it does not have the features that ``--encoder`` asks for."""
    features = domain.features()
    if settings.encoder not in ("auto", features.kind):
        if settings.encoder == "image":
            raise InputError(f"--encoder image: domain {domain.name!r} shows no images of its tasks")
        features = TokenFeatures() if settings.encoder == "tokens" else ObjectFeatures()
    if isinstance(features, TokenFeatures):
        return TokenPerceiver(features, settings.examples, settings.max_tokens)
    if isinstance(features, ObjectFeatures):
        return ObjectPerceiver(features, settings.examples)
    if isinstance(features, ImageFeatures):
        return ImagePerceiver(features)
    raise InputError(f"domain {domain.name!r} shows its tasks as {features.kind!r}, which no network reads")
