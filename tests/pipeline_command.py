"""How tests run the command line: as a user does, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

PSYNTH = [sys.executable, "-m", "psynth"]


def psynth(
    *words: str | Path,
    input: bytes = b"",
    status: int | None = 0,
    env: Mapping[str, str] | None = None,
    timeout: float = 120,
) -> subprocess.CompletedProcess[bytes]:
    """Run ``psynth WORDS``; the exit status must be ``status`` unless that is None."""
    done = subprocess.run(
        [*PSYNTH, *map(str, words)],
        input=input,
        capture_output=True,
        env={**os.environ, **(env or {})},
        timeout=timeout,
    )
    assert status is None or done.returncode == status, (words, done.returncode, done.stderr.decode()[-2000:])
    return done


def records(stream: bytes, kind: str | None = None) -> list[dict]:
    """The records of a stream, all or those of one type."""
    found = [orjson.loads(line) for line in stream.splitlines()]
    return found if kind is None else [record for record in found if record["type"] == kind]


def stream(*lines: dict) -> bytes:
    """A stream of these records."""
    return b"".join(orjson.dumps(line) + b"\n" for line in lines)


def solved(stream: bytes) -> set[str]:
    """The ids of the tasks that a stream has a right program for."""
    return {
        frontier["task"]["id"]
        for frontier in records(stream, "frontier")
        if any(program.get("log_likelihood") == 0 for program in frontier["programs"])
    }


def by_request(lines: Sequence[bytes], request: str) -> bytes:
    """The frontiers of a stream whose tasks have this request."""
    return b"\n".join(line for line in lines if orjson.loads(line)["task"]["request"] == request) + b"\n"
