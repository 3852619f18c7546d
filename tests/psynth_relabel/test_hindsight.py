"""Hindsight: every new task is solved by its program, and says what that program achieved on the old one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psynth_relabel.hindsight import Hindsight
from psynth_relabel.relabeled import distance, parts
from psynth_search.mutation import Subterm

from psynth.core.calculus.normal_forms import beta_normal, without_unused_bindings
from psynth.core.calculus.terms import parse_term, print_term
from psynth.core.engines.leases import Engines
from psynth.core.errors import InputError
from psynth.core.stream.records import End, Example, Frontier, Library, Program, Record, Task, encode
from psynth.plugins.evaluator import Budget
from psynth.plugins.method import Context
from tests.toys.registered import all_installed

pytestmark = pytest.mark.usefixtures("lambda_machine")

REQUEST = "list(int) -> list(int)"
INPUTS: tuple[list[int], ...] = ([3, 1, 2], [5], [4, 4], [9, 0, 7, 1], [2, 8])
STARTS = {
    "list": (REQUEST, "(lambda (cdr $0))"),
    "regex": ("tfullstr -> tfullstr", "(lambda (_rflatten (cdr (_rsplit _rdot $0))))"),
    "clevr": ("list(tclevrobject) -> int", "(lambda (clevr_count $0))"),
    "logo": ("turtle -> turtle", "(lambda (logo_FWRT logo_UL logo_UA $0))"),
    "karel": ("stmt", "(karel_seq move move)"),
}
"""Domains with a type of programs, and one that is changed at random."""


@pytest.fixture(scope="module", autouse=True)
def registered() -> Iterator[None]:
    """The built-in plugins, the example and the toys."""
    with all_installed():
        yield


def relabel(records: Sequence[Record], seed: int = 0, jobs: int = 1, **settings: Any) -> tuple[list[Record], str]:
    """The output for a stream, and the warnings."""
    said: list[str] = []
    with Engines() as engines:
        context = Context("relabel", seed=seed, jobs=jobs, engines=engines, warn=said.append)
        return list(Hindsight(**settings).run(iter([*records, End("complete")]), context)), "\n".join(said)


def frontiers(records: Sequence[Record]) -> list[Frontier]:
    return [each for each in records if isinstance(each, Frontier)]


def task_of(frontier: Frontier) -> Task:
    assert frontier.task is not None
    return frontier.task


def a_task(*programs: str, name: str = "given", examples: Sequence[tuple[Any, Any]] = ()) -> Frontier:
    """A task on lists, whose outputs are the inputs without their first element, and programs tried for it."""
    pairs = examples or [(value, value[1:]) for value in INPUTS]
    shown = tuple(Example([value], output) for value, output in pairs)
    return Frontier(Task(f"list/{name}", "list", REQUEST, examples=shown), tuple(Program(each) for each in programs))


def library() -> Library:
    return Context("tasks").domain("list").library()


def mutants(name: str, count: int) -> list[Record]:
    """A library, and tasks of a domain with random programs that mostly fail on them."""
    domain = Context("tasks").domain(name)
    request, program = STARTS[name]
    tasks = [each for each in domain.tasks(domain.TaskSettings(), 0) if each.request == request][:3]
    started = [domain.library(), *(Frontier(each, (Program(program),)) for each in tasks)]
    found = Subterm(count=count).run(iter([*started, End("complete")]), Context("mutate", seed=1))
    return [each for each in found if not isinstance(each, End)]


@pytest.mark.parametrize("name", STARTS)
def test_every_new_task_is_solved_by_its_program_and_no_two_are_equal(name: str) -> None:
    given = mutants(name, 30)
    records, said = relabel(given, inputs=4)
    found = frontiers(records)
    assert found, said
    domain = Context("evaluate").domain(name)
    own = next(each for each in records if isinstance(each, Library))
    with domain.evaluator(own, Budget()) as evaluator:
        for frontier in found:
            [[verdict]] = evaluator.judge([(task_of(frontier), [frontier.programs[0].program])])
            assert verdict.solved, frontier
    parents = {task_of(each).id for each in frontiers(given)}
    for frontier in found:
        task = task_of(frontier)
        assert task.origin == "hindsight"
        assert task.meta is not None
        assert task.meta["parent"] in parents
        assert "score" in task.meta
    assert len({task_of(each).id for each in found}) == len(found)


def test_jobs_and_the_order_of_tasks_change_no_task() -> None:
    given = mutants("list", 40)
    once = [each.encode() for each in frontiers(relabel(given)[0])]
    assert [each.encode() for each in frontiers(relabel(given, jobs=2)[0])] == once
    backwards = [given[0], *reversed(given[1:])]
    assert sorted(each.encode() for each in frontiers(relabel(backwards)[0])) == sorted(once)


def test_a_task_says_what_its_program_achieved_on_the_parent() -> None:
    [made] = frontiers(relabel([library(), a_task("(lambda (map (lambda (+ 1 $0)) $0))")])[0])
    assert task_of(made).examples[0] == Example([[3, 1, 2]], [4, 2, 3])
    assert task_of(made).meta == {"parent": "list/given", "distance": 1.0, "score": 0.0}
    near = [([3, 1, 2], [4, 2, 9]), ([5], [6])]
    [made] = frontiers(relabel([library(), a_task("(lambda (map (lambda (+ 1 $0)) $0))", examples=near)])[0])
    assert task_of(made).meta == {"parent": "list/given", "distance": pytest.approx(1 / 6), "score": 0.5}


def test_what_says_nothing_makes_no_task_and_is_counted() -> None:
    programs = {
        "failed": "(lambda (cons (index 9 $0) empty))",
        "constant": "(lambda (cons 1 empty))",
        "identity": "(lambda (map (lambda $0) $0))",
        "with large outputs": "(lambda (map (lambda $0) (range 9)))",
        "duplicate": "(lambda (cdr (map (lambda (+ 0 $0)) $0)))",
    }
    records, said = relabel([library(), a_task("(lambda (cdr $0))", *programs.values())], max_output=8)
    assert [each.programs[0].program for each in frontiers(records)] == ["(lambda (cdr $0))"]
    assert "1 task made of 6 programs" in said
    for reason in programs:
        assert f"1 {reason}" in said
    assert "no programs" in relabel([library(), a_task()])[1]


def test_of_programs_that_behave_alike_the_likeliest_stays() -> None:
    twice, longer = "(lambda (map (lambda (+ $0 $0)) $0))", "(lambda (map (lambda (+ $0 (+ $0 0))) $0))"
    for order in ((twice, longer), (longer, twice)):
        [made] = frontiers(relabel([library(), a_task(*order)])[0])
        assert made.programs[0].program == twice
        likelier = a_task()
        programs = tuple(Program(each, log_prior=-8.0 if each == longer else -9.0) for each in order)
        [made] = frontiers(relabel([library(), dataclasses.replace(likelier, programs=programs)])[0])
        assert made.programs[0].program == longer


def test_nothing_held_out_is_run() -> None:
    given = a_task("(lambda (map (lambda (+ 1 $0)) $0))")
    hidden = tuple(Example([[7, 7, value]], [0], "test") for value in range(3))
    task = dataclasses.replace(task_of(given), examples=task_of(given).examples + hidden)
    [made] = frontiers(relabel([library(), dataclasses.replace(given, task=task)])[0])
    assert [each.inputs for each in task_of(made).examples] == [[value] for value in INPUTS]


def test_a_task_of_a_task_names_the_first_and_the_same_programs_make_the_same() -> None:
    program = "(lambda (map (lambda (+ 1 $0)) $0))"
    [made] = frontiers(relabel([library(), a_task(program)])[0])
    other = dataclasses.replace(made, programs=(Program("(lambda (map (lambda (+ 2 $0)) $0))"),))
    [again] = frontiers(relabel([library(), other])[0])
    assert (task_of(again).meta or {})["parent"] == "list/given"
    assert task_of(again).id.startswith("list/given/hindsight/")
    assert task_of(again).id != task_of(made).id
    records, said = relabel([library(), a_task(program), a_task(program)], keep=True)
    assert [each.programs[0].program for each in frontiers(records)] == [program] * 3
    assert "1 duplicate" in said


def test_bad_tasks_are_errors_with_their_place_and_a_domain_without_inputs_says_why() -> None:
    with pytest.raises(InputError, match="nowhere"):
        relabel([Frontier(Task("nowhere/1", "nowhere"), (Program("x"),))])
    puzzles = Context("tasks").domain("parity")
    started = list(puzzles.records(puzzles.TaskSettings(), 0, seeds="python"))[:2]
    records, said = relabel(started)
    assert "made of" in said
    assert all(task_of(each).origin == "hindsight" for each in frontiers(records))


values = st.recursive(st.integers(-3, 3) | st.text("ab", max_size=3), lambda inner: st.lists(inner, max_size=3))


@given(values, values)
def test_distance_is_a_share_that_is_0_for_equal_values_alone(one: Any, other: Any) -> None:
    assert 0 <= distance(one, other) <= 1
    assert distance(one, other) == distance(other, one)
    assert (distance(one, other) == 0) == (encode(one) == encode(other))


@given(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=1, max_size=3), st.data())
def test_distance_of_grids_is_the_share_of_their_cells(grid: list[list[int]], data: st.DataObject) -> None:
    row = st.lists(st.integers(0, 9), min_size=3, max_size=3)
    other = data.draw(st.lists(row, min_size=len(grid), max_size=len(grid)))
    cells = [
        (one, two) for first, second in zip(grid, other, strict=True) for one, two in zip(first, second, strict=True)
    ]
    assert distance(grid, other) == pytest.approx(sum(one != two for one, two in cells) / len(cells))
    assert distance(grid, [*other, other[0]]) == 1
    assert parts(grid, 1000) == len(cells)


def test_unused_bindings_are_removed_and_the_others_stay() -> None:
    text = "(lambda ((lambda ((lambda (car $1)) (cdr $0))) (map (lambda $0) $0)))"
    shorter = without_unused_bindings(parse_term(text))
    assert print_term(shorter) == "(lambda ((lambda (car $0)) (map (lambda $0) $0)))"
    assert beta_normal(shorter) is beta_normal(parse_term(text))
    chain = parse_term("(lambda ((lambda ((lambda $2) (car $0))) (cdr $0)))")
    assert print_term(without_unused_bindings(chain)) == "(lambda $0)"
