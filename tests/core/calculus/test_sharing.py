"""The shortcut for many programs gives what the interpreter gives, whatever has been shared before, or nothing."""

from typing import Any

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


@settings(max_examples=400)
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
