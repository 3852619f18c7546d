"""Pronounceable words, so that string-editing tasks need no word list."""

import random

# Repetitions weight frequent consonants; letters that rarely begin or end an English syllable stay rare.
_CLUSTERS = "qu bl br ch cl cr dr fl fr gl gr pl pr sh sl sn sp st tr"
ONSETS = [*"bcddfghjkllmmnnpprrssstttvwxyz", *_CLUSTERS.split(" ")]
NUCLEI = [*"aaaeeeeiiiooouuy", "ai", "au", "ea", "ee", "ie", "io", "oa", "oo", "ou"]
CODAS = [*"bddgklmnnnprrrssstttvx", "ck", "ft", "ll", "mp", "nd", "ng", "nt", "rd", "rm", "ss", "st", "th", "ze"]


def pronounceable(rng: random.Random, *, syllables: tuple[int, int] = (1, 4)) -> str:
    """A word with a random number of syllables between the two bounds, in lower-case ASCII letters."""
    word = ""
    for _ in range(rng.randint(*syllables)):
        # An onset between two vowels keeps the word pronounceable; elsewhere it is optional.
        if (word and word[-1] in "aeiouy") or rng.random() < 0.85:
            word += rng.choice(ONSETS)
        word += rng.choice(NUCLEI)
        if rng.random() < 0.4:
            word += rng.choice(CODAS)
    return word
