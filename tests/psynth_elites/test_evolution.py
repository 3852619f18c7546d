"""Evolution in one process: reproducible, resumable, honest about its budget, and right about islands and parents."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from psynth_elites.novelty import fingerprint
from psynth_elites.operators import Operator, parse_operator
from psynth_source.python_ast import PythonAst

from psynth.cli.main import main
from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.core.errors import UsageError
from psynth.core.stream.records import Program
from psynth.core.stream.resuming import parents_of
from psynth.plugins import Context

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")

MAZE = ("elites", "-q", "-d", "karel", "--task", "maze", "--batch", "20", "--initial", "40", "--max-evaluations", "200")
ISLANDS = ("--method", "islands", "--islands", "3", "--migrate-every", "1", "--migrants", "1")
METHODS = {
    "map-elites": ("--method", "map-elites", "--operator", "subterm", "--operator", "subterm:max-size=20"),
    "islands": ISLANDS,
    "genetic": ("--method", "genetic", "--population", "30", "--operator", "crossover", "--parents", "2"),
    "steady": (*ISLANDS, "--steady", "4", "--select", "ucb", "--operator", "subterm", "--operator", "subterm:keep=no"),
}


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def programs(path: Path) -> list[dict[str, Any]]:
    return [program for each in records(path) if each["type"] == "frontier" for program in each["programs"]]


@pytest.mark.parametrize("method", METHODS)
def test_a_run_cut_short_anywhere_ends_as_the_whole_one(tmp_path: Path, method: str) -> None:
    whole, log, archive = tmp_path / "whole.log", tmp_path / "log", tmp_path / "archive"
    words = [*MAZE, *METHODS[method], "--baseline", "sequential"]
    assert main([*words, "--log", str(whole), "-o", str(archive)]) == 0
    expected, lines = archive.read_bytes(), whole.read_bytes()
    assert main([*words, "-j", "2", "-o", str(archive)]) == 0
    assert archive.read_bytes() == expected
    rng = random.Random(method)
    for cut in (0, 5, *(rng.randrange(len(lines)) for _ in range(2)), len(lines)):
        log.write_bytes(lines[:cut])
        assert main([*words, "--log", str(log), "-o", str(archive)]) == 0
        assert (archive.read_bytes(), log.read_bytes()) == (expected, lines)


def test_a_killed_run_goes_on(tmp_path: Path) -> None:
    words = [*MAZE[:-1], "3000", "--method", "map-elites", "--log", "log"]
    command = [sys.executable, "-m", "psynth", *words, "-o", "archive"]
    running = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE)
    log = tmp_path / "log"
    while running.poll() is None and (not log.exists() or log.stat().st_size < 200_000):
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert not (tmp_path / "archive").exists()
    assert subprocess.run(command, cwd=tmp_path, check=False).returncode == 0
    alone = [sys.executable, "-m", "psynth", *words[:-2], "-o", "alone"]
    assert subprocess.run(alone, cwd=tmp_path, check=False).returncode == 0
    assert (tmp_path / "archive").read_bytes() == (tmp_path / "alone").read_bytes()


def test_the_log_gives_the_archive_again_and_is_of_one_command(tmp_path: Path, capfd: Any) -> None:
    log, archive, again = tmp_path / "log", tmp_path / "archive", tmp_path / "again"
    assert main([*MAZE, "--method", "map-elites", "--log", str(log), "-o", str(archive)]) == 0
    assert main(["elites", "-q", str(log), "-o", str(again)]) == 0
    known = [(each["program"], each["reward"], each["descriptor"]) for each in programs(archive)]
    assert [(each["program"], each["reward"], each["descriptor"]) for each in programs(again)] == known
    capfd.readouterr()
    assert main([*MAZE, "--method", "map-elites", "--seed", "1", "--log", str(log)]) == 2
    assert "--log" in (message := capfd.readouterr().err)
    assert "other settings, another seed or other input" in message
    log.write_text("something else\n")
    assert main([*MAZE, "--method", "map-elites", "--log", str(log)]) == 2
    assert log.read_text() == "something else\n"


def test_every_judged_program_is_new_and_its_parents_came_before_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert main([*MAZE, "--method", "map-elites", "--log", str(log), "-o", str(tmp_path / "archive")]) == 0
    judged = [Program(each["program"], origin=None) for each in programs(log)]
    assert len(judged) == 200
    assert len({fingerprint(each) for each in judged}) == 200
    before: set[str] = set()
    for each in programs(log):
        before.add(each["program"])
        assert before.issuperset((each.get("origin") or {}).get("from", ()))
    assert records(tmp_path / "archive")[-1] == {"type": "end", "status": "budget"}


def test_islands_evolve_apart_but_for_migrants(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert main([*MAZE, *ISLANDS, "--log", str(log), "-o", str(tmp_path / "archive")]) == 0
    rounds: list[tuple[int, list[dict[str, Any]]]] = []
    waiting: list[dict[str, Any]] = []
    for each in records(log):
        if each["type"] == "frontier":
            waiting += each["programs"]
        elif each["type"] == "metric" and each["name"] == "evaluations":
            rounds.append((each["labels"]["island"], waiting))
            waiting = []
    assert [island for island, _ in rounds] == [number % 3 for number in range(len(rounds))]
    homes: dict[str, set[int]] = {}
    for island, found in rounds:
        for each in found:
            homes.setdefault(each["program"], set()).add(island)
    # A parent is of the same island, or came from the one before it in the ring, at most as far as there were turns.
    steps = Counter(
        min((island - home) % 3 for home in homes[parent])
        for island, found in rounds
        for each in found
        for parent in (each.get("origin") or {}).get("from", ())
    )
    assert steps[0] > steps[1] > 0


def test_without_migrants_no_parent_is_of_another_island(tmp_path: Path) -> None:
    log = tmp_path / "log"
    words = (*ISLANDS[:-1], "0")
    assert main([*MAZE, *words, "--log", str(log), "-o", str(tmp_path / "archive")]) == 0
    known: dict[int, set[str]] = {0: set(), 1: set(), 2: set()}
    waiting: list[dict[str, Any]] = []
    for each in records(log):
        if each["type"] == "frontier":
            waiting += each["programs"]
        elif each["type"] == "metric" and each["name"] == "evaluations":
            here = known[each["labels"]["island"]]
            here.update(program["program"] for program in waiting)
            assert all(here.issuperset((program.get("origin") or {}).get("from", ())) for program in waiting)
            waiting = []
    assert all(known.values())


def test_a_target_ends_the_run_and_a_budget_is_kept(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    words = [*MAZE[:-1], "5000", "--method", "map-elites", "--target", "1", "-o", str(archive)]
    assert main(words) == 0
    assert records(archive)[-1] == {"type": "end", "status": "complete"}
    spent = max(each["step"] for each in records(archive) if each["type"] == "metric" and "step" in each)
    assert spent < 5000
    assert max(each["reward"] for each in programs(archive)) == 1


def test_a_domain_without_λ_terms_needs_a_program(tmp_path: Path, capfd: Any) -> None:
    assert main(["elites", "-d", "function", "--method", "map-elites", "-o", str(tmp_path / "archive")]) == 3
    assert "evolution needs a program to begin with" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("operator", "message"),
    [
        ("subtrem", "there is no operator 'subtrem'"),
        ("subterm:max-size=3,keep", "expected SETTING=VALUE, not 'keep'; a comma within a value is written \\,"),
        ("crossover", "makes a program of two or more parents: give --parents 2, or more"),
        ("subterm:max-siz=3", "subterm has no setting 'max-siz'"),
        ("subterm:max-size=x", "'x' is not a whole number"),
    ],
)
def test_a_misspelled_operator_is_named(capfd: Any, operator: str, message: str) -> None:
    assert main([*MAZE, "--method", "map-elites", "--operator", operator]) in (2, 3)
    assert message in capfd.readouterr().err


def test_a_comma_in_a_setting_of_an_operator_is_escaped() -> None:
    context = Context("elites")
    made = parse_operator(r"python-ast:weights=constant=2 wrap=0,edits=3", context)
    assert isinstance(made, Operator)
    assert made.method == PythonAst(weights="constant=2 wrap=0", edits=3.0)
    with pytest.raises(UsageError, match="no kind of edit is called 'a,b'"):
        parse_operator(r"python-ast:weights=a\,b=1,edits=3", context)


def test_a_stream_that_minimizes_can_be_maximized_again(tmp_path: Path, capfd: Any) -> None:
    archive = tmp_path / "archive"
    assert main([*MAZE, "--method", "map-elites", "-o", str(archive)]) == 0
    for words, expected in ((["--minimize"], True), ([], True), (["--maximize"], False)):
        assert main(["elites", "-q", *words, str(archive), "-o", str(archive)]) == 0
        [found] = [each for each in records(archive) if each["type"] == "archive"]
        assert found["minimize"] is expected
    assert main(["elites", "--minimize", "--maximize", str(archive)]) == 2
    assert "exclude each other" in capfd.readouterr().err


def test_programs_are_the_same_up_to_the_names_of_their_variables() -> None:
    def mark(text: str) -> bytes:
        return fingerprint(Program(text, "python"))

    first = mark("def f(x):\n    y = x + 1\n    return y")
    assert mark("def f( a ):  # another\n  b = a+1\n  return b") == first
    assert mark("def f(x):\n    y = x + 1\n    return x") != first
    assert mark("def g(x):\n    y = x + 1\n    return y") != first
    assert mark("def f(x):\n    z = y + 1\n    return z") != first
    assert mark("def f(") == mark("def f(")
    assert fingerprint(Program("(lambda $0)")) != fingerprint(Program("(lambda $0)", "python"))


def test_lineage_goes_back_to_the_first_ancestors(tmp_path: Path, capfd: Any) -> None:
    log = tmp_path / "log"
    assert main([*MAZE, "--method", "map-elites", "--log", str(log), "-o", str(tmp_path / "archive")]) == 0
    assert main(["elites", "-q", "--method", "lineage", str(log), "-o", str(tmp_path / "line")]) == 0
    line = programs(tmp_path / "line")
    rewards = [each["reward"] for each in programs(log)]
    assert line[-1]["reward"] == max(rewards)
    known: set[str] = set()
    for each in line:
        assert known.issuperset(parents_of(Program.read_fields(each)))
        known.add(each["program"])
    capfd.readouterr()
    assert main(["elites", "--method", "lineage", "--of", "nothing", str(log)]) == 2
    assert "no frontier of the stream has this program" in capfd.readouterr().err


def test_a_log_is_never_written_over_something_else(tmp_path: Path, capfd: Any) -> None:
    words = [*MAZE, "--method", "map-elites"]
    archive, log = tmp_path / "archive", tmp_path / "log"
    assert main([*words, "-o", str(archive)]) == 0
    before = archive.read_bytes()
    for wrong, message in (
        ([*words, "--log", str(archive), "-o", str(tmp_path / "x")], "other settings, another seed or other input"),
        ([*words, "--log", str(log), "-o", str(log)], "-o writes this file, too"),
        ([*words, "--log", str(log), "--snapshot", str(log)], "writes this file, too"),
        ([*words, "--log", "/dev/full"], "not a regular file"),
        ([*words, "--log", str(tmp_path / "log.gz")], "cannot be compressed"),
    ):
        capfd.readouterr()
        assert main(wrong) == 2
        assert message in capfd.readouterr().err
    assert archive.read_bytes() == before
    assert main([*words, "--log", str(log), "-o", str(tmp_path / "x")]) == 0
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join([*lines[:50], b"damaged\n", *lines[50:]]))
    assert main([*words, "--log", str(log)]) == 2
    assert "line 51 is damaged" in capfd.readouterr().err


def test_a_smaller_budget_takes_as_much_of_the_log(tmp_path: Path) -> None:
    log, archive, alone = tmp_path / "log", tmp_path / "archive", tmp_path / "alone"
    more, less = [*MAZE[:-1], "200", "--method", "map-elites"], [*MAZE[:-1], "130", "--method", "map-elites"]
    assert main([*more, "--log", str(log), "-o", str(archive)]) == 0
    assert main([*less, "--log", str(log), "-o", str(archive)]) == 0
    assert main([*less, "-o", str(alone)]) == 0
    assert archive.read_bytes() == alone.read_bytes()


def test_in_steady_state_a_log_goes_on_as_a_run_with_the_larger_budget(tmp_path: Path) -> None:
    log, archive, alone = tmp_path / "log", tmp_path / "archive", tmp_path / "alone"
    less, more = ([*MAZE[:-1], budget, *METHODS["steady"]] for budget in ("130", "200"))
    for words in (less, more):
        assert main([*words, "--log", str(log), "-o", str(archive)]) == 0
    assert main([*more, "-o", str(alone)]) == 0
    assert archive.read_bytes() == alone.read_bytes()


def test_in_steady_state_results_are_taken_in_the_order_of_proposal(tmp_path: Path) -> None:
    slow = "import time\ndef point(n):\n    time.sleep(0.2)\n    return [0.5] * n\n"
    (tmp_path / "slow.py").write_text(slow)
    (tmp_path / "fast.py").write_text("def point(n):\n    return [1.5] * n\n")
    started, log = tmp_path / "started", tmp_path / "log"
    assert main(["tasks", "function", "--count", "1", "-o", str(started)]) == 0
    given = [word for name in ("slow.py", "fast.py") for word in ("--program", str(tmp_path / name))]
    assert main(["sample", "-q", "--method", "given", *given, str(started), "-o", str(started)]) == 0
    words = ["elites", "-q", "--method", "map-elites", "--steady", "2", "--max-evaluations", "8", str(started)]
    logs = []
    for jobs in ("1", "2"):
        assert main([*words, "-j", jobs, "--log", str(log), "-o", str(tmp_path / "archive")]) == 0
        logs.append([each["program"] for each in programs(log)])
        log.unlink()
    assert logs[0] == logs[1]
    assert [each == slow for each in logs[0]] == [True, *[False] * 7]


def test_two_processes_do_not_write_one_log(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "psynth", *MAZE[:-1], "100000", "--method", "map-elites", "--log", "log"]
    first = subprocess.Popen([*words, "-o", "first"], cwd=tmp_path, stderr=subprocess.PIPE)
    try:
        while first.poll() is None and not (tmp_path / "log").exists():
            time.sleep(0.01)
        time.sleep(0.3)
        second = subprocess.run([*words, "-o", "second"], cwd=tmp_path, stderr=subprocess.PIPE, check=False)
    finally:
        first.kill()
        first.communicate()
    assert (second.returncode, b"another process is writing it" in second.stderr) == (2, True)


def test_an_archive_goes_on_evolving_in_its_own_layout(tmp_path: Path) -> None:
    archive, further = tmp_path / "archive", tmp_path / "further"
    assert main([*MAZE, "--method", "map-elites", "--bins", "5", "-o", str(archive)]) == 0
    assert (
        main(["elites", "-q", "--method", "map-elites", "--max-evaluations", "300", str(archive), "-o", str(further)])
        == 0
    )
    assert [each["layout"] for each in records(further) if each["type"] == "archive"] == ["grid"]
    [found] = [each for each in records(further) if each["type"] == "archive"]
    assert {each["bins"] for each in found["dimensions"]} == {5}
    assert len(programs(further)) >= len(programs(archive))
    assert main(["elites", "-q", str(further), "-o", str(archive)]) == 0
    assert programs(archive) == programs(further)
