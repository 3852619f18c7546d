"""psynth mutate as records in, records out: on every domain, in order, the same whatever stands beside it."""

from __future__ import annotations

import dataclasses

import pytest
from psynth_search.mutation import Crossover, Subterm

from psynth.core.calculus.inference import infer
from psynth.core.calculus.terms import parse_term
from psynth.core.calculus.types import parse_type
from psynth.core.errors import InputError, UsageError
from psynth.core.stream.records import End, Frontier, Library, Metric, Program, Task
from psynth.plugins.evaluator import Budget
from psynth.plugins.method import Context

DOMAINS = ["list", "regex", "karel", "tiles"]


@pytest.fixture
def context(registry) -> Context:
    return Context("mutate", registry=registry)


def stream(registry, machine, name: str, frontiers: int = 3, programs: int = 4) -> list:
    """A domain's library and first tasks, with programs drawn for each."""
    domain = registry.domain(name)
    records: list = [domain.library()]
    for number, task in enumerate(list(domain.tasks(domain.TaskSettings(), 0))[:frontiers]):
        drawn = machine.sample(
            records[0].to_json(), task.request, seed=number, count=programs, max_depth=5, max_size=15
        )
        texts = dict.fromkeys(each["program"] for each in drawn)
        records.append(
            Frontier(task=task, programs=tuple(Program(text, score=0.5, reward=0.5, status="ok") for text in texts))
        )
    return [*records, End(status="complete")]


def mutants(records) -> list[list[Program]]:
    return [list(record.programs) for record in records if isinstance(record, Frontier)]


@pytest.mark.parametrize("method", [Subterm(count=4), Crossover(count=4), Crossover(count=2, mates="stream")], ids=repr)
@pytest.mark.parametrize("name", DOMAINS)
def test_every_domain_gets_well_typed_programs_that_run(registry, machine, context, name, method) -> None:
    records = stream(registry, machine, name)
    library = records[0]
    types = {each.name: parse_type(each.type) for each in library.productions}
    varied = list(method.run(iter(records), context))
    assert [type(record) for record in varied] == [type(record) for record in records]
    made = 0
    with registry.domain(name).evaluator(library, Budget()) as evaluator:
        for before, after in zip(records, varied, strict=True):
            if not isinstance(after, Frontier):
                assert after == before
                continue
            assert after.task == before.task
            parents = {program.program for program in before.programs}
            for program in after.programs:
                infer(parse_term(program.program), types, parse_type(after.task.request))
                assert set(program.origin.from_[:1]) <= parents
                assert program.program != program.origin.from_[0]
                assert (program.score, program.reward, program.status, program.log_likelihood) == (None,) * 4
                assert program.log_prior < 0
            made += len(after.programs)
            [verdicts] = evaluator.judge([(after.task, [program.program for program in after.programs])])
            assert not any(verdict.rejected for verdict in verdicts)
    assert made >= 12


@pytest.mark.parametrize("method", [Subterm(count=2, distinct=True), Crossover(mates="stream")], ids=repr)
def test_neither_order_nor_company_matters(registry, machine, context, method) -> None:
    [library, *frontiers, end] = stream(registry, machine, "list")
    forwards = mutants(method.run(iter([library, *frontiers, end]), context))
    backwards = mutants(method.run(iter([library, *reversed(frontiers), end]), context))
    assert forwards == backwards[::-1]
    if isinstance(method, Subterm):
        assert forwards[1:2] == mutants(method.run(iter([library, frontiers[1], end]), context))
    assert forwards != mutants(method.run(iter([library, *frontiers]), dataclasses.replace(context, seed=1)))


def test_what_is_kept_and_what_is_distinct(registry, machine, context) -> None:
    records = stream(registry, machine, "karel")
    kept = mutants(Subterm(count=3, keep=True).run(iter(records), context))
    plain = mutants(Subterm(count=3).run(iter(records), context))
    for record, both, only in zip(records[1:-1], kept, plain, strict=True):
        assert all(program in both for program in record.programs)
        assert len(both) == len(record.programs) + len(only)
        assert both[: len(record.programs)] == sorted(record.programs, key=both.index), "what has scores comes first"
    distinct = mutants(Subterm(count=40, distinct=True, max_size=9).run(iter(records), context))
    for record, programs in zip(records[1:-1], distinct, strict=True):
        texts = [program.program for program in programs]
        assert len(texts) == len(set(texts)) > 80
        assert not set(texts) & {program.program for program in record.programs}


