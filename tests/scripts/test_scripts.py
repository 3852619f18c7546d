"""The scripts in examples/ run from start to end, and again from where they were stopped."""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from psynth_clevr.questions import KINDS

from psynth.core.engines.lambda_machine import EXECUTABLE
from tests.fake_endpoint import Exchange, FakeEndpoint
from tests.pipeline_command import records
from tests.psynth_arc.grid_tasks import FUNCTIONS, task, tasks

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built"),
]
neural = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs torch")
TINY = {"PROGRAMS": "300", "EPOCHS": "1", "SEEDS": "1", "INSTANCES": "2", "EVALUATIONS": "300", "JOBS": "1"}


def run(script: str, folder: Path, **settings: str) -> str:
    return run_with([script, str(folder)], **settings)


def run_with(words: list[str], path: str = "", **settings: str) -> str:
    """The output of a script with its arguments; ``path`` is searched for commands first."""
    folders = [*filter(None, [path]), str(Path(sys.executable).parent), os.environ["PATH"]]
    environment = {**os.environ, **settings, "PATH": os.pathsep.join(folders)}
    command = ["bash", str(EXAMPLES / words[0]), *words[1:]]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900)
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


def test_a_language_model_is_an_operator_of_evolution_beside_others(tmp_path: Path) -> None:
    def wider(exchange: Exchange) -> None:
        """Write the walker that is shown with another number."""
        program = exchange.body["messages"][-1]["content"].rpartition("```")[0].rpartition("```")[2]
        exchange.answer([f"```{program.replace('10', str(7 + each))}```" for each in range(exchange.wanted)])

    with FakeEndpoint(wider) as endpoint:
        told = run("elm.sh", tmp_path, EVALUATIONS="200", JOBS="1", MODEL=endpoint.model())
        assert endpoint.asked
        asked = len(endpoint.asked)
        assert run("elm.sh", tmp_path, EVALUATIONS="200", JOBS="1", MODEL=endpoint.model())
        assert len(endpoint.asked) == asked
    log = (tmp_path / "python-0.log").read_text()
    assert "python-ast" in log
    assert "llm:model=openai" in log
    assert "prompt tokens" in told


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


LOOP = {"SIZE": "smoke", "BATCHES": "2", "JOBS": "1"}
VARYING = ("control", "spent", "totals")
"""Files of the loop that hold CPU seconds, or depend on them."""


def untimed(stream: Path) -> str:
    """A stream without the CPU seconds of searches, and without digests of files that have such."""
    return re.sub(r'"cpu_seconds":[-+.e0-9]+|"[0-9a-f]{64}"', "", stream.read_text())


def untimed_streams(folder: Path) -> dict[str, str]:
    """The streams of a loop by name, without what varies with CPU seconds."""
    files = {str(each.relative_to(folder)): each for each in sorted(folder.glob("seed-*/*.jsonl"))}
    return {name: untimed(each) for name, each in files.items() if not any(word in name for word in VARYING)}


def test_a_library_grows_in_a_loop_and_is_compared_at_equal_cpu_seconds(tmp_path: Path) -> None:
    told = run("dreamcoder.sh", tmp_path / "loop", **LOOP)
    assert "72 tasks that all have" in told
    assert "CPU seconds of all searches" in told
    spent, control = (float(each) for each in re.findall(r"([0-9.]+) in the (?:loop|control)", told))
    assert control >= 0.5 * spent > 0
    whole = untimed_streams(tmp_path / "loop")
    assert len(whole) == 2 * 5
    [library] = records((tmp_path / "loop/seed-1/01-sleep.jsonl").read_bytes(), "library")
    assert any("definition" in production for production in library["productions"])
    assert "solved by programs" in (tmp_path / "loop/report.html").read_text()
    # Both batches together are all training tasks, and no test task is among them.
    searched = [records((tmp_path / f"loop/seed-1/0{i}-wake.jsonl").read_bytes(), "frontier") for i in (0, 1)]
    names = [each["task"]["id"] for part in searched for each in part]
    assert len(names) == len(set(names)) == 122
    assert all(each["task"]["split"] == "train" for part in searched for each in part)


