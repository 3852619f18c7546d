"""Bad input ends with the documented exit status and one line that says where and what; nothing crashes or hangs."""

import gzip
from pathlib import Path

import pytest

from tests.pipeline_command import psynth, records, stream

TASK = {
    "id": "list/0",
    "domain": "list",
    "request": "list(int) -> int",
    "examples": [{"inputs": [[3, 4]], "output": 2}],
}
FRONTIER = {"type": "frontier", "task": TASK, "programs": []}


def frontier_of(program: str, **changes: object) -> bytes:
    return stream({"type": "frontier", "task": {**TASK, **changes}, "programs": [{"program": program}]})


@pytest.mark.parametrize(
    ("command", "line", "says"),
    [
        ("enumerate", b"{not json}\n", "<stdin>:1: "),
        ("enumerate", b"[1]\n", "<stdin>:1: "),
        ("enumerate", b"\0\0\0\n", "<stdin>:1: "),
        ("enumerate", b"\xff\xfe{}\n", "<stdin>:1: "),
        ("enumerate", stream({**FRONTIER, "programs": 3}), "programs"),
        ("enumerate", stream({**FRONTIER, "task": {**TASK, "domain": "lisp"}}), "lisp"),
        ("enumerate", stream({**FRONTIER, "task": {**TASK, "request": "int ->"}}), "list/0"),
        (
            "enumerate",
            stream({**FRONTIER, "task": {**TASK, "examples": [{"inputs": ["x"], "output": 1}]}}),
            "list/0",
        ),
        ("enumerate", stream({**FRONTIER, "task": {**TASK, "examples": []}}), "list/0"),
        ("compress", frontier_of("(lambda (car"), "list/0"),
        ("export", b"nonsense\n", "<stdin>:1: "),
    ],
)
def test_exit_status_3(command: str, line: bytes, says: str) -> None:
    words = (command, "stitch") if command == "export" else (command,)
    done = psynth(*words, input=line, status=3)
    message = done.stderr.decode()
    assert message.count("\n") == 1, message
    assert message.startswith(f"psynth {command}: ")
    assert says in message


@pytest.mark.parametrize("program", ["(lambda (no-such-primitive $0))", "(lambda (car 1))", "(lambda $3)", "(lambda ("])
def test_a_bad_program_is_data(program: str) -> None:
    [found] = records(psynth("evaluate", input=frontier_of(program)).stdout, "frontier")
    assert found["programs"][0]["status"] == "error"
    assert found["programs"][0]["log_likelihood"] is None


@pytest.mark.parametrize(
    ("program", "status"),
    [
        ("(lambda (length (unfold 0 (lambda (eq? 0 1)) (lambda $0) (lambda (+ $0 1)))))", {"ok", "error", "fuel"}),
        ("(lambda (length (range (* 1000000 (* 1000 1000)))))", {"memory"}),
        (
            "(lambda (fold (range 100000) 0 (lambda (lambda (+ $0 (fold (range 100000) 0 (lambda (lambda $0))))))))",
            {"fuel", "memory"},
        ),
        ("(lambda (* 4611686018427387903 4611686018427387903))", {"error"}),
        ("(lambda (mod 1 0))", {"error"}),
    ],
)
def test_runaway_programs_end(program: str, status: set[str]) -> None:
    [found] = records(psynth("evaluate", input=frontier_of(program), timeout=30).stdout, "frontier")
    assert found["programs"][0]["status"] in status


def test_nothing_comes_of_nothing() -> None:
    assert [record["type"] for record in records(psynth("enumerate").stdout)] == ["header", "end"]


def test_a_torn_stream_is_used_and_told() -> None:
    torn = stream(FRONTIER) + stream(FRONTIER)[:-20]
    done = psynth("enumerate", "--max-cost", "8", "--on-error", "skip", input=torn)
    assert len(records(done.stdout, "frontier")) == 1
    assert b"<stdin>:2" in done.stderr
    psynth("enumerate", "--max-cost", "8", "--strict", input=stream(FRONTIER))
    psynth("enumerate", "--max-cost", "8", "--strict", input=stream({"type": "header"}, FRONTIER), status=4)


