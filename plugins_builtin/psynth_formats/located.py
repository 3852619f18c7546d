"""JSON values with their location in a file, so that errors name the file and the path."""

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
    """A JSON ``value``, its file, and its path in the file, such as ``frontiers[3].programs[0]``."""

    value: Any
    source: str
    path: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """The file and the path, which identify the place."""
        return self.source, self.path

    def error(self, message: str) -> InputError:
        """An error about this place."""
        return InputError(f"{self.path}: {message}" if self.path else message, source=self.source)

    def of(self, kind: type, expected: str) -> Any:
        """The value; InputError unless it is of ``kind``."""
        if not isinstance(self.value, kind):
            raise self.error(f"expected {expected}, found {_KINDS[type(self.value)]}")
        return self.value

    def text(self) -> str:
        """The string at this place."""
        return self.of(str, "text")  # type: ignore[no-any-return]

    def items(self) -> list["Located"]:
        """The items of the list at this place."""
        return [
            Located(item, self.source, f"{self.path}[{place}]") for place, item in enumerate(self.of(list, "a list"))
        ]

    def fields(self) -> dict[str, "Located"]:
        """The fields of the object at this place."""
        return {
            key: Located(item, self.source, f"{self.path}.{key}".lstrip("."))
            for key, item in self.of(dict, "an object").items()
        }

    def has(self, key: str) -> bool:
        """Whether this is an object with a non-null field ``key``."""
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def __getitem__(self, key: str) -> "Located":
        """The field ``key`` of the object at this place; InputError if it is missing."""
        if key not in self.of(dict, "an object"):
            raise self.error(f"the field {key!r} is missing")
        return self.fields()[key]

    def log(self) -> float | None:
        """The log-probability at this place; None if it is null or −∞."""
        value = self.value
        if value is None or value == -math.inf:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.error("expected a log-probability")
        return float(value)

    def log_likelihood(self) -> float | None:
        """The log-likelihood of the program here, None without any; −∞, for one that is ruled out, may be null."""
        fields = self.fields()
        if "logLikelihood" not in fields:
            return None
        found = fields["logLikelihood"].log()
        return -math.inf if found is None else found


def read_located(path: str) -> Located:
    """The JSON in a file (``-``: standard input), where ``-Infinity`` is allowed, as Python writes it."""
    return Located(read_json(path, constants=True), "<stdin>" if path == "-" else path)


def read_all(paths: Sequence[str]) -> list[Located]:
    """The JSON in each of the files, or in standard input if there are none."""
    return [read_located(path) for path in paths or ("-",)]
