"""The building blocks of walkers as λ-terms: joints, muscles, and loops over them.

A walker is the JSON value that Python programs return, too. Ends of connections in the same place are one joint, and
two joints have one connection at most: the first one made.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from psynth.plugins.python_domain import Primitive
from psynth_sodarace.machine import constants
from psynth_sodarace.walkers import BONE, MUSCLE

Joint = tuple[float, float]
Rhythm = dict[str, Any]
"""What a connection does: the third part of a muscle in JSON."""
Walker = dict[str, Any]

ROUNDS = 64
"""Most rounds of a loop."""
DIGITS = 6
"""Decimal places up to which two places are the same."""
BONES: Rhythm = {"kind": BONE}


def joint(x: float, y: float) -> Joint:
    """A joint at x (to the right) and y (up)."""
    return x, y


def polar(radius: float, angle: float) -> Joint:
    """A joint at a distance from the origin, at an angle in turns, counterclockwise from the right."""
    return radius * cosine(angle), radius * sine(angle)


def shift(place: Joint, by: Joint) -> Joint:
    """A joint moved by the coordinates of another."""
    return place[0] + by[0], place[1] + by[1]


def muscle(amplitude: float, phase: float) -> Rhythm:
    """A muscle: the amplitude (−10 to 10) scales the contraction, and the phase shifts it, in periods."""
    return {"kind": MUSCLE, "amplitude": amplitude, "phase": phase}


def link(first: Joint, second: Joint, rhythm: Rhythm) -> Walker:
    """A walker of two joints and what connects them."""
    return _walker([(first, second, rhythm)])


def triangle(base: Rhythm, right: Rhythm, left: Rhythm) -> Walker:
    """A walker of three joints on a base of 4, 3 high."""
    ends = (0.0, 0.0), (4.0, 0.0), (2.0, 3.0)
    return _walker([(ends[0], ends[1], base), (ends[1], ends[2], right), (ends[2], ends[0], left)])


def both(first: Walker, second: Walker) -> Walker:
    """Two walkers as one, joined where they have joints in the same place."""
    return _walker([*_connections(first), *_connections(second)])


def move(by: Joint, walker: Walker) -> Walker:
    """A walker moved by the coordinates of a joint."""
    return _mapped(lambda place: shift(place, by), walker)


def mirror(walker: Walker) -> Walker:
    """A walker mirrored: left becomes right."""
    return _mapped(lambda place: (-place[0], place[1]), walker)


def turn(angle: float, walker: Walker) -> Walker:
    """A walker turned about the origin by an angle in turns, counterclockwise."""
    sin, cos = sine(angle), cosine(angle)
    return _mapped(lambda place: (cos * place[0] - sin * place[1], sin * place[0] + cos * place[1]), walker)


def scale(factor: float, walker: Walker) -> Walker:
    """A walker enlarged about the origin."""
    return _mapped(lambda place: (factor * place[0], factor * place[1]), walker)


def brace(reach: float, rhythm: Callable[[Joint, Joint], Rhythm], walker: Walker) -> Walker:
    """A walker with connections added between all joints at most so far apart; a function says what each does."""
    places = [(x, y) for x, y in walker["joints"]]
    pairs = [(a, b) for number, a in enumerate(places) for b in places[number + 1 :] if math.dist(a, b) <= reach]
    return _walker([*_connections(walker), *((a, b, rhythm(a, b)) for a, b in pairs)])


def repeat(count: int, part: Callable[[int], Walker]) -> Walker:
    """The walkers for the numbers from 0 up to but without a count, as one."""
    return _walker([each for number in _rounds(count, least=1) for each in _connections(part(number))])


def path(count: int, place: Callable[[int], Joint], rhythm: Callable[[int], Rhythm]) -> Walker:
    """Joints for the numbers from 0 to a count, each connected with the next."""
    places = [place(number) for number in range(len(_rounds(count, least=1)) + 1)]
    return _walker([(places[each], places[each + 1], rhythm(each)) for each in range(count)])


def iterate(count: int, change: Callable[[Any], Any], value: Any) -> Any:
    """A function applied several times."""
    for _ in _rounds(count):
        value = change(value)
    return value


def fold(count: int, add: Callable[[int, Any], Any], value: Any) -> Any:
    """A function applied to each number from 0 up to but without a count, and to the value so far."""
    for number in _rounds(count):
        value = add(number, value)
    return value


def x_of(place: Joint) -> float:
    """The x of a joint."""
    return place[0]


def y_of(place: Joint) -> float:
    """The y of a joint."""
    return place[1]


def real(number: int) -> float:
    """An integer as a float."""
    return float(number)


def sine(angle: float) -> float:
    """The sine of an angle in turns."""
    return round(math.sin(math.tau * angle), 12)


def cosine(angle: float) -> float:
    """The cosine of an angle in turns."""
    return round(math.cos(math.tau * angle), 12)


def add(x: float, y: float) -> float:
    """The sum of two floats."""
    return x + y


def subtract(x: float, y: float) -> float:
    """The difference of two floats."""
    return x - y


def multiply(x: float, y: float) -> float:
    """The product of two floats."""
    return x * y


def divide(x: float, y: float) -> float:
    """The quotient of two floats; an error for a divisor of 0."""
    return x / y


def plus(x: int, y: int) -> int:
    """The sum of two integers."""
    return x + y


def times(x: int, y: int) -> int:
    """The product of two integers."""
    return x * y


PRIMITIVES: Sequence[Primitive] = (
    *(Primitive(str(number), "int", number) for number in (1, 2, 3, 4, 6, 8)),
    *(Primitive(str(number), "float", number) for number in (0.0, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0)),
    Primitive("joint", "float -> float -> joint", joint),
    Primitive("polar", "float -> float -> joint", polar),
    Primitive("shift", "joint -> joint -> joint", shift),
    Primitive("bone", "muscle", BONES),
    Primitive("muscle", "float -> float -> muscle", muscle),
    Primitive("link", "joint -> joint -> muscle -> walker", link),
    Primitive("triangle", "muscle -> muscle -> muscle -> walker", triangle),
    Primitive("both", "walker -> walker -> walker", both),
    Primitive("move", "joint -> walker -> walker", move),
    Primitive("mirror", "walker -> walker", mirror),
    Primitive("turn", "float -> walker -> walker", turn),
    Primitive("scale", "float -> walker -> walker", scale),
    Primitive("brace", "float -> (joint -> joint -> muscle) -> walker -> walker", brace),
    Primitive("repeat", "int -> (int -> walker) -> walker", repeat),
    Primitive("path", "int -> (int -> joint) -> (int -> muscle) -> walker", path),
    Primitive("iterate", "int -> (t0 -> t0) -> t0 -> t0", iterate),
    Primitive("fold", "int -> (int -> t0 -> t0) -> t0 -> t0", fold),
    Primitive("x-of", "joint -> float", x_of),
    Primitive("y-of", "joint -> float", y_of),
    Primitive("real", "int -> float", real),
    Primitive("sin", "float -> float", sine),
    Primitive("cos", "float -> float", cosine),
    Primitive("add", "float -> float -> float", add),
    Primitive("sub", "float -> float -> float", subtract),
    Primitive("mul", "float -> float -> float", multiply),
    Primitive("div", "float -> float -> float", divide),
    Primitive("plus", "int -> int -> int", plus),
    Primitive("times", "int -> int -> int", times),
)


WEIGHTS = {"iterate": -2.0, "fold": -2.0}
"""Weights of primitives that would otherwise stand in every second place, since they fit every type."""


def _rounds(count: int, least: int = 0) -> range:
    if not least <= count <= ROUNDS:
        raise ValueError(f"{count} rounds are not {least} to {ROUNDS}")
    return range(count)


def _connections(walker: Walker) -> list[tuple[Joint, Joint, Rhythm]]:
    joints = walker["joints"]
    return [(tuple(joints[first]), tuple(joints[second]), rhythm) for first, second, rhythm in walker["muscles"]]


def _mapped(change: Callable[[Joint], Joint], walker: Walker) -> Walker:
    return _walker((change(first), change(second), rhythm) for first, second, rhythm in _connections(walker))


def _walker(connections: Iterable[tuple[Joint, Joint, Rhythm]]) -> Walker:
    """The walker of connections; ValueError for one with more joints or connections than a walker may have."""
    rules = constants()
    numbers: dict[Joint, int] = {}
    joints: list[list[float]] = []
    muscles: dict[tuple[int, int], list[Any]] = {}
    for first, second, rhythm in connections:
        ends = []
        for x, y in (first, second):
            number = numbers.setdefault((round(x, DIGITS), round(y, DIGITS)), len(joints))
            if number == len(joints):
                joints.append([x, y])
            ends.append(number)
        if ends[0] != ends[1]:
            muscles.setdefault((min(ends), max(ends)), [*ends, rhythm])
        if len(joints) > rules.joints[1] or len(muscles) > rules.muscles[1]:
            raise ValueError(f"more than {rules.joints[1]} joints or {rules.muscles[1]} muscles")
    return {"joints": joints, "muscles": list(muscles.values())}
