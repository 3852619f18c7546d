"""Reads the sizes of a network from a model's configuration, field by field."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, TypeVar

from psynth.core.stream.fields import OBJECT, Kind, WrongField, expected

Sizes = TypeVar("Sizes")


def sizes_kind(cls: type[Sizes], read_size: Callable[[str, Any], Any]) -> Kind:
    """The field of a configuration that holds an instance of a dataclass; ``read_size`` reads one of its fields.

    A field that is missing or unknown is as wrong as one that ``read_size`` refuses with `WrongField`.
    """

    def read(data: Any) -> Sizes:
        if type(data) is not dict:
            raise expected("an object", data)
        names = [each.name for each in dataclasses.fields(cls)]  # type: ignore[arg-type]
        wrong = sorted(data.keys() ^ set(names))
        if wrong:
            raise WrongField("missing" if wrong[0] in names else "unknown").at(f".{wrong[0]}")
        values = {}
        for name in names:
            try:
                values[name] = read_size(name, data[name])
            except WrongField as problem:
                raise problem.at(f".{name}") from None
        return cls(**values)

    return Kind(read, OBJECT.schema, dataclasses.asdict)
