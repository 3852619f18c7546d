"""Karel's tasks as Gymnasium environments: the interface, rewards, seeding, and scalar against vector."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np
import pytest
from psynth_karel.environment import find_rule
from psynth_karel.machine import Instances, Stepper, rules

from psynth.core.errors import InputError, UsageError

gymnasium = pytest.importorskip("gymnasium", reason="gymnasium is not installed (the extra gym)")
from gymnasium.utils.env_checker import check_env  # noqa: E402
from gymnasium.vector import AutoresetMode, SyncVectorEnv  # noqa: E402
from psynth_karel.gym.registration import MOST_STEPS, environment_id, register  # noqa: E402

register()
TASKS = tuple(dict.fromkeys(rule.task for rule in rules()))
IDS = [environment_id(task) for task in TASKS]
EVERY_RULE = [pytest.param(rule, id=f"{rule.profile}-{rule.task}") for rule in rules()]


def test_the_ten_tasks_are_registered() -> None:
    assert [
        f"psynth/Karel-{name}-v0"
        for name in (
            *("StairClimber", "FourCorners", "TopOff", "Maze", "CleanHouse"),
            *("Harvester", "DoorKey", "OneStroke", "Seeder", "Snake"),
        )
    ] == IDS
    assert all(gymnasium.spec(each).max_episode_steps == MOST_STEPS for each in IDS)


@pytest.mark.parametrize("observation", ["planes", "perceptions"])
@pytest.mark.parametrize("name", IDS)
def test_environments_pass_the_check(name: str, observation: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(gymnasium.make(name, observation=observation).unwrapped)


@pytest.mark.parametrize("rule", EVERY_RULE)
def test_an_episode_is_the_machines(rule: Any) -> None:
    """In the worlds of `psynth tasks karel --seed 3`, held against the stepper: observations, rewards and the end."""
    options = {"profile": rule.profile, "instances": 4, "worlds_seed": 3, "height": rule.height, "width": rule.width}
    environment = gymnasium.make(environment_id(rule.task), **options)
    known = Instances.generate(
        rule.task,
        rule.profile,
        sparse=rule.sparse,
        height=rule.height,
        width=rule.width,
        seeds=range(3_000_000, 3_000_004),
    )
    first = Stepper(known).features()
    rng, seen = np.random.default_rng(0), set()
    for episode in range(12):
        observation, _ = environment.reset(seed=1 if episode == 0 else None)
        (place,) = [i for i in range(4) if (first[i] == observation).all()][:1]
        seen.add(place)
        stepper, earned = Stepper(known.selected([place])), 0.0
        for _ in range(80):
            action = int(rng.integers(5))
            observation, reward, terminated, truncated, info = environment.step(action)
            stepper.step(bytes([action]))
            earned += float(reward)
            assert (observation == stepper.features()[0]).all()
            assert earned == pytest.approx(stepper.rewards()[0])
            assert (terminated, truncated) == (stepper.ended()[0], False)
            assert info["is_success"] == (stepper.rewards()[0] >= known.selected([place]).best_reward)
            if terminated:
                break
    assert len(seen) > 1 or len({each.tobytes() for each in first}) == 1


def test_solving_the_task_is_success_and_the_held_out_worlds_are_others() -> None:
    numbers = {"move": 0, "left": 1, "right": 2, "pick": 3}
    found = set()
    for split in ("train", "test"):
        environment = gymnasium.make("psynth/Karel-Harvester-v0", profile="hprl", instances=1, split=split)
        environment.reset(seed=0)
        total, terminated, info = 0.0, False, {}
        for row, turn in zip(range(6), itertools.cycle(("left", "right")), strict=False):
            # What is picked counts one action late.
            words = ["pick", "move"] * 5 + ["pick"] + ([turn, "move", turn] if row < 5 else ["left"])
            for word in words:
                _, reward, terminated, _, info = environment.step(numbers[word])
                total += float(reward)
        assert (round(total, 9), terminated, info["is_success"]) == (1.0, True, True)
        maze = gymnasium.make("psynth/Karel-Maze-v0", instances=1, split=split)
        found.add(maze.reset(seed=0)[0].tobytes())
    assert len(found) == 2


@pytest.mark.parametrize("mode", list(AutoresetMode))
@pytest.mark.parametrize("instances", [None, 3])
@pytest.mark.parametrize("name", ["psynth/Karel-Maze-v0", "psynth/Karel-Seeder-v0", "psynth/Karel-Snake-v0"])
def test_the_vector_environment_does_what_single_ones_do(name: str, instances: int | None, mode: AutoresetMode) -> None:
    options: dict[str, Any] = {"instances": instances, "max_episode_steps": 25}
    ours = gymnasium.make_vec(name, num_envs=7, autoreset_mode=mode, **options)
    singles = [lambda: gymnasium.make(name, **options)] * 7
    theirs = SyncVectorEnv(singles, autoreset_mode=mode)
    assert type(ours.unwrapped).__name__ == "KarelVectorEnv"
    assert (ours.observation_space, ours.action_space) == (theirs.observation_space, theirs.action_space)
    rng, ends = np.random.default_rng(5), 0
    for seed in (11, None, [5, None, 7, 8, None, 9, 2**80]):
        (one, _), (other, _) = ours.reset(seed=seed), theirs.reset(seed=seed)
        np.testing.assert_array_equal(one, other)
        over = np.zeros(7, dtype=bool)
        for _ in range(120):
            if mode == AutoresetMode.DISABLED and over.any():
                (one, _), (other, _) = (each.reset(options={"reset_mask": over.copy()}) for each in (ours, theirs))
                np.testing.assert_array_equal(one, other)
            actions = rng.integers(5, size=7)
            mine, expected = ours.step(actions), theirs.step(actions)
            for left, right in zip(mine[:4], expected[:4], strict=True):
                np.testing.assert_array_equal(left, right)
                assert left.dtype == right.dtype
            _assert_same_infos(mine[4], expected[4])
            over = mine[2] | mine[3]
            ends += int(over.sum())
    assert ends > 50


def _assert_same_infos(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert ours.keys() == theirs.keys()
    for key, value in ours.items():
        if isinstance(value, dict):
            _assert_same_infos(value, theirs[key])
        elif value.dtype == object:
            for left, right in zip(value, theirs[key], strict=True):
                np.testing.assert_array_equal(left, right)
        else:
            np.testing.assert_array_equal(value, theirs[key])


def test_arrays_that_were_given_away_do_not_change() -> None:
    environment = gymnasium.make_vec("psynth/Karel-Seeder-v0", num_envs=2)
    first, _ = environment.reset(seed=0)
    kept = first.copy()
    second = environment.step(np.array([4, 4]))[0]
    np.testing.assert_array_equal(first, kept)
    assert (second != kept).any()
    second[:] = 0  # a caller may write into what is theirs
    assert environment.step(np.array([1, 1]))[0].any()


def test_pictures() -> None:
    text = gymnasium.make("psynth/Karel-Maze-v0", render_mode="ansi")
    text.reset(seed=2)
    rows = text.render().split("\n")
    assert [len(row) for row in rows] == [24] * 12
    assert rows[0] == "█" * 24
    assert rows[10][2:4] == "▶ "
    pytest.importorskip("PIL", reason="Pillow is not installed (the extra pictures)")
    pixels = gymnasium.make("psynth/Karel-Snake-v0", render_mode="rgb_array", profile="prog-policies")
    pixels.reset(seed=2)
    before = pixels.render()
    pixels.step(0)
    assert before.dtype == np.uint8
    assert before.shape[2] == 3
    assert (before != pixels.render()).any()


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("DoorKey", {"profile": "leaps"}, "no task 'door-key'"),
        ("Maze", {"profile": "lepas"}, "leaps"),
        ("Maze", {"split": "test"}, "needs instances"),
        ("Maze", {"height": 3}, "height"),
        ("Maze", {"observation": "pixels"}, "perceptions"),
        ("Snake", {"rewards": "sparse", "profile": "hprl"}, "no sparse rewards"),
    ],
)
def test_wrong_settings_are_told(name: str, options: dict[str, Any], message: str) -> None:
    for make in (gymnasium.make, gymnasium.make_vec):
        with pytest.raises((UsageError, InputError), match=message):
            make(f"psynth/Karel-{name}-v0", **options)


def test_wrong_calls_are_told() -> None:
    single = gymnasium.make("psynth/Karel-Maze-v0").unwrapped
    with pytest.raises(InputError, match="is over: reset it"):
        single.step(0)
    single.reset(seed=0)
    with pytest.raises(InputError, match="an action is 0 to 4, not 5"):
        single.step(5)
    with pytest.raises(TypeError):
        single.step(0.5)
    with pytest.raises(UsageError, match="wind"):
        single.reset(options={"wind": 1})
    many = gymnasium.make_vec("psynth/Karel-Maze-v0", num_envs=2).unwrapped
    with pytest.raises(UsageError, match="before the first step"):
        many.step(np.array([0, 0]))
    many.reset(seed=0)
    before = many.step(np.array([1, 1]))[0]
    with pytest.raises(InputError, match="not -1"):
        many.step(np.array([1, -1]))
    np.testing.assert_array_equal(many.step(np.array([2, 2]))[0].shape, before.shape)
    for wrong in (np.array([0.0, 1.0]), np.array([0]), np.array([[0, 1]])):
        with pytest.raises(UsageError, match="actions are 2 integers"):
            many.step(wrong)


def test_rewards_of_a_profile_are_those_that_are_asked_for() -> None:
    assert find_rule("prog-policies", "maze").sparse
    dense = gymnasium.make("psynth/Karel-Maze-v0", rewards="dense").unwrapped
    sparse = gymnasium.make("psynth/Karel-Maze-v0").unwrapped
    rng = np.random.default_rng(1)
    earned: dict[str, set[float]] = {"dense": set(), "sparse": set()}
    for environment, name in ((dense, "dense"), (sparse, "sparse")):
        environment.reset(seed=4)
        for _ in range(300):
            _, reward, terminated, _, _ = environment.step(int(rng.integers(3)))
            earned[name].add(reward)
            if terminated:
                environment.reset()
    assert len(earned["dense"]) > 2
    assert earned["sparse"] <= {0.0, 1.0}
