"""Progress and warnings on standard error: a bar on a terminal, lines elsewhere, silence with -q."""

import os
import pty
import subprocess

import pytest

from psynth.cli.terminal import Lines, Messages
from tests.psynth_command import Psynth


def test_lines_come_at_intervals(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines("enumerate", interval=0.0)
    lines.start(3, "tasks")
    lines.advance()
    lines.advance(2, note="a note", solved=3)
    written = capsys.readouterr().err.splitlines()
    assert written == ["psynth enumerate: 1/3 tasks, 0 s", "psynth enumerate: 3/3 tasks, 3 solved, 0 s, a note"]
    slow = Lines("enumerate", interval=60.0)
    slow.start(None, "tasks")
    slow.advance()
    assert capsys.readouterr().err == ""


def test_quiet_and_verbose(capsys: pytest.CaptureFixture[str]) -> None:
    Messages("check", quiet=True, verbose=True).warn("x")
    Messages("check").note("x")
    assert capsys.readouterr().err == ""
    Messages("check", verbose=True).note("two\nlines")
    Messages("check").warn("beware")
    assert capsys.readouterr().err == "psynth check: two lines\npsynth check: warning: beware\n"


def test_a_bar_on_a_terminal_leaves_standard_output_alone(psynth: Psynth) -> None:
    controller, terminal = pty.openpty()
    process = psynth.start(
        *("enumerate", "--method", "guess", "-d", "toy", "--pause", "0.2"),
        stdout=subprocess.PIPE,
        stderr=terminal,
        env={"TERM": "xterm"},
    )
    os.close(terminal)
    assert process.stdout is not None
    output = process.stdout.read().decode()
    assert process.wait(timeout=30) == 0
    drawn = os.read(controller, 65536).decode()
    os.close(controller)
    assert "tasks" in drawn
    assert output == psynth("enumerate", "--method", "guess", "-d", "toy").stdout


def test_doctor_and_plugins(psynth: Psynth) -> None:
    import json

    found = {each["subject"]: each for each in json.loads(psynth("doctor", "--json").stdout)}
    assert found["psynth"]["state"] == "ok"
    assert found["plugin toy"] == {
        "subject": "plugin toy",
        "state": "ok",
        "detail": "1.0, 1 domain, 6 methods, 2 commands, 1 format",
    }
    [toy] = json.loads(psynth("plugins", "--json").stdout)
    assert (toy["name"], toy["version"], toy["broken"], len(toy["offers"])) == ("toy", "1.0", None, 10)
    assert "method enumerate --method guess: tries a few sums" in psynth("plugins").stdout
    assert json.loads(psynth("plugins", "--json", env={"PSYNTH_PLUGINS": ""}).stdout) == []


def test_doctor_tells_a_broken_plugin(psynth: Psynth) -> None:
    (psynth.folder / "wrong.py").write_text("import no_such_module\n")
    info = psynth.folder / "wrong-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: wrong\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[psynth]\nwrong = wrong\n")
    environment = {"PSYNTH_PLUGINS": "toy,wrong"}
    done = psynth("doctor", env=environment)
    assert done.returncode == 5
    assert "plugin wrong" in done.stdout
    assert "No module named 'no_such_module' (wrong of wrong)" in done.stdout
    working = psynth("tasks", "toy", env=environment)
    assert working.returncode == 0
    assert working.stderr == (
        "psynth: warning: the plugin 'wrong' is broken and left out "
        "(ModuleNotFoundError: No module named 'no_such_module'); see psynth doctor\n"
    )
