"""Tasks: what ARC's JSON says of one, as a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from psynth.core.errors import InputError
from psynth.core.stream.records import Example, Task
from psynth_arc.grids import checked_grid

DOMAIN: Final = "arc"
REQUEST: Final = "tgrid -> tgrid"


def task_id(key: str) -> str:
    """The id of the task that the data set calls ``key``."""
    return f"{DOMAIN}/{key}"


def task_of(key: str, value: Any, *, split: str | None, meta: Mapping[str, Any]) -> Task:
    """The task in ARC's JSON, ``{"train": [{"input": grid, "output": grid}…], "test": […]}``.

    Test pairs become examples with split "test"; the inputs of those without an output, as in tasks of a contest, are
    ``unanswered`` in ``meta``. InputError names the pair that is wrong.
    """
    if (
        not isinstance(value, dict)
        or not isinstance(value.get("train"), list)
        or not isinstance(value.get("test"), list)
    ):
        raise InputError('expected an object with the lists "train" and "test"')
    if not value["train"]:
        raise InputError("there are no demonstrations: train is empty")
    shown = [_example(f"train[{number}]", pair, None) for number, pair in enumerate(value["train"])]
    asked = [_asked(f"test[{number}]", pair) for number, pair in enumerate(value["test"])]
    unanswered = [each for each in asked if not isinstance(each, Example)]
    return Task(
        id=task_id(key),
        domain=DOMAIN,
        request=REQUEST,
        examples=(*shown, *(each for each in asked if isinstance(each, Example))),
        split=split,
        origin="given",
        meta={**meta, **({"unanswered": unanswered} if unanswered else {})} or None,
    )


def _asked(place: str, pair: Any) -> Example | list[list[int]]:
    """A test pair, or only its input."""
    if isinstance(pair, dict) and "output" not in pair:
        return _grid(f"{place}.input", pair.get("input"))
    return _example(place, pair, "test")


def _example(place: str, pair: Any, split: str | None) -> Example:
    if not isinstance(pair, dict):
        raise InputError(f"{place}: expected an object with input and output")
    inputs = _grid(f"{place}.input", pair.get("input"))
    return Example([inputs], _grid(f"{place}.output", pair.get("output")), split)


def _grid(place: str, value: Any) -> list[list[int]]:
    try:
        return checked_grid(value)
    except InputError as error:
        raise InputError(f"{place}: {error.message}") from None
