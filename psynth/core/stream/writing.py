"""Writing a stream: records to lines, on standard output or in a file that is replaced when it is whole."""

import os
import select
import time
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from psynth.core import interrupts, standard
from psynth.core.errors import PsynthError, UsageError
from psynth.core.files import open_part, part_of, settle, target_of
from psynth.core.status_lines import open_binary
from psynth.core.stream.compressed import compress_file, compression_of_path
from psynth.core.stream.records import End, EndStatus, Record, unite_ends


class WriteError(PsynthError):
    """Output could not be written, for instance because the disk is full."""


_WRITE_BLOCK = 1 << 16
_FLUSH_INTERVAL = 0.1
"""Seconds: a slow stage is flushed after each record, a fast one at this interval or when a block is full."""


class RecordWriter:
    """Writes records and, with `finish`, the one ``end``. As a context manager it closes what it opened.

    The ``end`` written says the worst of all that `write` and `finish` are given. With a target file the records go to
    ``FILE.part``, which `finish` renames. Without `finish` the part stays, for ``--resume``. `BrokenPipeError` is left
    to the caller; every other failure to write is a `WriteError`.
    """

    def __init__(self, stream: BinaryIO, *, name: str = "<stdout>", flush_each: bool = False) -> None:
        """Write to ``stream``, which should be unbuffered; with ``flush_each`` each record at once."""
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
            # An interruption inside a write would leave unknown which part of a line has been written.
            with interrupts.delayed():
                while data:
                    written = self._stream.write(data)
                    if written is None:
                        # The parent process left standard output non-blocking, and its reader is slow.
                        select.select([], [self._stream], [])
                    data = data[written or 0 :]
                self._stream.flush()
        except BrokenPipeError:
            raise
        except OSError as problem:
            raise self._error(problem) from None
        self._flushed_at = time.monotonic()

    def finish(self, status: EndStatus = "complete") -> EndStatus:
        """Write the ``end``, at least as bad as ``status``, and give the file its name; returns the status written."""
        self.write(End(status))
        end = self._end
        assert end is not None
        self._lines.append(end.encode())
        self.flush()
        if self._target is not None:
            self._settle(self._target)
        self._finished = True
        self.close()
        return end.status

    def close(self) -> None:
        """Flush and close the file; without `finish` the stream has no ``end`` and a file stays ``FILE.part``."""
        try:
            if not self._finished:
                self.flush()
        finally:
            self._finished = True
            if self._close_stream:
                self._stream.close()

    @property
    def ended(self) -> bool:
        """Whether an ``end`` was given to `write`."""
        return self._end is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        except (OSError, WriteError):
            # An error that is being raised already says more.
            if error is None:
                raise

    def _settle(self, target: str) -> None:
        """The part becomes the file, compressed if the name of that says so."""
        part = part_of(target)
        compression = compression_of_path(target)
        try:
            if compression is None:
                settle(self._stream, part, target)
            else:
                packed = f"{part}.packed"
                with open(part, "rb") as source, open(packed, "wb") as sink:
                    compress_file(source, sink, compression)
                    sink.flush()
                    settle(sink, packed, target)
                os.unlink(part)
            Path(previous_part_of(target)).unlink(missing_ok=True)
        except OSError as problem:
            raise self._error(problem) from None

    def _error(self, problem: OSError) -> WriteError:
        return WriteError(f"{self._name}: cannot write: {problem.strerror or problem}")


def previous_part_of(path: str | os.PathLike[str]) -> str:
    """The name of the part that a killed run left, while another run resumes it."""
    return f"{part_of(path)}~"


def open_writer(target: str | os.PathLike[str], *, flush_each: bool = False) -> RecordWriter:
    """The writer to ``target``: ``-`` is standard output, a device or pipe is written directly.

    A symbolic link stays one: what it leads to is replaced. Raises `UsageError` where the file cannot be made, or is
    being written by another process.
    """
    if standard.names_output(target):
        return RecordWriter(open_binary(standard.out().fileno(), buffered=False), flush_each=flush_each)
    path = target_of(target)
    name = os.fspath(target) if path is None else path
    if path is None and compression_of_path(name):
        raise UsageError(f"{name}: only a regular file is written compressed; write to - and compress that")
    try:
        stream = _open_direct(name) if path is None else _open_empty_part(path)
    except OSError as problem:
        raise UsageError(f"{name}: {problem.strerror}") from None
    writer = RecordWriter(stream, name=name, flush_each=flush_each)
    writer._target = path
    writer._close_stream = True
    return writer


def _open_direct(path: str) -> BinaryIO:
    # Unbuffered: the writer has its own blocks, and nothing is left to fail when the interpreter exits.
    return open(path, "wb", buffering=0)


def _open_empty_part(path: str) -> BinaryIO:
    """The empty part of ``path``; what a killed run left there is kept aside until this one is whole."""
    while True:
        part = open_part(path)
        try:
            left = os.fstat(part.fileno()).st_size
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
