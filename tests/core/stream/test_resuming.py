"""Resuming: a run killed anywhere and taken up again ends with the bytes of one that was not."""

import dataclasses
import gzip
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import zstandard

from psynth.core.errors import UsageError
from psynth.core.stream.reading import with_provenance
from psynth.core.stream.records import (
    Example,
    Foreign,
    Frontier,
    Header,
    Library,
    Metric,
    Model,
    Program,
    Provenance,
    Search,
    Task,
    Weights,
)
from psynth.core.stream.resuming import PreviousRun
from psynth.core.stream.writing import open_writer

TASKS = [Frontier(Task(f"d/{number}", "d", "int", (Example([number], number),))) for number in range(5)]
# The same task twice, and a frontier without one: both must come out right.
TASKS += [TASKS[2], Frontier(None)]
SOLVE = Provenance("solve")


def solve(records, worked=None):
    """A method: one result for each frontier; ``worked`` collects the ids of the tasks it worked on."""
    for record in records:
        if isinstance(record, Frontier) and record.task:
            if worked is not None:
                worked.append(record.task.id)
            record = dataclasses.replace(record, programs=(Program(f"f{record.task.id}"),), search=Search("m", 1))
        yield record


def run(target, worked=None, stop_after=None):
    with PreviousRun(target, SOLVE) as previous, open_writer(target) as writer:
        for number, record in enumerate(with_provenance(solve(previous.reuse(TASKS), worked), SOLVE)):
            if number == stop_after:
                return
            writer.write(record)
        writer.finish()


@pytest.mark.parametrize("name", ["out.jsonl", "out.gz", "out.zst"])
def test_killed_anywhere_and_resumed_gives_the_same_bytes(name, tmp_path):
    whole = tmp_path / "whole" / name
    whole.parent.mkdir()
    run(whole)
    for stop in range(1, 8):
        target = tmp_path / f"{stop}-{name}"
        run(target, stop_after=stop)
        worked: list[str] = []
        run(target, worked)
        assert target.read_bytes() == whole.read_bytes()
        assert len(worked) == max(0, 6 - (stop - 1))


def measured(records):
    """Before each frontier that is worked on stand two metrics of its task; one of nothing stands at the end."""
    for record in records:
        if isinstance(record, Frontier) and record.task:
            yield from (Metric("reward", step, step=step, labels={"task": record.task.id}) for step in range(2))
        yield record
    yield Metric("loss", 0.5)


