"""Archives hold what those of pyribs hold after the same programs."""

from __future__ import annotations

import random

import pytest

from psynth.core.engines.archive import Elites, centroids
from psynth.core.stream.records import Archive, Dimension, Frontier, Program, Task

archives = pytest.importorskip("ribs.archives", reason="pyribs is not installed")
numpy = pytest.importorskip("numpy")

TASK = Task("toy/1", "toy")
DIMENSIONS = (Dimension("x", -2.0, 3.0, 7), Dimension("y", 0.0, 1.0, 5))
RANGES = [(-2.0, 3.0), (0.0, 1.0)]


def programs(count: int) -> list[tuple[float, tuple[float, float]]]:
    """Gains, all different, so that no tie has to be decided, and descriptors, some of them outside."""
    rng = random.Random(0)
    return [(rng.random(), (rng.uniform(-2.5, 3.5), rng.uniform(-0.1, 1.1))) for _ in range(count)]


@pytest.mark.parametrize("layout", ["grid", "cvt"])
def test_the_same_elites_and_statistics(layout: str) -> None:
    archive = Archive(layout, DIMENSIONS)
    given = programs(5_000)
    if layout == "grid":
        peer = archives.GridArchive(solution_dim=1, dims=[7, 5], ranges=RANGES)
    else:
        # With ranges of width 1, as distances in pyribs are in the units of the measures.
        dimensions = (Dimension("x", 0.0, 1.0), Dimension("y", 0.0, 1.0))
        points = centroids(Archive("cvt", dimensions), 40, 1)
        archive = Archive("cvt", dimensions, centroids=points)
        given = [(gain, ((x + 2.5) / 6.0, (y + 0.1) / 1.2)) for gain, (x, y) in given]
        peer = archives.CVTArchive(solution_dim=1, centroids=numpy.array(points), ranges=[(0.0, 1.0), (0.0, 1.0)])
    elites = Elites(archive)
    for number, (gain, descriptor) in enumerate(given):
        program = Program(str(number), "text", reward=gain, descriptor=descriptor)
        elites.offer(Frontier(TASK, (program,)))
    peer.add(
        numpy.arange(len(given), dtype=float)[:, None],
        numpy.array([gain for gain, _ in given]),
        numpy.array([descriptor for _, descriptor in given]),
    )
    assert {(int(elite.program), elite.gain) for elite in elites.all(TASK.id)} == {
        (int(solution[0]), objective)
        for solution, objective in zip(peer.data("solution"), peer.data("objective"), strict=True)
    }
    assert elites.filled(TASK.id) == peer.stats.num_elites
