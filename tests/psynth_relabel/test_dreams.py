"""Dreams: every one is solved by its program, no two behave alike, and nothing but the seed changes them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import pytest
from psynth_relabel.dreams import Dreams
from psynth_search.sampling import Cheapest, DrawFromGrammar

from psynth.core.engines.leases import Engines
from psynth.core.errors import InputError
from psynth.core.stream.records import End, Example, Frontier, Library, Program, Record, Task, encode
from psynth.plugins.evaluator import Budget
from psynth.plugins.method import Context
from tests.toys.registered import all_installed

pytestmark = pytest.mark.usefixtures("lambda_machine")

DREAMING = ("list", "regex", "text", "symbolic", "tiles")
"""Domains with λ-terms whose tasks have inputs and outputs."""
REQUEST = "list(int) -> list(int)"
INPUTS: tuple[list[int], ...] = ([3, 1, 2], [5], [4, 4], [9, 0, 7, 1], [2, 8])


@pytest.fixture(scope="module", autouse=True)
def registered() -> Iterator[None]:
    """The built-in plugins, the example and the toys."""
    with all_installed():
        yield


def relabel(records: Sequence[Record], seed: int = 0, jobs: int = 1, **settings: object) -> tuple[list[Record], str]:
    """The output for a stream, and the warnings."""
    said: list[str] = []
    with Engines() as engines:
        context = Context("relabel", seed=seed, jobs=jobs, engines=engines, warn=said.append)
        return list(Dreams(**settings).run(iter([*records, End("complete")]), context)), "\n".join(said)  # type: ignore[arg-type]


def dreams(records: Sequence[Record]) -> list[Frontier]:
    return [each for each in records if isinstance(each, Frontier)]


def programs_of(name: str, count: int) -> list[Record]:
    """A library, tasks and programs of a domain: the cheapest ones, and samples."""
    domain = Context("tasks").domain(name)
    given = list(domain.records(domain.TaskSettings(count=3), 0))
    found: list[Record] = []
    for method in (Cheapest(count=count, keep=True), DrawFromGrammar(count=count, max_size=25)):
        found += method.run(iter([*given, End("complete")]), Context("sample"))
    return [each for each in found if not isinstance(each, End)]


def a_task(inputs: Sequence[object] = INPUTS, split: str | None = None) -> Frontier:
    """A task on lists; the outputs do not matter."""
    examples = tuple(Example([value], [], split) for value in inputs)
    return Frontier(Task("list/given", "list", REQUEST, examples=examples), ())


def untied(*programs: str, log_prior: float | None = None) -> list[Frontier]:
    return [Frontier(None, (Program(text, log_prior=log_prior),)) for text in programs]


def library(name: str = "list") -> Library:
    return Context("tasks").domain(name).library()


@pytest.mark.parametrize("name", DREAMING)
def test_dreams_are_solved_by_their_programs_and_vary(name: str) -> None:
    records, said = relabel(programs_of(name, 150))
    found = dreams(records)
    assert found, said
    domain = Context("evaluate").domain(name)
    with domain.evaluator(library(name), Budget()) as evaluator:
        jobs = [(each.task, [each.programs[0].program]) for each in found if each.task is not None]
        for [verdict], frontier in zip(evaluator.judge(jobs), found, strict=True):
            assert verdict.solved, frontier
    for frontier in found:
        assert frontier.task is not None
        assert frontier.task.origin == "dream"
        assert frontier.solved
        assert len({encode(each.output) for each in frontier.task.examples}) > 1
        assert len({encode(each.inputs) for each in frontier.task.examples}) == len(frontier.task.examples)
    assert len({each.task.id for each in found if each.task}) == len(found)


@pytest.mark.parametrize("name", ["list", "tiles"])
def test_jobs_change_nothing_and_seeds_only_the_inputs(name: str) -> None:
    given = programs_of(name, 80)
    once = [each.encode() for each in relabel(given)[0]]
    assert [each.encode() for each in relabel(given, jobs=2)[0]] == once
    assert [each.encode() for each in relabel(given, seed=1)[0]] != once


def test_one_program_is_kept_for_a_behavior_the_likeliest_and_then_the_smallest() -> None:
    twice = "(lambda (map (lambda (+ $0 $0)) $0))"
    longer = "(lambda (map (lambda (+ $0 (+ $0 0))) $0))"
    given = [library(), a_task(), *untied(longer, "(lambda (cdr $0))", twice)]
    records, said = relabel(given)
    assert [each.programs[0].program for each in dreams(records)] == [twice, "(lambda (cdr $0))"]
    assert "1 duplicate" in said
    likelier = [library(), a_task(), *untied(twice, log_prior=-9.0), *untied(longer, log_prior=-8.0)]
    assert [each.programs[0].program for each in dreams(relabel(likelier)[0])] == [longer]
    earlier = [*likelier[:2], *reversed(likelier[2:])]
    assert [each.programs[0].program for each in dreams(relabel(earlier)[0])] == [longer]


def test_constants_and_failures_make_no_tasks_and_are_counted() -> None:
    given = [library(), a_task(), *untied("(lambda empty)", "(lambda (index (- 0 1) (cons $0 empty)))", "(lambda $0)")]
    records, said = relabel(given)
    assert [each.programs[0].program for each in dreams(records)] == ["(lambda $0)"]
    assert "1 task made of 3 programs" in said
    assert "1 constant" in said
    assert "1 failed" in said


def test_inputs_on_which_a_program_fails_are_replaced_by_others() -> None:
    with_empty = ([], *INPUTS)
    given = [library(), a_task(with_empty), *untied("(lambda (cons (car $0) empty))")]
    [dream] = dreams(relabel(given, inputs=5)[0])
    assert dream.task is not None
    assert sorted(each.inputs for each in dream.task.examples) == sorted([value] for value in INPUTS)
    none, said = relabel(given, inputs=6)
    assert dreams(none) == []
    assert "1 failed" in said


def test_a_program_without_a_task_is_run_at_every_type_it_may_have() -> None:
    length = Frontier(Task("list/length", "list", "list(int) -> int", examples=a_task().task.examples), ())  # type: ignore[union-attr]
    given = [library(), a_task(), length, *untied("(lambda (car $0))", "(lambda (cdr $0))", "(lambda (is-prime $0))")]
    records, said = relabel(given)
    found = [(each.programs[0].program, each.task.request) for each in dreams(records) if each.task]
    assert found == [("(lambda (cdr $0))", REQUEST), ("(lambda (car $0))", "list(int) -> int")]
    assert "1 of a type without inputs" in said


def test_nothing_held_out_is_an_input() -> None:
    given = [library(), a_task(INPUTS[:2]), a_task(INPUTS[2:], "test"), *untied("(lambda $0)")]
    [dream] = dreams(relabel(given)[0])
    assert dream.task is not None
    assert sorted(each.inputs for each in dream.task.examples) == sorted([value] for value in INPUTS[:2])


def test_without_tasks_in_the_stream_the_domains_own_have_the_inputs() -> None:
    [dream] = dreams(relabel([library("regex"), *untied("(lambda (_rflatten (cdr (_rsplit _rdot $0))))")])[0])
    assert dream.task is not None
    words = {each.inputs[0] for each in dream.task.examples}
    own = Context("tasks").domain("regex")
    assert words <= {each.inputs[0] for task in own.tasks(own.TaskSettings(), 0) for each in task.examples}


def test_programs_of_a_task_are_run_on_the_inputs_of_all_tasks_of_its_type() -> None:
    solved = dataclasses.replace(a_task(INPUTS[:1]), programs=(Program("(lambda (cdr $0))"),))
    kept, _ = relabel([library(), solved, a_task(INPUTS[1:])], keep=True)
    assert kept[1:3] == [solved, a_task(INPUTS[1:])]
    [dream] = dreams(kept)[2:]
    assert dream.task is not None
    assert len(dream.task.examples) == len(INPUTS)


@pytest.mark.parametrize(("name", "why"), [("karel", "have no inputs and outputs"), ("parity", "only λ-terms can")])
def test_domains_that_cannot_dream_say_why(name: str, why: str) -> None:
    domain = Context("tasks").domain(name)
    with pytest.raises(InputError, match=why):
        relabel([domain.library(), *untied("move")])
    if name == "karel":
        with pytest.raises(InputError, match=why):
            relabel(list(domain.records(domain.TaskSettings(), 0))[:2])


def test_a_stream_without_programs_is_told_of() -> None:
    for given in ([library(), a_task()], [library()]):
        records, said = relabel(given)
        assert dreams(records) == []
        assert "there are no programs" in said
    assert "no programs" not in relabel([library(), a_task(), *untied("(lambda $0)")])[1]


def test_a_program_without_a_type_is_refused_at_its_place() -> None:
    with pytest.raises(InputError, match=r"\(lambda \(car 1\)\)"):
        relabel([library(), a_task(), *untied("(lambda (car 1))")])


def test_each_library_has_its_own_dreams_with_new_numbers() -> None:
    given = [library(), a_task(), *untied("(lambda $0)")]
    records, _ = relabel([*given, *given])
    assert [type(each) for each in records] == [Library, Frontier, Library, Frontier, End]
    ids = [each.task.id for each in dreams(records) if each.task]
    assert ids == ["list/dream/000000", "list/dream/000001"]
    [seeded] = dreams(relabel(given, seed=7)[0])
    assert seeded.task is not None
    assert seeded.task.id == "list/dream-7/000000"


def test_the_cheapest_programs_are_listed_once_each_in_order() -> None:
    records = list(Cheapest(count=400).run(iter([library(), a_task(), End("complete")]), Context("sample")))
    texts = [each.programs[0].program for each in dreams(records)]
    priors = [each.programs[0].log_prior for each in dreams(records)]
    assert len(set(texts)) == 400
    assert all(prior is not None for prior in priors)
    windows = [int(-prior / 1.5) for prior in priors if prior is not None]
    assert windows == sorted(windows)
    fewer = list(Cheapest(count=100).run(iter([library(), a_task(), End("complete")]), Context("sample", seed=3)))
    assert [each.programs[0].program for each in dreams(fewer)] == texts[:100]
