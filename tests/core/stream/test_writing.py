"""Writing: one end, whole files or none, the same bytes always, and every failure to write told."""

import errno
import gzip
import io
import os
import signal
import stat
import subprocess
import sys
import threading
import time

import pytest
import zstandard

from psynth.core.errors import UsageError
from psynth.core.files import part_of
from psynth.core.stream.reading import read_records
from psynth.core.stream.records import End, Foreign, Metric, decode
from psynth.core.stream.writing import RecordWriter, WriteError, open_writer, previous_part_of

METRICS = [Metric("loss", value) for value in range(3)]
LINES = b"".join(metric.encode() + b"\n" for metric in METRICS)
COMPLETE = b'{"type":"end","status":"complete"}\n'


def write(target, records=METRICS, status="complete"):
    with open_writer(target) as writer:
        for record in records:
            writer.write(record)
        return writer.finish(status)


def fail_after_writing(target):
    with open_writer(target) as writer:
        # Not due to be flushed before it is closed.
        writer._flushed_at = float("inf")
        writer.write(METRICS[0])
        raise KeyError


def test_the_end_is_written_once_with_the_worst_status():
    sink = io.BytesIO()
    writer = RecordWriter(sink)
    assert not writer.ended
    for record in (End("complete"), METRICS[0], End("budget", extra={"a": 1}), METRICS[1], End("complete")):
        writer.write(record)
        assert writer.ended
    assert writer.finish() == "budget"
    first, second = (metric.encode() for metric in METRICS[:2])
    assert sink.getvalue().splitlines() == [first, second, b'{"type":"end","status":"budget","a":1}']


def test_a_file_appears_whole(tmp_path):
    target = tmp_path / "out.jsonl"
    with open_writer(target) as writer:
        writer.write(METRICS[0])
        writer.flush()
        assert not target.exists()
        assert (tmp_path / "out.jsonl.part").read_bytes() == METRICS[0].encode() + b"\n"
        writer.write(METRICS[1])
        writer.write(METRICS[2])
        writer.finish()
    assert target.read_bytes() == LINES + COMPLETE
    assert os.listdir(tmp_path) == ["out.jsonl"]


def test_without_finish_the_part_stays(tmp_path):
    target = tmp_path / "out.jsonl"
    target.write_bytes(b"before")
    with pytest.raises(KeyError):
        fail_after_writing(target)
    assert target.read_bytes() == b"before"
    assert (tmp_path / "out.jsonl.part").read_bytes() == METRICS[0].encode() + b"\n"


@pytest.mark.parametrize(
    ("name", "unpack"),
    [("a.gz", gzip.decompress), ("a.zst", lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data))],
)
def test_compressed_files_are_the_same_bytes_each_time(name, unpack, tmp_path):
    target = tmp_path / name
    write(target)
    first = target.read_bytes()
    assert unpack(first) == LINES + COMPLETE
    time.sleep(1.1)
    write(target)
    assert target.read_bytes() == first
    assert os.listdir(tmp_path) == [name]
    assert list(read_records([target])) == METRICS


def test_a_symbolic_link_stays_one(tmp_path):
    (tmp_path / "real").write_bytes(b"")
    (tmp_path / "link").symlink_to("real")
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == LINES + COMPLETE


