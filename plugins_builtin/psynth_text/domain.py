"""The text domain: SMT-LIB's string functions, and tasks from the families of text transformations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from psynth.core.calculus.text_literals import text_literal, text_of
from psynth.core.calculus.types import Type, parse_type
from psynth.core.errors import UsageError
from psynth.core.seeds import generator
from psynth.core.settings import setting
from psynth.core.stream.records import Example, Task
from psynth.plugins.domain import TaskSettings
from psynth.plugins.lambda_domain import LambdaMachineDomain
from psynth.plugins.primitive_docs import PrimitiveDoc
from psynth.plugins.syntax import Syntax
from psynth_text.families import FAMILIES, Family

if TYPE_CHECKING:
    import random


STRING = parse_type("string")
FUNCTIONS = (
    *("str.++", "str.replace", "str.at", "str.substr", "str.len", "str.indexof", "str.to_int", "str.from_int"),
    *("str.prefixof", "str.suffixof", "str.contains", "ite", "+", "-", "0", "1", "2"),
)
CONSTANTS = ("", " ", ",", ".", "-", "/", "@", "(", ")")
NAMES = {"": "the empty text", " ": "a space"}
ATTEMPTS = 1000
"""Draws of an example before different ones are no longer to be had."""


@dataclass(frozen=True)
class TextTaskSettings(TaskSettings):
    """The settings of ``psynth tasks text``."""

    count: int | None = setting(None, minimum=1, unit="tasks", help="tasks of each split (default: all)")
    examples: int = setting(6, minimum=1, unit="examples", help="examples of a task")
    held_out: int = setting(0, minimum=0, unit="examples", help="further examples to hold out (split test)")


class TextSyntax(Syntax):
    """λ-terms with texts as literals."""

    def literal_type(self, text: str) -> Type | None:
        """The type of a literal of a text, None for any other token."""
        return STRING if text_of(text) is not None else None


class Text(LambdaMachineDomain):
    """Transformations of texts, in the theory of strings of SMT-LIB."""

    name = "text"
    help = "transformations of texts with SMT-LIB's string functions"
    TaskSettings = TextTaskSettings
    primitive_sets: ClassVar[Mapping[str, str]] = {
        "standard": "SMT-LIB's string functions, + and -, 0 to 2, nine texts (26 primitives)",
        "functions": "standard without the texts, for constants of your own (17 primitives)",
    }
    primitives: ClassVar[Mapping[str, Sequence[str]]] = {
        "standard": (*FUNCTIONS, *map(text_literal, CONSTANTS)),
        "functions": FUNCTIONS,
    }

    def primitive_docs(self) -> Mapping[str, PrimitiveDoc]:
        """The documentation of the primitives in the λ-machine, and of the texts."""
        texts = {text_literal(text): f"the text {text}" if text.strip() else NAMES[text] for text in CONSTANTS}
        docs = {token: PrimitiveDoc(doc, token, (), text_of(token)) for token, doc in texts.items()}
        return {**super().primitive_docs(), **docs}

    def tasks(self, settings: TextTaskSettings, seed: int) -> Iterator[Task]:
        """Yield the tasks of a split; the seed changes their examples, not their functions."""
        for split in settings.splits:
            families = [family for family in FAMILIES if family.split == split]
            for number, family in enumerate(families[: settings.count]):
                task_id = f"{self.name}/{split}-{number:03}-{family.name}"
                rng = generator(seed, "tasks", task_id)
                examples = _examples(family, settings.examples + settings.held_out, rng)
                yield Task(
                    id=task_id,
                    domain=self.name,
                    request=family.request,
                    examples=tuple(
                        Example(inputs, output, split=None if place < settings.examples else "test")
                        for place, (inputs, output) in enumerate(examples)
                    ),
                    split=split,
                    descriptions=(family.sentence,),
                )

    def syntax(self) -> Syntax:
        """λ-terms, described for people and prompts."""
        return TextSyntax(
            "Programs are λ-terms over texts and integers, with the string functions of SMT-LIB. Positions count from "
            "0. (str.substr s i n) is n characters of s from position i on; (str.indexof s t i) is the position of t "
            "in s at or after i, or -1; (str.replace s t u) replaces the first t. A text is written as a JSON string "
            'without spaces or parentheses: "a\\u0020b". $0 is the variable bound by the innermost lambda.'
        )


def _examples(family: Family, count: int, rng: random.Random) -> list[tuple[list[str], object]]:
    """Different examples; UsageError if a family has fewer."""
    found: dict[tuple[str, ...], object] = {}
    for _ in range(ATTEMPTS):
        inputs = tuple(column(rng) for column in family.columns)
        found.setdefault(inputs, family.function(*inputs))
        if len(found) == count:
            return [(list(inputs), output) for inputs, output in found.items()]
    raise UsageError(f"the task {family.name!r} has fewer than {count} different examples: lower --examples")
