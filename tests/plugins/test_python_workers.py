"""Primitives that misbehave give their own program a status, and nothing that they do reaches any other program."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from psynth.core.engines.python_workers import PythonWorkers
from psynth.core.errors import UsageError
from psynth.core.stream.records import Example, Task
from psynth.plugins.evaluator import Budget, Job, Outcome
from psynth.plugins.python_domain import PythonEvaluator
from tests.plugins.misbehaving import MARKER, Misbehaving

REQUEST = "list(int) -> list(int)"
GOOD = ["(lambda (tail $0))", "(lambda constant)", "(lambda (tail (print $0)))", "(lambda (push-later (tail $0)))"]
BUDGET = Budget(seconds=0.5, memory=1 << 28)


def evaluate(programs: list[str], *, jobs: int = 1, pool: PythonWorkers | None = None) -> list[list[Outcome]]:
    """What programs give on two inputs."""
    workers = pool or PythonWorkers(jobs)
    try:
        library = Misbehaving().library()
        evaluator = PythonEvaluator(Misbehaving, library, BUDGET, workers, jobs)
        inputs = [[[1, 2, 3]], [[4, 5]]]
        answers = evaluator.run_all([Job(program, inputs, REQUEST) for program in programs])
    finally:
        if pool is None:
            workers.close()
    assert all(isinstance(answer, list) for answer in answers), answers
    return answers  # type: ignore[return-value]


@pytest.fixture(scope="module")
def undisturbed() -> list[list[Outcome]]:
    """What the good programs give among themselves."""
    return evaluate(GOOD)


def test_good_programs(undisturbed: list[list[Outcome]]) -> None:
    assert [[each.value for each in outcomes] for outcomes in undisturbed] == [
        [[2, 3], [5]],
        [[7], [7]],
        [[2, 3], [5]],
        [[2, 3, 1], [5, 1]],
    ]


@pytest.mark.parametrize(
    ("program", "status", "message"),
    [
        ("(lambda (loop $0))", "timeout", "more than 0.5 seconds"),
        ("(lambda (stubborn $0))", "timeout", "more than 0.5 seconds"),
        ("(lambda (in-c $0))", "timeout", "more than 0.5 seconds"),
        ("(lambda (allocate $0))", "memory", "MemoryError"),
        ("(lambda (push $0))", "error", "the primitive push changed its argument 1, which no primitive may"),
        ("(lambda (push constant))", "error", "the primitive push changed its argument 1, which no primitive may"),
        ("(lambda (push (tail $0)))", "error", "the primitive push changed its argument 1, which no primitive may"),
        ("(lambda (push-later $0))", "error", "an input was changed, which no primitive may"),
        ("(lambda (push-later constant))", "error", "the constant constant was changed, which no primitive may"),
        ("(lambda (exit $0))", "error", "SystemExit: 3"),
        ("(lambda (exit-now $0))", "error", "the program ended its process (exit status 0)"),
        ("(lambda (interrupt $0))", "error", "KeyboardInterrupt: "),
        ("(lambda (generator-exit $0))", "error", "GeneratorExit: "),
        ("(lambda (kill $0))", "error", "the program ended its process (signal SIGKILL)"),
        ("(lambda (abort $0))", "error", "the program ended its process (signal SIGABRT)"),
        ("(lambda (close-files $0))", "error", "the program closed the files of its process"),
        (
            "(lambda (change-directory $0))",
            "error",
            "the program changed the working directory",
        ),
        ("(lambda (change-mask $0))", "error", "the program changed the umask, which no primitive may"),
        ("(lambda (change-environment $0))", "error", "the program changed the environment, which no primitive may"),
        ("(lambda (start-thread $0))", "error", "the program started a thread and left it running"),
        ("(lambda (bytes $0))", "error", "the result is not JSON: it holds a value of type bytes"),
        ("(lambda (nan $0))", "error", "the result is not JSON: it holds nan"),
    ],
)
def test_a_misbehaving_program_gets_a_status(
    program: str, status: str, message: str, undisturbed: list[list[Outcome]], capfd: pytest.CaptureFixture[str]
) -> None:
    before, directory, environment = GOOD[:2], os.getcwd(), dict(os.environ)
    answers = evaluate([*before, program, *GOOD, program])
    assert answers[:2] + answers[3:-1] == undisturbed[:2] + undisturbed
    for answer in (answers[2], answers[-1]):
        assert {each.status for each in answer} == {status}, answer
        assert all(each.message.startswith(message) for each in answer), answer
    assert capfd.readouterr() == ("", "")
    assert (os.getcwd(), dict(os.environ)) == (directory, environment)


def processes_with(text: str) -> list[str]:
    """The command lines of running processes that hold a text."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if text in line:
            found.append(line)
    return found


def test_no_process_outlives_the_pool() -> None:
    answers = evaluate(["(lambda (spawn $0))", "(lambda (fork $0))", "(lambda (tail $0))"])
    assert [answer[0].status for answer in answers] == ["ok", "ok", "ok"]
    assert answers[2][0].value == [2, 3]
    deadline = time.monotonic() + 5
    while processes_with(f"# {MARKER}") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_with(f"# {MARKER}") == []


@pytest.mark.parametrize("program", ["(lambda (loop $0))", "(lambda (stubborn $0))", "(lambda (tail $0))"])
def test_workers_end_with_a_killed_parent(program: str) -> None:
    code = f"""
import time
from tests.plugins.test_python_workers import *
pool = PythonWorkers()
print("begun", flush=True)
evaluate([{program!r}] * 1000, pool=pool)
time.sleep(1000)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    assert parent.stdout.readline() == "begun\n"
    deadline = time.monotonic() + 20
    mark = f" {parent.pid} "
    while not (workers := [line for line in processes_with("python_worker import main") if mark in line]):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.3)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    while [line for line in processes_with("python_worker import main") if mark in line]:
        assert time.monotonic() < deadline, workers
        time.sleep(0.05)


def test_results_are_the_same_at_any_number_of_workers() -> None:
    programs = [*GOOD, "(lambda (exit-now $0))", "(lambda (change-mask $0))", "(lambda (push $0))"]
    many = [programs[number % len(programs) if number % 301 < len(programs) else number % 3] for number in range(1200)]
    assert evaluate(many, jobs=1) == evaluate(many, jobs=3)


def test_workers_are_reused() -> None:
    pool = PythonWorkers(2)
    try:
        for _ in range(5):
            evaluate(GOOD, pool=pool)
        assert pool.started == 1
    finally:
        pool.close()


def test_judging_runs_what_is_held_out_too() -> None:
    examples = (Example([[1, 2]], [2]), Example([[3, 4]], [4], split="test"))
    task = Task("misbehaving/tail", "misbehaving", REQUEST, examples)
    with Misbehaving().evaluator(Misbehaving().library(), BUDGET) as evaluator:
        [[right, wrong]] = evaluator.judge([(task, ["(lambda (tail $0))", "(lambda (exit $0))"])])
    assert (right.log_likelihood, right.held_out, right.status) == (0.0, 1.0, "ok")
    assert (wrong.score, wrong.status) == (0.0, "error")


def test_a_domain_that_cannot_be_imported_is_refused() -> None:
    class Local(Misbehaving):
        name = "local"

    with pytest.raises(UsageError, match="cannot import"):
        Local().evaluator(Local().library(), BUDGET)
