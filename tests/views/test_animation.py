"""Animations: a frame a state, with what was earned; rasters that show what the state holds; long ones thinned."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psynth_karel.domain import Karel, KarelTaskSettings
from psynth_karel.environment import Environment
from psynth_karel.raster import AGENT, FLOOR, MARKER, WALL

from psynth.core.errors import InputError
from psynth.core.stream.records import Production
from psynth.plugins.views import Animation, Frame
from tests.psynth_karel.programs import random_program

KAREL = Karel()
TASKS = [
    task
    for profile in ("leaps", "hprl", "prog-policies")
    for task in KAREL.tasks(KarelTaskSettings(profile=profile, instances=3, held_out=2), seed=0)
]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id.removeprefix("karel/"))
def test_a_frame_a_state_and_the_reward_that_the_episode_earns(task) -> None:
    rng = random.Random(task.id)
    environment = Environment.from_json(task.environment)
    for number in range(12):
        program, held_out = random_program(rng), number % 2 == 1
        instances = environment.held_out() if held_out else environment.instances()
        trace = instances.trace(program, number % 2, states=True)
        animation = KAREL.views().animate(KAREL.library(), task, program, instance=number % 2, held_out=held_out)
        assert len(animation.frames) == len(trace.actions) + 1
        assert animation.instances == (2 if held_out else 3)
        assert f"reward {trace.reward:.2f}" in animation.frames[-1].caption
        assert animation.frames[0].caption.startswith(f"0/{len(trace.actions)} start")
        place = rng.randrange(len(animation.frames))
        shows(animation.frames[place].raster(), trace.states[place])
        drawn = animation.frames[place].draw().plain.split("\n")
        assert [len(line) for line in drawn] == [2 * len(row) for row in trace.states[place].map]


def shows(raster: np.ndarray, picture) -> None:
    """Assert that every cell's pixels show its wall, its markers and the agent."""
    side = (raster.shape[0] - 1) // len(picture.map)
    assert raster.dtype == np.uint8
    assert raster.shape == (side * len(picture.map) + 1, side * len(picture.map[0]) + 1, 3)
    for row, line in enumerate(picture.map):
        for column, cell in enumerate(line):
            tile = raster[row * side + 1 : (row + 1) * side, column * side + 1 : (column + 1) * side].astype(int)

            def has(color, tile=tile) -> bool:
                return bool((np.abs(tile - color).sum(axis=2) == 0).any())

            here = (row, column) == (picture.row, picture.column)
            assert has(AGENT) == here
            assert has(MARKER) == (cell not in "#.")
            assert not (has(WALL) and has(FLOOR))
            assert not (cell != "#" and has(WALL))


def test_abstractions_are_expanded_and_what_cannot_be_run_is_said() -> None:
    library = KAREL.library()
    learned = Production(name="fn_0", type="stmt -> stmt", log_weight=0.0, definition="(lambda (karel_seq $0 move))")
    library = type(library)(library.domain, (*library.productions, learned), library.log_variable)
    short = KAREL.views().animate(library, TASKS[0], "(fn_0 turnLeft)")
    assert [frame.caption.split(",")[0] for frame in short.frames] == ["0/2 start", "1/2 turnLeft", "2/2 move"]
    for program in ("(fn_1 move)", "(karel_while move move)", "(lambda"):
        with pytest.raises(InputError):
            KAREL.views().animate(library, TASKS[0], program)


def test_instances_are_counted() -> None:
    assert len(KAREL.views().animate(KAREL.library(), TASKS[0], None, instance=2).frames) == 1
    with pytest.raises(InputError, match="no instance 3: the task has instances 0 to 2"):
        KAREL.views().animate(KAREL.library(), TASKS[0], "move", instance=3)
    with pytest.raises(InputError, match="the task has no held-out instances"):
        KAREL.views().animate(KAREL.library(), KAREL.visible(TASKS[0]), "move", held_out=True)


@given(st.integers(1, 500), st.integers(2, 60))
def test_thinning_keeps_the_ends_and_the_order(count: int, most: int) -> None:
    frames = [Frame(str(number), lambda: None, lambda: None) for number in range(count)]
    thin = Animation("", frames).thinned(most)
    kept = [int(frame.caption) for frame in thin.frames]
    assert kept == sorted(set(kept))
    assert (kept[0], kept[-1], len(kept)) == (0, count - 1, min(count, most))
    gaps = {after - before for before, after in itertools.pairwise(kept)}
    assert not gaps or max(gaps) - min(gaps) <= 1
    assert thin.note == (f"{most} of {count} frames" if count > most else "")


def test_a_domain_without_pictures_has_none() -> None:
    from psynth_list.domain import List

    domain = List()
    assert domain.views().animate(None, None, None) is None
