"""Python programs on the command line: a quick look at a file, a stream of many, and what is drawn of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.psynth_command import Psynth
from tests.psynth_puzzles.solutions import SOLUTIONS
from tests.sandbox_layers import needs_layers

PUZZLES = {"PSYNTH_PLUGINS": "puzzles,list"}


@pytest.fixture
def psynth(tmp_path: Path) -> Psynth:
    """The psynth command; give it ``env=PUZZLES``."""
    return Psynth(tmp_path)


def stream(psynth: Psynth) -> str:
    """Puzzles with programs: one that solves, and some that fail in all ways."""
    lines = psynth("tasks", "puzzles", "--split", "all", "--count", "9", env=PUZZLES).stdout.splitlines()
    records = [json.loads(line) for line in lines]
    for record in records:
        if record["type"] == "frontier":
            texts = [
                "def sol(*x): return {}",
                "def sol(*x): 1 / 0",
                "def sol(",
                SOLUTIONS[record["task"]["meta"]["problem"]],
            ]
            record["programs"] = [{"program": text, "language": "python"} for text in texts]
    return "".join(f"{json.dumps(record)}\n" for record in records)


@needs_layers("user", "mount")
def test_a_file_is_called_with_the_arguments(psynth: Psynth) -> None:
    (psynth.folder / "solution.py").write_text(
        "import math\n\n\ndef sol(n, text):\n    print(n)\n    return text * math.isqrt(n)\n"
    )
    done = psynth("evaluate", "-d", "puzzles", "--file", "solution.py", "9", '"ab"', env=PUZZLES)
    assert (done.returncode, done.stdout, done.stderr) == (0, '"ababab"\n', "")


@needs_layers("user", "mount")
@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (
            ["-d", "puzzles", "--file", "set.py"],
            3,
            "the program failed with status error: returned a set, which is not JSON",
        ),
        (["-d", "puzzles", "--file", "none.py"], 2, "none.py: no such file"),
        (["-d", "puzzles", "--file", "bytes.py"], 3, "bytes.py: not UTF-8 at byte 1"),
        (
            ["-d", "list", "--file", "set.py"],
            3,
            "domain 'list' cannot run programs in python; its programs are in lambda",
        ),
        (
            ["-d", "puzzles", "--file", "set.py", "-e", "x"],
            2,
            "-e gives a program and --file another; give one of them",
        ),
        (["-d", "puzzles", "--file", "set.py", "--request", "int"], 2, "programs in python have no type to request"),
        (["--file", "set.py"], 2, "--file needs -d DOMAIN, the domain that the program is written in"),
        (["-d", "puzzles", "-e", "sol = 3 +"], 3, "SyntaxError"),
        (
            ["-d", "puzzles", "-e", "def sol():\n  while 1: pass", "--timeout", "0.5"],
            3,
            "the program failed with status timeout: ",
        ),
    ],
)
def test_a_file_that_gives_nothing(psynth: Psynth, words: list[str], status: int, message: str) -> None:
    (psynth.folder / "set.py").write_text("def sol():\n    return {1, 2}\n")
    (psynth.folder / "bytes.py").write_bytes(b"\xff")
    done = psynth("evaluate", *words, env=PUZZLES)
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.startswith(f"psynth evaluate: {message}")
    assert len(done.stderr.splitlines()) == 1


@needs_layers("user", "mount")
def test_many_programs_are_judged_alike_by_any_number_of_processes(psynth: Psynth) -> None:
    given = stream(psynth)
    one, three = (psynth("evaluate", "--outputs", "-j", jobs, input=given, env=PUZZLES) for jobs in "13")
    assert (one.returncode, one.stderr) == (0, "")
    assert one.stdout == three.stdout
    frontiers = [record for record in map(json.loads, one.stdout.splitlines()) if record["type"] == "frontier"]
    assert len(frontiers) == 18
    for frontier in frontiers:
        best, *others = frontier["programs"]
        assert (best["score"], best["log_likelihood"], "message" in best) == (1.0, 0.0, False), frontier["task"]["id"]
        assert [program["status"] for program in others] == ["ok", "error", "error"]
        assert others[0]["message"].startswith("the answer is not of type")
        assert "ZeroDivisionError" in others[1]["message"]
        assert "SyntaxError" in others[2]["message"]


def test_programs_are_shown_line_by_line_and_cannot_control_the_terminal(psynth: Psynth) -> None:
    source = "def sol(x):\n    # \x1b[31mred\x07\x9b \u202e reversed\n    return x\n"
    lines = psynth("tasks", "puzzles", "--count", "1", env=PUZZLES).stdout.splitlines()
    frontier = json.loads(lines[-2])
    frontier["programs"] = [{"program": source, "language": "python", "status": "error", "message": "no\x1b[0m"}]
    done = psynth("show", "--only", "frontier", input=f"{json.dumps(frontier)}\n", env=PUZZLES)
    shown = [line.strip() for line in done.stdout.splitlines()]
    assert {"def sat(x: int, digits=2, total=18):", "def sol(x):", "return x", "error, no␛[0m"} <= set(shown), shown
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(done.stdout)
    terminal = PUZZLES | {"TERM": "xterm-256color"}
    words = ("--only", "frontier", "--color", "always")
    colored = psynth("show", *words, input=f"{json.dumps(frontier)}\n", env=terminal)
    assert "\x1b[94;49mdef" in colored.stdout
    assert "\x1b[31m" not in colored.stdout


def test_check_says_which_program_is_not_python(psynth: Psynth) -> None:
    done = psynth("check", input=stream(psynth), env=PUZZLES)
    assert done.returncode == 3
    assert done.stdout.count("program 3: not Python: '(' was never closed (line 1)") == 18
