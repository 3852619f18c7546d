"""Exit statuses: one for each row of the table, with its message on one line."""

import os
import pty
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.psynth_command import Psynth

TASKS = ("tasks", "toy")


def says(done: "subprocess.CompletedProcess[str]", status: int, message: str) -> None:
    """Assert the exit status and the one line on standard error."""
    assert done.returncode == status, done.stderr
    assert done.stderr == message + "\n"


def test_0_and_1_nothing_found(psynth: Psynth) -> None:
    tasks = psynth(*TASKS).stdout
    assert psynth("enumerate", "--method", "guess", "--depth", "0", input=tasks).returncode == 0
    assert psynth("enumerate", "--method", "guess", "--depth", "0", "--exit-status", input=tasks).returncode == 1
    assert psynth("enumerate", "--method", "guess", "--exit-status", input=tasks).returncode == 0
    assert psynth("compress", "--exit-status", input=tasks).returncode == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["enumrate"], "there is no subcommand 'enumrate' (did you mean 'enumerate'?); psynth --help lists them"),
        (
            ["enumerate", "--method", "guess", "--dept", "3"],
            "unknown option --dept (did you mean '--depth'?); psynth enumerate --help lists them",
        ),
        (
            ["enumerate", "--method", "gues"],
            "unknown method of enumerate 'gues'; known: broken, guess (did you mean 'guess'?)",
        ),
        (["tasks", "tow"], "unknown domain 'tow'; known: toy (did you mean 'toy'?)"),
        (["enumerate", "-d", "toys"], "unknown domain 'toys'; known: toy (did you mean 'toy'?)"),
        (["export", "idx"], "unknown format 'idx'; known: ids (did you mean 'ids'?)"),
        (["enumerate", "--method", "guess", "--depth", "x"], "--depth: 'x' is not a whole number (ones)"),
        (["enumerate", "--method", "guess", "--depth", "-1"], "--depth: -1 is less than 0 ones"),
        (["enumerate", "--on-error", "go"], "--on-error: 'go' is not one of stop, skip, keep"),
        (["enumerate", "--shard", "3/2"], "--shard 3/2: expected K/N with 1 ≤ K ≤ N, such as 1/8"),
        (["enumerate", "no.jsonl"], "no.jsonl: no such file"),
        (["enumerate", "-d", "toy", "x"], "-d DOMAIN takes the domain's own tasks; give it or a FILE, not both"),
        (
            ["tasks", "toy", "--primitives", "smal"],
            "domain 'toy' has no primitive set 'smal'; it has small, large (did you mean 'small'?)",
        ),
        (["tasks"], "name a domain: psynth tasks DOMAIN, or -d DOMAIN; psynth tasks --help lists them"),
        (["enumerate", "-e"], "-e: short for --program, which only psynth evaluate has; write --exit-status"),
        (
            ["enumerate", "--method", "guess", "--timing"],
            "--timing: enumerate --method guess cannot write CPU seconds",
        ),
        (["enumerate", "--method", "guess", "-j4"], "-j: enumerate --method guess has a single worker"),
        (["enumerate", "--method", "guess", "--jobs=4"], "--jobs: enumerate --method guess has a single worker"),
        (
            ["compress", "--resume", "out.jsonl"],
            "--resume: compress --method nothing reads the whole stream at once and cannot resume",
        ),
        (
            ["enumerate", "--method", "broken", "--depth", "3"],
            "--depth belongs to --method guess, not to --method broken",
        ),
        (["enumerate", "--sides=3"], "--sides is an option of psynth search --method dice, not of psynth enumerate"),
        (
            ["check", "--published", "x"],
            "--published is an option of psynth report, not of psynth check",
        ),
        (
            ["enumerate", "--method", "guess", "--seed", "1", "x"],
            "--seed requires -d DOMAIN, which samples tasks; the rest of this command is not random",
        ),
        (["completion", "bush"], "no completion for 'bush'; there is for bash, zsh, fish (did you mean 'bash'?)"),
    ],
)
def test_2_usage(psynth: Psynth, words: list[str], message: str) -> None:
    says(psynth(*words), 2, f"psynth {words[0]}: {message}")


def test_2_an_option_before_the_subcommand(psynth: Psynth) -> None:
    message = "psynth: unknown option --seed; options come after the subcommand (psynth --help)"
    says(psynth("--seed", "1", "enumerate"), 2, message)


