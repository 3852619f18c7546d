"""Draw the words of a string-editing task, so that enough of them match and, where possible, some do not."""

import random

from psynth.core.errors import UsageError
from psynth_regex.edits import Edit
from psynth_regex.words import pronounceable

# Words tried before words that do not match are no longer looked for, and before a task is given up.
PATIENCE = 2_000
ATTEMPTS = 20_000


def draw_examples(edit: Edit, *, examples: int, rng: random.Random) -> list[tuple[str, str]]:
    """Return ``examples`` pairs (word, edited word) with distinct words.

    Between half and five sixths of the words change: more where few words lack the pattern, all where none does. Half
    of the words that change were made to match by planting the pattern, since some patterns hardly occur by chance.

    Raises UsageError when there are not so many different words.
    """
    wanted = (
        {True: examples, False: 0}
        if edit.always
        else {False: (n := rng.randint(-(-examples // 6), examples // 2)), True: examples - n}
    )
    pairs: list[tuple[str, str]] = []
    seen: set[str] = set()
    for attempt in range(ATTEMPTS):
        if attempt == PATIENCE:
            wanted = {True: wanted[True] + wanted[False], False: 0}
        word = pronounceable(rng)
        if attempt % 2 and wanted[True]:
            word = _planted(edit, word, rng)
        edited = edit(word)
        if word in seen or not edited or not wanted[edited != word]:
            continue
        seen.add(word)
        wanted[edited != word] -= 1
        pairs.append((word, edited))
        if not any(wanted.values()):
            rng.shuffle(pairs)
            return pairs
    raise UsageError(f"cannot make {examples} different words for the task '{edit.describe()}': lower --examples")


def _planted(edit: Edit, word: str, rng: random.Random) -> str:
    """Return ``word`` with an instance of the pattern written over its letters where the position wants it."""
    instance = "".join(rng.choice(place.members) for place in edit.pattern)
    last = max(0, len(word) - len(instance))
    at = {"start": 0, "end": last, "any": rng.randint(0, last)}[edit.position.name]
    return word[:at] + instance + word[at + len(instance) :]
