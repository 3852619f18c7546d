"""The method levels of enumerate: against windows on real tasks, and what it refuses, counts and repeats."""

from __future__ import annotations

import math
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from psynth_search.levels import Levels

from psynth.core.calculus.types import arguments_of
from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.core.languages import grammar_of
from psynth.core.stream.records import Contextual, End, Example, Frontier, Library, Task, Weights
from psynth.plugins.method import Context
from tests.pipeline_command import PSYNTH, psynth, records, solved, stream
from tests.shared_data import shared_data

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")

LEVELS = ("enumerate", "--method", "levels")
MAX_COST = 16.5
NODES = 16
"""Nodes of a program within `MAX_COST` at most: the cheapest choice costs a nat."""
ROUNDING = NODES / (2 * 8)
"""Nats by which costs in eighths of a nat may differ from the true ones, half of one a node."""
BUDGET = ("--max-frontier", "1", "--max-cost", str(MAX_COST + ROUNDING))


def task(name: str, request: str, *examples: tuple[list[Any], Any]) -> dict[str, Any]:
    listed = [{"inputs": inputs, "output": output} for inputs, output in examples]
    return {
        "type": "frontier",
        "task": {"id": f"list/{name}", "domain": "list", "request": request, "examples": listed},
        "programs": [],
    }


DOUBLE = task("double", "int -> int", ([3], 6), ([5], 10), ([0], 0))
HOPELESS = task("hopeless", "list(int) -> list(int)", ([[1, 2]], [99, -98, 97]), ([[5]], [-31, 44]))


def one(output: bytes) -> dict[str, Any]:
    [found] = records(output, "frontier")
    return found


def real_tasks(every: int) -> bytes:
    lines = shared_data("tasks/list.jsonl").read_bytes().splitlines()
    frontiers = [line for line in lines if orjson.loads(line)["type"] == "frontier"]
    return b"\n".join(frontiers[::every]) + b"\n"


def test_what_windows_solve_levels_solve_and_every_solution_passes_an_evaluation() -> None:
    tasks = real_tasks(18)
    exact = psynth("enumerate", "--method", "windows", "--max-cost", str(MAX_COST), input=tasks).stdout
    assert len(solved(exact)) >= 3
    found = psynth(*LEVELS, *BUDGET, input=tasks).stdout
    assert solved(exact) < solved(found), "goals solve some more"
    judged = psynth("evaluate", input=found).stdout
    for frontier in records(judged, "frontier"):
        assert all(program["score"] == 1.0 for program in frontier["programs"])
    plain = psynth(*LEVELS, "--no-goals", *BUDGET, input=tasks).stdout
    assert solved(exact) <= solved(plain)


def test_the_same_bytes_on_any_number_of_processes_and_whatever_stands_beside() -> None:
    tasks = real_tasks(20)
    whole = psynth(*LEVELS, "--max-programs", "9000", "-j", "2", input=tasks).stdout
    assert psynth(*LEVELS, "--max-programs", "9000", input=tasks).stdout.splitlines()[1:] == whole.splitlines()[1:]
    last = tasks.splitlines()[-1]
    alone = psynth(*LEVELS, "--max-programs", "9000", input=last + b"\n").stdout
    assert one(alone) == records(whole, "frontier")[-1]


def test_what_was_tried_and_kept_is_counted() -> None:
    search = one(psynth(*LEVELS, "--max-programs", "5000", input=stream(HOPELESS)).stdout)["search"]
    assert (search["method"], search["status"], search["programs"]) == ("levels", "budget", 5000)
    assert 0 < search["distinct"] < 5000
    assert search["cut"] == {"steps": 0, "size": 0, "memory": False}
    assert 10 < search["max_cost"] < 20


def test_a_full_memory_ends_the_search_and_is_said() -> None:
    found = psynth(*LEVELS, "--machine-memory", "16", "--timeout", "60", input=stream(HOPELESS), status=0).stdout
    search = one(found)["search"]
    assert search["cut"]["memory"]
    assert search["status"] == "budget"


def test_contradicting_examples_are_named_and_not_searched() -> None:
    wrong = task("wrong", "int -> int", ([3], 6), ([4], 8), ([3], 7))
    done = psynth(*LEVELS, input=stream(wrong, DOUBLE))
    assert b"task list/wrong is not searched: its examples 1 and 3 have the same inputs" in done.stderr
    first, second = records(done.stdout, "frontier")
    assert (first["programs"], first["search"]["programs"], first["search"]["status"]) == ([], 0, "exhausted")
    assert second["search"]["status"] == "solved"


