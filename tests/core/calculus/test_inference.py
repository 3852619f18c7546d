"""Type inference: principal types, literals, and errors that say which part is wrong and why."""

import pytest
from hypothesis import given

from psynth.core.calculus.inference import IllTyped, infer
from psynth.core.calculus.terms import Term, parse_term
from psynth.core.calculus.types import Type, TypeConstructor, parse_type
from tests.core.calculus.strategies import LIST_TYPES, requests_and_terms


@given(requests_and_terms())
def test_generated_terms_have_their_type(case: tuple[Type, Term]) -> None:
    request, term = case
    assert infer(term, LIST_TYPES, request) is request
    principal = infer(term, LIST_TYPES)
    assert infer(term, LIST_TYPES, principal) is principal


@pytest.mark.parametrize(
    ("program", "kind"),
    [
        ("(lambda (map (+ 1) $0))", "list(int) -> list(int)"),
        ("(lambda (lambda ($0 $1)))", "t0 -> (t0 -> t1) -> t1"),
        ("(lambda (lambda (lambda ($2 $0 ($1 $0)))))", "(t0 -> t1 -> t2) -> (t0 -> t1) -> t0 -> t2"),
        ("(#(lambda (cons $0)) (#(lambda (car $0)) empty))", "list(t0) -> list(t0)"),
        ("(lambda (#(lambda $0) (cons (#(lambda $0) -17) $0)))", "list(int) -> list(int)"),
        ("(cons (lambda $0) (cons (+ 1) empty))", "list(int -> int)"),
    ],
)
def test_principal_types(program: str, kind: str) -> None:
    assert str(infer(parse_term(program), LIST_TYPES)) == kind


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("(lambda (map 1 $0))", "argument 1 of map in (map 1): 1 has type int, but t0 -> t1 is needed"),
        ("(+ 1 2 3)", "(+ 1 2) has type int, which is not a function to apply to 3"),
        ("(lambda ($0 $0))", "$0 would have an infinite type"),
        ("(lambda $1)", "variable $0 of (lambda $1) is bound by no lambda"),
        ("(frob 1)", "frob is neither a known name nor a literal"),
        ("(lambda #(+ $0))", "#(+ $0) is inlined but not closed"),
        ("(cons 1 (cons empty empty))", "int is not list(t0)"),
    ],
)
def test_errors_name_the_part(program: str, message: str) -> None:
    with pytest.raises(IllTyped) as caught:
        infer(parse_term(program), LIST_TYPES)
    assert message in str(caught.value)


def test_request() -> None:
    identity = parse_term("(lambda $0)")
    assert str(infer(identity, {}, parse_type("list(t5) -> t6"))) == "list(t0) -> list(t0)"
    with pytest.raises(IllTyped, match="but int -> bool is requested"):
        infer(identity, {}, parse_type("int -> bool"))


def test_literals() -> None:
    def color(text: str) -> Type | None:
        return TypeConstructor("color") if text.startswith("#") else None

    assert str(infer(parse_term("(lambda (cons #ff0000 $0))"), LIST_TYPES, literal_type=color)) == (
        "list(color) -> list(color)"
    )
    assert str(infer(parse_term("7"), LIST_TYPES, literal_type=color)) == "int"
    assert str(infer(parse_term("7"), {"7": parse_type("digit")})) == "digit", "a name comes before a literal"


def test_depth_and_explosion() -> None:
    deep = parse_term("(cons 1 " * 50_000 + "empty" + ")" * 50_000)
    assert str(infer(deep, LIST_TYPES)) == "list(int)"
    pair = {"pair": parse_type("t0 -> t1 -> p(t0, t1)")}
    doubling = "$0"
    for _ in range(60):
        doubling = f"((lambda (pair $0 $0)) {doubling})"
    with pytest.raises(IllTyped, match="has over 1000000 nodes"):
        infer(parse_term(f"(lambda {doubling})"), pair)
