"""The interpreter: what programs give, that rewriting them changes nothing, and that every limit holds."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psynth.core.calculus import interpreter
from psynth.core.calculus.interpreter import CompileError, Interpreter, Primitive
from psynth.core.calculus.normal_forms import beta_normal, eta_long, expand
from psynth.core.calculus.terms import Term, parse_term
from psynth.core.calculus.types import Type, arguments_of
from tests.core.calculus.list_primitives import PRIMITIVES
from tests.core.calculus.strategies import LIST_TYPES, requests_and_terms

DEFINITIONS = {
    "inc": parse_term("(+ 1)"),
    "twice": parse_term("(lambda (lambda ($1 ($1 $0))))"),
    "const": parse_term("(lambda (lambda $1))"),
    "fail": parse_term("(car empty)"),
}
INTERPRETER = Interpreter(PRIMITIVES, DEFINITIONS)


def run(program: str, *inputs: Any, **limits: int) -> tuple[str, Any]:
    outcome = INTERPRETER.compile(parse_term(program)).run(inputs, **limits)
    return outcome.status, outcome.value if outcome.status == "ok" else outcome.message


INPUTS: dict[str, list[Any]] = {
    "int": [0, 3],
    "bool": [True, False],
    "list(int)": [[], [2, 0, 5]],
    "list(list(int))": [[], [[1], []]],
    "int -> int": [lambda number: number + 1],
    "int -> bool": [lambda number: number > 1],
}


@given(requests_and_terms(), st.integers(0, 10))
def test_rewriting_a_program_never_changes_what_it_gives(case: tuple[Type, Term], choice: int) -> None:
    request, term = case
    inputs = [INPUTS[str(kind)][choice % len(INPUTS[str(kind)])] for kind in arguments_of(request)]
    outcome = INTERPRETER.compile(term).run(inputs)
    rewritten = [
        beta_normal(term),
        parse_term(f"((twice (lambda $0)) {term})"),
        parse_term(f"(const {term} fail)"),
        parse_term(f"#({term})"),
    ]
    for other in rewritten:
        again = INTERPRETER.compile(other).run(inputs)
        assert (again.status, again.value, again.message) == (outcome.status, outcome.value, outcome.message)
    assert INTERPRETER.compile(term).run(inputs) == outcome, "runs leave no trace"
    # A function that fails before it has its argument, and is put into a list, fails; its η-long form does not.
    if outcome.status == "ok":
        for form in (term, beta_normal(term)):
            assert INTERPRETER.compile(eta_long(form, request, LIST_TYPES)).run(inputs) == outcome


@pytest.mark.parametrize(
    ("program", "inputs", "value"),
    [
        ("(lambda (map (+ 1) $0))", [[1, 2]], [2, 3]),
        ("(lambda (map (twice inc) $0))", [[1, 2]], [3, 4]),
        ("(lambda (fold $0 0 +))", [[1, 2, 3]], 6),
        ("(fold (range 5) empty cons)", [], [0, 1, 2, 3, 4]),
        ("(index 1 (cons (+ 1) (cons (+ -2) empty)) 5)", [], 3),
        ("(cons 1)", [[2]], [1, 2]),
        ("(const 1 fail)", [], 1),
        ("((lambda (if (eq? 0 1) $0 7)) fail)", [], 7),
        ("(length (cons (if (eq? 0 0) 1) empty))", [], 1),
        ("(lambda (if (empty? $0) 0 (car $0)))", [[]], 0),
        ("(map (index 0 empty) empty)", [], []),
        ("(fold (range 3) 0 (if (eq? 0 0) + -))", [], 3),
    ],
)
def test_values(program: str, inputs: list[Any], value: Any) -> None:
    assert run(program, *inputs) == ("ok", value)
    expanded = str(expand(parse_term(program), DEFINITIONS))
    assert run(expanded, *inputs) == ("ok", value)


def test_an_argument_is_evaluated_once() -> None:
    calls: list[int] = []

    def count(number: int) -> int:
        calls.append(number)
        return number

    interpreter = Interpreter([*PRIMITIVES, Primitive("count", count, 1)])
    program = interpreter.compile(parse_term("((lambda (+ $0 (+ $0 $0))) (count 7))"))
    assert program.run([]).value == 21
    assert calls == [7]


@pytest.mark.parametrize(
    ("program", "status", "message"),
    [
        ("(car empty)", "error", "IndexError: list index out of range"),
        ("(length 3)", "error", "TypeError: object of type 'int' has no len()"),
        ("(1 2)", "error", "a value of type int is applied, but is not a function"),
        ("map", "error", "the result is a function"),
        ("(cons (+ 1) empty)", "error", "the result contains a function"),
        ("(fold (range 100) 1 (lambda (* 9)))", "error", "integer beyond 63 bits"),
        ("((lambda ($0 $0)) (lambda ($0 $0)))", "fuel", "fuel ran out"),
        ("(map (lambda (range 1000)) (range 10000))", "memory", "size limit reached"),
        (
            "(fold (range 40) (cons 1 empty) (lambda (lambda (cons $0 (cons $0 empty)))))",
            "memory",
            "the result is over the size limit",
        ),
    ],
)
def test_failures_are_statuses(monkeypatch: pytest.MonkeyPatch, program: str, status: str, message: str) -> None:
    monkeypatch.setattr(interpreter, "FINGERPRINT_LIMIT", 10_000)
    assert run(program, size=100_000) == (status, message)


def test_fuel_and_size_are_exact() -> None:
    # One β-step and two calls.
    assert run("(lambda (+ $0 (+ $0 $0)))", 1, fuel=3) == ("ok", 3)
    assert run("(lambda (+ $0 (+ $0 $0)))", 1, fuel=2) == ("fuel", "fuel ran out")
    assert run("(range 10)", size=10)[0] == "ok"
    assert run("(range 10)", size=9) == ("memory", "size limit reached")


@pytest.mark.parametrize("error", [MemoryError, RecursionError])
def test_exhausted_python_is_a_status(error: type[Exception]) -> None:
    def fail() -> int:
        raise error

    interpreter = Interpreter([Primitive("fail", lambda _: fail(), 1)])
    assert interpreter.compile(parse_term("(fail 1)")).run([]).status == "memory"


def test_interrupts_and_limits_pass_through_primitives() -> None:
    def interrupted(_: int) -> int:
        raise KeyboardInterrupt

    def swallow(function: Any) -> int:
        try:
            return int(function(0))
        except Exception:
            return -1

    omega = "((lambda ($0 $0)) (lambda ($0 $0)))"
    interpreter = Interpreter([*PRIMITIVES, Primitive("interrupt", interrupted, 1), Primitive("swallow", swallow, 1)])
    with pytest.raises(KeyboardInterrupt):
        interpreter.compile(parse_term("(interrupt 1)")).run([])
    assert interpreter.compile(parse_term("(swallow (lambda (car empty)))")).run([]).value == -1
    assert interpreter.compile(parse_term(f"(swallow (lambda {omega}))")).run([]).status == "fuel"


def test_recursion_through_primitives_has_a_fixed_limit() -> None:
    def fix(function: Any) -> Any:
        return lambda argument: function(fix(function))(argument)

    interpreter = Interpreter([*PRIMITIVES, Primitive("fix", fix, 1)])
    program = interpreter.compile(
        parse_term("(lambda (fix (lambda (lambda (if (eq? $0 0) 0 (+ 1 ($1 (- $0 1)))))) $0))")
    )
    assert program.run([20]).value == 20
    deep = program.run([1000])
    assert deep.status == "memory"
    assert deep.message.endswith("more than 100 deep")

    def from_below(frames: int) -> Any:
        return from_below(frames - 1) if frames else program.run([1000])

    assert from_below(200) == deep, "however deep the caller is"


def test_depth_is_no_problem() -> None:
    deep = 10_000
    assert run("(+ 1 " * deep + "0" + ")" * deep, fuel=10**6) == ("ok", deep)
    assert run("((lambda " * deep + "$0" + ") 1)" * deep, fuel=10**6) == ("ok", 1)
    assert run("(if (eq? 0 0) " * deep + "1" + " fail)" * deep, fuel=10**6) == ("ok", 1)


def test_what_cannot_be_compiled() -> None:
    with pytest.raises(CompileError, match="frob is neither"):
        INTERPRETER.compile(parse_term("(lambda (frob $0))"))
    with pytest.raises(CompileError, match="bound by no lambda"):
        INTERPRETER.compile(parse_term("$0"))
    with pytest.raises(CompileError, match="beyond 63 bits"):
        INTERPRETER.compile(parse_term(str(2**62)))
    colors = Interpreter([], literal_value=lambda text: text[1:] if text.startswith("~") else None)
    assert colors.compile(parse_term("~red")).run([]).value == "red"
