"""Streams through the frame: the same bytes however the work is cut, and what the shared options do."""

import json
from pathlib import Path

import pytest

from tests.psynth_command import Psynth

GUESS = ("enumerate", "--method", "guess", "--depth", "6")
TASKS = ("tasks", "toy", "--count", "12")


def records(text: str, kind: str | None = None) -> list[dict]:
    """The records of a stream, of one type or all."""
    found = [json.loads(line) for line in text.splitlines()]
    return found if kind is None else [record for record in found if record["type"] == kind]


def ids(text: str) -> list[str]:
    """The task ids of a stream's frontiers."""
    return [record["task"]["id"] for record in records(text, "frontier")]


def test_a_pipeline_writes_its_provenance_and_one_end(psynth: Psynth) -> None:
    output = records(psynth.pipe(TASKS, GUESS, ("compress",), ("evaluate",)))
    assert [record["type"] for record in output] == ["header", "library", *["frontier"] * 12, "end"]
    stages = output[0]["provenance"]
    assert [stage["command"] for stage in stages] == ["tasks", "enumerate", "compress", "evaluate"]
    assert stages[0]["arguments"] == {"domain": "toy", "primitives": None, "split": "train", "count": 12}
    assert stages[1]["arguments"] == {"method": "guess", "depth": 6, "starve": False, "hints": None}
    assert stages[1]["plugins"] == {"toy": "1.0"}
    assert [record["programs"][0]["score"] for record in output[2:8]] == [1.0] * 6


def test_domain_is_short_for_tasks(psynth: Psynth) -> None:
    assert psynth(*GUESS, "-d", "toy").stdout == psynth.pipe(("tasks", "toy"), GUESS)
    assert psynth(*GUESS, "-d", "toy", "--seed", "3").stdout == psynth.pipe(("tasks", "toy", "--seed", "3"), GUESS)
    dice = ("search", "--method", "dice", "--seed", "3")
    assert psynth(*dice, "-d", "toy").stdout == psynth.pipe(("tasks", "toy", "--seed", "3"), dice)


def test_shards_merged_are_the_whole(psynth: Psynth) -> None:
    tasks = psynth(*TASKS).stdout
    whole = psynth(*GUESS, input=tasks).stdout
    for count in (1, 2, 5):
        parts = []
        for number in range(1, count + 1):
            part = f"{number}.jsonl"
            assert psynth(*GUESS, "--shard", f"{number}/{count}", "-o", part, input=tasks).returncode == 0
            parts.append(part)
        assert sorted(each for part in parts for each in ids((psynth.folder / part).read_text())) == ids(whole)
        assert psynth("merge", *reversed(parts)).stdout == whole


def test_a_merged_stream_ends_as_the_worst_of_its_parts_did(psynth: Psynth) -> None:
    for name, words in (("whole", []), ("starved", ["--starve"])):
        assert psynth(*GUESS, *words, "-d", "toy", "-o", f"{name}.jsonl").returncode == 0
    whole = (psynth.folder / "whole.jsonl").read_text()
    (psynth.folder / "cut.jsonl").write_text(whole[: whole.rindex('{"type":"end"')])
    for parts, status in (
        (["whole.jsonl"], "complete"),
        (["starved.jsonl", "whole.jsonl"], "budget"),
        (["cut.jsonl", "starved.jsonl"], "interrupted"),
    ):
        done = psynth("merge", "-q", *parts)
        assert records(done.stdout)[-1] == {"type": "end", "status": status}
        assert psynth("merge", "-q", "--strict", *parts).returncode == (0 if status == "complete" else 4)


def test_limit(psynth: Psynth) -> None:
    tasks = psynth(*TASKS).stdout
    assert ids(psynth(*GUESS, "--limit", "2", input=tasks).stdout) == ["toy/001", "toy/002"]
    limited = psynth(*TASKS, "--limit", "3", "--shard", "1/2").stdout
    assert ids(limited) == [each for each in ids(psynth(*TASKS, "--shard", "1/2").stdout) if each <= "toy/003"]
    assert records(psynth(*GUESS, "--limit", "0", input=tasks).stdout)[-1] == {"type": "end", "status": "complete"}


def test_a_file_is_written_whole_or_not_at_all(psynth: Psynth) -> None:
    (psynth.folder / "old.jsonl").write_text("old\n")
    assert psynth("enumerate", "--method", "broken", "-d", "toy", "-o", "old.jsonl").returncode == 5
    assert (psynth.folder / "old.jsonl").read_text() == "old\n"
    assert psynth(*GUESS, "-d", "toy", "-o", "old.jsonl").returncode == 0
    assert (psynth.folder / "old.jsonl").read_text() == psynth(*GUESS, "-d", "toy", "-o", "-").stdout
    assert not list(psynth.folder.glob("*.part*"))


