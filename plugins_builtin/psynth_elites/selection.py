"""Which elites become parents: the choices of quality-diversity search."""

from __future__ import annotations

import heapq
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from psynth.core.engines.archive import Elite, Elites, range_of
from psynth.plugins.bandits import exploration, upper_bound

LEAST_CURIOSITY = 0.1
"""The weight of an elite whose children are never accepted, so that each may still be chosen."""
CONTESTANTS = 3
"""Elites of a cell that a tournament draws."""
NEAREST = 8
"""Other parents with ``nearby`` are among so many nearest elites, for each of them."""

Selected = list[Elite]
"""The parents of one program, the first one first."""


@dataclass
class Credits:
    """The children of the elites of one task, by language and program: how many were offered, and accepted."""

    children: dict[tuple[str, str], int] = field(default_factory=dict)
    accepted: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, parent: tuple[str, str], *, accepted: bool) -> None:
        """Count one child of a program."""
        self.children[parent] = self.children.get(parent, 0) + 1
        self.accepted[parent] = self.accepted.get(parent, 0) + accepted

    def of(self, elite: Elite) -> tuple[int, int]:
        """The children of an elite, and how many of them were accepted."""
        key = (elite.language, elite.program)
        return self.children.get(key, 0), self.accepted.get(key, 0)


class Selection(ABC):
    """A way to choose parents among the elites of one task; all use only the generator that they are given."""

    def __init__(self, elites: Elites, task: str, credits: Credits) -> None:
        self.elites, self.task, self.credits = elites, task, credits

    def select(self, count: int, parents: int, rng: random.Random) -> list[Selected]:
        """``count`` choices of ``parents`` different elites each, fewer if there are not so many; with replacement."""
        filled = self.elites.filled(self.task)
        if not filled:
            return []
        draw = self._drawing(rng)
        return [self._with_others(self._elite(draw(), rng), parents, draw, rng) for _ in range(count)]

    @abstractmethod
    def _drawing(self, rng: random.Random) -> Callable[[], int]:
        """A function that draws the place of a filled cell."""

    def _elite(self, place: int, rng: random.Random) -> Elite:
        of_cell = self.elites.elites(self.task, place)
        return of_cell[rng.randrange(len(of_cell))] if len(of_cell) > 1 else of_cell[0]

    def _with_others(self, first: Elite, parents: int, draw: Callable[[], int], rng: random.Random) -> Selected:
        chosen = {(first.language, first.program): first}
        # A cell may be drawn again and again: with few elites there may be no other.
        for _ in range(8 * (parents - 1)):
            if len(chosen) == parents:
                break
            other = self._elite(draw(), rng)
            chosen.setdefault((other.language, other.program), other)
        return list(chosen.values())


class Uniform(Selection):
    """Every filled cell is equally likely (Mouret and Clune, 2015)."""

    def _drawing(self, rng: random.Random) -> Callable[[], int]:
        filled = self.elites.filled(self.task)
        return lambda: rng.randrange(filled)


class Weighted(Selection):
    """The base of those whose cells have weights."""

    @abstractmethod
    def _weights(self) -> Sequence[float]:
        """A weight for each filled cell."""

    def _drawing(self, rng: random.Random) -> Callable[[], int]:
        weights = self._weights()
        places = range(len(weights))
        bounds: list[float] = []
        total = 0.0
        for weight in weights:
            total += weight
            bounds.append(total)
        return lambda: rng.choices(places, cum_weights=bounds)[0]


class Rank(Weighted):
    """The likelihood falls linearly with the rank by gain: the best cell is n times as likely as the last of n."""

    def _weights(self) -> Sequence[float]:
        gains = [gain for _, gain in self.elites.gains(self.task)]
        weights = [0.0] * len(gains)
        for rank, place in enumerate(sorted(range(len(gains)), key=gains.__getitem__), 1):
            weights[place] = float(rank)
        return weights


class Curiosity(Weighted):
    """The likelihood grows by 1 with each child that was accepted and falls by 0.5 with each other.

    Cully and Demiris, IEEE TEVC 2018, where all scores begin at 0; here at 1, the score of an elite without children.
    """

    def _weights(self) -> Sequence[float]:
        return [self._weight(self.elites.best(self.task, place)) for place in range(self.elites.filled(self.task))]

    def _weight(self, elite: Elite) -> float:
        children, accepted = self.credits.of(elite)
        return max(LEAST_CURIOSITY, 1 + accepted - 0.5 * (children - accepted))


class UpperConfidence(Selection):
    """The elite whose children may most likely be accepted: UCB1 (Auer, Cesa-Bianchi and Fischer, 2002)."""

    def _drawing(self, rng: random.Random) -> Callable[[], int]:
        filled = self.elites.filled(self.task)
        known = [self.credits.of(self.elites.best(self.task, place)) for place in range(filled)]
        children = [each[0] for each in known]
        accepted = [each[1] for each in known]
        # The order in which equal ones are chosen.
        order = list(range(filled))
        rng.shuffle(order)

        def draw() -> int:
            bonus = exploration(sum(children))
            place = max(order, key=lambda each: upper_bound(children[each], accepted[each], bonus))
            # Counted at once, so that a batch does not consist of one elite.
            children[place] += 1
            return place

        return draw


class Nearby(Uniform):
    """The first parent is of any filled cell, the others are among the elites nearest to it in behavior space."""

    def _drawing(self, rng: random.Random) -> Callable[[], int]:
        self._all = self.elites.all(self.task)
        return super()._drawing(rng)

    def _with_others(self, first: Elite, parents: int, draw: Callable[[], int], rng: random.Random) -> Selected:
        ranges = [range_of(each) for each in self.elites.archive.dimensions]

        def distance(elite: Elite) -> float:
            return sum(
                ((a - b) / (high - low)) ** 2
                for a, b, (low, high) in zip(elite.descriptor, first.descriptor, ranges, strict=True)
            )

        others = (each for each in self._all if each.program != first.program)
        near = heapq.nsmallest(NEAREST * (parents - 1), others, key=lambda each: (distance(each), each.program))
        return [first, *rng.sample(near, min(parents - 1, len(near)))]


class Tournament(Uniform):
    """The best of a few elites of a cell, all equally likely; for populations, which are one deep cell."""

    def _elite(self, place: int, rng: random.Random) -> Elite:
        of_cell = self.elites.elites(self.task, place)
        return of_cell[min(rng.randrange(len(of_cell)) for _ in range(CONTESTANTS))]


SELECTIONS: Mapping[str, type[Selection]] = {
    "uniform": Uniform,
    "rank": Rank,
    "curiosity": Curiosity,
    "ucb": UpperConfidence,
    "nearby": Nearby,
    "tournament": Tournament,
}
"""The ways to choose parents, by the names of the option --select."""
