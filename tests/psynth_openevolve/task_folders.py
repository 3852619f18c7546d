"""Task folders in OpenEvolve's format, written for the tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from psynth.cli.main import main

PROGRAM = """# EVOLVE-BLOCK-START
def value():
    return 3
# EVOLVE-BLOCK-END
"""
LOADING = """
import importlib.util

def loaded(path):
    spec = importlib.util.spec_from_file_location("program", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
"""
DIRECT = f"""{LOADING}
def evaluate(path):
    return {{"closeness": 1 / (1 + abs(loaded(path).value() - 7)), "length": float(len(open(path).read()))}}
"""


def folder(
    place: Path, evaluator: str = DIRECT, program: str = PROGRAM, config: str | None = None, **files: str | bytes
) -> Path:
    """Write a task folder; further files by name, with __ for the dot."""
    place.mkdir(parents=True, exist_ok=True)
    (place / "evaluator.py").write_text(evaluator)
    (place / "initial_program.py").write_text(program)
    if config is not None:
        (place / "config.yaml").write_text(config)
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (place / name.replace("__", ".")).write_bytes(data)
    return place


def frontiers(path: Path) -> list[dict[str, Any]]:
    records = [json.loads(line) for line in path.read_text().splitlines()]
    return [each for each in records if each["type"] == "frontier"]


def imported(place: Path, *words: str) -> Path:
    """A folder as a stream."""
    stream = place.with_suffix(".jsonl")
    assert main(["import", "-q", "openevolve", *words, str(place), "-o", str(stream)]) == 0
    return stream


def judged(place: Path, *words: str, programs: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """The programs of a folder, the initial one or others, with their verdicts, in the order given."""
    stream = imported(place)
    if programs:
        lines = stream.read_text().splitlines()
        number = next(place for place, line in enumerate(lines) if '"frontier"' in line)
        frontier = json.loads(lines[number])
        frontier["programs"] = [{"program": each, "language": "python"} for each in programs]
        lines[number] = json.dumps(frontier)
        stream.write_text("\n".join(lines) + "\n")
    result = place.with_suffix(".judged.jsonl")
    assert main(["evaluate", "-q", *words, str(stream), "-o", str(result)]) == 0
    [found] = [each["programs"] for each in frontiers(result)]
    order = {each: number for number, each in enumerate(programs)}
    return sorted(found, key=lambda each: order.get(each["program"], 0))
