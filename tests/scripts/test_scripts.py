"""The scripts in examples/ run from start to end, and again from where they were stopped."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from psynth.core.engines.lambda_machine import EXECUTABLE
from tests.pipeline_command import records

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built"),
]
neural = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs torch")
TINY = {"PROGRAMS": "300", "EPOCHS": "1", "SEEDS": "1", "INSTANCES": "2", "EVALUATIONS": "300", "JOBS": "1"}


def run(script: str, folder: Path, **settings: str) -> str:
    environment = {**os.environ, **settings, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    words = ["bash", str(EXAMPLES / script), str(folder)]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_all_ten_tasks_are_searched_and_what_was_found_compressed(tmp_path: Path) -> None:
    told = run("karel_search.sh", tmp_path, SEEDS="1 2", EVALUATIONS="3000", INSTANCES="4", JOBS="1")
    assert "held out" in told
    nine, stroke = tmp_path / "search-nine-1.jsonl", tmp_path / "search-one-stroke-1.jsonl"
    whole = nine.read_bytes()
    frontiers = records(whole, "frontier")
    assert len({each["task"]["id"] for each in frontiers + records(stroke.read_bytes(), "frontier")}) == 10
    assert all(frontier["programs"][0]["held_out_reward"] is not None for frontier in frontiers)
    assert (tmp_path / "curves.png").stat().st_size > 10_000
    [library] = records((tmp_path / "library.jsonl").read_bytes(), "library")
    assert any("definition" in production for production in library["productions"])
    nine.write_bytes(whole[: len(whole) // 2])
    run("karel_search.sh", tmp_path, SEEDS="1 2", EVALUATIONS="3000", INSTANCES="4", JOBS="1")
    again = records(nine.read_bytes(), "frontier")
    assert [each["programs"] for each in again] == [each["programs"] for each in frontiers]


def test_a_library_is_held_against_its_baseline(tmp_path: Path) -> None:
    told = run("reuse.sh", tmp_path, PROGRAMS="20000", BUDGET="20000", COMPRESS="--iterations 3")
    assert "list: 72 tasks that all have" in told
    report = json.loads((tmp_path / "report.json").read_bytes())
    [comparison] = report["comparison"]
    assert [each["searches"] for each in comparison["runs"]] == [72, 72]
    assert {"cpu_seconds", "programs"} == comparison["budgets"].keys()
    [use] = report["reuse"]
    assert list(use["splits"]) == ["test", "train"]
    assert len(use["abstractions"]) == 3


def test_the_pipe_of_map_elites_goes_on_where_it_was(tmp_path: Path) -> None:
    assert "▦ karel/" in run("elites_pipe.sh", tmp_path, ROUNDS="1", BATCH="8")
    first = records((tmp_path / "archive.jsonl").read_bytes(), "frontier")
    run("elites_pipe.sh", tmp_path, ROUNDS="1", BATCH="8")
    second = (tmp_path / "archive.jsonl").read_bytes()
    assert (tmp_path / "round").read_text() == "2\n"
    assert len(records(second, "frontier")) >= len(first)
    # The parents of the children are credited for them.
    assert sum(each.get("elite", {}).get("children", 0) for each in records(second, "frontier")) > 0


def test_walkers_evolve_from_their_seeds(tmp_path: Path) -> None:
    told = run("elm.sh", tmp_path, LANGUAGE="lambda", EVALUATIONS="60", JOBS="1")
    assert "▦ sodarace/train-000-flat" in told
    assert "independent" in told
    elites = records((tmp_path / "lambda.jsonl").read_bytes(), "frontier")
    assert len(elites) >= 4
    assert all(len(each["programs"][0]["descriptor"]) == 3 for each in elites)
    again = run("elm.sh", tmp_path, LANGUAGE="lambda", EVALUATIONS="60", JOBS="1")
    assert records((tmp_path / "lambda.jsonl").read_bytes(), "frontier") == elites
    assert again.splitlines()[0] == told.splitlines()[0]


def test_circles_are_packed_better_than_by_the_seed_programs(tmp_path: Path) -> None:
    told = run("circle_packing.sh", tmp_path, CIRCLES="5", TARGET="0.9", EVALUATIONS="4", JOBS="1")
    assert "The seed programs:" in told
    assert "contacts" in told
    elites = records((tmp_path / "elites.jsonl").read_bytes(), "frontier")
    best = max(elites, key=lambda each: each["programs"][0]["reward"])["programs"][0]
    assert best["reward"] > 1.0  # the rows have 0.83
    assert best["versions"].keys() >= {"python", "numpy"}


@neural
@pytest.mark.neural
def test_leaps_goes_from_a_data_set_to_a_table_beside_the_published_one(tmp_path: Path) -> None:
    told = run("leaps.sh", tmp_path, **TINY, TRAINING="--latent 16 --hidden 16 --executor 16 --filters 4")
    assert "LEAPS" in told
    found = [records(path.read_bytes(), "frontier")[0] for path in sorted(tmp_path.glob("cem-*.jsonl"))]
    assert len({frontier["task"]["id"] for frontier in found}) == 6
    assert all(frontier["search"]["method"] == "cem" for frontier in found)
    assert len(list(tmp_path.glob("cebs-*.jsonl"))) == 6
