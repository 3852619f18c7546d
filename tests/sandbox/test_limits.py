"""Programs just inside each limit pass, and those just beyond it end with the status that names it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from psynth.core.engines.sandbox import Sandbox, SandboxJob, SandboxResult, probe
from psynth.core.engines.sandbox_settings import SandboxSettings
from tests.sandbox_layers import needs_layers

SETTINGS = SandboxSettings(
    wall=3.0, cpu=0.6, memory=96, processes=8, files=32, output=16, result=32, scratch=8, stack=8, seed=1
)
OUTPUT, RESULT, MEGABYTE = 16 << 10, 32 << 10, 1 << 20
OVERSHOOT = 0.5
"""Seconds by which a program may outlast a limit on a busy machine; on an idle one it is below 0.1."""


@pytest.fixture(scope="module", params=["full", "shared"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox with small limits."""
    with Sandbox(replace(SETTINGS, isolation=request.param)) as sandbox:
        yield sandbox


def run(sandbox: Sandbox, program: str, **more: Any) -> SandboxResult:
    """The result of one program."""
    (result,) = sandbox.run([SandboxJob(program, **more)])
    return result


INSIDE = {
    "memory": "held = bytearray(b'x') * (80 << 20)",
    "processor time": "import time\nwhile time.process_time() < 0.4: pass",
    "wall-clock time": "import time\ntime.sleep(2.3)",
    "standard output": f"import os\nos.write(1, b'x' * {OUTPUT})",
    "standard error": f"import os\nos.write(2, b'x' * {OUTPUT})",
    "open files": "files = [open('/dev/null') for _ in range(32 - 4)]",
    "processes": """
import os, time
children = []
for _ in range(7):
    child = os.fork()
    if child == 0:
        time.sleep(0.1)
        os._exit(0)
    children.append(child)
assert all(os.waitpid(child, 0)[1] == 0 for child in children)
""",
    "threads": """
import threading, time
threads = [threading.Thread(target=time.sleep, args=(0.1,)) for _ in range(7)]
for thread in threads: thread.start()
for thread in threads: thread.join()
""",
    "scratch space": "open('file', 'wb').write(bytes((8 << 20) - 65536))",
    "recursion": "import sys\nsys.setrecursionlimit(20_000)\ndef f(n): return n and f(n - 1)\nf(19_000)",
    "stack": "import re, json\njson.loads('[' * 900 + ']' * 900)",
}


@pytest.mark.parametrize("what", INSIDE)
def test_a_program_just_inside_a_limit_is_not_disturbed(sandbox: Sandbox, what: str) -> None:
    """A limit holds only what is beyond it."""
    result = run(sandbox, INSIDE[what])
    assert (result.status, result.exit_code, result.signal) == ("ok", 0, None), result
    assert not result.truncated


BEYOND = {
    "memory": ("held = bytearray(b'x') * (140 << 20)", "oom"),
    "memory of children": (
        "import os\nfor _ in range(4):\n    if os.fork() == 0:\n        held = bytearray(b'x') * (60 << 20)\n"
        "        import time; time.sleep(1)\n        os._exit(0)\nfor _ in range(4): assert os.wait()[1] == 0",
        "oom",
    ),
    "processor time": ("while True: pass", "cpu-limit"),
    "wall-clock time": ("import time\ntime.sleep(100)", "timeout"),
    "standard output": (f"import os\nos.write(1, b'x' * {OUTPUT + 1})", "output-limit"),
    "standard error": (f"import os\nos.write(2, b'x' * {OUTPUT + 1})", "output-limit"),
    "open files": ("files = [open('/dev/null') for _ in range(33)]", "error"),
    "processes": ("import os, time\nfor _ in range(9):\n    if os.fork() == 0: time.sleep(5)", "error"),
    "scratch space": ("with open('file', 'wb') as file: file.write(bytes((8 << 20) + 4096))", "error"),
    "stack": ("import ctypes\nf = ctypes.CFUNCTYPE(None)(lambda: f())\nf()", "signal"),
}


