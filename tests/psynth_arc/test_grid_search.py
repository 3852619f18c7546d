"""``enumerate --method grid``: tasks of our own are solved, by programs that the evaluator finds right again."""

from __future__ import annotations

import pytest
from psynth_arc.domain import Arc

from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.plugins import Example, Task
from tests.pipeline_command import psynth, records, stream
from tests.psynth_arc.grid_tasks import FUNCTIONS, INPUTS, REQUEST, mirrored, task, tasks

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")
GRID = ("enumerate", "--method", "grid", "-q")


@pytest.fixture(scope="module")
def found() -> bytes:
    """What the search finds for the tasks."""
    return psynth(*GRID, input=tasks(*map(task, FUNCTIONS))).stdout


def test_each_task_has_a_program_that_is_right_on_its_test(found: bytes) -> None:
    frontiers = records(found, "frontier")
    assert [frontier["task"]["id"] for frontier in frontiers] == [f"arc/{each.__name__}" for each in FUNCTIONS]
    for frontier in frontiers:
        assert frontier["search"]["status"] == "solved"
        assert any(program["held_out"] == 1 for program in frontier["programs"]), frontier["task"]["id"]
        assert 1 <= len(frontier["programs"]) <= 3
        assert all(program["log_prior"] < 0 for program in frontier["programs"])


def test_the_evaluator_gives_every_program_the_same_verdict(found: bytes) -> None:
    again = psynth("evaluate", "-q", "--outputs", input=found).stdout
    for before, after in zip(records(found, "frontier"), records(again, "frontier"), strict=True):
        verdicts = {each["program"]: (each["log_likelihood"], each["held_out"]) for each in before["programs"]}
        assert verdicts == {each["program"]: (each["log_likelihood"], each["held_out"]) for each in after["programs"]}
        answers = [str(each["outputs"][-1]) for each in after["programs"]]
        assert len(answers) == len(set(answers)), "answers differ on the test"


def test_it_does_not_depend_on_jobs_or_on_the_outputs_of_tests(found: bytes) -> None:
    assert records(psynth(*GRID, "-j", "2", input=tasks(*map(task, FUNCTIONS))).stdout) == records(found)
    blind = psynth(*GRID, input=tasks(*(task(each, outputs=False) for each in FUNCTIONS))).stdout
    for seen, unseen in zip(records(found, "frontier"), records(blind, "frontier"), strict=True):
        assert {each["program"] for each in seen["programs"]} == {each["program"] for each in unseen["programs"]}


def test_compress_and_mutate_take_the_programs(found: bytes) -> None:
    learned = psynth("compress", "-q", "--iterations", "1", input=found).stdout
    assert records(learned, "library")
    mutants = psynth("mutate", "-q", "--count", "2", "--seed", "1", input=found).stdout
    assert all(frontier["programs"] for frontier in records(mutants, "frontier"))


def test_a_budget_of_operations_ends_the_search() -> None:
    hard = Task("arc/hard", "arc", REQUEST, (Example([INPUTS[0]], [[7, 8], [8, 7]]), Example([INPUTS[1]], [[5]])))
    done = psynth(*GRID, "--max-programs", "500", input=tasks(hard)).stdout
    [frontier] = records(done, "frontier")
    assert frontier["programs"] == []
    assert frontier["search"]["status"] == "budget"
    assert frontier["search"]["programs"] == 500


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            stream(
                {"type": "library", "domain": "list", "productions": [], "log_variable": 0.0},
                {
                    "type": "frontier",
                    "task": {
                        "id": "list/a",
                        "domain": "list",
                        "request": "int -> int",
                        "examples": [{"inputs": [1], "output": 1}],
                    },
                    "programs": [],
                },
            ),
            b"takes a request tgrid -> tgrid, not int -> int",
        ),
        (
            tasks(Task("arc/none", "arc", REQUEST, ())),
            b"has no examples",
        ),
        (
            tasks(Task("arc/empty", "arc", REQUEST, (Example([[]], [[1]]),))),
            b"a grid without cells",
        ),
        (
            tasks(Task("arc/large", "arc", REQUEST, (Example([[[0] * 50] * 50], [[1]]),))),
            b"a grid of 2500 cells, the search takes at most 1800",
        ),
    ],
)
def test_what_cannot_be_searched_is_named(given: bytes, message: bytes) -> None:
    done = psynth(*GRID, input=given, status=3)
    assert message in done.stderr
    assert b"--method grid" in done.stderr or b"examples" in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_a_library_without_the_primitives_is_refused() -> None:
    standard = stream(
        {
            "type": "library",
            "domain": "arc",
            "productions": [{"name": "map", "type": "(t0 -> t1) -> list(t0) -> list(t1)", "log_weight": 0.0}],
            "log_variable": 0.0,
        }
    )
    frontier = tasks(task(mirrored)).split(b"\n", 1)[1]
    done = psynth(*GRID, input=standard + frontier, status=3)
    assert b"take the primitive set search" in done.stderr


def test_only_the_inputs_of_tests_are_visible() -> None:
    given = task(mirrored)
    seen = Arc().visible(given)
    assert seen.examples == given.examples[:3]
    assert seen.test_inputs == ([INPUTS[3]],)
