"""Engines end with psynth, whatever kills it and whatever they do: no process is left behind."""

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
from tests.languages import TILES

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")

ROOT = Path(__file__).resolve().parents[2]
SIGNALS = (signal.SIGKILL, signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM, signal.SIGINT)
COMMANDS: dict[str, tuple[str, ...]] = {
    "λ-machine": ("enumerate", "-d", "list", "--max-cost", "40", "--exhaustive", "-q"),
    "λ-machines": ("search", "--method", "hill-climb", "-d", "list", "-j", "2", "--max-evaluations", "1000000", "-q"),
    "Python workers": ("enumerate", "-d", "tiles", "--max-cost", "30", "--exhaustive", "-q"),
    "sandbox": ("evaluate", "-d", "puzzles", "--file", "loop.py", "--timeout", "60", "[1]"),
    "sandboxed command": ("sandbox-exec", "--wall", "60", "--cpu", "60", "--", "python3", "-c", "while True: pass"),
}
"""Commands that start engines and then work for a long time."""
SECONDS = 10.0
"""The time in which all that a killed psynth started must end: much more than it takes on a busy machine."""


def marked(mark: str) -> dict[int, str]:
    """The processes that inherited ``mark`` in their environment, and how each was started."""
    found: dict[int, str] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                found[int(folder.name)] = (
                    (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                )
        except OSError:
            continue
    return found


def descendants(parent: int) -> set[int]:
    """The processes that descend from a process, those included that cleared their environment."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
    found = {parent}
    while more := {pid for pid, of in parents.items() if of in found} - found:
        found |= more
    return found - {parent}


def is_running(pid: int, began: str) -> bool:
    """Whether this process is the one that began then, and no corpse."""
    state = began_at(pid)
    return state is not None and state == began


def began_at(pid: int) -> str | None:
    """When a process began, in ticks; None if it has ended, reaped or not."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if words[0] in "ZX" else words[19]


def orphans(words: tuple[str, ...], how: signal.Signals, rng: random.Random, folder: Path, mark: str) -> list[str]:
    """Kill a command in the midst of its work; what it started and left running."""
    (folder / "loop.py").write_text("def sol(*inputs):\n    while True: pass\n")
    distribution = folder / "packages" / "tiles-1.dist-info"
    distribution.mkdir(parents=True, exist_ok=True)
    (distribution / "METADATA").write_text("Metadata-Version: 2.1\nName: tiles\nVersion: 1\n")
    (distribution / "entry_points.txt").write_text("[psynth]\ntiles = psynth_example_tiles.plugin\n")
    path = os.pathsep.join([str(ROOT), str(ROOT / "plugins_builtin"), str(TILES), str(distribution.parent)])
    environment = {**os.environ, "PYTHONPATH": path, "PSYNTH_TEST_MARK": mark}
    process = subprocess.Popen(
        [sys.executable, "-m", "psynth", *words],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: [
            signal.signal(each, signal.SIG_DFL) for each in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)
        ],
    )
    started: dict[int, str] = {}

    def watch(seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and process.poll() is None:
            for pid in descendants(process.pid):
                began = began_at(pid)
                if began is not None:
                    started.setdefault(pid, began)
            time.sleep(0.02)

    try:
        begun = time.monotonic()
        while not started and time.monotonic() - begun < 30 and process.poll() is None:
            watch(0.05)
        watch(rng.random() * 1.5)
        assert process.poll() is None, "it ended before it was killed"
        assert started, "it started no engine"
        process.send_signal(how)
        process.wait(timeout=30)
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            left = {pid for pid, began in started.items() if is_running(pid, began)} | set(marked(mark))
            if not left:
                return []
            time.sleep(0.05)
        return [f"{pid} {marked(mark).get(pid, '')}" for pid in left]
    finally:
        process.kill()
        process.wait()
        for pid, began in started.items():
            if is_running(pid, began):
                os.kill(pid, signal.SIGKILL)


def campaign(kills: int, folder: Path) -> list[str]:
    """Kill each command in turn, by each signal in turn; what was left behind."""
    found = []
    for number in range(kills):
        name, words = list(COMMANDS.items())[number % len(COMMANDS)]
        how = SIGNALS[number // len(COMMANDS) % len(SIGNALS)]
        left = orphans(words, how, random.Random(number), folder, f"psynth-test-{os.getpid()}-{number}")
        found += [f"kill {number}: {name} after {how.name} left {each}" for each in left]
    return found


def test_nothing_outlives_psynth(tmp_path: Path) -> None:
    assert campaign(2 * len(COMMANDS), tmp_path) == []


@pytest.mark.slow
def test_nothing_outlives_psynth_200_times(tmp_path: Path) -> None:
    assert campaign(200, tmp_path) == []