@pytest.mark.parametrize("what", [what for what in BEYOND if "time" not in what])
def test_a_program_beyond_a_limit_ends_with_its_status(sandbox: Sandbox, what: str) -> None:
    """And the next program is right."""
    program, status = BEYOND[what]
    if what == "memory of children" and "cgroup" in probe().missing:
        pytest.skip("this machine has no control groups")
    if what == "stack":
        program = "import sys\nsys.setrecursionlimit(10**6)\n" + program
    result = run(sandbox, program)
    assert result.status == status, result
    assert result.truncated == (status == "output-limit")
    assert run(sandbox, "print(1)").stdout == "1\n"


@pytest.mark.parametrize("what", ["processor time", "wall-clock time", "memory", "standard output"])
def test_a_program_does_not_outlast_its_limit(sandbox: Sandbox, what: str) -> None:
    """It is noticed and killed soon after."""
    program, status = BEYOND[what]
    before = time.monotonic()
    result = run(sandbox, program)
    took = time.monotonic() - before
    assert result.status == status
    assert run(sandbox, "print(1)").stdout == "1\n"
    if what == "wall-clock time":
        assert 3.0 <= result.wall_seconds <= took < 3.0 + OVERSHOOT
    elif what == "processor time":
        # That no program ends too early, the tests of what is just inside see.
        assert result.cpu_seconds < 0.6 + OVERSHOOT
    else:
        assert result.wall_seconds < OVERSHOOT
        assert result.max_rss < 120 * MEGABYTE


def test_the_output_is_cut_at_the_limit_and_counted(sandbox: Sandbox) -> None:
    """What was kept is the beginning."""
    result = run(sandbox, f"import os\nos.write(1, b'a' * {OUTPUT} + b'b' * 100)\nos.write(2, b'c')")
    assert result.status == "output-limit"
    assert result.stdout == "a" * OUTPUT
    assert result.stdout_bytes > OUTPUT
    assert result.truncated


@pytest.mark.parametrize(("length", "status"), [(RESULT - 2, "ok"), (RESULT - 1, "output-limit")])
def test_a_value_may_be_as_long_as_the_limit(sandbox: Sandbox, length: int, status: str) -> None:
    """As JSON, with its quotes."""
    result = run(sandbox, "def f(n): return 'x' * n", function="f", calls=[[length], [1]])
    assert [call.status for call in result.calls] == [status, "ok"]
    assert result.calls[0].value == ("x" * length if status == "ok" else None)


ENDS = {
    "ends": ("print(1)", "ok", 0, None),
    "exits": ("raise SystemExit(7)", "error", 7, None),
    "exits with a large number": ("raise SystemExit(256 + 3)", "error", 3, None),
    "exits with a text": ("raise SystemExit('why')", "error", 1, None),
    "exits with nothing": ("raise SystemExit", "ok", 0, None),
    "raises": ("1 / 0", "error", 1, None),
    "is not Python": ("print(", "parse", 1, None),
    "has a NUL": ("print(1)\0", "parse", 1, None),
    "has half a surrogate pair": ("print('\ud800')", "parse", None, None),
    "kills itself": ("import os\nos.kill(os.getpid(), 15)", "signal", None, "SIGTERM"),
    "crashes": ("import ctypes\nctypes.string_at(0)", "signal", None, "SIGSEGV"),
    "closes its output": ("import os\nos.close(1)\nprint(1)", "error", 1, None),
    "reads past its input": ("input()", "error", 1, None),
    "interrupts": ("raise KeyboardInterrupt", "error", 1, None),
}


@pytest.mark.parametrize("how", ENDS)
def test_the_end_of_a_program_is_told_as_it_was(sandbox: Sandbox, how: str) -> None:
    """Status, exit code and signal."""
    program, status, code, signal = ENDS[how]
    result = run(sandbox, program)
    assert (result.status, result.exit_code, result.signal) == (status, code, signal), result


def test_an_exception_is_told_in_the_message_and_on_standard_error(sandbox: Sandbox) -> None:
    """With the program's own lines only."""
    result = run(sandbox, "def f():\n    1 / 0\nf()")
    assert result.message == "ZeroDivisionError: division by zero"
    assert 'File "<program>", line 2, in f' in result.stderr
    assert "sandbox" not in result.stderr


