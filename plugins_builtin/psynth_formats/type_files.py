"""The file of ``--types``: types of primitives, for formats that have none."""

from pathlib import Path

from psynth.core.calculus.types import Type, TypeSyntaxError, parse_type
from psynth_formats.located import read_located


def read_types(path: Path | None) -> dict[str, Type] | None:
    """The types in a JSON object from names to types, as ``{"map": "(t0 -> t1) -> list(t0) -> list(t1)"}``.

    None without a file. InputError names the file and the entry.
    """
    if path is None:
        return None
    types = {}
    for name, place in read_located(str(path)).fields().items():
        try:
            types[name] = parse_type(place.text())
        except TypeSyntaxError as error:
            raise place.error(str(error)) from error
    return types
