"""What mutants of Python source keep, checked on random programs by the compiler and by a walk over its bytecode."""

from __future__ import annotations

import ast
import dataclasses
import inspect

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psynth_source.python_ast import EDITS, PythonAst

from psynth.core.errors import UsageError
from psynth.plugins import Context, Frontier, Program, Task
from tests.psynth_source.python_programs import programs, reaches_its_end, unbound


def mutants(source: str, method: PythonAst, seed: int = 0, task: str = "toy/1") -> list[str]:
    """The mutants of one program."""
    frontier = Frontier(Task(task, "toy"), (Program(source, "python"),))
    [made] = list(method.run(iter([frontier]), Context("mutate", seed=seed)))
    assert isinstance(made, Frontier)
    assert all(each.origin is not None and each.origin.from_ == (source,) for each in made.programs)
    return [each.program for each in made.programs]


def signatures(source: str) -> list[str]:
    """The definitions of the module and its imports, as text."""
    tree = ast.parse(source)
    heads = [f"{each.name}{ast.unparse(each.args)}" for each in tree.body if isinstance(each, ast.FunctionDef)]
    return heads + [ast.unparse(each) for each in ast.walk(tree) if isinstance(each, ast.Import)]


def nodes(source: str) -> int:
    """The statements and expressions of a program."""
    return sum(isinstance(each, ast.stmt | ast.expr) for each in ast.walk(ast.parse(source)))


def check(parent: str, mutant: str) -> None:
    """Every contract of a mutant."""
    plain = ast.unparse(ast.parse(parent))
    assert ast.unparse(ast.parse(mutant)) != plain
    assert signatures(mutant) == signatures(parent)
    assert unbound(mutant) <= unbound(parent), mutant
    assert reaches_its_end(mutant) <= reaches_its_end(parent), mutant


@settings(max_examples=12, deadline=None)
@given(source=programs(), seed=st.integers(0, 2**32))
def test_mutants_of_random_programs_keep_what_they_must(source: str, seed: int) -> None:
    assert unbound(source) == set()
    made = mutants(source, PythonAst(count=8), seed)
    assert len(made) == 8
    for mutant in made:
        check(source, mutant)


@pytest.mark.parametrize("kind", EDITS)
@settings(max_examples=3, deadline=None)
@given(source=programs(), seed=st.integers(0, 2**32))
def test_each_kind_of_edit_keeps_what_it_must(kind: str, source: str, seed: int) -> None:
    weights = " ".join(f"{name}={int(name == kind)}" for name in EDITS)
    for mutant in mutants(source, PythonAst(count=4, edits=3.0, weights=weights), seed):
        check(source, mutant)


PARENT = inspect.cleandoc(
    """
    def f(n):
        total = 1
        for i in range(3):
            total += i * 2
        if total > 4:
            total = total - 1
        return total
    """
)
EXPECTED = {
    "constant": "total = 2",
    "operator": "if total >= 4:",
    "expression": "return total",
    "range": "range(1, 3)",
    "insert": "total",
    "delete": "    for i in range(3):\n        total += i * 2\n    return total",
    "duplicate": "        total = total - 1\n        total = total - 1\n",
    "move": "total",
    "wrap": "    i = 0\n    total += i * 2\n    i = 1\n    total += i * 2\n    i = 2\n    total += i * 2\n",
}
"""Something that one of the mutants of each kind contains."""


@pytest.mark.parametrize("kind", EDITS)
def test_each_kind_of_edit_happens(kind: str) -> None:
    weights = " ".join(f"{name}={int(name == kind)}" for name in EDITS)
    made = mutants(PARENT, PythonAst(count=60, edits=1.0, weights=weights))
    assert len(made) == 60
    assert len(set(made)) >= 4
    assert any(EXPECTED[kind] in mutant for mutant in made)


def test_mutants_depend_on_seed_task_text_and_number_alone() -> None:
    method = PythonAst(count=6)
    first = mutants(PARENT, method)
    assert mutants(PARENT, dataclasses.replace(method, count=3)) == first[:3]
    assert mutants(PARENT, method, seed=1) != first != mutants(PARENT, method, task="toy/2")
    others = Frontier(Task("toy/1", "toy"), (Program("x = 1", "python"), Program(PARENT, "python")))
    [frontier] = list(method.run(iter([others]), Context("mutate")))
    assert isinstance(frontier, Frontier)
    assert [each.program for each in frontier.programs if each.origin and each.origin.from_ == (PARENT,)] == first


def test_a_function_that_always_returns_still_does() -> None:
    source = "def f(n):\n    while True:\n        n += 1\n        if n > 5:\n            return n\n        n = 2"
    for mutant in mutants(source, PythonAst(count=60)):
        assert reaches_its_end(mutant) == set(), mutant


def test_mutants_are_not_too_large() -> None:
    sizes = [nodes(each) for each in mutants(PARENT, PythonAst(count=40, edits=4.0, max_size=35))]
    assert nodes(PARENT) < max(sizes) <= 35
    assert max(nodes(each) for each in mutants(PARENT, PythonAst(count=40, edits=4.0))) > 35


def test_distinct_mutants_are_distinct_and_parents_are_kept() -> None:
    frontier = Frontier(Task("toy/1", "toy"), (Program("def f():\n    return 1", "python", score=0.5),))
    [made] = list(PythonAst(count=40, distinct=True, keep=True).run(iter([frontier]), Context("mutate")))
    assert isinstance(made, Frontier)
    assert made.programs[0] == frontier.programs[0]
    assert len({each.program for each in made.programs}) == len(made.programs) > 20


@pytest.mark.parametrize(
    "source", ["def f():\n  return\n  x y", "return 1", "(" * 300, "1" + "+1" * 9000, "x = '\ud800'"]
)
def test_what_is_no_program_is_bad_input_that_costs_only_itself(source: str) -> None:
    said: list[str] = []
    context = Context("mutate", bad_input=lambda error: bool(said.append(str(error))))
    frontier = Frontier(Task("toy/1", "toy"), (Program(source, "python"), Program(PARENT, "python")))
    [made] = list(PythonAst().run(iter([frontier]), context))
    assert isinstance(made, Frontier)
    assert len(made.programs) == 1
    [message] = said
    assert "program 1: not Python: " in message


def test_programs_without_a_mutant_are_counted() -> None:
    said: list[str] = []
    context = Context("mutate", warn=said.append)
    programs = (Program("import math", "python"), Program("x = [" + "1, " * 2000 + "]", "python"))
    list(PythonAst().run(iter([Frontier(None, programs)]), context))
    [message] = said
    assert message.startswith("programs without a mutant: 2; no change was found")


@pytest.mark.parametrize(
    "weights", ["constant", "constant=-1", "constants=2", "constant=nan", " ".join(f"{k}=0" for k in EDITS)]
)
def test_weights_that_say_nothing_are_refused(weights: str) -> None:
    with pytest.raises(UsageError, match="--weights: "):
        PythonAst(weights=weights)
