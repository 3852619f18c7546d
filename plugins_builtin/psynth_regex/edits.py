"""What a string-editing task asks for: where, which letters, what to do, said once as data and once in English."""

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
    """One place of a pattern: the letters that fit there and what English calls them."""

    members: str
    english: str


VOWEL = Letters(VOWELS, "a vowel")
CONSONANT = Letters(CONSONANTS, "a consonant")
ANY = Letters(ascii_lowercase, "any letter")


@dataclass(frozen=True)
class Position:
    """Where the pattern must stand: the regular expression around it (``{}``) and the beginning of the sentence."""

    name: str
    anchored: str
    english: str


POSITIONS = (
    Position("any", "{}", "wherever there is {}"),
    Position("start", "^{}", "if the word starts with {}"),
    Position("end", "{}$", "if the word ends with {}"),
)


@dataclass(frozen=True)
class Action:
    """What happens to the matched text: a function of it and of the new letters, and the end of the sentence."""

    name: str
    apply: Callable[[str, str], str]
    english: str
    letters: bool = True


ACTIONS = (
    Action("replace", lambda _, new: new, "put {} in its place"),
    Action("insert-before", lambda old, new: new + old, "add {} before it"),
    Action("insert-after", lambda old, new: old + new, "add {} after it"),
    Action("remove", lambda _, new: "", "remove it", letters=False),
    Action("double", lambda old, _: old + old, "double it", letters=False),
)

# How often each is drawn: near the proportions of the tasks of Andreas et al. (2018), with more of the rare ones.
POSITION_WEIGHTS = (50, 30, 20)
ACTION_WEIGHTS = (65, 12, 12, 5, 6)
PATTERN_SHAPES = {"letter": 20, "two": 5, "vowel": 10, "consonant": 14, "any": 17, "class": 6, "mixed": 28}


@dataclass(frozen=True)
class Edit:
    """One string-editing function: ``position`` × ``pattern`` (one or two places) × ``action`` with its new letters."""

    position: Position
    pattern: tuple[Letters, ...]
    action: Action
    new: str

    @property
    def expression(self) -> re.Pattern[str]:
        """The pattern as a Python regular expression, anchored where the position says so."""
        return re.compile(self.position.anchored.format("".join(f"[{place.members}]" for place in self.pattern)))

    def __call__(self, word: str) -> str:
        """Return ``word`` edited: every match from left to right anywhere, else the one at the start or end."""
        return self.expression.sub(lambda match: self.action.apply(match.group(), self.new), word)

    @property
    def always(self) -> bool:
        """Whether every word (of at least as many letters) matches."""
        return all(place is ANY for place in self.pattern)

    def describe(self) -> str:
        """Return the English sentence of this edit."""
        pattern = " followed by ".join(place.english for place in self.pattern)
        new = " and then ".join(self.new)
        return f"{self.position.english.format(pattern)}, {self.action.english.format(new)}"

    @property
    def split(self) -> str:
        """``train`` or ``test``: a hash of the edit itself holds out a quarter of all edits, under every seed."""
        return "test" if blake2b(self.describe().encode(), digest_size=1).digest()[0] < 64 else "train"


def draw_edit(rng: random.Random, split: str) -> Edit:
    """Return a random edit of ``split``."""
    while True:
        edit = Edit(
            position=rng.choices(POSITIONS, POSITION_WEIGHTS)[0],
            pattern=_draw_pattern(rng),
            action=(action := rng.choices(ACTIONS, ACTION_WEIGHTS)[0]),
            new=_draw_new(rng) if action.letters else "",
        )
        # Replacing a letter by itself changes nothing, and removing every letter leaves nothing to look at.
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
    # Two draws, and the commoner letter of the two, so that patterns do occur in words.
    letter = min(rng.choice(ascii_lowercase), rng.choice(ascii_lowercase), key="etaoinsrlhdcumpgfybwvkxjqz".index)
    return Letters(letter, _a(letter))


def _a(letter: str) -> str:
    return f"{'an' if letter in 'aefhilmnorsx' else 'a'} {letter}"


def _draw_new(rng: random.Random) -> str:
    return "".join(rng.choice(ascii_lowercase) for _ in range(rng.choice((1, 2))))
