"""The public face is enough: the example, the tutorials and the templates import from nothing else of psynth."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ["torch", "numpy", "typer", "rich", "pluggy", "orjson", "safetensors", "transformers"]
FACES = {"psynth", "psynth.plugins", "psynth.testing"}
IMPORT = re.compile(r"^\s*(?:from|import) (psynth(?:\.\w+)*)(?= |$)", re.MULTILINE)
SOURCES = [
    *(ROOT / "examples" / "plugin").rglob("*.py"),
    *(ROOT / "psynth" / "templates").rglob("*.template"),
    *(ROOT / "docs").glob("write-a-*.md"),
]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_strangers_import_from_the_face_alone(source: Path) -> None:
    assert set(IMPORT.findall(source.read_text(encoding="utf-8"))) <= FACES


def test_all_kinds_of_sources_are_looked_at() -> None:
    assert {source.suffix for source in SOURCES if IMPORT.search(source.read_text())} == {".py", ".template", ".md"}


@pytest.mark.parametrize("face", ["psynth", "psynth.plugins"])
def test_importing_a_face_imports_nothing_heavy(face: str) -> None:
    program = f"import sys, {face}; print(*(name for name in sys.modules if name.split('.')[0] in {HEAVY}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == []
