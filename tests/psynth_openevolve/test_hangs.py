"""The hangs that users of evolution tools report most, each as a case: every run here ends, and nothing is left of it.

A command that hangs fails by the time-out of its process, which is many times as long as the command takes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from psynth.core.engines.sandbox import probe
from psynth.core.engines.sandbox_settings import EXECUTABLE
from tests.psynth_openevolve.task_folders import LOADING, folder, frontiers, imported

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the sandbox is not built")

PATIENCE = 90.0
"""Seconds after which a command counts as hanging."""
LIMIT = 1.0
"""Seconds of a call of an evaluator."""
EVALUATOR = f"""{LOADING}
def evaluate(path):
    return {{"combined_score": loaded(path).value()}}
"""
GOOD = "def value():\n    return 0.5\n"
HANGING = {
    "sleeps": "import time\ntime.sleep(3600)",
    "is busy": "while True: pass",
    "is busy in C": "x = 10 ** 10 ** 8",
    "swallows every exception": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "ignores signals": "import signal\nfor each in range(1, 32):\n    try: signal.signal(each, signal.SIG_IGN)\n"
    "    except (OSError, ValueError): pass\nwhile True: pass",
    "stops itself": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
    "waits for a thread": "import threading\nthreading.Event().wait()",
    "waits for a child": "import os\nif os.fork() == 0:\n    while True: pass\nos.wait()",
    "closes its files and sleeps": "import os, time\nos.closerange(0, 256)\ntime.sleep(3600)",
    "hangs in a finalizer": "class A:\n    def __del__(self):\n        while True: pass\nA()",
}


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "psynth", *words]


def run(place: Path, *words: str) -> None:
    subprocess.run(command(*words), cwd=place, check=True, timeout=PATIENCE)


def stream(place: Path, evaluator: str, programs: list[str], config: str = "", limit: float = LIMIT) -> Path:
    """A task with programs."""
    path = imported(folder(place / "task", evaluator, config=config), "--timeout", f"{limit}")
    lines = path.read_text().splitlines()
    number = next(number for number, line in enumerate(lines) if '"frontier"' in line)
    frontier = json.loads(lines[number])
    frontier["programs"] = [{"program": each, "language": "python"} for each in programs]
    path.write_text("\n".join([*lines[:number], json.dumps(frontier), *lines[number + 1 :]]) + "\n")
    return path


def judged(path: Path) -> dict[str, dict[str, Any]]:
    return {each["program"]: each for frontier in frontiers(path) for each in frontier["programs"]}


def test_a_limit_ends_an_evaluation_however_it_hangs_and_the_others_go_on(tmp_path: Path) -> None:
    inside = "def value():\n    {}\n".format
    hanging = {
        # Every second one hangs when it is loaded, before anything is called.
        name: f"{body}\n{GOOD}" if number % 2 else inside(body.replace("\n", "\n    "))
        for number, (name, body) in enumerate(HANGING.items())
    }
    others = [GOOD.replace("0.5", f"0.{number}") for number in range(1, 4)]
    texts = [others[0], *hanging.values(), *others[1:]]
    path = stream(tmp_path, EVALUATOR, texts)
    run(tmp_path, "evaluate", "-q", "-j", "2", str(path), "-o", "judged")
    found = judged(tmp_path / "judged")
    assert {name: found[text]["status"] for name, text in hanging.items()} == dict.fromkeys(hanging, "timeout")
    assert [found[text]["reward"] for text in others] == [0.1, 0.2, 0.3]


def test_a_timeout_in_a_stage_of_a_cascade_does_not_stop_the_queue(tmp_path: Path) -> None:
    evaluator = f"""{LOADING}
import time

def evaluate_stage1(path):
    while loaded(path).value() == 1: pass
    return {{"combined_score": 1}}

def evaluate_stage2(path):
    time.sleep(3600 * (loaded(path).value() == 2))
    return {{"combined_score": 2}}

evaluate = evaluate_stage2
"""
    programs = [f"def value():\n    return {number % 4}\n# {number}\n" for number in range(8)]
    path = stream(tmp_path, evaluator, programs)
    run(tmp_path, "evaluate", "-q", "-j", "2", str(path), "-o", "judged")
    found = judged(tmp_path / "judged")
    seen = [(found[each].get("stage"), found[each]["status"], found[each].get("reward")) for each in programs]
    one = [
        (None, "ok", 2.0),
        ("evaluate_stage1", "timeout", None),
        (None, "timeout", None),
        (None, "ok", 2.0),
    ]
    assert seen == 2 * one


@pytest.mark.parametrize("steady", [(), ("--steady", "4")], ids=["rounds", "steady"])
def test_an_iteration_of_evolution_is_bounded_whatever_its_programs_do(tmp_path: Path, steady: tuple[str, ...]) -> None:
    hangs = "def value():\n    x = 1\n    while x > 0:\n        x = 2\n    return x\n"
    path = stream(tmp_path, EVALUATOR, [hangs, GOOD])
    words = ("--method", "map-elites", "--max-evaluations", "16", "--batch", "8", "--seed", "3")
    run(tmp_path, "elites", "-q", "-j", "2", *words, *steady, "--log", "log", str(path), "-o", "archive")
    found = judged(tmp_path / "log")
    assert (len(found), found[hangs]["status"]) == (16, "timeout")
    [archive] = [json.loads(each) for each in (tmp_path / "archive").read_text().splitlines() if '"counts"' in each]
    assert archive["counts"]["timeout"] == sum(each["status"] == "timeout" for each in found.values())


def test_an_evaluation_that_has_answered_does_not_wait_for_what_it_started(tmp_path: Path) -> None:
    evaluator = f"""{LOADING}
