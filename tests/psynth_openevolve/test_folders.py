"""Task folders of OpenEvolve: read whole, evaluated unchanged, and evolved within their blocks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from psynth_openevolve.evaluation import fitness

from psynth.cli.main import main
from tests.psynth_openevolve.task_folders import DIRECT, LOADING, PROGRAM, folder, frontiers, imported, judged

STAGED = f"""{LOADING}
from openevolve.evaluation_result import EvaluationResult

def evaluate_stage1(path):
    value = loaded(path).value()
    return EvaluationResult(metrics={{"combined_score": value / 10, "first": value}}, artifacts={{"note": "begun"}})

def evaluate_stage2(path):
    return {{"combined_score": loaded(path).value() / 20, "second": 2}}

def evaluate_stage3(path):
    return EvaluationResult({{"third": True, "combined_score": 0.9}}, {{"bytes": b"\\xff!", "list": [1]}})

def evaluate(path):
    raise AssertionError("the stages take its place")
"""


def value(number: int) -> str:
    return PROGRAM.replace("3", str(number))


def test_a_folder_becomes_one_task_with_its_files_and_initial_program(tmp_path: Path, capfd: Any) -> None:
    config = (
        "max_iterations: 5\nllm:\n  api_key: secret\nprompt:\n  system_message: ' Come near 7. '\n"
        "evaluator:\n  timeout: 9\n  parallel_evaluations: 4\n  memory_limit_mb: 512\n"
        "database:\n  feature_dimensions: [length]\n"
    )
    place = folder(tmp_path / "near seven", config=config, helper__py="X = 1\n", data__bin=b"\xff\x00", __env="KEY=1")
    (place / "link.txt").symlink_to("/etc/hostname")
    stream = imported(place)
    assert main(["import", "openevolve", str(place), "-o", str(stream)]) == 0
    messages = capfd.readouterr().err
    unused = "evaluator.parallel_evaluations, llm, max_iterations"
    assert f"settings that psynth does not use: {unused}\n" in messages
    assert "symbolic links are left out: link.txt" in messages
    [frontier] = frontiers(stream)
    task = frontier["task"]
    assert (task["id"], task["descriptions"]) == ("openevolve/near-seven", ["Come near 7."])
    environment = task["environment"]
    assert (environment["timeout"], environment["memory"], environment["features"]) == (9, 512, ["length"])
    assert set(environment["files"]) == {"evaluator.py", "initial_program.py", "helper.py", "data.bin"}
    assert frontier["programs"] == [{"program": PROGRAM, "language": "python", "origin": {"by": "given"}}]
    assert "secret" not in stream.read_text()
    [program] = judged(place)
    assert (program["reward"], program["figures"]) == (0.2, {"closeness": 0.2, "length": float(len(PROGRAM))})


def test_stages_are_passed_by_their_thresholds_and_their_metrics_joined(tmp_path: Path) -> None:
    config = "evaluator:\n  cascade_thresholds: [0.3, 0.4]\n"
    found = judged(folder(tmp_path / "staged", STAGED, config=config), programs=(value(2), value(5), value(8)))
    below, middle, above = found
    assert (below["stage"], below.get("reward"), below.get("score")) == ("evaluate_stage1", None, None)
    assert below["message"] == "0.2 in stage evaluate_stage1, where 0.3 is needed"
    assert below["figures"] == {"combined_score": 0.2, "first": 2.0}
    assert (middle["stage"], middle["figures"]["second"], middle["figures"]["first"]) == ("evaluate_stage2", 2.0, 5.0)
    assert "stage" not in above
    assert above["reward"] == 0.9
    assert above["figures"] == {"combined_score": 0.9, "first": 8.0, "second": 2.0, "third": 1.0}
    assert above["artifacts"] == {"note": "begun", "bytes": "\ufffd!", "list": "[1]"}


@pytest.mark.parametrize(
    ("config", "function", "stages"),
    [
        ("", "evaluate_stage3", ["evaluate_stage1", "evaluate_stage2"]),
        ("evaluator: {cascade_thresholds: [0.1]}", "evaluate_stage2", ["evaluate_stage1"]),
        ("evaluator: {cascade_thresholds: []}", "evaluate_stage1", []),
        ("evaluator: {cascade_evaluation: false}", "evaluate", []),
    ],
)
def test_the_configuration_says_which_stages_there_are(
    tmp_path: Path, config: str, function: str, stages: list[str]
) -> None:
    [frontier] = frontiers(imported(folder(tmp_path / "staged", STAGED, config=config)))
    environment = frontier["task"]["environment"]
    assert environment["function"] == function
    assert [each["function"] for each in environment.get("stages", [])] == stages


def test_the_fitness_is_the_combined_score_or_the_mean_of_metrics_that_are_no_features() -> None:
    assert fitness({"combined_score": 0.2, "x": 5.0}, ()) == 0.2
    assert fitness({"a": 1.0, "b": 2.0, "error": 9.0, "length": 100.0}, ("length",)) == 1.5
    assert fitness({"length": 4.0}, ("length",)) == 4.0
    assert fitness({}, ()) is None


def test_an_evaluator_may_import_start_threads_and_processes_and_read_its_files(tmp_path: Path) -> None:
    evaluator = f"""{LOADING}
import os, subprocess, sys
from concurrent.futures import ThreadPoolExecutor
import numpy
import helper

