"""However a run ends, all its programs end with it, and nothing of them is left on the host."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path

import pytest

from psynth.core.engines.sandbox import Sandbox, SandboxJob, probe
from psynth.core.engines.sandbox_settings import SandboxSettings
from psynth.core.errors import EngineError
from psynth.core.work import Canceled
from tests.sandbox.traces import control_groups, descendants, scratch_folders, settles

SETTINGS = SandboxSettings(wall=60.0, cpu=60.0, processes=8)
SLEEPER = SandboxJob(
    "import os, time\nfor _ in range(3):\n    if os.fork() == 0: time.sleep(1000)\nprint(1)\ntime.sleep(1000)"
)
CLIENT = """
import sys
from psynth.core.engines.sandbox import *
from tests.sandbox.test_ends import SETTINGS, SLEEPER
with Sandbox(SETTINGS, jobs=2) as sandbox:
    sandbox.start()
    print(sandbox._process.pid, flush=True)
    list(sandbox.run([SLEEPER, SLEEPER]))
"""


def is_alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def is_gone(supervisor: int, processes: set[int]) -> Callable[[], bool]:
    """Whether nothing is left of a supervisor with these processes."""
    return lambda: (
        not any(is_alive(pid) for pid in {supervisor, *processes})
        and not control_groups(supervisor)
        and not list(scratch_folders(supervisor))
    )


def started(sandbox: Sandbox) -> int:
    """The process of the supervisor."""
    sandbox.start()
    assert sandbox._process is not None
    return sandbox._process.pid


def running(supervisor: int) -> set[int]:
    """The processes of a supervisor, when two sleepers with three children each run in it."""
    assert settles(lambda: len(descendants(supervisor)) >= 2 * (2 + 4), seconds=20)
    return descendants(supervisor)


VARIANTS = {
    "full": SETTINGS,
    "shared": replace(SETTINGS, isolation="shared"),
    "without namespaces": replace(SETTINGS, without=("uid", "user", "pid", "net", "mount", "ipc")),
    "without control groups": replace(SETTINGS, without=("cgroup",)),
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("way", ["supervisor", "cancel", "close"])
def test_when_a_run_is_ended_its_programs_end(variant: str, way: str) -> None:
    """By a signal to the supervisor that it cannot handle, from another thread, or by closing it."""
    sandbox = Sandbox(VARIANTS[variant], jobs=2)
    supervisor = started(sandbox)
    errors: list[BaseException] = []

    def consume() -> None:
        try:
            list(sandbox.run([SLEEPER] * 4))
        except (EngineError, Canceled) as error:
            errors.append(error)

    thread = threading.Thread(target=consume)
    thread.start()
    processes = running(supervisor)
    before = time.monotonic()
    if way == "supervisor":
        os.kill(supervisor, signal.SIGKILL)
    elif way == "cancel":
        sandbox.cancel()
    else:
        sandbox.close()
    thread.join(10)
    took = time.monotonic() - before
    assert not thread.is_alive()
    assert settles(is_gone(supervisor, processes), seconds=10)
    sandbox.close()
    if way == "cancel":
        assert isinstance(errors[0], Canceled)
        assert took < 1
        with pytest.raises(Canceled):
            list(sandbox.run([SLEEPER]))
    elif way == "supervisor":
        assert "ended unexpectedly" in str(errors[0])


def test_when_the_client_is_killed_its_programs_end() -> None:
    """The kernel closes its pipe, which ends the supervisor."""
    client = subprocess.Popen([sys.executable, "-c", CLIENT], stdout=subprocess.PIPE, text=True)
    assert client.stdout is not None
    supervisor = int(client.stdout.readline())
    processes = running(supervisor)
    client.kill()
    client.wait()
    client.stdout.close()
    assert settles(is_gone(supervisor, processes), seconds=10)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_run_that_is_not_read_to_its_end_ends(variant: str) -> None:
    """As when a filter's reader has seen enough; the sandbox can be used again."""
    with Sandbox(VARIANTS[variant], jobs=2) as sandbox:
        supervisor = started(sandbox)
        results = sandbox.run([SandboxJob("print(1)"), SLEEPER, SLEEPER])
        assert isinstance(results, Generator)
        assert next(results).stdout == "1\n"
        processes = running(supervisor)
        results.close()
        assert settles(is_gone(supervisor, processes), seconds=10)
        (again,) = sandbox.run([SandboxJob("print(2)")])
        assert again.stdout == "2\n"


def test_a_worker_that_is_killed_is_replaced() -> None:
    """Whoever kills it: the job that it ran is a failure of the sandbox, the next one is right."""
    if "pid" in probe().missing:
        pytest.skip("this machine cannot make namespaces")
    with Sandbox(SETTINGS) as sandbox:
        supervisor = started(sandbox)
        results = sandbox.run([SandboxJob("print(1)"), SLEEPER, SandboxJob("print(3)")])
        assert next(results).stdout == "1\n"
        assert settles(lambda: len(descendants(supervisor)) >= 6, seconds=20)
        keeper = min(descendants(supervisor))
        os.kill(keeper, signal.SIGKILL)
        assert next(results).status == "sandbox-error"
        third = next(results)
        assert third.stdout == "3\n", third
        assert not list(results)
        # One that waits for the next job is replaced before it, and no job fails.
        for pid in descendants(supervisor):
            os.kill(pid, signal.SIGKILL)
        assert settles(lambda: not any(map(is_alive, descendants(supervisor))))
        (result,) = sandbox.run([SandboxJob("print(4)")])
        assert result.stdout == "4\n"
        processes = descendants(supervisor)
    assert settles(is_gone(supervisor, processes), seconds=10)


def test_a_thousand_programs_of_which_some_hang_and_some_crash() -> None:
    """Every result is there, right, and in its place."""
    programs = {
        7: ("import time\ntime.sleep(100)", "timeout"),
        31: ("import os\nos.abort()", "signal"),
        57: ("1 / 0", "error"),
        83: ("while True: print('x' * 1000)", "output-limit"),
    }
    expected = [programs.get(n % 100, (f"print({n})", "ok")) for n in range(1000)]
    with Sandbox(replace(SETTINGS, wall=0.3), jobs=2) as sandbox:
        supervisor = started(sandbox)
        results = list(sandbox.run(SandboxJob(program) for program, _ in expected))
        processes = descendants(supervisor)
    late = [n for n, result in enumerate(results) if result.status == "timeout" and expected[n][1] == "ok"]
    assert len(late) < 5  # a very busy machine
    for n, (result, (_, status)) in enumerate(zip(results, expected, strict=True)):
        if n not in late:
            assert result.status == status, n
            if status == "ok":
                assert result.stdout == f"{n}\n"
    assert settles(is_gone(supervisor, processes), seconds=10)


def test_a_second_run_within_the_first_is_refused() -> None:
    with Sandbox(SandboxSettings()) as sandbox:
        first = sandbox.run([SandboxJob("print(1)")] * 3)
        assert next(first).stdout == "1\n"
        with pytest.raises(EngineError, match="unfinished run"):
            next(sandbox.run([SandboxJob("print(2)")]))
        assert [result.stdout for result in first] == ["1\n", "1\n"]
        assert [result.stdout for result in sandbox.run([SandboxJob("print(2)")])] == ["2\n"]
