"""psynth report beside a baseline, and the uses of abstractions: against computations of the tests' own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psynth.core.stream.records import Frontier, Header, Library, Place, Production, Program, Provenance, Search, Task
from psynth.views.comparing import Comparing, Comparison
from psynth.views.reuse import Reuse
from tests.psynth_command import Psynth

Trials = list[tuple[bool, int, int]]
"""For each task: whether it was solved, CPU milliseconds, and programs tried."""
trials = st.lists(st.tuples(st.booleans(), st.integers(1, 50), st.integers(1, 50)), min_size=1, max_size=12)


def frontiers(of: Trials, source: str, *, timed: bool = True) -> list[Any]:
    place = Place(source, 1)
    found: list[Any] = [Header(provenance=(Provenance("enumerate", arguments={"of": source}),), place=place)]
    for number, (solved, cpu, programs) in enumerate(of):
        search = Search("windows", programs=programs, cpu_seconds=cpu / 1000 if timed else None)
        program = (Program("1", log_likelihood=0.0),) if solved else ()
        found.append(Frontier(Task(f"toy/{number}", "toy", "int"), program, search=search, place=place))
    return found


def compared(run: Trials, baseline: Trials, **options: Any) -> Comparison:
    comparing = Comparing()
    for record in frontiers(run, "run.jsonl", **options):
        comparing.add(record, baseline=False)
    for record in frontiers(baseline, "base.jsonl"):
        comparing.add(record, baseline=True)
    [comparison] = comparing.comparisons()
    return comparison


def solved_within(of: Trials, column: int, total: int) -> int:
    """The greatest number solved with one whole limit for all searches that spends no more than the total.

    The limits at which a search ends are enough: only there more can be solved.
    """
    best = 0
    for limit in {trial[column] for trial in of}:
        if sum(min(limit, trial[column]) for trial in of) <= total:
            best = max(best, sum(trial[0] and trial[column] <= limit for trial in of))
    return best


@given(trials, trials)
@settings(max_examples=200, deadline=None)
def test_what_is_solved_within_equal_budgets(run: Trials, baseline: Trials) -> None:
    comparison = compared(run, baseline)
    tasks = min(len(run), len(baseline))
    mine, its = run[:tasks], baseline[:tasks]
    assert comparison.tasks == tasks
    assert [side.name for side in comparison.sides] == ["run", "base"]
    for side, of in zip(comparison.sides, (mine, its), strict=True):
        assert (side.searches, side.solved) == (tasks, sum(trial[0] for trial in of))
        for name, column, unit in (("cpu_seconds", 1, 1000), ("programs", 2, 1)):
            total = min(sum(trial[column] for trial in each) for each in (mine, its))
            assert comparison.budgets[name] == pytest.approx(total / tasks / unit)
            assert side.within[name] == solved_within(of, column, total)
    assert comparison.sides[0].gained == sum(a[0] > b[0] for a, b in zip(mine, its, strict=True))
    assert comparison.sides[0].lost == sum(a[0] < b[0] for a, b in zip(mine, its, strict=True))
    for curve, of in zip(comparison.curves, (mine, its, mine, its), strict=True):
        assert list(curve.steps) == sorted(curve.steps)
        assert curve.spreads[-1].mean == pytest.approx(sum(trial[0] for trial in of))
    left = [note for note in comparison.notes if "left out" in note]
    assert len(left) == (len(run) != len(baseline))


def test_failures_spend_and_are_counted() -> None:
    failing = compared([(True, 1, 1), (False, 99, 99)], [(True, 10, 10), (True, 10, 10)])
    mine, its = failing.sides
    assert (mine.solved, mine.searches) == (1, 2)
    assert failing.budgets["cpu_seconds"] == pytest.approx(0.01)
    assert (mine.within["cpu_seconds"], its.within["cpu_seconds"]) == (1, 2)


def test_seconds_are_not_compared_without_those_of_every_search() -> None:
    untimed = compared([(True, 1, 5)], [(True, 1, 5)], timed=False)
    assert list(untimed.budgets) == ["programs"]
    assert any("--timing" in note for note in untimed.notes)


def test_tasks_of_one_id_that_differ_are_left_out() -> None:
    comparing = Comparing()
    for record in frontiers([(True, 1, 1), (True, 1, 1)], "run.jsonl"):
        comparing.add(record, baseline=False)
    for record in frontiers([(True, 1, 1), (True, 1, 1)], "base.jsonl"):
        if isinstance(record, Frontier) and record.task is not None and record.task.id == "toy/1":
            record = Frontier(Task("toy/1", "toy", "bool"), search=record.search, place=record.place)
        comparing.add(record, baseline=True)
    [comparison] = comparing.comparisons()
    assert comparison.tasks == 1
    assert any("differ from stream to stream, as toy/1" in note for note in comparison.notes)


def test_a_domain_without_a_baseline_is_named() -> None:
    comparing = Comparing()
    for record in frontiers([(True, 1, 1)], "run.jsonl"):
        comparing.add(record, baseline=False)
    assert comparing.comparisons() == []
    assert comparing.alone() == ["toy: there is no baseline to compare with"]


def test_uses_by_split() -> None:
    reuse = Reuse()
    productions = (
        Production("f", "int -> int", 0.0),
        Production("twice", "int -> int", 0.0, "(lambda (f (f $0)))"),
        Production("more", "int -> int", 0.0, "(lambda (twice (f $0)))"),
    )
    reuse.add(Library("toy", productions, 0.0))
    texts = {
        "train": ["(lambda (twice (twice $0)))", "(lambda (more $0))", "(lambda (f $0))", None],
        "test": ["(lambda (twice (more $0)))", None],
    }
    for split, programs in texts.items():
        for number, text in enumerate(programs):
            # The first solution counts: neither what fails before it nor what solves after it.
            found = [Program("(lambda (more (more $0)))", log_likelihood=-1.0)]
            found += (
                [] if text is None else [Program(text, log_likelihood=0.0), Program("(twice 1)", log_likelihood=0.0)]
            )
            task = Task(f"toy/{split}-{number}", "toy", "int -> int", split=split)
            reuse.add(Frontier(task, tuple(found), search=Search("windows")))
    [use] = reuse.libraries()
    train, test = use.splits["train"], use.splits["test"]
    assert (train.searched, train.solved, train.reusing) == (4, 3, 2)
    assert (test.searched, test.solved, test.reusing) == (2, 1, 1)
    assert (train.solutions, train.occurrences) == ({"twice": 1, "more": 1}, {"twice": 2, "more": 1})
    assert test.solutions == {"twice": 1, "more": 1}
    assert use.in_library == {"twice": 1, "f": 2}


def test_the_command(tmp_path: Path) -> None:
    psynth = Psynth(tmp_path)
    for name, of in (("with", [(True, 1, 1), (True, 5, 5), (False, 9, 9)]), ("without", [(True, 4, 4), (False, 9, 9)])):
        lines = [record.encode().decode() for record in frontiers(of, f"{name}.jsonl")]
        (tmp_path / f"{name}.jsonl").write_text("\n".join([*lines, '{"type":"end","status":"complete"}\n']))
    text = psynth("report", "--baseline", "without.jsonl", "with.jsonl").stdout
    assert "toy: 2 tasks that all have" in text
    assert "with: 1 task left out that not all have" in text
    assert "without (baseline)" in text
    data = json.loads(psynth("report", "--json", "--baseline", "without.jsonl", "with.jsonl").stdout)
    [comparison] = data["comparison"]
    # Six milliseconds for two tasks: with three each, the one that takes four is not solved.
    assert [run["solved_within"]["cpu_seconds"] for run in comparison["runs"]] == [2, 0]
    assert {curve["metric"] for curve in data["curves"]} == {"solved by CPU seconds", "solved by programs"}
    psynth("report", "--image", "both.png", "--baseline", "without.jsonl", "with.jsonl")
    assert (tmp_path / "both.png").read_bytes().startswith(b"\x89PNG")
