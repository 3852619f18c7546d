"""Calls and the values that come back: exact, refused where JSON cannot say them, and never more than a claim."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psynth.core.engines.sandbox import Sandbox, SandboxCall, SandboxJob, SandboxResult
from psynth.core.engines.sandbox_settings import SandboxSettings
from tests.sandbox_layers import needs_layers

SETTINGS = SandboxSettings(wall=1.0, cpu=1.0, seed=3)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One sandbox for all tests."""
    with Sandbox(SETTINGS) as sandbox:
        yield sandbox


def run(sandbox: Sandbox, program: str, *calls: list[Any]) -> SandboxResult:
    """The result of calling ``f``."""
    (result,) = sandbox.run([SandboxJob(program, "f", list(calls))])
    return result


def returned(sandbox: Sandbox, expression: str) -> SandboxCall:
    """The result of a call that returns an expression."""
    return run(sandbox, f"def f():\n    return {expression}", []).calls[0]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(10**400), max_value=10**400)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(value=JSON)
@settings(max_examples=150)
def test_what_goes_in_comes_out(value: Any) -> None:
    """Both ways, with types: an integer of 400 digits and the sign of -0.0 survive."""
    call = run(shared_sandbox(), "def f(x): return x", [value]).calls[0]
    assert call.status == "ok", call
    assert repr(call.value) == repr(value)


_sandboxes: list[Sandbox] = []


def shared_sandbox() -> Sandbox:
    """A sandbox for the examples of Hypothesis, which cannot take a fixture for each."""
    if not _sandboxes:
        _sandboxes.append(Sandbox(SETTINGS))
    return _sandboxes[0]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("(1, (2, 3))", [1, [2, 3]]),
        ("10 ** 30 + 1", 10**30 + 1),
        ("-2 ** 64", -(2**64)),
        ("True", True),
        ("1e16", 1e16),
        ("type('S', (str,), {})('s')", "s"),
        ("type('I', (int,), {'__repr__': lambda _: '8'})(7)", 7),
        ("type('D', (dict,), {'items': lambda _: 1 / 0})(a=1)", {"a": 1}),
        ("type('L', (list,), {'__iter__': lambda _: 1 / 0})([1])", [1]),
    ],
)
def test_values_of_python_become_values_of_json(sandbox: Sandbox, expression: str, value: Any) -> None:
    """Tuples become lists; of subclasses the value counts."""
    call = returned(sandbox, expression)
    assert (call.status, repr(call.value)) == ("ok", repr(value))


@pytest.mark.parametrize(
    ("expression", "what"),
    [
        ("{1}", "a set"),
        ("{1: 2}", "a key of type int"),
        ("float('nan')", "the number nan"),
        ("[1e308 * 10]", "the number inf"),
        ("b'x'", "a bytes"),
        ("1j", "a complex"),
        ("object()", "an object"),
        ("lambda: 0", "a function"),
        (r"'\ud800'", "lone surrogate"),
        ("(lambda a: a.append(a) or a)([])", "nested"),
        ("(lambda f: f(f, 101))(lambda f, n: [f(f, n - 1)] if n else 1)", "nested"),
        ("__import__('sys')", "a module"),
    ],
)
def test_what_json_cannot_say_is_an_error_of_the_call(sandbox: Sandbox, expression: str, what: str) -> None:
    """The message says what it was."""
    call = returned(sandbox, expression)
    assert (call.status, call.value) == ("error", None)
    assert what in call.message


@needs_layers("user", "mount")
def test_arrays_of_numpy_are_lists() -> None:
    """Also its scalars; what they hold is refused as elsewhere."""
    pytest.importorskip("numpy")
    program = "import numpy\ndef f(x): return eval(x)"
    texts = ["numpy.arange(4).reshape(2, 2)", "numpy.float64(0.5)", "numpy.bool_(True)", "numpy.array([float('nan')])"]
    options = replace(SETTINGS, packages=("numpy",), memory=512, processes=32, wall=10.0, cpu=10.0)
    with Sandbox(options) as sandbox:
        calls = run(sandbox, program, *[[text] for text in texts]).calls
    assert [call.value for call in calls] == [[[0, 1], [2, 3]], 0.5, True, None]
    assert [call.status for call in calls] == ["ok", "ok", "ok", "error"]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_an_argument_that_json_cannot_say_is_bad_input(sandbox: Sandbox, number: float) -> None:
    """The program is not called with something else."""
    result = run(sandbox, "def f(x): return x", [[1, {"a": number}]])
    assert (result.status, result.calls) == ("bad-input", ())
    assert run(sandbox, "def f(x): return x", [None]).calls[0].value is None