def test_metrics_of_a_task_are_resumed_with_its_frontier(tmp_path):
    def run_measured(target, stop_after=None):
        with PreviousRun(target, SOLVE) as previous, open_writer(target) as writer:
            for number, record in enumerate(with_provenance(measured(solve(previous.reuse(TASKS))), SOLVE)):
                if number == stop_after:
                    return previous.reused
                writer.write(record)
            writer.finish()
            return previous.reused

    whole = tmp_path / "whole"
    run_measured(whole)
    for stop in range(20):
        target = tmp_path / str(stop)
        run_measured(target, stop_after=stop)
        assert run_measured(target) == min(6, max(0, stop - 1) // 3)
        assert target.read_bytes() == whole.read_bytes()


def test_killed_twice_the_second_time_earlier_loses_nothing(tmp_path):
    target = tmp_path / "out"
    run(target, stop_after=5)
    run(target, stop_after=2)
    run(target, stop_after=1)
    worked: list[str] = []
    run(target, worked)
    assert worked == ["d/4", "d/2"]
    assert sorted(os.listdir(tmp_path)) == ["out"]


@pytest.mark.parametrize("cut", range(0, 900, 7))
def test_cut_at_any_byte_the_torn_line_is_dropped(cut, tmp_path):
    whole, target = tmp_path / "whole", tmp_path / "out"
    run(whole)
    data = whole.read_bytes()
    Path(f"{target}.part").write_bytes(data[:cut])
    worked: list[str] = []
    run(target, worked)
    assert target.read_bytes() == data
    assert len(worked) == max(0, 6 - max(0, data[:cut].count(b"\n") - 1))


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_compressed_file_cut_short_gives_what_it_can(pack, tmp_path):
    whole, target = tmp_path / "whole", tmp_path / "out"
    run(whole)
    packed = pack(whole.read_bytes())
    Path(target).write_bytes(packed[:-3])
    run(target)
    assert target.read_bytes() == whole.read_bytes()


def test_damaged_lines_are_done_again(tmp_path):
    whole, target = tmp_path / "whole", tmp_path / "out"
    run(whole)
    lines = whole.read_bytes().splitlines(keepends=True)
    lines[2] = b"\0" * len(lines[2])
    lines[3] = lines[3].replace(b'"programs":[', b'"programs":[7,')
    target.write_bytes(b"".join(lines))
    worked: list[str] = []
    run(target, worked)
    assert worked == ["d/1", "d/2"]
    assert target.read_bytes() == whole.read_bytes()


def test_an_interrupted_search_and_a_changed_task_are_done_again(tmp_path):
    target = tmp_path / "out"
    assert TASKS[1].task is not None
    with open_writer(target) as writer:
        writer.write(Header(provenance=(Provenance("solve"),)))
        writer.write(dataclasses.replace(TASKS[0], search=Search("m", status="interrupted")))
        writer.write(dataclasses.replace(TASKS[1], task=dataclasses.replace(TASKS[1].task, request="bool")))
        writer.write(TASKS[2])
        writer.finish("interrupted")
    with PreviousRun(target, SOLVE) as previous:
        reused = list(previous.reuse(TASKS[:3]))
        assert previous.reused == 1
    assert reused == [*TASKS[:2], Foreign("frontier", TASKS[2].encode())]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"command": "mutate"}, "it was made by psynth solve, not by psynth mutate"),
        ({"arguments": {"depth": 2}}, "it was made with --depth 1, not with --depth 2"),
        ({"arguments": {}}, "it was made with --depth 1, not without --depth"),
        ({"seed": 2}, "it was made with --seed 1, not with --seed 2"),
        ({"inputs": {"tasks": "bb"}}, "it was made from other contents of tasks"),
    ],
)
def test_a_run_of_another_command_setting_or_seed_is_not_resumed(tmp_path, other, said):
    target, stage = tmp_path / "out", Provenance("solve", arguments={"depth": 1}, seed=1, inputs={"tasks": "aa"})
    with open_writer(target) as writer:
        writer.write(Header(provenance=(stage,)))
        writer.write(TASKS[0])
        writer.finish()
    renamed = dataclasses.replace(stage, version="2.0", inputs={"renamed": "aa"})
    with PreviousRun(target, renamed) as previous:
        assert list(previous.reuse(TASKS[:1])) == [Foreign("frontier", TASKS[0].encode())]
    with pytest.raises(UsageError, match=said):
        PreviousRun(target, dataclasses.replace(stage, **other))


def test_a_run_that_never_was_holds_nothing(tmp_path):
    with PreviousRun(tmp_path / "absent", SOLVE) as previous:
        assert list(previous.reuse(TASKS)) == TASKS
        assert (previous.reused, previous.exists) == (0, False)


@pytest.mark.parametrize("junk", [b"junk\n", b"junk", TASKS[0].encode() + b"\n", b'{"type":"header","psynth":1}\n'])
def test_what_psynth_did_not_write_is_not_resumed(tmp_path, junk):
    (tmp_path / "out").write_bytes(junk)
    with pytest.raises(UsageError, match="it is no output of psynth"):
        PreviousRun(tmp_path / "out", SOLVE)


