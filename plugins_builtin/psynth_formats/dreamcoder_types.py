"""Converts types from and to DreamCoder's JSON, ``{"constructor": "list", "arguments": […]}``."""

from collections.abc import Mapping
from typing import Any

from psynth.core.calculus.types import Type, TypeConstructor, TypeVariable, parse_type
from psynth.core.errors import PsynthError
from psynth_formats.located import Located


def type_json(kind: Type) -> dict[str, Any]:
    """``{"index": n}`` for a variable, else ``{"constructor": name, "arguments": […]}``."""
    done: dict[Type, dict[str, Any]] = {}
    stack = [kind]
    while stack:
        node = stack[-1]
        if isinstance(node, TypeVariable):
            done[stack.pop()] = {"index": node.index}
            continue
        assert isinstance(node, TypeConstructor)
        pending = [argument for argument in node.arguments if argument not in done]
        if pending:
            stack += pending
        else:
            arguments = [done[argument] for argument in node.arguments]
            done[stack.pop()] = {"constructor": node.name, "arguments": arguments}
    return done[kind]


def read_type(place: Located) -> Type:
    """The type at ``place``, in the JSON of `type_json` or as text; InputError if it is invalid."""
    text = place.value if isinstance(place.value, str) else _text(place)
    try:
        return parse_type(text)
    except PsynthError as error:
        raise place.error(str(error)) from error


def _text(place: Located) -> str:
    """The text of a type for `parse_type`, with each function type in parentheses."""
    pieces: list[str] = []
    # Texts to copy and, as a tuple of one, nodes to translate.
    stack: list[str | tuple[Any]] = [(place.value,)]
    while stack:
        entry = stack.pop()
        if isinstance(entry, str):
            pieces.append(entry)
        else:
            stack += reversed(_parts(entry[0], place))
    return "".join(pieces)


def _parts(node: Any, place: Located) -> list[str | tuple[Any]]:
    """The text of one node, with its arguments still to be translated."""
    if isinstance(node, Mapping) and isinstance(node.get("index"), int) and node["index"] >= 0:
        return [f"t{node['index']}"]
    name, arguments = (node.get("constructor"), node.get("arguments", [])) if isinstance(node, Mapping) else (None, [])
    if not isinstance(name, str) or not isinstance(arguments, list):
        raise place.error(f"a type is an object with constructor and arguments, not {node!r:.60}")
    if name == "->" and len(arguments) != 2:
        raise place.error(f"a function type has two arguments, not {len(arguments)}")
    parts: list[str | tuple[Any]] = []
    for position, argument in enumerate(arguments):
        parts += ([" -> " if name == "->" else ", "] if position else []) + [(argument,)]
    if name == "->":
        return ["(", *parts, ")"]
    return [name, "(", *parts, ")"] if parts else [name]
