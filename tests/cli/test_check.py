"""psynth check: what a stream holds, and everything that can be wrong with it."""

import json

import pytest

from psynth.plugins import Context, Frontier, Library, Production, Program, Task
from psynth.plugins.checking import Report, check
from tests.psynth_command import Psynth


def stream(psynth: Psynth) -> list[str]:
    """The lines of a sound stream."""
    return psynth.pipe(("tasks", "toy"), ("enumerate", "--method", "guess")).splitlines()


def checked(psynth: Psynth, lines: list[str]) -> tuple[int, dict]:
    """The exit status and the report."""
    done = psynth("check", "--json", input="\n".join(lines) + "\n")
    return done.returncode, json.loads(done.stdout)


def test_a_sound_stream(psynth: Psynth) -> None:
    status, report = checked(psynth, stream(psynth))
    assert status == 0
    assert report == {
        "records": {"frontier": 3, "header": 1, "library": 1},
        "programs": 2,
        "solved": 2,
        "end": "complete",
        "wrong": 0,
        "problems": [],
    }
    text = psynth("check", input="\n".join(stream(psynth)) + "\n")
    assert text.returncode == 0
    assert "3  frontier" in text.stdout


def test_everything_that_is_wrong_is_told_with_its_place(psynth: Psynth) -> None:
    lines = stream(psynth)
    lines[1] = lines[1].replace('"int -> int"', '"int -> int","definition":"(lambda zero zero)"')
    lines[2] = lines[2].replace("(inc $0)", "(dec $0)")
    lines[3] = lines[3].replace("toy/002", "toy/001").replace("(inc (inc $0))", "(inc inc)")
    lines.insert(4, "what is this")
    lines.insert(5, '{"type":"frontier"}')
    status, report = checked(psynth, lines)
    assert status == 3
    problems = report["problems"]
    assert report["wrong"] == len(problems) >= 5
    for start in (
        "<stdin>:2: production inc: ",
        "<stdin>:3: task toy/001: program 1: ",
        "<stdin>:4: task toy/001: this task occurs twice",
        "<stdin>:4: task toy/001: program 1: ",
        "<stdin>:5: not JSON",
        "<stdin>:6: task: missing",
    ):
        assert any(problem.startswith(start) for problem in problems), (start, problems)
    done = psynth("check", input="\n".join(lines) + "\n")
    assert done.stderr == f"psynth check: {report['wrong']} errors in the stream\n"


def test_a_stream_without_an_end(psynth: Psynth) -> None:
    cut = stream(psynth)[:-1]
    assert checked(psynth, cut)[0] == 0
    done = psynth("check", "--strict", input="\n".join(cut) + "\n")
    assert done.returncode == 4
    assert "<stdin>: no end record" in done.stderr


def test_a_request_that_is_no_type(psynth: Psynth) -> None:
    lines = [line.replace('"int -> int","examples"', '"int ->","examples"') for line in stream(psynth)]
    status, report = checked(psynth, lines)
    assert status == 3
    assert report["problems"][0].startswith("<stdin>:3: task toy/001: request: ")


def test_many_problems_are_counted(psynth: Psynth) -> None:
    status, report = checked(psynth, ["no"] * 50)
    assert (status, report["wrong"], len(report["problems"])) == (3, 50, 20)


@pytest.mark.parametrize(
    ("program", "fault"),
    [
        ("((lambda ($0 $0)) f)", None),
        ("(f f f)", None),
        ("(nosuch (lambda ($0 $0)))", "nosuch is neither a known name nor a literal"),
        ("((lambda ($0 $1)) f)", "bound by no lambda"),
    ],
)
def test_a_program_of_an_untyped_language_needs_no_type(program: str, fault: str | None) -> None:
    function = Production("f", "t0", 0.0)
    library = Library("untyped", (function, Production("fn_0", "t0", 0.0, "(lambda ($0 $0))")), log_variable=0.0)
    report = Report()
    check([library, Frontier(Task("untyped/0", "untyped"), (Program(program),))], Context("check"), report)
    assert report.wrong == (fault is not None)
    assert fault is None or fault in report.problems[0]
