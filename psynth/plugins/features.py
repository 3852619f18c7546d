"""How recognition networks see a domain's tasks: as sequences of tokens, as sets of objects, or as images."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from psynth.core.seeds import stable_hash

if TYPE_CHECKING:
    from psynth.plugins.visible_task import VisibleTask

BYTES: Final = 256
"""Tokens 0 to 255 are the bytes of texts in UTF-8, and of numbers that have no token of their own."""
LEAST, GREATEST = -32, 255
"""The range of the integers with tokens of their own, which follow the bytes."""
MARKS: Final = ("null", "true", "false", "[", "]", "{", "}", '"', "number", "in", "out")
"""The remaining tokens: constants, brackets, the mark before a number's bytes, and those before an input and output."""
VOCABULARY: Final = BYTES + GREATEST - LEAST + 1 + len(MARKS)
"""The number of different tokens of JSON values."""
MARK: Final = {name: VOCABULARY - len(MARKS) + place for place, name in enumerate(MARKS)}
"""The token of each mark."""
OBJECT_VOCABULARY: Final = 1024
"""The number of different tokens of objects, which are hashes."""


class Features(ABC):
    """What a recognition network sees of a task, from which its encoder follows: one of the subclasses below."""

    kind: ClassVar[str]
    """``tokens``, ``objects`` or ``image``."""


class TokenFeatures(Features):
    """Examples as sequences of tokens, by default those of their JSON, which a recurrent network reads."""

    kind = "tokens"
    vocabulary: int = VOCABULARY
    """The number of different tokens, which count from 0."""
    start_of_output: int = MARK["out"]
    """A token that no value contains; the network reads it between the inputs and the output."""

    def examples(self, task: VisibleTask) -> list[tuple[list[int], list[int]]]:
        """The tokens of the inputs and of the output of each example; of a task without examples, its environment's."""
        if not task.examples:
            return [(list(json_tokens(task.environment)), [])]
        return [(self.inputs(each.inputs), self.output(each.output)) for each in task.examples]

    def inputs(self, values: Sequence[Any]) -> list[int]:
        """The tokens of the arguments of an example."""
        return [token for value in values for token in (MARK["in"], *json_tokens(value))]

    def output(self, value: Any) -> list[int]:
        """The tokens of the output of an example."""
        return list(json_tokens(value))


class ObjectFeatures(Features):
    """Examples as sets of objects with attributes, which a network with attention compares with each other.

    By default each JSON object in an example is an element. An element is a list of words, in any order; equal words
    have equal meanings. Values outside of all objects are one more element.
    """

    kind = "objects"

    def examples(self, task: VisibleTask) -> list[list[list[str]]]:
        """The elements of each example; of a task without examples, those of its environment."""
        if not task.examples:
            return [self.elements("in", task.environment)]
        return [
            [element for place, value in enumerate(each.inputs) for element in self.elements(f"in{place}", value)]
            + self.elements("out", each.output)
            for each in task.examples
        ]

    def elements(self, where: str, value: Any) -> list[list[str]]:
        """The elements of a value, which is an input (``in0``, ``in1``, …) or the output (``out``)."""
        return list(_elements(where, value))


class ImageFeatures(Features):
    """One image for each task, which a convolutional network reads."""

    kind = "image"

    shape: tuple[int, int, int]
    """Planes, rows and columns."""

    @abstractmethod
    def image(self, task: VisibleTask) -> Any:
        """The numbers of a task's image, of about 0 to 1: a numpy array of ``shape``."""


def json_tokens(value: Any) -> Iterator[int]:
    """Yield the tokens of a JSON value."""
    if value is None or isinstance(value, bool):
        yield MARK["null" if value is None else "true" if value else "false"]
    elif isinstance(value, int) and LEAST <= value <= GREATEST:
        yield BYTES + value - LEAST
    elif isinstance(value, int | float):
        yield MARK["number"]
        yield from repr(value).encode()
    elif isinstance(value, str):
        yield MARK['"']
        yield from value.encode(errors="replace")
        yield MARK['"']
    elif isinstance(value, dict):
        yield MARK["{"]
        for key, part in value.items():
            yield from json_tokens(key)
            yield from json_tokens(part)
        yield MARK["}"]
    else:
        yield MARK["["]
        for part in value:
            yield from json_tokens(part)
        yield MARK["]"]


def word_number(word: str) -> int:
    """The number of a word of an object, below `OBJECT_VOCABULARY`."""
    return stable_hash(word) % OBJECT_VOCABULARY


def _elements(where: str, value: Any) -> Iterator[list[str]]:
    rest: list[str] = []
    found: list[list[str]] = []

    def visit(part: Any, path: str) -> None:
        if isinstance(part, dict):
            found.append([where, *_words(part)])
        elif isinstance(part, list | tuple):
            rest.append(f"{path}#{min(len(part), GREATEST)}")
            for each in part:
                visit(each, f"{path}[]")
        else:
            rest.append(f"{path}={part}")

    visit(value, "")
    yield [where, *rest]
    yield from found


def _words(attributes: dict[str, Any]) -> Iterator[str]:
    for name, value in attributes.items():
        if isinstance(value, list | tuple):
            yield f"{name}#{min(len(value), GREATEST)}"
            yield from (f"{name}[]={each}" for each in value)
        else:
            yield f"{name}={value}"
