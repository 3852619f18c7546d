"""Local search over policies: the native neighborhood against plain evaluation, and its promises."""

from __future__ import annotations

import dataclasses
import math

import pytest
from psynth_karel.domain import Karel, KarelTaskSettings
from psynth_karel.environment import Environment
from psynth_karel.machine import Instances, Mutants, outside

from psynth.core.calculus.inference import infer
from psynth.core.calculus.terms import parse_term
from psynth.core.calculus.types import parse_type
from psynth.core.errors import InputError
from psynth.core.languages import grammar_of
from psynth.core.stream.records import Library, Production, Task
from psynth.plugins.neighborhood import Candidate, Neighborhood
from tests.psynth_karel.programs import SOLVERS

KAREL = Karel()


def task(name: str, **settings) -> Task:
    [found] = KAREL.tasks(KarelTaskSettings(task=(name,), held_out=0, **settings), seed=0)
    return found


def neighborhood(name: str, *, max_size: int | None = None, threads: int = 1, **settings) -> Neighborhood:
    found = KAREL.local_search().neighborhood(
        KAREL.library(), task(name, **settings), max_size=max_size, threads=threads
    )
    assert found is not None
    return found


def instances(name: str, **settings) -> Instances:
    found = Environment.from_json(task(name, **settings).environment).instances()
    assert found is not None
    return found


def climbed(around: Neighborhood, steps: int, **options) -> list[tuple[Candidate, int, int]]:
    """A few steps of a climb: each candidate, how many mutants were examined for it, and how many of them run."""
    [candidate] = around.draw(1, 3)
    path = []
    for seed in range(steps):
        step = around.step(candidate, 400, seed, **options)
        candidate = step.candidate or candidate
        path.append((candidate, step.evaluations, step.run))
    return path


@pytest.mark.parametrize("options", [{}, {"drift": True}], ids=str)
@pytest.mark.parametrize("profile", ["leaps", "prog-policies"])
def test_a_climb_is_the_same_whatever_the_threads_and_gains_are_true(profile: str, options: dict[str, bool]) -> None:
    one = climbed(neighborhood("top-off", profile=profile), 10, **options)
    two = climbed(neighborhood("top-off", profile=profile, threads=2), 10, **options)
    assert one == two
    gains = [candidate.gain for candidate, _, _ in one]
    assert gains == sorted(gains)
    scores = instances("top-off", profile=profile).evaluate([candidate.program for candidate, _, _ in one])
    assert gains == [score.reward for score in scores]
    assert all(run <= examined <= 400 for _, examined, run in one)


def test_a_step_finds_nothing_where_nothing_is_better() -> None:
    around = neighborhood("maze")
    [best] = around.judge([SOLVERS["maze"]])
    assert (best.gain, around.ceiling) == (1.0, 1.0)
    for options in ({}, {"drift": True}):
        step = around.step(best, 300, 1, **options)
        assert (step.candidate, step.evaluations) == (None, 300)
        assert step.run < 300


@pytest.mark.parametrize("profile", ["leaps", "hprl", "prog-policies"])
def test_what_is_drawn_and_taken_keeps_the_profile_or_the_size(profile: str) -> None:
    library = KAREL.library("hprl" if profile == "hprl" else "base")
    grammar, types = grammar_of(library), {each.name: parse_type(each.type) for each in library.productions}
    for max_size in (None, 13):
        around = KAREL.local_search().neighborhood(library, task("harvester", profile=profile), max_size=max_size)
        assert around is not None
        drawn = around.draw(60, 7)
        steps = [around.step(candidate, 30, 5, drift=True).candidate for candidate in drawn]
        for candidate in [*drawn, *(each for each in steps if each is not None)]:
            term = parse_term(candidate.program)
            assert infer(term, types) == parse_type("stmt")
            assert grammar.log_prior(term, parse_type("stmt")) > -math.inf
            if max_size is None:
                assert outside(candidate.program, profile) is None
            else:
                assert (term.size + 1) // 2 <= max_size  # Applications apart.


def test_given_programs_are_judged_in_either_notation() -> None:
    around = neighborhood("four-corners")
    tokens, term, ill = around.judge(
        [SOLVERS["four-corners"], KAREL.syntax().read(SOLVERS["four-corners"]), "frontIsClear"]
    )
    assert tokens == term == Candidate(term.program, 1.0)
    assert ill.gain == -math.inf


def test_abstractions_are_left_to_others_and_weights_are_obeyed() -> None:
    plain, maze = KAREL.library(), task("maze")
    learned = dataclasses.replace(
        plain, productions=(*plain.productions, Production("fn_0", "stmt", 0.0, definition="(karel_repeat 2 move)"))
    )
    assert KAREL.local_search().neighborhood(learned, maze) is None
    words = {"karel_seq": "stmt -> stmt -> stmt", "move": "stmt", "turnLeft": "stmt"}
    small = Library("karel", tuple(Production(name, kind, 0.0) for name, kind in words.items()), 0.0)
    around = KAREL.local_search().neighborhood(small, maze, max_size=5)
    assert around is not None
    programs = {candidate.program for candidate in around.draw(2000, 1)}
    # One, two or three actions: 2 + 4 + 8.
    assert len(programs) == 14


def test_what_cannot_be_searched_is_refused() -> None:
    maze = task("maze")
    with pytest.raises(InputError, match="small") as caught:
        KAREL.local_search().neighborhood(KAREL.library(), maze, max_size=0)
    assert caught.value.task == maze.id
    with pytest.raises(InputError, match="karel_jump"):
        Mutants(instances("maze"), ["karel_jump"], [0.0], {})
    empty = dataclasses.replace(maze, environment={"task": "maze", "profile": "leaps"})
    with pytest.raises(InputError, match="neither seeds nor worlds"):
        KAREL.local_search().neighborhood(KAREL.library(), empty)
