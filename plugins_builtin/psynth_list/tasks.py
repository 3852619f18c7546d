"""Samples the examples of list tasks, the same for the same seed and task id."""

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

from psynth.core.errors import UsageError
from psynth_list.families import FAMILIES, Family, Parameters

ATTEMPTS = 20_000
"""Maximum number of inputs tried for a task: far more than any family needs with the default settings."""


def instances(split: str) -> list[tuple[str, Family, Parameters]]:
    """The (slug, family, parameters) of a split, with one instance of every family before the second of any.

    This order makes short prefixes (``--count``) diverse.
    """
    table = [
        (rank, place, family, parameters)
        for place, family in enumerate(FAMILIES)
        for rank, parameters in enumerate(family.instances(split))
    ]
    table.sort(key=lambda row: row[:2])
    return [(family.slug(parameters), family, parameters) for _, _, family, parameters in table]


def draw_examples(
    family: Family, parameters: Parameters, *, examples: int, max_length: int, max_value: int, rng: random.Random
) -> list[tuple[list[int], Any]]:
    """Sample ``examples`` pairs (input list, output) with distinct inputs.

    At most half of the pairs share an output, and at most half leave the input unchanged; otherwise a constant or the
    identity would nearly solve the task. UsageError if the bounds leave too few inputs.
    """
    quota = (examples + 1) // 2
    pairs: list[tuple[list[int], Any]] = []
    seen: set[tuple[int, ...]] = set()
    outcomes: Counter[str] = Counter()
    for xs in _inputs(parameters, max_length, max_value, rng):
        if tuple(xs) in seen:
            continue
        seen.add(tuple(xs))
        output = family.function(xs, *parameters)
        if output is None:
            continue
        outcome = "unchanged" if output == xs else repr(output)
        if outcomes[outcome] < quota:
            outcomes[outcome] += 1
            pairs.append((xs, output))
        if len(pairs) == examples:
            return pairs
    raise UsageError(
        f"{family.slug(parameters)}: lists of at most {max_length} numbers up to {max_value} "
        f"do not give {examples} distinct and varied examples: raise --max-length or --max-value, or lower --examples"
    )


def _inputs(parameters: Parameters, max_length: int, max_value: int, rng: random.Random) -> Iterator[list[int]]:
    """Yield random lists, some of them sorted, mirrored, with a repetition, with a parameter, or of one kind of number.

    In uniform lists the answer to a question such as *is it sorted?* or *does 3 occur?* would hardly ever be yes.
    """
    plantable = [value for value in parameters if value <= max_value]
    for _ in range(ATTEMPTS):
        xs = [rng.randint(0, max_value) for _ in range(rng.randint(0, max_length))]
        twist = rng.randrange(8)
        if twist == 0:
            xs.sort()
        elif twist == 1:
            xs[len(xs) // 2 :] = xs[: (len(xs) + 1) // 2][::-1]
        elif twist == 2 and xs:
            xs[rng.randrange(len(xs))] = rng.choice(xs)
        elif twist in (3, 4) and xs and plantable:
            xs[rng.choice((0, rng.randrange(len(xs))))] = rng.choice(plantable)
        elif twist == 5:
            xs = [rng.choice(kind) for kind in [rng.choice(_kinds(max_value))] for _ in xs]
        yield xs


def _kinds(max_value: int) -> list[list[int]]:
    """The sets of numbers up to ``max_value`` that the families ask about: even, prime, square, …"""
    numbers = range(max_value + 1)
    kinds = [
        [n for n in numbers if n % 2 == 0],
        [n for n in numbers if n % 3 == 0],
        [n for n in (2, 3, 5, 7, 11, 13) if n <= max_value],
        [n * n for n in numbers if n * n <= max_value],
    ]
    return [kind for kind in kinds if kind]
