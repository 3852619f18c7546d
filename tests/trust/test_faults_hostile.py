"""Hostile data: escapes, encodings, absurd numbers, depth, sizes; each was an escape, a hang or an internal error."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from psynth.core.engines.lambda_machine import EXECUTABLE, LambdaMachine, SearchBudget
from psynth.core.printable import one_line, printable
from psynth.plugins.registry import default_registry
from tests.pipeline_command import psynth
from tests.shared_data import shared_data

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")

ROOT = Path(__file__).resolve().parents[2]
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
ESCAPE = "\x1b[31m\x1b]0;title\x07\x9b2J\u202egnp"


def run(*words: object, encoding: str = "utf-8", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run psynth to its end, whatever its exit status."""
    done = subprocess.run(
        [sys.executable, "-m", "psynth", *map(str, words)],
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200", **environment},
        timeout=120,
    )
    return subprocess.CompletedProcess(
        words, done.returncode, done.stdout.decode(encoding), done.stderr.decode(encoding)
    )


# After what a command says: its exit status, between marks that no text of psynth has.
SEVERAL = r"""
import json, sys
from psynth.cli.main import main

for words in json.load(sys.stdin):
    print("", main(words), "", sep="\0", end="", file=sys.stderr, flush=True)
"""


def one_after_the_other(commands: list[list[str]]) -> list[tuple[int, str]]:
    """The exit status of each command and what it says, all in one process, which has to survive them."""
    asked = json.dumps(commands)
    done = subprocess.run(
        [sys.executable, "-c", SEVERAL], input=asked, capture_output=True, text=True, cwd=ROOT, timeout=120
    )
    assert done.returncode == 0, done.stderr
    said = done.stderr.split("\0")
    return [(int(status), text) for text, status in zip(said[::2], said[1::2], strict=False)]


@pytest.fixture
def escapes(tmp_path: Path) -> Path:
    """A stream in which every text holds escapes."""
    task = {
        "id": f"list/{ESCAPE}",
        "domain": "list",
        "request": "int -> int",
        "descriptions": [ESCAPE],
        "examples": [{"inputs": [1], "output": 2}],
    }
    records = [
        {"type": "library", "domain": "list", "productions": [{"name": ESCAPE, "type": "int", "log_weight": 0}]},
        {"type": "frontier", "task": task, "programs": [{"program": f"(lambda {ESCAPE})"}]},
        {"type": "metric", "name": ESCAPE, "value": 1, "step": 1, "labels": {"task": ESCAPE, "method": ESCAPE}},
        {"type": "model", "kind": ESCAPE, "path": ESCAPE, "domain": ESCAPE},
        {"type": ESCAPE},
        {"type": "end", "status": "complete"},
    ]
    records[0]["log_variable"] = 0.0
    path = tmp_path / f"given{ESCAPE}.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


@pytest.mark.parametrize(
    "words",
    [
        *(["show"], ["show", "--summary"], ["report"], ["check"], ["enumerate", "--max-programs", "5"], ["evaluate"]),
        *(["mutate"], ["compress"], ["search", "--max-evaluations", "5"], ["export", "stitch"]),
    ],
    ids=" ".join,
)
def test_no_escape_reaches_a_terminal(words: list[str], escapes: Path) -> None:
    done = run(*words, escapes)
    assert "Traceback" not in done.stderr
    assert not CONTROLS.search(done.stderr.replace("\n", ""))
    if words[0] in ("show", "report", "check"):
        assert done.stdout
        assert not CONTROLS.search(done.stdout.replace("\n", ""))


def test_the_colors_of_psynth_itself_remain() -> None:
    assert "\x1b[" in run("show", "-d", "list", "--limit", "1", "--color", "always").stdout


def test_neutralized_text_has_no_controls() -> None:
    every = "".join(map(chr, [*range(0x3000), *range(0xFE00, 0x10000)]))
    assert not CONTROLS.search(printable(every).replace("\n", "").replace("\t", ""))
    assert printable("naïve λ → 日本") == "naïve λ → 日本"
    assert one_line("a\r\n b\x0bc") == "a b c"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("words", [["--help"], ["help", "enumerate"], ["show"], ["report"], ["check"]], ids=" ".join)
def test_any_output_encoding_will_do(encoding: str, words: list[str], escapes: Path) -> None:
    given = [escapes] if words[0] in ("show", "report", "check") else []
    done = run(*words, *given, encoding=encoding.partition(":")[0], PYTHONIOENCODING=encoding)
    assert done.returncode in (0, 3), done.stderr
    assert "internal error" not in done.stderr


def test_a_posix_locale_will_do(escapes: Path) -> None:
    for words in (["--help"], ["show", escapes]):
        done = run(*words, LC_ALL="POSIX", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["big64", "unk2", "unkdeep"])
def test_values_of_any_size_are_shown_and_exported(name: str) -> None:
    given = shared_data(f"faults/{name}.jsonl")
    done = run("show", given)
    assert done.returncode == 0, done.stderr
    if name == "big64":
        for what in ("frontiers", "tasks"):
            assert run("export", "dreamcoder", "--what", what, given).returncode == 0


