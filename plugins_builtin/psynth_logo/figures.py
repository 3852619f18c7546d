"""The figures that the task generator composes: shapes, and arrangements of shapes, each with a sentence.

The subjects are those of the compositional drawings of DreamCoder's and LAPS' graphics experiments (Ellis et al. 2021,
Wong et al. 2021); the figures, their sizes and their sentences are psynth's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from psynth_logo.turtles import (
    Part,
    gap,
    length,
    line,
    move,
    repeated,
    returning,
    sequence,
    turn,
    turned,
)

POLYGONS = {
    3: "triangle",
    4: "square",
    5: "pentagon",
    6: "hexagon",
    7: "heptagon",
    8: "octagon",
    9: "nonagon",
}
SIZES = {"small": 1, "medium": 2, "large": 3}
"""The length of a polygon's side by the word for it."""
ROUND = {"small": 1, "medium": 2, "large": 5}
"""The length of the twentieth part of a circle by the word for its size, in twentieths."""
WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True)
class Figure:
    """A drawing with its name, which is part of the task's id, its sentence and its parts."""

    name: str
    sentence: str
    part: Part


@dataclass(frozen=True)
class Shape:
    """A shape that arrangements take: closed ones end where they begin."""

    name: str
    english: str
    part: Part


def polygon(sides: int, side: Fraction) -> Part:
    """A regular polygon."""
    return repeated(sides, move(length(side), turn(Fraction(1, sides))))


def circle(step: int) -> Part:
    """A circle of twenty steps, each so many twentieths long."""
    return repeated("logo_IFTY", move(length(Fraction(step, 20)), turn(Fraction(1, 20))))


def arc(step: int) -> Part:
    """Half a circle of twenty steps."""
    return repeated("logo_IFTY", move(length(Fraction(step, 20)), turn(Fraction(1, 40))))