def test_a_pipe_is_written_directly(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write(pipe)
    reader.join()
    assert got == [LINES + COMPLETE]
    assert os.listdir(tmp_path) == ["pipe"]
    os.rename(pipe, tmp_path / "pipe.gz")
    with pytest.raises(UsageError, match="only a regular file is written compressed"):
        open_writer(tmp_path / "pipe.gz")


def test_two_writers_of_one_file_are_a_usage_error(tmp_path):
    with open_writer(tmp_path / "out"), pytest.raises(UsageError, match="another process is writing it"):
        open_writer(tmp_path / "out")


def test_a_file_that_cannot_be_made_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        open_writer(tmp_path / "absent" / "out")


def test_the_part_of_a_killed_run_is_kept_until_the_next_is_whole(tmp_path):
    target = tmp_path / "out"
    (tmp_path / "out.part").write_bytes(b"far\n" * 99)
    with open_writer(target) as writer:
        writer.write(METRICS[0])
    assert (tmp_path / "out.part~").read_bytes() == b"far\n" * 99
    # Killed again, and before it came as far: the longer one is what counts.
    with open_writer(target) as writer:
        assert (tmp_path / "out.part~").read_bytes() == b"far\n" * 99
        writer.finish()
    assert os.listdir(tmp_path) == ["out"]
    assert (part_of(target), previous_part_of(target)) == (f"{target}.part", f"{target}.part~")


def test_a_full_disk_is_an_error_at_the_latest_at_the_end():
    with pytest.raises(WriteError, match="/dev/full: cannot write: No space left on device"):
        write("/dev/full")
    with pytest.raises(WriteError), open_writer("/dev/full", flush_each=True) as writer:
        writer.write(METRICS[0])
    # Closing without an end writes too, and tells.
    writer = open_writer("/dev/full")
    writer._flushed_at = float("inf")
    writer.write(METRICS[0])
    with pytest.raises(WriteError):
        writer.close()


def test_a_full_disk_does_not_hide_the_error_before_it():
    with pytest.raises(KeyError):
        fail_after_writing("/dev/full")


def test_a_failure_while_a_file_gets_its_name_is_an_error(tmp_path, monkeypatch):
    def fail(descriptor):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(WriteError, match="Input/output error"):
        write(tmp_path / "out")
    assert os.listdir(tmp_path) == ["out.part"]


def test_a_closed_pipe_is_left_to_the_caller():
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb", buffering=0) as sink:
        writer = RecordWriter(sink, flush_each=True)
        with pytest.raises(BrokenPipeError):
            writer.write(METRICS[0])


def test_each_record_of_a_slow_stage_is_written_at_once():
    sink = io.BytesIO()
    writer = RecordWriter(sink)
    writer.write(METRICS[0])
    assert sink.getvalue() == METRICS[0].encode() + b"\n"
    writer.write(METRICS[1])
    time.sleep(0.15)
    writer.write(METRICS[2])
    assert sink.getvalue() == LINES


def test_a_standard_output_that_does_not_block_is_waited_for():
    program = (
        "import os, sys; os.set_blocking(1, False)\n"
        "from psynth.core.stream.writing import *; from psynth.core.stream.records import *\n"
        "writer = open_writer('-')\n"
        "for _ in range(3000): writer.write(Foreign('odd', b'x' * 1000))\n"
        "writer.finish()"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment)
    time.sleep(1)
    assert process.stdout is not None
    assert len(process.stdout.read()) == 3000 * 1001 + len(COMPLETE)
    assert process.wait() == 0


INTERRUPTED = """
import sys
from psynth.core.stream.writing import *
import dataclasses
from psynth.core.stream.reading import *
from psynth.core.stream.records import *
with open_writer("-", flush_each=True) as writer:
    try:
        for number in range(10**6):
            writer.write(Foreign("odd", b'{"type":"odd","n":%d,"x":"%s"}' % (number, b"x" * 100_000)))
    except KeyboardInterrupt:
        writer.finish("interrupted")
"""


def test_an_interrupt_during_a_write_tears_no_line():
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", INTERRUPTED], stdout=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    first = process.stdout.readline()
    # By now the pipe is full and the writer waits inside a write.
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    lines = (first + process.stdout.read()).splitlines()
    assert process.wait() == 0
    numbers = [decode(line)["n"] for line in lines[:-1]]
    assert numbers == list(range(len(numbers)))
    assert lines[-1] == b'{"type":"end","status":"interrupted"}'


def test_what_was_read_is_written_byte_for_byte():
    data = b'{ "type":"odd" }\n{"type":"metric",  "name":"n","value":1e0}\n' + COMPLETE
    sink = io.BytesIO()
    writer = RecordWriter(sink)
    for record in read_records([io.BytesIO(data)]):
        assert isinstance(record, Foreign | Metric)
        writer.write(record)
    writer.finish()
    assert sink.getvalue() == data


@pytest.mark.parametrize("name", ["out", "out.gz"])
def test_a_file_that_is_replaced_keeps_its_mode(name, tmp_path):
    target = tmp_path / name
    target.write_bytes(b"")
    target.chmod(0o640)
    write(target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