def test_metrics_of_the_input_are_not_doubled(tmp_path):
    """They stand before their frontiers, where a result's own metrics do."""
    own = Metric("reward", 0.5, labels={"task": "d/0"})
    given = [own, own, TASKS[0], own, Metric("loss", 1.0), TASKS[1]]

    def run_given():
        with PreviousRun(target, SOLVE) as previous, open_writer(target) as writer:
            for record in with_provenance(measured(solve(previous.reuse(given))), SOLVE):
                writer.write(record)
            writer.finish()
            return previous.reused

    target = tmp_path / "out"
    assert run_given() == 0
    whole = target.read_bytes()
    assert run_given() == 2
    assert target.read_bytes() == whole


LIBRARY = Library("d", (), 0.0)


@pytest.mark.parametrize(
    ("before", "now", "reused"),
    [
        ([TASKS[0]], [TASKS[0]], 1),
        ([LIBRARY, TASKS[0]], [LIBRARY, TASKS[0]], 1),
        ([LIBRARY, TASKS[0]], [TASKS[0]], 0),
        ([LIBRARY, TASKS[0]], [dataclasses.replace(LIBRARY, log_variable=1.0), TASKS[0]], 0),
        ([Model("m", "a", "00", "d"), TASKS[0]], [Model("m", "a", "11", "d"), TASKS[0]], 0),
        ([TASKS[0]], [dataclasses.replace(TASKS[0], programs=(Program("other"),))], 0),
        ([TASKS[0]], [dataclasses.replace(TASKS[0], weights=Weights((), 0.0))], 0),
    ],
)
def test_a_result_is_reused_only_for_the_same_programs_library_and_model(tmp_path, before, now, reused):
    with open_writer(tmp_path / "out") as writer:
        for record in with_provenance(before, SOLVE):
            writer.write(record)
        writer.finish()
    with PreviousRun(tmp_path / "out", SOLVE) as previous:
        assert len(list(previous.reuse(now))) == len(now)
        assert previous.reused == reused


def test_a_stream_with_another_history_is_refused(tmp_path):
    made = Provenance("tasks", seed=1)
    with open_writer(tmp_path / "out") as writer:
        writer.write(Header(provenance=(made, SOLVE)))
        writer.finish()
    for history, said in [
        ((dataclasses.replace(made, seed=2),), "made with --seed 1, not with --seed 2"),
        ((), "made by tasks, not by no stage of psynth"),
        ((made, Provenance("mutate")), "made by tasks, not by tasks | mutate"),
    ]:
        with PreviousRun(tmp_path / "out", SOLVE) as previous, pytest.raises(UsageError, match=re.escape(said)):
            list(previous.reuse([Header(provenance=history), TASKS[0]]))


def test_a_folder_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="Is a directory"):
        PreviousRun(tmp_path, SOLVE)


KILLED = """
import sys, time
sys.path[:0] = {path!r}
import dataclasses
from psynth.core.stream.reading import *
from psynth.core.stream.records import *
from psynth.core.stream.resuming import PreviousRun
from psynth.core.stream.writing import *
with PreviousRun({target!r}, Provenance("solve")) as previous, open_writer({target!r}) as writer:
    tasks = [Frontier(Task(f"d/{{number}}", "d")) for number in range(40)]
    for record in with_provenance(previous.reuse(tasks), Provenance("solve")):
        if isinstance(record, Frontier):
            time.sleep(float(sys.argv[1]))
            record = dataclasses.replace(record, programs=(Program("f" * 1000),))
        writer.write(record)
    writer.finish()
"""


def test_kill_nine_and_resume(tmp_path):
    def start(target, pause):
        program = KILLED.format(path=sys.path, target=str(target))
        return subprocess.Popen([sys.executable, "-c", "import dataclasses\n" + program, str(pause)])

    whole, target = tmp_path / "whole", tmp_path / "out"
    assert start(whole, 0).wait() == 0
    for _ in range(3):
        process = start(target, 0.05)
        time.sleep(0.9)
        process.send_signal(signal.SIGKILL)
        assert process.wait() in (-signal.SIGKILL, 0)
    assert start(target, 0).wait() == 0
    assert target.read_bytes() == whole.read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["out", "whole"]
