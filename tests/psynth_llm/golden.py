"""Prompts as whole texts in files: PSYNTH_UPDATE_CASES=1 writes them anew, and ``git diff`` is the review."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "prompts"


def transcript(body: dict[str, Any]) -> str:
    """The messages of a request."""
    return "".join(f"### {each['role']}\n{each['content']}\n" for each in body["messages"])


def check_prompt(name: str, body: dict[str, Any]) -> None:
    """The messages of a request are those of the file."""
    path, said = FOLDER / f"{name}.txt", transcript(body)
    if os.environ.get("PSYNTH_UPDATE_CASES"):
        path.write_text(said)
    assert said == path.read_text()
