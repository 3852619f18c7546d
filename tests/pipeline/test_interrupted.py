"""An interrupted search says so of every task that it had not done, so that --resume gives the bytes of a whole run."""

import signal
import subprocess
import time
from pathlib import Path

import pytest
from psynth_search.windows import Windows

from psynth.core.engines.lambda_machine import LambdaMachine
from psynth.core.stream.records import Frontier, Task
from psynth.core.stream.scope import Scope
from psynth.core.work import Stop
from psynth.plugins.group_search import Group
from psynth.plugins.method import Context
from psynth.plugins.search import Problem
from tests.pipeline_command import PSYNTH, psynth, records

WORDS = ("enumerate", "-d", "list", "--max-cost", "16.5", "--batch", "40")


def problems(stop: Stop) -> tuple[Windows, dict[int, Problem]]:
    context, method = Context("enumerate"), Windows()
    scope = Scope(context.library_for)
    frontiers = [Frontier(Task(id=f"list/{index}", domain="list", request="int", examples=())) for index in range(3)]
    return method, {index: method.problem(frontier, scope, context, stop) for index, frontier in enumerate(frontiers)}


def test_a_task_that_was_done_before_the_interrupt_stays_done(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = Stop()

    def reply(*_: object, **__: object) -> dict[str, object]:
        stop.set()
        hits = [{"program": "1", "log_prior": -1.0}]
        tasks = [
            {"hits": hits * 5, "programs": 50, "max_cost": 9.0, "status": "solved", "cpu_seconds": 0.0},
            {"hits": hits, "programs": 80, "max_cost": 10.5, "status": "solved", "cpu_seconds": 0.0},
            {"hits": [], "programs": 80, "max_cost": 10.5, "status": "budget", "cpu_seconds": 0.0},
        ]
        return {"programs": 80, "status": "budget", "cpu_seconds": 0.0, "tasks": tasks}

    monkeypatch.setattr(LambdaMachine, "enumerate", reply)
    method, numbered = problems(stop)
    found = method.search(Group(numbered, True, "int"))
    assert [result.status for result in found.values()] == ["solved", "interrupted", "interrupted"]


def test_a_search_that_never_began_was_interrupted() -> None:
    stop = Stop()
    stop.set()
    method, numbered = problems(stop)
    [(found, rejected)] = method._searched(Group(numbered, True, "int"))
    assert {index: result.status for index, result in found.items()} == dict.fromkeys(range(3), "interrupted")
    assert not rejected


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_resumed_as_if_never_interrupted(tmp_path: Path, number: int) -> None:
    whole, torn = tmp_path / "whole.jsonl", tmp_path / "torn.jsonl"
    part = torn.with_name("torn.jsonl.part")
    psynth(*WORDS, "-o", whole)
    process = subprocess.Popen([*PSYNTH, *WORDS, "-o", str(torn)], stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while process.poll() is None and not (part.exists() and part.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode in (128 + number, -signal.SIGKILL, 0)
    assert errors.count(b"\n") == errors.count(b": interrupted after ")
    psynth(*WORDS, "-o", torn, "--resume", torn)
    assert torn.read_bytes() == whole.read_bytes()
    assert records(whole.read_bytes(), "end") == [{"type": "end", "status": "budget"}]
