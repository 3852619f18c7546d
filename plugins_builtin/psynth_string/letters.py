"""Words as vectors: the number of a letter is the middle of its interval on the line from 0 to 52."""

from __future__ import annotations

import math
import string
from collections.abc import Sequence

ALPHABET = string.ascii_lowercase + string.ascii_uppercase
"""The letters in order; letter k has the numbers from k up to but without k + 1, the last one also 52."""
LEAST, GREATEST = 0.0, float(len(ALPHABET))


def numbers_of(word: str) -> list[float]:
    """The middle of each letter's interval; ValueError for a character that is no letter of the alphabet."""
    return [ALPHABET.index(letter) + 0.5 for letter in word]


def word_of(numbers: Sequence[float]) -> str:
    """The word that numbers from 0 to 52 spell."""
    return "".join(ALPHABET[min(math.floor(number), len(ALPHABET) - 1)] for number in numbers)
