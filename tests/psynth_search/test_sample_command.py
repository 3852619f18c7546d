"""psynth sample as a process: pipes, options of the domain, the same bytes whatever the threads and the hash seed."""

from __future__ import annotations

from pathlib import Path

import pytest

from psynth.core.engines.lambda_machine import EXECUTABLE
from tests.pipeline_command import psynth, records

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")


@pytest.mark.parametrize(
    "words",
    [
        ("-d", "list", "--limit", "40", "--count", "20"),
        ("-d", "regex", "--count", "20", "--distinct"),
        ("-d", "karel", "--primitives", "leaps", "--count", "40", "--demonstrations", "4", "--outputs"),
    ],
    ids=lambda words: words[1],
)
def test_workers_and_hash_seeds_change_no_byte(words):
    one = psynth("sample", *words, "-j", "1", env={"PYTHONHASHSEED": "1"}).stdout
    two = psynth("sample", *words, "-j", "3", env={"PYTHONHASHSEED": "2"}).stdout
    assert one == two
    assert psynth("check", input=one).stdout
    assert len(records(one, "frontier")) >= 20


def test_a_pipe_and_an_option_are_the_same():
    tasks = psynth("tasks", "karel", "--primitives", "leaps").stdout
    piped = psynth("sample", "--count", "6", "--demonstrations", "3", input=tasks).stdout
    direct = psynth("sample", "-d", "karel", "--primitives", "leaps", "--count", "6", "--demonstrations", "3").stdout
    assert piped.splitlines()[1:] == direct.splitlines()[1:]


def test_a_domains_settings_are_options_where_it_is_named():
    words = ("sample", "-dkarel", "--count", "3", "--demonstrations", "2", "--height", "6", "--walls", "0")
    made = psynth(*words).stdout
    stage = records(made, "header")[0]["provenance"][-1]
    assert (stage["arguments"]["height"], stage["arguments"]["walls"], stage["arguments"]["longest"]) == (6, 0.0, 20)
    for frontier in records(made, "frontier"):
        environment = frontier["task"]["environment"]
        assert (environment["height"], environment["width"], environment["walls"]) == (6, 8, 0.0)
    assert b"unknown option --walls" in psynth("sample", "--walls", "0", status=2).stderr
    assert b"more than --longest" in psynth(*words, "--shortest", "30", status=2).stderr
    assert b"--primitives requires -d" in psynth("sample", "--primitives", "leaps", status=2).stderr
    assert b"has no primitive set" in psynth("sample", "-d", "karel", "--primitives", "leap", status=2).stderr


def test_running_out_of_draws_is_exit_4_with_strict(tmp_path: Path):
    words = ("sample", "-d", "karel", "--count", "9", "--demonstrations", "9", "--max-draws", "10")
    done = psynth(*words, "--strict", status=4)
    assert records(done.stdout, "end") == [{"type": "end", "status": "budget"}]
    assert b"9 were requested" in done.stderr
    assert psynth(*words, "-q").stderr == b""


def test_data_sets_of_two_seeds_can_be_merged(tmp_path: Path):
    parts = [tmp_path / f"{seed}.jsonl" for seed in (0, 1)]
    for seed, part in enumerate(parts):
        psynth("sample", "-d", "karel", "--count", "5", "--demonstrations", "2", "--seed", seed, "-o", part)
    frontiers = records(psynth("merge", *parts).stdout, "frontier")
    batches = "drawn", "drawn-1"
    assert {frontier["task"]["id"] for frontier in frontiers} == {
        f"karel/{batch}/{number:06}" for batch in batches for number in range(5)
    }
