"""The stream's JSON Schema, made from the fields that `records` declares and the sentences that document them."""

import ast
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from psynth.core.stream import records
from psynth.core.stream.fields import Fields, object_schema, reference
from psynth.core.stream.records import RECORD_TYPES, Line


def stream_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one record of a stream."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:psynth:stream:{records.FORMAT_VERSION}",
        "title": f"A record of the psynth frontier stream, version {records.FORMAT_VERSION}",
        "description": (
            "One line of a stream. Unknown types and unknown fields are allowed everywhere and pass through. Null in "
            "an optional field means the same as leaving it out, unless said otherwise."
        ),
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"type": "string"}},
        "allOf": [
            {"if": {"properties": {"type": {"const": name}}}, "then": {"$ref": reference(cls)}}
            for name, cls in RECORD_TYPES.items()
        ],
        "$defs": dict(_definitions(records)),
    }


def _definitions(module: ModuleType) -> Iterator[tuple[str, dict[str, Any]]]:
    """The schema of each object of fields that a module declares, by its name in references."""
    documented = _documentation(module)
    for cls in vars(module).values():
        if not isinstance(cls, type) or not issubclass(cls, Fields) or cls in (Fields, Line):
            continue
        schema = {"description": inspect.getdoc(cls), **object_schema(cls)}
        sentences = documented[cls.__name__]
        schema["properties"] = {
            # Python's name of a field differs from JSON's by an underscore where JSON's is a keyword.
            key: {"description": sentences.get(key) or sentences[f"{key}_"], **value}
            for key, value in schema["properties"].items()
        }
        yield reference(cls).rpartition("/")[2], schema


def _documentation(module: ModuleType) -> dict[str, dict[str, str]]:
    """The sentence after each field of each class of a module, which Python itself throws away."""
    found: dict[str, dict[str, str]] = {}
    for statement in ast.parse(inspect.getsource(module)).body:
        if isinstance(statement, ast.ClassDef):
            found[statement.name] = {
                field.target.id: inspect.cleandoc(after.value.value)
                for field, after in zip(statement.body, statement.body[1:], strict=False)
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
                if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
                if isinstance(after.value.value, str)
            }
    return found
