"""Talks to the λ-machine itself, line by line, as tests of the protocol must."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

COMMON = "map unfold range index fold length if + - * mod gt? eq? empty cons car cdr empty? 0 1 is-prime is-square"


class Machine:
    """One running λ-machine: lines in, lines out."""

    def __init__(self, executable: Path) -> None:
        self.process = subprocess.Popen([executable], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)

    def send(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + b"\n")

    def receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        received = b""
        while not received.endswith(b"\n"):
            chunk = self.process.stdout.readline()
            assert chunk, f"the λ-machine ended: {self.process.poll()}"
            received += chunk
        answer = json.loads(received)
        assert isinstance(answer, dict)
        return answer

    def ask(self, **request: Any) -> dict[str, Any]:
        self.send(json.dumps(request).encode())
        return self.receive()

    def ok(self, **request: Any) -> dict[str, Any]:
        answer = self.ask(**request)
        assert "ok" in answer, answer
        return dict(answer["ok"])

    def close(self) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(timeout=10)


def untimed(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer of the λ-machine without the times it took, of the whole and of each task."""
    kept = {name: value for name, value in answer.items() if name != "cpu_seconds"}
    return kept | {"tasks": [untimed(task) for task in kept["tasks"]]} if "tasks" in kept else kept


@pytest.fixture(scope="session")
def executable() -> Path:
    """The built λ-machine, from PSYNTH_LAMBDA or from the package."""
    built = Path(__file__).resolve().parents[3] / "psynth" / "_bin" / "psynth-lambda"
    path = Path(os.environ.get("PSYNTH_LAMBDA") or built)
    if not path.exists():
        pytest.skip("the λ-machine is not built: pip install -e . or set PSYNTH_LAMBDA to its executable")
    return path


@pytest.fixture
def machine(executable: Path) -> Iterator[Machine]:
    running = Machine(executable)
    yield running
    if running.process.poll() is None:
        running.process.kill()
    running.process.wait()


@pytest.fixture(scope="session")
def types(executable: Path) -> dict[str, str]:
    """The type of every primitive that the machine implements."""
    running = Machine(executable)
    listed = running.ok(id=0, op="primitives")["primitives"]
    assert running.close() == 0
    return {primitive["name"]: primitive["type"] for primitive in listed}


Library = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def library(types: dict[str, str]) -> Library:
    """Makes a uniform library of primitives, and of abstractions given as name=(type, definition)."""

    def make(names: str = COMMON, **abstractions: tuple[str, str]) -> dict[str, Any]:
        productions: list[dict[str, Any]] = [
            {"name": name, "type": types[name], "log_weight": 0} for name in names.split()
        ]
        for name, (type_, definition) in abstractions.items():
            productions.append({"name": name, "type": type_, "log_weight": 0, "definition": definition})
        return {"productions": productions, "log_variable": 0}

    return make
