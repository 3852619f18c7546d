"""Prints JSON for programs that read what psynth says: the only place that does."""

from __future__ import annotations

from typing import Any

from psynth.core import standard


def print_json(value: Any) -> None:
    """Print a value on standard output, indented; text that is no UTF-8 is escaped."""
    import orjson

    try:
        data = orjson.dumps(value, option=orjson.OPT_INDENT_2)
    except TypeError:
        import json

        data = json.dumps(value, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace")
    standard.out().buffer.write(data + b"\n")
