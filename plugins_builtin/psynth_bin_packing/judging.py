"""Verdicts on priorities: tables of them pack the instances of a task, in this process."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from psynth.plugins.evaluator import Outcome, ProgramError, Verdict
from psynth_bin_packing.instances import Class, Lot, bound
from psynth_bin_packing.machine import run

PYTHON_FORMAT = "priority(item, bins) returned something else than a list of {} finite numbers, one for each bin"
LAMBDA_FORMAT = "the priority is something else than a finite number"


def spaces(of_class: Class) -> list[tuple[int, range]]:
    """Each size of a class, with the spaces of bins that an item of the size may go into; the last one is empty."""
    return [(size, range(size, of_class.capacity + 1)) for size in range(of_class.least, of_class.most + 1)]


def from_calls(lot: Lot, outcomes: Sequence[Outcome]) -> Verdict:
    """The verdict on a program that was called once for each size, with all spaces."""
    rows: list[Any] = []
    for (size, places), outcome in zip(spaces(lot.of_class), outcomes, strict=True):
        if outcome.status == "ok" and not _is_numbers(outcome.value, len(places)):
            outcome = Outcome("error", message=PYTHON_FORMAT.format(len(places)))
        if outcome.status != "ok":
            return _failed(outcome, f"for an item of size {size}: {outcome.message}")
        rows += outcome.value
    return _judged(lot, rows)


def from_vector(lot: Lot, answer: Sequence[Outcome] | ProgramError) -> Verdict:
    """The verdict on a term that was applied to all pairs of a size and a space at once."""
    if isinstance(answer, ProgramError):
        return Verdict("error", -math.inf, None, rejected=answer)
    [outcome] = answer
    count = sum(len(places) for _, places in spaces(lot.of_class))
    # A term without variables has one priority for all.
    value = [outcome.value] * count if type(outcome.value) in (int, float) else outcome.value
    if outcome.status == "ok" and not _is_numbers(value, count):
        outcome = Outcome("error", message=LAMBDA_FORMAT)
    if outcome.status != "ok":
        return _failed(outcome, outcome.message)
    return _judged(lot, value)


def _is_numbers(value: Any, count: int) -> bool:
    if not isinstance(value, list) or len(value) != count:
        return False
    return all(type(each) is float or (type(each) is int and abs(each) < 2**1000) for each in value)


def _failed(outcome: Outcome, message: str) -> Verdict:
    return Verdict(outcome.status, -math.inf, None, outputs=(outcome,), message=message)


def _judged(lot: Lot, priorities: Sequence[float]) -> Verdict:
    """The reward is minus the excess over the lower bound in percent; a packing without excess solves a task."""
    table = _table(lot.of_class, priorities)
    excess, measures = _packed(lot, table, lot.shown())
    hidden = -_packed(lot, table, lot.hidden())[0] if lot.held_out else None
    score = 1 / (1 + excess / 100)
    solved = 0.0 if excess == 0 else None
    outputs = (Outcome("ok", measures),)
    return Verdict("ok", solved, score, reward=-excess, outputs=outputs, held_out_reward=hidden)


def _table(of_class: Class, priorities: Sequence[float]) -> list[float]:
    side = of_class.capacity + 1
    table, first = [0.0] * (side * side), 0
    for size, places in spaces(of_class):
        start = size * side
        table[start + places.start : start + places.stop] = priorities[first : first + len(places)]
        first += len(places)
    return table


def _packed(lot: Lot, table: Sequence[float], instances: Sequence[Sequence[int]]) -> tuple[float, dict[str, Any]]:
    """The excess of all instances in percent, and what they are packed into."""
    packed = run(lot.of_class.capacity, table, instances)
    bins, least = sum(each.bins for each in packed), sum(bound(items, lot.of_class.capacity) for items in instances)
    excess = 100 * (bins - least) / least
    items = sum(map(len, instances))
    measures = {
        "bins": bins,
        "bound": least,
        "excess": excess,
        "full": sum(each.full for each in packed) / bins,
        "early": sum(each.early for each in packed) / items,
    }
    return excess, measures
