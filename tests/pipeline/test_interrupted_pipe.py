"""Ctrl-C on a terminal, which goes to all stages of a pipe: later stages hand over what the first one found."""

import os
import pty
import sys
import time
from pathlib import Path

import orjson
import pytest

from psynth.core.engines.lambda_machine import EXECUTABLE

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")

INTERRUPT = b"\x03"
PSYNTH = f"{sys.executable} -m psynth"


def typed(command: str, started: bytes) -> str:
    """What a shell command writes on its own terminal, where Ctrl-C is typed one second after ``started`` shows."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvp("bash", ["bash", "-c", command])
    written, pressed = b"", False
    while True:
        try:
            data = os.read(terminal, 1 << 16)
        except OSError:  # the last process has closed the terminal
            break
        written += data
        if started in written and not pressed:
            time.sleep(1)
            os.write(terminal, INTERRUPT)
            pressed = True
    os.close(terminal)
    os.waitpid(child, 0)
    return written.decode()


def test_ctrl_c_loses_nothing_that_was_found(tmp_path: Path) -> None:
    found = tmp_path / "found.jsonl"
    stages = f"{PSYNTH} enumerate -d list --max-cost 40 --timeout 100 | {PSYNTH} compress | {PSYNTH} document > {found}"
    shown = typed(f'{stages}; echo "statuses ${{PIPESTATUS[*]}}"', b"/122 tasks")
    assert "statuses 130 130 130" in shown
    records = [orjson.loads(line) for line in found.read_bytes().splitlines()]
    assert sum(record["type"] == "frontier" for record in records) == 122
    assert records[-1] == {"type": "end", "status": "interrupted"}
