"""The regex domain: its primitives, and string-editing tasks composed of position, pattern and action."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any, ClassVar

from psynth.core.seeds import generator
from psynth.core.settings import setting
from psynth.core.stream.records import Example, Task
from psynth.plugins.domain import TaskSettings
from psynth.plugins.lambda_domain import LambdaMachineDomain
from psynth.plugins.syntax import Syntax
from psynth.plugins.views import Views
from psynth_regex.edits import Edit, draw_edit
from psynth_regex.tasks import draw_examples

STANDARD = (
    *("_rdot", "_rempty", *(f"_{letter}" for letter in ascii_lowercase)),
    *("_rnot", "_ror", "_rconcat", "_rmatch", "_rsplit", "_rflatten", "_rtail", "_rappend", "_rrevcdr"),
    *("if", "cons", "car", "cdr", "map"),
)


@dataclass(frozen=True)
class RegexTaskSettings(TaskSettings):
    """The settings of ``psynth tasks regex``."""

    count: int | None = setting(200, minimum=1, maximum=100_000, unit="tasks", help="tasks of each split (none: 200)")
    examples: int = setting(30, minimum=2, unit="examples", help="examples of a training task")
    test_examples: int = setting(6, minimum=2, unit="examples", help="examples of a test task")


class RegexViews(Views):
    """Strings without quotation marks."""

    def format_value(self, value: Any) -> str:
        """A string without quotation marks, unless it is empty; anything else as JSON."""
        return value if isinstance(value, str) and value else super().format_value(value)


class Regex(LambdaMachineDomain):
    """String editing with regular expressions, in the language of LILO's REGEX domain."""

    name = "regex"
    help = "string editing with regular expressions"
    TaskSettings = RegexTaskSettings
    primitive_sets: ClassVar[Mapping[str, str]] = {
        "standard": "letters, patterns, split, match, join, lists (42 primitives)",
        "classes": "standard, with vowels and consonants as classes (44 primitives)",
    }
    primitives: ClassVar[Mapping[str, Sequence[str]]] = {
        "standard": STANDARD,
        "classes": (*STANDARD, "_rvowel", "_rconsonant"),
    }

    def tasks(self, settings: RegexTaskSettings, seed: int) -> Iterator[Task]:
        """Yield the tasks of a split, each a different edit; no edit is in both splits."""
        for split in settings.splits:
            seen: set[Edit] = set()
            for number in range(settings.count or 200):
                task_id = f"{self.name}/{split}-{number:05}"
                rng = generator(seed, "tasks", task_id)
                while (edit := draw_edit(rng, split)) in seen:
                    pass
                seen.add(edit)
                examples = settings.examples if split == "train" else settings.test_examples
                yield Task(
                    id=task_id,
                    domain=self.name,
                    request="tfullstr -> tfullstr",
                    examples=tuple(
                        Example(inputs=[word], output=edited)
                        for word, edited in draw_examples(edit, examples=examples, rng=rng)
                    ),
                    split=split,
                    descriptions=(edit.describe(),),
                    meta={"position": edit.position.name, "action": edit.action.name},
                )

    def views(self) -> RegexViews:
        """Strings without quotation marks."""
        return RegexViews()

    def syntax(self) -> Syntax:
        """λ-terms, described for people and prompts."""
        return Syntax(
            "Programs are λ-terms that edit a string. (_rsplit pattern string) cuts the string at every match and "
            "keeps the matches; (_rmatch pattern string) says whether the whole string matches; "
            "(_rflatten pieces) joins the pieces. "
            "Patterns are built from letters by _rconcat, _ror and _rnot; _rdot is any letter. "
            "$0 is the variable bound by the innermost lambda."
        )
