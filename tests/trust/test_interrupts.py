"""A signal at any moment, also while a command still starts, ends it at once with the status of that signal."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from psynth.core.engines.lambda_machine import EXECUTABLE

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")

PSYNTH = Path(sys.executable).with_name("psynth")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
COMMANDS: dict[str, tuple[str, ...]] = {
    "enumerate": ("enumerate", "-d", "list", "--max-cost", "40", "--exhaustive", "-q"),
    "evaluate": ("evaluate", "-j", "2", "-q", "solved.jsonl"),
    "compress": ("compress", "-q", "solved.jsonl"),
    "search": ("search", "-d", "karel", "--max-evaluations", "1000000", "-q"),
    "sandbox-exec": ("sandbox-exec", "--wall", "60", "--", "python3", "-c", "while True: pass"),
}
"""Commands of every kind of engine; the second and the third may be done before the signal comes."""
LATEST = 1.0
"""The latest moment of a signal, in seconds after the start of the process."""
LONGEST = 30.0
"""Seconds after the signal at which a command counts as hanging, whatever else the machine does."""
UNFIT_FOR_USERS = ("Traceback", "internal error", "Fatal Python error", "Exception ignored")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a stream of solved tasks."""
    folder = tmp_path_factory.mktemp("interrupts")
    command = [PSYNTH, "enumerate", "-d", "list", "--max-cost", "13", "-q", "-o", "solved.jsonl"]
    subprocess.run(command, cwd=folder, check=True)
    return folder


def faults_of_one(words: tuple[str, ...], how: signal.Signals, moment: float, folder: Path) -> list[str]:
    """What a command did wrong that got a signal ``moment`` seconds after its start."""
    errors = folder / "stderr"
    with errors.open("wb") as stderr:
        process = subprocess.Popen(
            [PSYNTH, *words],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            # A shell starts what is in the background with SIGINT ignored, and so may have started the tests.
            preexec_fn=lambda: [signal.signal(each, signal.SIG_DFL) for each in SIGNALS],
        )
        try:
            _wait_for_first_line(process)
            time.sleep(moment)
            process.send_signal(how)
            status = process.wait(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            return ["it hangs"]
        finally:
            process.kill()
            process.wait()
    said = errors.read_text(errors="replace")
    faults = [f"it said {said[-1500:]}" for word in UNFIT_FOR_USERS if word in said][:1]
    if status not in (0, 128 + how):
        faults.append(f"its exit status is {status}: {said[-300:]}")
    return faults


def _wait_for_first_line(process: subprocess.Popen[bytes]) -> None:
    """Before the first line of psynth, signals are the Python interpreter's: its traceback for SIGINT."""
    while process.poll() is None:
        status = Path(f"/proc/{process.pid}/status").read_text()
        caught = int(next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt")), 16)
        if caught >> (signal.SIGHUP - 1) & 1:
            return
        time.sleep(0.001)


def campaign(kills: int, folder: Path) -> list[str]:
    """Signal each command in turn, by each signal in turn, at random moments; what went wrong."""
    found = []
    rng = random.Random(int(os.environ.get("PSYNTH_FUZZ_SEEDS", "0")))
    for number in range(kills):
        name, words = list(COMMANDS.items())[number % len(COMMANDS)]
        how = SIGNALS[number // len(COMMANDS) % len(SIGNALS)]
        moment = LATEST * rng.random()
        for fault in faults_of_one(words, how, moment, folder):
            found.append(f"{name} after {how.name} at {moment:.3f} s: {fault}")
    return found


def test_signals_end_commands_at_any_moment(folder: Path) -> None:
    assert campaign(len(COMMANDS) * len(SIGNALS), folder) == []


@pytest.mark.slow
def test_signals_end_commands_at_any_moment_300_times(folder: Path) -> None:
    assert campaign(300, folder) == []
