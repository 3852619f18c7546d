"""Tasks: a question, and scenes in which it has varied answers that every part of the question matters to."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from psynth.core.errors import UsageError
from psynth_clevr.expressions import (
    Ambiguous,
    Answer,
    Expression,
    Objects,
    Related,
    answer,
    chains,
    objects,
    parts,
    weakened,
)
from psynth_clevr.questions import KINDS, Question
from psynth_clevr.scenes import Scene, draw_attributes, placed, to_json, unplaced

ATTEMPTS: Final = 200
"""Scenes tried for each scene of a question, before another question is drawn."""
ROUNDS: Final = 6
"""Sets of scenes tried for a question."""
DRAWS: Final = 20_000
"""Questions drawn for a task, before the task is given up."""
MOST_EQUAL: Final = 0.6
"""The greatest share of a task's scenes with the same answer."""


def kinds_in_order(counts: dict[str, int], total: int) -> Iterator[str]:
    """The classes of ``total`` tasks, in the shares of ``counts``, which every beginning has as nearly as can be."""
    emitted: Counter[str] = Counter()
    every = sum(counts.values())
    for number in range(1, total + 1):
        kind = max(counts, key=lambda kind: (counts[kind] * number - emitted[kind] * every, kind))
        emitted[kind] += 1
        yield kind


def draw_task(
    kind: str, split: str, rng: random.Random, seen: set[str], further: int
) -> tuple[Question, list[tuple[Scene, Answer]]]:
    """A question of a class and split that is not in ``seen``, with its scenes and answers, ``further`` at the end."""
    for _ in range(DRAWS):
        question = KINDS[kind].draw(rng)
        if question.split != split or question.sentence in seen:
            continue
        found = _examples(question, rng, further)
        if found is not None:
            return question, found
    raise UsageError(f"there are too few different questions of the class {kind}: lower --count")


def _examples(question: Question, rng: random.Random, further: int) -> list[tuple[Scene, Answer]] | None:
    count = KINDS[question.kind].scenes
    weaker = list(weakened(question.asks))
    for _ in range(ROUNDS):
        pairs = _pairs(question, rng, count + further)
        if pairs is None:
            return None
        if _varied(pairs[:count]) and all(_matters(pairs[:count], each) for each in weaker):
            return pairs
    return None


def _pairs(question: Question, rng: random.Random, count: int) -> list[tuple[Scene, Answer]] | None:
    """Scenes in which the question has an answer, or None if they are too rare."""
    pairs: list[tuple[Scene, Answer]] = []
    anchors = [part.to for part in parts(question.asks) if isinstance(part, Related)]
    planted = list(chains(question.asks))
    for attempt in range(ATTEMPTS * count):
        if attempt >= ATTEMPTS and len(pairs) < 2:
            return None
        attributes = _attributes(planted, rng)
        # Most scenes are refused, and placing objects takes longest.
        if not _possible(question, anchors, unplaced(attributes)):
            continue
        scene = placed(attributes, rng)
        found = _answer(question, scene)
        if found is not None:
            pairs.append((scene, found))
            if len(pairs) == count:
                return pairs
    return None


def _possible(question: Question, anchors: Sequence[Objects], scene: Scene) -> bool:
    """Whether the question may have an answer, wherever objects are: those beside which others are sought are sole."""
    if not anchors:
        return _answer(question, scene) is not None
    return all(len(objects(anchor, scene)) == 1 for anchor in anchors)


def _attributes(planted: Sequence[Mapping[str, str]], rng: random.Random) -> list[dict[str, str]]:
    """Those of a random scene; for each description of objects in the question, mostly, one object fits it."""
    attributes = draw_attributes(rng)
    for conditions in planted:
        if rng.random() < 0.7:
            rng.choice(attributes).update(conditions)
    return attributes


def _answer(question: Question, scene: Scene) -> Answer | None:
    """The answer, or None where there is none, or where objects are to be found and are none, or all."""
    try:
        found = answer(question.asks, scene)
    except Ambiguous:
        return None
    if isinstance(found, tuple) and (not found or found == scene or (question.sole and len(found) != 1)):
        return None
    return found


def _varied(pairs: Sequence[tuple[Scene, Answer]]) -> bool:
    most = Counter(repr(found) for _, found in pairs).most_common(1)[0][1]
    return most <= MOST_EQUAL * len(pairs)


def _matters(pairs: Sequence[tuple[Scene, Answer]], weaker: Expression) -> bool:
    """Whether another question has another answer in some of the scenes."""
    return any(answer(weaker, scene, strict=False) != found for scene, found in pairs)


def answer_json(found: Answer) -> Any:
    """An answer as the λ-machine gives it."""
    return to_json(found) if isinstance(found, tuple) else found
