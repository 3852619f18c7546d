"""What a library is learned from: programs that solve their task, and those that nobody has judged."""

from __future__ import annotations

from typing import Any

import pytest

from psynth.plugins import Context, End, Frontier, Library, Production, Program, Record, Task
from tests.toys.registered import everything

FALSE, TRUE = "f (g (h (f ", "h (h (g (g "
"""The beginnings of two idioms."""


def frontiers(idiom: str, first: int, **judged: Any) -> list[Frontier]:
    """Three tasks whose programs share an idiom, with this said of each program."""
    texts = [f"(lambda ({prefix}{idiom}$0)))){close})" for prefix, close in (("", ""), ("h (", ")"), ("g (", ")"))]
    return [
        Frontier(Task(f"list/{first + number}", "list", "int -> int"), (Program(text, **judged),))
        for number, text in enumerate(texts)
    ]


def learned(*given: Frontier) -> list[str]:
    """The definitions of the abstractions that are learned from frontiers."""
    library = Library("list", tuple(Production(name, "int -> int", 0.0) for name in "fgh"), 0.0)
    records: list[Record] = [library, *given, End("complete")]
    method = everything().method("compress", "stitch")(iterations=2)  # type: ignore[call-arg]
    [after] = [each for each in method.run(iter(records), Context("compress")) if isinstance(each, Library)]
    return [each.definition for each in after.productions if each.definition is not None]


SOLVED = frontiers(TRUE, 0, log_likelihood=0.0, score=1.0, status="ok")


@pytest.mark.parametrize(
    "judged",
    [
        {"log_likelihood": float("-inf"), "score": 0.5, "status": "ok"},
        {"log_likelihood": float("-inf"), "score": 0.0, "status": "error"},
        {"log_likelihood": -1.5, "reward": 0.9, "status": "ok"},
        {"status": "timeout"},
    ],
)
def test_programs_that_do_not_solve_teach_nothing(judged: dict[str, Any]) -> None:
    wrong = frontiers(FALSE, 10, **judged)
    assert learned(*wrong) == []
    assert learned(*SOLVED, *wrong) == learned(*SOLVED) == [f"(lambda ({TRUE}$0)))))"]


def test_what_nobody_has_judged_does() -> None:
    assert learned(*frontiers(FALSE, 10)) == [f"(lambda ({FALSE}$0)))))"]
    assert len(learned(*SOLVED, *frontiers(FALSE, 10))) == 2


def test_of_one_frontier_only_the_programs_that_solve_count() -> None:
    wrong = frontiers(FALSE, 10, log_likelihood=float("-inf"), score=0.0, status="ok")
    both = [
        Frontier(right.task, (*other.programs, *right.programs)) for right, other in zip(SOLVED, wrong, strict=True)
    ]
    assert learned(*both) == learned(*SOLVED)
