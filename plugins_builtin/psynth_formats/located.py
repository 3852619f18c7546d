"""JSON from a file whose every part knows where it stands, so that an error can name file and position."""

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psynth.core.errors import InputError
from psynth.core.stream.compressed import DamagedData, compression_of_bytes, decompress

_KINDS = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "null",
}


@dataclass(frozen=True)
class Located:
    """A JSON ``value``, the file it comes from and its path there, as ``frontiers[3].programs[0]``."""

    value: Any
    source: str
    path: str = ""

    def error(self, message: str) -> InputError:
        """Return the error that says ``message`` of this place."""
        return InputError(f"{self.path}: {message}" if self.path else message, source=self.source)

    def of(self, kind: type, wanted: str) -> Any:
        """Return the value; InputError unless it is of ``kind``."""
        if not isinstance(self.value, kind):
            raise self.error(f"expected {wanted}, found {_KINDS[type(self.value)]}")
        return self.value

    def text(self) -> str:
        """Return the text that stands here."""
        return self.of(str, "text")  # type: ignore[no-any-return]

    def items(self) -> list["Located"]:
        """Return the items of the list that stands here."""
        return [
            Located(item, self.source, f"{self.path}[{place}]") for place, item in enumerate(self.of(list, "a list"))
        ]

    def fields(self) -> dict[str, "Located"]:
        """Return the fields of the object that stands here."""
        return {
            key: Located(item, self.source, f"{self.path}.{key}".lstrip("."))
            for key, item in self.of(dict, "an object").items()
        }

    def has(self, key: str) -> bool:
        """Whether an object with a non-null field ``key`` stands here."""
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def __getitem__(self, key: str) -> "Located":
        """Return the field ``key`` of the object that stands here; InputError if it has none."""
        if key not in self.of(dict, "an object"):
            raise self.error(f"the field {key!r} is missing")
        return self.fields()[key]

    def log(self) -> float | None:
        """Return the log-probability that stands here, None where it is null or −∞."""
        value = self.value
        if value is None or value == -math.inf:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.error("expected a log-probability")
        return float(value)


def read_json(path: str) -> Located:
    """Return what a JSON file holds (``-``: standard input), compressed or not.

    InputError names the line where it is no JSON.
    """
    source = "<stdin>" if path == "-" else path
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", source=source) from error
    compression = compression_of_bytes(data[:4])
    try:
        if compression is not None:
            data = b"".join(decompress([data], compression))
    except DamagedData as damage:
        raise InputError(str(damage), source=source) from damage
    try:
        return Located(json.loads(data.decode("utf-8-sig")), source)
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 at byte {error.start}", source=source) from error
    except json.JSONDecodeError as error:
        problem = f"not JSON: {error.msg} at column {error.colno}"
        raise InputError(problem, source=source, line=error.lineno) from error
    except RecursionError as error:
        raise InputError("nested too deeply for JSON", source=source) from error


def read_all(paths: Sequence[str]) -> list[Located]:
    """Return what each of the files holds; standard input where there is none."""
    return [read_json(path) for path in paths or ("-",)]
