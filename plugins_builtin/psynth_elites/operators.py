"""The operators of evolution: methods of ``psynth mutate``, which one of them varies the next parents being learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from psynth.core.errors import UsageError
from psynth.core.named_settings import settings_values, split_name
from psynth.core.seeds import derive
from psynth.core.settings import did_you_mean
from psynth.core.stream.records import End, Frontier, Library, Origin, Program, Record
from psynth.plugins.bandits import exploration, upper_bound
from psynth.plugins.method import Context, Method, Progress
from psynth.plugins.variation import Variation
from psynth_elites.cma_me import NAME as CMA_ME
from psynth_elites.cma_me import CmaMe
from psynth_elites.selection import Selected

FLAG = "--operator"
DEFAULTS = {"lambda": "subterm", "python": "python-ast", "json": "vector"}
"""The operator for programs in a language, unless --operator names others."""


@dataclass(frozen=True)
class Operator:
    """A method of ``psynth mutate`` with its settings; ``name`` is the value of --operator."""

    name: str
    method: Method

    def check_parents(self, parents: int) -> None:
        """UsageError if each program has too few parents for the operator to make anything of them."""
        if parents == 1 and isinstance(self.method, Variation) and self.method.needs_mates:
            raise UsageError(
                f"--operator {self.name} makes a program of two or more parents: give --parents 2, or more"
            )

    def children(
        self, frontier: Frontier, library: Library, parents: Sequence[Selected], context: Context, round: int
    ) -> list[list[Program]]:
        """The programs made from each choice of parents, for the task of a frontier; none where there was no other.

        They depend on the seed, the task and the number of the round.
        """
        seed = derive(context.seed, f"elites {self.name}", f"{frontier.task.id if frontier.task else ''} {round}")
        inner = replace(context, command="mutate", seed=seed, progress=Progress())
        given = [_parents(frontier, number, chosen) for number, chosen in enumerate(parents)]
        records: list[Record] = [library, *given, End("complete")]
        made = [each for each in self.method.run(iter(records), inner) if isinstance(each, Frontier)]
        texts = [{elite.program for elite in chosen} for chosen in parents]
        return [
            [self._named(program) for program in each.programs if program.program not in known]
            for each, known in zip(made, texts, strict=True)
        ]

    def _named(self, program: Program) -> Program:
        made_from = None if program.origin is None else program.origin.from_
        return replace(program, origin=replace(program.origin or Origin(), by=self.name, from_=made_from))


def _parents(frontier: Frontier, number: int, chosen: Selected) -> Frontier:
    """The parents as a frontier of a task of its own, so that an elite chosen twice has different children."""
    assert frontier.task is not None
    task = replace(frontier.task, id=f"{frontier.task.id} {number}")
    programs = tuple(replace(elite.frontier.programs[0], descriptor=None) for elite in chosen)
    return Frontier(task=task, programs=programs)


@dataclass(frozen=True)
class LearningOperator:
    """An operator that learns from what becomes of its programs; ``name`` is the value of --operator."""

    name: str
    settings: CmaMe


AnyOperator: TypeAlias = Operator | LearningOperator


def parse_operator(text: str, context: Context) -> AnyOperator:
    """The operator that a value of --operator names, ``NAME`` or ``NAME:setting=value,…``; UsageError."""
    name, settings = split_name(FLAG, text)
    if name == CMA_ME:
        return LearningOperator(text, CmaMe(**settings_values(FLAG, name, settings, CmaMe)))
    offers = [*context.registry.offers("method", "mutate"), CMA_ME]
    if name not in offers:
        known = ", ".join(offers)
        hint = did_you_mean(name, offers)
        raise UsageError(f"{FLAG} {name}: there is no operator {name!r}; there are {known}{hint}")
    found = context.registry.method("mutate", name)
    return Operator(text, found(**settings_values(FLAG, name, settings, found)))


@dataclass
class Bandit:
    """Chooses among operators by the share of their children that became elites.

    UCB1 (Auer, Cesa-Bianchi and Fischer, 2002), over the programs of a whole round.
    """

    operators: Sequence[AnyOperator]

    def __post_init__(self) -> None:
        self._children = dict.fromkeys((each.name for each in self.operators), 0)
        self._accepted = dict.fromkeys(self._children, 0)

    def choose(self) -> AnyOperator:
        """The operator with the greatest upper confidence bound; the first of several."""
        if len(self.operators) == 1:
            return self.operators[0]
        bonus = exploration(sum(self._children.values()))
        return max(
            self.operators, key=lambda each: upper_bound(self._children[each.name], self._accepted[each.name], bonus)
        )

    def add(self, name: str | None, *, accepted: bool) -> None:
        """Count a child of the operator called ``name``, if it is one of them."""
        if name in self._children:
            self._children[name] += 1
            self._accepted[name] += accepted
