"""Hill climbing on a landscape that can be seen through: numbers whose neighbors are one more and one less."""

from __future__ import annotations

import math
import threading

import pytest
from psynth_search.climb import Climb, Plan
from psynth_search.widths import constant, sine_ramp

from psynth.core.seeds import stable_hash
from psynth.plugins.neighborhood import Candidate, Neighborhood, Step


class Ridge(Neighborhood):
    """Programs are the numbers of a list of gains; the neighbors are the number before and the one after."""

    def __init__(self, gains: list[float], starts: list[int]) -> None:
        self.gains, self.starts, self.drawn = gains, starts, 0
        self.ceiling = max(gains)

    def candidate(self, number: int) -> Candidate:
        return Candidate(str(number), self.gains[number])

    def judge(self, programs):
        return [self.candidate(int(each)) if each.isdigit() else Candidate(each, -math.inf) for each in programs]

    def draw(self, count, seed):
        self.drawn += 1
        return [self.candidate(self.starts[(self.drawn - 1) % len(self.starts)])]

    def step(self, candidate, most, seed, *, drift=False):
        here = int(candidate.program)
        for looked in range(1, most + 1):
            there = here + (1 if stable_hash(seed, looked) % 2 else -1)
            if not 0 <= there < len(self.gains):
                continue
            if self.gains[there] > candidate.gain:
                return Step(self.candidate(there), looked, looked)
            if drift and self.gains[there] == candidate.gain:
                here = there
        return Step(None, most, most)


def climb(gains: list[float], starts: list[int], **settings) -> Climb:
    plan = Plan(constant(20), **({"evaluations": 2000} | settings))
    return Climb(Ridge(gains, starts), plan, seed=1)


def test_it_restarts_from_a_local_optimum_and_stops_at_the_ceiling() -> None:
    two_peaks = [*range(10), *range(8, -1, -1), *range(30)]
    found = climb(two_peaks, [3, 30])
    gains = [candidate.gain for candidate in found.improvements()]
    assert gains == sorted(set(gains))
    assert gains[-1] == 29
    assert (found.is_solved, found.restarts) == (True, 1)
    assert found.evaluations < 2000


def test_the_budget_is_kept_to_the_program_and_the_best_is_remembered() -> None:
    found = climb([0, 1, 0, 0, 0, 9], [0, 2], evaluations=137)
    list(found.improvements())
    assert (found.evaluations, found.is_solved, found.best) == (137, False, Candidate("1", 1))


def test_plateaus_are_crossed_only_by_drifting() -> None:
    plateau = [0, 1, 1, 1, 2]
    stuck, crossing = climb(plateau, [0]), climb(plateau, [0], drift=True)
    list(stuck.improvements())
    list(crossing.improvements())
    assert (stuck.best.gain, crossing.best.gain) == (1, 2)


def test_given_programs_come_first_and_those_that_cannot_run_are_passed_over() -> None:
    found = climb([*range(5), 0, *range(20)], [0])
    found.starts = ["nonsense", "7"]
    assert next(found.improvements()).program == "7"
    assert found.evaluations == 2


def test_a_target_or_a_word_from_outside_ends_it() -> None:
    easy = climb([*range(50)], [0], target=7)
    list(easy.improvements())
    assert (easy.best.gain, easy.is_solved) == (7, True)
    told = climb([0, 1, 0], [0])
    told.stop = threading.Event()
    told.stop.set()
    list(told.improvements())
    assert (told.is_solved, told.evaluations) == (False, 1)


def test_the_best_few_are_kept_best_first_and_once() -> None:
    found = climb([*range(30)], [0], keep=3)
    list(found.improvements())
    assert [candidate.program for candidate in found.kept] == ["29", "28", "27"]


@pytest.mark.parametrize("budget", [100, 10**6])
def test_the_sine_ramp_is_the_published_formula(budget: int) -> None:
    width = sine_ramp(32, 2048, budget)
    middle = round(math.sqrt(budget))
    assert (width(0), width(1), width(budget), width(budget * 9)) == (32, 32, 2048, 2048)
    assert width(middle) == pytest.approx(256, rel=0.1)
    widths = [width(n) for n in range(1, budget, max(1, budget // 50))]
    assert widths == sorted(widths)
