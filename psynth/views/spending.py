"""What language models were paid at each stage: the table of the answers in a file of ``--cache``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from psynth.core.errors import InputError
from psynth.core.stream.records import Foreign, Record
from psynth.plugins.answer_cache import ANSWER, FAILED
from psynth.views.experiments import stem
from psynth.views.grid import Column, Grid

_TOKENS = ("prompt_tokens", "completion_tokens")


class _Part(NamedTuple):
    """What is counted together: the answers in a file of one model at one stage."""

    source: str
    stage: str
    model: str


@dataclass
class SpendingRow:
    """The answers of a part, how many requests had none, and what was paid for both.

    ``cost`` is in USD, None if a part of it is not known.
    """

    source: str
    stage: str
    model: str
    answers: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = 0.0


@dataclass
class Spending:
    """Collects the records of answers; every one was paid for, also those that later ones replace."""

    _found: dict[_Part, SpendingRow] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Add one record; only answers of language models count. Raises InputError for one without its figures."""
        if not isinstance(record, Foreign) or record.type not in (ANSWER, FAILED):
            return
        data = record.to_json()
        stage, model = data.get("stage", ""), data.get("model")
        prompt, completion = (_count(data.get(name)) for name in _TOKENS)
        if prompt is None or completion is None or not (isinstance(stage, str) and isinstance(model, str)):
            raise InputError(
                f"an answer of a language model needs a model and the numbers {' and '.join(_TOKENS)}",
                source=record.source,
                line=record.number or None,
            )
        part = _Part(record.source or "", stage, model)
        row = self._found.setdefault(part, SpendingRow(*part))
        row.answers += record.type == ANSWER
        row.failed += record.type == FAILED
        row.prompt_tokens += prompt
        row.completion_tokens += completion
        cost = _cost(data.get("cost_usd"))
        row.cost = None if row.cost is None or cost is None else row.cost + cost

    def rows(self) -> list[SpendingRow]:
        """A row for each file, stage and model."""
        return list(self._found.values())


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _cost(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def spending_table(rows: Sequence[SpendingRow]) -> Grid:
    """A row for each part, and their sum; columns of what no part has are left out."""
    failed, priced = any(row.failed for row in rows), any(row.cost is not None for row in rows)
    names = ["answers", *(["failed"] if failed else []), "prompt tokens", "completion tokens"]
    names += ["USD"] if priced else []
    grid = Grid([Column("asked by"), Column("model"), *(Column(name, "number") for name in names)])

    def add(name: str, model: str, part: Sequence[SpendingRow]) -> None:
        figures = [f"{sum(row.answers for row in part):,}"]
        figures += [f"{sum(row.failed for row in part):,}"] if failed else []
        figures += [f"{sum(row.prompt_tokens for row in part):,}", f"{sum(row.completion_tokens for row in part):,}"]
        costs = [row.cost for row in part if row.cost is not None]
        figures += [f"{math.fsum(costs):.6g}" if len(costs) == len(part) else "–"] if priced else []
        grid.add(name, model, *figures)

    for row in rows:
        add(" ".join(filter(None, [stem(row.source) if row.source else "", row.stage])) or "–", row.model, [row])
    if len(rows) > 1:
        grid.rule()
        add("all", "", rows)
    return grid


def spending_json(row: SpendingRow) -> dict[str, Any]:
    """A row as JSON; ``cost_usd`` is null where it is not known."""
    named = {"source": row.source, "stage": row.stage or None, "model": row.model}
    counts = {"answers": row.answers, "failed": row.failed}
    tokens = {"prompt_tokens": row.prompt_tokens, "completion_tokens": row.completion_tokens}
    return {**named, **counts, **tokens, "cost_usd": row.cost}
