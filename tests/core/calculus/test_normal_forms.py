"""Normal forms and the writing of abstractions: laws that hold for every term."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psynth.core.calculus.inference import infer
from psynth.core.calculus.normal_forms import (
    CyclicDefinition,
    NormalizationLimit,
    beta_normal,
    eta_long,
    eta_normal,
    expand,
    inline_names,
    name_inlined,
    rename,
)
from psynth.core.calculus.substitution import contract
from psynth.core.calculus.terms import Application, Lambda, Term, distinct_subterms, fold, parse_term, rebuild
from psynth.core.calculus.types import Type, parse_type
from tests.core.calculus.strategies import LIST_TYPES, requests_and_terms, terms

# Each may use those before it; ``twice`` is polymorphic, ``inc`` η-short, and the last two are equal.
DEFINITIONS = {
    "inc": parse_term("(+ 1)"),
    "twice": parse_term("(lambda (lambda ($1 ($1 $0))))"),
    "inc2": parse_term("(twice inc)"),
    "map-inc2": parse_term("(lambda (map inc2 $0))"),
    "also-map-inc2": parse_term("(lambda (map inc2 $0))"),
}
ALL_TYPES = dict(LIST_TYPES)
for _name, _definition in DEFINITIONS.items():
    ALL_TYPES[_name] = infer(_definition, ALL_TYPES)


@given(requests_and_terms())
def test_beta_normal_forms_are_normal_and_keep_the_type(case: tuple[Type, Term]) -> None:
    request, term = case
    normal = beta_normal(term)
    redexes = [
        node
        for node in distinct_subterms(normal)
        if isinstance(node, Application) and isinstance(node.function, Lambda)
    ]
    assert not redexes
    assert normal.is_normal
    assert beta_normal(normal) is normal
    assert infer(normal, LIST_TYPES, request) is request


@given(requests_and_terms())
def test_reduction_at_any_place_ends_in_the_same_normal_form(case: tuple[Type, Term]) -> None:
    _, term = case
    inner_first = parse_term(str(term))
    while True:
        redexes = [
            node
            for node in distinct_subterms(inner_first)
            if isinstance(node, Application) and isinstance(node.function, Lambda)
        ]
        if not redexes:
            break
        inner_first = _reduce_everywhere(inner_first, redexes[-1])
    assert beta_normal(term) is inner_first


def _reduce_everywhere(term: Term, redex: Application) -> Term:
    assert isinstance(redex.function, Lambda)
    reduced = contract(redex.function.body, redex.argument)
    return fold(term, lambda node, parts: reduced if node is redex else rebuild(node, parts))


def test_normal_order_and_limits() -> None:
    omega = "((lambda ($0 $0)) (lambda ($0 $0)))"
    assert beta_normal(parse_term(f"((lambda (lambda $1)) 1 {omega})")) is parse_term("1")
    with pytest.raises(NormalizationLimit, match="β-steps"):
        beta_normal(parse_term(omega), limit=1000)
    with pytest.raises(NormalizationLimit, match="nodes"):
        beta_normal(parse_term("((lambda ($0 $0 $0)) (lambda ($0 $0 $0)))"), size_limit=1000)
    doubling = "x"
    for _ in range(200):
        doubling = f"((lambda (f $0 $0)) {doubling})"
    with pytest.raises(NormalizationLimit, match="nodes"):
        beta_normal(parse_term(doubling))
    deep = parse_term("((lambda (f $0)) " * 50_000 + "x" + ")" * 50_000)
    assert beta_normal(deep) is parse_term("(f " * 50_000 + "x" + ")" * 50_000)


@given(requests_and_terms())
def test_eta_long_is_idempotent_and_keeps_type_and_meaning(case: tuple[Type, Term]) -> None:
    request, term = case
    for start in (term, beta_normal(term)):
        long = eta_long(start, request, LIST_TYPES)
        assert infer(long, LIST_TYPES, request) is request
        assert eta_long(long, request, LIST_TYPES) is long
    assert beta_normal(long) is long, "no redex is added to a normal form"
    assert eta_normal(long) is eta_normal(beta_normal(term)), "and the two forms agree"
    assert eta_normal(eta_normal(long)) is eta_normal(long)


@pytest.mark.parametrize(
    ("program", "request_type", "long"),
    [
        ("map", "(int -> int) -> list(int) -> list(int)", "(lambda (lambda (map (lambda ($2 $0)) $0)))"),
        ("(lambda (map (+ 1) $0))", "list(int) -> list(int)", "(lambda (map (lambda (+ 1 $0)) $0))"),
        ("(lambda (fold $0 0 +))", "list(int) -> int", "(lambda (fold $0 0 (lambda (lambda (+ $1 $0)))))"),
        ("(lambda $0)", "t0 -> t0", "(lambda $0)"),
        ("(car (cons (+ 1) empty))", "int -> int", "(lambda (car (cons (lambda (+ 1 $0)) empty) $0))"),
    ],
)
def test_eta_long_examples(program: str, request_type: str, long: str) -> None:
    assert str(eta_long(parse_term(program), parse_type(request_type), LIST_TYPES)) == long


names_of_definitions = st.sampled_from(sorted(DEFINITIONS))


@given(terms, names_of_definitions, names_of_definitions)
def test_naming_what_was_inlined_gives_the_term_back(term: Term, one: str, other: str) -> None:
    used = rename(term, {"a": one, "b": other, "+": "inc"})
    used = parse_term(f"(f {used} {one} {other})")
    inlined = inline_names(used, DEFINITIONS)
    assert not any(name in str(inlined).replace("(", " ").replace(")", " ").split() for name in DEFINITIONS)
    # Of two equal definitions the first gives the name; a term may also bring inlined definitions along.
    first = rename(used, {"also-map-inc2": "map-inc2"})
    assert name_inlined(inlined, DEFINITIONS) is name_inlined(first, DEFINITIONS)
    assert expand(inlined, DEFINITIONS) is expand(used, DEFINITIONS)
    assert inline_names(name_inlined(inlined, DEFINITIONS), DEFINITIONS) is inlined


def test_expansion_goes_all_the_way() -> None:
    program = parse_term("(lambda (map-inc2 (cons (inc2 0) $0)))")
    assert infer(program, ALL_TYPES) is infer(expand(program, DEFINITIONS), LIST_TYPES)
    assert str(inline_names(parse_term("(inc2 0)"), DEFINITIONS)) == ("(#(#(lambda (lambda ($1 ($1 $0)))) #(+ 1)) 0)")
    normal = beta_normal(expand(program, DEFINITIONS))
    assert str(normal) == "(lambda (map (lambda (+ 1 (+ 1 $0))) (cons (+ 1 (+ 1 0)) $0)))"
    unknown = parse_term("(#(lambda (f $0)) #(+ 1))")
    assert str(name_inlined(unknown, DEFINITIONS)) == "(#(lambda (f $0)) inc)"


def test_circular_definitions_are_refused() -> None:
    with pytest.raises(CyclicDefinition, match="f uses f"):
        expand(parse_term("1"), {"f": parse_term("(g 1)"), "g": parse_term("(lambda (f $0))")})