def star(points: int, side: Fraction) -> Part:
    """A star without a middle: an odd number of lines, each across the one before."""
    return repeated(points, move(length(side), turn(Fraction(points // 2, points))))


def stairs(steps: int, side: Fraction) -> Part:
    """Steps up to the right."""
    quarter = Fraction(1, 4)
    return repeated(steps, sequence(move(length(side), turn(quarter)), move(length(side), turn(-quarter))))


def _a(words: str) -> str:
    return f"an {words}" if words[0] in "aeiou" else f"a {words}"


def _shapes() -> Iterator[Shape]:
    for size, side in SIZES.items():
        for sides, word in POLYGONS.items():
            yield Shape(f"{size}-{word}", _a(f"{size} {word}"), polygon(sides, Fraction(side)))
    for size, step in ROUND.items():
        yield Shape(f"{size}-circle", _a(f"{size} circle"), circle(step))


SHAPES = tuple(_shapes())
SMALL = tuple(shape for shape in SHAPES if shape.name.startswith("small"))
"""The small shapes, the circle last."""


def polygons_and_circles() -> Iterator[Figure]:
    """Every shape alone, and arcs."""
    for shape in SHAPES:
        yield Figure(shape.name, shape.english, shape.part)
    for size, step in ROUND.items():
        yield Figure(f"{size}-arc", f"{_a(size)} half circle", arc(step))


def lines() -> Iterator[Figure]:
    """Lines, and dashed ones."""
    for units in (1, 3, 5, 7):
        yield Figure(f"line-{units}", f"a line of {WORDS[units]} unit{'s' * (units > 1)}", line(Fraction(units)))
    for dashes in range(2, 6):
        dash = sequence(line(Fraction(1)), gap(Fraction(1, 2)))
        yield Figure(f"dashes-{dashes}", f"a row of {WORDS[dashes]} dashes", repeated(dashes, dash))


def stars() -> Iterator[Figure]:
    """Stars of an odd number of points."""
    for size, side in (("small", 2), ("medium", 4), ("large", 6)):
        for points in (5, 7, 9):
            yield Figure(
                f"{size}-star-{points}", f"{_a(size)} star with {WORDS[points]} points", star(points, Fraction(side))
            )


def spirals() -> Iterator[Figure]:
    """Spirals of straight lines that grow by one unit, or half of one, from one to the next."""
    for corners, word in ((3, "triangular"), (4, "square"), (5, "five-sided"), (6, "six-sided")):
        for lines in range(4, 9):
            forward = "(logo_MULL logo_UL $1)" if corners < 5 else "(logo_MULL (logo_DIVL logo_UL 2) $1)"
            part = repeated(lines + 1, move(forward, turn(Fraction(1, corners))))
            yield Figure(f"spiral-{corners}-{lines}", f"{_a(word)} spiral of {WORDS[lines]} lines", part)


def staircases() -> Iterator[Figure]:
    """Stairs of several sizes."""
    for size, side in (("small", Fraction(1, 2)), ("medium", Fraction(1))):
        for steps in range(2, 9):
            yield Figure(f"{size}-stairs-{steps}", f"a staircase of {WORDS[steps]} {size} steps", stairs(steps, side))


def rows() -> Iterator[Figure]:
    """Equal shapes side by side."""
    for shape in SMALL:
        for count in range(2, 5):
            part = repeated(count, sequence(shape.part, gap(Fraction(2))))
            english = shape.english.split(" ", 1)[1]
            yield Figure(f"row-{count}-{shape.name}", f"a row of {WORDS[count]} {english}s", part)


def nests() -> Iterator[Figure]:
    """Polygons that share a corner, each larger than the one before."""
    for sides, word in POLYGONS.items():
        for count in range(2, 4 if sides > 6 else 5):
            # Within the polygon's own loop the size is the third variable.
            each = repeated(sides, move("(logo_MULL logo_UL $3)", turn(Fraction(1, sides))))
            part = repeated(count + 1, each)
            yield Figure(f"nest-{count}-{word}", f"{WORDS[count]} {word}s of growing size from one corner", part)


def wheels() -> Iterator[Figure]:
    """Equal polygons around a point; circles would be too small to count."""
    for shape in SMALL[:-1]:
        for count in range(3, 9):
            part = repeated(count, sequence(shape.part, turned(Fraction(1, count))))
            english = shape.english.split(" ", 1)[1]
            yield Figure(f"wheel-{count}-{shape.name}", f"{WORDS[count]} {english}s around a point", part)


ARMS: tuple[tuple[str, str, Part], ...] = (
    ("line", "a line", line(Fraction(2))),
    ("gap-line", "a gap and a line", sequence(gap(Fraction(1)), line(Fraction(1)))),
    ("line-arc", "a line and a half circle", sequence(line(Fraction(1)), arc(1))),
    ("line-triangle", "a line and a small triangle", sequence(line(Fraction(1)), polygon(3, Fraction(1)))),
    ("line-square", "a line and a small square", sequence(line(Fraction(1)), polygon(4, Fraction(1)))),
    ("gap-square", "a gap and a small square", sequence(gap(Fraction(1)), polygon(4, Fraction(1)))),
    ("line-circle", "a line and a small circle", sequence(line(Fraction(1)), circle(1))),
    ("line-gap-line", "two lines with a gap", sequence(line(Fraction(1)), gap(Fraction(1, 2)), line(Fraction(1)))),
)


def snowflakes() -> Iterator[Figure]:
    """Arms around a point, from which each begins."""
    for name, english, arm in ARMS:
        for count in range(3, 9):
            part = repeated(count, sequence(returning(arm), turned(Fraction(1, count))))
            yield Figure(f"snowflake-{count}-{name}", f"a snowflake with {WORDS[count]} arms of {english}", part)


JOINTS: tuple[tuple[str, str, Part], ...] = (
    ("line", "joined by a line to", line(Fraction(2))),
    ("gap", "with a gap before", gap(Fraction(2))),
)


def pairs() -> Iterator[Figure]:
    """A shape and a small one on the other side of a line or gap that leads away from it."""
    first = [shape for shape in SHAPES if not shape.name.startswith("large")]
    for place, shape in enumerate(first):
        for step in (2, 5):
            other = SMALL[(place + step) % len(SMALL)]
            for name, english, joint in JOINTS:
                yield Figure(
                    f"pair-{shape.name}-{name}-{other.name}",
                    f"{shape.english} {english} {other.english}",
                    sequence(shape.part, turned(Fraction(1, 2)), joint, other.part),
                )


def garlands() -> Iterator[Figure]:
    """A shape at each corner of a large polygon."""
    for sides in (3, 4, 5, 6):
        for shape in SMALL[:4]:
            side = sequence(returning(shape.part), move(length(Fraction(3)), turn(Fraction(1, sides))))
            yield Figure(
                f"garland-{sides}-{shape.name}",
                f"a large {POLYGONS[sides]} with {shape.english} in each corner",
                repeated(sides, side),
            )


FAMILIES: tuple[Callable[[], Iterator[Figure]], ...] = (
    polygons_and_circles,
    lines,
    stars,
    spirals,
    staircases,
    rows,
    nests,
    wheels,
    snowflakes,
    pairs,
    garlands,
)
