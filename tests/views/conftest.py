"""Fixtures of the pictures' tests: streams of Karel's tasks with programs, and streams of runs with known figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from psynth_karel.domain import Karel, KarelTaskSettings

from tests.psynth_command import Psynth
from tests.psynth_karel.programs import SOLVERS

#: Of the solvers those that these tests play.
PLAYED = ("maze", "top-off", "four-corners")


@pytest.fixture
def psynth(tmp_path: Path) -> Psynth:
    """The psynth command; give it ``env=KAREL`` for Karel."""
    return Psynth(tmp_path)


@pytest.fixture
def solved(tmp_path: Path) -> Path:
    """A stream: three tasks with a program each, one of them written with an abstraction."""
    karel = Karel()
    library = karel.library().to_json()
    library["productions"].append(
        {"name": "fn_0", "type": "stmt -> stmt", "log_weight": 0.0, "definition": "(lambda (karel_seq $0 move))"}
    )
    records = [library]
    for task in karel.tasks(KarelTaskSettings(task=PLAYED, instances=5, held_out=3), seed=0):
        name = next(name for name in PLAYED if name in task.id)
        program = karel.syntax().read(SOLVERS[name])
        if name == "top-off":
            program = "(karel_while frontIsClear (fn_0 (karel_if markersPresent putMarker)))"
        records.append({"type": "frontier", "task": task.to_json(), "programs": [{"program": program}]})
    records.append({"type": "end", "status": "complete"})
    path = tmp_path / "solved.jsonl"
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return path


@pytest.fixture
def without(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """The environment of a run in which a module cannot be imported."""

    def environment(module: str) -> dict[str, str]:
        folder = tmp_path / "without" / module
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text(f"raise ImportError('No module named {module}')\n")
        return {"PYTHONPATH": str(folder.parent)}

    return environment
