"""Broken plugins, written from the documentation alone: one line names each, and the rest works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from psynth.core.engines.lambda_machine import EXECUTABLE

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")

METHOD = """
    import os, sys, threading, time
    from dataclasses import dataclass
    from psynth.plugins import Method, setting

    @dataclass(frozen=True)
    class Bad(Method):
        '''Misbehave.'''

        {setting}

        def run(self, records, context):
            {body}
"""
HOOK = """
    from psynth.plugins import hookimpl

    @hookimpl
    def register_{kind}s(register):
        register({arguments}, help="{help}")
"""
DOMAIN = """
    from psynth.plugins import Example, Primitive, PythonDomain, Task

    class Bad(PythonDomain):
        name, help = {name!r}, "bad"
        primitives = ({primitive},)

        def tasks(self, settings, seed):
            {body}
            yield Task("bad/0", "bad", "int -> int", (Example([1], 2),))
"""


class Broken:
    """psynth with one plugin, ``broken``, of the test's own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, *words: str, input: str = "", plugins: str | None = None) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(ROOT), str(ROOT / "plugins_builtin"), str(self._folder)])
        environment = {**os.environ, "PYTHONPATH": path, "COLUMNS": "100"}
        environment.pop("PSYNTH_PLUGINS", None)
        if plugins is not None:
            environment["PSYNTH_PLUGINS"] = plugins
        command = [sys.executable, "-m", "psynth", *words]
        return subprocess.run(
            command, input=input, capture_output=True, text=True, cwd=self._folder, env=environment, timeout=60
        )

    def is_made_of(self, text: str, name: str = "broken", **modules: str) -> None:
        """Install the plugin: its module of hooks, and others."""
        distribution = self._folder / "broken-1.dist-info"
        distribution.mkdir(exist_ok=True)
        (distribution / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1\n")
        (distribution / "entry_points.txt").write_text(f"[psynth]\n{name} = broken\n")
        for module, content in {"broken": text, **modules}.items():
            (self._folder / f"{module}.py").write_text(dedent(content))

    def has_method(self, body: str, setting: str = "") -> None:
        """Install a plugin with the method ``bad`` of mutate."""
        hook = HOOK.format(kind="method", arguments='"mutate", "bad", "broken_method:Bad"', help="misbehaves")
        self.is_made_of(hook, broken_method=METHOD.format(body=body, setting=setting))

    def has_domain(self, body: str = "pass", primitive: str = 'Primitive("one", "int", 1)', name: str = "bad") -> None:
        """Install a plugin with the domain ``bad``."""
        hook = HOOK.format(kind="domain", arguments='"bad", "broken_domain:Bad"', help="bad")
        self.is_made_of(hook, broken_domain=DOMAIN.format(body=body, primitive=primitive, name=name))


ENDLESS = """
    import time
    from psynth.plugins import Program, SearchResult, TaskSearch, TaskSearchMethod

    class Endless(TaskSearchMethod):
        '''Search without a look at any limit.'''

        name = "endless"

        def search(self, problem):
            return Search(problem)

    class Search(TaskSearch):
        tried = 0

        def improvements(self):
            while True:
                time.sleep(0.001)
                self.tried += 10
                yield self.tried, self.tried / 1000

        def found(self):
            return SearchResult((), self.tried, "budget")
"""


@pytest.fixture
def broken(tmp_path: Path) -> Broken:
    return Broken(tmp_path)


HOSTILE = {
    "exits": ("import sys; sys.exit(0)", "SystemExit: 0"),
    "raises what is no Exception": ("raise BaseException('\\x1b[31mred')", "BaseException: ␛[31mred"),
    "raises text that is no UTF-8": ("raise ValueError('\\ud800')", "ValueError: \\ud800"),
    "exits in a hook": (HOOK.format(kind="domain", arguments="exit(3)", help="x"), "SystemExit: 3"),
    "registers a number": (HOOK.format(kind="domain", arguments='3, "a:b"', help="x"), "the name 3 of a domain"),
    "registers no name": (HOOK.format(kind="domain", arguments='"", "a:b"', help="x"), "the name '' of a domain"),
    "registers a path": (
        HOOK.format(kind="domain", arguments='"a", "nocolon"', help="x"),
        "not 'package.module:Class'",
    ),
    "gives no help": (HOOK.format(kind="domain", arguments='"a", "b:c"', help=""), "has no help"),
}


@pytest.mark.parametrize("how", HOSTILE)
def test_a_plugin_that_cannot_be_loaded_is_one_line(broken: Broken, how: str) -> None:
    text, why = HOSTILE[how]
    broken.is_made_of(text)
    done = broken("tasks", "list", "--limit", "1")
    assert done.returncode in (0, 2), done.stderr
    done = broken("enumerate", "-d", "list", "--limit", "1", "--max-programs", "5")
    assert done.returncode == 0, done.stderr
    [line] = done.stderr.splitlines()
    assert line.startswith("psynth: warning: the plugin 'broken' is broken and left out (")
    assert why in line
    diagnosis = broken("doctor")
    assert diagnosis.returncode == 5
    assert "broken   plugin broken" in diagnosis.stdout
    assert broken("plugins", "--json").returncode == 0


def test_what_a_plugin_prints_is_not_in_the_stream(broken: Broken, tmp_path: Path) -> None:
    noise = "import os; print('noise'); os.write(1, b'deep noise\\n')"
    broken.has_method(f"{noise}\n            yield from records")
    (tmp_path / "broken.py").write_text(f"{noise}\n{(tmp_path / 'broken.py').read_text()}")
    done = broken("mutate", "--method", "bad", "-d", "list", "--limit", "1")
    assert (done.returncode, "noise" in done.stdout, done.stderr.count("deep noise")) == (0, False, 2)
    types = [json.loads(line)["type"] for line in done.stdout.splitlines()]
    assert types == ["header", "library", "frontier", "end"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("yield from records; sys.exit(0)", "the plugin 'broken' failed: it ended the process (SystemExit: 0)"),
        ("yield next(records); raise ValueError('boom')", "the plugin 'broken' failed: ValueError: boom"),
        ("yield next(records); raise BaseException('boom')", "the plugin 'broken' failed: BaseException: boom"),
        ("return None", "broken_method.Bad.run returned a NoneType, not an iterator of records"),
        ("yield from records; yield 3", "broken_method.Bad.run yielded a int, which is no record"),
    ],
)
def test_a_method_that_fails_is_named(broken: Broken, tmp_path: Path, body: str, message: str) -> None:
    broken.has_method(body)
    done = broken("mutate", "--method", "bad", "-d", "list", "--limit", "1", "-o", "out.jsonl")
    assert done.returncode == 5
    [line] = done.stderr.splitlines()
    assert message in line
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(
    "body",
    [
        "sys.stdout.close(); sys.stderr.close(); os.close(1); yield from records",
        "threading.Thread(target=time.sleep, args=(1000,)).start(); yield from records",
    ],
)
def test_closed_streams_and_threads_left_behind_do_no_harm(broken: Broken, body: str) -> None:
    broken.has_method(body)
    done = broken("mutate", "--method", "bad", "-d", "list", "--limit", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith('{"type":"end","status":"complete"}\n')


def test_a_domain_that_fails_is_named(broken: Broken) -> None:
    broken.has_domain("import sys; sys.exit(0)")
    for words in (("tasks", "bad"), ("enumerate", "-d", "bad", "--max-programs", "5")):
        done = broken(*words)
        assert done.returncode == 5
        assert done.stderr.endswith(
            "the plugin 'broken' failed: it ended the process (SystemExit: 0) (PSYNTH_DEBUG=1 shows where)\n"
        )


def test_a_name_that_clashes_stops_only_those_who_ask_for_it(broken: Broken) -> None:
    broken.is_made_of(HOOK.format(kind="domain", arguments='"list", "broken:Bad"', help="x"))
    assert broken("tasks", "regex", "--count", "1").returncode == 0 or broken("tasks", "regex").returncode == 0
    done = broken("enumerate", "-d", "list", "--max-programs", "5")
    assert done.returncode == 2
    assert "registered by the plugin 'broken'" in done.stderr
    assert broken("enumerate", "-d", "list", "--max-programs", "5", plugins="-broken").returncode == 0


def test_a_plugin_of_a_built_in_name_is_left_out(broken: Broken) -> None:
    broken.is_made_of("raise SystemExit(1)", name="list")
    done = broken("enumerate", "-d", "list", "--limit", "1", "--max-programs", "5")
    assert done.returncode == 0
    assert "two plugins are called 'list'" in done.stderr
    assert broken("enumerate", "-d", "list", "--limit", "1", "--max-programs", "5", plugins="-broken").stderr == ""


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"name": "other"}, "it calls itself 'other'"),
        ({"primitive": 'Primitive("add", "int -> -> int", 1)'}, "not a type"),
        ({"primitive": 'Primitive("add", "int -> int -> int", abs)'}, "cannot be called with 2 arguments"),
        ({"primitive": 'Primitive("add", "int -> int", abs, lazy=(5,))'}, "lazy names the argument 5 of 1"),
        ({"primitive": 'Primitive("a", "int", 1), Primitive("a", "int", 1)'}, "production a occurs twice"),
        ({"body": "raise RuntimeError('no tasks')"}, "RuntimeError: no tasks"),
    ],
)
def test_doctor_finds_what_is_wrong_with_a_domain(broken: Broken, arguments: dict[str, str], fault: str) -> None:
    broken.has_domain(**arguments)
    done = broken("doctor")
    assert done.returncode == 5
    [line] = [line for line in done.stdout.splitlines() if line.startswith("broken")]
    assert fault in line
    assert "plugin broken" in line


