"""The words in which a policy reads a domain's tasks: values of examples, and what judges tasks without examples."""

from __future__ import annotations

import json
import string
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from psynth.plugins.visible_task import VisibleTask

LEAST, GREATEST = -32, 255
"""The range of the integers that are one word each; others are spelled, digit by digit."""
LONGEST_KEY = 40
"""Maximum number of characters of a text in an object that is one word."""
BRACKETS: Final = ("null", "true", "false", "[", "]", "{", "}", '"', "number")


class TaskWords:
    """Values as words, by default those of their JSON; equal words have equal meanings.

    A text is spelled by its characters, but a short one in an object is one word, as it names a thing. A word that a
    model does not know is spelled by its bytes.
    """

    known: Sequence[str] = (
        *BRACKETS,
        *(str(number) for number in range(LEAST, GREATEST + 1)),
        *(f"'{character}" for character in string.printable),
    )
    """Words that every model of the domain knows, also those that its training data lack."""

    def value(self, value: Any) -> list[str]:
        """The words of an input or output of an example, or of an output of a program; null for a failure."""
        return list(_json_words(value, within=False))

    def environment(self, task: VisibleTask) -> list[str]:
        """The words of a task without examples: by default of its environment."""
        return list(_json_words(task.environment or {}, within=False))

    def text(self, value: Any) -> str:
        """The same for a pretrained model, which has words of its own: by default JSON."""
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _json_words(value: Any, *, within: bool) -> Iterator[str]:
    """Yield the words of a value, ``within`` an object or not."""
    if value is None or isinstance(value, bool):
        yield "null" if value is None else "true" if value else "false"
    elif isinstance(value, int) and LEAST <= value <= GREATEST:
        yield str(value)
    elif isinstance(value, int | float):
        yield "number"
        yield from (f"'{character}" for character in repr(value))
    elif isinstance(value, str):
        if within and len(value) <= LONGEST_KEY:
            yield f'"{value}"'
        else:
            yield '"'
            yield from (f"'{character}" for character in value)
            yield '"'
    elif isinstance(value, dict):
        yield "{"
        for key, part in value.items():
            yield from _json_words(key, within=True)
            yield from _json_words(part, within=True)
        yield "}"
    else:
        yield "["
        for part in value:
            yield from _json_words(part, within=within)
        yield "]"
