"""Reads walkers from JSON, which programs return: nothing about it is trusted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psynth.core.errors import InputError
from psynth_sodarace.machine import Connection, Joint, Plan, constants

BONE, MUSCLE = "bone", "muscle"
"""Kinds of connections."""
FORMAT = (
    'a walker is {"joints": [[x, y], …], "muscles": [[i, j], …]}, where a muscle may have a third part '
    '{"kind": "bone" or "muscle", "amplitude": number, "phase": number}'
)


def read_walker(value: Any) -> Plan:
    """A walker from JSON; InputError says what is wrong with its form. The engine checks the rules of walkers.

    A connection of two joints alone is a bone, and so is one without an amplitude that is not said to be a muscle.
    """
    if not isinstance(value, Mapping) or set(value) != {"joints", "muscles"}:
        raise InputError(FORMAT)
    rules = constants()
    joints = _bounded("joints", value["joints"], rules.joints[1])
    muscles = _bounded("muscles", value["muscles"], rules.muscles[1])
    return (
        [_joint(number, joint) for number, joint in enumerate(joints)],
        [_connection(number, muscle, len(joints)) for number, muscle in enumerate(muscles)],
    )


def _bounded(name: str, value: Any, most: int) -> list[Any]:
    if not isinstance(value, list):
        raise InputError(f"the walker's {name} are not a list")
    if len(value) > most:
        raise InputError(f"the walker has {len(value)} {name}, more than {most}")
    return value


def _joint(number: int, value: Any) -> Joint:
    if not isinstance(value, list) or len(value) != 2:
        raise InputError(f"joint {number} is not a list of two numbers")
    return _number(value[0], f"joint {number}"), _number(value[1], f"joint {number}")


def _connection(number: int, value: Any, joints: int) -> Connection:
    name = f"muscle {number}"
    if not isinstance(value, list) or len(value) not in (2, 3):
        raise InputError(f"{name} is not a list of two joints and, if any, an object")
    first, second, *rest = value
    for joint in (first, second):
        if type(joint) is not int or not 0 <= joint < joints:
            raise InputError(f"{name} connects something else than joints 0 to {joints - 1}, by number")
    given = rest[0] if rest else {}
    if not isinstance(given, Mapping) or not set(given) <= {"kind", "amplitude", "phase"}:
        raise InputError(f"the third part of {name} is not an object with kind, amplitude or phase")
    amplitude = _number(given.get("amplitude", 0), f"the amplitude of {name}")
    phase = _number(given.get("phase", 0), f"the phase of {name}")
    kind = given.get("kind", MUSCLE if amplitude else BONE)
    if kind not in (BONE, MUSCLE):
        raise InputError(f"the kind of {name} is neither {BONE} nor {MUSCLE}")
    if kind == BONE and amplitude:
        raise InputError(f"{name} is a bone with an amplitude")
    return first, second, (amplitude, phase) if kind == MUSCLE else None


def _number(value: Any, name: str) -> float:
    if type(value) not in (int, float):
        raise InputError(f"{name} has something else than a number")
    try:
        return float(value)
    except OverflowError:
        raise InputError(f"{name} has a number that is too large") from None
