"""An interrupted search says so of every task that it had not done, so that --resume gives the bytes of a whole run."""

import signal
import subprocess
import time
from pathlib import Path

import pytest
from psynth_search.group_search import Group, GroupSearch

from psynth.core.engines.lambda_machine import SearchBudget
from psynth.core.stream.records import Task
from psynth.plugins.method import Context
from tests.pipeline_command import PSYNTH, psynth, records

WORDS = ("enumerate", "-d", "list", "--max-cost", "16.5", "--batch", "40")
TASKS = [(index, Task(id=f"list/{index}", domain="list", request="int", examples=())) for index in range(3)]


def search(*, interrupt_first: bool = False) -> GroupSearch:
    context = Context("enumerate")
    domain = context.domain("list")
    made = GroupSearch(Group(domain, domain.library(), "int", list(TASKS)), SearchBudget(), context)
    if interrupt_first:
        made.interrupt()
    return made


def test_a_task_that_was_done_before_the_interrupt_stays_done(monkeypatch: pytest.MonkeyPatch) -> None:
    made = search()

    def reply(*_: object) -> dict[str, object]:
        made.interrupt()
        hits = [{"program": "1", "log_prior": -1.0}]
        tasks = [
            {"hits": hits * 5, "programs": 50, "max_cost": 9.0, "status": "solved"},
            {"hits": hits, "programs": 80, "max_cost": 10.5, "status": "solved"},
            {"hits": [], "programs": 80, "max_cost": 10.5, "status": "budget"},
        ]
        return {"programs": 80, "status": "budget", "cpu_seconds": 0.0, "tasks": tasks}

    monkeypatch.setattr(made._machine, "enumerate", reply)
    assert [result.status for result in made.run().values()] == ["solved", "interrupted", "interrupted"]


def test_a_search_that_never_began_was_interrupted() -> None:
    found = search(interrupt_first=True).run()
    assert {index: result.status for index, result in found.items()} == dict.fromkeys(range(3), "interrupted")


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
    assert process.returncode in (130, -signal.SIGKILL, 0)
    assert errors == b""
    psynth(*WORDS, "-o", torn, "--resume", torn)
    assert torn.read_bytes() == whole.read_bytes()
    assert records(whole.read_bytes(), "end") == [{"type": "end", "status": "budget"}]
