"""Episodes in bulk against one trace at a time, and worlds of many tasks put together."""

from __future__ import annotations

import numpy as np
import pytest
from psynth_karel.domain import Karel
from psynth_karel.machine import Instances, Stepper

from psynth.core.errors import InputError
from psynth.core.stream.records import Task

PROGRAMS = ("(karel_while frontIsClear move)", "(karel_repeat 3 (karel_seq turnLeft putMarker))", "move")


def free(*seeds: int, profile: str = "leaps") -> Instances:
    """Worlds without a task."""
    return Instances.free(profile, height=8, width=8, walls=0.1, markers=0.1, seeds=seeds)


@pytest.mark.parametrize("threads", [1, 3])
def test_episodes_are_what_traces_are(threads: int) -> None:
    worlds = free(*range(5))
    pairs = [(program, world) for world in (4, 0, 2) for program in (2, 0, 1)]
    found = worlds.episodes(PROGRAMS, pairs, most_actions=4, with_features=True, threads=threads)
    states = np.split(found.features.reshape(-1, 16, 8, 8), np.cumsum(np.minimum(found.lengths, 4) + 1)[:-1])
    for (program, world), length, actions, seen in zip(pairs, found.lengths, found.actions, states, strict=True):
        trace = worlds.trace(PROGRAMS[program], world)
        assert length == len(trace.actions)
        assert bytes(actions) == trace.actions[:4].ljust(4, b"\5")
        stepper = Stepper(worlds.selected([world]))
        for action, state in zip([*trace.actions[:4], 5], seen, strict=False):
            assert (stepper.features()[0] == state).all()
            stepper.step(bytes([action]))


def test_worlds_are_joined_in_order_and_only_those_that_go_together() -> None:
    joined = Instances.joined([free(1, 2), free(3)])
    assert joined.pictures() == free(1, 2, 3).pictures()
    assert joined.selected([2, 0]).pictures() == free(3, 1).pictures()
    with pytest.raises(InputError, match="different profiles"):
        Instances.joined([free(1), free(1, profile="hprl")])
    with pytest.raises(InputError, match="no instance 3"):
        joined.selected([3])
    with pytest.raises(InputError, match="no program 7"):
        joined.episodes(PROGRAMS, [(7, 0)], most_actions=1)


def test_a_demonstrator_numbers_the_worlds_of_all_tasks() -> None:
    karel = Karel()
    tasks = [
        Task(f"karel/{name}", "karel", "stmt", environment={"profile": "leaps", "task": "free", "seeds": seeds})
        for name, seeds in (("a", [5, 6]), ("b", [7]))
    ]
    shown = karel.learning().recorder(karel.library(), tasks)
    assert (list(shown.worlds), shown.shape) == ([range(2), range(2, 3)], (16, 8, 8))
    recorded = shown.record(PROGRAMS, [(0, 2)], 20)
    assert recorded.features is None
    assert recorded.lengths.tolist() == [len(free(7).trace(PROGRAMS[0]).actions)]
    with pytest.raises(InputError, match="task karel/c"):
        karel.learning().recorder(karel.library(), [*tasks, Task("karel/c", "karel", "stmt")])
