"""Types: text, interning, canonical variables and most general unification."""

import copy
import pickle

import pytest
from hypothesis import given

from psynth.core.calculus.types import (
    Type,
    TypeConstructor,
    TypeSyntaxError,
    TypeVariable,
    arguments_of,
    arrow,
    canonical,
    parse_type,
    return_of,
)
from psynth.core.calculus.unification import UnificationError, Unifier
from tests.core.calculus.strategies import INT, list_of, types


@given(types)
def test_text_reads_back_as_the_same_object(kind: Type) -> None:
    assert parse_type(str(kind)) is kind
    assert parse_type(str(kind).replace(" ", "")) is kind
    assert pickle.loads(pickle.dumps(kind)) is kind
    assert copy.deepcopy(kind) is kind


def test_text_is_as_documented() -> None:
    assert str(parse_type("((t0->t1)) -> list( t0 ) ->pair(t1,int)")) == "(t0 -> t1) -> list(t0) -> pair(t1, int)"
    assert arguments_of(parse_type("a -> b -> c")) == [TypeConstructor("a"), TypeConstructor("b")]
    assert return_of(parse_type("a -> b -> c")) is TypeConstructor("c")


@pytest.mark.parametrize(
    ("text", "position"),
    [("", 0), ("int int", 4), ("(int", 0), ("int)", 3), ("list()", 5), ("-> int", 0), ("int ->", 6), ("f(a,)", 4)],
)
def test_bad_text_names_the_position(text: str, position: int) -> None:
    with pytest.raises(TypeSyntaxError) as caught:
        parse_type(text)
    assert caught.value.position == position
    assert f"at character {position} " in str(caught.value)


@given(types)
def test_canonical_types_are_numbered_in_order_of_appearance(kind: Type) -> None:
    once = canonical(kind)
    assert canonical(once) is once
    numbers = [int(token[1:]) for token in _tokens(str(once)) if token[0] == "t" and token[1:].isdigit()]
    assert list(dict.fromkeys(numbers)) == list(range(once.bound))
    renamed = Unifier(7).instantiate(kind)
    assert canonical(renamed) is once


@given(types, types)
def test_unification_is_most_general_and_idempotent(left: Type, right: Type) -> None:
    unifier = Unifier(first=10)
    if unifier.try_unify(left, right):
        both = unifier.apply(left)
        assert unifier.apply(right) is both
        assert unifier.apply(both) is both
        # Most general: any other type that both sides match is an instance of what they share.
        for ground in (INT, list_of(INT), arrow(INT, INT)):
            other = Unifier(first=10)
            other.unify(left, right)
            for index in range(5):
                other.try_unify(TypeVariable(index), ground)
            instance = other.apply(left)
            matcher = Unifier(first=20)
            copied = matcher.instantiate(both)
            matcher.unify(copied, instance)
            assert matcher.apply(copied) is instance
    else:
        assert unifier.apply(left) is left, "a failure leaves no trace"
        assert unifier.apply(right) is right
        with pytest.raises(UnificationError):
            unifier.unify(right, left)


def test_errors_of_unification_name_the_clash() -> None:
    unifier = Unifier()
    with pytest.raises(UnificationError, match=r"list\(int\) is not list\(bool\): int is not bool"):
        unifier.unify(parse_type("list(int)"), parse_type("list(bool)"))
    with pytest.raises(UnificationError, match=r"t0 would have to contain itself"):
        unifier.unify(parse_type("t0"), parse_type("list(t0)"))


def test_undo_takes_back_what_was_unified() -> None:
    unifier = Unifier()
    unifier.unify(TypeVariable(0), INT)
    mark = unifier.mark()
    unifier.unify(TypeVariable(1), list_of(TypeVariable(0)))
    unifier.undo(mark)
    assert unifier.apply(arrow(TypeVariable(0), TypeVariable(1))) is arrow(INT, TypeVariable(1))


def test_depth_and_sharing_are_no_problem() -> None:
    deep = "list(" * 100_000 + "t3" + ")" * 100_000
    kind = parse_type(deep)
    assert str(canonical(kind)) == deep.replace("t3", "t0")
    unifier = Unifier(first=5)
    unifier.unify(kind, parse_type(deep.replace("t3", "int")))
    assert unifier.apply(TypeVariable(3)) is INT
    # pair(x, x) nested 200 times has 2^200 leaves and 200 distinct parts.
    left: Type = TypeVariable(0)
    right: Type = TypeVariable(1)
    for _ in range(200):
        left, right = TypeConstructor("pair", (left, left)), TypeConstructor("pair", (right, right))
    sharing = Unifier(first=2)
    sharing.unify(left, right)
    assert sharing.apply(left) is sharing.apply(right)


def _tokens(text: str) -> list[str]:
    for mark in "(),":
        text = text.replace(mark, " ")
    return text.replace("->", " ").split()
