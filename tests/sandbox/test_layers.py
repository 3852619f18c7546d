"""Each layer stops an attack that no other layer stops: without it the attack succeeds, and with all it does not."""

from __future__ import annotations

import functools
import json
import re
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from psynth.core.engines.sandbox import Sandbox, SandboxRefused, probe
from psynth.core.engines.sandbox_settings import LAYERS, SandboxSettings
from tests.sandbox.attempt import attempt_in
from tests.sandbox.places import why_not

README = Path(__file__).parents[2] / "native/rust/sandbox/README.md"


@dataclass(frozen=True)
class Case:
    """An attack that succeeds only without a layer; ``besides`` are off too, in both runs, as they also stop it."""

    layer: str
    what: str
    program: str
    place: str = "root"
    besides: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)


CASES = [
    Case(
        "cgroup",
        "memory in a shared mapping",
        """
        import mmap
        area = mmap.mmap(-1, 200 << 20)
        for place in range(0, 200 << 20, 4096):
            area[place] = 1
        breach("200 megabytes")
        """,
        # Fifty thousand page faults may take more than a second, and it is memory that is to end the attack.
        settings={"wall": 20.0, "cpu": 20.0},
    ),
    Case(
        "cgroup",
        "memory split over children, each below the limit of a process",
        """
        import os, time
        for _ in range(6):
            if os.fork() == 0:
                held = bytearray(b"x") * (30 << 20)
                time.sleep(10)
        time.sleep(1)
        if os.waitpid(-1, os.WNOHANG)[0] == 0:
            breach("6 children have 30 megabytes each")
        """,
        settings={"wall": 20.0, "cpu": 20.0},
    ),
    Case(
        "cgroup",
        "CPU time split over children",
        """
        import os, time
        for _ in range(4):
            if os.fork() == 0:
                while True: pass
        time.sleep(1)
        breach("4 children")
        """,
        settings={"wall": 4.0, "cpu": 0.3},
    ),
    Case(
        "uid",
        "reading a file of root in a folder that is offered",
        """
        attempts(lambda: open(HOST["private"]).read())
        """,
        settings={"read_only": ["HOST"]},
    ),
    Case(
        "user",
        "finding out which files the host has, where only a user namespace gives an ordinary user the other ones",
        """
        import os
        attempts(lambda: os.stat("/etc/passwd").st_size)
        """,
        place="user",
    ),
    Case(
        "pid",
        "finding out which processes the host has",
        """
        import os
        attempts(lambda: os.getpgid(HOST["pid"]))
        """,
    ),
    Case(
        "net",
        "connecting to a service of the host",
        """
        import socket
        attempts(lambda: socket.create_connection(("127.0.0.1", HOST["port"]), timeout=1))
        """,
        settings={"net": "loopback"},
    ),
    Case(
        "mount",
        "finding out which files the host has",
        """
        import os
        attempts(lambda: os.stat(HOST["file"]).st_size)
        """,
    ),
    Case(
        "mount",
        "filling the host's disk by many files",
        """
        try:
            for number in range(20):
                with open(HOST["mark"] + str(number), "wb") as file:
                    file.write(bytes(1 << 20))
            breach("20 megabytes")
        except OSError:
            pass
        """,
    ),
    Case(
        "ipc",
        "reading System V objects of the host",
        """
        if system_call(29, HOST["key"], 0, 0o600) >= 0:
            breach("shared memory of the host")
        """,
        besides=("seccomp", "uid"),
    ),
    Case(
        "rlimits",
        "opening files without end",
        """
        files = []
        try:
            while len(files) < 500:
                files.append(open("/dev/null"))
            breach("500 files")
        except OSError:
            pass
        """,
    ),
    Case(
        "rlimits",
        "one file larger than the limit in a folder that may be written",
        """
        import os, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        def fill():
            with open(os.path.join(HOST["folder"], "big"), "wb") as file:
                return file.write(bytes(8 << 20))
        attempts(fill)
        """,
        settings={"read_write": ["HOST"]},
    ),
    Case(
        "landlock",
        "executing another program",
        """
        import os
        try:
            os.execv("/bin/sh", ["sh", "-c", "echo BREACH"])
        except PermissionError:
            pass
        """,
    ),
    Case(
        "seccomp",
        "making a user namespace, in which it is root, and a mount",
        """
        import ctypes
        libc = ctypes.CDLL(None)
        if system_call(272, 0x10020000) == 0 and libc.mount(b"tmpfs", b"/run/program/shm", b"tmpfs", 0, None) == 0:
            breach("a mount")
        """,
        besides=("landlock",),
    ),
    Case(
        "seccomp",
        "keys of the kernel",
        """
        if system_call(250, 0, -3, 1) >= 0:
            breach("keyctl")
        """,
    ),
    Case(
        "seccomp",
        "tracing a process, and the limits of its parent",
        """
        import os, resource
        attempts(lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CORE, (0, 0)))
        """,
    ),
]


