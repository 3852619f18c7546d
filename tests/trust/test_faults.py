"""Faults found by trying to break psynth: one bad record costs that record, and no run passes for another."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from psynth.core.engines.lambda_machine import EXECUTABLE
from tests.psynth_command import Psynth
from tests.shared_data import shared_data

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")
BUILT_IN = {"PSYNTH_PLUGINS": "formats,function,karel,library,list,puzzles,search"}


@pytest.fixture
def psynth(tmp_path: Path) -> Psynth:
    """The psynth command in a folder of its own."""
    return Psynth(tmp_path)


@pytest.fixture
def faults(psynth: Psynth) -> Psynth:
    """The psynth command in a folder with the inputs of the note."""
    (psynth.folder / "faults").symlink_to(shared_data("faults"))
    return psynth


def run(psynth: Psynth, command: str, *, status: int = 0, input: str = "") -> tuple[str, str]:
    """The output and the messages of a command with this exit status, each message one line."""
    done = psynth(*command.split(), input=input, env=BUILT_IN)
    assert done.returncode == status, (command, done.returncode, done.stderr)
    assert all(line.startswith("psynth ") for line in done.stderr.splitlines()), done.stderr
    return done.stdout, done.stderr


def tasks(output: str) -> list[str]:
    """The tasks of a stream's frontiers, in order."""
    found = [json.loads(line) for line in output.splitlines()]
    return [each["task"]["id"] for each in found if each["type"] == "frontier"]


# ---- F1, F8: only the bad record is lost ----------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "place"), [("d1", 2), ("d2", 1), ("d3", 3)])
def test_one_bad_task_does_not_take_the_others_along(faults: Psynth, name: str, place: int) -> None:
    path = f"faults/{name}.jsonl"
    given = tasks((faults.folder / path).read_text())
    for on_error in ("skip", "keep"):
        output, said = run(faults, f"enumerate --max-programs 20 --on-error {on_error} {path}")
        assert tasks(output) == [task for task in given if on_error == "keep" or task != "karel/bad"]
        assert said.count("\n") == 1
        assert f"{path}:{place}: task karel/bad: " in said
        searched = [json.loads(line) for line in output.splitlines() if '"search":{' in line]
        assert len(searched) == len(given) - 1


def task(name: str, **changes: Any) -> dict[str, Any]:
    """A sound frontier of the list domain, but for some changes of its task."""
    identity = {"id": f"list/{name}", "domain": "list", "request": "list(int) -> int"}
    examples = [{"inputs": [[1, 2]], "output": 1}]
    programs = [{"program": "(lambda (car $0))", "log_likelihood": 0.0}]
    return {"type": "frontier", "task": {**identity, "examples": examples, **changes}, "programs": programs}


PUZZLE = {"id": "puzzles/p", "domain": "puzzles", "request": "int", "environment": {"x": 1}}
BAD: dict[str, dict[str, Any]] = {
    "an integer beyond 64 bits": task("bad", examples=[{"inputs": [[1]], "output": 10**20}]),
    "a request that is no type": task("bad", request="int ->"),
    "no request": task("bad", request=None),
    "an unknown domain": {**task("bad"), "task": {"id": "nosuch/bad", "domain": "nosuch", "request": "int"}},
    "an input of the wrong type": task("bad", examples=[{"inputs": ["x"], "output": 1}]),
    "too many inputs": task("bad", examples=[{"inputs": [[1], [2]], "output": 1}]),
    "an output of an unknown type": task("bad", request="list(int) -> foo"),
    "weights of another library": {**task("bad"), "weights": {"log_weights": [0.0], "log_variable": 0.0}},
    "a program that is no term": {**task("bad"), "programs": [{"program": "(lambda (car"}]},
    "a program in another language": {**task("bad"), "programs": [{"program": "x", "language": "python"}]},
    "a seed below 0": {
        **task("bad"),
        "task": {"id": "karel/b", "domain": "karel", "request": "stmt", "environment": {"task": "maze", "seeds": [-1]}},
        "programs": [{"program": "move"}],
    },
    "a puzzle without a checker": {**task("bad"), "task": PUZZLE, "programs": [{"program": "1", "language": "python"}]},
}
COMMANDS = [
    "enumerate --max-cost 6",
    "search --max-evaluations 5",
    "sample --count 1 --keep",
    "evaluate",
    "mutate",
    "mutate --method crossover",
    "compress",
    "show --color never",
    "export lilo",
    "export dreamcoder",
    "export stitch",
]


