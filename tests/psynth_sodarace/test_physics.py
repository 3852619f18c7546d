"""The physics of walkers as Python enters it: a second implementation, rest, threads, and faults."""

from __future__ import annotations

import random

import pytest
from psynth_sodarace.machine import BATCH, Fault, Measures, Plan, constants, run, trace

from tests.psynth_sodarace.reference import Link, World

pytest.importorskip("psynth._native", reason="the Rust extension is not built (make setup)")

HOBBLER: Plan = ([(0, 0), (4, 0), (2, 3)], [(0, 1, None), (1, 2, None), (2, 0, (8.0, 0.25))])


def plan(seed: int) -> Plan:
    """A walker at random."""
    rng = random.Random(seed)
    count = rng.randint(3, 7)
    # Multiples of 1/64, which the engine does not round.
    joints = [(rng.randint(0, 512) / 64, rng.randint(0, 512) / 64) for _ in range(count)]
    pairs = [(a, b) for a in range(count) for b in range(a + 1, count) if b == a + 1 or rng.random() < 0.5]
    rhythms = [None if rng.random() < 0.4 else (rng.uniform(-10, 10), rng.random()) for _ in pairs]
    return joints, [(a, b, rhythm) for (a, b), rhythm in zip(pairs, rhythms, strict=True)]


@pytest.mark.parametrize("terrain", ["flat", "bumpy"])
def test_a_second_implementation_agrees(terrain: str) -> None:
    compared = 0
    for seed in range(12):
        joints, links = plan(seed)
        [found] = run([(joints, links)], terrain, 1000)
        if not isinstance(found, Measures) or found.settled > 6:
            continue  # errors grow with time, as in every chaotic system
        world = World([list(joint) for joint in joints], [Link(*link) for link in links], bumpy=terrain == "bumpy")
        assert world.settle() == pytest.approx(found.settled), seed
        assert world.walk(1000) == pytest.approx(found.displacement, abs=1e-6), seed
        compared += 1
    assert compared >= 4


def test_a_trace_ends_where_a_run_does() -> None:
    for terrain in constants().terrains:
        [found] = run([HOBBLER], terrain, 1500)
        motion = trace(HOBBLER, terrain, 1500)
        assert not isinstance(motion, Fault)
        assert motion.measures == found
        centers = [sum(x for x, _ in joints) / 3 for joints in motion.frames]
        assert len(motion.frames) - motion.passive == 45
        assert centers[-1] - centers[motion.passive - 1] == pytest.approx(motion.measures.displacement, abs=1e-3)


def test_threads_change_nothing_and_faults_stay_with_their_walkers() -> None:
    plans = [plan(seed) for seed in range(20)]
    plans[3:3] = [([(0, 0)], []), ([(0, 0), (1, 0)], [(0, 1, (99.0, 0.0))])]
    alone = [found for each in plans for found in run([each], "flat", 300)]
    assert [type(each) for each in alone[3:5]] == [Fault, Fault]
    assert [each.kind for each in alone[3:5]] == ["invalid", "invalid"]  # type: ignore[union-attr]
    for threads in (1, 2, 7):
        assert run(plans, "flat", 300, threads) == alone
    assert run([], "flat", 300, 3) == []
    assert run([HOBBLER] * (BATCH + 1), "flat", 10, 2) == run([HOBBLER], "flat", 10) * (BATCH + 1)
