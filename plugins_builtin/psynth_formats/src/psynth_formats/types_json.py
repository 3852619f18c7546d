"""DreamCoder's types as JSON, ``{"constructor": "list", "arguments": […]}`` and ``{"index": 0}``."""

from typing import Any

from psynth.core.types import Type, TypeConstructor, TypeSyntaxError, TypeVariable, parse_type
from psynth_formats.located import Located

_DEEPEST = 100


def read_type(place: Located, depth: int = 0) -> Type:
    """Return the type at ``place``, given as DreamCoder's object or as text; InputError if it is none."""
    if depth > _DEEPEST:
        raise place.error(f"a type nested more than {_DEEPEST} deep")
    if isinstance(place.value, str):
        try:
            return parse_type(place.value)
        except TypeSyntaxError as error:
            raise place.error(str(error)) from error
    if place.has("index"):
        index = place["index"].of(int, "a number")
        if isinstance(index, bool) or index < 0:
            raise place["index"].error("a type variable has a number from 0")
        return TypeVariable(index)
    arguments = [read_type(part, depth + 1) for part in place["arguments"].items()]
    return TypeConstructor(place["constructor"].text(), tuple(arguments))


def type_json(kind: Type) -> dict[str, Any]:
    """Return a type as DreamCoder's object."""
    if isinstance(kind, TypeVariable):
        return {"index": kind.index}
    assert isinstance(kind, TypeConstructor)
    return {"constructor": kind.name, "arguments": [type_json(argument) for argument in kind.arguments]}
