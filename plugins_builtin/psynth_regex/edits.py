"""String-editing functions composed of a position, a pattern and an action, as data and as English sentences."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from string import ascii_lowercase

VOWELS = "aeiou"
CONSONANTS = "".join(letter for letter in ascii_lowercase if letter not in VOWELS)


@dataclass(frozen=True)
class Letters:
    """One position of a pattern: the letters that match, and their name in English."""

    members: str
    english: str


VOWEL = Letters(VOWELS, "a vowel")
CONSONANT = Letters(CONSONANTS, "a consonant")
ANY = Letters(ascii_lowercase, "any letter")


@dataclass(frozen=True)
class Position:
    """Where the pattern must match."""

    name: str
    anchored: str
    """The regular expression around the pattern (``{}``)."""
    english: str
    """The beginning of the sentence."""


POSITIONS = (
    Position("any", "{}", "wherever there is {}"),
    Position("start", "^{}", "if the word starts with {}"),
    Position("end", "{}$", "if the word ends with {}"),
)


@dataclass(frozen=True)
class Action:
    """What happens to the matched text."""

    name: str
    apply: Callable[[str, str], str]
    """The replacement, as a function of the matched text and the new letters."""
    english: str
    """The end of the sentence."""
    letters: bool = True
    """Whether the action uses new letters."""


ACTIONS = (
    Action("replace", lambda _, new: new, "put {} in its place"),
    Action("insert-before", lambda old, new: new + old, "add {} before it"),
    Action("insert-after", lambda old, new: old + new, "add {} after it"),
    Action("remove", lambda _, new: "", "remove it", letters=False),
    Action("double", lambda old, _: old + old, "double it", letters=False),
)

# Sampling weights: near the proportions of the tasks of Andreas et al. (2018), with more of the rare kinds.
POSITION_WEIGHTS = (50, 30, 20)
ACTION_WEIGHTS = (65, 12, 12, 5, 6)
PATTERN_SHAPES = {"letter": 20, "two": 5, "vowel": 10, "consonant": 14, "any": 17, "class": 6, "mixed": 28}


@dataclass(frozen=True)
class Edit:
    """One string-editing function; ``pattern`` has one or two positions, and ``new`` holds the new letters."""

    position: Position
    pattern: tuple[Letters, ...]
    action: Action
    new: str

    @property
    def expression(self) -> re.Pattern[str]:
        """The pattern as a Python regular expression, anchored by the position."""
        return re.compile(self.position.anchored.format("".join(f"[{place.members}]" for place in self.pattern)))

    def __call__(self, word: str) -> str:
        """The edited word: every match is edited, from left to right, or the one at the start or end."""
        return self.expression.sub(lambda match: self.action.apply(match.group(), self.new), word)

    @property
    def always(self) -> bool:
        """Whether every word with enough letters matches."""
        return all(place is ANY for place in self.pattern)

    def describe(self) -> str:
        """The English sentence of this edit."""
        pattern = " followed by ".join(place.english for place in self.pattern)
        new = " and then ".join(self.new)
        return f"{self.position.english.format(pattern)}, {self.action.english.format(new)}"

    @property
    def split(self) -> str:
        """``train`` or ``test``: a hash of the edit holds out a quarter of all edits, independently of the seed."""
        return "test" if blake2b(self.describe().encode(), digest_size=1).digest()[0] < 64 else "train"


def draw_edit(rng: random.Random, split: str) -> Edit:
    """Sample an edit of a split."""
    while True:
        edit = Edit(
            position=rng.choices(POSITIONS, POSITION_WEIGHTS)[0],
            pattern=_draw_pattern(rng),
            action=(action := rng.choices(ACTIONS, ACTION_WEIGHTS)[0]),
            new=_draw_new(rng) if action.letters else "",
        )
        # Replacing a letter by itself changes nothing, and removing every letter leaves only empty words.
        vacuous = edit.new == "".join(place.members for place in edit.pattern) and action.name == "replace"
        empties = edit.always and edit.position.name == "any" and action.name == "remove"
        if edit.split == split and not vacuous and not empties:
            return edit


def _draw_pattern(rng: random.Random) -> tuple[Letters, ...]:
    shape = rng.choices(list(PATTERN_SHAPES), list(PATTERN_SHAPES.values()))[0]
    letter = _letter(rng)
    match shape:
        case "letter":
            return (letter,)
        case "two":
            return (letter, _letter(rng))
        case "vowel":
            return (VOWEL,)
        case "consonant":
            return (CONSONANT,)
        case "any":
            return (ANY,)
        case "class":
            members = "".join(sorted({letter.members, *(_letter(rng).members for _ in range(2))} - {""}))[:2]
            return (letter,) if len(members) < 2 else (Letters(members, f"{_a(members[0])} or {_a(members[1])}"),)
        case _:
            return (rng.choice((VOWEL, CONSONANT, ANY, letter)), rng.choice((VOWEL, CONSONANT, ANY)))


def _letter(rng: random.Random) -> Letters:
    # The more frequent of two random letters, so that patterns occur in words.
    letter = min(rng.choice(ascii_lowercase), rng.choice(ascii_lowercase), key="etaoinsrlhdcumpgfybwvkxjqz".index)
    return Letters(letter, _a(letter))


def _a(letter: str) -> str:
    return f"{'an' if letter in 'aefhilmnorsx' else 'a'} {letter}"


def _draw_new(rng: random.Random) -> str:
    return "".join(rng.choice(ascii_lowercase) for _ in range(rng.choice((1, 2))))
