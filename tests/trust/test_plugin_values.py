"""Hostile primitives of a plugin's domain: what they give, print or change stays inside the program that calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.trust.test_plugin_author import Broken, pytestmark  # noqa: F401 - the machine is needed here too

HOOK = """
    from psynth.plugins import hookimpl

    @hookimpl
    def register_domains(register):
        register("evil", "evil_domain:Evil", help="hostile")
"""
DOMAIN = """
    import os, sys
    from psynth.plugins import Example, Primitive, PythonDomain, Task

    def prim(n):
        {body}

    def longer(xs):
        xs.append(1)
        return xs

    class Evil(PythonDomain):
        name, help = "evil", "hostile"
        primitives = (
            Primitive("one", "int", 1),
            Primitive("prim", "int -> int", prim),
            Primitive("longer", "list(int) -> list(int)", longer),
            Primitive("len", "list(int) -> int", len),
        )

        def tasks(self, settings, seed):
            yield Task("evil/0", "evil", "int -> int", (Example([3], 3),))
            yield Task("evil/1", "evil", "int -> int", (Example([1], 9),))
"""
VALUES = {
    "import decimal; return decimal.Decimal(n)": "a value of type Decimal",
    "import numpy; return numpy.array([1j])": "a value of type complex",
    "return b'abc'": "a value of type bytes",
    "return {1: 2}": "a key that is not text",
    "return {1}": "a value of type set",
    "return float('nan')": "nan",
    "return (each for each in ())": "a value of type generator",
    "sys.exit(7)": "SystemExit: 7",
    "raise GeneratorExit": "GeneratorExit",
    "raise KeyboardInterrupt": "KeyboardInterrupt",
    "raise ValueError('boom')": "ValueError: boom",
}


@pytest.fixture
def evil(tmp_path: Path) -> Broken:
    return Broken(tmp_path)


def frontier(request: str, inputs: object, output: object, *programs: str) -> str:
    """A stream of one frontier with one example."""
    task = {"id": "evil/t", "domain": "evil", "request": request, "examples": [{"inputs": [inputs], "output": output}]}
    return json.dumps({"type": "frontier", "task": task, "programs": [{"program": each} for each in programs]}) + "\n"


@pytest.mark.parametrize("body", VALUES)
def test_a_value_that_is_not_json_and_an_exit_are_the_programs_errors(evil: Broken, body: str) -> None:
    evil.is_made_of(HOOK, evil_domain=DOMAIN.format(body=body))
    done = evil("evaluate", "-d", "evil", "-e", "(lambda (prim $0))", "3")
    assert VALUES[body] in done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    done = evil("evaluate", "--outputs", input=frontier("int -> int", 3, 3, "(lambda (prim $0))", "(lambda $0)"))
    [judged] = [each for each in map(json.loads, done.stdout.splitlines()) if each["type"] == "frontier"]
    assert [(each["status"], each["outputs"]) for each in judged["programs"]] == [("ok", [3]), ("error", [None])]
    done = evil("enumerate", "-q", "-d", "evil", "--max-cost", "6")
    assert done.returncode == 0
    solved = {
        each["task"]["id"]: each["programs"] for each in map(json.loads, done.stdout.splitlines()) if "task" in each
    }
    assert "(lambda $0)" in [each["program"] for each in solved["evil/0"]]


def test_what_a_primitive_prints_is_not_in_the_stream(evil: Broken) -> None:
    evil.is_made_of(HOOK, evil_domain=DOMAIN.format(body="print('noise'); os.write(1, b'raw\\\\n'); return n"))
    assert evil("evaluate", "-d", "evil", "-e", "(lambda (prim $0))", "3").stdout == "3\n"
    done = evil("enumerate", "-q", "-d", "evil", "--max-cost", "6")
    assert all(json.loads(line)["type"] for line in done.stdout.splitlines())


def test_a_changed_argument_is_an_error_and_the_task_stays(evil: Broken) -> None:
    evil.is_made_of(HOOK, evil_domain=DOMAIN.format(body="return n"))
    given = frontier("list(int) -> int", [1], 1, "(lambda (len (longer $0)))", "(lambda (len $0))")
    done = evil("evaluate", "--outputs", input=given)
    [judged] = [each for each in map(json.loads, done.stdout.splitlines()) if each["type"] == "frontier"]
    assert judged["task"] == json.loads(given)["task"]
    assert [each["outputs"] for each in judged["programs"]] == [[1], [None]]


def test_a_primitive_that_loops_ends_at_the_timeout(evil: Broken) -> None:
    evil.is_made_of(HOOK, evil_domain=DOMAIN.format(body="while True: pass"))
    done = evil("enumerate", "-q", "-d", "evil", "--max-cost", "6", "--timeout", "1")
    assert done.returncode == 0
    assert json.loads(done.stdout.splitlines()[-1]) == {"type": "end", "status": "budget"}
