"""Programs for Karel's tests: random ones in tokens, and the textbook solvers of the tasks."""

from __future__ import annotations

import random

ACTIONS = ["move", "turnRight", "turnLeft", "pickMarker", "putMarker"]
PERCEPTIONS = ["frontIsClear", "leftIsClear", "rightIsClear", "markersPresent", "noMarkersPresent"]


STATEMENTS = ["while", "repeat", "seq", "act", "if", "ifelse"]
LIKE_LEAPS = [0.15, 0.05, 0.5, 0.18, 0.08, 0.04]
FULL_OF_LOOPS = [0.25, 0.12, 0.45, 0.1, 0.04, 0.04]


def random_program(rng: random.Random, weights: list[float] = LIKE_LEAPS) -> str:
    """A program in tokens, its statements with LEAPS' probabilities or others."""
    return f"DEF run m( {_block(rng, 0, weights)} m)"


def _condition(rng: random.Random) -> str:
    word = rng.choices(PERCEPTIONS, [0.4, 0.15, 0.15, 0.15, 0.15])[0]
    return f"c( not c( {word} c) c)" if rng.random() < 0.2 else f"c( {word} c)"


def _block(rng: random.Random, depth: int, weights: list[float]) -> str:
    def inner() -> str:
        return _block(rng, depth + 1, weights)

    if depth > 6:
        return rng.choice(ACTIONS)
    kind = rng.choices(STATEMENTS, weights)[0]
    if kind == "seq":
        return f"{inner()} {inner()}"
    if kind == "act":
        return rng.choices(ACTIONS, [0.5, 0.15, 0.15, 0.1, 0.1])[0]
    if kind == "repeat":
        return f"REPEAT R={rng.randrange(20)} r( {inner()} r)"
    if kind == "ifelse":
        return f"IFELSE {_condition(rng)} i( {inner()} i) ELSE e( {inner()} e)"
    word, bracket = ("WHILE", "w") if kind == "while" else ("IF", "i")
    return f"{word} {_condition(rng)} {bracket}( {inner()} {bracket})"


_SWEEP = (
    "WHILE c( frontIsClear c) w( {work} move w) {work} "
    "turnRight move turnRight WHILE c( frontIsClear c) w( {work} move w) {work} turnLeft move turnLeft"
)

SOLVERS = {
    "stair-climber": "DEF run m( WHILE c( noMarkersPresent c) w( turnLeft move turnRight move w) m)",
    "four-corners": (
        "DEF run m( WHILE c( noMarkersPresent c) w( WHILE c( frontIsClear c) w( move w) "
        "IF c( noMarkersPresent c) i( putMarker turnLeft move i) w) m)"
    ),
    "top-off": ("DEF run m( WHILE c( frontIsClear c) w( IF c( markersPresent c) i( putMarker i) move w) m)"),
    "maze": (
        "DEF run m( WHILE c( noMarkersPresent c) w( IFELSE c( rightIsClear c) i( turnRight i) "
        "ELSE e( WHILE c( not c( frontIsClear c) c) w( turnLeft w) e) move w) m)"
    ),
    "harvester": (
        f"DEF run m( turnLeft turnLeft WHILE c( frontIsClear c) w( move w) turnRight turnRight "
        f"REPEAT R=3 r( {_SWEEP.format(work='pickMarker')} r) m)"
    ),
}
