"""Buffers that draw from any number of items without replacement, and hold not many more than they may draw."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

Item = TypeVar("Item")
SLACK = 1024
"""Items beyond twice those to be drawn that a buffer holds before it is pruned."""


class Drawing(Protocol[Item]):
    """What draws items: all are added first."""

    def add(self, item: Item, *, priority: float, uniform: float, group: str) -> None:
        """Offer an item with its priority, which is positive, and its random number in (0, 1]."""

    def drawn(self) -> Iterator[Item]:
        """Yield the items drawn, in the order in which they are."""


class WeightedBuffer(Generic[Item]):
    """Draws ``count`` items (None: all), at most ``per_group`` of each group (None: any number).

    The probability to be drawn next is proportional to the priority: each item gets the rank −log(u) / priority with u
    uniform in (0, 1], and those of least rank are drawn (Efraimidis and Spirakis, Weighted random sampling with a
    reservoir, 2006). Memory is for the items of least rank alone, about twice ``count``.
    """

    def __init__(self, count: int | None, per_group: int | None = None) -> None:
        self._count, self._per_group = count, per_group
        # Heaps of (−rank, −number, item): the first is the one to drop, of equal ranks the last one added.
        self._groups: dict[str, list[tuple[float, int, Item]]] = {}
        self._held = self._number = 0
        self._worst = -math.inf

    def add(self, item: Item, *, priority: float, uniform: float, group: str) -> None:
        """Offer an item with its priority, which is positive, and its random number in (0, 1]."""
        entry = (math.log(uniform) / priority, -self._number, item)
        self._number += 1
        if entry[0] < self._worst:
            return
        heap = self._groups.setdefault(group, [])
        if self._per_group is not None and len(heap) == self._per_group:
            heapq.heappushpop(heap, entry)
            return
        heapq.heappush(heap, entry)
        self._held += 1
        if self._count is not None and self._held > 2 * self._count + SLACK:
            self._prune(self._count)

    def drawn(self) -> Iterator[Item]:
        """Yield the items drawn, in the order in which they are."""
        for entry in sorted(itertools.chain(*self._groups.values()), key=_rank, reverse=True)[: self._count]:
            yield entry[2]

    def _prune(self, count: int) -> None:
        """Drop all but the items of least rank: whatever comes, no other can be among those drawn."""
        kept = heapq.nlargest(count, itertools.chain(*self._groups.values()), key=_rank)
        last = _rank(kept[-1])
        self._worst = last[0]
        self._groups = {group: [each for each in heap if _rank(each) >= last] for group, heap in self._groups.items()}
        for heap in self._groups.values():
            heapq.heapify(heap)
        self._held = len(kept)


class DiverseBuffer(Generic[Item]):
    """Draws of each group the half of ``per_group`` with the highest and that with the lowest priority, then ``count``.

    This is the choice of SOAR (Pourcel et al., 2025), which learns from the best programs and from the worst. Random
    numbers decide among items of equal priority, and which of all items chosen are drawn. Memory is for one and a half
    times ``per_group`` items a group.
    """

    def __init__(self, count: int | None, per_group: int) -> None:
        self._count, self._best, self._most = count, (per_group + 1) // 2, per_group
        # Heaps of (goodness, uniform, −number, item): the first is the one to drop.
        self._high: dict[str, list[tuple[float, float, int, Item]]] = {}
        self._low: dict[str, list[tuple[float, float, int, Item]]] = {}
        self._number = 0

    def add(self, item: Item, *, priority: float, uniform: float, group: str) -> None:
        """Offer an item with its priority and its random number in (0, 1]."""
        for heaps, goodness, most in ((self._high, priority, self._best), (self._low, -priority, self._most)):
            heap = heaps.setdefault(group, [])
            entry = (goodness, uniform, -self._number, item)
            if len(heap) < most:
                heapq.heappush(heap, entry)
            else:
                heapq.heappushpop(heap, entry)
        self._number += 1

    def drawn(self) -> Iterator[Item]:
        """Yield the items drawn, in a random order."""
        chosen = []
        for group, best in self._high.items():
            numbers = {each[2] for each in best}
            others = [each for each in self._low[group] if each[2] not in numbers]
            chosen += best + heapq.nlargest(self._most - len(best), others, key=lambda each: each[:3])
        for each in sorted(chosen, key=lambda each: (-each[1], -each[2]))[: self._count]:
            yield each[3]


def _rank(entry: tuple[float, int, Item]) -> tuple[float, int]:
    return entry[:2]
