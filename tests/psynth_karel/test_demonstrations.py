"""MadeTask of programs are what LEAPS asks of them, by a reference that runs programs in its own way."""

from __future__ import annotations

import dataclasses
import random

import pytest
from psynth_karel.domain import Karel
from psynth_karel.environment import Environment
from psynth_karel.machine import Picture, actions, to_term
from psynth_karel.task_maker import KarelTaskMakerSettings

import tests.psynth_karel.reference as reference
from psynth.core.errors import UsageError
from psynth.core.stream.records import Production, Task
from psynth.plugins.evaluator import Budget
from psynth.plugins.task_maker import MadeTask
from tests.psynth_karel.programs import random_program

KAREL = Karel()
LIBRARY = KAREL.library("leaps")
PROGRAMS = [to_term(random_program(random.Random(number))) for number in range(900)]


def demonstrated(programs: list[str], count: int = 10, library=LIBRARY, threads: int = 1, **settings):
    jobs = [(program, 1_000_003 * number) for number, program in enumerate(programs)]
    given = KarelTaskMakerSettings(**settings)
    return KAREL.task_maker().tasks_for(jobs, library, count, given, outputs=True, threads=threads)


class Watched:
    """One program run by the reference, in one world after the other: actions, mistakes and branches."""

    def __init__(self, program: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tree = reference.parse(KAREL.syntax().print(program))
        self.seen: dict[int, set[bool]] = {id(node[1]): set() for node in _branching(self.tree)}
        asked = reference.holds

        def holds(grid, condition):
            held = asked(grid, condition)
            if id(condition) in self.seen:
                self.seen[id(condition)].add(held)
            return held

        monkeypatch.setattr(reference, "holds", holds)

    def run(self, world: Picture) -> list[str]:
        """The actions in one world; a mistake or too many visits fail the test."""
        grid = reference.Grid.read(list(world.map), world.row, world.column, world.heading)
        done: list[str] = []

        def act(action: str) -> None:
            assert action != "pickMarker" or grid.count(grid.agent) > 0, "it picks nothing"
            assert not grid.act(action, cap=9), "it runs into a wall"
            done.append(action)

        reference.run_by_visits(self.tree, grid, 220, act)
        return done


def _branching(tree) -> list:
    found = [tree] if isinstance(tree, tuple) and tree[0] in ("while", "if", "ifelse") else []
    if isinstance(tree, list | tuple):
        found += [node for part in tree for node in _branching(part)]
    return found


def worlds(shown: MadeTask) -> list[Picture]:
    instances = Environment.from_json(shown.environment).instances()
    assert instances is not None
    return instances.pictures()


@pytest.mark.parametrize("cover", [False, True])
def test_demonstrations_make_no_mistakes_and_show_what_was_asked_for(cover: bool) -> None:
    answers = demonstrated(PROGRAMS, cover_branches=cover)
    kept = [(program, shown) for program, shown in zip(PROGRAMS, answers, strict=True) if not isinstance(shown, str)]
    branching = short = 0
    assert len(kept) > 30
    for program, shown in kept:
        with pytest.MonkeyPatch.context() as monkeypatch:
            watched = Watched(program, monkeypatch)
            done = [watched.run(world) for world in worlds(shown)]
        assert done == shown.outputs
        assert len(done) == 10
        assert len({*shown.environment["seeds"]}) == 10
        assert max(map(len, done)) <= 19
        assert len(KAREL.syntax().print(program).split()) < 45
        if cover:
            assert all(seen == {False, True} for seen in watched.seen.values()), program
        short += min(map(len, done)) < 3
        branching += len(watched.seen) > 0
    assert branching > 10
    # What is too short is kept for what it shows, and only where that counts.
    assert (short > 0) == cover


def test_why_programs_are_dropped_and_that_abstractions_are_written_out() -> None:
    walk = Production("walk", "stmt -> stmt", -1.0, "(lambda (karel_while frontIsClear (karel_seq move $0)))")
    library = dataclasses.replace(LIBRARY, productions=(*LIBRARY.productions, walk))
    answers = demonstrated(
        [
            "(walk (karel_repeat 0 move))",
            "(walk nowhere)",
            "pickMarker",
            "(karel_if (karel_not frontIsClear) (karel_if frontIsClear move))",
            "(karel_seq " * 44 + "move" + " move)" * 44,
        ],
        library=library,
        cover_branches=True,
    )
    assert isinstance(answers[0], MadeTask)
    assert {action for of_world in answers[0].outputs for action in of_world} == {"move"}
    assert answers[1:] == [
        "no programs",
        "with too few demonstrations",
        "with branches never taken",
        "too long",
    ]


def test_worlds_are_as_asked_for_and_threads_change_nothing() -> None:
    settings = {"height": 6, "width": 12, "walls": 0.0, "markers": 1.0, "shortest": 2, "longest": 5, "profile": "hprl"}
    answers = demonstrated(PROGRAMS[:200], count=3, **settings)
    kept = [shown for shown in answers if not isinstance(shown, str)]
    assert len(kept) > 20
    for shown in kept:
        for world in worlds(shown):
            assert list(world.map) == ["#" * 12, *["#" + "1" * 10 + "#"] * 4, "#" * 12]
        assert all(1 <= len(done) <= 4 for done in shown.outputs)
    assert demonstrated(PROGRAMS[:200], count=3, threads=3, **settings) == answers
    with pytest.raises(UsageError, match="--shortest 9 is more than --longest 8"):
        demonstrated(["move"], shortest=9, longest=8)


def test_a_demonstrated_program_solves_its_task_which_can_be_drawn() -> None:
    [shown] = demonstrated(["(karel_while frontIsClear move)"])
    task = Task("karel/drawn/0", "karel", "stmt", environment=shown.environment, origin="dream")
    with KAREL.evaluator(LIBRARY, Budget()) as evaluator:
        [[good, ill]] = evaluator.judge([(task, ["(karel_while frontIsClear move)", "(karel_while move move)"])])
    assert (good.log_likelihood, good.score, good.reward, good.status) == (0.0, 1.0, None, "ok")
    assert good.outputs[0].value["actions"] == {
        name: sum(done.count(name) for done in shown.outputs) for name in actions()
    }
    assert (ill.status, ill.score) == ("error", None)
    assert len(KAREL.views().draw_task(task).renderables) == 4