def test_programs_without_a_task_have_the_type_that_they_have(registry, machine, context) -> None:
    library = registry.domain("list").library()
    programs = (Program("(lambda (map (+ 1) $0))"), Program("(lambda (is-prime $0))"))
    frontier = Frontier(task=None, programs=programs)
    [_, varied, alone] = Subterm(count=8).run(
        iter([library, frontier, Frontier(task=None, programs=programs[:1])]), context
    )
    types = {each.name: parse_type(each.type) for each in library.productions}
    assert len(varied.programs) == 16
    for program in varied.programs:
        kind = {True: "list(int) -> list(int)", False: "int -> bool"}["map" in program.origin.from_[0]]
        infer(parse_term(program.program), types, parse_type(kind))
    assert all(program in varied.programs for program in alone.programs), "the text alone decides"
    with pytest.raises(InputError, match="need a library"):
        list(Subterm().run(iter([frontier]), context))


def test_contextual_weights_and_other_libraries_hold(registry, machine, context, languages) -> None:
    library, request = languages["list, learned"]
    only = dataclasses.replace(
        library,
        productions=tuple(
            each if each.name in ("0", "twice", "cdr", "cons") else dataclasses.replace(each, log_weight=float("-inf"))
            for each in library.productions
        ),
    )
    task = Task(id="list/x", domain="list", request="list(int) -> list(int)")
    frontier = Frontier(task=task, programs=(Program("(lambda (map (lambda (+ $0 1)) $0))"),))
    [_, varied] = Subterm(count=200, max_size=8).run(iter([only, frontier]), context)
    words = {
        word for program in varied.programs for word in program.program.replace("(", " ").replace(")", " ").split()
    }
    assert words == {"lambda", "map", "+", "1", "0", "twice", "cdr", "cons", "$0", "$1", "$2"} - ({"$2"} - words)
    assert any(program.log_prior == float("-inf") for program in varied.programs)
    del request


def test_what_is_wrong_is_bad_input(registry, machine, context) -> None:
    library = registry.domain("list").library()
    task = Task(id="list/x", domain="list", request="list(int) -> int")
    programs = (Program("(lambda $0)"), Program("def f(x): …", language="python"), Program("(lambda (car $0))"))
    frontier = Frontier(task=task, programs=programs)
    heard: list[str] = []

    def run(keep: bool) -> Frontier:
        def bad(error: InputError) -> bool:
            heard.append(str(error))
            return keep

        [_, varied] = Subterm().run(iter([library, frontier]), dataclasses.replace(context, bad_input=bad))
        return varied

    assert len(run(False).programs) == 1
    assert "program 1" in heard[0]
    assert "python" in heard[1]
    kept = run(True).programs
    assert all(program in kept for program in programs[:2])
    with pytest.raises(InputError, match="list/x"):
        list(Subterm().run(iter([library, frontier]), context))
    odd = Frontier(task=dataclasses.replace(task, request="list(int"), programs=programs[2:])
    with pytest.raises(InputError, match="list/x"):
        list(Subterm().run(iter([library, odd]), context))
    with pytest.raises(UsageError):
        Crossover(mates="neighbors")


def test_what_has_no_mutant_is_said(registry, machine, context) -> None:
    heard: list[str] = []
    listening = dataclasses.replace(context, warn=heard.append)
    task = Task(id="list/x", domain="list", request="list(int) -> int")
    frontier = Frontier(task=task, programs=(Program("(lambda (car $0))"),))
    records: list = [registry.domain("list").library(), frontier, Metric("m", 1.0), End(status="complete")]
    varied = list(Crossover().run(iter(records), listening))
    assert mutants(varied) == [[]]
    assert varied[2:] == records[2:]
    assert heard == [
        "programs without a mutant: 1; no mate has a part that fits, within 100 nodes; --mates stream offers more"
    ]
    alone = Library("list", records[0].productions[-3:-2], 0.0)
    frontier = Frontier(
        task=Task(id="list/y", domain="list", request="int"), programs=(Program(alone.productions[0].name),)
    )
    assert mutants(Subterm().run(iter([alone, frontier]), listening)) == [[]]
    assert "no other program" in heard[-1]


def test_shared_values_are_kept_if_asked_for(context: Context, registry) -> None:
    """A mutant of a program with lets mostly has them, is well typed, and nothing of how they were sent is left."""
    domain = registry.domain("list")
    parents = [
        "(lambda ((lambda (cons (car $0) $0)) (map (+ 1) $0)))",
        "(lambda ((lambda ((lambda (cons $0 $1)) (length $0))) (cdr $0)))",
    ]
    request = "list(int) -> list(int)"
    frontier = Frontier(Task("list/x", "list", request), tuple(map(Program, parents)))
    for method in (Subterm(count=20, keep_lets=True), Crossover(count=20, keep_lets=True)):
        [made] = mutants(method.run(iter([domain.library(), frontier, End("complete")]), context))
        assert sum("((lambda" in each.program for each in made) > len(made) / 2
        types = {each.name: parse_type(each.type) for each in domain.library().productions}
        for each in made:
            infer(parse_term(each.program), types)  # IllTyped for a name that no library has
    [plain] = mutants(Subterm(count=20).run(iter([domain.library(), frontier, End("complete")]), context))
    assert not any("((lambda" in each.program for each in plain)