@pytest.mark.parametrize("kept", [0, 1, 3, 7, 14])
def test_resume_does_only_what_is_left(psynth: Psynth, kept: int) -> None:
    (psynth.folder / "tasks.jsonl").write_text(psynth(*TASKS).stdout)
    whole = psynth(*GUESS, "tasks.jsonl").stdout
    lines = whole.splitlines(keepends=True)
    torn = "".join(lines[:kept]) + (lines[kept][:20] if kept < len(lines) else "")
    (psynth.folder / "out.jsonl.part").write_text(torn)
    log = psynth.folder / "log"
    done = psynth(*GUESS, "tasks.jsonl", "--log", "log", "-o", "out.jsonl", "--resume", "out.jsonl", "-v")
    assert done.returncode == 0, done.stderr
    assert (psynth.folder / "out.jsonl").read_text() == whole
    worked = log.read_text().split() if log.exists() else []
    assert worked == ids(whole)[len(ids("".join(lines[:kept]))) :]
    assert f" {12 - len(worked)} frontier" in done.stderr


def test_resume_refuses_what_another_command_made(psynth: Psynth) -> None:
    psynth(*GUESS, "-d", "toy", "-o", "out.jsonl")
    other = psynth("enumerate", "--method", "guess", "--depth", "1", "-d", "toy", "--resume", "out.jsonl")
    assert other.returncode == 2
    assert "--resume out.jsonl: it was made with --depth 6, not with --depth 1" in other.stderr
    whole = psynth("compress", "--resume", "out.jsonl", "out.jsonl")
    assert whole.returncode == 2
    assert "cannot resume" in whole.stderr


@pytest.mark.parametrize("change", ["seed", "sides", "library"])
def test_resume_refuses_a_run_with_another_seed_or_other_files(psynth: Psynth, change: str) -> None:
    """Of the options that change the result, each alone keeps a run from being continued."""
    tasks = psynth(*TASKS).stdout
    (psynth.folder / "tasks.jsonl").write_text(tasks)
    (psynth.folder / "library.jsonl").write_text(tasks)
    run = ("search", "--method", "dice", "--library", "library.jsonl", "tasks.jsonl")
    assert psynth(*run, "-o", "out.jsonl").returncode == 0
    same = psynth(*run, "--resume", "out.jsonl", "-v")
    assert (same.returncode, same.stdout) == (0, (psynth.folder / "out.jsonl").read_text())
    assert "12 frontiers done before" in same.stderr
    words = {"seed": ["--seed", "1"], "sides": ["--sides", "5"], "library": []}[change]
    if change == "library":
        large = psynth("tasks", "toy", "--primitives", "large").stdout
        (psynth.folder / "library.jsonl").write_text(large)
    other = psynth(*run, *words, "--resume", "out.jsonl")
    assert (other.returncode, other.stdout) == (2, "")
    said = {"seed": "--seed 0, not with --seed 1", "sides": "--sides", "library": "other contents of library.jsonl"}
    assert said[change] in other.stderr


def test_a_frontier_without_a_library_gets_its_domain_s(psynth: Psynth) -> None:
    lines = psynth(*TASKS).stdout.splitlines(keepends=True)
    bare = "".join(line for line in lines if '"type":"library"' not in line)
    assert psynth(*GUESS, input=bare).stdout == psynth(*GUESS, input="".join(lines)).stdout


def test_library_option_takes_the_place_of_the_stream_s(psynth: Psynth) -> None:
    large = psynth("tasks", "toy", "--primitives", "large").stdout
    (psynth.folder / "large.jsonl").write_text(large)
    output = psynth(*GUESS, "--library", "large.jsonl", input=psynth(*TASKS).stdout).stdout
    assert records(output, "library") == records(large, "library")
    stage = records(output)[0]["provenance"][-1]
    assert list(stage["inputs"]) == ["large.jsonl"]
    assert len(stage["inputs"]["large.jsonl"]) == 64
    (psynth.folder / "none.jsonl").write_text('{"type":"end","status":"complete"}\n')
    none = psynth(*GUESS, "--library", "none.jsonl", "-d", "toy")
    assert (none.returncode, none.stderr) == (3, "psynth enumerate: none.jsonl: no library record in this file\n")


def test_unknown_records_and_fields_pass_in_place(psynth: Psynth) -> None:
    lines = psynth(*TASKS).stdout.splitlines()
    lines[3:3] = ['{"type":"strange", "spaced" : [1,  2]}']
    lines[5] = lines[5].replace('"programs"', '"mine":{"a":1},"programs"')
    output = psynth(*GUESS, input="\n".join(lines) + "\n").stdout.splitlines()
    assert output[3] == lines[3]
    assert json.loads(output[5])["mine"] == {"a": 1}


def test_files_that_settings_name_are_in_the_provenance(psynth: Psynth) -> None:
    (psynth.folder / "tasks.jsonl").write_text(psynth(*TASKS).stdout)
    (psynth.folder / "hints").write_text("a")
    digests = []
    for text in ("a", "b"):
        (psynth.folder / "hints").write_text(text)
        output = psynth(*GUESS, "--hints", "hints", "--log", "log", "tasks.jsonl").stdout
        inputs = records(output)[0]["provenance"][-1]["inputs"]
        assert list(inputs) == ["tasks.jsonl", "hints"]
        digests.append(inputs["hints"])
    assert digests[0] != digests[1]


