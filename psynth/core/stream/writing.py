"""Writing a stream: records to lines, to standard output or to a file that is replaced when it is whole."""

import contextlib
import fcntl
import os
import select
import signal
import stat
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from psynth.core.errors import PsynthError, UsageError
from psynth.core.stream.compressed import compress_file, compression_of_path
from psynth.core.stream.records import End, EndStatus, Record, unite_ends


class WriteError(PsynthError):
    """Output could not be written, for instance because the disk is full."""


_WRITE_BLOCK = 1 << 16
#: A slow stage is flushed after each record, a fast one at this interval, in seconds, or when a block is full.
_FLUSH_INTERVAL = 0.1


@contextlib.contextmanager
def _interrupts_later() -> Iterator[None]:
    """Hold SIGINT back meanwhile: raised inside a write, nobody would know which part of a line is out already."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is None:
        yield
        return
    caught = []
    before = signal.signal(signal.SIGINT, lambda number, frame: caught.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if caught:
            signal.raise_signal(signal.SIGINT)


class RecordWriter:
    """Writes records and, with `finish`, the one ``end``. As a context manager it closes what it opened.

    With a target file the records go to ``FILE.part``, which `finish` renames. Without `finish` the part stays, for
    ``--resume``. `BrokenPipeError` is left to the caller; every other failure to write is a `WriteError`.
    """

    def __init__(self, stream: BinaryIO, *, name: str = "<stdout>", flush_each: bool = False) -> None:
        """Write to ``stream``, which should be unbuffered; ``flush_each`` writes each record at once."""
        self._stream = stream
        self._name = name
        self._flush_each = flush_each
        self._target: str | None = None
        self._close_stream = False
        self._finished = False
        self._lines: list[bytes] = []
        self._size = 0
        self._flushed_at = 0.0
        self._end: End | None = None

    def write(self, record: Record) -> None:
        """Write one record; an ``end`` is kept until `finish`."""
        line = record.line
        if line is None or type(record) is End:
            if type(record) is End:
                self._end = record if self._end is None else unite_ends(self._end, record)
                return
            line = record.encode()
        self._lines.append(line)
        self._size += len(line)
        if self._size >= _WRITE_BLOCK or self._flush_each or time.monotonic() - self._flushed_at >= _FLUSH_INTERVAL:
            self.flush()

    def flush(self) -> None:
        """Hand everything written so far to the operating system."""
        if not self._lines:
            return
        self._lines.append(b"")
        data = memoryview(b"\n".join(self._lines))
        self._lines, self._size = [], 0
        try:
            with _interrupts_later():
                while data:
                    written = self._stream.write(data)
                    if written is None:
                        # The parent left our standard output non-blocking, and its reader is slow.
                        select.select([], [self._stream], [])
                    data = data[written or 0 :]
                self._stream.flush()
        except BrokenPipeError:
            raise
        except OSError as problem:
            raise self._error(problem) from None
        self._flushed_at = time.monotonic()

    def finish(self, status: EndStatus = "complete") -> EndStatus:
        """Write the ``end`` with the worst of ``status`` and those given to `write`, and settle the file."""
        end = unite_ends(self._end, End(status)) if self._end else End(status)
        self._lines.append(end.encode())
        self.flush()
        if self._target is not None:
            self._settle(self._target)
        self._finished = True
        self.close()
        return end.status

    def close(self) -> None:
        """Flush and let go of the file; without `finish` the stream has no ``end`` and a file stays ``FILE.part``."""
        try:
            if not self._finished:
                self.flush()
        finally:
            self._finished = True
            if self._close_stream:
                self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        except (OSError, WriteError):
            # While another error is on its way out, that one is the news.
            if error is None:
                raise

    def _settle(self, target: str) -> None:
        """Make the part durable and give it its name, compressed if that says so."""
        part = part_of(target)
        compression = compression_of_path(target)
        try:
            if compression is None:
                os.fsync(self._stream.fileno())
                os.replace(part, target)
            else:
                packed = f"{part}.packed"
                with open(part, "rb") as source, open(packed, "wb") as sink:
                    compress_file(source, sink, compression)
                    sink.flush()
                    os.fsync(sink.fileno())
                os.replace(packed, target)
                os.unlink(part)
            _sync_folder(os.path.dirname(target))
            Path(previous_part_of(target)).unlink(missing_ok=True)
        except OSError as problem:
            raise self._error(problem) from None

    def _error(self, problem: OSError) -> WriteError:
        return WriteError(f"{self._name}: cannot write: {problem.strerror or problem}")


def part_of(path: str | os.PathLike[str]) -> str:
    """Return where the output for ``path`` stands, uncompressed, until it is whole."""
    return f"{os.fspath(path)}.part"


def previous_part_of(path: str | os.PathLike[str]) -> str:
    """Return where the part of a killed run stands while another run resumes it."""
    return f"{part_of(path)}~"


def open_writer(target: str | os.PathLike[str], *, flush_each: bool = False) -> RecordWriter:
    """Return the writer to ``target``: ``-`` is standard output, a device or pipe is written directly.

    Raises `UsageError` where the file cannot be made, or is being written by another process.
    """
    path = os.fspath(target)
    if path == "-":
        return RecordWriter(_open_direct(sys.stdout.fileno()), flush_each=flush_each)
    if not os.path.exists(path) or os.path.isfile(path):
        # A symbolic link stays one: what it leads to is replaced. Those to pipes, as /dev/stdout, lead to no path.
        path = os.path.realpath(path)
    try:
        if os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode):
            if compression_of_path(path):
                raise UsageError(f"{path}: only a regular file is written compressed; write to - and compress that")
            writer = RecordWriter(_open_direct(path), name=path, flush_each=flush_each)
        else:
            writer = RecordWriter(_open_part(path), name=path, flush_each=flush_each)
            writer._target = path
    except OSError as problem:
        raise UsageError(f"{path}: {problem.strerror}") from None
    writer._close_stream = True
    return writer


def _open_direct(path: str | int) -> BinaryIO:
    # Unbuffered: the writer has its own blocks, and nothing is left to fail when the interpreter exits.
    return open(path, "wb", buffering=0, closefd=isinstance(path, str))


def _open_part(path: str) -> BinaryIO:
    """Return the empty part of ``path``. What a killed run left there is kept aside until this one is whole."""
    while True:
        part = open(part_of(path), "ab", buffering=0)  # noqa: SIM115 - handed to the writer
        try:
            _lock(part, path)
            left = part.seek(0, os.SEEK_END)
            if not left:
                return part
            aside = previous_part_of(path)
            # Both hold the beginning of the same output: the longer one holds all of the shorter.
            if not os.path.exists(aside) or os.path.getsize(aside) <= left:
                os.replace(part_of(path), aside)
            else:
                os.unlink(part_of(path))
        except BaseException:
            part.close()
            raise
        part.close()


def _lock(part: BinaryIO, path: str) -> None:
    """Hold ``part`` until it is closed; raise `UsageError` where another process does."""
    try:
        fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageError(f"{path}: another process is writing it") from None
    except OSError:
        # Some network file systems have no locks: then nobody is warned, and nothing else changes.
        return


def _sync_folder(folder: str) -> None:
    descriptor = os.open(folder or ".", os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
