"""The shortcut for many programs gives what the interpreter gives, whatever has been shared before, or nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psynth.core.calculus.interpreter import Interpreter, Outcome, Primitive
from psynth.core.calculus.sharing import Place, Sharing
from psynth.core.calculus.terms import Term, parse_term
from psynth.core.calculus.types import Type, arguments_of, parse_type
from tests.core.calculus.list_primitives import PRIMITIVES
from tests.core.calculus.strategies import LIST_TYPES, requests_and_terms

DEFINITIONS = {"inc": parse_term("(+ 1)"), "twice": parse_term("(lambda (lambda ($1 ($1 $0))))")}
TYPES = LIST_TYPES | {"inc": parse_type("int -> int"), "twice": parse_type("(t0 -> t0) -> t0 -> t0")}
INPUTS: dict[str, list[Any]] = {
    "int": [0, 3],
    "bool": [True, False],
    "list(int)": [[], [2, 0, 5]],
    "list(list(int))": [[], [[1], []]],
}
BUDGETS = [(100_000, 100_000), (12, 100_000), (100_000, 6), (7, 7)]
INTERPRETER = Interpreter(PRIMITIVES, DEFINITIONS)
# Kept from example to example, so that most subterms have run before.
PLACES: dict[Any, Place] = {}
KEPT = {(fuel, size): Sharing(INTERPRETER, TYPES, None, fuel=fuel, size=size) for fuel, size in BUDGETS}


def as_it_is(outcome: Outcome) -> Outcome:
    """The view that shows all."""
    return outcome


@settings(max_examples=200)
@given(case=requests_and_terms(), choice=st.integers(0, 7), budget=st.sampled_from(BUDGETS), rewrite=st.booleans())
def test_a_shortcut_changes_nothing(
    case: tuple[Type, Term], choice: int, budget: tuple[int, int], rewrite: bool
) -> None:
    request, term = case
    kinds = [str(kind) for kind in arguments_of(request)]
    if not all(kind in INPUTS for kind in kinds):
        return  # functions are no inputs
    if rewrite and not kinds and str(request) == "int":
        term = parse_term(f"(twice inc {term})")
    inputs = [INPUTS[kind][choice // 2 ** (number % 3) % 2] for number, kind in enumerate(kinds)]
    sharing = KEPT[budget]
    body = sharing.read(str(term), request)
    if body is None:
        return
    place = PLACES.setdefault((budget, str(inputs), str(kinds)), sharing.place(inputs, as_it_is))
    outcome = sharing.run(body, place)
    if outcome is not None:
        assert outcome == INTERPRETER.compile(term).run(inputs, fuel=budget[0], size=budget[1])


def test_shortcuts_are_taken() -> None:
    sharing = Sharing(INTERPRETER, TYPES, None, fuel=100, size=100)
    for program, request in [
        ("(lambda (cons (+ 1 (car $0)) (cdr $0)))", "list(int) -> list(int)"),
        ("(lambda (map (lambda (+ $0 1)) $0))", "list(int) -> list(int)"),
        ("(lambda (if (empty? $0) 0 (car $0)))", "list(int) -> int"),
        ("(lambda (twice inc (length $0)))", "list(int) -> int"),
    ]:
        body = sharing.read(program, parse_type(request))
        assert body is not None, program
        outcome = sharing.run(body, sharing.place([[4, 5]], as_it_is))
        assert outcome == INTERPRETER.compile(parse_term(program)).run([[4, 5]], fuel=100, size=100)
        assert outcome is not None
        assert outcome.status == "ok"


@pytest.mark.parametrize(
    "program",
    [
        "(lambda (cons 1 (cons 2 (cdr (cdr $0)))))",
        "(lambda (map (lambda (+ $0 (length (cons 1 $1)))) (cons 3 $0)))",
        "(lambda (map (lambda (+ $0 (car (cdr (cdr $1))))) $0))",
        "(lambda (if (empty? $0) $0 (cons (car $0) (cdr $0))))",
        "(lambda (twice (lambda (cons 1 $0)) $0))",
    ],
)
def test_no_budget_is_overlooked(program: str) -> None:
    request = parse_type("list(int) -> list(int)")
    compiled = INTERPRETER.compile(parse_term(program))
    enough = 0
    for number in range(60):
        fuel, size = (number, 100) if number < 30 else (100, number - 30)
        sharing = Sharing(INTERPRETER, TYPES, None, fuel=fuel, size=size)
        body = sharing.read(program, request)
        assert body is not None
        outcome = sharing.run(body, sharing.place([[4, 5]], as_it_is))
        assert outcome in (None, compiled.run([[4, 5]], fuel=fuel, size=size))
        enough += outcome is not None
    assert enough > 20


def test_a_program_like_the_last_one_is_read_to_its_end() -> None:
    sharing = Sharing(INTERPRETER, TYPES, None, fuel=100, size=100)
    request = parse_type("list(int) -> int")
    for program in ["(lambda (car (cdr $0)))", "(lambda (car $0))"]:
        assert sharing.read(program, request) is not None
    for program in ["(lambda (car $0)]", "(lambda (car (cdr $0)) )", "(lambda (car 1))", "(lambda (car (lambda $0)))"]:
        assert sharing.read(program, request) is None, program


def test_ill_typed_and_unreadable_programs_have_no_shortcut() -> None:
    sharing = Sharing(INTERPRETER, TYPES, None, fuel=100, size=100)
    request = parse_type("list(int) -> int")
    for program in [
        "(lambda (car (car $0)))",
        "(lambda $0)",
        "(lambda $1)",
        "(lambda (car $0)",
        "(lambda)",
        "(lambda (frob $0))",
        "(lambda (+ $0 1))",
        "(lambda #(length $0))",
        "(lambda (length $0)) 1",
        "(lambda (if (empty? $0) 0 (map (lambda $0) $0)))",
    ]:
        assert sharing.read(program, request) is None, program


def test_a_changed_value_is_noticed_and_forgotten() -> None:
    def push(items: list[int]) -> list[int]:
        items.append(1)
        return [*items]

    kind = parse_type("list(int) -> list(int)")
    interpreter = Interpreter([*PRIMITIVES, Primitive.typed("push", kind, push)])
    sharing = Sharing(interpreter, TYPES | {"push": kind}, None, fuel=100, size=100)
    body = sharing.read("(lambda (push (cdr $0)))", kind)
    assert body is not None
    generation = sharing.generation
    assert sharing.run(body, sharing.place([[1, 2]], as_it_is)) is None
    assert sharing.generation == generation + 1


def grown(function: Callable[[list[int]], list[int]]) -> list[int]:
    """Both values of a function at a list that grows in between, as only who made it may do."""
    items = [1]
    first = [*function(items)]
    items.append(2)
    return [*first, *function(items)]


ITEMS = {"list": [b"a"], "mutable": [bytearray(b"a")], "set": [{0, 8}], "other-set": [{8, 0}]}
MORE = [
    Primitive.typed("grown", parse_type("(list(int) -> list(int)) -> list(int)"), grown),
    Primitive.typed("kind", parse_type("thing -> str"), lambda items: f"{type(items[0]).__name__} {[*items[0]]}"),
    *(Primitive.typed(name, parse_type("int -> thing"), lambda _, items=items: items) for name, items in ITEMS.items()),
]
MORE_TYPES = TYPES | {
    "grown": parse_type("(list(int) -> list(int)) -> list(int)"),
    "kind": parse_type("thing -> str"),
    **dict.fromkeys(ITEMS, parse_type("int -> thing")),
}


@pytest.mark.parametrize(
    ("kind", "programs"),
    [
        (
            "list(int) -> list(int)",
            ["(lambda (cdr (cdr $0)))", "(lambda (grown (lambda (cdr $0))))", "(lambda (cons 1 empty))"],
        ),
        ("int -> str", [f"(lambda (kind ({name} $0)))" for name in ITEMS]),
    ],
)
def test_only_equal_values_count_as_equal(kind: str, programs: list[str]) -> None:
    interpreter = Interpreter([*PRIMITIVES, *MORE])
    sharing = Sharing(interpreter, MORE_TYPES, None, fuel=100, size=100)
    inputs: list[Any] = [0] if kind.startswith("int") else [[1, 2, 3]]
    place = sharing.place(inputs, as_it_is)
    for program in programs * 2:
        body = sharing.read(program, parse_type(kind))
        assert body is not None
        assert sharing.run(body, place) == interpreter.compile(parse_term(program)).run(inputs, fuel=100, size=100)


def test_equal_calls_are_made_once() -> None:
    calls = []

    def counted(items: list[int]) -> list[int]:
        calls.append(items)
        return [*items, 1]

    kind = parse_type("list(int) -> list(int)")
    sharing = Sharing(
        Interpreter([*PRIMITIVES, Primitive.typed("counted", kind, counted)]),
        TYPES | {"counted": kind},
        None,
        fuel=100,
        size=100,
    )
    place = sharing.place([[5, 6]], as_it_is)
    for program in [
        "(counted (cdr $0))",
        "(counted (cons 6 empty))",
        "(cdr (counted (cdr $0)))",
    ]:
        body = sharing.read(f"(lambda {program})", kind)
        assert body is not None
        assert sharing.run(body, place) is not None
    assert calls == [[6]]