def test_a_truncated_gzip(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl.gz"
    path.write_bytes(gzip.compress(stream(FRONTIER) * 2000)[:-400])
    done = psynth("check", path, status=3)
    assert f"wrong: {path}:".encode() in done.stdout
    assert b"the gzip data is cut short" in done.stdout


def test_a_line_of_100_megabytes() -> None:
    big = {**FRONTIER, "note": "x" * 100_000_000}
    done = psynth("enumerate", "--max-cost", "8", input=stream(big), timeout=120)
    assert len(records(done.stdout, "frontier")[0]["note"]) == 100_000_000
    done = psynth("enumerate", input=b"x" * 100_000_000, status=3)
    assert len(done.stderr) < 1000


@pytest.mark.parametrize("list_size", [1_000_000])
def test_a_large_list_is_data(list_size: int) -> None:
    examples = [{"inputs": [list(range(list_size))], "output": list_size}]
    found = psynth("evaluate", input=frontier_of("(lambda (length $0))", examples=examples)).stdout
    assert records(found, "frontier")[0]["programs"][0]["status"] in {"ok", "memory"}


def test_typos_are_answered() -> None:
    assert b"enumerate" in psynth("enumerat", status=2).stderr
    assert b"--max-cost" in psynth("enumerate", "--max-cots", "3", status=2).stderr
    assert b"windows" in psynth("enumerate", "--method", "window", status=2).stderr
    assert b"regex" in psynth("tasks", "regexp", status=2).stderr


@pytest.mark.parametrize("on_error", ["skip", "keep"])
def test_a_bad_task_does_not_stop_the_others(on_error: str) -> None:
    bad = {**TASK, "id": "list/1", "examples": [{"inputs": [[0.5]], "output": 1}]}
    tasks = [TASK, bad, {**TASK, "id": "list/2"}, {**TASK, "id": "list/3", "request": None}]
    lines = stream(*({**FRONTIER, "task": task} for task in tasks))
    done = psynth("enumerate", "--max-cost", "9", "--on-error", on_error, input=lines)
    found = {frontier["task"]["id"]: frontier["programs"] for frontier in records(done.stdout, "frontier")}
    assert list(found) == (["list/0", "list/2"] if on_error == "skip" else ["list/0", "list/1", "list/2", "list/3"])
    assert found["list/0"] == found["list/2"] != []
    assert b"<stdin>:2: task list/1: " in done.stderr
    assert b"<stdin>:4: task list/3: " in done.stderr


def test_only_the_task_with_wrong_data_is_left_out() -> None:
    def task(name: str, output: object) -> dict[str, object]:
        examples = [{"inputs": [[3, 4]], "output": output}]
        return {**FRONTIER, "task": {**TASK, "id": f"list/{name}", "examples": examples}}

    lines = stream(task("good", 2), task("huge", "HUGE"), task("text", "x"), task("last", 2))
    lines = lines.replace(b'"HUGE"', b"1" + 30 * b"0")
    done = psynth("enumerate", "--max-cost", "8", "--on-error", "skip", input=lines)
    assert [found["task"]["id"] for found in records(done.stdout, "frontier")] == ["list/good", "list/last"]
    message = done.stderr.decode()
    assert "<stdin>:2: task list/huge: the λ-machine cannot take this value" in message
    assert "<stdin>:3: task list/text: example 1, " in message


def test_a_limit_that_the_machine_cannot_hold_is_a_usage_error() -> None:
    for option in ("--fuel", "--max-cells", "--max-programs", "--max-frontier"):
        done = psynth("enumerate", option, str(2**62), input=stream(FRONTIER), status=2)
        assert done.stderr.decode().startswith(f"psynth enumerate: {option}: {2**62} is more than {2**62 - 1} ")
    done = psynth("enumerate", "--max-cost", "8", "--fuel", str(2**62 - 1), input=stream(FRONTIER))
    assert len(records(done.stdout, "frontier")) == 1
