"""Grammars: probabilities against plain enumeration, drawing, refitting, and the records they are kept in."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psynth.core.calculus.grammars import Grammar
from psynth.core.calculus.inference import infer
from psynth.core.calculus.normal_forms import beta_normal, eta_long
from psynth.core.calculus.productions import ContextualWeights, Production, Weights
from psynth.core.calculus.refit import bigram, inside_outside
from psynth.core.calculus.terms import parse_term
from psynth.core.calculus.types import arguments_of, parse_type
from psynth.core.engines.lambda_machine import LambdaMachine
from psynth.core.errors import InputError
from psynth.core.languages import grammar_of, library_of
from psynth.core.stream.records import Library
from tests.core.calculus.enumeration import REDUNDANT, Enumeration
from tests.core.calculus.strategies import LIST_TYPES

LISTS = parse_type("list(int) -> list(int)")
UNIFORM = Grammar.uniform(LIST_TYPES)

# Finitely many programs of type ``a -> c``; some are polymorphic, some higher-order, variables occur as heads.
FINITE_TYPES = {
    name: parse_type(text)
    for name, text in {
        "x": "a",
        "y": "a",
        "f": "a -> t0 -> p(t0)",
        "g": "(a -> p(a)) -> p(b) -> c",
        "h": "((d -> a) -> b) -> c",
        "u": "d",
        "k": "a -> a -> b",
    }.items()
}
FINITE_REQUEST = parse_type("a -> c")

log_weights = st.floats(-3, 3)


@st.composite
def finite_grammars(draw: st.DrawFn, *, contextual: bool) -> Grammar:
    """Random weights for the finite language."""

    def weights() -> Weights:
        return Weights(tuple(draw(log_weights) for _ in FINITE_TYPES), draw(log_weights))

    unigram = weights()
    productions = tuple(
        Production(name, kind, log_weight)
        for (name, kind), log_weight in zip(FINITE_TYPES.items(), unigram.log_weights, strict=True)
    )
    by_context = None
    if contextual:
        by_name = {name: tuple(weights() for _ in arguments_of(kind)) for name, kind in FINITE_TYPES.items()}
        by_context = ContextualWeights(weights(), weights(), by_name)
    return Grammar(productions, unigram.log_variable, by_context)


@settings(max_examples=15)
@given(st.one_of(finite_grammars(contextual=False), finite_grammars(contextual=True)))
def test_probabilities_of_all_programs_sum_to_one(grammar: Grammar) -> None:
    programs = list(Enumeration(grammar, math.inf).programs(FINITE_REQUEST))
    assert len({term for term, _ in programs}) == len(programs) > 100
    for term, cost in programs:
        assert math.isclose(grammar.log_prior(term, FINITE_REQUEST), -cost, abs_tol=1e-9)
        infer(term, FINITE_TYPES, FINITE_REQUEST)
    assert math.isclose(math.fsum(math.exp(-cost) for _, cost in programs), 1, abs_tol=1e-9)


@pytest.mark.parametrize(("bound", "count"), [(12, 250), (15, 1872)])
def test_published_counts_of_list_programs(bound: float, count: int) -> None:
    # No type has fewer than nine candidates, so no hole costs less than log 9.
    found = list(Enumeration(UNIFORM, bound, least=2.19, redundant=REDUNDANT).programs(LISTS))
    assert len({term for term, _ in found}) == len(found) == count
    for term, cost in found:
        assert math.isclose(UNIFORM.log_prior(term, LISTS), -cost, abs_tol=1e-9)
        assert beta_normal(term) is term
        assert eta_long(term, LISTS, LIST_TYPES) is term


def test_probability_by_hand() -> None:
    # list(int): map unfold range index fold if empty cons car cdr and $0; then any list type: the same without range.
    assert math.isclose(UNIFORM.log_prior(parse_term("(lambda $0)"), LISTS), -math.log(11))
    assert math.isclose(UNIFORM.log_prior(parse_term("(lambda (cdr $0))"), LISTS), -2 * math.log(11))


@pytest.mark.parametrize(
    "program",
    [
        "(lambda (map (+ 1) $0))",  # not η-long
        "map",
        "(lambda ((lambda $0) $0))",  # not β-normal
        "(lambda (cons $0 $0))",  # ill typed
        "(lambda (cons 7 $0))",  # a literal that is no production
        "(lambda (frob $0))",
        "(lambda $1)",
        "(lambda (#(lambda $0) $0))",
        "(lambda (car (cons (lambda $0) empty) $0))",  # a function argument where none is proposed
    ],
)
def test_what_a_grammar_cannot_produce(program: str) -> None:
    assert UNIFORM.log_prior(parse_term(program), LISTS) == -math.inf


def test_production_without_weight_is_never_proposed() -> None:
    silent = Grammar((*UNIFORM.productions, Production("tail", parse_type("list(t0) -> list(t0)"), -math.inf)))
    assert silent.log_prior(parse_term("(lambda (tail $0))"), LISTS) == -math.inf
    cdr = parse_term("(lambda (cdr $0))")
    assert silent.log_prior(cdr, LISTS) == UNIFORM.log_prior(cdr, LISTS)


def test_continuation_allows_only_the_innermost_variable() -> None:
    types = {"go": parse_type("s -> s"), "twice": parse_type("(s -> s) -> s -> s")}
    request = parse_type("s -> s")
    inner, outer = parse_term("(lambda (twice (lambda $0) $0))"), parse_term("(lambda (twice (lambda $1) $0))")
    free = Grammar.uniform(types)
    bound = Grammar.uniform(types, continuation=parse_type("s"))
    assert math.isclose(free.log_prior(inner, request), free.log_prior(outer, request))
    assert bound.log_prior(outer, request) == -math.inf
    # Two productions and two variables share 1/3 at the inner hole; with the rule one variable has it alone.
    assert math.isclose(bound.log_prior(inner, request), free.log_prior(inner, request) + math.log(2))


# --- refitting ------------------------------------------------------------------------------------------------------


def test_refit_by_hand() -> None:
    grammar = Grammar.uniform({"x": parse_type("a"), "y": parse_type("a"), "f": parse_type("a -> a")})
    request = parse_type("a -> a")
    frontier = (request, [(parse_term("(lambda (f (f x)))"), 0.0)])
    refitted = inside_outside(grammar, [frontier], pseudocounts=1.0)
    # Three holes, everything possible at each: x is used once, y never, f twice, the variable never.
    expected = {"x": math.log(2 / 4), "y": math.log(1 / 4), "f": math.log(3 / 4)}
    assert {each.name: each.log_weight for each in refitted.productions} == pytest.approx(expected)
    assert refitted.log_variable == pytest.approx(math.log(1 / 4))
    by_context = inside_outside(grammar, [frontier], pseudocounts=1.0, contextual=True).contextual
    assert by_context is not None
    assert by_context.start.log_weights == pytest.approx((math.log(1 / 2), math.log(1 / 2), math.log(2 / 2)))
    assert by_context.productions["f"][0].log_weights == pytest.approx(
        (math.log(2 / 3), math.log(1 / 3), math.log(2 / 3))
    )
    assert by_context.variable == Weights((0.0, 0.0, 0.0), 0.0)


def test_a_bigram_backs_off_to_the_unigram_by_hand() -> None:
    grammar = Grammar.uniform({"x": parse_type("a"), "y": parse_type("a"), "f": parse_type("a -> a")})
    frontier = (parse_type("a -> a"), [(parse_term("(lambda (f (f x)))"), 0.0)])
    refitted = bigram(grammar, [frontier], pseudocounts=1.0, backoff=2.0)
    unigram = inside_outside(grammar, [frontier], pseudocounts=1.0)
    assert refitted.unigram_weights == unigram.unigram_weights
    assert refitted.contextual is not None
    # The shares are 1/2, 1/4 and 3/4 and 1/4 of the variable; each context has them as if of two holes more.
    start, argument = refitted.contextual.start, refitted.contextual.productions["f"][0]
    assert start.log_weights == pytest.approx((math.log(1 / 3), math.log(0.5 / 3), math.log(2.5 / 3)))
    assert start.log_variable == pytest.approx(math.log(0.5 / 3))
    assert argument.log_weights == pytest.approx((math.log(2 / 4), math.log(0.5 / 4), math.log(2.5 / 4)))
    assert argument.log_variable == pytest.approx(math.log(0.5 / 4))
    # Nothing was seen under a variable.
    assert refitted.contextual.variable.log_weights == pytest.approx(unigram.unigram_weights.log_weights)


def test_refit_weighs_a_frontier_by_its_posterior() -> None:
    grammar = Grammar.uniform({"x": parse_type("a"), "y": parse_type("a")})
    terms = [(parse_term("x"), 0.0), (parse_term("y"), -math.log(3)), (parse_term("(x y)"), 0.0)]
    refitted = inside_outside(grammar, [(parse_type("a"), terms)], pseudocounts=0.0)
    assert [each.log_weight for each in refitted.productions] == pytest.approx([math.log(3 / 4), math.log(1 / 4)])
    assert inside_outside(grammar, [], pseudocounts=0.0) == grammar
    assert inside_outside(grammar, [(parse_type("a"), [])], pseudocounts=30.0).productions[0].log_weight == 0.0


# Each type's candidates are possible at just the same holes, so the estimate is that of maximum likelihood.
SIMPLE_TYPES = {"0": "n", "s": "n -> n", "+": "n -> n -> n", "z": "n -> b", "!": "b -> b", "if": "b -> n -> n -> n"}
SIMPLE = Grammar.uniform({name: parse_type(text) for name, text in SIMPLE_TYPES.items()})


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8), st.booleans())
def test_refit_makes_what_was_found_more_probable(machine: LambdaMachine, seeds: list[int], contextual: bool) -> None:
    request, library = parse_type("n -> b"), library_of(SIMPLE, "numbers").to_json()
    drawn = [machine.sample(library, "n -> b", seed=seed, count=1, max_depth=6)[0] for seed in seeds]
    terms = [parse_term(each["program"]) for each in drawn]
    refitted = inside_outside(SIMPLE, [(request, [(term, 0.0)]) for term in terms], 1e-6, contextual=contextual)
    before = sum(SIMPLE.log_prior(term, request) for term in terms)
    after = sum(refitted.log_prior(term, request) for term in terms)
    assert after >= before - 1e-4
    again = inside_outside(refitted, [(request, [(term, 0.0)]) for term in terms], 1e-6, contextual=contextual)
    assert sum(again.log_prior(term, request) for term in terms) == pytest.approx(after, abs=1e-3)


# --- records --------------------------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(st.one_of(finite_grammars(contextual=False), finite_grammars(contextual=True)))
def test_library_records_keep_a_grammar(grammar: Grammar) -> None:
    assert grammar_of(Library.from_json(library_of(grammar, "finite").to_json())) == grammar


def test_library_records_keep_definitions_documentation_and_what_nobody_knows() -> None:
    data = {
        "type": "library",
        "domain": "list",
        "productions": [
            {"name": "+", "type": "int -> int -> int", "log_weight": None, "since": 3},
            {
                "name": "inc",
                "type": "int -> int",
                "log_weight": -0.5,
                "definition": "(lambda (+ $0 1))",
                "documentation": {"name": "increment", "summary": "adds one", "examples": ["(inc 1)"]},
            },
        ],
        "log_variable": 0.25,
        "continuation": "turtle",
        "note": "kept",
    }
    library = Library.from_json(data)
    grammar = grammar_of(library)
    assert grammar.definitions == {"inc": parse_term("(lambda (+ $0 1))")}
    assert grammar.productions[0].log_weight == -math.inf
    assert library_of(grammar, "list", library).to_json() == data


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"productions": [{"name": "x", "type": "list(", "log_weight": 0}]}, "production x: not a type"),
        ({"productions": [{"name": "x", "type": "a", "log_weight": 0}] * 2}, "same name: x"),
        ({"continuation": "->"}, "not a type"),
        (
            {
                "productions": [{"name": "f", "type": "a -> a", "log_weight": 0}],
                "contextual": {
                    "start": {"log_weights": [0], "log_variable": 0},
                    "variable": {"log_weights": [0], "log_variable": 0},
                    "productions": {},
                },
            },
            "contextual weights of f are for 0 arguments, but it has 1",
        ),
    ],
)
def test_bad_libraries_are_refused(change: dict[str, object], message: str) -> None:
    library = Library.from_json({"type": "library", "domain": "d", "productions": [], "log_variable": 0, **change})
    with pytest.raises(InputError, match=message):
        grammar_of(library)
