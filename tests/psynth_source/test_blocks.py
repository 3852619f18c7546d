"""Programs with the markers EVOLVE-BLOCK: operators change what is between them, and keep every other byte."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from psynth_source.blocks import Blocks

from psynth.cli.main import main
from psynth.core.marked_blocks import BadBlocks

MODULE = '''"""A module,   with odd  layout."""
import math as   m
SCALE = 2    # kept, as it is

# EVOLVE-BLOCK-START
RATE = 0.5

def step(x, n):
    total = x   # a comment that is lost
    for i in range(n):
        total = total + m.sqrt(i) * RATE
    return [total, SCALE, 1.0]
# EVOLVE-BLOCK-END

def run( x ):
    return step(x,3)[0]
'''
INDENTED = """
class Model:
        rate = 0.25
        def run(self, values, limit):
                kept = [0.5]
                # EVOLVE-BLOCK-START best effort
                total = 0.0
                for value in values:
                        total = total + value * self.rate
                bonus = 1.5
                # EVOLVE-BLOCK-END
                return total+limit+bonus  # after
"""
TWO = """
# EVOLVE-BLOCK-START
def first(x):
    return [x * 2, 3.5]
# EVOLVE-BLOCK-END
between =   1
    # EVOLVE-BLOCK-START
def second(x):
    return x - first(x)[1] + between
    # EVOLVE-BLOCK-END"""
PROGRAMS = {"module": MODULE, "indented": INDENTED, "two": TWO, "crlf": MODULE.replace("\n", "\r\n")}


def outside(text: str) -> list[str]:
    """What stands outside of the blocks, with the lines of the markers: found line by line."""
    found, inside = [""], False
    for line in text.split("\n"):
        if "EVOLVE-BLOCK-END" in line:
            inside = False
            found.append("")
        if not inside:
            found[-1] += line + "\n"
        if "EVOLVE-BLOCK-START" in line:
            inside = True
    return found


def started(folder: Path, *texts: str) -> Path:
    programs = [{"program": text, "language": "python"} for text in texts]
    record: dict[str, Any] = {
        "type": "frontier",
        "task": {"id": "openevolve/1", "domain": "openevolve"},
        "programs": programs,
    }
    path = folder / "started.jsonl"
    path.write_text(json.dumps(record) + '\n{"type":"end","status":"complete"}\n')
    return path


def mutants(folder: Path, path: Path, *words: str) -> list[dict[str, Any]]:
    made = folder / "made.jsonl"
    assert main(["mutate", "-q", *words, str(path), "-o", str(made)]) == 0
    records = [json.loads(line) for line in made.read_text().splitlines()]
    return [program for each in records if each["type"] == "frontier" for program in each["programs"]]


@pytest.mark.parametrize("name", PROGRAMS)
def test_mutants_differ_in_blocks_only_and_compile(tmp_path: Path, name: str) -> None:
    parent = PROGRAMS[name]
    made = mutants(tmp_path, started(tmp_path, parent), "--method", "python-ast", "--count", "40", "--edits", "2")
    assert len(made) == 40
    assert len({each["program"] for each in made}) > 20
    for each in made:
        assert outside(each["program"]) == outside(parent)
        assert each["program"] != parent
        assert each["origin"]["from"] == [parent]
        compile(each["program"], "mutant", "exec")


@pytest.mark.parametrize(("name", "use"), [("module", "run(1)"), ("indented", "Model().run([1.0], 2)")])
def test_a_mutant_runs_with_what_is_around_its_block(tmp_path: Path, name: str, use: str) -> None:
    made = mutants(tmp_path, started(tmp_path, PROGRAMS[name]), "--method", "python-ast", "--count", "40")
    for each in made:
        end = subprocess.run([sys.executable, "-c", f"{each['program']}\n{use}"], capture_output=True, check=False)
        assert b"NameError" not in end.stderr
        assert b"UnboundLocalError" not in end.stderr


def test_crossover_takes_parts_of_blocks_and_vectors_move_numbers_in_them(tmp_path: Path) -> None:
    mate = MODULE.replace("total + m.sqrt(i) * RATE", "total * 3 - m.floor(total)").replace("0.5", "0.75")
    other = "def step(x, n):\n    return x"
    words = ("--method", "python-crossover", "--count", "20")
    made = mutants(tmp_path, started(tmp_path, MODULE, mate, other), *words)
    of_module = [each for each in made if each["origin"]["from"][0] == MODULE]
    assert len(of_module) == 20
    assert all(outside(each["program"]) == outside(MODULE) for each in of_module)
    # The third program has no blocks, so that it is no mate of the others.
    assert {each["origin"]["from"][1] for each in of_module} == {mate}
    made = mutants(tmp_path, started(tmp_path, TWO), "--method", "vector", "--count", "5")
    assert made == []
    numbers = TWO.replace("[x * 2, 3.5]", "[2.0, 3.5]")
    made = mutants(tmp_path, started(tmp_path, numbers), "--method", "vector", "--count", "5")
    assert len(made) == 5
    assert all(outside(each["program"]) == outside(TWO) for each in made)


def test_diffs_are_applied_within_blocks_only(tmp_path: Path) -> None:
    inside = "@@ -6,1 +6,1 @@\n-RATE = 0.5\n+RATE = 0.7"
    beyond = "@@ -3,1 +3,1 @@\n-SCALE = 2    # kept, as it is\n+SCALE = 3"
    path = started(tmp_path, MODULE)
    record, end = path.read_text().splitlines()
    frontier = json.loads(record)
    frontier["programs"] += [{"program": each, "language": "text"} for each in (inside, beyond)]
    path.write_text(json.dumps(frontier) + "\n" + end + "\n")
    found = {each.get("status"): each for each in mutants(tmp_path, path, "--method", "diff")}
    assert found[None]["program"] == MODULE.replace("0.5", "0.7")
    assert found["error"]["origin"]["faults"][-1] == "outside-blocks"
    assert "not between the markers" in found["error"]["message"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# EVOLVE-BLOCK-START\nx = 1\n", "without EVOLVE-BLOCK-END"),
        ("# EVOLVE-BLOCK-END\nx = 1\n# EVOLVE-BLOCK-START\n", "do not alternate"),
        ("# EVOLVE-BLOCK-START\n# EVOLVE-BLOCK-START\n# EVOLVE-BLOCK-END\n", "do not alternate"),
        ("x = 1\n# EVOLVE-BLOCK-START\n# nothing\n# EVOLVE-BLOCK-END\n", "no statement between"),
    ],
)
def test_markers_without_a_block_are_told(tmp_path: Path, capfd: Any, text: str, message: str) -> None:
    assert main(["mutate", "--method", "python-ast", str(started(tmp_path, text)), "-o", str(tmp_path / "x")]) == 0
    assert message in capfd.readouterr().err


def test_blocks_and_what_is_around_them_are_the_whole_program() -> None:
    for text in PROGRAMS.values():
        blocks = Blocks.of(text)
        assert blocks is not None
        assert blocks.with_block(0, blocks.varied[0]) == text
        assert blocks.keep(text)
    assert Blocks.of("x = 'EVOLVE-BLOCK-START'\n") is None
    with pytest.raises(BadBlocks):
        Blocks.of("# EVOLVE-BLOCK-START")