def test_an_argument_that_is_nested_too_deeply_is_bad_input(sandbox: Sandbox) -> None:
    """And the sandbox goes on."""
    deep: Any = 1
    for _ in range(130):
        deep = [deep]
    assert run(sandbox, "def f(x): return x", [deep]).status == "bad-input"
    assert run(sandbox, "def f(x): return x", [1]).calls[0].value == 1


HANGS = """
import ctypes, os, sys, time

def f(x):
    if x == "exit": os._exit(0)
    if x == "abort": os.abort()
    if x == "crash": ctypes.string_at(0)
    if x == "sleep": time.sleep(100)
    if x == "loop":
        while True: pass
    if x == "memory": return bytearray(b"x") * (10 << 30)
    if x == "leave": sys.exit(3)
    if x == "raise": raise ValueError("no")
    return x
"""


def test_a_call_that_hangs_or_dies_does_not_take_the_others_with_it(sandbox: Sandbox) -> None:
    """Each has its own result, in order."""
    ways = {
        "exit": "error",
        "abort": "signal",
        "crash": "signal",
        "sleep": "timeout",
        "memory": "oom",
        "leave": "error",
        "raise": "error",
    }
    arguments = [each for way in ways for each in (way, f"after {way}")]
    result = run(sandbox, HANGS, *[[each] for each in arguments])
    assert result.status == "ok"
    assert [call.status for call in result.calls] == [ways.get(each, "ok") for each in arguments]
    assert [call.value for call in result.calls if call.status == "ok"] == [
        each for each in arguments if each not in ways
    ]
    assert result.calls[arguments.index("raise")].message == "ValueError: no"


def test_programs_that_cannot_be_loaded_have_no_calls(sandbox: Sandbox) -> None:
    """Their status says why."""
    for program, status, message in (
        ("x = 1", "error", "NameError: the program defines no f"),
        ("1 / 0", "error", "ZeroDivisionError: division by zero"),
        ("def f(:", "parse", "SyntaxError"),
        ("while True: pass", "cpu-limit timeout", ""),
    ):
        result = run(sandbox, program, [1])
        assert result.calls == ()
        assert result.status in status
        assert message in result.message


def frame(kind: bytes, payload: bytes, length: int | None = None) -> bytes:
    """A frame as the sandbox's own."""
    return kind + struct.pack("<I", len(payload) if length is None else length) + payload


@pytest.mark.parametrize(
    ("forged", "values"),
    [
        (frame(b"V", b'"forged"'), ["forged", 1]),
        (frame(b"V", b"not json"), [None, 1]),
        (frame(b"V", b"1e999"), [None, 1]),
        (frame(b"V", b"NaN"), [None, 1]),
        (frame(b"V", b'{"a":1,"a":2}'), [{"a": 2}, 1]),
        (frame(b"V", b"\xff"), [None, 1]),
        (frame(b"V", b"[" * 100_000), [None, 1]),
        (frame(b"L", b""), [None, 1]),
        (frame(b"E", b"\xff\x00"), [None, 1]),
        # After what is no frame the process has said its last word; the next call gets another one.
        (frame(b"V", b"1", 1 << 31), [None, 1]),
        (b"garbage", [None, 1]),
        (frame(b"V", b"0") * 1000, [0, 0]),
    ],
)
def test_a_forged_value_is_only_a_claim(sandbox: Sandbox, forged: bytes, values: list[Any]) -> None:
    """It is checked as any value, takes the place of values of this program, and nothing else."""
    program = f"import os\ndef f(x):\n    if x: os.write(3, {forged!r})\n    return 1"
    result = run(sandbox, program, [True], [False])
    assert [call.value for call in result.calls] == values
    assert run(sandbox, "def f(): return 2", []).calls[0].value == 2


def test_a_script_gains_nothing_by_forging_values(sandbox: Sandbox) -> None:
    """Neither a status nor time."""
    forged = frame(b"L", b"") + frame(b"V", b"1")
    script = f"import os, time\ntime.sleep(0.8)\nos.write(3, {forged!r})\ntime.sleep(10)"
    (result,) = sandbox.run([SandboxJob(script)])
    assert (result.status, result.calls) == ("timeout", ())
    assert result.wall_seconds < 1.5


def test_results_are_the_same_with_any_number_of_workers() -> None:
    """In order, with random numbers and hashes."""
    jobs = [SandboxJob(f"import random\nprint({n}, random.random(), hash('x'))") for n in range(60)]
    outputs = []
    for workers in (1, 2):
        with Sandbox(SETTINGS, jobs=workers) as sandbox:
            outputs.append([result.stdout for result in sandbox.run(jobs)])
    assert outputs[0] == outputs[1]
    assert [text.split()[0] for text in outputs[0]] == [str(n) for n in range(60)]
