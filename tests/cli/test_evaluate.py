"""psynth evaluate: programs of a stream, and one program given on the command line."""

import json

import pytest

from tests.psynth_command import Psynth


def frontier(*programs: str, **task: object) -> str:
    """A stream of one frontier."""
    examples = [{"inputs": [1], "output": 2}, {"inputs": [2], "output": 3}]
    whole = {"id": "toy/x", "domain": "toy", "request": "int -> int", "examples": examples, **task}
    record = {"type": "frontier", "task": whole, "programs": [{"program": program} for program in programs]}
    return json.dumps(record) + '\n{"type":"end","status":"complete"}\n'


def evaluated(psynth: Psynth, text: str, *words: str) -> list[dict]:
    """The programs of the frontier that comes out."""
    done = psynth("evaluate", *words, input=text)
    assert done.returncode == 0, done.stderr
    [programs] = [json.loads(line)["programs"] for line in done.stdout.splitlines() if '"frontier"' in line]
    return programs


def test_scores_statuses_and_order(psynth: Psynth) -> None:
    half = {"examples": [{"inputs": [1], "output": 2}, {"inputs": [2], "output": 2}]}
    found = evaluated(psynth, frontier("(lambda zero)", "(lambda (inc $0))", **half), "--outputs")
    assert [program["program"] for program in found] == ["(lambda (inc $0))", "(lambda zero)"]
    assert [program["score"] for program in found] == [0.5, 0.0]
    assert [program["log_likelihood"] for program in found] == [None, None]
    assert [program["status"] for program in found] == ["ok", "ok"]
    assert found[0]["outputs"] == [2, 3]
    [right] = evaluated(psynth, frontier("(lambda (inc $0))"))
    assert (right["log_likelihood"], right["score"]) == (0.0, 1.0)


def test_what_cannot_run_is_a_program_with_a_status_and_a_message(psynth: Psynth) -> None:
    found = evaluated(psynth, frontier("(lambda (inc $0))", "(lambda (dec $0))", "(lambda (inc", "inc"))
    assert [program["status"] for program in found] == ["ok", "error", "error", "error"]
    assert found[1]["message"] == "unknown primitive dec"
    assert "not a program" in found[2]["message"]
    assert "message" not in found[0]


def test_held_out_examples_are_judged_apart(psynth: Psynth) -> None:
    examples = [{"inputs": [1], "output": 2}, {"inputs": [1], "output": 2, "split": "test"}]
    examples += [{"inputs": [5], "output": 0, "split": "test"}]
    [program] = evaluated(psynth, frontier("(lambda (inc $0))", examples=examples))
    assert (program["log_likelihood"], program["score"], program["held_out"]) == (0.0, 1.0, 0.5)


def test_fuel(psynth: Psynth) -> None:
    [program] = evaluated(psynth, frontier("(lambda (inc (inc $0)))"), "--fuel", "3")
    assert program["status"] == "fuel"


@pytest.mark.parametrize(
    ("words", "output"),
    [
        (["-e", "(lambda (inc $0))", "4"], "5\n"),
        (["--program", "(inc zero)"], "1\n"),
        (["-e", "(lambda (lambda (inc $1)))", "4", "7"], "5\n"),
        (["-e", "(lambda (inc $0))", "-4"], "-3\n"),
    ],
)
def test_one_program(psynth: Psynth, words: list[str], output: str) -> None:
    done = psynth("evaluate", "-d", "toy", *words)
    assert (done.returncode, done.stdout, done.stderr) == (0, output, "")


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["-d", "toy", "-e", "(lambda (dec $0))", "4"], 3, "unknown primitive dec"),
        (["-d", "toy", "-e", "zero", "4"], 3, "the program takes 0 arguments, 1 given"),
        (
            ["-d", "toy", "-e", "(lambda (inc $0))", "4", "--fuel", "1"],
            3,
            "the program failed with status fuel: more than 1 steps (--fuel)",
        ),
        (["-d", "toy", "-e", "zero", "four"], 3, "the argument 'four' is not JSON: Expecting value: line 1 column 1"),
        (["-e", "zero"], 2, "-e needs -d DOMAIN, the domain that the program is written in"),
        (["-d", "tow", "-e", "zero"], 2, "unknown domain 'tow'; known: toy (did you mean 'toy'?)"),
    ],
)
def test_one_program_that_gives_nothing(psynth: Psynth, words: list[str], status: int, message: str) -> None:
    done = psynth("evaluate", *words)
    assert done.returncode == status
    assert done.stdout == ""
    assert done.stderr.startswith(f"psynth evaluate: {message}")


def test_one_program_with_a_library_from_a_file(psynth: Psynth) -> None:
    (psynth.folder / "large.jsonl").write_text(psynth("tasks", "toy", "--primitives", "large").stdout)
    done = psynth("evaluate", "--library", "large.jsonl", "-e", "(lambda (double $0))", "4")
    assert (done.returncode, done.stdout) == (0, "8\n")


def test_what_stands_before_a_bad_line_is_not_lost(psynth: Psynth) -> None:
    lines = frontier("(lambda (inc $0))").splitlines()
    done = psynth("evaluate", input="\n".join([lines[0], "bad", lines[1]]) + "\n")
    assert done.returncode == 3
    assert done.stderr.startswith("psynth evaluate: <stdin>:2: not JSON")
    assert '"score":1.0' in done.stdout
