"""Domains of Python source: what a program's process can reach, and how the sandbox's answers become verdicts."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from psynth.core.engines.sandbox import LayerReport, SandboxCall, SandboxJob, SandboxResult
from psynth.core.engines.sandbox_settings import SandboxSettings
from psynth.core.work import Canceled
from psynth.plugins import (
    Budget,
    CheckedDomain,
    Checker,
    EngineError,
    Example,
    InputError,
    Outcome,
    SourceDomain,
    Task,
    TaskSettings,
    Verdict,
)
from psynth.plugins.evaluator import judge_examples, same_value
from tests.toys.source import Source

SECRET = "wanted-" + "5e12e7" * 2
"""What no program is told: it has the form that `SEARCH` looks for, and stands nowhere else."""

SEARCH = r"""
import gc, os, re, sys

PATTERN = "wanted-" + "[0-9a-f]{12}"

def texts():
    yield repr(sys.argv), repr(dict(os.environ))
    frame = sys._getframe()
    while frame is not None:
        yield repr(frame.f_locals), repr(frame.f_globals)
        frame = frame.f_back
    for thing in gc.get_objects():
        if isinstance(thing, (dict, list, tuple, set)):
            yield (repr(thing),)

def files():
    for name in ("environ", "cmdline"):
        for process in ("self", "1", str(os.getppid())):
            yield lambda: open("/proc/%s/%s" % (process, name), "rb").read()
    for line in open("/proc/self/maps"):
        start, end = (int(part, 16) for part in line.split()[0].split("-"))
        if " rw" in line:
            yield lambda: os.pread(memory, end - start, start)

def guarded(iterator):
    while True:
        try:
            yield next(iterator)
        except StopIteration:
            return
        except Exception:
            pass

def search(*arguments):
    global memory
    found = set()
    for group in guarded(texts()):
        for text in group:
            found.update(re.findall(PATTERN, text))
    try:
        memory = os.open("/proc/self/mem", os.O_RDONLY)
    except OSError:
        memory = -1
    for descriptor in range(64):
        try:
            os.set_blocking(descriptor, False)
            found.update(re.findall(PATTERN.encode(), os.read(descriptor, 1 << 20)))
        except OSError:
            pass
    for read in guarded(files()):
        try:
            found.update(re.findall(PATTERN.encode(), read()))
        except (OSError, ValueError, OverflowError, MemoryError):
            pass
    return sorted({each if isinstance(each, str) else each.decode() for each in found})
"""

PATCHES = r"""
import builtins, gc, json, operator, sys

class Yes(int):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __bool__(self): return True
    __hash__ = int.__hash__

def always(*arguments, **options): return True

def patch():
    operator.eq = always
    builtins.all = builtins.any = builtins.bool = always
    for name, module in list(sys.modules.items()):
        for target in ("same_value", "judge_examples", "fits", "sat", "verdict", "_complaint", "outcome_of"):
            if hasattr(module, target):
                setattr(module, target, always)
    for thing in gc.get_objects():
        if isinstance(thing, dict) and "same_value" in thing:
            thing["same_value"] = always

def sat(*arguments): return True
"""


class Answers(CheckedDomain):
    """Tasks with a checker each, which programs answer without arguments."""

    name = "answers"
    help = "answers that code checks"
    function = "sol"

    def tasks(self, settings: TaskSettings, seed: int) -> Iterator[Task]:
        yield task_of("return x == 3")

    def calls(self, task: Task) -> list[list[Any]]:
        return [[]]

    def checker(self, task: Task) -> Checker:
        given = task.environment or {}
        if "source" not in given:
            raise InputError("no checker", task=task.id)
        return Checker(given["source"], "sat", given.get("inputs", []))

    def objection(self, task: Task, answer: Any) -> str | None:
        return "a truth value" if isinstance(answer, bool) else None


def task_of(body: str, *inputs: Any) -> Task:
    """A task whose checker has this body."""
    return Task("answers/one", "answers", environment={"source": f"def sat(x, *inputs): {body}", "inputs": inputs})


def judged(domain: SourceDomain, task: Task, *programs: str, seconds: float = 10.0) -> list[Verdict]:
    """The verdicts on programs."""
    with domain.evaluator(domain.library(), Budget(seconds=seconds)) as evaluator:
        [verdicts] = evaluator.judge([(task, programs)])
    return verdicts


def examples(*outputs: Any) -> Task:
    """A task of the toy domain that wants these outputs for 0, 1, …"""
    return Task("toy-source/x", "toy-source", None, tuple(Example([x], output) for x, output in enumerate(outputs)))


# ---- what a program can reach ----------------------------------------------------------------------------------------


def test_expected_outputs_are_nowhere_in_a_program_s_process() -> None:
    program = f"{SEARCH}\ndef f(x): return search()"
    hidden = Example([7], SECRET, split="test")
    task = examples([SECRET], [SECRET])
    [verdict] = judged(Source(), Task(task.id, task.domain, None, (*task.examples, hidden)), program)
    assert [outcome.value for outcome in verdict.outputs] == [[], [], []], verdict.message
    assert not verdict.solved


HIDDEN = """
class Slot:
    __slots__ = "value"
    __repr__ = lambda self: ""