def test_2_a_terminal_as_standard_input(psynth: Psynth) -> None:
    controller, terminal = pty.openpty()
    try:
        process = psynth.start("enumerate", stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        _, errors = process.communicate(timeout=30)
    finally:
        os.close(controller)
        os.close(terminal)
    assert process.returncode == 2
    assert errors.decode().startswith("psynth enumerate: standard input is a terminal; pipe a stream in or give a FILE")


def test_3_bad_input(psynth: Psynth) -> None:
    tasks = psynth(*TASKS).stdout
    (psynth.folder / "torn.jsonl").write_text(tasks + "not JSON\n")
    done = psynth("enumerate", "--method", "guess", "torn.jsonl")
    assert done.returncode == 3
    assert done.stderr.startswith("psynth enumerate: torn.jsonl:7: not JSON")
    assert done.stdout.count('"frontier"') == 3  # nothing that was done is lost
    unknown = tasks.replace('"domain":"toy"', '"domain":"tow"').splitlines()
    alien = "\n".join(line for line in unknown if '"library"' not in line)
    says(
        psynth("enumerate", "--method", "guess", input=alien),
        3,
        "psynth enumerate: <stdin>:2: task toy/001: unknown domain 'tow'; known: toy (did you mean 'toy'?)",
    )


def test_on_error_skip_and_keep_go_on_and_count(psynth: Psynth) -> None:
    tasks = psynth(*TASKS).stdout.splitlines()
    text = "\n".join([tasks[0], "oh no", *tasks[1:]]) + "\n"
    skipped = psynth("enumerate", "--method", "guess", "--on-error", "skip", input=text)
    kept = psynth("enumerate", "--method", "guess", "--on-error", "keep", input=text)
    assert (skipped.returncode, kept.returncode) == (0, 0)
    assert "oh no" not in skipped.stdout
    assert kept.stdout.splitlines()[1] == "oh no"
    assert "<stdin>:2: not JSON" in skipped.stderr
    assert "(left out)" in skipped.stderr
    assert "(kept)" in kept.stderr


def test_4_incomplete_with_strict(psynth: Psynth) -> None:
    tasks = psynth(*TASKS).stdout
    whole = ["enumerate", "--method", "guess", "--strict"]
    assert psynth(*whole, input=tasks).returncode == 0
    starved = psynth(*whole, "--starve", input=tasks)
    says(starved, 4, "psynth enumerate: incomplete: the stream's end says budget (--strict)")
    assert starved.stdout.endswith('{"type":"end","status":"budget"}\n')
    cut = "".join(f"{line}\n" for line in tasks.splitlines()[:-1])
    done = psynth(*whole, input=cut)
    assert done.returncode == 4
    assert "<stdin>: no end record" in done.stderr
    loose = psynth("enumerate", "--method", "guess", input=cut)
    assert loose.returncode == 0
    assert loose.stdout.endswith('{"type":"end","status":"interrupted"}\n')


def test_5_internal_errors(psynth: Psynth) -> None:
    says(
        psynth("enumerate", "--method", "broken", "-d", "toy"),
        5,
        "psynth enumerate: the plugin 'toy' failed: ZeroDivisionError: the method is broken "
        "(PSYNTH_DEBUG=1 shows where)",
    )
    debugged = psynth("enumerate", "--method", "broken", "-d", "toy", env={"PSYNTH_DEBUG": "1"})
    assert debugged.returncode == 5
    assert "Traceback" in debugged.stderr
    assert "psynth_toy_parts.py" in debugged.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which only Linux has")
@pytest.mark.parametrize("words", [["tasks", "toy"], ["--help"], ["help", "tasks"], ["plugins", "--json"], ["plugins"]])
def test_5_a_full_disk(psynth: Psynth, words: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        process = psynth.start(*words, stdout=full, stderr=subprocess.PIPE)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 5
    assert errors.decode().count("\n") == 1
    assert "No space left on device" in errors.decode()


def test_5_standard_output_closed(psynth: Psynth) -> None:
    command = " ".join(psynth.command("tasks", "toy")) + " >&-"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, env=psynth.environment())
    says(done, 5, "psynth tasks: standard output is closed")


@pytest.mark.parametrize(
    "words", [["tasks", "toy", "--count", "30000"], ["help", "tasks"], ["help", "tasks", "--json"]]
)
def test_141_the_reader_is_gone(psynth: Psynth, words: list[str]) -> None:
    process = psynth.start(*words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read()
    assert process.wait(timeout=30) == 141
    assert errors == b""
    process.stderr.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_130_or_143_interrupted_keeps_what_was_found(psynth: Psynth, number: int) -> None:
    log = psynth.folder / "log"
    process = psynth.start(
        *("enumerate", "--method", "guess", "-d", "toy", "--pause", "0.3", "--log", str(log)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    wait_for(log, tasks=2)
    process.send_signal(number)
    output, errors = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert errors == b""
    lines = output.decode().splitlines()
    assert '"status":"solved"' in lines[2]
    assert len(lines) < 6
    assert lines[-1] == '{"type":"end","status":"interrupted"}'


def test_130_an_interrupted_file_stays_a_part(psynth: Psynth) -> None:
    log, part = psynth.folder / "log", psynth.folder / "out.jsonl.part"
    process = psynth.start(
        *("enumerate", "--method", "guess", "-d", "toy", "--pause", "0.3", "--log", str(log), "-o", "out.jsonl"),
        stderr=subprocess.PIPE,
    )
    wait_for(log)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert not (psynth.folder / "out.jsonl").exists()
    assert '"status":"solved"' in part.read_text()
    assert '"end"' not in part.read_text()


def wait_for(log: Path, tasks: int = 1) -> None:
    """Wait until a file has so many task ids: what is logged may not be written yet, but all before it is."""
    deadline = time.monotonic() + 30
    while not log.exists() or log.read_text().count("\n") < tasks:
        assert time.monotonic() < deadline, "the method never began"
        time.sleep(0.02)
