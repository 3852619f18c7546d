"""psynth sandbox-exec: one result for each input, the exit statuses, and one command like a shell runs it."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from psynth.core.engines.sandbox_settings import EXECUTABLE
from tests.psynth_command import Psynth
from tests.sandbox_layers import needs_layers

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the sandbox is not built")

PROGRAMS = [
    '{"id":"script","program":"print(6*7)"}',
    '{"id":"call","program":"def f(x, y): return [x, y]","function":"f","arguments":[1,"é"]}',
    '{"id":"calls","program":"def f(x): return 1//x","function":"f","calls":[[1],[0],[100000000000000000000]]}',
    "no JSON",
    "\"print('a string is a program')\"",
    '{"id":"typo","program":"1","argument":[1]}',
    '{"type":"frontier","task":{}}',
    '{"id":"syntax","program":"x = ("}',
    '{"id":"hang","program":"while True: pass"}',
    '{"id":"exit","program":"import sys; sys.exit(3)"}',
    '{"id":"surrogate","program":"\\ud800"}',
    '{"id":"both","program":"","function":"f","arguments":[],"calls":[]}',
    '{"id":"input","program":"print(input())","stdin":"what was read"}',
    '{"id":"no function","program":"","function":"f"}',
]
STATUSES = ["ok", "ok", "ok", "bad-input", "ok", "bad-input", "bad-input", "parse", "cpu-limit", "error"]
STATUSES += ["bad-input", "bad-input", "ok", "error"]


def results(psynth: Psynth, *options: str, lines: list[str] = PROGRAMS) -> list[dict[str, Any]]:
    """The results of programs on standard input."""
    done = psynth("sandbox-exec", "--cpu", "0.3", *options, input="\n".join(lines) + "\n")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_exactly_one_result_for_each_input_in_order(psynth: Psynth) -> None:
    found = results(psynth)
    assert [each["status"] for each in found] == STATUSES
    by_id = {each["id"]: each for each in found}
    assert by_id["script"]["stdout"] == "42\n"
    assert by_id["call"]["result"] == [1, "é"]
    assert [each["status"] for each in by_id["calls"]["results"]] == ["ok", "error", "ok"]
    assert by_id["-:5"]["stdout"] == "a string is a program\n"
    assert "did you mean 'arguments'" in by_id["typo"]["message"]
    assert by_id["exit"]["exit_code"] == 3
    assert by_id["hang"]["timed_out"]
    assert by_id["input"]["stdout"] == "what was read\n"
    assert by_id["no function"]["message"] == "NameError: the program defines no f"
    assert all({"layers", "sandbox_version", "wall_s", "cpu_s", "max_rss"} <= each.keys() for each in found)


def test_the_same_bytes_at_any_number_of_workers(psynth: Psynth) -> None:
    lines = [f'{{"id":{n},"program":"import random; print({n}, hash(\'a\'), random.random())"}}' for n in range(40)]
    one, two = (results(psynth, "--no-timing", "-j", jobs, lines=lines) for jobs in ("1", "2"))
    assert one == two
    assert results(psynth, "--no-timing", "--seed", "1", lines=lines) != one
    assert [each["id"] for each in one] == list(range(40))
    unordered = results(psynth, "--no-timing", "-j", "2", "--order", "done", lines=lines)
    assert sorted(unordered, key=lambda each: each["id"]) == one


def test_a_file_and_its_function(psynth: Psynth) -> None:
    (psynth.folder / "square.py").write_text("def f(x): return x * x\n", encoding="utf-8")
    done = psynth("sandbox-exec", "--function", "f", "--arg", "12", "square.py")
    assert json.loads(done.stdout)["result"] == 144
    (psynth.folder / "latin.py").write_bytes(b"# coding: latin-1\nprint('\xe9')\n")
    assert json.loads(psynth("sandbox-exec", "latin.py").stdout)["stdout"] == "é\n"
    (psynth.folder / "bytes.py").write_bytes(b"\xff\xfe")
    assert json.loads(psynth("sandbox-exec", "bytes.py").stdout)["status"] == "bad-input"
    assert psynth("sandbox-exec", "missing.py").returncode == 2


@pytest.mark.parametrize(
    ("words", "status", "output"),
    [
        (("--", "sh", "-c", "echo out; echo err >&2; exit 7"), 7, "out\n"),
        (("--", "cat"), 0, "given"),
        (("--wall", "0.3", "--", "sleep", "9"), 124, ""),
        (("--", "sh", "-c", "kill -TERM $$"), 128 + signal.SIGTERM, ""),
        (("--output-limit", "1", "--", "sh", "-c", "while :; do echo x; done"), 137, None),
        (("--", "nonesuch"), 127, ""),
        (("--", "/etc/ld.so.cache"), 126, ""),
        (("--require", "net", "--without", "net", "--", "true"), 125, ""),
    ],
)
def test_one_command_ends_as_in_a_shell(
    psynth: Psynth, words: tuple[str, ...], status: int, output: str | None
) -> None:
    done = psynth("sandbox-exec", *words, input="given")
    assert done.returncode == status, done.stderr
    assert output is None or done.stdout == output


def test_bytes_of_a_command_are_kept(psynth: Psynth) -> None:
    done = psynth.start("sandbox-exec", "--", "printf", r"\377\000\n", stdout=-1, stdin=-3)
    assert done.communicate(timeout=60)[0] == b"\xff\0\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--require", "pids", "x.py"), "no layer 'pids' (did you mean 'pid'"),
        (("--arg", "1"), "--arg needs --function"),
        (("x.py", "--", "true"), "not both"),
        (("--env", "novalue"), "expected NAME=VALUE"),
        (("--ro", "/nonesuch"), "there is no /nonesuch"),
        (("--rw", "/dev"), "cannot be offered"),
        (("--server", "0.0.0.0:1"), "only the loopback"),
        (("--server", "nowhere"), "expected 127.0.0.1:PORT"),
        (("--stdin", "-"), "standard input has the programs"),
        (("--function", "f", "--arg", "{"), "is not JSON"),
    ],
)
def test_wrong_command_lines_are_explained(psynth: Psynth, words: tuple[str, ...], message: str) -> None:
    done = psynth("sandbox-exec", *words)
    assert done.returncode in (2, 3)
    assert message in done.stderr
    assert not done.stdout


def test_what_is_required_and_missing_is_refused(psynth: Psynth) -> None:
    done = psynth("sandbox-exec", "--require", "seccomp", "--without", "seccomp", input='"print(1)"\n')
    assert (done.returncode, done.stdout) == (3, "")
    assert "seccomp is required and missing" in done.stderr
    done = psynth("sandbox-exec", "--packages", "no_such_package", input='"print(1)"\n')
    assert (done.returncode, done.stdout) == (3, "")
    assert "no_such_package" in done.stderr


def test_no_isolation_is_never_silent(psynth: Psynth) -> None:
    done = psynth("sandbox-exec", "--isolation", "none", input='"print(1)"\n')
    assert json.loads(done.stdout)["layers"] == []
    assert "no isolation" in done.stderr
    explained = psynth("sandbox-exec", "--without", "net", "--explain", input='"print(1)"\n')
    assert "missing:  net (switched off)" in explained.stderr


@needs_layers("user", "mount")
def test_files_of_the_host_are_there_only_if_offered(psynth: Psynth, tmp_path: Path) -> None:
    # The user that programs run as must be able to come here.
    for folder in (tmp_path, *tmp_path.parents[:-2]):
        folder.chmod(folder.stat().st_mode | 0o055)
    (tmp_path / "data.txt").write_text("offered", encoding="utf-8")
    (tmp_path / "out").mkdir()
    (tmp_path / "out").chmod(0o777)
    data, out = str(tmp_path / "data.txt"), str(tmp_path / "out" / "x")
    program = f"print(open({data!r}).read()); open({out!r}, 'w').write('w')"
    line = json.dumps({"program": program})
    refused = json.loads(psynth("sandbox-exec", input=line).stdout)
    assert "FileNotFoundError" in refused["message"]
    read = json.loads(psynth("sandbox-exec", "--ro", str(tmp_path), input=line).stdout)
    assert read["stdout"] == "offered\n"
    assert read["status"] == "error"
    options = ("--ro", str(tmp_path / "data.txt"), "--rw", str(tmp_path / "out"))
    assert json.loads(psynth("sandbox-exec", *options, input=line).stdout)["status"] == "ok"
    assert (tmp_path / "out" / "x").read_text(encoding="utf-8") == "w"


def test_ctrl_c_ends_it_at_once_and_leaves_nothing(psynth: Psynth) -> None:
    run = psynth.start("sandbox-exec", "--wall", "60", "--cpu", "60", "-j", "2", stdin=-1, stdout=-1, stderr=-3)
    assert run.stdin is not None
    run.stdin.write(b'"import time; time.sleep(50)"\n' * 4)
    run.stdin.flush()
    deadline = time.monotonic() + 20
    while len(_descendants(run.pid)) < 4:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    started = _descendants(run.pid)
    run.send_signal(signal.SIGINT)
    assert run.wait(10) == 130
    deadline = time.monotonic() + 5
    while any(Path(f"/proc/{pid}").exists() for pid in started):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _descendants(process: int) -> set[int]:
    found: set[int] = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if parent == process or parent in found:
            found.add(int(folder.name))
    return found


def test_a_reader_that_goes_away_ends_it(psynth: Psynth) -> None:
    run = psynth.start("sandbox-exec", stdin=-1, stdout=-1, stderr=-3)
    assert run.stdin is not None
    assert run.stdout is not None
    run.stdout.close()
    with run.stdin as programs:
        try:
            programs.write(b'"print(1)"\n' * 5000)
        except BrokenPipeError:
            assert run.poll() is None or run.returncode == 141
    assert run.wait(60) == 141


def test_a_full_disk_is_an_error(psynth: Psynth) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full")
    with open("/dev/full", "wb") as full:
        run = psynth.start("sandbox-exec", stdin=-1, stdout=full, stderr=-1)
        _, errors = run.communicate(b'"print(1)"\n', timeout=60)
    assert run.returncode == 5
    assert b"No space left" in errors