def bad_lines(command: str) -> list[str]:
    """A sound frontier, all bad ones that a command can meet, and another sound one."""
    bad = list(BAD.values())
    if command == "export dreamcoder":  # which holds one domain
        bad = [each for each in bad if each["task"]["domain"] == "list"]
    if command.startswith("sample"):  # which says of a domain, not of a record, that it has no library
        bad = [each for each in bad if each["task"]["domain"] != "puzzles"]
    for number, each in enumerate(bad):
        each["task"]["id"] = f"{each['task']['domain']}/bad-{number}"
    return [json.dumps(each) + "\n" for each in (task("first"), *bad, task("last"))]


@pytest.mark.parametrize("command", COMMANDS)
def test_bad_records_cost_only_themselves(psynth: Psynth, command: str) -> None:
    lines = bad_lines(command)
    for on_error in ("skip", "keep"):
        output, said = run(psynth, f"{command} --on-error {on_error}", input="".join(lines))
        assert command == "export stitch" or all(name in output for name in ("list/first", "list/last")), on_error
        places = re.findall(r"<stdin>:[0-9]+: task [a-z]+/bad-[0-9]+: ", said)
        assert len(places) == len([line for line in said.splitlines() if line.endswith(("(left out)", "(kept)"))])
    if command == "export stitch":
        assert "(lambda (car $0))" in output


@pytest.mark.parametrize("kind", [kind for kind in BAD if not kind.startswith("a program in")])
def test_check_passes_no_task_that_enumerate_refuses(psynth: Psynth, kind: str) -> None:
    output, _ = run(psynth, "check", input=json.dumps(BAD[kind]) + "\n", status=3)
    assert "wrong: <stdin>:1: " in output


@pytest.mark.parametrize("command", ["evaluate", "mutate", "mutate --method crossover"])
def test_a_bad_library_costs_only_what_is_under_it(faults: Psynth, command: str) -> None:
    bad = (faults.folder / "faults" / "badlib.jsonl").read_text().splitlines()[:-1]
    (faults.folder / "both.jsonl").write_text("".join(f"{line}\n" for line in [*bad, json.dumps(task("last"))]))
    output, said = run(faults, f"{command} --on-error keep both.jsonl")
    assert len(tasks(output)) == 3
    assert "both.jsonl:2: task list/train-000-head: " in said
    assert "production fn_2: " in said


# ---- F2, F3: a resumed run is this run ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command", ["evaluate", "mutate", "enumerate --max-programs 10", "search --max-evaluations 20"]
)
def test_a_resumed_run_doubles_nothing(psynth: Psynth, command: str) -> None:
    run(psynth, "search -d karel --limit 3 --max-evaluations 30 -o solved.jsonl")
    run(psynth, f"{command} solved.jsonl -o one.jsonl")
    _, said = run(psynth, f"{command} solved.jsonl --resume one.jsonl -o two.jsonl -v")
    assert "3 frontiers done before" in said
    one, two = (psynth.folder / name for name in ("one.jsonl", "two.jsonl"))
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("command", ["evaluate", "mutate"])
def test_results_of_other_programs_are_not_reused(faults: Psynth, command: str) -> None:
    given, inputs = faults.folder / "in.jsonl", faults.folder / "faults"
    shutil.copy(inputs / "a1.jsonl", given)
    run(faults, f"{command} in.jsonl -o out.jsonl")
    shutil.copy(inputs / "a2.jsonl", given)
    fresh, _ = run(faults, f"{command} in.jsonl")
    _, said = run(faults, f"{command} in.jsonl --resume out.jsonl", status=2)
    assert "--resume out.jsonl: it was made from other contents of in.jsonl" in said
    piped = given.read_text()
    resumed, _ = run(faults, f"{command} --resume out.jsonl", input=piped)
    assert resumed.splitlines()[1:] == fresh.splitlines()[1:]