def evaluate(path, bonus=0):
    print("output that nobody reads" * 10_000)
    code = f"import runpy, numpy; print(runpy.run_path({{path!r}})['value']())"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    with ThreadPoolExecutor(1) as threads:
        inner = threads.submit(loaded(path).value).result(timeout=2)
    here = os.path.dirname(os.path.abspath(__file__))
    text = open(os.path.join(here, "data.txt")).read() + open("data.txt").read()
    return {{"combined_score": numpy.float32(inner), "child": int(child.stdout), "text": text, "nan": float("nan"),
            "helper": helper.X + bonus}}
"""
    config = "evaluator: {evaluator_args: {bonus: 40}}"
    place = folder(tmp_path / "wide", evaluator, config=config, helper__py="X = 2", data__txt="ab")
    [program] = judged(place)
    assert (program["status"], program.get("message")) == ("ok", None)
    assert program["figures"] == {"combined_score": 3.0, "child": 3.0, "helper": 42.0}
    assert program["artifacts"] == {"text": "abab", "nan": "NaN"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return 5", "a value of type int, not metrics"),
        ("return {'combined_score': float('inf')}", "no finite combined_score"),
        ("raise RuntimeError('no')", "RuntimeError: no"),
        ("import sys; sys.exit(3)", "SystemExit"),
        ("return {}['x']", "KeyError"),
        ("import openevolve.nothing", "No module named"),
        ("import os; os._exit(0)", "exited before it returned"),
    ],
)
def test_what_goes_wrong_in_an_evaluator_is_data(tmp_path: Path, body: str, message: str) -> None:
    [program] = judged(folder(tmp_path / "bad", f"def evaluate(path):\n    {body}\n"))
    assert (program["status"], program.get("reward"), program["log_likelihood"]) == ("error", None, None)
    assert message in program["message"]
    [program] = judged(folder(tmp_path / "good"), programs=("def value(:",))
    assert (program["status"], program["message"]) == ("error", "invalid syntax (line 1)")


BAD_FOLDERS = {
    "no evaluator": ({}, "which file is the evaluator? no file looks like it; name it with --evaluator"),
    "two evaluators": (
        {"a.py": DIRECT, "b.py": DIRECT, "initial_program.py": PROGRAM},
        "which file is the evaluator? a.py, b.py could be it",
    ),
    "no program": ({"evaluator.py": DIRECT}, "which file is the program?"),
    "no yaml": (
        {"evaluator.py": DIRECT, "p.py": PROGRAM, "config.yaml": "a: [1\nb: 2"},
        "config.yaml:2: not YAML: expected ',' or ']'",
    ),
    "another language": (
        {"evaluator.py": DIRECT, "p.py": PROGRAM, "config.yaml": "language: rust"},
        "language: expected Python, as only its programs run in the sandbox, not 'rust'",
    ),
    "a bad limit": (
        {"evaluator.py": DIRECT, "p.py": PROGRAM, "config.yaml": "evaluator: {timeout: -1}"},
        "evaluator.timeout: expected a number from 0.001 to 86400",
    ),
    "code in yaml": (
        {"evaluator.py": DIRECT, "p.py": PROGRAM, "config.yaml": "a: !!python/object/apply:os.system ['true']"},
        "not YAML: could not determine a constructor",
    ),
}


@pytest.mark.parametrize("name", BAD_FOLDERS)
def test_a_folder_that_is_none_is_refused_in_one_line(tmp_path: Path, capfd: Any, name: str) -> None:
    files, message = BAD_FOLDERS[name]
    for file, text in files.items():
        (tmp_path / file).write_text(text)
    assert main(["import", "openevolve", str(tmp_path), "-o", str(tmp_path / "x.jsonl")]) == 3
    said = capfd.readouterr().err
    assert message in said
    assert len(said.strip().splitlines()) == 1


def test_a_damaged_environment_is_bad_input(tmp_path: Path, capfd: Any) -> None:
    stream = imported(folder(tmp_path / "task"))
    [frontier] = frontiers(stream)
    for name, wrong, message in (
        ("evaluator", "other.py", "environment.evaluator"),
        ("files", {"../x.py": "", "evaluator.py": ""}, "environment.files.../x.py"),
        ("function", "os.system('x')", "environment.function: expected names"),
        ("timeout", 1e9, "environment.timeout"),
        ("stages", [{"function": "evaluate"}], "environment.stages[0]"),
        ("packages", ["os; import x"], "environment.packages"),
    ):
        task = {**frontier["task"], "environment": {**frontier["task"]["environment"], name: wrong}}
        (tmp_path / "wrong.jsonl").write_text(json.dumps({**frontier, "task": task}) + '\n{"type":"end"}\n')
        assert main(["evaluate", str(tmp_path / "wrong.jsonl"), "-o", str(tmp_path / "x.jsonl")]) == 3
        assert message in capfd.readouterr().err


def test_elites_improve_a_task_and_keep_what_is_around_its_block(tmp_path: Path) -> None:
    stream = imported(folder(tmp_path / "task", config="database: {feature_dimensions: [length]}"))
    archive, log = tmp_path / "archive", tmp_path / "log"
    words = ["elites", "-q", "--method", "map-elites", "--max-evaluations", "60", "--batch", "20", "--log", str(log)]
    assert main([*words, "-j", "2", str(stream), "-o", str(archive)]) == 0
    programs = [program for each in frontiers(log) for program in each["programs"]]
    assert len(programs) == 60
    assert all(each["program"].startswith("# EVOLVE-BLOCK-START\n") for each in programs)
    assert all(each["program"].endswith("# EVOLVE-BLOCK-END\n") for each in programs)
    assert max(each.get("reward", 0) for each in programs) > 0.2
    counts = next(json.loads(line)["counts"] for line in archive.read_text().splitlines() if '"counts"' in line)
    assert sum(counts.values()) == 60