@pytest.mark.parametrize(
    ("setting", "fault"),
    [
        ("output: int = setting(1, help='x')", "broken_method.Bad declares the option --output"),
        ("depth: dict = setting(None, help='x')", "has a type that no option can have"),
        ("depth: int = 3", "is not declared with setting"),
        ("depth: int = setting(3, maximum=2, help='x')", "3 is more than 2"),
    ],
)
def test_doctor_finds_what_is_wrong_with_settings(broken: Broken, setting: str, fault: str) -> None:
    broken.has_method("yield from records", setting)
    done = broken("doctor")
    assert done.returncode == 5
    assert fault in done.stdout


def test_doctor_finds_what_is_never_reached(broken: Broken) -> None:
    broken.is_made_of(HOOK.format(kind="command", arguments='"show", "broken_method:Bad"', help="x"))
    assert "never reached: psynth has a subcommand of this name" in broken("doctor").stdout
    broken.is_made_of("def register_domains(register): register('a', 'b:c', help='x')")
    assert "without @hookimpl?" in broken("doctor").stdout


@pytest.mark.parametrize(
    ("limit", "tried"),
    [(("--max-evaluations", "50"), 60), (("--target", "0.2"), 210), (("--timeout", "0.2"), None)],
    ids=lambda each: str(each),
)
def test_limits_end_a_search_that_never_looks_at_them(
    broken: Broken, limit: tuple[str, str], tried: int | None
) -> None:
    hook = HOOK.format(kind="method", arguments='"search", "endless", "broken_method:Endless"', help="endless")
    broken.is_made_of(hook, broken_method=ENDLESS)
    most = () if "--max-evaluations" in limit else ("--max-evaluations", "1000000000")
    done = broken("search", "--method", "endless", "-d", "list", "--limit", "1", *limit, *most)
    assert done.returncode == 0, done.stderr
    [search] = [record["search"] for record in map(json.loads, done.stdout.splitlines()) if "search" in record]
    assert search["status"] == "budget"
    assert tried is None or search["programs"] == tried


@pytest.mark.parametrize(("split", "ids"), [("train", ["bad/train-0"]), ("all", ["bad/train-0", "bad/test-0"])])
def test_a_domain_that_ignores_count_is_held_to_it(broken: Broken, split: str, ids: list[str]) -> None:
    body = """for n in range(3):
                yield Task(f"bad/{settings.split}-{n}", "bad", "int -> int", (Example([1], 2),))
            return"""
    broken.has_domain(body)
    done = broken("tasks", "bad", "--count", "1", "--split", split)
    records = map(json.loads, done.stdout.splitlines())
    assert [record["task"]["id"] for record in records if record["type"] == "frontier"] == ids, done.stderr


def test_a_primitive_that_fails_is_told_apart_from_a_hard_task(broken: Broken) -> None:
    broken.has_domain(primitive='Primitive("boom", "int -> int", lambda x: {}[x]), Primitive("one", "int", 1)')
    done = broken("enumerate", "-d", "bad", "--max-cost", "3", "-v")
    told = "2 of the 4 cheapest programs fail on bad/0 with KeyError: 1, such as (lambda (boom $0))"
    assert told in done.stderr
    assert "cheapest" not in broken("enumerate", "-d", "bad", "--max-cost", "3").stderr
