"""The list domain: its sets of primitives, and tasks from the families of list functions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from psynth.core.seeds import generator
from psynth.core.settings import setting
from psynth.core.stream.records import Example, Task
from psynth.plugins.domain import TaskSettings
from psynth.plugins.lambda_domain import LambdaMachineDomain
from psynth.plugins.syntax import Syntax
from psynth_list.families import Family, Parameters
from psynth_list.tasks import draw_examples, instances

_LISTS = ("empty", "cons", "car", "cdr", "empty?")
_CONDITIONS = ("gt?", "eq?")

COMMON = (
    *("map", "unfold", "range", "index", "fold", "length", "if", "+", "-", "*", "mod"),
    *_CONDITIONS,
    *_LISTS,
    *("0", "1", "is-prime", "is-square"),
)
MCCARTHY = ("fix1", *(name for name in COMMON if name not in ("map", "unfold", "range", "index", "fold", "length")))
BASE = (
    *("0", "1", "2", "3", "4", "5", "empty", "singleton", "range", "++", "map", "fold"),
    *("true", "not", "and", "or", "+", "*", "negate", "mod", *_CONDITIONS, "is-prime", "is-square"),
)
RICH = (
    *COMMON,
    *("2", "3", "4", "5", "filter", "any", "all", "reverse", "sort", "sum", "slice", "singleton", "++"),
    *("not", "and", "or", "true", "negate"),
)


@dataclass(frozen=True)
class ListTaskSettings(TaskSettings):
    """The settings of ``psynth tasks list``."""

    count: int | None = setting(None, minimum=1, unit="tasks", help="tasks of each split (default: all)")
    examples: int = setting(15, minimum=1, unit="examples", help="examples of a task")
    held_out: int = setting(0, minimum=0, unit="examples", help="further examples to hold out (split test)")
    max_length: int = setting(7, minimum=1, unit="numbers", help="maximum length of an input list")
    max_value: int = setting(9, minimum=1, help="greatest number in an input list")


class List(LambdaMachineDomain):
    """Functions on lists of integers, as in DreamCoder's list experiments."""

    name = "list"
    help = "functions on lists of integers"
    TaskSettings = ListTaskSettings
    primitive_sets: ClassVar[Mapping[str, str]] = {
        "common": "map, fold, unfold, range and arithmetic (22 primitives)",
        "mccarthy": "McCarthy's Lisp of 1959, recursion by fix1 (17 primitives)",
        "base": "map, fold, append, logic and the integers 0 to 5 (24 primitives)",
        "rich": "common, filter, sort, slice, logic, 0 to 5 (40 primitives)",
    }
    primitives: ClassVar[Mapping[str, Sequence[str]]] = {
        "common": COMMON,
        "mccarthy": MCCARTHY,
        "base": BASE,
        "rich": RICH,
    }

    def tasks(self, settings: ListTaskSettings, seed: int) -> Iterator[Task]:
        """Yield the tasks of a split; the seed changes their examples, not their functions."""
        for split in settings.splits:
            for number, (slug, family, parameters) in enumerate(instances(split)[: settings.count]):
                yield _task(f"{self.name}/{split}-{number:03}-{slug}", split, family, parameters, settings, seed)

    def syntax(self) -> Syntax:
        """λ-terms, described for people and prompts."""
        return Syntax(
            "Programs are λ-terms over lists of integers. (fold l z f) is a right fold: f takes an element and the "
            "folded rest. (unfold x stop output next) grows a list from a seed. (index i l) counts from 0. "
            "(range n) is 0 to n-1. "
            "$0 is the variable bound by the innermost lambda."
        )


def _task(
    task_id: str, split: str, family: Family, parameters: Parameters, settings: ListTaskSettings, seed: int
) -> Task:
    pairs = draw_examples(
        family,
        parameters,
        examples=settings.examples + settings.held_out,
        max_length=settings.max_length,
        max_value=settings.max_value,
        rng=generator(seed, "tasks", task_id),
    )
    return Task(
        id=task_id,
        domain=List.name,
        request=family.request,
        examples=tuple(
            Example(inputs=[xs], output=output, split=None if place < settings.examples else "test")
            for place, (xs, output) in enumerate(pairs)
        ),
        split=split,
        descriptions=(family.describe(parameters),),
        meta={"family": family.name, "parameters": list(parameters)},
    )
