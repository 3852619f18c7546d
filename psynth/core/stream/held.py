"""Records of several streams on disk, gathered by task: what merging holds until all streams are read."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from psynth.core.errors import EngineError
from psynth.core.stream.records import Foreign, Frontier, Metric, Place, Record, decode

if TYPE_CHECKING:
    import sqlite3

IN_MEMORY = 1 << 24
"""Bytes of the temporary database that are held in memory."""
_SCHEMA = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE;
CREATE TABLE task (id INTEGER PRIMARY KEY, segment INTEGER, key BLOB, gap INTEGER, UNIQUE (segment, key));
CREATE TABLE record (task INTEGER, part INTEGER, type TEXT, line BLOB, source BLOB, number INTEGER);
CREATE INDEX record_of_task ON record (task);
CREATE TABLE other (gap INTEGER, digest BLOB, type BLOB, line BLOB, UNIQUE (gap, digest));
BEGIN;
"""

_RECORDS = "SELECT type, part, line, source, number FROM record WHERE task = ?"

Unite = Callable[[list[Frontier]], Record]


def natural_order(text: str) -> tuple[Any, ...]:
    """The key that sorts ``list/2`` before ``list/10``: runs of digits compare as numbers."""
    parts = re.split("([0-9]+)", text)
    # By length and then by digits is by value, for numbers of any length.
    numbers = [(len(part.lstrip("0")), part.lstrip("0")) if index % 2 else part for index, part in enumerate(parts)]
    # What is equal so far, such as 1 and 01, is ordered by the text itself.
    return tuple(numbers), text


def natural_key(text: str) -> bytes:
    """Bytes in the order of `natural_order`, different for different texts."""
    parts = re.split("([0-9]+)", text)
    key = bytearray()
    for index, part in enumerate(parts):
        if index % 2:
            digits = part.lstrip("0")
            key += b"\1" + len(digits).to_bytes(8, "big") + digits.encode()
        else:
            key += _bytes(part).replace(b"\0", b"\0\xff") + b"\0\1"
    return bytes(key) + b"\0" + _bytes(text)


def _bytes(text: str) -> bytes:
    """Text in the order of its code points, lone surrogates too, which text in the database cannot have."""
    return text.encode("utf-8", "surrogatepass")


def _optional(text: str | None) -> bytes | None:
    return None if text is None else _bytes(text)


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "surrogatepass")


class Held(NamedTuple):
    """A record of one stream, by its line."""

    kind: str | None
    """The record type; None for a bad line."""
    line: bytes
    task_id: str | None = None
    """The task of a frontier, or of a metric that is about a task."""
    place: Place | None = None

    def frontier(self) -> Frontier:
        """The record, of which it is known that it is a frontier."""
        return Frontier.from_json(decode(self.line), line=self.line, place=self.place)

    def record(self) -> Record:
        """The record, which need not be decoded."""
        return Foreign(self.kind, self.line)


class HeldRecords:
    """A temporary database of records by gap and task; used as a context manager, which removes it.

    A *gap* is a place in the order of the output; numbers name segments, gaps and parts, which are runs of one stream.
    A task belongs to the gap in which it first occurs in a segment. Memory does not grow with the number of records.
    """

    def __init__(self) -> None:
        try:
            import sqlite3
        except ImportError as error:
            raise EngineError(f"merging needs the module sqlite3 of Python's standard library: {error}") from None
        self._failure = sqlite3.Error
        # Without a name it is a file that nobody else sees, and that is gone with the process however that ends.
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.execute(f"PRAGMA cache_size = -{IN_MEMORY >> 10}")
        self._database.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def add_other(self, gap: int, held: Held) -> None:
        """Add a record that is about no task, once for each gap and line."""
        digest = hashlib.blake2b(held.line, digest_size=16).digest()
        self._do("INSERT OR IGNORE INTO other VALUES (?, ?, ?, ?)", gap, digest, _optional(held.kind), held.line)

    def add(self, segment: int, gap: int, part: int, held: Held) -> Frontier | None:
        """Add a record that is about a task; for a frontier, the first of that task if it has another line."""
        assert held.task_id is not None
        key = natural_key(held.task_id)
        first: Held | None = None
        known = self._do("SELECT id FROM task WHERE segment = ? AND key = ?", segment, key).fetchone()
        if known is None:
            task = self._do("INSERT INTO task VALUES (NULL, ?, ?, ?)", segment, key, gap).lastrowid
        else:
            (task,) = known
            if held.kind == Frontier.TYPE:
                for row in self._do(f"{_RECORDS} AND type = ? ORDER BY rowid", task, Frontier.TYPE):
                    other = _held(row)
                    if other.line == held.line:
                        return None
                    first = first or other
        source, number = held.place or (None, None)
        values = task, part, held.kind, held.line, _optional(source), number
        self._do("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?)", *values)
        return None if first is None else first.frontier()

    def in_order(self, gap: int, unite: Unite) -> Iterator[Record]:
        """Yield the records of a gap: those about no task, then those of each task in natural order of their ids.

        The metrics of a task come before its frontier, which ``unite`` makes of several with different lines.
        """
        for kind, line in self._do("SELECT type, line FROM other WHERE gap = ? ORDER BY rowid", gap):
            yield Foreign(_text(kind), line)
        self._do("CREATE INDEX IF NOT EXISTS task_in_gap ON task (gap, key)")
        for (task,) in self._do("SELECT id FROM task WHERE gap = ? ORDER BY key", gap):
            rows = list(self._do(f"{_RECORDS} ORDER BY rowid", task))
            yield from _distinct_metrics((part, line) for kind, part, line, *_ in rows if kind == Metric.TYPE)
            frontiers = [_held(row) for row in rows if row[0] == Frontier.TYPE]
            if len(frontiers) == 1:
                yield frontiers[0].record()
            elif frontiers:
                yield unite([held.frontier() for held in frontiers])

    def _do(self, statement: str, *values: Any) -> sqlite3.Cursor:
        try:
            return self._database.execute(statement, values)
        except self._failure as error:
            with contextlib.suppress(self._failure):
                self._database.close()
            raise EngineError(f"cannot hold the records in a temporary file: {error}") from None


def _held(row: tuple[str, int, bytes, bytes | None, int | None]) -> Held:
    kind, _, line, source, number = row
    name = _text(source)
    return Held(kind, line, None, None if name is None or number is None else Place(name, number))


def _distinct_metrics(lines: Iterable[tuple[int, bytes]]) -> Iterator[Record]:
    """Yield metrics, given with their parts, each as often as in the part that has most copies of it."""
    seen: set[tuple[bytes, int]] = set()
    copies: Counter[tuple[int, bytes]] = Counter()
    for part, line in lines:
        copies[part, line] += 1
        if (line, copies[part, line]) not in seen:
            seen.add((line, copies[part, line]))
            yield Foreign(Metric.TYPE, line)
