"""A λ-machine ends with the process that started it, whatever ends that process and whatever the machine does."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time

import pytest

from psynth.core.engines.lambda_machine import LambdaMachine, SearchBudget
from psynth.core.errors import EngineError
from psynth.core.work import Stop

TYPES = {"cons": "t0 -> list(t0) -> list(t0)", "empty": "list(t0)", "1": "int", "+": "int -> int -> int"}
LIBRARY = {"productions": [{"name": name, "type": kind} for name, kind in TYPES.items()], "log_variable": 0}

# The machine is started by a thread that ends at once, and then searches without an end.
PARENT = f"""
import threading
from psynth.core.engines.lambda_machine import LambdaMachine, SearchBudget
from psynth.core.errors import EngineError
from psynth.core.work import Stop
machine = LambdaMachine()
starting = threading.Thread(target=machine.primitives)
starting.start()
starting.join()
print(machine._process.pid, flush=True)
machine.enumerate({LIBRARY!r}, "list(int)", [], SearchBudget(exhaustive=True))
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_machine_in_mid_search_ends_with_its_parent(how):
    # Both write their errors to one pipe, whose end is read once neither of them is left.
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    assert parent.stderr is not None
    pid = int(parent.stdout.readline())
    try:
        # Longer than it takes to notice that a parent is gone: the thread that started the machine is no parent.
        time.sleep(2.2)
        assert parent.poll() is None
        parent.send_signal(how)
        assert parent.wait() == -how
        ended, _, _ = select.select([parent.stderr], [], [], 3.0)
        assert ended, "the machine still runs 3 seconds after its parent's end"
        assert parent.stderr.read() == ""
    finally:
        parent.kill()
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        parent.communicate()


def test_a_machine_outlives_its_searches():
    with LambdaMachine() as machine:
        result = machine.enumerate(LIBRARY, "list(int)", [], SearchBudget(exhaustive=True, timeout=2.5))
        assert result["status"] == "budget"
        assert 0 < result["cpu_seconds"] < 2.6
        # Waiting for a request is interrupted by the timer, too.
        time.sleep(1.2)
        assert machine.primitives()


@pytest.mark.parametrize("search", ["enumerate", "propose"])
def test_a_stop_before_the_request_ends_the_search(search):
    stop = Stop()
    with LambdaMachine() as machine:
        assert machine.primitives()  # it runs, and is idle when the stop comes
        stop.set()
        # A machine that has not begun the search ends; one that has answers as at the end of its budget.
        try:
            status = searched(machine, search, stop)
        except EngineError as error:
            status = str(error)
    assert status == "budget" or "ended unexpectedly" in status


def searched(machine, search, stop):
    """The status of an endless search."""
    endless = SearchBudget(exhaustive=True)
    if search == "enumerate":
        return machine.enumerate(LIBRARY, "list(int)", [], endless, stop=stop)["status"]
    *_, last = machine.propose(LIBRARY, "list(int)", endless, stop=stop)
    return last.status
