"""The λ-calculus in Python and the λ-machine, held against each other: types, probabilities, draws, values."""

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psynth.core.calculus.grammars import Grammar, grammar_with_definitions
from psynth.core.calculus.inference import IllTyped, infer
from psynth.core.calculus.interpreter import Interpreter
from psynth.core.calculus.normal_forms import rename
from psynth.core.calculus.productions import ContextualWeights, Production, Weights
from psynth.core.calculus.terms import Term, names_in, parse_term
from psynth.core.calculus.types import Type, arguments_of, canonical, parse_type
from psynth.core.engines.lambda_machine import EXECUTABLE, LambdaMachine, SearchBudget
from psynth.core.languages import library_of
from tests.core.calculus.list_primitives import PRIMITIVES
from tests.core.calculus.strategies import LIST_TYPES, requests_and_terms, terms

DEFINITIONS = {
    "inc": parse_term("(lambda (+ $0 1))"),
    "map-inc": parse_term("(map inc)"),
    "twice": parse_term("(lambda (lambda ($1 ($1 $0))))"),
    "swap": parse_term("(lambda (lambda (lambda ($2 $0 $1))))"),
}


@pytest.fixture(scope="module")
def machine() -> Iterator[LambdaMachine]:
    executable = Path(os.environ.get("PSYNTH_LAMBDA") or EXECUTABLE)
    if not executable.exists():
        pytest.skip("the λ-machine is not built: pip install -e . or set PSYNTH_LAMBDA to its executable")
    with LambdaMachine(executable) as running:
        yield running


def weighted(grammar: Grammar, seed: int, *, contextual: bool = False) -> Grammar:
    """The same productions with random weights."""
    rng = random.Random(seed)

    def weights() -> Weights:
        return Weights(tuple(rng.uniform(-2, 2) for _ in grammar.productions), rng.uniform(-2, 2))

    start = weights()
    productions = tuple(
        Production(each.name, each.type, log_weight, each.definition)
        for each, log_weight in zip(grammar.productions, start.log_weights, strict=True)
    )
    by_context = None
    if contextual:
        by_name = {each.name: tuple(weights() for _ in arguments_of(each.type)) for each in productions}
        by_context = ContextualWeights(weights(), weights(), by_name)
    return Grammar(productions, start.log_variable, by_context, grammar.continuation)


LISTS = Grammar.uniform(LIST_TYPES)
LEARNED = grammar_with_definitions(LIST_TYPES, DEFINITIONS)
REGEX_TYPES = {
    name: parse_type(text)
    for text, names in {
        "tsubstr -> list(tsubstr) -> list(tsubstr)": "_rappend",
        "list(tsubstr) -> list(tsubstr)": "_rrevcdr",
        "tsubstr": "_rdot _rempty _a _b _c",
        "tsubstr -> tsubstr": "_rnot",
        "tsubstr -> tsubstr -> tsubstr": "_ror _rconcat",
        "tsubstr -> tsubstr -> bool": "_rmatch",
        "tsubstr -> tfullstr -> list(tsubstr)": "_rsplit",
        "list(tsubstr) -> tfullstr": "_rflatten",
        "list(tsubstr) -> tsubstr": "_rtail",
        "t0 -> list(t0) -> list(t0)": "cons",
        "list(t0) -> list(t0)": "cdr",
        "bool -> t0 -> t0 -> t0": "if",
        "list(t0) -> t0": "car",
        "(t0 -> t1) -> list(t0) -> list(t1)": "map",
    }.items()
    for name in names.split()
}
REGEX = Grammar.uniform(REGEX_TYPES)

CASES = [
    pytest.param(LISTS, "list(int) -> list(int)", 14.0, id="uniform"),
    pytest.param(LISTS, "t0 -> list(t1) -> t1", 11.0, id="polymorphic request"),
    pytest.param(LISTS, "(int -> bool) -> list(int) -> bool", 10.0, id="variable head"),
    pytest.param(weighted(LISTS, 1), "list(int) -> int", 10.0, id="weighted"),
    pytest.param(weighted(LISTS, 2, contextual=True), "list(int) -> list(int)", 11.0, id="contextual"),
    pytest.param(weighted(LEARNED, 3), "list(int) -> list(int)", 10.0, id="abstractions"),
    pytest.param(
        weighted(LEARNED, 4, contextual=True), "(int -> int) -> int -> int", 11.0, id="contextual abstractions"
    ),
    pytest.param(
        Grammar(LISTS.productions, continuation=parse_type("list(int)")),
        "list(int) -> list(int)",
        12.0,
        id="continuation",
    ),
    pytest.param(REGEX, "tfullstr -> tfullstr", 11.0, id="regex"),
]


