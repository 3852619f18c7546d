"""Steps judged in the λ-machine against steps as they are defined: mutants one by one, each run on every example."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Any

import pytest

from psynth.core.engines.lambda_machine import LambdaMachine
from psynth.core.errors import InputError
from psynth.core.stream.records import Example, Library, Task
from psynth.plugins.domain import Domain
from psynth.plugins.evaluator import Budget, Verdict
from psynth.plugins.example_neighborhood import ExampleNeighborhood
from psynth.plugins.lambda_evaluator import LambdaMachineEvaluator
from psynth.plugins.lambda_neighborhood import LambdaNeighborhood
from psynth.plugins.neighborhood import Candidate, Step
from psynth.plugins.neighborhoods import neighborhood_of

LIMITS = {"max_size": 20, "max_depth": 5}


def gain(verdict: Verdict) -> float:
    return verdict.score if verdict.rejected is None else -math.inf


class Plain:
    """The definition of a step, without haste."""

    def __init__(self, machine: LambdaMachine, domain: Domain, library: Library, task: Task) -> None:
        self.machine, self.library, self.task = machine, library.to_json(), task
        self.evaluator = domain.evaluator(library, Budget())

    def judged(self, program: str) -> Candidate:
        [[verdict]] = self.evaluator.judge([(self.task, [program])])
        return Candidate(program, gain(verdict), verdict.log_likelihood == 0)

    def step(self, candidate: Candidate, most: int, seed: int, drift: bool) -> Step:
        parent, seen = candidate.program, {candidate.program}
        for index in range(most):
            [answer] = self.machine.mutate(
                self.library, self.task.request, [parent], seeds=[seed], first=index, **LIMITS
            )
            if "error" in answer:
                return Step(None, index, len(seen) - 1)
            [mutant] = answer["mutants"]
            found = self.judged(mutant["program"])
            seen.add(found.program)
            if found.gain > candidate.gain:
                return Step(found, index + 1, len(seen) - 1)
            if found.gain == candidate.gain and drift:
                parent = found.program
        return Step(None, most, len(seen) - 1)


def given_tasks(registry, languages) -> list[tuple[str, str, Task]]:
    """A domain and a language with a task: real ones, and ones with data that few programs or none can have."""
    found = []
    for name, count in (("list", 6), ("regex", 2)):
        domain = registry.domain(name)
        every = domain.tasks(dataclasses.replace(domain.TaskSettings(), count=count), 0)
        found += [(name, name, task) for task in every]
    odd = [
        Example([[1, 2]], [1.0, 2]),  # a number is a number
        Example([[1]], None),
        Example([["x"]], [1]),
        Example([], []),
        Example([[3], 4], [3]),
        Example([[True]], [True]),
        Example([[]], []),
    ]
    found.append(("list", "list", Task("list/odd", "list", "list(int) -> list(int)", tuple(odd))))
    found.append(
        ("list", "list, learned", Task("list/learned", "list", "list(int) -> int -> bool", examples_of_pairs()))
    )
    polymorphic = (Example([[1, 2]], [1]), Example([["a"]], ["a"]), Example([[[1]]], [[1]]))
    found.append(("list", "list, learned", Task("list/any", "list", "list(t0) -> list(t0)", polymorphic)))
    functions = Task("list/functions", "list", "list(t0) -> (t0 -> int) -> int", (Example([[1], 1], 1),))
    found.append(("list", "list, contextual", functions))
    return found


def examples_of_pairs() -> tuple[Example, ...]:
    return tuple(Example([[a, b], b], a > b) for a, b in itertools.product(range(3), repeat=2))


def test_a_step_is_what_it_is_defined_to_be(registry, languages, machine) -> None:
    better = stuck = drifted = 0
    for name, language, task in given_tasks(registry, languages):
        domain, (library, _) = registry.domain(name), languages[language]
        plain = Plain(machine, domain, library, task)
        with ExampleNeighborhood(domain, library, task, **LIMITS) as ours, plain.evaluator:
            drawn = ours.draw(3, seed=11)
            assert drawn == [plain.judged(candidate.program) for candidate in drawn]
            for candidate, drift in itertools.product(drawn, [False, True]):
                step = ours.step(candidate, 40, seed=7, drift=drift)
                assert step == plain.step(candidate, 40, 7, drift), (task.id, candidate)
                better += step.candidate is not None
                stuck += step.candidate is None
                drifted += drift and step.run > 1
    assert min(better, stuck, drifted) > 3


def test_a_climb_is_the_same_without_the_machine_judging(registry, languages) -> None:
    domain, library = registry.domain("list"), languages["list"][0]
    for task in domain.tasks(dataclasses.replace(domain.TaskSettings(), count=2), 1):
        with (
            ExampleNeighborhood(domain, library, task) as fast,
            LambdaNeighborhood(domain, library, task) as general,
        ):
            [candidate] = fast.draw(1, seed=5)
            assert [candidate] == general.draw(1, seed=5)
            for seed in range(4):
                drift = seed % 2 == 1
                step = fast.step(candidate, 300, 2**63 - 1 - seed, drift=drift)
                assert step == general.step(candidate, 300, 2**63 - 1 - seed, drift=drift)
                candidate = step.candidate or candidate


def test_programs_with_redexes_can_be_changed(registry, languages) -> None:
    task = Task("list/x", "list", "list(int) -> list(int)", (Example([[1, 2]], [2]), Example([[2]], [5])))
    with ExampleNeighborhood(registry.domain("list"), languages["list"][0], task) as ours:
        [redex, plain] = ours.judge(["(lambda ((lambda (cdr $0)) $0))", "(lambda (cdr $0))"])
        assert redex.gain == plain.gain == 0.5
        assert ours.step(redex, 50, seed=1) == ours.step(plain, 50, seed=1)


def test_a_domain_of_the_machine_is_searched_by_it_unless_it_judges_differently(registry, languages) -> None:
    domain = registry.domain("list")
    task = next(iter(domain.tasks(domain.TaskSettings(), 0)))

    class Shares(LambdaMachineEvaluator):
        def judge(self, jobs: Any) -> list[list[Verdict]]:
            return super().judge(jobs)

    class Strict(type(domain)):
        def evaluator(self, library: Library, budget: Budget, **options: Any) -> LambdaMachineEvaluator:
            return Shares(library, budget)

    with neighborhood_of(domain, languages["list"][0], domain.visible(task)) as fast:
        assert type(fast) is ExampleNeighborhood
    with neighborhood_of(Strict(), languages["list"][0], domain.visible(task)) as general:
        assert type(general) is LambdaNeighborhood


def test_what_a_machine_was_asked_before_changes_no_answer(languages, machine) -> None:
    """The machine keeps what it worked out for the last library: here that library is another one each time."""

    def asked(machine: LambdaMachine, name: str) -> list[object]:
        library, request = languages[name]
        library = library.to_json()
        drawn = machine.sample(library, request, seed=3, count=4, max_size=15)
        programs = [each["program"] for each in drawn]
        return [
            drawn,
            machine.mutate(library, request, programs, seeds=[1, 2, 3, 4], count=5),
            machine.infer(library, programs),
            machine.evaluate(library, [{"program": program, "inputs": [[[1, 2]]]} for program in programs]),
            machine.sample(library, request, seed=3, count=4),
        ]

    names = ["list", "list, learned", "regex", "list, contextual"]
    alternating = [asked(machine, name) for _ in range(2) for name in names]
    fresh = []
    for name in names:
        with LambdaMachine() as alone:
            fresh.append(asked(alone, name))
    assert alternating == fresh * 2


def test_a_library_that_cannot_be_evaluated_is_refused_whatever_was_asked_before(machine) -> None:
    library = {
        "productions": [{"name": "nobody-knows-me", "type": "int -> int", "log_weight": 0.0}],
        "log_variable": 0.0,
    }
    for _ in range(2):
        assert machine.infer(library, ["(lambda (nobody-knows-me $0))"]) == [{"type": "int -> int"}]
        with pytest.raises(InputError, match="no primitive of the λ-machine"):
            machine.evaluate(library, [])
        assert machine.mutate(library, "int -> int", ["(lambda $0)"], seeds=[1])[0]["mutants"]


@pytest.mark.parametrize(
    ("program", "examples", "message"),
    [
        ("(lambda (spin $0))", [], "is not in the library"),
        ("(lambda ((lambda $0) $0))", [], "normal form"),
        ("(lambda", [], "never closed"),
        ("(lambda $0)", [{"output": 1}], "inputs is missing"),
        ("(lambda $0)", {"inputs": [[1]], "output": 1}, "examples must be a list"),
    ],
)
def test_what_is_wrong_with_a_request_is_said(languages, machine, program, examples, message) -> None:
    library, request = languages["list"]
    with pytest.raises(InputError, match=message):
        machine.improve(library.to_json(), request, program, examples, right=0, seed=1, count=10)
    answer = machine.improve(library.to_json(), request, "(lambda $0)", [], right=0, seed=1, count=10)
    assert (answer["found"], answer["examined"]) == (None, 10)
