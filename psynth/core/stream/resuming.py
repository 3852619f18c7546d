"""Continuing a killed run: what its output holds already is reused, in order, and not done again."""

import contextlib
import hashlib
import os
import tempfile
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO

from psynth.core.closing import Closing
from psynth.core.errors import InputError, UsageError
from psynth.core.files import part_of
from psynth.core.stream.compressed import DamagedData, compression_of_bytes, decompress
from psynth.core.stream.history import history_difference, stage_difference
from psynth.core.stream.records import (
    Foreign,
    Frontier,
    Header,
    Library,
    Metric,
    Model,
    Program,
    Provenance,
    Record,
    decode,
)
from psynth.core.stream.task_names import as_metric, task_of
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
    """Where a finished frontier's line stands, and those of the metrics about its task that came before it.

    ``scope`` identifies the library and the models that it was made with.
    """

    frontier: _Span
    metrics: list[_Span]
    scope: bytes


Makes = Callable[[Frontier, Frontier], bool]
"""Whether a method could have made the second frontier from the first."""


class PreviousRun(Closing):
    """The frontiers that FILE, or the part that a killed run left of it, holds already.

    Metrics that are labeled with a task and stand before its frontier are part of that frontier's result.
    Of each only its place in the file is kept in memory. Whatever is torn or damaged there is done again, and so is a
    task whose search was interrupted. A context manager, as it keeps the files open.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        stage: Provenance,
        files: Sequence[str] = (),
        *,
        makes: Makes | None = None,
        flags: Mapping[str, str] | None = None,
    ) -> None:
        """Index ``path`` and its parts, none of which need exist, for the run that ``stage`` describes.

        ``files`` are those that the settings name, ``flags`` the options of settings, for messages. ``makes`` decides
        whether a result could come from a frontier, by default `could_come_from`.

        Raises `UsageError` for an unreadable file, for one that is no output of psynth, and for one made by another
        command, with other settings or another seed, or from other contents of files.
        """
        self._path, self._makes, self._flags = os.fspath(path), makes or could_come_from, flags or {}
        self._files = ExitStack()
        self._done: dict[str, deque[_Result]] = {}
        self._header: Header | None = None
        self.exists = False
        """Whether there is such a file."""
        self.reused = 0
        """How many frontiers were taken from the previous run so far."""
        try:
            self._open()
            if self._header is not None:
                difference = stage_difference(self._header.provenance[-1], stage, files, self._flags)
                if difference is not None:
                    raise self._error(f"it was made {difference}")
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        for candidate in (self._path, previous_part_of(self._path), part_of(self._path)):
            try:
                file = self._files.enter_context(open(candidate, "rb"))  # noqa: SIM115 - closed by the stack
            except FileNotFoundError:
                continue
            except OSError as problem:
                raise UsageError(f"{candidate}: {problem.strerror}") from None
            self.exists = True
            for task_id, spans in self._index(self._unpacked(file)).items():
                # A part begins as the file did; the one that got further knows more of a task that comes repeatedly.
                if len(spans) > len(self._done.get(task_id, ())):
                    self._done[task_id] = spans

    def _error(self, message: str) -> UsageError:
        return UsageError(f"--resume {self._path}: {message}")

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
        scope = _ScopeDigest()
        offset = 0
        for line in file:
            if offset == 0:
                self._check_start(line)
            if not line.endswith(b"\n"):
                break
            try:
                record = _read(line[:-1])
            except InputError:
                record = None
            span = _Span(file, offset, len(line) - 1)
            if isinstance(record, Header):
                self._header = self._header or record
            elif isinstance(record, Library | Model):
                scope.add(record)
            elif isinstance(record, Metric):
                metrics.setdefault(task_of(record) or "", []).append(span)
            elif record is not None and record.task is not None:
                before = metrics.pop(record.task.id, [])
                if not was_interrupted(record):
                    result = _Result(span, before, scope.of(record.task.domain))
                    done.setdefault(record.task.id, deque()).append(result)
            offset += len(line)
        return done

    def _check_start(self, line: bytes) -> None:
        """Raise `UsageError` unless an output of psynth begins with ``line``, of which a kill may have left a part."""
        if line.endswith(b"\n"):
            with contextlib.suppress(InputError):
                record = _read(line[:-1])
                if isinstance(record, Header) and record.provenance:
                    return
        elif line.startswith(_BEGINNING) or _BEGINNING.startswith(line):
            return
        raise self._error("it is no output of psynth, which begins with a header")

    def reuse(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield ``records``, each frontier that is done replaced by its result: as `Foreign`, which methods pass on.

        A result is taken only for the frontier it was made for: the same task, programs, library and models.
        Raises `UsageError` if the stream has another history than the previous run's.
        """
        scope = _ScopeDigest()
        passed: dict[str, Counter[bytes]] = {}
        first = True
        for record in records:
            if first:
                self._check_history(record)
                first = False
            if isinstance(record, Library | Model):
                scope.add(record)
            metric = as_metric(record)
            task = None if metric is None else task_of(metric)
            if metric is not None and task is not None:
                passed.setdefault(task, Counter())[metric.encode()] += 1
            if not isinstance(record, Frontier) or record.task is None:
                yield record
                continue
            # Metrics that the input has already are no results, though they stand before the frontier's in the file.
            known = passed.pop(record.task.id, Counter())
            result = self._result_for(record, scope.of(record.task.domain))
            if result is None:
                yield record
                continue
            *metrics, frontier = result
            for line in metrics:
                if known[line.line]:
                    known[line.line] -= 1
                else:
                    yield line
            yield frontier

    def _check_history(self, record: Record) -> None:
        if self._header is None:
            return
        now = record.provenance if isinstance(record, Header) else ()
        difference = history_difference(self._header.provenance[:-1], now, with_inputs=True)
        if difference is not None:
            raise self._error(f"the stream that it was made from was made {difference}")

    def _result_for(self, frontier: Frontier, scope: bytes) -> list[Foreign] | None:
        assert frontier.task is not None
        results = self._done.get(frontier.task.id)
        if not results:
            return None
        result = results.popleft()
        line = result.frontier.read()
        before = _read(line)
        if not isinstance(before, Frontier) or before.task != frontier.task or result.scope != scope:
            return None
        if before.weights != frontier.weights or not self._makes(frontier, before):
            return None
        self.reused += 1
        metrics = [Foreign(Metric.TYPE, span.read()) for span in result.metrics]
        return [*metrics, Foreign(Frontier.TYPE, line)]

    def close(self) -> None:
        """Close the files."""
        self._files.close()


