"""psynth mutate --method codeit against the calculus and the evaluator, which share nothing with its loop."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psynth_search.changed_inputs import with_changed_inputs
from psynth_search.line_mutation import LineMutation

from psynth.core.calculus.inference import infer
from psynth.core.calculus.terms import parse_term
from psynth.core.calculus.types import parse_type
from psynth.core.errors import InputError
from psynth.core.languages import grammar_of
from psynth.core.stream.records import Example, Frontier, Library, Program, Task
from psynth.plugins.evaluator import Budget
from psynth.plugins.method import Context

RISE = Task(
    id="list/rise",
    domain="list",
    request="list(int) -> list(int)",
    examples=(
        Example([[1, 2, 3]], [2, 3, 4]),
        Example([[4]], [5]),
        Example([[2, 2]], [3, 3]),
        Example([[7, 0, 1, 1]], [8, 1, 2, 2], split="test"),
    ),
)
RISER = "(lambda (map (lambda (+ $0 1)) $0))"
TURN = Task(
    id="arc/turn",
    domain="arc",
    request="tgrid -> tgrid",
    examples=(
        Example([[[1, 0], [0, 2]]], [[2, 0], [0, 1]]),
        Example([[[3, 0, 1]]], [[1, 0, 3]]),
        Example([[[5, 5], [0, 1], [2, 2]]], [[2, 2], [1, 0], [5, 5]], split="test"),
    ),
)
TURNER = "(lambda ((lambda (rot90 (rot90 $0))) (fill.indices $0 ZERO (ofcolor $0 ZERO))))"
CASES = {"list": (RISE, RISER), "arc": (TURN, TURNER)}


@pytest.fixture
def context(registry) -> Context:
    return Context("mutate", registry=registry)


def library_of(registry, name: str) -> Library:
    return registry.domain(name).library()


def run(registry, context, name: str, method: LineMutation, programs: list[str] | None = None) -> Frontier:
    task, program = CASES[name]
    library = library_of(registry, name)
    texts = programs or [program]
    frontier = Frontier(task=task, programs=tuple(Program(text) for text in texts))
    made = [each for each in method.run(iter([library, frontier]), context) if isinstance(each, Frontier)]
    assert len(made) == 1
    return made[0]


def outputs(registry, machine, name: str, programs: list[str]) -> list[list]:
    """What programs give for all inputs that a search may see, with errors as None."""
    task, _ = CASES[name]
    visible = registry.domain(name).visible(task)
    inputs = [*(each.inputs for each in visible.examples), *visible.test_inputs]
    jobs = [{"program": each, "request": task.request, "inputs": inputs} for each in programs]
    answers = machine.evaluate(library_of(registry, name).to_json(), jobs)
    return [[each.get("value") for each in answer] for answer in answers]


@pytest.mark.parametrize("depth", ["one", "any"])
@pytest.mark.parametrize("name", CASES)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**62 - 1))
def test_a_mutant_is_well_typed_valid_and_new(registry, machine, context, name, depth, seed) -> None:
    task, _ = CASES[name]
    library = library_of(registry, name)
    made = run(registry, dataclasses.replace(context, seed=seed), name, LineMutation(count=30, depth=depth))
    texts = [each.program for each in made.programs]
    assert len(texts) > 10
    types = grammar_of(library).types
    for text in texts:
        infer(parse_term(text), types, parse_type(task.request))
    parent = CASES[name][1]
    behaviors = outputs(registry, machine, name, [parent, *texts])
    assert all(None not in behavior for behavior in behaviors)
    assert len({json.dumps(behavior) for behavior in behaviors}) == len(behaviors)
    visible = registry.domain(name).visible(task)
    given_back = [*(each.inputs[0] for each in visible.examples), *(each[0] for each in visible.test_inputs)]
    assert given_back not in behaviors
    if name == "arc":
        grids = [grid for behavior in behaviors for grid in behavior]
        assert all(0 < len(grid) <= 30 and 0 < len(grid[0]) <= 30 for grid in grids)
        assert all(0 <= color <= 9 for grid in grids for row in grid for color in row)
    parents = {each.origin.from_ for each in made.programs}
    assert parents == {parent} if depth == "one" else len(parents) > 1
    assert parents <= {parent, *texts}


GOLDEN = {
    "one": [
        "(lambda (map (lambda (length empty)) $0))",
        "(lambda (map (lambda (- $0 1)) $0))",
        "(lambda (map length empty))",
        "(lambda (map (mod 1) $0))",
    ],
    "any": [
        "(lambda (map (lambda (+ (index 0 $1) 1)) $0))",
        "(lambda (map (lambda (+ $0 1)) (cons 1 empty)))",
        "(lambda (map (lambda (* (index 0 $1) 1)) $0))",
        "(lambda (map (lambda (+ $0 1)) empty))",
    ],
}


@pytest.mark.parametrize("depth", GOLDEN)
def test_mutants_of_a_seed_stay_the_same(registry, context, depth) -> None:
    made = run(registry, context, "list", LineMutation(count=4, depth=depth))
    assert [each.program for each in made.programs] == GOLDEN[depth]


@pytest.mark.parametrize("depth", ["one", "any"])
def test_mutants_depend_on_the_seed_alone(registry, context, depth) -> None:
    method = LineMutation(count=12, depth=depth)
    first, again = (run(registry, context, "list", method) for _ in range(2))
    assert first == again
    assert run(registry, dataclasses.replace(context, seed=1), "list", method).programs != first.programs
    fewer = run(registry, context, "list", dataclasses.replace(method, count=5))
    assert {each.program for each in fewer.programs} < {each.program for each in first.programs}


def test_no_output_of_the_task_is_used(registry, context) -> None:
    known = run(registry, context, "list", LineMutation(count=12))
    task, program = CASES["list"]
    wrong = dataclasses.replace(task, examples=tuple(dataclasses.replace(each, output=[0]) for each in task.examples))
    library = library_of(registry, "list")
    frontier = Frontier(task=wrong, programs=(Program(program),))
    [other] = [
        each for each in LineMutation(count=12).run(iter([library, frontier]), context) if isinstance(each, Frontier)
    ]
    assert other.programs == known.programs


def test_the_chances_say_what_is_replaced(registry, context) -> None:
    heads = run(registry, context, "list", LineMutation(count=10, argument=0, line=0))
    assert heads.programs
    assert all(each.program.count("$0") == RISER.count("$0") for each in heads.programs)
    with pytest.raises(InputError, match="must be positive"):
        LineMutation(argument=0, function=0, line=0)


def test_the_search_is_recorded_and_told(registry, context) -> None:
    said: list[str] = []
    made = run(registry, dataclasses.replace(context, warn=said.append), "list", LineMutation(count=10))
    assert made.search is not None
    assert made.search.method == "codeit"
    assert made.search.distinct == len(made.programs) == 10
    assert made.search.programs is not None
    assert made.search.programs > 10
    assert any(f"10 mutants of {made.search.programs} tries" in each for each in said)


def test_a_task_without_inputs_is_an_error(registry, context) -> None:
    library = library_of(registry, "list")
    frontier = Frontier(task=dataclasses.replace(RISE, examples=()), programs=(Program(RISER),))
    with pytest.raises(InputError, match="there are none"):
        list(LineMutation().run(iter([library, frontier]), context))


def test_changed_inputs_make_a_task_that_the_program_solves(registry, machine, context) -> None:
    library = library_of(registry, "list")
    made = with_changed_inputs(RISE, RISER, library, machine, chance=1, seed=3)
    assert made.id.startswith("list/rise/mutation/")
    assert made.origin == "mutation"
    assert [each.split for each in made.examples] == [each.split for each in RISE.examples]
    assert made.examples != RISE.examples
    with registry.domain("list").evaluator(library, Budget()) as evaluator:
        [[verdict]] = evaluator.judge([(made, [RISER])])
    assert verdict.solved
    assert with_changed_inputs(RISE, RISER, library, machine, chance=0, seed=3) == RISE
    frontier = run(registry, context, "list", LineMutation(count=5, mutate_inputs=1.0))
    assert frontier.task is not None
    assert frontier.task.meta == {"parent": "list/rise"}
