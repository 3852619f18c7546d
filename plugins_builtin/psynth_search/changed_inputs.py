"""Tasks with changed inputs, on which a program of the task still runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from hashlib import blake2b
from random import Random
from typing import Any

from psynth.core.engines.lambda_machine import LambdaMachine
from psynth.core.stream.records import Library, Task, encode


def with_changed_inputs(
    task: Task, program: str, library: Library, machine: LambdaMachine, *, chance: float, seed: int
) -> Task:
    """The task that asks for what a program does on the task's inputs, each changed with a probability of ``chance``.

    In a changed input two values are exchanged wherever they are, as colors of a grid, or one value at one place
    becomes another; the values are those of the task's inputs. Where the program fails on a changed input the given one
    stays, and an example is left out where it fails on that, too. No output of the task is used. Without any changed
    input the result is the task itself.
    """
    rng = Random(seed)
    given = [each.inputs for each in task.examples]
    values = _values_by_kind(given)
    changed = [_changed(each, values, rng) if rng.random() < chance else each for each in given]
    job = {"program": program, "request": task.request, "inputs": [*changed, *given]}
    [outcomes] = machine.evaluate(library.to_json(), [job])
    if not isinstance(outcomes, list):
        return task
    examples, any_changed = [], False
    for place, example in enumerate(task.examples):
        tried = ((changed[place], outcomes[place]), (given[place], outcomes[len(given) + place]))
        found = next(((inputs, outcome["value"]) for inputs, outcome in tried if outcome["status"] == "ok"), None)
        if found is not None:
            any_changed = any_changed or found[0] != example.inputs
            examples.append(dataclasses.replace(example, inputs=found[0], output=found[1]))
    if not any_changed:
        return task
    digest = blake2b(encode([each.to_json() for each in examples]), digest_size=8).hexdigest()
    return dataclasses.replace(
        task,
        id=f"{task.id}/mutation/{digest}",
        examples=tuple(examples),
        origin="mutation",
        meta=(task.meta or {}) | {"parent": task.id},
    )


def _changed(inputs: list[Any], values: dict[type, list[Any]], rng: Random) -> list[Any]:
    leaves = list(_leaves(inputs))
    if not leaves:
        return inputs
    if rng.random() < 0.5:
        place = rng.randrange(len(leaves))
        found = _other(leaves[place], values, rng)
        if found is None:
            return inputs
        numbers = iter(range(len(leaves)))
        return [_mapped(each, numbers, {place: found[0]}) for each in inputs]
    first = rng.choice(leaves)
    found = _other(first, values, rng)
    if found is None:
        return inputs
    second = found[0]
    numbers, exchanged = iter(range(len(leaves))), {}
    for place, leaf in enumerate(leaves):
        if _same(leaf, first):
            exchanged[place] = second
        elif _same(leaf, second):
            exchanged[place] = first
    return [_mapped(each, numbers, exchanged) for each in inputs]


def _same(first: Any, second: Any) -> bool:
    return type(first) is type(second) and bool(first == second)


def _other(value: Any, values: dict[type, list[Any]], rng: Random) -> list[Any] | None:
    """One other value of the same kind, in a list of its own."""
    others = [each for each in values.get(type(value), []) if each != value]
    return [rng.choice(others)] if others else None


def _values_by_kind(inputs: list[list[Any]]) -> dict[type, list[Any]]:
    found: dict[type, dict[Any, None]] = {}
    for leaf in _leaves(inputs):
        found.setdefault(type(leaf), {})[leaf] = None
    return {kind: list(values) for kind, values in found.items()}


def _leaves(value: Any) -> Iterator[Any]:
    """The numbers, truth values and texts in a value, in order."""
    if isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    else:
        yield value


def _mapped(value: Any, numbers: Iterator[int], changes: dict[int, Any]) -> Any:
    """The value with leaves replaced, by their numbers."""
    if isinstance(value, list):
        return [_mapped(each, numbers, changes) for each in value]
    if isinstance(value, dict):
        return {key: _mapped(each, numbers, changes) for key, each in value.items()}
    number = next(numbers)
    return changes.get(number, value)