def test_a_loop_that_is_continued_has_a_new_control_run_and_keeps_its_tasks(tmp_path: Path) -> None:
    settings = {**LOOP, "BATCHES": "1", "ITERATIONS": "1"}
    run("dreamcoder.sh", tmp_path, **settings)
    first = (tmp_path / "seed-1/control.jsonl").read_bytes()
    run("dreamcoder.sh", tmp_path, **settings)
    assert (tmp_path / "seed-1/control.jsonl").read_bytes() == first
    run("dreamcoder.sh", tmp_path, **{**settings, "ITERATIONS": "2"})
    tried = [
        sum(each["search"]["programs"] for each in records(stream, "frontier"))
        for stream in (first, (tmp_path / "seed-1/control.jsonl").read_bytes())
    ]
    assert tried[1] > tried[0]
    with pytest.raises(AssertionError, match="other tasks"):
        run("dreamcoder.sh", tmp_path, **{**settings, "DOMAIN": "regex"})


@neural
def test_a_network_guides_the_loop(tmp_path: Path) -> None:
    settings = {**LOOP, "BATCHES": "1", "ITERATIONS": "1", "RECOGNITION": "--steps 5 --hidden 16", "DREAMS": "100"}
    told = run("dreamcoder.sh", tmp_path, **settings)
    assert "00-guided-test" in told
    folder = tmp_path / "seed-1"
    guided = records((folder / "00-guided.jsonl").read_bytes(), "frontier")
    assert len(guided) == 122
    assert all(each["weights"] for each in guided)
    dreams = records((folder / "00-dreams.jsonl").read_bytes(), "frontier")
    assert {each["task"]["origin"] for each in dreams} == {"dream"}
    # The weights are those of the library that the network knows: the next search has its own.
    assert not any("weights" in each for each in records((folder / "00-sleep.jsonl").read_bytes(), "frontier"))


def test_the_loop_of_clevr_tells_what_is_solved_and_goes_on(tmp_path: Path) -> None:
    settings = {"SIZE": "smoke", "JOBS": "1"}
    told = run("clevr_loop.sh", tmp_path, **settings).partition("Test tasks solved")[2]
    solved = {line.split()[0]: [int(word) for word in line.split()[1::2]] for line in told.splitlines() if line}
    everything = solved.pop("all")
    assert everything == [sum(solved[name][place] for name in KINDS) for place in (0, 1)]
    assert everything[0] > 0
    assert everything[1] == 20
    for name in ("tested.jsonl", "library.jsonl", "11-found.jsonl"):
        (tmp_path / name).unlink()
    assert run("clevr_loop.sh", tmp_path, **settings).partition("Test tasks solved")[2] == told


