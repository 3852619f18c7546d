"""A domain in pure Python: its library, and what its programs give or why they give nothing."""

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from psynth.core.calculus.types import Type, parse_type
from psynth.core.errors import InputError, UsageError
from psynth.core.stream.records import Example, Library, Production, Task
from psynth.plugins.evaluator import Budget, Job, ProgramError
from psynth.plugins.python_domain import Primitive, PythonDomain


class Words(PythonDomain):
    """Strings and what can be done to them."""

    name = "words"
    help = "strings"
    primitive_sets: ClassVar = {"all": "everything", "few": "no conditional"}
    primitives: ClassVar = [
        Primitive("concat", "str -> str -> str", lambda left, right: left + right),
        Primitive("each", "(str -> str) -> str -> str", lambda function, text: "".join(map(function, text))),
        Primitive("pick", "bool -> t0 -> t0 -> t0", lambda test, yes, no: yes if test else no, lazy=(1, 2)),
        Primitive("long?", "str -> bool", lambda text: len(text) > 3),
        Primitive("fail", "str -> str", lambda text: [][len(text)]),
        Primitive("space", "str", " "),
    ]

    def primitives_in(self, primitive_set: str):
        """All, or no conditional."""
        return self.primitives if primitive_set == "all" else self.primitives[:2]

    def literal_type(self, text: str) -> Type | None:
        """Text in quotes."""
        return parse_type("str") if text.startswith("'") else None

    def literal_value(self, text: str) -> Any:
        """Text in quotes."""
        return text[1:-1] if text.startswith("'") else None

    def tasks(self, settings: Any, seed: int) -> Iterator[Task]:
        """One task."""
        yield Task("words/double", "words", "str -> str", (Example(["ab"], "abab"), Example(["c"], "cc", split="test")))


def run(program: str, *arguments: Any, library: Library | None = None, budget: Budget | None = None) -> Any:
    """What one program gives."""
    domain = Words()
    with domain.evaluator(library or domain.library(), budget or Budget()) as evaluator:
        [outcome] = evaluator.run(program, None, [list(arguments)])
    return (outcome.status, outcome.value if outcome.status == "ok" else outcome.message)


@pytest.mark.parametrize(
    ("program", "arguments", "outcome"),
    [
        ("(lambda (concat $0 $0))", ["ab"], ("ok", "abab")),
        ("(lambda (each (concat space) $0))", ["ab"], ("ok", " a b")),
        ("(lambda (each (lambda (concat $0 $1)) $0))", ["ab"], ("ok", "aabbab")),
        ("(lambda (pick (long? $0) $0 (fail $0)))", ["abcd"], ("ok", "abcd")),
        ("(concat 'x' 'y')", [], ("ok", "xy")),
        ("(lambda (fail $0))", ["a"], ("error", "IndexError: list index out of range")),
    ],
)
def test_outcomes(program: str, arguments: list[Any], outcome: tuple[str, Any]) -> None:
    assert run(program, *arguments) == outcome


def test_budgets() -> None:
    assert run("(lambda (concat $0 (concat $0 $0)))", "a", budget=Budget(fuel=2))[0] == "fuel"
    assert run("(lambda (concat $0 $0))", "a" * 60, budget=Budget(size=100))[0] == "memory"


def test_learned_abstractions_run_by_name() -> None:
    library = Words().library()
    twice = Production("twice", "str -> str", 0.0, definition="(lambda (concat $0 $0))")
    again = Production("again", "str -> str", 0.0, definition="(lambda (twice (twice $0)))")
    learned = Library("words", (*library.productions, twice, again), 0.0)
    assert run("(lambda (again $0))", "a", library=learned) == ("ok", "aaaa")


@pytest.mark.parametrize(
    ("program", "kind"),
    [
        ("(concat", "parse"),
        ("(concat space)(", "parse"),
        ("(long? (long? space))", "type"),
        ("(what space)", "unknown_primitive"),
    ],
)
def test_programs_that_cannot_run(program: str, kind: str) -> None:
    with Words().evaluator(Words().library(), Budget()) as evaluator:
        [answer] = evaluator.run_all([Job(program, [[]])])
        assert isinstance(answer, ProgramError)
        assert answer.kind == kind
        with pytest.raises(InputError):
            evaluator.run(program, None, [[]])


def test_request_is_checked() -> None:
    with Words().evaluator(Words().library(), Budget()) as evaluator:
        [answer] = evaluator.run_all([Job("(lambda (long? $0))", [["a"]], "str -> str")])
    assert isinstance(answer, ProgramError)
    assert answer.kind == "type"


def test_library_and_its_sets() -> None:
    domain = Words()
    assert [each.name for each in domain.library("few").productions] == ["concat", "each"]
    assert domain.library().productions[0] == Production("concat", "str -> str -> str", 0.0)
    with pytest.raises(UsageError, match=r"no primitive set 'fw'; it has all, few \(did you mean 'few'\?\)"):
        domain.library("fw")


def test_judging_by_examples() -> None:
    domain = Words()
    [task] = domain.tasks(domain.TaskSettings(), 0)
    programs = ["(lambda (concat $0 $0))", "(lambda $0)", "(lambda 'abab')", "(lambda (oops $0))"]
    with domain.evaluator(domain.library(), Budget()) as evaluator:
        [verdicts] = evaluator.judge([(task, programs)])
    assert [verdict.log_likelihood for verdict in verdicts] == [0.0, float("-inf"), 0.0, float("-inf")]
    assert [verdict.score for verdict in verdicts] == [1.0, 0.0, 1.0, 0.0]
    assert [verdict.held_out for verdict in verdicts] == [1.0, 0.0, 0.0, None]
    assert [verdict.status for verdict in verdicts] == ["ok", "ok", "ok", "error"]
    assert verdicts[3].rejected is not None
