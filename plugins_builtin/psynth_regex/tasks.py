"""Samples the words of a string-editing task so that enough of them match and, where possible, some do not."""

import random

from psynth.core.errors import UsageError
from psynth_regex.edits import Edit
from psynth_regex.words import pronounceable

PATIENCE = 2_000
"""Words tried before words that do not match are no longer required."""
ATTEMPTS = 20_000
"""Words tried before a task is abandoned."""


def draw_examples(edit: Edit, *, examples: int, rng: random.Random) -> list[tuple[str, str]]:
    """Sample ``examples`` pairs (word, edited word) with distinct words.

    Between half and five sixths of the words change: more if few words lack the pattern, all if none does. In every
    second attempt the pattern is planted, since some patterns hardly occur by chance. UsageError if there are too few
    different words.
    """
    quota = (
        {True: examples, False: 0}
        if edit.always
        else {False: (n := rng.randint(-(-examples // 6), examples // 2)), True: examples - n}
    )
    pairs: list[tuple[str, str]] = []
    seen: set[str] = set()
    for attempt in range(ATTEMPTS):
        if attempt == PATIENCE:
            quota = {True: quota[True] + quota[False], False: 0}
        word = pronounceable(rng)
        if attempt % 2 and quota[True]:
            word = _planted(edit, word, rng)
        edited = edit(word)
        if word in seen or not edited or not quota[edited != word]:
            continue
        seen.add(word)
        quota[edited != word] -= 1
        pairs.append((word, edited))
        if not any(quota.values()):
            rng.shuffle(pairs)
            return pairs
    raise UsageError(f"cannot make {examples} different words for the task '{edit.describe()}': lower --examples")


def _planted(edit: Edit, word: str, rng: random.Random) -> str:
    """``word`` with an instance of the pattern written over its letters at a matching position."""
    instance = "".join(rng.choice(place.members) for place in edit.pattern)
    last = max(0, len(word) - len(instance))
    at = {"start": 0, "end": last, "any": rng.randint(0, last)}[edit.position.name]
    return word[:at] + instance + word[at + len(instance) :]