def test_text_with_dollars_is_no_formula(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from xml.dom.minidom import parse

    given = tmp_path / "given.jsonl"
    metric = {
        "type": "metric",
        "name": "reward",
        "value": 1,
        "labels": {"task": "list/$$ (car $0) \x1b", "method": "$x_"},
    }
    given.write_text("".join(json.dumps({**metric, "step": step}) + "\n" for step in (1, 2)))
    done = run("report", given, "--image", tmp_path / "x.svg")
    assert done.returncode == 0, done.stderr
    assert "UserWarning" not in done.stderr
    assert "$$ (car $0)" in "".join(
        node.toxml() for node in parse(str(tmp_path / "x.svg")).getElementsByTagName("text")
    )


@pytest.mark.parametrize("size", [1000, 4000])
def test_crossover_of_deep_programs_is_bounded(size: int) -> None:
    given = shared_data(f"faults/deep{size}.jsonl")
    begun = time.monotonic()
    done = run("mutate", "--method", "crossover", "--mates", "stream", given)
    assert (done.returncode, time.monotonic() - begun < 10) == (0, True)


@pytest.mark.parametrize("number", ["1e999", "NaN", "[-Infinity]"])
def test_the_machine_answers_an_id_that_no_json_can_say(number: str) -> None:
    requests = f'{{"id":{number},"op":"primitives"}}\n{{"id":7,"op":"primitives"}}\n'
    done = subprocess.run([EXECUTABLE], input=requests, capture_output=True, text=True)
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["id"], first["error"]["kind"], second["id"], "ok" in second) == (None, "bad_request", 7, True)


def peak(machine: LambdaMachine) -> int:
    """The greatest memory of a machine so far, in MiB."""
    assert machine._process is not None
    status = Path(f"/proc/{machine._process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s*(\d+)", status).group(1)) // 1024  # type: ignore[union-attr]


def test_a_search_ends_at_the_bound_on_memory_and_the_next_one_works() -> None:
    library = default_registry().domain("list").library().to_json()
    request, bound = "list(int) -> list(int)", 24
    # What no program gives, so that only a bound ends the search.
    tasks = [{"id": "t", "examples": [{"inputs": [[1]], "output": [-1]}]}]
    with LambdaMachine(memory=bound) as machine:
        for _ in range(2):
            found = machine.enumerate(library, request, tasks, SearchBudget(exhaustive=True, timeout=100))
            assert found["status"] == "budget"
            assert found["programs"] > 10_000
        assert peak(machine) < 2 * bound + 16


def test_mutants_are_asked_for_in_bounded_requests() -> None:
    words = ("mutate", "--count", "7")
    solved = psynth("enumerate", "-d", "list", "--limit", "3", "--max-programs", "500").stdout
    whole = psynth(*words, input=solved).stdout
    code = "import sys, psynth_search.mutation as m; m.TOGETHER = 3; from psynth.cli.main import main; sys.exit(main())"
    parts = subprocess.run(
        [sys.executable, "-c", code, *words], input=solved, capture_output=True, cwd=ROOT, check=True
    )
    assert parts.stdout == whole


def test_damaged_hdf5_is_bad_input_with_the_file(tmp_path: Path) -> None:
    pytest.importorskip("h5py")
    drawn, folder = tmp_path / "drawn.jsonl", tmp_path / "data"
    psynth("sample", "-d", "karel", "--primitives", "leaps", "--count", "3", "--demonstrations", "2", "-o", drawn)
    psynth("export", "leaps", drawn, "-o", folder)
    sound = (folder / "data.hdf5").read_bytes()
    commands = []
    for seed in range(12):
        rng = random.Random(seed)
        data = bytearray(sound)
        for _ in range(rng.choice((1, 3, 20, 200))):
            data[rng.randrange(min(len(data), 20_000))] ^= 1 << rng.randrange(8)
        damaged = shutil.copytree(folder, tmp_path / f"damaged-{seed}")
        (damaged / "data.hdf5").write_bytes(data)
        commands.append(["import", "leaps", str(damaged), "--on-error", rng.choice(("stop", "skip"))])
    for command, (status, said) in zip(commands, one_after_the_other(commands), strict=True):
        assert status in (0, 3), (command, said)
        assert status == 0 or command[2] in said, (command, said)


def test_hdf5_from_a_pipe_of_the_file_system_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("h5py")
    os.mkfifo(tmp_path / "data.hdf5")
    done = run("import", "leaps", tmp_path)
    assert done.returncode == 3
    assert done.stderr == f"psynth import: {tmp_path}/data.hdf5: not a regular file, which HDF5 needs\n"


def test_a_data_set_of_absurd_size_is_not_read(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "huge.hdf5"
    with h5py.File(path, "w") as file:
        file.create_dataset("no_0/program", shape=(10**12,), dtype="i1", chunks=(1024,))
    done = run("import", "leaps", path)
    assert done.returncode == 3
    assert "more than" in done.stderr
    assert str(path) in done.stderr


@pytest.mark.neural
@pytest.mark.parametrize(
    "words", [["--latent", "1000000000"], ["--hidden", "60000", "--latent", "60000"]], ids=" ".join
)
def test_sizes_are_checked_before_they_are_allocated(words: list[str], tmp_path: Path) -> None:
    pytest.importorskip("torch")
    drawn = tmp_path / "drawn.jsonl"
    psynth("sample", "-d", "karel", "--primitives", "leaps", "--count", "3", "--demonstrations", "2", "-o", drawn)
    done = run("train", *words, drawn, "--model", tmp_path / "model")
    assert done.returncode == 2, done.stderr


@pytest.mark.parametrize("words", [["evaluate"], ["mutate"], ["merge"], ["export", "stitch"]], ids=" ".join)
def test_a_replaced_file_keeps_its_mode(words: list[str], tmp_path: Path) -> None:
    given, target = tmp_path / "given.jsonl", tmp_path / "private.json"
    given.write_bytes(psynth("enumerate", "-d", "list", "--limit", "1", "--max-programs", "500").stdout)
    target.write_text("old")
    target.chmod(0o600)
    assert run(*words, given, "-o", target).returncode == 0
    assert (target.stat().st_mode & 0o777, target.read_text() != "old") == (0o600, True)
