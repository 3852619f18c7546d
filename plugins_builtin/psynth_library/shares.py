"""How much each task and each of its programs counts: weights of tasks, and graded log-likelihoods."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Any

from psynth.core.errors import InputError
from psynth.core.files import read_json
from psynth.core.stream.records import Frontier, Program

WEIGHT = "weight"
"""The field of a task's ``meta`` that gives its weight."""
FINEST = 10_000
"""The largest denominator of weights: four decimals."""
LARGEST = 1_000_000
"""The largest weight."""


def read_weights(path: Path) -> dict[str, Fraction]:
    """The weights in a JSON object from task ids to numbers; InputError names the file and the entry."""
    found = read_json(path, parse_float=Decimal)
    if not isinstance(found, dict):
        raise InputError("expected an object from task ids to weights", source=str(path))
    weights = {}
    for name, value in found.items():
        try:
            weights[name] = as_weight(value)
        except ValueError as error:
            raise InputError(f"{name}: {error}", source=str(path)) from error
    return weights


def as_weight(value: Any) -> Fraction:
    """The weight that a number of JSON is; ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"a weight is a number, not {json.dumps(value)}")
    try:
        weight = Fraction(Decimal(str(value)))
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise ValueError(f"a weight is a number, not {value}") from error
    if not 0 <= weight <= LARGEST:
        raise ValueError(f"a weight is from 0 to {LARGEST}, not {value}")
    if FINEST % weight.denominator:
        raise ValueError(f"a weight has at most four decimals, unlike {value}")
    return weight


def weights_of(frontiers: Sequence[Frontier], given: Mapping[str, Fraction]) -> list[Fraction]:
    """The weight of each frontier's task: the one given for its id, that of its ``meta``, or 1."""
    weights = []
    for frontier in frontiers:
        task = frontier.task
        if task is None:
            weights.append(Fraction(1))
        elif task.id in given:
            weights.append(given[task.id])
        else:
            try:
                weights.append(as_weight((task.meta or {}).get(WEIGHT, 1)))
            except ValueError as error:
                raise frontier.error(f"meta.{WEIGHT}: {error}") from error
    return weights


def is_graded(program: Program) -> bool:
    """Whether a program has a finite log-likelihood below 0 and nothing else that judges it."""
    likelihood = program.log_likelihood
    judged = program.score is not None or program.reward is not None or program.status not in (None, "ok")
    return likelihood is not None and -math.inf < likelihood < 0 and not judged


def handicaps(programs: Sequence[Program], unit: float) -> list[int]:
    """What each program of a task costs for its log-likelihood: ``unit`` a nat below the best of them."""
    likelihoods = [program.log_likelihood or 0.0 for program in programs]
    best = max(likelihoods, default=0.0)
    return [round(min((best - likelihood) * unit, 1e12)) for likelihood in likelihoods]


def cost_of_a_nat(cost_primitive: int, productions: int) -> float:
    """What a nat costs: one of so many equally likely names takes ln(productions) nats, and ``cost_primitive``."""
    return cost_primitive / math.log(max(productions, 3))
