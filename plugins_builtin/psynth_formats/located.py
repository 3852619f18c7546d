"""JSON from a file, each part with its place there, so that an error can name file and position."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psynth.core.errors import InputError
from psynth.core.files import read_json

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
        """The error that says ``message`` of this place."""
        return InputError(f"{self.path}: {message}" if self.path else message, source=self.source)

    def of(self, kind: type, wanted: str) -> Any:
        """The value; InputError unless it is of ``kind``."""
        if not isinstance(self.value, kind):
            raise self.error(f"expected {wanted}, found {_KINDS[type(self.value)]}")
        return self.value

    def text(self) -> str:
        """The text that stands here."""
        return self.of(str, "text")  # type: ignore[no-any-return]

    def items(self) -> list["Located"]:
        """The items of the list that stands here."""
        return [
            Located(item, self.source, f"{self.path}[{place}]") for place, item in enumerate(self.of(list, "a list"))
        ]

    def fields(self) -> dict[str, "Located"]:
        """The fields of the object that stands here."""
        return {
            key: Located(item, self.source, f"{self.path}.{key}".lstrip("."))
            for key, item in self.of(dict, "an object").items()
        }

    def has(self, key: str) -> bool:
        """Whether an object with a non-null field ``key`` stands here."""
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def __getitem__(self, key: str) -> "Located":
        """The field ``key`` of the object that stands here; InputError if it has none."""
        if key not in self.of(dict, "an object"):
            raise self.error(f"the field {key!r} is missing")
        return self.fields()[key]

    def log(self) -> float | None:
        """The log-probability that stands here, None where it is null or −∞."""
        value = self.value
        if value is None or value == -math.inf:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.error("expected a log-probability")
        return float(value)


def read_located(path: str) -> Located:
    """The JSON in a file (``-``: standard input), with minus infinity as Python's writers of these formats spell it."""
    return Located(read_json(path, constants=True), "<stdin>" if path == "-" else path)


def read_all(paths: Sequence[str]) -> list[Located]:
    """The JSON in each of the files, or of standard input where none is given."""
    return [read_located(path) for path in paths or ("-",)]