def test_a_source_of_50_megabytes_is_a_result(sandbox: Sandbox) -> None:
    """Too large for the memory of this sandbox, but nothing breaks."""
    assert run(sandbox, "x = 1\n" * 9_000_000).status in {"oom", "parse", "cpu-limit", "timeout"}
    assert run(sandbox, "print(1)").stdout == "1\n"


@pytest.mark.parametrize(
    "program",
    [
        "x = " + "[" * 5000 + "]" * 5000,
        "x = " + "-" * 100_000 + "1",
        "x = f" + "()" * 100_000,
        "if 1:\n" + "".join(" " * n + "if 1:\n" for n in range(1, 120)) + " " * 120 + "pass",
    ],
    ids=["brackets", "signs", "calls", "blocks"],
)
def test_source_nested_too_deeply_is_no_python(sandbox: Sandbox, program: str) -> None:
    """The parser's own limits."""
    assert run(sandbox, program).status == "parse"


def test_a_program_reads_its_input_and_need_not(sandbox: Sandbox) -> None:
    """All of it, also if it is longer than a pipe holds."""
    text = "é" * 500_000 + "\n"
    assert run(sandbox, "print(len(input()))", stdin=text).stdout == "500000\n"
    assert run(sandbox, "print(1)", stdin=text).stdout == "1\n"


def test_files_and_variables_are_offered(tmp_path: Path) -> None:
    """A read-only folder cannot be changed, a writable one can, and nothing in it can be executed."""
    folder = tmp_path.resolve()
    for path in (folder, *folder.parents):
        if path != Path("/") and path.stat().st_uid == 0 and not path.stat().st_mode & 0o001:
            path.chmod(path.stat().st_mode | 0o011)
    (folder / "in").mkdir()
    (folder / "in/text").write_text("given")
    (folder / "out").mkdir(mode=0o777)
    (folder / "out").chmod(0o777)
    settings = replace(SETTINGS, read_only=(folder / "in",), read_write=(folder / "out",), env=("NAME=a=b",))
    program = f"""
import os

text = open({os_path(folder / "in/text")}).read()
open({os_path(folder / "out/copy")}, "w").write(text + os.environ["NAME"])
for path in ({os_path(folder / "in/new")}, {os_path(folder / "in/text")}):
    try:
        open(path, "w")
        print("written")
    except OSError as error:
        print(type(error).__name__)
"""
    with Sandbox(settings) as sandbox:
        result = run(sandbox, program)
    assert result.status == "ok", result
    assert (folder / "out/copy").read_text() == "givena=b"
    assert (folder / "in/text").read_text() == "given"
    assert "written" not in result.stdout
    assert len(result.stdout.split()) == 2


def os_path(path: Path) -> str:
    """A path as Python source."""
    return repr(str(path))


@needs_layers("user", "mount")
@pytest.mark.parametrize("fresh", [False, True])
def test_packages_are_there_only_when_asked_for(fresh: bool) -> None:
    """With a fixed seed of their own generators."""
    pytest.importorskip("numpy")
    program = "import numpy\nprint(numpy.arange(3).sum(), numpy.random.random())"
    settings = replace(SETTINGS, memory=512, processes=32, cpu=10.0, wall=10.0, fresh=fresh)
    with Sandbox(replace(settings, packages=("numpy",))) as sandbox:
        first, second = run(sandbox, program), run(sandbox, program)
    assert first.status == "ok", first
    assert first.stdout == second.stdout
    with Sandbox(settings) as sandbox:
        assert run(sandbox, program).message == "ModuleNotFoundError: No module named 'numpy'"


def test_without_isolation_limits_still_hold() -> None:
    """Time and output are watched from outside; the status is told as with isolation."""
    with Sandbox(replace(SETTINGS, isolation="none", wall=0.5, cpu=None)) as sandbox:
        assert run(sandbox, "print(1)").stdout == "1\n"
        assert run(sandbox, "while True: pass").status == "timeout"
        assert run(sandbox, "while True: print(1)").status == "output-limit"
        assert run(sandbox, "def f(x): return x", function="f", calls=[[1]]).calls[0].value == 1
