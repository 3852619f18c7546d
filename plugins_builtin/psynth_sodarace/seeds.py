"""The programs that evolution starts from: the walkers that the literature on Sodarace names, written anew.

The shapes are those of *Evolution through Large Models* (Lehman et al. 2022): its four seeds, and three walkers that
its models were asked to complete.
"""

from __future__ import annotations

from collections.abc import Mapping

_SQUARE = """\
def make_walker():
    corners = [[0, 0], [10, 0], [10, 10], [0, 10]]
    joints = corners + [[5, 5]]
    muscles = [[side, (side + 1) % 4] for side in range(4)]
    muscles.append([3, 4])
    for corner, amplitude in enumerate([5, 10, 2]):
        muscles.append([corner, 4, {"amplitude": amplitude, "phase": 0.0}])
    return {"joints": joints, "muscles": muscles}
"""

_RADIAL = """\
import math


def make_walker():
    spokes = 8
    joints = [[0, 0]]
    muscles = []
    for spoke in range(spokes):
        angle = 2 * math.pi * (spoke + 0.5) / spokes  # it stands on a side
        joints.append([5 * math.cos(angle), 5 * math.sin(angle)])
        share = spoke / spokes
        muscles.append([0, spoke + 1, {"kind": "muscle", "amplitude": 10 * share, "phase": share}])
        muscles.append([spoke + 1, (spoke + 1) % spokes + 1])
    return {"joints": joints, "muscles": muscles}
"""

_CPPN = """\
def amplitude(x0, y0, x1, y1):
    return 3.0 * max(abs(x0 - x1), abs(y0 - y1))


def phase(x0, y0, x1, y1):
    return {phase}


def make_walker():
    columns, rows, spacing, reach = 8, 3, 1.5, 2
    cells = [(x, y) for x in range(columns) for y in range(rows)]
    joints = [[spacing * x, spacing * y] for x, y in cells]
    muscles = []
    for i, (x0, y0) in enumerate(cells):
        for j, (x1, y1) in enumerate(cells[:i]):
            if (x0 - x1) ** 2 + (y0 - y1) ** 2 <= reach:
                muscles.append(
                    [j, i, {{"amplitude": amplitude(x0, y0, x1, y1), "phase": phase(x0, y0, x1, y1)}}]
                )
    return {{"joints": joints, "muscles": muscles}}
"""
_FIXED = _CPPN.format(phase="0.0 if x1 == 0 else 0.25")
_MUTABLE = _CPPN.format(phase="x1 / 8 if y1 % 2 == 0 else -x1 / 8")

_RUNNER = """\
def make_walker():
    # A spine of triangles on four legs, whose muscles swing them one after the other.
    joints, muscles = [], []
    segments = 4
    for segment in range(segments + 1):
        joints.append([3.0 * segment, 4.0])
    for segment in range(segments):
        joints.append([3.0 * segment + 1.5, 6.0])
    for segment in range(segments):
        back, front, top = segment, segment + 1, segments + 1 + segment
        muscles += [[back, front], [back, top], [top, front]]
        if segment:
            muscles.append([top - 1, top])
    for leg in range(segments):
        foot = len(joints)
        joints.append([3.0 * leg + 1.0, 0.5])
        swing = leg / segments
        muscles.append([leg, foot])
        muscles.append([foot, leg + 1, {"amplitude": 8.0, "phase": swing}])
        muscles.append([segments + 1 + leg, foot, {"amplitude": 6.0, "phase": swing + 0.25}])
    return {"joints": joints, "muscles": muscles}
"""

_WHEEL = """\
import math


def make_walker():
    # Two rings around a hub; a wave of contractions runs around the spokes.
    spokes = 10
    joints, muscles = [[0, 0]], []
    for radius in (3.0, 5.0):
        for spoke in range(spokes):
            angle = 2 * math.pi * spoke / spokes
            joints.append([radius * math.cos(angle), radius * math.sin(angle)])
    for spoke in range(spokes):
        inner, outer = 1 + spoke, 1 + spokes + spoke
        follower = (spoke + 1) % spokes
        muscles.append([0, inner, {"amplitude": 9.0, "phase": spoke / spokes}])
        muscles.append([inner, outer, {"amplitude": 7.0, "phase": spoke / spokes}])
        muscles.append([inner, 1 + follower, {"kind": "muscle"}])
        muscles.append([outer, 1 + spokes + follower, {"kind": "muscle"}])
        muscles.append([inner, 1 + spokes + follower, {"kind": "muscle"}])
    return {"joints": joints, "muscles": muscles}
"""

_GALLOPER = """\
def make_walker():
    # A stiff back, a pair of legs at each end; the pairs pull in turn.
    joints = [[0, 4], [8, 4], [4, 6]]
    muscles = [[0, 1], [0, 2], [1, 2]]
    for hip, phase in ((0, 0.0), (1, 0.4)):
        for side in (-1, 1):
            foot = len(joints)
            joints.append([joints[hip][0] + 1.5 * side, 0])
            muscles.append([hip, foot, {"amplitude": 9.0, "phase": phase}])
            muscles.append([2, foot, {"amplitude": 6.0, "phase": phase + 0.15 * side}])
        muscles.append([foot - 1, foot, {"amplitude": 4.0, "phase": phase + 0.5}])
    return {"joints": joints, "muscles": muscles}
"""

PYTHON_SEEDS: Mapping[str, str] = {
    "square": _SQUARE,
    "radial": _RADIAL,
    "cppn-fixed": _FIXED,
    "cppn-mutable": _MUTABLE,
    "runner": _RUNNER,
    "wheel": _WHEEL,
    "galloper": _GALLOPER,
}
"""The seeds as Python programs, by name."""

LAMBDA_SEEDS: Mapping[str, str] = {
    "square": (
        "(both (path 4 (lambda (polar 5.0 (mul 0.25 (real $0)))) (lambda bone)) "
        "(both (link (joint 0.0 0.0) (polar 5.0 0.0) bone) "
        "(repeat 3 (lambda (link (joint 0.0 0.0) (polar 5.0 (mul 0.25 (real (plus 1 $0)))) "
        "(muscle (add 2.0 (mul 3.0 (real $0))) 0.0))))))"
    ),
    "radial": (
        "(repeat 8 (lambda (both (link (joint 0.0 0.0) (polar 5.0 (div (add 0.5 (real $0)) (real 8))) "
        "(muscle (real $0) (div (real $0) (real 8)))) "
        "(link (polar 5.0 (div (add 0.5 (real $0)) (real 8))) "
        "(polar 5.0 (div (add 0.5 (real (plus 1 $0))) (real 8))) bone))))"
    ),
    "cppn": (
        "(brace (add 1.0 1.0) (lambda (lambda (muscle 3.0 (mul 0.25 (x-of $0))))) "
        "(path 8 (lambda (joint (real $0) 0.0)) (lambda bone)))"
    ),
    "triangles": (
        "(repeat 4 (lambda (move (joint (mul 3.0 (real $0)) 0.0) "
        "(brace 3.0 (lambda (lambda (muscle 5.0 (div (real $2) 3.0)))) "
        "(path 2 (lambda (joint (mul (div 3.0 2.0) (real $0)) (mul 2.0 (sin (mul 0.25 (real $0)))))) (lambda bone))))))"
    ),
}
"""Seeds as λ-terms, by name."""
