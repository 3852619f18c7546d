"""The stream's JSON Schema, as it is installed with the package."""

from importlib.resources import files
from typing import Any

import orjson


def stream_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of one record of a stream."""
    schema: dict[str, Any] = orjson.loads(files("psynth.core.stream").joinpath("stream.schema.json").read_bytes())
    return schema
