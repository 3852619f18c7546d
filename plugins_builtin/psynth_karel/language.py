"""Karel's language as typed primitives, weighted by the probabilities of LEAPS' and HPRL's generators."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from psynth.core.stream.records import Contextual, Library, Production, Weights

REQUEST = "stmt"
"""The type of a program: a statement, which may be a sequence."""

CONTROL: Mapping[str, str] = {
    "karel_seq": "stmt -> stmt -> stmt",
    "karel_while": "cond -> stmt -> stmt",
    "karel_repeat": "int -> stmt -> stmt",
    "karel_if": "cond -> stmt -> stmt",
    "karel_ifelse": "cond -> stmt -> stmt -> stmt",
    "karel_not": "cond -> cond",
}
MEANINGS: Mapping[str, str] = {
    "karel_seq": "the first statement, then the second",
    "karel_while": "the statement as long as the condition holds before it",
    "karel_repeat": "the statement so many times",
    "karel_if": "the statement if the condition holds",
    "karel_ifelse": "the first statement if the condition holds, else the second",
    "karel_not": "the condition does not hold",
    "move": "one cell ahead; into a wall, what the rule profile says (leaps: it turns around)",
    "turnLeft": "a quarter turn to the left",
    "turnRight": "a quarter turn to the right",
    "pickMarker": "one marker from the cell; nothing if there is none",
    "putMarker": "one marker onto the cell",
    "frontIsClear": "there is no wall ahead",
    "leftIsClear": "there is no wall to the left",
    "rightIsClear": "there is no wall to the right",
    "markersPresent": "there is a marker in the cell",
    "noMarkersPresent": "there is no marker in the cell",
}
"""What the primitives mean; integers are the counts of REPEAT."""
NEVER = -math.inf

# Both generators draw an action in the order move, turnRight, turnLeft, pickMarker, putMarker, and a perception in the
# order of Karel's vocabulary, with these probabilities (LEAPS, appendix on the dataset).
ACTIONS: Mapping[str, float] = {"move": 0.5, "turnRight": 0.15, "turnLeft": 0.15, "pickMarker": 0.1, "putMarker": 0.1}
PERCEPTIONS: Mapping[str, float] = {
    "frontIsClear": 0.5,
    "leftIsClear": 0.15,
    "rightIsClear": 0.15,
    "markersPresent": 0.1,
    "noMarkersPresent": 0.1,
}
NEGATED = 0.1


@dataclass(frozen=True, slots=True)
class Dialect:
    """A set of primitives with the probabilities of its productions."""

    help: str
    """One line that describes the set."""
    action: float
    """The probability that a statement is an action."""
    control: Mapping[str, float]
    """The probability of each control primitive, by name."""
    repeats: range
    """The counts of REPEAT."""
    unique: bool
    """Whether a sequence is never the first part of a sequence, so that each program is exactly one term."""


_LEAPS = {"karel_while": 0.15, "karel_repeat": 0.03, "karel_seq": 0.5, "karel_if": 0.08, "karel_ifelse": 0.04}
_HPRL = _LEAPS | {"karel_seq": 0.4}

DIALECTS: Mapping[str, Dialect] = {
    "base": Dialect("LEAPS' language and probabilities, one term for each program", 0.2, _LEAPS, range(20), True),
    "leaps": Dialect("as LEAPS draws programs: sequences nested in any way", 0.2, _LEAPS, range(20), False),
    "hprl": Dialect("as HPRL draws programs: REPEAT 2 to 5 times only", 0.3, _HPRL, range(2, 6), False),
}


def library(domain: str, dialect: Dialect) -> Library:
    """The primitives with a dialect's weights; contextual weights restrict where a production may occur."""
    productions = tuple(_productions(dialect))
    names = [production.name for production in productions]
    plain = Weights(log_weights=tuple(production.log_weight for production in productions), log_variable=NEVER)

    def without(*banned: str) -> Weights:
        weights = [NEVER if name in banned else weight for name, weight in zip(names, plain.log_weights, strict=True)]
        return Weights(log_weights=tuple(weights), log_variable=NEVER)

    contextual = {production.name: (plain,) * production.type.count("->") for production in productions}
    contextual["karel_not"] = (without("karel_not"),)
    if dialect.unique:
        contextual["karel_seq"] = (without("karel_seq"), plain)
    return Library(
        domain=domain,
        productions=productions,
        log_variable=0.0,
        contextual=Contextual(start=plain, variable=plain, productions=contextual),
    )


def _productions(dialect: Dialect) -> Iterator[Production]:
    likely = {**dialect.control, "karel_not": NEGATED}
    for name, kind in CONTROL.items():
        yield Production(name=name, type=kind, log_weight=math.log(likely[name]))
    for name, share in ACTIONS.items():
        yield Production(name=name, type="stmt", log_weight=math.log(dialect.action * share))
    for name, share in PERCEPTIONS.items():
        yield Production(name=name, type="cond", log_weight=math.log((1 - NEGATED) * share))
    for number in dialect.repeats:
        yield Production(name=str(number), type="int", log_weight=-math.log(len(dialect.repeats)))


def describe(actions: Sequence[str], perceptions: Sequence[str]) -> str:
    """A description of the language as λ-terms, for a prompt."""
    return (
        "Programs steer a robot on a grid of walls and markers. A statement is an action "
        f"({', '.join(actions)}) or a control statement: (karel_seq a b) does a, then b; (karel_while c a), "
        "(karel_if c a), (karel_ifelse c a b) ask a condition; (karel_repeat n a) does a n times, n from 0 to 19. "
        f"A condition is {', '.join(perceptions)} or (karel_not c). move into a wall turns the robot round."
    )


def describe_tokens(actions: Sequence[str], perceptions: Sequence[str]) -> str:
    """A description of the language as the tokens of LEAPS, for a prompt."""
    return (
        "Programs steer a robot on a grid of walls and markers. A program is DEF run m( S m), where S is one statement "
        f"or several in a row, and tokens are separated by blanks. A statement is an action ({', '.join(actions)}) or "
        "a control statement: WHILE c( C c) w( S w), REPEAT R=3 r( S r) with R=0 to R=19, IF c( C c) i( S i), or "
        f"IFELSE c( C c) i( S i) ELSE e( S e). A condition C is {', '.join(perceptions)} or not c( C c). move into a "
        "wall turns the robot round."
    )
