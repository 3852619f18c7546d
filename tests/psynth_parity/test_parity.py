"""The domain ``parity``: programs have as many bugs as their tasks say, and evolution repairs one."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from psynth_parity.domain import BITS, CORRECT, Parity, ParityTaskSettings

from psynth.plugins import Budget, InputError, Task
from tests.psynth_command import Psynth

DOMAIN = Parity()


def repairs(places: list[str]) -> int:
    """The least number of places to change until the program is right: any order of the four arguments will do."""
    sums = min(sum(a != b for a, b in zip(places, order, strict=False)) for order in itertools.permutations(BITS))
    return sums + (places[-1] != CORRECT[-1])


def test_programs_have_the_bugs_that_their_tasks_say() -> None:
    tasks = list(DOMAIN.tasks(ParityTaskSettings(split="all", programs=6), 1))
    assert len(tasks) == 2 * 5 * 6
    with DOMAIN.evaluator(DOMAIN.library(), Budget()) as evaluator:
        verdicts = evaluator.judge([(task, [each.program for each in DOMAIN.seeds(task)]) for task in tasks])
    for task, [verdict] in zip(tasks, verdicts, strict=True):
        assert task.environment is not None
        assert f"-{repairs(task.environment['broken'])}-bugs-" in task.id
        assert verdict.status == "ok"
        assert not verdict.solved
        assert verdict.score < 1
    assert len({str(task.environment) for task in tasks}) > 30
    assert all(f"/train-2-bugs-{n:03}" in task.id for n, task in enumerate(DOMAIN.tasks(ParityTaskSettings(bugs=2), 0)))


def test_the_right_program_is_right_on_all_inputs() -> None:
    [task, *_] = DOMAIN.tasks(ParityTaskSettings(), 0)
    right = "def parity(a, b, c, d): return a ^ b ^ c ^ d"
    half = "def parity(a, b, c, d): return 0"
    with DOMAIN.evaluator(DOMAIN.library(), Budget()) as evaluator:
        [[whole, part]] = evaluator.judge([(task, [right, half])])
    assert (len(task.examples), whole.solved, whole.score, part.score) == (16, True, 1.0, 0.5)


def test_a_task_without_a_program_has_no_seed() -> None:
    for environment in (None, {"broken": ["b1"]}, {"broken": ["b1", "b2", "b3", "b4", "import os"]}):
        with pytest.raises(InputError, match=r"environment\.broken"):
            DOMAIN.seeds(Task("parity/x", "parity", environment=environment))


def test_evolution_repairs_a_program(tmp_path: Path) -> None:
    psynth = Psynth(tmp_path)
    env = {"PSYNTH_PLUGINS": "parity,elites,source"}
    seeds = psynth("tasks", "parity", "--bugs", "1", "--programs", "2", "--seeds", "python", env=env)
    (tmp_path / "seeds.jsonl").write_text(seeds.stdout)
    words = ("elites", "--method", "map-elites", "--max-evaluations", "120", "--batch", "20", "--target", "1")
    archive = psynth(*words, "seeds.jsonl", env=env).stdout
    frontiers = [each for each in map(json.loads, archive.splitlines()) if each["type"] == "frontier"]
    best = {}
    for frontier in frontiers:
        best[frontier["task"]["id"]] = max(best.get(frontier["task"]["id"], 0.0), frontier["programs"][0]["score"])
    assert sorted(best.values()) == [0.5, 1.0], "an operation is repaired sooner than an operand"