@functools.cache
def missing_layers() -> frozenset[str]:
    """The layers that this machine does not have."""
    return frozenset(probe().missing)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.layer}-{case.what.replace(' ', '-')}")
def test_a_layer_stops_what_no_other_layer_stops(case: Case) -> None:
    """The attack succeeds without the layer, so it is the layer that stops it."""
    if (reason := why_not(case.place)) is not None:
        pytest.skip(f"no {case.place} here: {reason}")
    if case.place == "root" and not missing_layers().isdisjoint({case.layer, "mount"}):
        pytest.skip(f"this machine has no {case.layer}")
    program = textwrap.dedent(case.program)
    stopped = attempt_in(case.place, program, {**case.settings, "without": case.besides})
    assert "BREACH" not in stopped["stdout"], stopped
    assert stopped["status"] != "sandbox-error", stopped
    passed = attempt_in(case.place, program, {**case.settings, "without": (*case.besides, case.layer)})
    assert "BREACH" in passed["stdout"], passed


def test_every_layer_has_a_case() -> None:
    """A layer that stops nothing of its own would not be one."""
    assert {case.layer for case in CASES} == set(LAYERS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.layer}-{case.what.replace(' ', '-')}")
def test_the_table_of_the_readme_has_each_case(case: Case) -> None:
    """Documentation and tests name the same attacks."""
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", README.read_text(), re.MULTILINE)
    assert (case.layer, case.what) in rows


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_that_is_required_and_missing_is_refused(layer: str) -> None:
    """Nothing runs with less isolation than the user asked for."""
    with (
        Sandbox(SandboxSettings(require=(layer,), without=(layer,))) as sandbox,
        pytest.raises(SandboxRefused) as error,
    ):
        sandbox.start()
    assert layer in str(error.value)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_that_is_left_out_is_reported(layer: str) -> None:
    """The report names it as missing, with the reason, and names no other layer that this machine has."""
    # Without a file system of its own, the sandbox's user may be unable to enter the interpreter's folder.
    without = (layer, "uid") if layer == "mount" else (layer,)
    with Sandbox(SandboxSettings(without=without)) as sandbox:
        report = sandbox.start()
    assert layer in report.missing
    assert layer not in report.present
    assert set(report.missing) | set(report.present) == set(LAYERS)
    if layer not in missing_layers():
        assert report.missing[layer] == "switched off"


def test_no_isolation_at_all_must_be_asked_for() -> None:
    """Without the layers that keep programs from the files of their user, only isolation none runs them."""
    bare = {"without": ("mount", "landlock", "seccomp")}
    with Sandbox(SandboxSettings(without=bare["without"])) as sandbox, pytest.raises(SandboxRefused):
        sandbox.start()
    with Sandbox(SandboxSettings(isolation="none")) as sandbox:
        report = sandbox.start()
    assert not report.present
    assert json.dumps(dict(report.missing))