def test_tasks_that_cannot_be_searched_are_bad_input() -> None:
    for wrong, why in [
        (task("none", "int -> int"), b"it has no examples"),
        (task("any", "t0 -> t0", ([3], 3)), b"the request t0 -> t0 has type variables"),
    ]:
        done = psynth(*LEVELS, input=stream(wrong), status=3)
        assert why in done.stderr
        assert b"list/" in done.stderr


def test_contextual_weights_of_a_library_and_of_a_frontier_are_searched_with() -> None:
    """Weights that name one program are honored: nothing else has a probability, and that program has nearly one."""
    context = Context("enumerate")
    library = context.library_for("list")
    names = [each.name for each in library.productions]
    arity = {each.name: len(arguments_of(each.type)) for each in grammar_of(library).productions}

    def only(*wanted: str, variable: float = -math.inf) -> Weights:
        return Weights(tuple(0.0 if name in wanted else -math.inf for name in names), variable)

    def doubling(first: Weights, second: Weights) -> Contextual:
        """(+ FIRST SECOND), where each has weights of its own."""
        arguments = {name: (only(variable=0.0),) * count for name, count in arity.items()}
        return Contextual(only("+"), only(variable=0.0), {**arguments, "+": (first, second)})

    def found(given: Library, weights: Contextual | None) -> list[tuple[str, float | None]]:
        frontier = Frontier(Task("list/a", "list", "int -> int", (Example([1], 2),)), weights=weights)
        written = list(Levels(max_programs=1_000, goals=False).run(iter([given, frontier, End("complete")]), context))
        [searched] = [record for record in written if isinstance(record, Frontier)]
        return [(program.program, program.log_prior) for program in searched.programs]

    variables, ones = only(variable=0.0), only("1")
    assert found(replace(library, contextual=doubling(ones, variables)), None) == [("(lambda (+ 1 $0))", 0.0)]
    assert found(library, doubling(variables, ones)) == [("(lambda (+ $0 1))", 0.0)]
    assert found(replace(library, contextual=doubling(ones, variables)), doubling(ones, ones)) == [
        ("(lambda (+ 1 1))", 0.0)
    ]


def test_a_hundred_examples_and_a_long_output() -> None:
    hundred = task("odd", "int -> int", *(([n], n % 2) for n in range(100)))
    long = task("range", "int -> list(int)", ([100_000], list(range(100_000))), ([2], [0, 1]))
    found = records(psynth(*LEVELS, "--max-cost", "14", input=stream(hundred, long)).stdout, "frontier")
    programs = [[program["program"] for program in frontier["programs"]] for frontier in found]
    assert "(lambda (mod $0 (+ 1 1)))" in programs[0]
    assert programs[1] == ["(lambda (range $0))"]


def test_solutions_are_kept_best_first_up_to_the_limit() -> None:
    [first] = one(psynth(*LEVELS, input=stream(DOUBLE)).stdout)["programs"]
    assert first["program"] == "(lambda (+ $0 $0))"
    more = one(psynth(*LEVELS, "--max-frontier", "4", "--exhaustive", "--max-cost", "14", input=stream(DOUBLE)).stdout)
    priors = [program["log_prior"] for program in more["programs"]]
    assert more["programs"][0] == first
    assert priors == sorted(priors, reverse=True)
    assert len(priors) == 4
    assert more["search"]["max_cost"] == 14


def test_an_interrupt_keeps_what_was_found(tmp_path: Path) -> None:
    given, out = tmp_path / "given.jsonl", tmp_path / "out.jsonl"
    given.write_bytes(stream(DOUBLE, HOPELESS, {**HOPELESS, "task": {**HOPELESS["task"], "id": "list/later"}}))
    words = [*PSYNTH, *LEVELS, "--timeout", "100", "--batch", "1", "--line-buffered", str(given)]
    with out.open("wb") as output, subprocess.Popen(words, stdout=output, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 60
        while b"list/double" not in out.read_bytes() and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    statuses = [frontier["search"]["status"] for frontier in records(out.read_bytes(), "frontier")]
    assert statuses[:2] == ["solved", "interrupted"]
