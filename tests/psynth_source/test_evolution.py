"""The operators in evolution: psynth elites improves on a program that sample --method given has added."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from psynth.cli.main import main
from psynth.core.engines.sandbox import EXECUTABLE as SANDBOX
from tests.toys.registered import all_installed


def evolved(folder: Path, start: str, *words: str) -> list[float]:
    """The rewards of a start and of all elites of its task, best first, after 200 evaluations."""
    domain = "toy-vectors" if start.startswith("[") else "function"
    seed = folder / ("seed.json" if start.startswith("[") else "seed.py")
    seed.write_text(start)
    files = [str(folder / name) for name in ("tasks", "given", "first", "elites", "again")]
    with all_installed():
        assert main(["tasks", domain, "--count", "1", "-o", files[0]]) == 0
        assert main(["sample", "--method", "given", "--program", str(seed), files[0], "-o", files[1]]) == 0
        assert main(["evaluate", files[1], "-o", files[2]]) == 0
        command = [
            "elites",
            "-q",
            "--method",
            "map-elites",
            "--max-evaluations",
            "200",
            "--batch",
            "40",
            *words,
            files[1],
        ]
        assert main([*command, "-o", files[3]]) == 0
        assert main([*command, "-o", files[4]]) == 0
    assert Path(files[3]).read_bytes() == Path(files[4]).read_bytes()
    rewards = []
    for name in files[2:4]:
        lines = [json.loads(line) for line in Path(name).read_text().splitlines()]
        found = [each["reward"] for line in lines if line["type"] == "frontier" for each in line["programs"]]
        rewards += sorted(found, reverse=True)
    return rewards


def test_vectors_evolve(tmp_path: Path) -> None:
    start, best, *others = evolved(tmp_path, "[6, -7]", "--parents", "2", "--operator", "vector:sigma=2")
    assert start == -13
    assert best > start / 3
    assert len(others) > 10


@pytest.mark.skipif(not SANDBOX.exists(), reason="the sandbox is not built")
def test_python_evolves(tmp_path: Path) -> None:
    start, best, *others = evolved(tmp_path, "def point(n):\n    return [3.0] * n\n")
    assert best > start / 5
    assert len(others) > 10