def test_an_alias_is_the_command_that_it_stands_for(psynth: Psynth) -> None:
    tasks = psynth(*TASKS).stdout
    assert psynth("cem-search", input=tasks).stdout == psynth("search", "--method", "cem", input=tasks).stdout
    dice = ("--method", "dice", "--seed", "5")
    output = psynth("cem-search", *dice, input=tasks).stdout
    assert output == psynth("search", *dice, input=tasks).stdout
    assert records(output)[0]["provenance"][-1]["command"] == "search"
    assert psynth("help", "cem-search").stdout == psynth("help", "search", "--method", "cem").stdout
    assert psynth("cem-search", "--nonsense").stderr.startswith("psynth search: unknown option --nonsense")


def test_a_command_that_is_no_filter(psynth: Psynth) -> None:
    done = psynth("toy-launch", "--shards", "2", "--", "enumerate", "-d", "list")
    assert done.returncode == 7
    assert done.stdout == "".join(f"toy-launch enumerate -d list --shard {shard}/2\n" for shard in (1, 2))
    assert done.stderr == "psynth toy-launch: warning: nothing was launched\n"
    assert psynth("toy-launch", "-q", "x").stderr == ""
    text = psynth("toy-launch", "--help").stdout
    assert "Print a command line as often as there are shards." in text
    assert "--shards" in text
    assert "--limit" not in text
    assert psynth("toy-launch").stderr.startswith("psynth toy-launch: WORD is missing; usage: psynth toy-launch")


def test_hash_seed_changes_no_byte(psynth: Psynth) -> None:
    outputs = {psynth(*GUESS, "-d", "toy", env={"PYTHONHASHSEED": seed}).stdout for seed in ("0", "1", "77")}
    assert len(outputs) == 1


def test_a_plugin_s_own_subcommand_and_methods_of_a_new_subcommand(psynth: Psynth) -> None:
    found = psynth(*GUESS, "-d", "toy", "--depth", "2").stdout
    assert ids(psynth("toy-solved", input=found).stdout) == ["toy/001", "toy/002"]
    assert ids(psynth("toy-mutate", input=found).stdout) == ["toy/001", "toy/002", "toy/003"]


def test_import_and_export(psynth: Psynth) -> None:
    assert psynth("export", "ids", input=psynth(*TASKS, "--limit", "2").stdout).stdout == "toy/001\ntoy/002\n"
    (psynth.folder / "ids.txt").write_text("toy/a\ntoy/b\n")
    imported = psynth("import", "ids", "ids.txt").stdout
    assert ids(imported) == ["toy/a", "toy/b"]
    assert list(records(imported)[0]["provenance"][0]["inputs"]) == ["ids.txt"]
    assert psynth("export", "ids", "--upper", "-o", "out", input=imported).returncode == 0
    assert (psynth.folder / "out").read_text() == "TOY/A\nTOY/B\n"
    (psynth.folder / "ids.txt").write_text("toy/a\ntoy b\n")
    bad = psynth("import", "ids", "ids.txt")
    assert (bad.returncode, bad.stderr) == (3, "psynth import: ids.txt:2: a space in an id\n")


def test_compressed_output_by_suffix(psynth: Psynth) -> None:
    plain = psynth(*TASKS).stdout
    for name in ("tasks.jsonl.gz", "tasks.jsonl.zst"):
        assert psynth(*TASKS, "-o", name).returncode == 0
        assert (psynth.folder / name).read_bytes()[:1] != b"{"
        assert ids(psynth(*GUESS, name).stdout) == ids(plain)


def test_line_buffered_shows_each_record_at_once(psynth: Psynth) -> None:
    import subprocess

    process = psynth.start(
        *(*GUESS, "-d", "toy", "--pause", "5", "--line-buffered"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    assert json.loads(first)["type"] == "header"
    assert process.poll() is None
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 143


def test_quiet_says_nothing(psynth: Psynth) -> None:
    cut = "".join(line for line in psynth(*TASKS).stdout.splitlines(keepends=True) if '"end"' not in line)
    assert "no end record" in psynth(*GUESS, input=cut).stderr
    assert psynth(*GUESS, "-q", input=cut).stderr == ""


def test_paths_in_errors_are_as_given(psynth: Psynth) -> None:
    folder = Path("sub")
    (psynth.folder / folder).mkdir()
    done = psynth(*GUESS, str(folder))
    assert (done.returncode, done.stderr) == (2, "psynth enumerate: sub: is a folder, not a file\n")


def test_unknown_fields_of_the_end_pass_too(psynth: Psynth) -> None:
    text = psynth(*TASKS).stdout.replace('"status":"complete"', '"status":"budget","why":"tired"')
    assert records(psynth(*GUESS, input=text).stdout)[-1] == {"type": "end", "status": "budget", "why": "tired"}


def test_a_pipe_given_as_output_is_written_directly(psynth: Psynth) -> None:
    assert psynth(*TASKS, "-o", "/dev/stdout").stdout == psynth(*TASKS).stdout
