"""The Karel machine does, step by step, what a slow reference does: random programs in random worlds of every task."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

import pytest
from psynth_karel.machine import Instances, Picture, Score, Trace, actions, rules, to_term

import tests.psynth_karel.reference as reference
from tests.psynth_karel.programs import FULL_OF_LOOPS, SOLVERS, random_program

MOST_STATES = 300


@dataclass(frozen=True)
class Setting:
    """A task under a profile, or random worlds without one."""

    profile: str
    task: str
    height: int
    width: int
    sparse: bool = False

    def instances(self, seeds: list[int]) -> Instances:
        size = {"height": self.height, "width": self.width}
        if self.task == "free":
            return Instances.free(self.profile, **size, walls=0.2, markers=0.3, seeds=seeds)
        return Instances.generate(self.task, self.profile, **size, seeds=seeds, sparse=self.sparse)

    def run_by_reference(self, program: str, picture: Picture, seed: int) -> reference.Episode:
        grid = reference.Grid.read(list(picture.map), picture.row, picture.column, picture.heading)
        food = reference.food(self.profile, seed, self.height, self.width)
        task = reference.Task(self.task, grid, self.sparse, food)
        return reference.episode(self.profile, task, reference.parse(program), MOST_STATES)

    def __str__(self) -> str:
        return f"{self.profile}-{self.task}{'-sparse' * self.sparse}"


PROFILES = ("leaps", "hprl", "prog-policies")
SETTINGS = [
    *(Setting(rule.profile, rule.task, rule.height, rule.width) for rule in rules()),
    *(Setting(rule.profile, rule.task, rule.height, rule.width, sparse=True) for rule in rules() if rule.has_sparse),
    *(Setting(profile, "free", 8, 8) for profile in PROFILES),
]


def settings_of(profile: str) -> list[Setting]:
    return [setting for setting in SETTINGS if setting.profile == profile]


def check_trace(trace: Trace, expected: reference.Episode, program: str) -> None:
    assert [actions()[number] for number in trace.actions] == expected.done, program
    assert trace.end == expected.end, program
    assert trace.reward == pytest.approx(float(expected.earned), abs=1e-12), program
    states = [(state.map, state.row, state.column, state.heading) for state in trace.states[:MOST_STATES]]
    assert states == expected.states, program


def check_program(setting: Setting, instances: Instances, pictures: list[Picture], program: str) -> float:
    """Hold one program against the reference in all worlds; its mean reward."""
    traces = [instances.trace(program, index, states=True) for index in range(len(pictures))]
    for seed, (trace, picture) in enumerate(zip(traces, pictures, strict=True)):
        check_trace(trace, setting.run_by_reference(program, picture, seed), program)
    # Scores come another way: from a term, and without running the rounds of endless loops.
    [score] = instances.evaluate([to_term(program)])
    assert isinstance(score, Score)
    assert instances.evaluate([program], every_step=True) == [score], program
    assert score.reward == pytest.approx(sum(trace.reward for trace in traces) / len(traces), abs=1e-12), program
    done = sum((Counter(trace.actions) for trace in traces), Counter())
    assert score.actions == tuple(done[number] for number in range(len(actions()))), program
    assert score.cut_short == sum(trace.end in ("budget", "loop") for trace in traces), program
    return score.reward


def check(setting: Setting, programs: int, worlds: int) -> int:
    """Hold so many random programs against the reference in so many worlds; how many earned something."""
    rng = random.Random(str(setting))
    instances = setting.instances(list(range(worlds)))
    pictures = instances.pictures()
    drawn = [random_program(rng) for _ in range(programs // 2)]
    drawn += [random_program(rng, FULL_OF_LOOPS) for _ in range(programs - len(drawn))]
    drawn += SOLVERS.values()
    return sum(check_program(setting, instances, pictures, program) != 0 for program in drawn)


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_random_programs_do_and_earn_what_the_reference_does(setting: Setting) -> None:
    rewarded = check(setting, programs=60, worlds=4)
    assert rewarded > 0 or setting.task == "free"


@pytest.mark.slow
@pytest.mark.parametrize("profile", PROFILES)
def test_ten_thousand_random_pairs_of_program_and_world(profile: str) -> None:
    settings = settings_of(profile)
    programs = -(-10_000 // (8 * len(settings)))
    assert sum(check(setting, programs, worlds=8) for setting in settings) > 100
