"""Crosses of Python programs: they keep what mutants keep, and have parts of their mates."""

from __future__ import annotations

import ast
import inspect

from hypothesis import given, settings
from hypothesis import strategies as st
from psynth_source.crossover import PythonCrossover

from psynth.plugins import Context, End, Frontier, Program, Task
from tests.psynth_source.python_programs import programs
from tests.psynth_source.test_python_ast import check


def crossed(*frontiers: Frontier, seed: int = 0, **given: object) -> list[Frontier]:
    """The frontiers with crosses instead of their programs."""
    method = PythonCrossover(**given)  # type: ignore[arg-type]
    made = list(method.run(iter([*frontiers, End("complete")]), Context("mutate", seed=seed)))
    return [each for each in made if isinstance(each, Frontier)]


def frontier(*sources: str, task: str = "toy/1") -> Frontier:
    """A frontier of Python programs."""
    return Frontier(Task(task, "toy"), tuple(Program(each, "python") for each in sources))


@settings(max_examples=8, deadline=None)
@given(
    sources=st.lists(programs(), min_size=2, max_size=3, unique_by=lambda each: ast.dump(ast.parse(each))),
    seed=st.integers(0, 2**32),
)
def test_crosses_of_random_programs_keep_what_they_must(sources: list[str], seed: int) -> None:
    [made] = crossed(frontier(*sources), seed=seed, count=3)
    assert len(made.programs) >= len(sources)
    plain = {ast.unparse(ast.parse(each)) for each in sources}
    for each in made.programs:
        assert each.origin is not None
        parent, mate = each.origin.from_ or ("", "")
        assert parent != mate
        assert {parent, mate} <= set(sources)
        assert each.program not in plain
        check(parent, each.program)


FIRST = inspect.cleandoc(
    """
    def one(n):
        return n + 1000
    def f(n):
        total = 1
        return total
    """
)
SECOND = inspect.cleandoc(
    """
    def one(n):
        return n * 2000
    def f(n):
        other = n
        other += 3000
        return len('abc')
    """
)


def test_expressions_statements_and_bodies_are_exchanged_and_names_are_mapped() -> None:
    [made] = crossed(frontier(FIRST, SECOND), count=150)
    texts = [each.program for each in made.programs if each.origin and each.origin.from_ == (FIRST, SECOND)]
    assert len(texts) == 150
    assert any("total = 2000" in text for text in texts), "an expression"
    assert any("n += 3000" in text or "total += 3000" in text for text in texts), "a statement, its variable mapped"
    assert any("return n * 2000" in text and "total = 1" in text for text in texts), "the body of a function"


def test_mates_come_from_the_frontier_or_the_stream_whatever_its_order() -> None:
    alone = [frontier(FIRST, task="toy/1"), frontier(SECOND, task="toy/2")]
    assert [each.programs for each in crossed(*alone)] == [(), ()]
    made = crossed(*alone, mates="stream", count=3)
    assert [len(each.programs) for each in made] == [3, 3]
    assert crossed(*reversed(alone), mates="stream", count=3) == made[::-1]
    several = [
        *alone,
        frontier(FIRST.replace("1000", "7"), task="toy/3"),
        frontier(SECOND.replace("3", "8"), task="toy/4"),
    ]
    made = crossed(*several, mates="stream", count=5)
    assert crossed(*reversed(several), mates="stream", count=5) == made[::-1]
    other = Frontier(Task("other/1", "other"), (Program(SECOND, "python"),))
    assert [each.programs for each in crossed(frontier(FIRST), other, mates="stream")] == [(), ()]
