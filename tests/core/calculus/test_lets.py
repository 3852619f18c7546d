"""Shared values survive what reduces terms, and mean the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from psynth.core.calculus.lets import calls_as_lets, expanded_with_lets, free_name, lets_as_calls
from psynth.core.calculus.normal_forms import beta_normal, expand
from psynth.core.calculus.terms import Application, Lambda, Name, Term, Variable, parse_term

LET = Name("let")
TERMS: st.SearchStrategy[Term] = st.recursive(
    st.sampled_from([Variable(0), Variable(1), Name("f"), Name("x"), Name("twice")]),
    lambda inner: st.one_of(inner.map(Lambda), st.tuples(inner, inner).map(lambda pair: Application(*pair))),
    max_leaves=12,
)


@given(TERMS)
def test_calls_and_back(term: Term) -> None:
    called = lets_as_calls(term, LET)
    assert called.is_normal
    assert calls_as_lets(called, LET) is term


def test_only_what_expansion_makes_is_reduced() -> None:
    definitions = {"twice": parse_term("(lambda (lambda ($1 ($1 $0))))")}
    program = parse_term("(lambda ((lambda (twice f $0)) (g $0 $0)))")
    kept = expanded_with_lets(program, definitions)
    assert str(kept) == "(lambda ((lambda (f (f $0))) (g $0 $0)))"
    assert beta_normal(kept) is beta_normal(expand(program, definitions))


def test_calls_that_lost_an_argument_are_functions() -> None:
    for text, wanted in (("(let f)", "f"), ("(map let)", "(map (lambda $0))"), ("(let f x)", "(f x)")):
        assert str(calls_as_lets(parse_term(text), LET)) == wanted


def test_the_name_is_taken_by_nothing_else() -> None:
    assert (free_name([]), free_name(["let"]), free_name(["let", "let_"])) == ("let", "let_", "let__")
