"""Continuing a killed run: what its output holds already is reused, in order, and not done again."""

import os
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO

from psynth.core.closing import Closing
from psynth.core.errors import InputError, UsageError
from psynth.core.files import part_of
from psynth.core.stream.compressed import DamagedData, compression_of_bytes, decompress
from psynth.core.stream.records import (
    TASK_LABEL,
    Foreign,
    Frontier,
    Header,
    Metric,
    Provenance,
    Record,
    Task,
    decode,
    same_task,
)
from psynth.core.stream.writing import previous_part_of


@dataclass(frozen=True, slots=True)
class _Span:
    """Where one line stands."""

    file: BinaryIO
    offset: int
    length: int

    def read(self) -> bytes:
        return os.pread(self.file.fileno(), self.length, self.offset)


@dataclass(frozen=True, slots=True)
class _Result:
    """Where a finished frontier's line stands, and those of the metrics about its task that came before it."""

    frontier: _Span
    metrics: list[_Span]


class PreviousRun(Closing):
    """The frontiers that FILE, or the part that a killed run left of it, holds already.

    Metrics that are labeled with a task and stand before its frontier are part of that frontier's result.
    Of each only its place in the file is kept in memory. Whatever is torn or damaged there is done again, and so is a
    task whose search was interrupted. A context manager, as it keeps the files open.
    """

    def __init__(self, path: str | os.PathLike[str], stage: Provenance, files: Sequence[str] = ()) -> None:
        """Index ``path`` and its parts, none of which need exist, for the run that ``stage`` describes.

        Raises `UsageError` for an unreadable file, and for one made by another command, with other settings or another
        seed, or from other contents of ``files``, those that the settings name.
        """
        self._files = ExitStack()
        self._done: dict[str, deque[_Result]] = {}
        self._header: Header | None = None
        self.reused = 0
        """How many frontiers were taken from the previous run so far."""
        for candidate in (os.fspath(path), previous_part_of(path), part_of(path)):
            try:
                file = self._files.enter_context(open(candidate, "rb"))  # noqa: SIM115 - closed by the stack
            except FileNotFoundError:
                continue
            except OSError as problem:
                self.close()
                raise UsageError(f"{candidate}: {problem.strerror}") from None
            for task_id, spans in self._index(self._unpacked(file)).items():
                # A part begins as the file did; the one that got further knows more of a task that comes repeatedly.
                if len(spans) > len(self._done.get(task_id, ())):
                    self._done[task_id] = spans
        if (
            self._header is not None
            and self._header.provenance
            and not _same_run(self._header.provenance[-1], stage, files)
        ):
            self.close()
            raise UsageError(f"--resume {os.fspath(path)}: it was made by another command or with other settings")

    def _unpacked(self, file: BinaryIO) -> BinaryIO:
        """``file``, or where it is compressed a temporary file with all that can still be decompressed."""
        compression = compression_of_bytes(file.read(4))
        file.seek(0)
        if compression is None:
            return file
        plain: BinaryIO = self._files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - closed by the stack
        try:
            for block in decompress(iter(lambda: file.read(1 << 18), b""), compression):
                plain.write(block)
        except DamagedData:
            pass
        plain.seek(0)
        return plain

    def _index(self, file: BinaryIO) -> dict[str, deque[_Result]]:
        done: dict[str, deque[_Result]] = {}
        metrics: dict[str, list[_Span]] = {}
        offset = 0
        for line in file:
            if not line.endswith(b"\n"):
                break
            try:
                record = _read(line[:-1])
            except InputError:
                record = None
            span = _Span(file, offset, len(line) - 1)
            if isinstance(record, Header):
                self._header = self._header or record
            elif isinstance(record, Metric):
                metrics.setdefault(str(record.labels.get(TASK_LABEL)), []).append(span)
            elif record is not None and record.task is not None:
                before = metrics.pop(record.task.id, [])
                if not _was_interrupted(record):
                    done.setdefault(record.task.id, deque()).append(_Result(span, before))
            offset += len(line)
        return done

    def reuse(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield ``records``, each frontier that is done replaced by its result: as `Foreign`, which methods pass on.

        A result is taken only for the task it was made for: the same id, request, examples and environment.
        """
        for record in records:
            result = self._result_for(record.task) if isinstance(record, Frontier) and record.task else None
            if result is None:
                yield record
            else:
                yield from result

    def _result_for(self, task: Task) -> list[Foreign] | None:
        results = self._done.get(task.id)
        if not results:
            return None
        result = results.popleft()
        line = result.frontier.read()
        before = _read(line)
        if not isinstance(before, Frontier) or before.task is None or not same_task(before.task, task):
            return None
        self.reused += 1
        metrics = [Foreign(Metric.TYPE, span.read()) for span in result.metrics]
        return [*metrics, Foreign(Frontier.TYPE, line)]

    def close(self) -> None:
        """Close the files."""
        self._files.close()


def _read(line: bytes) -> Frontier | Header | Metric | None:
    data = decode(line)
    for cls in (Frontier, Header, Metric):
        if data.get("type") == cls.TYPE:
            return cls.from_json(data, line=line)
    return None


def _same_run(first: Provenance, second: Provenance, files: Sequence[str]) -> bool:
    """Whether two stages did the same: one command with the same settings and seed, and the same contents of files."""
    settings = (first.command, first.arguments, first.seed) == (second.command, second.arguments, second.seed)
    return settings and all(first.inputs.get(each) == second.inputs.get(each) for each in files)


def _was_interrupted(frontier: Frontier) -> bool:
    return frontier.search is not None and frontier.search.status == "interrupted"
