"""The arc domain: the published language for ARC in the λ-machine, and the tasks of ARC-AGI-1 and ARC-AGI-2."""

from __future__ import annotations

import dataclasses
import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from psynth.core.calculus.types import Type, TypeVariable, parse_type, return_of
from psynth.core.settings import setting
from psynth.core.stream.records import Library, Production, Task
from psynth.plugins.domain import TaskSettings
from psynth.plugins.lambda_domain import LambdaMachineDomain, machine_primitives
from psynth.plugins.syntax import Syntax
from psynth_arc.data_sets import VERSIONS, published_tasks
from psynth_arc.language import CAST, standard_productions
from psynth_arc.search_language import search_productions
from psynth_arc.tasks import DOMAIN

if TYPE_CHECKING:
    from psynth_arc.views import GridViews
    from psynth_arc.words import GridWords

INT = parse_type("int")
INTEGER = re.compile(r"-?[0-9]+")

PUBLISHED_SPLITS = {"training": "train", "evaluation": "test"}
"""What ARC calls the splits."""
OF_ANY_TYPE = -5.0
"""The log-weight of primitives whose result has any type, as the first of a list."""
VARIABLE = 3.0
"""The log-weight of a variable: about that of all primitives together that make a grid."""


@dataclass(frozen=True)
class ArcTaskSettings(TaskSettings):
    """The settings of ``psynth tasks arc``."""

    split: str = setting(
        "train",
        choices=("train", "test", "all", *PUBLISHED_SPLITS),
        help="split of the domain's tasks: train is ARC's training, test its evaluation",
    )
    version: str = setting(
        "arc-agi-1",
        choices=tuple(VERSIONS),
        help="version of the data: " + "; ".join(f"{name}: {each.help}" for name, each in VERSIONS.items()),
    )
    only_new: bool = setting(False, help="without the tasks of ARC-AGI-2 that were in ARC-AGI-1")

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits to yield, under the names that they have in every domain."""
        published = PUBLISHED_SPLITS.get(self.split)
        return super().splits if published is None else (published,)


class ArcSyntax(Syntax):
    """λ-terms with integers as literals."""

    def literal_type(self, text: str) -> Type | None:
        """The type of an integer, None for any other token."""
        return INT if INTEGER.fullmatch(text) else None


def _log_weight(production: Production) -> float:
    if production.name == CAST:
        return -math.inf
    return OF_ANY_TYPE if isinstance(return_of(parse_type(production.type)), TypeVariable) else 0.0


class Arc(LambdaMachineDomain):
    """Grids of colors, in the language of arc-dsl."""

    name = DOMAIN
    help = "grids of colors: the tasks of ARC-AGI"
    TaskSettings = ArcTaskSettings
    primitive_sets: ClassVar[Mapping[str, str]] = {
        "standard": "the 160 primitives and 28 constants of arc-dsl, by kinds of value",
        "search": "the operations of enumerate --method grid, on pieces: grids that have a place",
    }
    primitives: ClassVar[Mapping[str, Sequence[str]]] = {}
    shows_test_inputs = True

    def names(self, primitive_set: str) -> Sequence[str]:
        """The productions of a set, in order."""
        machine = machine_primitives()
        return search_productions(machine) if primitive_set == "search" else standard_productions(machine)

    def library(self, primitive_set: str | None = None) -> Library:
        """The primitives of a set with their types in the λ-machine.

        So that programs drawn end, those of the standard set that give a value of any type, and fit every hole, have a
        lower weight than others, and a variable has a greater one; a cast is never proposed.
        """
        library = super().library(primitive_set)
        if self.chosen_set(primitive_set) != "standard":
            return library
        weighted = [dataclasses.replace(each, log_weight=_log_weight(each)) for each in library.productions]
        return dataclasses.replace(library, productions=tuple(weighted), log_variable=VARIABLE)

    def tasks(self, settings: ArcTaskSettings, seed: int) -> Iterator[Task]:
        """Yield the tasks of a version and split in the order of their keys; the seed has no effect."""
        for split in settings.splits:
            tasks = published_tasks(settings.version, split, only_new=settings.only_new)
            yield from itertools.islice(tasks, settings.count)

    def views(self) -> GridViews:
        """Grids in the terminal and as images."""
        from psynth_arc.views import GridViews

        return GridViews(self)

    def words(self) -> GridWords:
        """Grids by their size, background and cells."""
        from psynth_arc.words import GridWords

        return GridWords()

    def syntax(self) -> Syntax:
        """λ-terms, described for people and prompts."""
        return ArcSyntax(
            "Programs are λ-terms that make one grid of colors (integers from 0 to 9) of another, in the language of "
            "arc-dsl. A position is a pair of row and column, a cell a pair of color and position; an object is a set "
            "of cells, indices are a set of positions. NAME.KIND is the primitive NAME for one kind of value. "
            "(compose f g) is f after g, (fork f g h) is f of the results of g and h, (lbind.N f x) and (rbind.N f x) "
            "fix the first and the last of N arguments. ((lambda body) value) evaluates the value once, as $0 of body."
        )
