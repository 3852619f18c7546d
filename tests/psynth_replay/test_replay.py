"""Replay: which programs of streams are drawn, and what is written of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from psynth_replay.priority import Priority, weights_of
from psynth_replay.replay import Replay

from psynth.core.errors import UsageError
from psynth.core.stream.records import End, Frontier, Header, Library, Metric, Program, Record, Task, quality
from psynth.plugins.method import Context
from tests.psynth_command import Psynth


def replay(records: Sequence[Record], seed: int = 0, **settings: Any) -> tuple[list[Record], str]:
    """The output for a stream, and the warnings."""
    said: list[str] = []
    context = Context("replay", seed=seed, warn=said.append)
    return list(Replay(**settings).run(iter([*records, End("complete")]), context)), "\n".join(said)


def frontiers(records: Sequence[Record]) -> list[Frontier]:
    return [each for each in records if isinstance(each, Frontier)]


def drawn(records: Sequence[Record]) -> list[str]:
    return [program.program for each in frontiers(records) for program in each.programs]


def relabeled(number: int, score: float, parent: str = "list/a", **figures: float) -> Frontier:
    """A task made in hindsight of a program that had this score on its parent."""
    task = Task(
        f"{parent}/hindsight/{number}", "list", origin="hindsight", meta={"parent": parent, "score": score, **figures}
    )
    return Frontier(task, (Program(f"p{number}", log_likelihood=0.0, score=1.0),))


def library(name: str = "list") -> Library:
    return Context("tasks").domain(name).library()


def test_priorities_are_weighted_means_and_given_solutions_have_the_greatest() -> None:
    task = relabeled(0, 0.25, distance=0.5).task
    program = Program("(lambda (f $0))", log_likelihood=0.0, score=1.0, step=50)
    assert Priority(weights_of([]), 100, 100).of(task, program) == 0.25
    weights = weights_of(["score=1", "distance=2", "length=1", "age=4", "novelty=8"])
    priority = Priority(weights, 10, 100)
    assert priority.of(task, program) == pytest.approx((0.25 + 2 * 0.5 + 0.7 + 4 * 0.5 + 8 * 1) / 16)
    assert priority.of(task, program) == pytest.approx((0.25 + 2 * 0.5 + 0.7 + 4 * 0.5 + 8 / 2) / 16)
    assert priority.of(Task("list/a", "list"), program) == 1
    assert Priority(weights_of([]), 10, 100).of(Task("list/a", "list"), Program("p", score=0.5)) == 0.5
    assert Priority(weights_of(["score=0"]), 10, 100).of(task, program) == 0


def test_programs_of_priority_0_come_last_and_count_limits_the_draw() -> None:
    given = [library(), *(relabeled(number, number % 2) for number in range(20))]
    everything, _ = replay(given)
    assert sorted(drawn(everything)) == sorted(f"p{number}" for number in range(20))
    assert all(int(text[1:]) % 2 for text in drawn(everything)[:10])
    assert drawn(replay(given, count=7)[0]) == drawn(everything)[:7]
    assert drawn(replay(given, seed=1)[0]) != drawn(everything)


def test_the_order_of_the_input_changes_nothing_and_equal_programs_of_a_task_count_once() -> None:
    given = [relabeled(number, 0.5 + number / 100) for number in range(30)]
    once = drawn(replay([library(), *given], count=9)[0])
    assert drawn(replay([library(), *reversed(given), *given], count=9)[0]) == once


def test_a_task_has_one_frontier_with_the_programs_drawn_behind_its_library() -> None:
    other = dataclasses.replace(library(), log_variable=1.0)
    programs = tuple(Program(f"q{number}", score=number / 10) for number in range(5))
    many = Frontier(Task("list/a", "list"), programs)
    given = [library(), many, Metric("loss", 1.0, 0), other, relabeled(1, 1.0), library(), relabeled(2, 1.0)]
    records, _ = replay(given)
    kinds = [type(each) for each in records]
    assert kinds == [Metric, Library, Frontier, Frontier, Library, Frontier, End]
    assert [each for each in records if isinstance(each, Library)] == [library(), other]
    [whole] = [each for each in frontiers(records) if each.task == many.task]
    assert list(whole.programs) == sorted(programs, key=quality, reverse=True)
    assert drawn(records)[-1] == "p1", "behind its own library"
    [part] = frontiers(replay([library(), many], count=2)[0])
    assert len(part.programs) == 2
    assert [len(each.programs) for each in frontiers(replay([Frontier(None, programs[:2])])[0])] == [1, 1]


def test_a_task_is_drawn_at_most_so_often_with_those_relabeled_from_it() -> None:
    given = [relabeled(number, 1.0, parent=f"list/{number % 2}") for number in range(20)]
    records, _ = replay([library(), *given], max_per_task=3)
    parents = [(each.task.meta or {})["parent"] for each in frontiers(records) if each.task]
    assert sorted(parents) == ["list/0"] * 3 + ["list/1"] * 3
    graded = [relabeled(number, number / 20) for number in range(20)]
    records, _ = replay([library(), *graded], max_per_task=5, diverse=True)
    assert sorted(drawn(records)) == sorted(["p19", "p18", "p17", "p0", "p1"])
    with pytest.raises(UsageError, match="--max-per-task"):
        Replay(diverse=True)


def test_each_store_is_drawn_from_on_its_own(tmp_path: Path) -> None:
    store = tmp_path / "store.jsonl"
    lines = [Header(), library(), *(relabeled(number, 1.0) for number in range(50, 60))]
    store.write_bytes(b"".join(each.encode() + b"\n" for each in lines))
    given = [library(), *(relabeled(number, 0.5) for number in range(9))]
    records, _ = replay(given, count=4, store=(f"{store}:3",))
    numbers = [int(text[1:]) for text in drawn(records)]
    assert [number < 50 for number in numbers] == [True] * 4 + [False] * 3
    assert records[-1] == End("interrupted"), "a store without an end was cut short"
    for wrong in ("store.jsonl", ":3", f"{store}:x"):
        with pytest.raises(UsageError, match="FILE:COUNT"):
            Replay(store=(wrong,))


def test_mistakes_are_told() -> None:
    with pytest.raises(UsageError, match=r"'scor' is not one of .*score"):
        Replay(weight=("scor=1",))
    for wrong in ("score", "score=x", "score=-1", "score=nan"):
        with pytest.raises(UsageError, match="--weight"):
            Replay(weight=(wrong,))
    records, said = replay([library()])
    assert frontiers(records) == []
    assert "there are no programs" in said


def test_buffers_that_are_appended_to_are_streams(tmp_path: Path) -> None:
    """From the command line: relabeled programs are added to a file, and drawn from it."""
    run, every = Psynth(tmp_path), {"PSYNTH_PLUGINS": "list,search,relabel,replay"}

    def stage(*words: str, given: str = "") -> str:
        done = run(*words, "-q", input=given, env=every)
        assert done.returncode == 0, done.stderr
        return done.stdout

    found = stage("enumerate", "--max-programs", "3000", given=stage("tasks", "list", "--count", "3"))
    made = stage("relabel", "--method", "hindsight", given=stage("mutate", "--count", "9", given=found))
    (tmp_path / "buffer.jsonl").write_text(made + found)
    output = stage("replay", "--count", "5", "buffer.jsonl")
    assert output.count('"program":"(lambda') == 5
    stage("check", given=output)
    assert stage("evaluate", given=output).count('"log_likelihood":0.0') == 5
