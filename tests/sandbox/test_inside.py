"""What a program finds in its own process: nothing that the sandbox or another program has left there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from psynth.core.engines.sandbox import Sandbox, SandboxJob, SandboxResult, probe
from psynth.core.engines.sandbox_settings import SandboxSettings
from tests.sandbox.battery import SETTINGS

VARIANTS: dict[str, dict[str, Any]] = {"full": {}, "shared": {"isolation": "shared"}, "fresh": {"fresh": True}}


@pytest.fixture(scope="module", params=list(VARIANTS))
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox, in each way to isolate programs."""
    if "mount" in probe().missing:
        pytest.skip("this machine cannot make namespaces")
    with Sandbox(replace(SETTINGS, wall=2.0, cpu=2.0, **VARIANTS[request.param])) as sandbox:
        yield sandbox


def printed(sandbox: Sandbox, program: str, **more: Any) -> str:
    """What a program prints that must end well."""
    result = finished(sandbox, program, **more)
    assert result.status == "ok", result
    return result.stdout


def finished(sandbox: Sandbox, program: str, **more: Any) -> SandboxResult:
    """The result of one program."""
    (result,) = sandbox.run([SandboxJob(program, **more)])
    return result


STATUS = """
import ctypes, os
libc = ctypes.CDLL(None)
header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
assert libc.capget(header, data) == 0
print(list(data), libc.prctl(39, 0, 0, 0, 0), libc.prctl(3, 0, 0, 0, 0), os.getuid(), os.getgid(), os.getgroups())
"""


def test_a_program_has_no_capability_and_cannot_gain_one(sandbox: Sandbox) -> None:
    """No capability is effective, permitted or inheritable; no new privileges; nobody's user and group."""
    capabilities, rest = printed(sandbox, STATUS).split("] ", 1)
    assert capabilities == "[0, 0, 0, 0, 0, 0"
    no_new_privileges, dumpable, user, group, groups = rest.split()
    assert (no_new_privileges, user, group, groups) == ("1", "65534", "65534", "[]")
    assert dumpable in "01"


def test_only_the_standard_streams_and_the_result_are_open(sandbox: Sandbox) -> None:
    """Descriptors of the sandbox, as its control socket, are not inherited."""
    program = """
import fcntl
found = []
for number in range(4096):
    try:
        fcntl.fcntl(number, fcntl.F_GETFD)
        found.append(number)
    except OSError:
        pass
print(found)
"""
    assert printed(sandbox, program) in ("[0, 1, 2, 3]\n", "[0, 1, 2]\n")


def test_signals_have_their_default_effect(sandbox: Sandbox) -> None:
    """Whatever the client ignores or blocks; Python itself ignores two, and handles one."""
    program = """
import signal
print(sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])))
changed = [each for each in signal.valid_signals() if signal.getsignal(each) != signal.SIG_DFL]
print(sorted(each.name for each in changed if each not in (signal.SIGKILL, signal.SIGSTOP)))
"""
    assert printed(sandbox, program) == "[]\n['SIGINT', 'SIGPIPE', 'SIGXFSZ']\n"


def test_the_environment_has_nothing_of_the_host(sandbox: Sandbox) -> None:
    """Only the variables of the sandbox's own."""
    names = printed(sandbox, "import os\nprint(*sorted(os.environ))").split()
    assert set(names) <= {
        "HOME",
        "LANG",
        "LC_CTYPE",
        "MKL_NUM_THREADS",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "PATH",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONHASHSEED",
        "TMPDIR",
    }


def test_its_file_system_is_small_and_its_own(sandbox: Sandbox) -> None:
    """No /proc, no /sys, no home; the scratch folder is empty and not the last program's."""
    assert printed(sandbox, "import os\nprint(*sorted(os.listdir('/')))").split() == sorted(
        {"bin", "dev", "etc", "lib", "lib64", "run", "sbin", "tmp", "usr", "root", "opt", "home", "work"}
        & set(printed(sandbox, "import os\nprint(*os.listdir('/'))").split())
    )
    assert printed(sandbox, "import os\nprint(os.path.exists('/proc'), os.path.exists('/sys'))") == "False False\n"
    program = (
        "import os\nprint(os.getcwd(), os.listdir(), os.listdir('/dev/shm'))\nopen('a', 'w'); open('/dev/shm/b', 'w')"
    )
    assert printed(sandbox, program) == printed(sandbox, program) == "/run/program/tmp [] []\n"


def test_a_program_cannot_execute_what_it_has_written(sandbox: Sandbox) -> None:
    """Its own file system is mounted without the right to execute."""
    program = """
import os, shutil
shutil.copy("/bin/true", "copy")
os.chmod("copy", 0o755)
os.execv("./copy", ["copy"])
"""
    result = finished(sandbox, program)
    assert result.status == "error"
    assert "PermissionError" in result.message


def test_processes_that_nobody_waits_for_do_not_pile_up(sandbox: Sandbox) -> None:
    """A program may start more processes one after another than it may have at once."""
    program = """
import os, time
for number in range(100):
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            os._exit(0)
        os._exit(0)
    os.waitpid(child, 0)
    time.sleep(0.001)
print("done")
"""
    assert printed(sandbox, program) == "done\n"


def test_results_do_not_depend_on_what_came_before(sandbox: Sandbox) -> None:
    """Hashes and random numbers are fixed by the seed, also in later programs, in threads and in set order."""
    program = "import random\nprint(random.random(), hash('x'), {'a', 'b', 'c'}, random.sample(range(99), 5))"
    first = printed(sandbox, program)
    finished(sandbox, "import random\nrandom.seed(5)\nimport sys\nsys.setrecursionlimit(50)")
    assert printed(sandbox, program) == first
    with Sandbox(replace(SETTINGS, seed=8)) as other:
        assert printed(other, program) != first


@pytest.mark.parametrize("number", [2, 15, 9, 19])
def test_signals_to_its_parent_do_not_reach_the_next_program(sandbox: Sandbox, number: int) -> None:
    """Process 1 is the zygote where the namespace is shared; it neither ends nor stops."""
    finished(sandbox, f"import os\nfor pid in (1, os.getppid()):\n    os.kill(pid, {number})")
    result = finished(sandbox, "print(1)")
    assert (result.status, result.stdout) == ("ok", "1\n")


def test_a_command_starts_with_default_signals_and_only_its_streams() -> None:
    """A pipe that is closed ends a command, as in a shell."""
    with Sandbox(SandboxSettings(), commands=True) as commands:
        (result,) = commands.run([SandboxJob(command=["sh", "-c", "yes | head -1; ls -1 /dev/fd 2>&1 | wc -l"])])
        assert result.status == "ok"
        assert result.stdout.startswith("y\n")
        assert result.stderr == ""