def test_a_loop_that_is_killed_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    run("dreamcoder.sh", tmp_path / "whole", **LOOP)
    environment = {**os.environ, **LOOP, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    command = ["bash", str(EXAMPLES / "dreamcoder.sh"), str(tmp_path / "killed")]
    kills = 0
    for number in range(60):
        # Later each time, so that some kill falls into each stage.
        job = subprocess.Popen(command, env=environment, start_new_session=True, stderr=subprocess.DEVNULL)
        try:
            job.wait(0.3 * 1.1**number)
            break
        except subprocess.TimeoutExpired:
            os.killpg(job.pid, signal.SIGKILL)
            job.wait()
            kills += 1
    assert job.returncode == 0
    assert kills >= 5
    assert untimed_streams(tmp_path / "killed") == untimed_streams(tmp_path / "whole")


def test_cron_adds_an_iteration_each_time_and_never_two_at_once(tmp_path: Path) -> None:
    settings = {**LOOP, "BATCHES": "1"}
    run("cron.sh", tmp_path / "nightly", **settings)
    run("cron.sh", tmp_path / "nightly", **settings)
    assert [each.name for each in sorted(tmp_path.glob("nightly/seed-1/*-test.jsonl"))] == [
        "00-test.jsonl",
        "01-test.jsonl",
    ]
    with open(tmp_path / "nightly/lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run("cron.sh", tmp_path / "nightly", **settings)
    assert not (tmp_path / "nightly/seed-1/02-test.jsonl").exists()


def test_libraries_are_evaluated_beside_none(tmp_path: Path) -> None:
    run("dreamcoder.sh", tmp_path / "loop", **LOOP)
    library = tmp_path / "loop/seed-1/01-sleep.jsonl"
    folder = tmp_path / "evaluation"
    told = run_with(["library_evaluation.sh", str(library)], FOLDER=str(folder), SEARCH="--max-programs 3000")
    assert "uses in solutions" in told
    assert "(baseline)" in told
    assert (folder / "report.html").stat().st_size > 10_000


def test_a_loop_of_slurm_jobs_survives_requeues(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/sbatch").symlink_to(Path(__file__).with_name("stub-sbatch"))
    settings = {"ITERATIONS": "2", "SHARDS": "3", "SEARCH": "--max-programs 3000", "TEST_SEARCH": "--max-programs 3000"}
    for name, requeue in (("once", ""), ("requeued", "0.4")):
        run_with(
            ["slurm/submit.sh", str(tmp_path / name)],
            path=str(tmp_path / "bin"),
            STUB_SLURM=str(tmp_path / f"{name}.json"),
            STUB_REQUEUE=requeue,
            **settings,
        )
        jobs = json.loads((tmp_path / f"{name}.json").read_text())
        assert [each["name"] for each in jobs] == [
            *("wake-00", "sleep-00", "test-00", "wake-01", "sleep-01", "test-01", "report")
        ]
        assert all(each["ok"] for each in jobs)
        assert "all 72 tasks" in (tmp_path / name / "report.html").read_text()
    for each in ("00-sleep.jsonl", "01-wake.jsonl", "01-test.jsonl"):
        assert untimed(tmp_path / "once" / each) == untimed(tmp_path / "requeued" / each)


def test_the_search_over_grids_goes_deeper_where_nothing_was_found(tmp_path: Path) -> None:
    given = tmp_path / "given.jsonl"
    given.write_bytes(tasks(*map(task, FUNCTIONS)))
    settings = {"TASKS": str(given), "DEPTHS": "0.9 1.8", "JOBS": "1", "COMPRESS": "--iterations 1"}
    told = run("arc_search.sh", tmp_path / "out", **settings)
    curve = [line.split("\t") for line in (tmp_path / "out/curve.tsv").read_text().splitlines()]
    assert curve[0] == ["depth", "cpu_seconds", "answered", "right"]
    assert [(row[0], row[2], row[3]) for row in curve[1:]] == [("0.9", "3", "3"), ("1.8", "4", "4")]
    assert float(curve[1][1]) < float(curve[2][1])
    assert "library.jsonl" in told
    deeper = tmp_path / "out/depth-1.8.jsonl"
    assert len(records(deeper.read_bytes(), "frontier")) == 1, "only what was left unsolved"
    deeper.unlink()
    assert run("arc_search.sh", tmp_path / "out", **settings).splitlines()[2].split("\t")[2:] == ["4", "4"]


@neural
def test_the_loop_of_codeit_goes_on_with_what_it_has_sampled(tmp_path: Path) -> None:
    psynth = Path(sys.executable).parent / "psynth"
    seeds, wanted = tmp_path / "seeds.jsonl", tmp_path / "tasks.jsonl"
    given = subprocess.run(
        [psynth, *["tasks", "list", "--count", "12", "--held-out", "3"]], capture_output=True, check=True
    )
    search = [psynth, *["enumerate", "-q", "--max-programs", "3000", "--max-frontier", "2", "-o"], seeds]
    subprocess.run(search, input=given.stdout, check=True)
    subprocess.run(
        [psynth, *["tasks", "list", "--split", "test", "--count", "3", "--held-out", "3", "-o"], wanted], check=True
    )
    settings = {"SIZE": "smoke", "SAMPLES": "24", "TRAIN": "--epochs 1 --max-words 30 --hidden 16 --layers 1 --heads 2"}
    words = ["codeit.sh", str(seeds), str(wanted), str(tmp_path / "out")]
    told = run_with(words, **settings)
    assert told.splitlines()[0].split("\t")[0] == "iteration"
    assert [line.split("\t")[0] for line in told.splitlines()[1:]] == ["0", "1"]
    drawn = records((tmp_path / "out/01-drawn.jsonl").read_bytes(), "frontier")
    origins = {each["task"]["id"].split("/hindsight/")[0] for each in drawn}
    assert any(origin.startswith("list/test") for origin in origins), "what was sampled is learned from"
    assert any(origin.startswith("list/train") for origin in origins), "and so are seeds and mutants"
    last = tmp_path / "out/01-sampled.jsonl"
    before = last.read_bytes()
    last.unlink()
    assert run_with(words, **settings) == told
    assert last.read_bytes() == before
    alone = run_with([*words[:3], str(tmp_path / "alone")], A1="1", A6="1", **settings)
    assert len(alone.splitlines()) == 3
    assert not (tmp_path / "alone/mutants.jsonl").exists()
    drawn = records((tmp_path / "alone/01-drawn.jsonl").read_bytes(), "frontier")
    assert {each["task"]["id"] for each in drawn} <= {
        each["task"]["id"] for each in records(seeds.read_bytes(), "frontier")
    }


SOLUTIONS = {"the first number": "(lambda (car $0))", "how many numbers there are": "(lambda (length $0))"}


def lilo(exchange: Exchange) -> None:
    """A model that knows two solutions, and a name for whatever it is asked to document."""
    asked = exchange.body["messages"][-1]["content"]
    if asked.startswith("Function:"):
        exchange.answer([json.dumps({"name": "learned", "summary": "it was learned"})] * exchange.wanted)
        return
    task = asked.splitlines()[0].removeprefix("Task: ")
    exchange.answer([SOLUTIONS.get(task, "?")] * exchange.wanted)


def test_the_loop_of_lilo_asks_nothing_twice_and_replays_without_its_model(tmp_path: Path) -> None:
    train, test = tmp_path / "train.jsonl", tmp_path / "test.jsonl"
    for path, split, count in ((train, "train", "8"), (test, "test", "3")):
        words = ["tasks", "list", "--split", split, "--count", count, "-o", str(path)]
        subprocess.run([Path(sys.executable).parent / "psynth", *words], check=True)
    settings = {"SIZE": "smoke", "JOBS": "2", "TRAIN": str(train), "TEST": str(test), "SEARCH": "none"}
    with FakeEndpoint(lilo) as endpoint:
        told = run("lilo.sh", tmp_path / "lilo", MODEL=endpoint.model(), **settings)
        asked = len(endpoint.asked)
        (tmp_path / "lilo" / "seed-1" / "01-asked.jsonl").unlink()
        assert run("lilo.sh", tmp_path / "lilo", MODEL=endpoint.model(), **settings) == told
        assert len(endpoint.asked) == asked
    found = records((tmp_path / "lilo" / "seed-1" / "01-found.jsonl").read_bytes(), "frontier")
    assert sum(any(program.get("log_likelihood") == 0 for program in each["programs"]) for each in found) == 2
    replay = f"replay:file={tmp_path / 'lilo' / 'answers.jsonl'}"
    assert run("lilo.sh", tmp_path / "again", MODEL=replay, **settings) == told
    for name in ("00-sleep.jsonl", "01-sleep.jsonl", "01-tried.jsonl"):
        first, again = (path / "seed-1" / name for path in (tmp_path / "lilo", tmp_path / "again"))
        assert first.read_bytes().splitlines()[1:] == again.read_bytes().splitlines()[1:]


@pytest.mark.skipif(importlib.util.find_spec("stable_baselines3") is None, reason="needs Stable-Baselines3")
def test_a_policy_is_trained_beside_program_search(tmp_path: Path) -> None:
    words = [sys.executable, str(EXAMPLES / "karel_ppo.py"), "--task", "harvester", "--steps", "4096"]
    words += ["--environments", "16", "--max-episode-steps", "50"]
    first, second = (subprocess.run(words, capture_output=True, text=True, check=True).stdout for _ in range(2))
    assert first == second
    (tmp_path / "ppo.jsonl").write_text(first)
    found = {each["name"]: each["value"] for each in map(json.loads, first.splitlines()) if each["type"] == "metric"}
    assert found.keys() == {"training_return", "reward", "held_out_reward"}
    assert all(-1.0 <= value <= 1.0 for value in found.values())
    checked = [sys.executable, "-m", "psynth", "check", "--strict", str(tmp_path / "ppo.jsonl")]
    assert subprocess.run(checked, capture_output=True, text=True, check=False).returncode == 0
