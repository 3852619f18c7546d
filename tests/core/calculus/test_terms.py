"""Terms: text, interning, variables, and that neither depth nor size hurts."""

import pickle
import time
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psynth.core.calculus.substitution import contract, free_variables, shift, substitute
from psynth.core.calculus.terms import (
    Application,
    Inlined,
    Lambda,
    Name,
    Term,
    TermSyntaxError,
    Variable,
    apply_to,
    fold,
    names_in,
    parse_term,
    spine,
)
from tests.core.calculus.strategies import terms


@given(terms)
def test_text_reads_back_as_the_same_object(term: Term) -> None:
    assert parse_term(str(term)) is term
    assert pickle.loads(pickle.dumps(term)) is term


def test_text_is_as_documented() -> None:
    assert str(parse_term(" (lam\n(map (+ 1)\t$0)) ")) == "(lambda (map (+ 1) $0))"
    assert parse_term("((f a) b)") is apply_to(Name("f"), Name("a"), Name("b"))
    assert parse_term("#(lambda $0)") is Inlined(Lambda(Variable(0)))
    assert parse_term("f a b", bare_application=True) is parse_term("(f a b)")
    assert parse_term("(f #0 # ü→)") is apply_to(Name("f"), Name("#0"), Name("#"), Name("ü→"))


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("f a", 2),
        ("(f a", 4),
        ("(f a))", 5),
        ("(f ())", 4),
        ("(lambda)", 7),
        ("(lambda f a)", 11),
        ("(f lambda)", 3),
        ("lambda", 0),
        ("(f $x)", 3),
        ("(f $-1)", 3),
    ],
)
def test_bad_text_names_the_position(text: str, position: int) -> None:
    with pytest.raises(TermSyntaxError) as caught:
        parse_term(text)
    assert caught.value.position == position
    assert f"at character {position}," in str(caught.value)


@pytest.mark.parametrize("name", ["", "a b", "(", "#(", "$0", "lambda", "lam", "a)"])
def test_no_name_that_would_not_read_back(name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        Name(name)


@given(terms, terms, st.integers(0, 2), st.integers(0, 3))
def test_variables(term: Term, other: Term, index: int, by: int) -> None:
    assert free_variables(shift(term, by)) == {free + by for free in free_variables(term)}
    assert term.free == max(free_variables(term), default=-1) + 1
    assert substitute(term, index, Variable(index)) is term
    # Shifting everything from ``index`` on by one frees ``index``, which contracting then takes out again.
    assert contract(shift(term, 1), other) is term
    replaced = substitute(term, index, other)
    expected = free_variables(term) - {index}
    if index in free_variables(term):
        expected |= free_variables(other)
    assert free_variables(replaced) == expected


@given(terms)
def test_fold_sees_every_node(term: Term) -> None:
    assert fold(term, lambda node, parts: 1 + sum(parts)) == term.size
    head, arguments = spine(term)
    assert not isinstance(head, Application)
    assert apply_to(head, *arguments) is term


def test_terms_that_nobody_holds_are_forgotten() -> None:
    term = parse_term("(only-here (lambda $0))")
    reference = weakref.ref(term)
    del term
    assert reference() is None


@pytest.mark.parametrize(
    "text",
    [
        "(lambda " * 100_000 + "$99999" + ")" * 100_000,
        "(f a " * 100_000 + "x" + ")" * 100_000,
        "(" * 100_000 + "f" + " x)" * 100_000,
        "#(f " * 100_000 + "x" + ")" * 100_000,
    ],
    ids=["lambdas", "arguments", "functions", "inlined"],
)
def test_depth_is_no_problem(text: str) -> None:
    start = time.perf_counter()
    term = parse_term(text)
    # Flattening a spine changes the text, not the term.
    assert parse_term(str(term)) is term
    assert names_in(term) <= {"f", "a", "x"}
    assert shift(term, 1) is term
    assert substitute(Lambda(Application(term, Variable(1))), 0, term).size == term.size * 2 + 2
    del term
    assert time.perf_counter() - start < 30, "linear time"