def test_results_of_another_library_are_not_reused(faults: Psynth) -> None:
    search = "enumerate --max-cost 10"
    run(faults, f"{search} faults/lib1.jsonl -o r1.jsonl")
    _, said = run(faults, f"{search} faults/lib2.jsonl --resume r1.jsonl", status=2)
    assert "made from faults/lib1.jsonl, not from faults/lib2.jsonl" in said
    other = (faults.folder / "faults" / "lib2.jsonl").read_text()
    resumed, _ = run(faults, f"{search} --resume r1.jsonl", input=other)
    run(faults, "check", input=resumed)
    run(faults, "tasks list --count 5 -o list.jsonl")
    run(faults, f"{search} --library faults/lib1.jsonl list.jsonl -o r3.jsonl")
    _, said = run(faults, f"{search} --library faults/lib2.jsonl list.jsonl --resume r3.jsonl", status=2)
    assert "faults/lib1.jsonl, not from list.jsonl and faults/lib2.jsonl" in said


def test_a_file_that_is_no_run_is_not_resumed_and_a_first_run_may_name_its_output(faults: Psynth) -> None:
    for name in ("nosuch.jsonl", "faults/a1.jsonl"):
        _, said = run(faults, f"evaluate faults/a1.jsonl --resume {name}", status=2)
        assert f"--resume {name}: " in said
    run(faults, "evaluate faults/a1.jsonl --resume new.jsonl -o new.jsonl")
    _, said = run(faults, "evaluate --fuel 9 faults/a1.jsonl --resume new.jsonl", status=2)
    assert "--fuel" in said
    _, said = run(faults, "mutate faults/a1.jsonl --resume new.jsonl", status=2)
    assert "by psynth evaluate, not by psynth mutate" in said


# ---- F21, F22: long programs and many -------------------------------------------------------------------------------


def test_a_long_program_is_shortened_and_searched(faults: Psynth) -> None:
    output, said = run(faults, "search --max-evaluations 20 faults/ktok900.jsonl")
    assert len(tasks(output)) == 1
    assert said == ""


@pytest.mark.slow
@pytest.mark.parametrize("method", ["subterm", "crossover"])
def test_hundreds_of_thousands_of_programs_are_mutated(psynth: Psynth, method: str) -> None:
    many = task("many")
    many["programs"] = many["programs"] * 400_000
    output, _ = run(psynth, f"mutate --method {method}", input=json.dumps(many) + "\n")
    assert tasks(output) == ["list/many"]


@pytest.mark.parametrize("command", ["enumerate --max-cost 6", "search --max-evaluations 20"])
def test_a_task_without_a_criterion_is_not_searched(psynth: Psynth, command: str) -> None:
    given = task("none")
    del given["task"]["examples"]
    _, said = run(psynth, command, status=3, input=json.dumps(given) + "\n")
    assert "list/none: it has no examples" in said


# ---- endings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_told_by_the_exit_status(psynth: Psynth, number: int) -> None:
    words = ("enumerate", "-d", "list", "--max-cost", "40", "--exhaustive", "--line-buffered", "--batch", "1")
    process = psynth.start(*words, env=BUILT_IN, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert json.loads(output.splitlines()[-1]) == {"type": "end", "status": "interrupted"}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
@pytest.mark.parametrize("format", ["stitch", "lilo", "dreamcoder"])
def test_an_export_to_a_full_disk_is_no_misuse(faults: Psynth, format: str) -> None:
    _, said = run(faults, f"export {format} faults/lib1.jsonl -o /dev/full", status=5)
    assert "/dev/full: cannot write: No space left on device" in said