_BEGINNING = b'{"type":"header"'


def could_come_from(frontier: Frontier, result: Frontier) -> bool:
    """Whether each program of ``frontier`` is left in ``result``, or is a parent of a program there."""
    left = {(each.language, each.program) for each in result.programs}
    parents = {parent for each in result.programs for parent in parents_of(each)}
    return all((each.language, each.program) in left or each.program in parents for each in frontier.programs)


def parents_of(program: Program) -> tuple[str, ...]:
    """The programs that a program was made from, if any."""
    made_from = None if program.origin is None else program.origin.from_
    return (made_from,) if isinstance(made_from, str) else made_from or ()


class _ScopeDigest:
    """Identifies the library and the models in effect for a domain, by their lines."""

    def __init__(self) -> None:
        self._libraries: dict[str, bytes] = {}
        self._models: dict[str, bytes] = {}

    def add(self, record: Library | Model) -> None:
        """Let a library or a model take effect."""
        digest = hashlib.blake2b(record.encode(), digest_size=16).digest()
        if isinstance(record, Library):
            self._libraries[record.domain] = digest
        else:
            self._models[f"{record.kind} {record.domain}"] = digest

    def of(self, domain: str) -> bytes:
        """What is in effect for a domain."""
        return b"".join([self._libraries.get(domain, b""), *self._models.values()])


def _read(line: bytes) -> Frontier | Header | Library | Metric | Model | None:
    data = decode(line)
    for cls in (Frontier, Header, Library, Metric, Model):
        if data.get("type") == cls.TYPE:
            return cls.from_json(data, line=line)
    return None


def was_interrupted(frontier: Frontier) -> bool:
    """Whether the search of a frontier is to be made again."""
    return frontier.search is not None and frontier.search.status == "interrupted"
