"""Draws questions of the seven classes: an expression and its English sentence."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, TypeAlias

from psynth_clevr.expressions import (
    Became,
    Compare,
    Count,
    Everything,
    Expression,
    Filter,
    Objects,
    Query,
    Related,
    Union,
    Without,
)
from psynth_clevr.scenes import RELATIONS, VALUES

Conditions: TypeAlias = Mapping[str, str]
"""Values by attribute, in the order of `VALUES`."""

BESIDE: Final = {"left": "left of", "right": "right of", "front": "in front of", "behind": "behind"}


@dataclass(frozen=True, slots=True)
class Question:
    """A question: its class, what it asks, and how it asks in English.

    ``sole`` says that the objects to be found are one.
    """

    kind: str
    asks: Expression
    sentence: str
    sole: bool = False

    @property
    def split(self) -> str:
        """``train`` or ``test``: a hash of the sentence holds out 90 of 256 questions, independently of the seed."""
        return "test" if blake2b(self.sentence.encode(), digest_size=1).digest()[0] < 90 else "train"

    @property
    def request(self) -> str:
        """The type of programs that answer the question."""
        match self.asks:
            case Count():
                answer = "int"
            case Query(_, attribute):
                answer = f"tclevr{attribute}"
            case Compare():
                answer = "bool"
            case _:
                answer = "list(tclevrobject)"
        return f"list(tclevrobject) -> {answer}"


# ---- descriptions of objects -----------------------------------------------------------------------------------------


def _draw(rng: random.Random, shares: Mapping[int, int], without: str = "") -> Conditions:
    """Values of some attributes, but none of ``without``; ``shares`` weighs how many."""
    names = [name for name in VALUES if name != without]
    count = rng.choices(list(shares), list(shares.values()))[0]
    chosen = set(rng.sample(names, min(count, len(names))))
    return {name: rng.choice(values) for name, values in VALUES.items() if name in chosen}


def _filtered(of: Objects, conditions: Conditions) -> Objects:
    for attribute, value in conditions.items():
        of = Filter(of, attribute, value)
    return of


def _named(conditions: Conditions, *, plural: bool = False) -> str:
    """The objects in English: *small red cubes*, *metal thing*."""
    words = [value for attribute, value in conditions.items() if attribute != "shape"]
    return " ".join([*words, conditions.get("shape", "thing") + ("s" if plural else "")])


def _changed(changes: Conditions) -> str:
    """What objects become, in English: *small and red*, *red cubes*."""
    words = [value for attribute, value in changes.items() if attribute != "shape"]
    return " ".join([*words, changes["shape"] + "s"]) if "shape" in changes else " and ".join(words)


# ---- the classes -----------------------------------------------------------------------------------------------------

ONE_TO_THREE: Final = {1: 40, 2: 45, 3: 15}


def _zero_hop(rng: random.Random) -> Question:
    if rng.random() < 0.3:
        which = _draw(rng, ONE_TO_THREE)
        return Question(
            "zero-hop",
            Count(_filtered(Everything(), which)),
            f"How many {_named(which, plural=True)} are there in the scene?",
        )
    asked = rng.choice(list(VALUES))
    which = _draw(rng, ONE_TO_THREE, without=asked)
    return Question("zero-hop", Query(_filtered(Everything(), which), asked), f"What {asked} is the {_named(which)}?")


def _one_hop(rng: random.Random) -> Question:
    anchor, relation = _draw(rng, {1: 40, 2: 40, 3: 20}), rng.choice(RELATIONS)
    place = f"{BESIDE[relation]} the {_named(anchor)}"
    beside = Related(_filtered(Everything(), anchor), relation)
    if rng.random() < 0.25:
        which = _draw(rng, {0: 35, 1: 45, 2: 20})
        return Question(
            "one-hop",
            Count(_filtered(beside, which)),
            f"How many {_named(which, plural=True)} are there {place}?",
        )
    asked = rng.choice(list(VALUES))
    which = _draw(rng, {0: 35, 1: 45, 2: 20}, without=asked)
    return Question("one-hop", Query(_filtered(beside, which), asked), f"What {asked} is the {_named(which)} {place}?")


def _compare_integer(rng: random.Random) -> Question:
    first, second = _draw(rng, {1: 30, 2: 55, 3: 15}), _draw(rng, {1: 30, 2: 55, 3: 15})
    more = rng.random() < 0.5
    return Question(
        "compare-integer",
        Compare(_filtered(Everything(), first), _filtered(Everything(), second), more),
        f"Are there {'more' if more else 'fewer'} {_named(first, plural=True)} than {_named(second, plural=True)}?",
    )


def _single_or(rng: random.Random) -> Question:
    among = _draw(rng, {0: 20, 1: 80})
    options = []
    for _ in range(2):
        drawn = _draw(rng, {1: 50, 2: 50})
        options.append({name: value for name, value in drawn.items() if name not in among} or drawn)
    of = _filtered(Everything(), among)
    first, second = (_filtered(of, each) for each in options)
    either = " or ".join(_named(each, plural=True) for each in options)
    return Question(
        "single-or", Count(Union(first, second)), f"How many {_named(among, plural=True)} are either {either}?"
    )


def _localization(rng: random.Random) -> Question:
    which, sole = _draw(rng, {1: 45, 2: 40, 3: 15}), rng.random() < 0.6
    return Question(
        "localization",
        _filtered(Everything(), which),
        f"Find the {_named(which, plural=not sole)}.",
        sole,
    )


def _remove(rng: random.Random) -> Question:
    gone = _draw(rng, {1: 55, 2: 45})
    left = Without(_filtered(Everything(), gone))
    if rng.random() < 0.5:
        return Question("remove", left, f"What is left without the {_named(gone, plural=True)}?")
    which = _draw(rng, {0: 25, 1: 75})
    return Question(
        "remove",
        Count(_filtered(left, which)),
        f"How many {_named(which, plural=True)} are left without the {_named(gone, plural=True)}?",
    )


def _transform(rng: random.Random) -> Question:
    which, changes = _draw(rng, ONE_TO_THREE), _draw(rng, {1: 65, 2: 30, 3: 5})
    became = Became(_filtered(Everything(), which), tuple(changes.items()))
    what = f"the {_named(which, plural=True)} became {_changed(changes)}"
    if rng.random() < 0.5:
        return Question("transform", became, f"What if {what}?")
    return Question(
        "transform",
        Count(_filtered(became, changes)),
        f"If {what}, how many {_named(changes, plural=True)} would there be?",
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """A class of questions: how to draw one, the scenes of a task, and the tasks of each split as published."""

    draw: Callable[[random.Random], Question]
    scenes: int
    train: int
    test: int


KINDS: Final[Mapping[str, Kind]] = {
    "zero-hop": Kind(_zero_hop, 5, 30, 30),
    "one-hop": Kind(_one_hop, 5, 30, 10),
    "compare-integer": Kind(_compare_integer, 5, 6, 4),
    "single-or": Kind(_single_or, 5, 25, 10),
    "localization": Kind(_localization, 15, 58, 30),
    "remove": Kind(_remove, 15, 23, 9),
    "transform": Kind(_transform, 15, 22, 10),
}
"""The classes, and how many tasks of each DreamCoder's and LILO's experiments have: 194 for training, 103 to test."""
