"""Runs the battery in one sandbox and writes a line of JSON for each attack: what it gave, and what it left behind.

``python -m tests.sandbox.battery MARK SETTINGS`` runs in the place that is under test; the settings are JSON.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from psynth.core.engines.sandbox import Sandbox, SandboxJob, SandboxResult
from psynth.core.engines.sandbox_settings import SandboxSettings
from tests.sandbox.attacks import ATTACKS, Attack
from tests.sandbox.traces import Traces, settles

# The time by the clock is long enough for a busy machine to fill the memory, which most attacks on time do not need.
SETTINGS = SandboxSettings(
    wall=1.5, cpu=0.25, memory=64, processes=8, files=32, output=16, result=64, scratch=4, stack=8, seed=7
)
HONEST = SandboxJob(
    "import json, random, os\n"
    "def f(x):\n  open('file', 'w').write(json.dumps(x))\n  return [sorted(os.listdir()), x + 1]",
    function="f",
    calls=[[1], [2]],
)


@contextmanager
def shared_memory() -> Iterator[int]:
    """The key of a segment of System V shared memory."""
    libc = ctypes.CDLL(None)
    key = 0x7000_0000 + os.getpid()
    segment = libc.shmget(key, 4096, 0o1600)
    assert segment >= 0
    try:
        yield key
    finally:
        libc.shmctl(segment, 0, None)


@contextmanager
def host(mark: str) -> Iterator[dict[str, Any]]:
    """A host with something to attack: files, sockets and a process of its user."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "file").write_text("secret")
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        sockets = {"\0" + mark: socket.SOCK_STREAM}
        sockets |= {f"{folder}/socket": socket.SOCK_STREAM, f"{folder}/datagrams": socket.SOCK_DGRAM}
        for address, kind in sockets.items():
            opened = stack.enter_context(socket.socket(socket.AF_UNIX, kind))
            opened.bind(address)
            if kind == socket.SOCK_STREAM:
                opened.listen(16)
        helper = subprocess.Popen(["sleep", "1000"])
        stack.callback(helper.wait)
        stack.callback(helper.kill)
        # What protects these files must be the sandbox, not their modes.
        folder.chmod(0o777)
        for path in folder.iterdir():
            path.chmod(0o777)
        (folder / "private").write_text("private")
        (folder / "private").chmod(0o600)
        key = stack.enter_context(shared_memory())
        yield {
            "mark": mark,
            "folder": os.fspath(folder),
            "file": f"{folder}/file",
            "socket": f"{folder}/socket",
            "datagrams": f"{folder}/datagrams",
            "port": listener.getsockname()[1],
            "private": f"{folder}/private",
            "key": key,
            "pid": helper.pid,
            "parent": os.getpid(),
        }


def intact(what: dict[str, Any]) -> list[str]:
    """What has happened to the host's own things."""
    harm = []
    state = Path(f"/proc/{what['pid']}/stat").read_text().rpartition(")")[2].split()[0]
    if state not in "SRD":
        harm.append(f"the host's process is in state {state}")
    if (names := sorted(os.listdir(what["folder"]))) != ["datagrams", "file", "private", "socket"]:
        harm.append(f"the host's folder has {names}")
    if (text := Path(what["file"]).read_text()) != "secret":
        harm.append(f"the host's file says {text!r}")
    return harm


def job(attack: Attack, what: dict[str, Any]) -> SandboxJob:
    """The job of an attack."""
    calls: list[list[Any]] = [[]] if attack.function else []
    return SandboxJob(attack.source(what), attack.function, calls, attack.stdin)


def outcome(result: SandboxResult) -> dict[str, Any]:
    """What the tests look at, of the only call if there is one."""
    call = result.calls[0] if result.calls else None
    return {
        "status": call.status if call and result.status == "ok" else result.status,
        "value": call.value if call else None,
        "message": call.message if call else result.message,
        "exit_code": result.exit_code,
        "signal": result.signal,
        "stdout": result.stdout[:2000],
        "stderr": result.stderr[:2000],
        "truncated": result.truncated,
        "wall": result.wall_seconds,
        "cpu": result.cpu_seconds,
    }


def run(mark: str, settings: SandboxSettings) -> None:
    """Run all attacks and write what came of each."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.environ["PSYNTH_SECRET"] = "PSYNTH_SECRET"
    with Sandbox(settings) as sandbox, host(mark) as what:
        print(json.dumps({"missing": dict(sandbox.start().missing)}), flush=True)
        process = sandbox._process
        assert process is not None
        folder = Path(what["folder"])
        supervisor = process.pid

        def honest() -> bool:
            (result,) = sandbox.run([HONEST])
            return [call.value for call in result.calls] == [[["file"], 2], [["file"], 3]]

        def traces() -> Traces:
            return Traces.of(supervisor, mark, folder)

        assert honest()
        before = traces()
        for attack in ATTACKS:
            (result,) = sandbox.run([job(attack, what)])
            line: dict[str, Any] = {"number": attack.number, **outcome(result)}
            if attack.name.startswith("results"):
                (again,) = sandbox.run([job(attack, what)])
                line["again"] = again.stdout
            line["honest"] = honest()
            line["harm"] = intact(what)
            line["left"] = left(traces, before)
            before = traces() if line["left"] else before
            print(json.dumps(line), flush=True)


def left(traces: Callable[[], Traces], before: Traces) -> list[str]:
    """What has changed for good."""
    if settles(lambda: traces() == before):
        return []
    after = traces()
    names = [name for name in Traces.__dataclass_fields__ if getattr(before, name) != getattr(after, name)]
    return [f"{name}: {getattr(before, name)!r:.200} became {getattr(after, name)!r:.200}" for name in names]


if __name__ == "__main__":
    run(sys.argv[1], replace(SETTINGS, **json.loads(sys.argv[2])))
