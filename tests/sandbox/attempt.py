"""Runs one program against a host with something to attack: in this process, or as a command in another place.

``python -m tests.sandbox.attempt SETTINGS`` reads the program from standard input and writes what came of it as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from psynth.core.engines.sandbox import Sandbox, SandboxJob
from psynth.core.engines.sandbox_settings import SandboxSettings
from tests.sandbox.attacks import PREFIX
from tests.sandbox.battery import SETTINGS, host, outcome
from tests.sandbox.places import command


def changed(changes: Mapping[str, Any]) -> SandboxSettings:
    """The settings of the battery with changes, of which JSON has made lists."""
    given: Any = {name: tuple(value) if isinstance(value, list) else value for name, value in changes.items()}
    return replace(SETTINGS, **given)


def attempt(program: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What comes of a program that knows the host; its folder is offered where a path is ``HOST``."""
    with host(f"mark-{uuid.uuid4().hex[:12]}") as what:
        shared = {
            name: [what["folder"] if path == "HOST" else path for path in changes[name]]
            for name in ("read_only", "read_write")
            if name in changes
        }
        with Sandbox(changed({**changes, **shared})) as sandbox:
            (result,) = sandbox.run([SandboxJob(PREFIX.format(host=what) + program)])
            return outcome(result)


def attempt_in(place: str, program: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What comes of a program in another place."""
    words = command(place, [sys.executable, "-m", __name__, json.dumps(changes)])
    done = subprocess.run(words, input=program, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


if __name__ == "__main__":
    print(json.dumps(attempt(sys.stdin.read(), json.loads(sys.argv[1]))))
