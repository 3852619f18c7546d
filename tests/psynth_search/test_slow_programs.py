"""Time limits and interruptions end a search or an evaluation also while slow programs of a Python domain run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from psynth.core.engines.lambda_machine import EXECUTABLE
from tests.pipeline_command import PSYNTH

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")

DOMAIN = '''
import time
from psynth.plugins import Example, Primitive, PythonDomain, Task, hookimpl

class Slow(PythonDomain):
    """Programs that wait."""

    name, help = "slow", "programs that wait"
    primitives = [
        Primitive("wait", "int -> int", lambda number: time.sleep(60) or number),
        Primitive("one", "int", 1),
    ]

    def tasks(self, settings, seed):
        yield Task("slow/none", "slow", "int -> int", (Example([1], 5), Example([2], 6), Example([3], 7)))

@hookimpl
def register_domains(register):
    register("slow", "slow:Slow", help=Slow.help)
'''
SEARCHES = [("search",), ("search", "--method", "scheduled"), ("enumerate",)]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "slow.py").write_text(DOMAIN)
    metadata = tmp_path / "slow-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: slow\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("[psynth]\nslow = slow\n")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}


def start(words: tuple[str, ...], environment: dict[str, str]) -> subprocess.Popen[str]:
    """A running search for the only task of the domain."""
    tasks = subprocess.run(
        [*PSYNTH, "tasks", "slow"], env=environment, capture_output=True, text=True, check=True, timeout=60
    ).stdout
    process = subprocess.Popen(
        [*PSYNTH, *words],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(tasks)
    process.stdin.close()
    process.stdin = None
    return process


def status(output: str) -> str:
    """The status of the search of the only frontier."""
    [frontier] = [record for record in map(json.loads, output.splitlines()) if record["type"] == "frontier"]
    return str(frontier["search"]["status"])


@pytest.mark.parametrize("words", SEARCHES)
def test_a_time_limit_holds_while_programs_run(words: tuple[str, ...], environment: dict[str, str]) -> None:
    process = start((*words, "--timeout", "2"), environment)
    # Without the limit a batch of programs takes minutes.
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, status(output)) == (0, "budget"), errors


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interruption_ends_an_evaluation(jobs: str, environment: dict[str, str], tmp_path: Path) -> None:
    task = {"id": "t", "domain": "slow", "request": "int -> int", "examples": [{"inputs": [1], "output": 5}]}
    programs = [{"program": f"(lambda {'(wait ' * depth}$0{')' * depth})"} for depth in range(1, 200)]
    frontier = tmp_path / "frontier.jsonl"
    frontier.write_text(json.dumps({"type": "frontier", "task": task, "programs": programs}) + "\n")
    words = [*PSYNTH, "evaluate", "-j", jobs, str(frontier)]
    process = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(3)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=15)
    assert process.returncode == 143, errors


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
@pytest.mark.parametrize("words", SEARCHES)
def test_an_interruption_ends_programs(words: tuple[str, ...], number: int, environment: dict[str, str]) -> None:
    process = start(words, environment)
    time.sleep(3)
    process.send_signal(number)
    output, errors = process.communicate(timeout=30)
    assert process.returncode == 128 + number, errors
    assert json.loads(output.splitlines()[-1])["type"] == "end"
