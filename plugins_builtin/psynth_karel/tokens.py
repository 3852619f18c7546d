"""Karel's tokens by number, in the order of LEAPS' vocabulary: how programs stand in its data set and in its models."""

from __future__ import annotations

from collections.abc import Iterable

TOKENS: tuple[str, ...] = (
    *("DEF", "run", "m(", "m)"),
    *("move", "turnRight", "turnLeft", "pickMarker", "putMarker"),
    *("r(", "r)"),
    *(f"R={times}" for times in range(20)),
    *("REPEAT", "c(", "c)", "i(", "i)", "e(", "e)", "IF", "IFELSE", "ELSE"),
    *("frontIsClear", "leftIsClear", "rightIsClear", "markersPresent", "noMarkersPresent"),
    *("not", "w(", "w)", "WHILE"),
)
PAD = len(TOKENS)
"""The number that fills a row after a program's end."""
NUMBERS = {token: number for number, token in enumerate(TOKENS)}


def numbers_of(text: str) -> list[int]:
    """The numbers of a program's tokens (as `psynth_karel.machine.to_tokens` writes them)."""
    return [NUMBERS[token] for token in text.split()]


def text_of(numbers: Iterable[int]) -> str:
    """The text that numbers stand for; ValueError that names the first one that is none."""
    words = []
    for place, number in enumerate(numbers):
        if not 0 <= number < PAD:
            raise ValueError(f"token {place} is {number}, and there are {PAD}")
        words.append(TOKENS[number])
    return " ".join(words)
