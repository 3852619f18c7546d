"""Karel's tokens numbered in the order of LEAPS' vocabulary, which its data set and models use."""

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
"""The number that pads a row after the end of a program."""
NUMBERS = {token: number for number, token in enumerate(TOKENS)}


def numbers_of(text: str) -> list[int]:
    """The numbers of a program's tokens (as `psynth_karel.machine.to_tokens` writes them)."""
    return [NUMBERS[token] for token in text.split()]


def text_of(numbers: Iterable[int]) -> str:
    """The program text of token numbers; ValueError names the first invalid number."""
    words = []
    for place, number in enumerate(numbers):
        if not 0 <= number < PAD:
            raise ValueError(f"token {place} is {number}, and there are {PAD}")
        words.append(TOKENS[number])
    return " ".join(words)
