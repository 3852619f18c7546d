"""The language of arc-dsl: its published names, and the productions of the λ-machine that each stands for.

A published primitive that works on several kinds of value is several productions ``NAME.KIND`` with a type each and one
meaning; its published name is the part before the dot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from psynth.core.errors import EngineError

PRIMITIVES: Final = (
    *("identity", "add", "subtract", "multiply", "divide", "invert", "even", "double", "halve", "flip"),
    *("equality", "contained", "combine", "intersection", "difference", "dedupe", "order", "repeat"),
    *("greater", "size", "merge", "maximum", "minimum", "valmax", "valmin", "argmax", "argmin"),
    *("mostcommon", "leastcommon", "initset", "both", "either", "increment", "decrement", "crement"),
    *("sign", "positive", "toivec", "tojvec", "sfilter", "mfilter", "extract", "totuple", "first", "last"),
    *("insert", "remove", "other", "interval", "astuple", "product", "pair", "branch", "compose", "chain"),
    *("matcher", "rbind", "lbind", "power", "fork", "apply", "rapply", "mapply", "papply", "mpapply"),
    *("prapply", "mostcolor", "leastcolor", "height", "width", "shape", "portrait", "colorcount"),
    *("colorfilter", "sizefilter", "asindices", "ofcolor", "ulcorner", "urcorner", "llcorner"),
    *("lrcorner", "crop", "toindices", "recolor", "shift", "normalize", "dneighbors", "ineighbors"),
    *("neighbors", "objects", "partition", "fgpartition", "uppermost", "lowermost", "leftmost"),
    *("rightmost", "square", "vline", "hline", "hmatching", "vmatching", "manhattan", "adjacent"),
    *("bordering", "centerofmass", "palette", "numcolors", "color", "toobject", "asobject", "rot90"),
    *("rot180", "rot270", "hmirror", "vmirror", "dmirror", "cmirror", "fill", "paint", "underfill"),
    *("underpaint", "hupscale", "vupscale", "upscale", "downscale", "hconcat", "vconcat", "subgrid"),
    *("hsplit", "vsplit", "cellwise", "replace", "switch", "center", "position", "index", "canvas"),
    *("corners", "connect", "cover", "trim", "move", "tophalf", "bottomhalf", "lefthalf", "righthalf"),
    *("vfrontier", "hfrontier", "backdrop", "delta", "gravitate", "inbox", "outbox", "box", "shoot"),
    *("occurrences", "frontiers", "compress", "hperiod", "vperiod"),
)
"""The 160 primitives in the order of the published language: general ones, then those of grids and objects."""

CONSTANTS: Final = (
    *("F", "T", "ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE", "TEN", "NEG_ONE"),
    *("NEG_TWO", "DOWN", "RIGHT", "UP", "LEFT", "ORIGIN", "UNITY", "NEG_UNITY", "UP_RIGHT", "DOWN_LEFT"),
    *("ZERO_BY_TWO", "TWO_BY_ZERO", "TWO_BY_TWO", "THREE_BY_THREE"),
)
"""The 28 constants."""

COMBINATORS: Final[Mapping[str, int]] = {
    "compose": 2,
    "chain": 3,
    "matcher": 2,
    "rbind": 2,
    "lbind": 2,
    "power": 2,
    "fork": 3,
}
"""Primitives that make functions, by the number of arguments after which they have made one."""

CAST: Final = "cast"
"""The production that gives a value any type: it stands around a name no type of which fits; it is never proposed."""


def published_name(production: str) -> str:
    """What the published language calls a production."""
    return production.partition(".")[0]


def overloads(names: Iterable[str]) -> dict[str, list[str]]:
    """For each published name, the productions that it stands for, among ``names``; none for one that lacks them."""
    known = dict.fromkeys(names)
    kinds: dict[str, list[str]] = {}
    for name in known:
        if "." in name:
            kinds.setdefault(published_name(name), []).append(name)
    return {name: kinds.get(name) or [name] * (name in known) for name in (*PRIMITIVES, *CONSTANTS)}


def standard_productions(names: Iterable[str]) -> list[str]:
    """The productions of the published language, among ``names``, and the cast; EngineError if a name has none."""
    found = overloads(names)
    missing = [name for name, kinds in found.items() if not kinds]
    if missing:
        raise EngineError(f"the λ-machine lacks primitives of the domain arc: {', '.join(missing)}")
    return [*(kind for kinds in found.values() for kind in kinds), CAST]