def test_types_of_primitives_agree(machine: LambdaMachine) -> None:
    theirs = machine.primitives()
    for name, kind in (LIST_TYPES | REGEX_TYPES).items():
        assert canonical(parse_type(theirs[name])) is canonical(kind)


def library(grammar: Grammar) -> dict[str, Any]:
    return library_of(grammar, "list").to_json()


@pytest.mark.parametrize(("grammar", "request_type", "bound"), CASES)
def test_probabilities_agree(machine: LambdaMachine, grammar: Grammar, request_type: str, bound: float) -> None:
    request = parse_type(request_type)
    proposed = [
        (program, cost)
        for batch in machine.propose(library(grammar), request_type, SearchBudget(max_cost=bound))
        for program, cost in batch.programs
    ]
    assert len(proposed) > 30
    for program, cost in proposed:
        assert grammar.log_prior(parse_term(program), request) == pytest.approx(-cost, abs=1e-9), program


@pytest.mark.parametrize(("grammar", "request_type", "bound"), CASES)
def test_draws_agree(machine: LambdaMachine, grammar: Grammar, request_type: str, bound: float) -> None:
    request = parse_type(request_type)
    drawn = machine.sample(library(grammar), request_type, seed=5, count=40, max_depth=5)
    for each in drawn:
        term = parse_term(each["program"])
        infer(term, grammar.types, request)
        assert grammar.log_prior(term, request) == pytest.approx(each["log_prior"], abs=1e-9), each


def agree_on_type(machine: LambdaMachine, term: Term) -> None:
    try:
        ours: Type | None = infer(term, LEARNED.types)
    except IllTyped:
        ours = None
    [answer] = machine.infer(library(LEARNED), [str(term)])
    theirs = canonical(parse_type(str(answer["type"]))) if "type" in answer else None
    assert theirs is ours, f"{term}: {answer}, here {ours}"


@given(case=requests_and_terms())
def test_types_of_good_terms_agree(machine: LambdaMachine, case: tuple[Type, Term]) -> None:
    agree_on_type(machine, case[1])


SOME = ["+", "map", "cons", "empty", "if", "car", "1", "7", "twice", "swap", "frob"]


@settings(max_examples=300)
@given(term=terms, choice=st.randoms(use_true_random=False))
def test_types_of_any_terms_agree(machine: LambdaMachine, term: Term, choice: random.Random) -> None:
    used = rename(term, {name: choice.choice(SOME) for name in sorted(names_in(term))})
    agree_on_type(machine, parse_term("(lambda " * used.free + str(used) + ")" * used.free))


INPUTS: dict[str, list[Any]] = {
    "int": [0, 3, -2],
    "bool": [True, False],
    "list(int)": [[], [2, 0, 5], [1]],
    "list(list(int))": [[], [[1], []]],
}


@settings(max_examples=200)
@given(case=requests_and_terms(), choice=st.integers(0, 5))
def test_values_agree(machine: LambdaMachine, case: tuple[Type, Term], choice: int) -> None:
    request, term = case
    kinds = [str(kind) for kind in arguments_of(request)]
    if not all(kind in INPUTS for kind in kinds):
        return  # functions are no inputs of the machine
    inputs = [INPUTS[kind][choice % len(INPUTS[kind])] for kind in kinds]
    ours = Interpreter(PRIMITIVES).compile(term).run(inputs)
    job = {"program": str(term), "request": str(request), "inputs": [inputs]}
    [[theirs]] = machine.evaluate(library(LISTS), [job])
    if {ours.status, theirs["status"]} <= {"ok", "error"}:
        assert theirs["status"] == ours.status, f"{term}: {theirs}, here {ours}"
        assert theirs.get("value") == ours.value


def test_literals_that_are_no_productions(machine: LambdaMachine) -> None:
    agree_on_type(machine, parse_term("(lambda (cons -17 $0))"))
    assert LEARNED.log_prior(parse_term("(lambda (cons 17 $0))"), parse_type("list(int) -> list(int)")) == -float("inf")
