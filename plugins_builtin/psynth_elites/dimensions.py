"""The dimensions of an archive, as the command line writes them and as a domain declares them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from psynth.core.errors import UsageError
from psynth.core.settings import did_you_mean
from psynth.core.stream.records import Dimension
from psynth.plugins.behavior import Axis

FORMS = "NAME:LOW:HIGH, NAME:LOW:HIGH:BINS, NAME:LOW:HIGH:BINS:log, NAME=EDGE,EDGE,… or NAME=CATEGORY,CATEGORY,…"


def parse_dimension(text: str, bins: int) -> Dimension:
    """The dimension that a value of --dim describes, with ``bins`` bins if it does not say how many; UsageError."""
    name, equals, listed = text.partition("=")
    if equals and ":" not in name:
        return _listed(text, name, listed.split(","))
    name, *parts = text.split(":")
    logarithmic = parts[3:] == ["log"]
    if not name or (len(parts) not in (2, 3) and not (len(parts) == 4 and logarithmic)):
        raise _wrong(text, f"expected {FORMS}")
    low, high = (_finite(text, part) for part in parts[:2])
    if not low < high:
        raise _wrong(text, f"{low:g} is not below {high:g}")
    if logarithmic and low <= 0:
        raise _wrong(text, "the lower end of a logarithmic range is above 0")
    count = bins
    if len(parts) > 2:
        if not parts[2].isdecimal() or not 1 <= int(parts[2]) <= 1 << 31:
            raise _wrong(text, f"{parts[2]!r} is no number of bins")
        count = int(parts[2])
    return Dimension(name, low, high, count, logarithmic)


def _listed(text: str, name: str, items: Sequence[str]) -> Dimension:
    if not name or not all(items) or len(items) < 2:
        raise _wrong(text, f"expected {FORMS}, with two items or more")
    numbers = [_number(item) for item in items]
    if any(item.lower().lstrip("+-") in ("nan", "inf", "infinity") for item in items):
        raise _wrong(text, "an edge is a finite number")
    if None in numbers:
        if len(set(items)) < len(items):
            raise _wrong(text, "a category is listed twice")
        return Dimension(name, categories=tuple(items))
    edges = tuple(number for number in numbers if number is not None)
    if not all(a < b for a, b in itertools.pairwise(edges)):
        raise _wrong(text, "the edges do not increase")
    return Dimension(name, edges=edges)


def _finite(text: str, part: str) -> float:
    number = _number(part)
    if number is None:
        raise _wrong(text, f"{part!r} is not a finite number")
    return number


def _number(part: str) -> float | None:
    """The number that a text is; None if it is no finite number."""
    try:
        number = float(part)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _wrong(text: str, why: str) -> UsageError:
    return UsageError(f"--dim {text}: {why}")


def dimensions_of(axes: Sequence[Axis], given: Sequence[str], bins: int) -> tuple[Dimension, ...]:
    """The dimensions that ``given`` values of --dim describe, for a domain with ``axes``, if any.

    A value that names an axis replaces that axis, the others stay as the domain declares them. Without ``axes`` the
    values are the dimensions, in their order. UsageError for a name that is no axis.
    """
    described = [parse_dimension(text, bins) for text in given]
    names = [each.name for each in described]
    if len(set(names)) < len(names):
        raise UsageError(f"--dim: {next(name for name in names if names.count(name) > 1)} is described twice")
    if not axes:
        return tuple(described)
    known = [axis.name for axis in axes]
    for name in names:
        if name not in known:
            raise UsageError(
                f"--dim: the domain has no axis {name!r}; its axes are {', '.join(known)}{did_you_mean(name, known)}"
            )
    for each in described:
        if each.categories:
            raise UsageError(f"--dim: {each.name} is an axis of numbers of the domain, and has no categories")
    replaced = dict(zip(names, described, strict=True))
    return tuple(replaced.get(axis.name) or Dimension(axis.name, axis.low, axis.high, bins) for axis in axes)
