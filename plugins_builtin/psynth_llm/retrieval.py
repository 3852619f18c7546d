"""Which solved tasks stand in a prompt as examples: at random, or those most like the task."""

from __future__ import annotations

import math
import operator
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Literal, TypeAlias

from psynth.core.stream.reading import read_records
from psynth.core.stream.records import Frontier, Library, Program
from psynth.plugins.domain import Domain
from psynth.plugins.visible_task import VisibleTask

Retrieval: TypeAlias = Literal["random", "tf-idf", "embeddings"]
Embed: TypeAlias = Callable[[Sequence[str]], Sequence[tuple[float, ...] | None]]
"""The vector of each text, None where there is no budget for it."""
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Solved:
    """A solved task and its solutions, shortest first; ``words`` are those of its descriptions or examples."""

    task: VisibleTask
    programs: tuple[Program, ...]
    words: Counter[str] = field(default_factory=Counter)


def text_of(task: VisibleTask) -> str:
    """A task's descriptions or, if it has none, its examples."""
    return " ".join(task.descriptions) or " ".join(f"{each.inputs} {each.output}" for each in task.examples)


def words_of(task: VisibleTask) -> Counter[str]:
    """The words of `text_of` a task."""
    return Counter(_WORD.findall(text_of(task).lower()))


def read_solved(path: Path, domain_of: Callable[[str], Domain]) -> dict[str, list[Solved]]:
    """The solved tasks of a stream by domain, in order of their ids."""
    found: dict[str, dict[str, Solved]] = {}
    for record in read_records([path], [Library, Frontier]):
        if not isinstance(record, Frontier) or record.task is None or not record.solved:
            continue
        task = domain_of(record.task.domain).visible(record.task)
        solutions = sorted((each for each in record.programs if each.solves), key=lambda each: len(each.program))
        found.setdefault(task.domain, {})[task.id] = Solved(task, tuple(solutions), words_of(task))
    return {domain: [each[name] for name in sorted(each)] for domain, each in found.items()}


class Examples:
    """The solved tasks of one domain, from which those for a prompt are chosen."""

    def __init__(self, solved: Sequence[Solved], retrieval: Retrieval, embed: Embed) -> None:
        self._solved, self._retrieval, self._embed = solved, retrieval, embed
        self._texts = [text_of(each.task) for each in solved]
        self._embedded: dict[str, tuple[float, ...] | None] = {}
        documents = Counter(word for each in solved for word in each.words)
        # Each word counts by the share of tasks that do not have it (inverse document frequency, smoothed).
        self._rarity = {word: math.log((1 + len(solved)) / (1 + count)) + 1 for word, count in documents.items()}
        self._vectors = [self._vector(each.words) for each in solved]

    def chosen(self, task: VisibleTask, rng: Random) -> list[Solved]:
        """All solved tasks but the task itself, the first to be shown first; `embed` has seen the task."""
        order = list(range(len(self._solved)))
        rng.shuffle(order)
        if self._retrieval == "tf-idf":
            wanted = self._vector(words_of(task))
            order.sort(key=lambda number: -_cosine(wanted, self._vectors[number]))
        elif self._retrieval == "embeddings":
            vector = self._embedded[text_of(task)]
            likeness = [_likeness(vector, self._embedded[text]) for text in self._texts]
            order.sort(key=lambda number: -likeness[number])
        return [self._solved[number] for number in order if self._solved[number].task.id != task.id]

    def embed(self, tasks: Sequence[VisibleTask]) -> None:
        """Get the embeddings of all solved tasks and of others, those that are new, in one go, if they are wanted."""
        if self._retrieval != "embeddings":
            return
        texts = dict.fromkeys([*self._texts, *map(text_of, tasks)])
        new = [text for text in texts if text not in self._embedded]
        self._embedded |= zip(new, map(_unit, self._embed(new)), strict=True)

    def _vector(self, words: Counter[str]) -> dict[str, float]:
        """The words by weight, of length 1."""
        weights = {word: count * self._rarity.get(word, 0.0) for word, count in words.items()}
        length = math.sqrt(sum(weight * weight for weight in weights.values()))
        return {word: weight / length for word, weight in weights.items() if weight} if length else {}


def _cosine(one: dict[str, float], other: dict[str, float]) -> float:
    return sum(weight * other[word] for word, weight in sorted(one.items()) if word in other)


def _unit(vector: tuple[float, ...] | None) -> tuple[float, ...] | None:
    """The vector at length 1."""
    length = 0.0 if vector is None else math.hypot(*vector)
    return vector if vector is None or not length else tuple(each / length for each in vector)


def _likeness(one: tuple[float, ...] | None, other: tuple[float, ...] | None) -> float:
    """The cosine of two vectors of length 1; less than any cosine if there is no budget for one of them."""
    return -2.0 if one is None or other is None else math.fsum(map(operator.mul, one, other))