import atexit, multiprocessing, threading, time
from concurrent.futures import ThreadPoolExecutor, TimeoutError

def evaluate(path):
    atexit.register(time.sleep, 3600)
    threading.Thread(target=time.sleep, args=(3600,)).start()
    multiprocessing.get_context("fork").Process(target=time.sleep, args=(3600,)).start()
    pool = ThreadPoolExecutor(1)
    try:
        pool.submit(time.sleep, 3600).result(timeout=0.1)
    except TimeoutError:
        pool.shutdown(wait=False)
    return {{"combined_score": loaded(path).value()}}
"""
    # The limit is longer than the patience: only an answer that ends the evaluation lets the command end.
    path = stream(tmp_path, evaluator, [GOOD, *(f"{GOOD}# {number}\n" for number in range(5))], limit=2 * PATIENCE)
    run(tmp_path, "evaluate", "-q", str(path), "-o", "judged")
    assert [each["reward"] for each in judged(tmp_path / "judged").values()] == [0.5] * 6


GRANDCHILDREN = {
    "a process": "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)', MARK])",
    "a process in a session of its own": "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)', "
    "MARK], start_new_session=True, stdout=subprocess.DEVNULL)",
    "a daemon": "if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0:\n"
    "            os.execv(sys.executable, [sys.executable, '-c', 'while True: pass', MARK])\n        os._exit(0)",
    "a fork that ignores signals": "if os.fork() == 0:\n        import signal\n"
    "        signal.signal(signal.SIGTERM, signal.SIG_IGN)\n        signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    "        os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(3600)', MARK])",
}


def alive(mark: str) -> list[int]:
    """The processes with a word of their command line, as the host sees them; without this test's own command."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                words = Path("/proc", entry, "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if mark.encode() in words:
                found.append(int(entry))
    return found


def until(what: Callable[[], bool]) -> bool:
    """Whether something comes true while a command may run."""
    end = time.monotonic() + PATIENCE
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_no_grandchild_outlives_its_evaluation(tmp_path: Path) -> None:
    if "pid" not in probe().present:
        pytest.skip("needs process namespaces, which this machine does not have")
    programs = {
        f"grandchild-{uuid4().hex}": (body, then)
        for body in GRANDCHILDREN.values()
        for then in ("time.sleep(0.3)\n    return 0.5", "while True: pass")
    }
    texts = {
        mark: f"import os, subprocess, sys, time\nMARK = {mark!r}\ndef value():\n    {body}\n    {then}\n"
        for mark, (body, then) in programs.items()
    }
    path = stream(tmp_path, EVALUATOR, list(texts.values()), limit=2)
    running = subprocess.Popen(command("evaluate", "-q", "-j", "2", str(path), "-o", "judged"), cwd=tmp_path)
    seen: set[str] = set()

    def is_over() -> bool:
        seen.update(mark for mark in texts if alive(mark))
        return running.poll() is not None

    try:
        assert until(is_over)
    finally:
        running.kill()
        running.wait()
    # One that lives for a moment only may be missed on a busy machine.
    assert seen >= {mark for mark, (_, then) in programs.items() if "while" in then}
    assert until(lambda: not any(map(alive, texts)))
    found = judged(tmp_path / "judged")
    statuses = {mark: "timeout" if "while" in then else "ok" for mark, (_, then) in programs.items()}
    assert {mark: found[text]["status"] for mark, text in texts.items()} == statuses


def test_nothing_is_left_of_a_killed_evolution(tmp_path: Path) -> None:
    if "pid" not in probe().present:
        pytest.skip("needs process namespaces, which this machine does not have")
    mark = f"grandchild-{uuid4().hex}"
    program = f"""import os, subprocess, sys, time
MARK = {mark!r}
def value():
    {GRANDCHILDREN["a daemon"]}
    while True: pass
"""
    path = stream(tmp_path, EVALUATOR, [program, GOOD], limit=2 * PATIENCE)
    words = ("elites", "-q", "-j", "2", "--method", "map-elites", "--steady", "2", str(path), "-o", "archive")
    running = subprocess.Popen(command(*words), cwd=tmp_path)
    try:
        assert until(lambda: bool(alive(mark)) or running.poll() is not None)
    finally:
        running.kill()
        running.wait()
    assert until(lambda: not alive(mark))
