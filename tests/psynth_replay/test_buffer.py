"""Buffers against brute force: what is drawn, how often, and how much is held meanwhile."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psynth_replay.buffer import SLACK, DiverseBuffer, WeightedBuffer

PRIORITIES = st.sampled_from([1e-19, 0.1, 0.5, 0.5, 1.0])
ITEMS = st.lists(st.tuples(PRIORITIES, st.floats(1e-9, 1), st.sampled_from("abc")), max_size=40)


def chances(priorities: tuple[float, ...], count: int) -> dict[tuple[int, ...], float]:
    """The probability of each sequence of draws without replacement, one after the other."""
    found = {}
    for drawn in itertools.permutations(range(len(priorities)), count):
        chance, left = 1.0, sum(priorities)
        for place in drawn:
            chance *= priorities[place] / left
            left -= priorities[place]
        found[drawn] = chance
    return found


def test_the_distribution_is_that_of_draws_without_replacement() -> None:
    priorities, count, rounds = (1.0, 0.5, 0.25, 0.25), 2, 20_000
    rng = random.Random(0)
    seen: Counter[tuple[int, ...]] = Counter()
    for _ in range(rounds):
        buffer = WeightedBuffer[int](count)
        for place, priority in enumerate(priorities):
            buffer.add(place, priority=priority, uniform=1 - rng.random(), group="")
        seen[tuple(buffer.drawn())] += 1
    wanted = chances(priorities, count)
    assert sum(wanted.values()) == pytest.approx(1)
    # The 99.9 % quantile of chi-squared with 11 degrees of freedom is 31.3.
    assert sum((seen[drawn] - rounds * chance) ** 2 / (rounds * chance) for drawn, chance in wanted.items()) < 31.3


@given(ITEMS, st.none() | st.integers(0, 12), st.none() | st.integers(1, 4))
def test_the_items_of_least_rank_are_drawn_within_the_caps(
    items: list[tuple[float, float, str]], count: int | None, cap: int | None
) -> None:
    buffer = WeightedBuffer[int](count, cap)
    for number, (priority, uniform, group) in enumerate(items):
        buffer.add(number, priority=priority, uniform=uniform, group=group)
    wanted: list[int] = []
    used: Counter[str] = Counter()
    for number in sorted(range(len(items)), key=lambda each: (-math.log(items[each][1]) / items[each][0], each)):
        group = items[number][2]
        if (cap is None or used[group] < cap) and (count is None or len(wanted) < count):
            used[group] += 1
            wanted.append(number)
    assert list(buffer.drawn()) == wanted


@pytest.mark.parametrize("cap", [None, 7])
def test_a_long_stream_is_held_in_part_and_nothing_drawn_is_lost(cap: int | None) -> None:
    rng = random.Random(1)
    items = [(rng.choice([0.2, 1.0]), 1 - rng.random(), f"{rng.randrange(200)}") for _ in range(20_000)]
    buffer, unbounded = WeightedBuffer[int](100, cap), WeightedBuffer[int](None, cap)
    most = 0
    for number, (priority, uniform, group) in enumerate(items):
        for each in (buffer, unbounded):
            each.add(number, priority=priority, uniform=uniform, group=group)
        most = max(most, sum(map(len, buffer._groups.values())))
    assert list(buffer.drawn()) == list(unbounded.drawn())[:100]
    assert most <= 2 * 100 + SLACK + 1


@given(ITEMS, st.none() | st.integers(0, 12), st.integers(1, 6))
def test_diverse_takes_the_best_half_and_the_worst_half_of_each_group(
    items: list[tuple[float, float, str]], count: int | None, per_group: int
) -> None:
    buffer = DiverseBuffer[int](count, per_group)
    for number, (priority, uniform, group) in enumerate(items):
        buffer.add(number, priority=priority, uniform=uniform, group=group)
    chosen: set[int] = set()
    for name in {group for _, _, group in items}:
        members = [number for number, item in enumerate(items) if item[2] == name]
        best = sorted(members, key=lambda each: (-items[each][0], -items[each][1], each))[: (per_group + 1) // 2]
        others = [each for each in members if each not in best]
        worst = sorted(others, key=lambda each: (items[each][0], -items[each][1], each))[: per_group // 2]
        chosen |= {*best, *worst}
    order = sorted(chosen, key=lambda each: (-items[each][1], each))
    assert list(buffer.drawn()) == order[:count]
