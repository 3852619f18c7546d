"""What language models cost: a table in a file, and the tokens that a request may take."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from psynth.core.errors import InputError
from psynth.core.files import read_json
from psynth.plugins.language_model import ModelRequest

PROMPT, COMPLETION = "prompt", "completion"
"""The fields of a price, in USD for a million tokens."""
BYTES_OF_TOKEN = 2
"""Bytes that are counted as a token of a prompt that no model has read: program text has about three."""
TOKENS_OF_MESSAGE = 8
"""Tokens that are counted for the frame of a message."""


@dataclass(frozen=True)
class Price:
    """What a model costs, in USD for a million tokens."""

    prompt: float
    completion: float

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """The cost of so many tokens, in USD."""
        return (self.prompt * prompt_tokens + self.completion * completion_tokens) / 1e6


def read_prices(path: Path) -> dict[str, Price]:
    """The prices in a JSON file, by the model's name: ``{"NAME": {"prompt": USD, "completion": USD}, …}``.

    InputError for a file that is no such table.
    """
    table = read_json(path)
    if not isinstance(table, Mapping):
        raise InputError("expected an object with a price for each model", source=str(path))
    return {name: _price(name, entry, path) for name, entry in table.items()}


def _price(name: str, entry: object, path: Path) -> Price:
    expected = f"{name}: expected {{{PROMPT!r}: USD, {COMPLETION!r}: USD}}, for a million tokens".replace("'", '"')
    if not isinstance(entry, Mapping) or entry.keys() != {PROMPT, COMPLETION}:
        raise InputError(expected, source=str(path))
    for value in entry.values():
        if type(value) not in (int, float) or not math.isfinite(value) or value < 0:
            raise InputError(expected, source=str(path))
    return Price(float(entry[PROMPT]), float(entry[COMPLETION]))


def prompt_tokens_at_most(request: ModelRequest) -> int:
    """A generous estimate of the tokens of a request's prompt."""
    return len(request.text.encode()) // BYTES_OF_TOKEN + TOKENS_OF_MESSAGE * (1 + len(request.messages))