slot = Slot()
slot.value = turned
"""


@pytest.mark.parametrize(
    ("place", "sure"),
    [
        ("os.environ['x'] = turned", True),
        ("def function(x, secret=turned): return x", True),
        ("reading, writing = os.pipe(); os.write(writing, turned.encode())", True),
        (HIDDEN, False),  # in the memory alone, which a sandbox need not let a program read
    ],
    ids=["environment", "default", "pipe", "memory"],
)
def test_the_search_finds_what_is_there(place: str, sure: bool) -> None:
    turned = f"turned = ''.join(reversed({SECRET[::-1]!r}))"
    program = f"{SEARCH}\n{turned}\n{place}\ndel turned\ndef f(x): return search()"
    [verdict] = judged(Source(), examples(0), program)
    assert verdict.outputs[0].value in ([[SECRET]] if sure else [[SECRET], []])


def test_checkers_are_nowhere_in_a_program_s_process() -> None:
    task = task_of(f"return x == [{SECRET!r}] or x == inputs", SECRET)
    [verdict, honest] = judged(
        Answers(), task, f"{SEARCH}\ndef sol(): return search()", f"def sol(): return [{SECRET!r}]"
    )
    assert ([outcome.value for outcome in verdict.outputs], verdict.solved) == ([[]], False)
    assert honest.solved


@pytest.mark.parametrize("value", ["Yes(4)", "Yes", "True", "object()", "4"])
def test_patching_the_judge_changes_no_verdict(value: str) -> None:
    before = same_value, judge_examples
    patched = f"{PATCHES}\npatch()\ndef f(x): patch(); return {value}\ndef sol(): return f(0)"
    honest = "def f(x): return 3\ndef sol(): return 3"
    for domain, task in ((Source(), examples(3, 3)), (Answers(), task_of("return x == 3"))):
        assert [verdict.solved for verdict in judged(domain, task, patched, honest, patched)] == [False, True, False]
    assert (same_value, judge_examples) == before


# ---- verdicts --------------------------------------------------------------------------------------------------------


def test_failures_are_data_with_a_message() -> None:
    failing = "def f(x): return {}[x] if x else 1"
    endless = "def f(x):\n    while x: pass\n    return 1"
    sources = [failing, endless, "1 / 0", "g = 1", "def f(x: return 1", "def f(x): return {1}"]
    verdicts = judged(Source(), examples(1, 1), *sources, seconds=0.5)
    assert [verdict.status for verdict in verdicts] == ["error", "timeout", "error", "error", "error", "error"]
    assert [verdict.score for verdict in verdicts] == [0.5, 0.5, 0, 0, 0, 0]
    assert "KeyError" in (verdicts[0].message or "")
    rejected = [verdict.rejected and verdict.rejected.kind for verdict in verdicts]
    assert rejected == [None, None, "load", "load", "parse", None]
    assert "ZeroDivisionError" in verdicts[2].rejected.message  # type: ignore[union-attr]
    assert "f" in verdicts[3].rejected.message  # type: ignore[union-attr]


def test_a_message_tells_nothing_of_what_is_held_out() -> None:
    shown, hidden = Example([1], 1), Example([2], 2, split="test")
    task = Task("toy-source/x", "toy-source", None, (hidden, shown))
    [verdict] = judged(Source(), task, "def f(x):\n    assert x == 1, x\n    return 1")
    assert (verdict.solved, verdict.held_out, verdict.message) == (True, 0.0, None)


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ("return x == 3", "ok", None),
        ("return 1", "ok", "the checker returned a value of type int, not True"),
        ("return 'True'", "ok", "the checker returned a value of type str, not True"),
        ("return x == 4", "ok", "the checker returned False"),
        ("assert x == 4, 'no'", "ok", "the checker failed: AssertionError: no"),
        ("import os; os._exit(0)", "ok", "the checker failed: "),
        ("exec('while True: pass')", "timeout", "the checker failed: "),
        ("return bytearray(x << 40)", "memory", "the checker failed: "),
    ],
)
def test_only_a_checker_that_returns_true_accepts(body: str, status: str, message: str | None) -> None:
    [verdict] = judged(Answers(), task_of(body), "def sol(): return 3", seconds=1.0)
    assert (verdict.status, verdict.solved, verdict.log_likelihood) == (
        status,
        message is None,
        0.0 if message is None else -math.inf,
    )
    assert (verdict.message or "").startswith(message or "")
    assert verdict.outputs == (Outcome("ok", 3),)


def test_an_objection_goes_before_the_checker_and_failures_before_both() -> None:
    task = task_of("return True")
    assert [
        verdict.message for verdict in judged(Answers(), task, "def sol(): return True", "def sol(): return {}[0]")
    ] == [
        "a truth value",
        "KeyError: 0",
    ]


@pytest.mark.parametrize("source", ["def sat(x", "1 / 0", "def sit(x): return True"])
def test_a_checker_that_cannot_be_run_is_an_error_of_its_task(source: str) -> None:
    task = Task("answers/one", "answers", environment={"source": source})
    with pytest.raises(InputError, match="task answers/one: the checker cannot be run"):
        judged(Answers(), task, "def sol(): return 3")
    [unchecked] = judged(Answers(), task, "def sol(): return True")
    assert unchecked.message == "a truth value"
    with pytest.raises(InputError, match="no checker"):
        judged(Answers(), Task("answers/two", "answers"), "def sol(): return 3")


@pytest.mark.parametrize("text", ["\ud800", "x = '\0'", "x" * (1 << 21)], ids=["surrogate", "NUL", "long"])
def test_a_text_that_is_no_source_is_rejected_unread(text: str) -> None:
    bad, good = judged(Source(), examples(0), text, "def f(x): return x")
    assert bad.rejected is not None
    assert (bad.rejected.kind, good.solved) == ("parse", True)


@pytest.mark.parametrize(
    ("value", "recorded"),
    [
        ("10**308 - 1", 10**308 - 1),
        ("[[-10**308]]", None),
        ("{'a': '\\ud800'}", None),
        ("{'\\ud800': 1}", None),
        ("(x, 1.5, '\\N{SNOWMAN}')", [0, 1.5, "\N{SNOWMAN}"]),
    ],
)
def test_a_value_that_no_stream_holds_is_an_error_where_it_is_recorded(value: str, recorded: object) -> None:
    program = f"def f(x=0): return {value}\ndef sol(): return f()"
    with Source().evaluator(Source().library(), Budget(seconds=10.0)) as evaluator:
        [outcome] = evaluator.run(program, None, [[0]])
    [verdict] = judged(Answers(), task_of(f"return x == f(0)\ndef f(x): return {value}"), program)
    for each in (outcome, *verdict.outputs):
        assert each.value == recorded
        refusals = ("streams cannot hold", "which is not JSON")
        assert any(refusal in each.message for refusal in refusals) is (recorded is None)


def test_values_of_any_depth_and_length_harm_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for value, message in ((deep, "more than 500 levels"), (10**9999, "streams cannot hold"), ([[]] * 99999, None)):
        with_result(monkeypatch, SandboxResult("ok", calls=(SandboxCall("ok", value),)))
        for domain, task in ((Source(), examples([])), (Answers(), task_of("return False"))):
            [verdict] = judged(domain, task, "anything")
            assert not verdict.solved
            assert (message or "") in verdict.outputs[0].message


def test_messages_are_one_short_printable_line() -> None:
    program = "def f(x): raise ValueError('a\\n\\x1b[31m b\\ud800' + 'c' * 5000)"
    [verdict] = judged(Source(), examples(0), program)
    assert (verdict.message or "").startswith("ValueError: a \N{REPLACEMENT CHARACTER}[31m b")
    assert len(verdict.message or "") <= 301


# ---- the sandbox's answers -------------------------------------------------------------------------------------------


class FixedSandbox:
    """Answers each job with one result, and notes the jobs."""

    def __init__(self, result: SandboxResult) -> None:
        self.result, self.jobs = result, list[SandboxJob]()

    def __call__(self, settings: SandboxSettings, jobs: int = 1) -> FixedSandbox:
        self.settings = settings
        return self

    def start(self) -> LayerReport:
        return LayerReport({}, {})

    def run(self, jobs: Iterable[SandboxJob]) -> Iterator[SandboxResult]:
        for job in jobs:
            self.jobs.append(job)
            yield self.result

    def close(self) -> None: ...


def with_result(monkeypatch: pytest.MonkeyPatch, result: SandboxResult) -> FixedSandbox:
    """The sandbox that gives every program this result."""
    sandbox = FixedSandbox(result)
    monkeypatch.setattr("psynth.plugins.source_runner.Sandbox", sandbox)
    return sandbox


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("ok", "ok"),
        ("error", "error"),
        ("timeout", "timeout"),
        ("cpu-limit", "timeout"),
        ("oom", "memory"),
        ("output-limit", "error"),
        ("signal", "error"),
    ],
)
def test_statuses_of_calls(monkeypatch: pytest.MonkeyPatch, status: str, expected: str) -> None:
    with_result(monkeypatch, SandboxResult("ok", calls=(SandboxCall(status, 0 if status == "ok" else None),)))
    [verdict] = judged(Source(), examples(0), "anything")
    assert (verdict.status, verdict.solved, verdict.message is None) == (expected, status == "ok", status == "ok")


@pytest.mark.parametrize("status", ["cpu-limit", "timeout", "oom"])
def test_a_program_cut_short_while_loading_fails_on_each_input(monkeypatch: pytest.MonkeyPatch, status: str) -> None:
    with_result(monkeypatch, SandboxResult(status, "why"))
    [verdict] = judged(Source(), examples(0, 1), "anything")
    assert [outcome.message for outcome in verdict.outputs] == ["why", "why"]
    assert verdict.status == ("memory" if status == "oom" else "timeout")


@pytest.mark.parametrize(
    "result",
    [
        SandboxResult("sandbox-error", "no cgroups"),
        SandboxResult("bad-input", "no cgroups"),
        SandboxResult("ok", calls=(SandboxCall("sandbox-error", message="no cgroups"),)),
        SandboxResult("ok", "no cgroups"),
        SandboxResult("new", "no cgroups"),
    ],
)
def test_a_failure_of_the_sandbox_is_none_of_the_program(
    monkeypatch: pytest.MonkeyPatch, result: SandboxResult
) -> None:
    with_result(monkeypatch, result)
    with pytest.raises(EngineError, match=r"no cgroups|0 of 1 calls"):
        judged(Source(), examples(0), "anything")


def test_programs_get_inputs_alone_and_equal_ones_run_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = with_result(monkeypatch, SandboxResult("ok", calls=(SandboxCall("ok", 1),)))
    with Source().evaluator(Source().library(), Budget(seconds=3, memory=5 << 20)) as evaluator:
        numbers = (1, True, 1.0, "1")
        tasks = [Task(f"toy-source/{x!r}", "toy-source", None, (Example([x], SECRET),)) for x in numbers]
        evaluator.judge([(task, ["one", "two", "one"]) for task in tasks + tasks])
    assert [(job.program, job.function, repr(list(job.calls))) for job in sandbox.jobs] == [
        (program, "f", f"[[{x!r}]]") for x in numbers for program in ("one", "two")
    ]
    assert (sandbox.settings.wall, sandbox.settings.cpu, sandbox.settings.memory) == (15, 3, 5)


def test_cancel_ends_a_running_evaluation() -> None:
    with Source().evaluator(Source().library(), Budget(seconds=60)) as evaluator:
        timer = threading.Timer(0.5, evaluator.cancel)
        timer.start()
        with pytest.raises(Canceled):
            evaluator.judge([(examples(0), ["def f(x):\n    while True: pass"])])
        timer.join()
