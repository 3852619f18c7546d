"""Programs judged as one graph get the same examples right as programs evaluated one by one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from psynth.core.engines.lambda_machine import LambdaMachine

JSON = dict[str, Any]
LISTS: list[Any] = [[], [3, 1], [2, 2, 5], [0, 9, 4, 1], [7, 7, 1, 2, 3]]
GRIDS: list[Any] = [[[0, 1], [2, 2]], [[0, 0, 3], [0, 3, 3], [0, 0, 0]], [[5, 5, 5, 1]]]
LIST_NAMES = "map cons cdr empty + 0 1 if filter gt? length fold reverse sort singleton ++ range sum"
GRID_NAMES = """
    hmirror.grid vmirror.grid rot90 hconcat vconcat fill.object objects colorfilter first.set argmax.set
    size.set merge.set ofcolor fill.indices paint.object shift.object mapply.set apply.set compose fork
    rbind.2 lbind.2 outbox.object T F ONE TWO UP UNITY mostcolor.grid canvas shape.grid upscale.grid crop
    branch equality toobject.indices replace identity power
"""
DOMAINS = {"list(int) -> list(int)": (LIST_NAMES, LISTS), "tgrid -> tgrid": (GRID_NAMES, GRIDS)}


@pytest.fixture(scope="module")
def running() -> Iterator[LambdaMachine]:
    with LambdaMachine() as machine:
        yield machine


def library_of(machine: LambdaMachine, names: str) -> JSON:
    types = machine.primitives()
    productions = [{"name": name, "type": types[name], "log_weight": 0.0} for name in names.split()]
    productions.append({"name": "#twice", "type": "(t0 -> t0) -> t0 -> t0", "log_weight": 0.0})
    productions[-1]["definition"] = "(lambda (lambda ($1 ($1 $0))))"
    return {"productions": productions, "log_variable": 0.0}


def programs_of(machine: LambdaMachine, library: JSON, request: str) -> list[str]:
    """Programs at random, and pairs of them in which one is bound to a variable that the other uses."""
    drawn = machine.sample(library, request, seed=7, count=60, max_depth=7, max_size=25)
    bodies = [each["program"].removeprefix("(lambda ").removesuffix(")") for each in drawn]
    shared = [f"(lambda ((lambda {body}) {value}))" for body, value in pairwise(bodies)]
    used_twice = [
        f"(lambda ((lambda ((lambda {body}) $0)) {value}))" for body, value in zip(bodies, bodies[3:], strict=False)
    ]
    return [f"(lambda {body})" for body in bodies] + shared + used_twice


@pytest.mark.parametrize("request_type", sorted(DOMAINS))
@pytest.mark.parametrize("limits", [{"fuel": 100_000, "size": 1_000_000}, {"fuel": 30, "size": 40}])
def test_shared_evaluations_judge_as_evaluations_alone(
    running: LambdaMachine, request_type: str, limits: dict[str, int]
) -> None:
    names, inputs = DOMAINS[request_type]
    library = library_of(running, names)
    programs = programs_of(running, library, request_type)
    jobs = [{"program": program, "inputs": [[each] for each in inputs]} for program in programs]
    outcomes = running.evaluate(library, jobs, fuel=100_000, size=1_000_000)
    # Each ninth program says what a task is: it is right, others are in part.
    tasks: list[JSON] = []
    for results in outcomes[::9]:
        assert isinstance(results, list)
        examples = [
            {"inputs": [each], "output": result["value"]}
            for each, result in zip(inputs, results, strict=True)
            if result["status"] == "ok"
        ]
        if examples:
            tasks.append({"examples": examples})
    judged = running.judge(library, request_type, programs, tasks, **limits)["results"]
    in_part = running.judge(library, request_type, programs, tasks, any=True, **limits)["results"]
    assert sum(len(each["right"]) for each in judged) > len(tasks)
    expected: list[list[list[int]]] = [[] for _ in programs]
    some: list[list[list[int]]] = [[] for _ in programs]
    for position, task in enumerate(tasks):
        task["examples"].sort(key=lambda example: numbers_in(example["inputs"]))
        together = [
            {"program": program, "inputs": [each["inputs"] for each in task["examples"]]}
            | {"outputs": [each["output"] for each in task["examples"]]}
            for program in programs
        ]
        for number, alone in enumerate(running.evaluate(library, together, **limits)):
            assert isinstance(alone, list)
            right = [*(outcome["right"] for outcome in alone), False].index(False)
            if right:
                expected[number].append([position, right])
            if any(outcome["right"] for outcome in alone):
                some[number].append([position, 1])
    assert [each["right"] for each in judged] == expected
    assert [each["right"] for each in in_part] == some
    assert some != [[[place, 1] for place, _ in of_program] for of_program in expected], "some are wrong at first"


def numbers_in(value: Any) -> int:
    return sum(map(numbers_in, value)) if isinstance(value, list) else 1


def test_programs_that_do_not_fit_are_errors(running: LambdaMachine) -> None:
    library = library_of(running, LIST_NAMES)
    task = {"examples": [{"inputs": [[1]], "output": [1]}]}
    results = running.judge(library, "list(int) -> list(int)", ["(lambda (length $0))", "(lambda $0)"], [task])[
        "results"
    ]
    assert results[0]["error"]["kind"] == "type"
    assert results[1] == {"right": [[0, 1]]}
