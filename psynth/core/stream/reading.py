"""Reading a stream: lines to records, nothing lost and every error with its place.

Records that a command does not handle are never decoded: their lines are passed on as they are.
"""

import dataclasses
import itertools
import os
import stat
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal, TypeAlias

from psynth.core import interrupts
from psynth.core.errors import InputError, UsageError
from psynth.core.files import check_readable
from psynth.core.stream.compressed import DamagedData, compression_of_bytes, compression_of_path, decompress
from psynth.core.stream.records import (
    RECORD_TYPES,
    End,
    EndStatus,
    Foreign,
    Header,
    Line,
    Place,
    Provenance,
    Record,
    decode,
    unite_ends,
    worst,
)

Source: TypeAlias = str | os.PathLike[str] | BinaryIO
OnError: TypeAlias = Literal["stop", "skip", "keep"]
"""What to do with a line that is no record: stop with an error, skip it, or keep it where it is, unchanged."""

MAX_LINE = 1 << 28
"""The longest line that is read, in bytes."""
_BLOCK = 1 << 18
_BOM = b"\xef\xbb\xbf"
_TYPE_FIRST = b'{"type":"'
_DOCUMENTED = frozenset(name.encode() for name in RECORD_TYPES)
_CLOSING_BRACE = ord("}")


@dataclass
class ReadReport:
    """What reading found, updated while the records go by; complete once they are exhausted."""

    records: int = 0
    """Lines that are records, ``end`` records among them."""
    skipped: int = 0
    """Bad lines left out."""
    kept: int = 0
    """Bad lines passed on as they are."""
    truncated: list[str] = dataclasses.field(default_factory=list)
    """The sources that were cut short: without an ``end``, with a torn last line or damaged compression."""
    end: End | None = None
    """The ``end`` records read, as one: the worst status, the unknown fields of all."""
    ends: dict[str, EndStatus] = dataclasses.field(default_factory=dict)
    """How the work in each source ended; a source that was not cut short and has no ``end`` is not there."""
    missing: list[str] = dataclasses.field(default_factory=list)
    """The shards that are not there, where a command looks for them."""

    @property
    def status(self) -> EndStatus:
        """How the work in this stream ended: the worst ``end``, or interrupted where one is missing."""
        return worst(self.end.status if self.end else "complete", "interrupted" if self.truncated else "complete")

    def add_end(self, end: End) -> None:
        """Add one more ``end`` record."""
        self.end = end if self.end is None else unite_ends(self.end, end)


def read_records(
    sources: Iterable[Source],
    wanted: Collection[type[Line]] | None = None,
    *,
    on_error: OnError = "stop",
    report: ReadReport | None = None,
    on_bad: Callable[[InputError], None] | None = None,
    max_line: int = MAX_LINE,
) -> Iterator[Record]:
    """Yield the records of ``sources``, one after the other.

    A source is a path (``-`` is standard input) or an open binary stream. Records of types not in ``wanted`` (None:
    all documented ones) come as `Foreign`: documented ones lightly checked, for another stage to decode, the others
    checked to be JSON. Headers are always decoded. ``end`` records are consumed: see ``report`` and `with_end`.
    ``on_bad`` is called with each bad line that is skipped or kept.

    Raises `UsageError` at the call for a path that cannot be read, and `InputError` with file and line, while
    reading, for a line that is no record where ``on_error`` is "stop" and for one longer than ``max_line`` always.
    """
    listed = list(sources)
    for source in listed:
        if isinstance(source, str | os.PathLike) and os.fspath(source) != "-":
            check_readable(source)
    reader = _Reader(wanted, on_error, report or ReadReport(), on_bad, max_line)
    return reader.read_all(listed)


def _read_blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Yield blocks as they come: what a pipe holds now, without waiting until a block is full."""
    read = getattr(stream, "read1", stream.read)
    piped = _is_pipe(stream)
    while True:
        try:
            block = read(_BLOCK)
        except KeyboardInterrupt as interrupt:
            if piped and interrupts.outlive(interrupt):
                continue
            raise
        if not block:
            return
        yield block


def _is_pipe(stream: BinaryIO) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode)
    except (OSError, AttributeError):  # not a file of the system
        return False


def _open_blocks(blocks: Iterator[bytes], suffix_of: str | None) -> Iterator[bytes]:
    """Yield the content of ``blocks``, decompressed by the suffix of the path or else by its first bytes."""
    compression = compression_of_path(suffix_of) if suffix_of else None
    first = b""
    if compression is None:
        for block in blocks:
            first += block
            if len(first) >= 4:
                break
        compression = compression_of_bytes(first)
    blocks = itertools.chain([first] if first else [], blocks)
    yield from blocks if compression is None else decompress(blocks, compression)


class _TornLine(Exception):
    """The input ended inside a line: its beginning, and why if that is known."""

    def __init__(self, rest: bytes, damage: str | None = None) -> None:
        super().__init__(damage)
        self.rest, self.damage = rest, damage


def _whole_lines(blocks: Iterator[bytes], max_line: int) -> Iterator[bytes]:
    """Yield one or more whole lines at a time without the last newline; raises `_TornLine` with what then remains."""
    pieces: list[bytes] = []
    size = 0
    damage = None
    try:
        for block in blocks:
            end = block.rfind(b"\n")
            if end < 0:
                pieces.append(block)
                size += len(block)
            else:
                pieces.append(block[:end])
                yield b"".join(pieces)
                pieces, size = [block[end + 1 :]], len(block) - end - 1
            if size > max_line:
                raise OverflowError
    except DamagedData as found:
        damage = str(found)
    except OSError as problem:
        damage = f"cannot read: {problem.strerror or problem}"
    rest = b"".join(pieces)
    if rest or damage:
        raise _TornLine(rest, damage)


class _Reader:
    """Reads sources under one policy, and keeps the report."""

    def __init__(
        self,
        wanted: Collection[type[Line]] | None,
        on_error: OnError,
        report: ReadReport,
        on_bad: Callable[[InputError], None] | None,
        max_line: int,
    ) -> None:
        decoded = set(RECORD_TYPES.values()) if wanted is None else {*wanted, Header, End}
        self._decoded = {name.encode(): cls for name, cls in RECORD_TYPES.items() if cls in decoded}
        self._on_error = on_error
        self._report = report
        self._on_bad = on_bad
        self._max_line = max_line
        # Of the current source.
        self._name = ""
        self._number = 0
        self._has_header = self._whole = self._just_ended = self._torn = False

    def read_all(self, sources: list[Source]) -> Iterator[Record]:
        for source in sources:
            if isinstance(source, str | os.PathLike):
                path = os.fspath(source)
                if path == "-":
                    yield from self._read(sys.stdin.buffer, "<stdin>", None)
                    continue
                try:
                    stream = open(path, "rb", buffering=0)  # noqa: SIM115 - closed below
                except OSError as problem:
                    raise UsageError(f"{path}: {problem.strerror}") from None
                with stream:
                    yield from self._read(stream, path, path)
            else:
                name = getattr(source, "name", None)
                yield from self._read(source, name if isinstance(name, str) else "<stdin>", None)

    def _read(self, stream: BinaryIO, name: str, suffix_of: str | None) -> Iterator[Record]:
        self._name, self._number = name, 0
        self._has_header = self._whole = self._just_ended = self._torn = False
        torn = None
        try:
            for block in _whole_lines(_open_blocks(_read_blocks(stream), suffix_of), self._max_line):
                yield from self._read_lines(block)
        except _TornLine as found:
            torn = found
        except OverflowError:
            raise InputError(
                f"a line of more than {self._max_line >> 20} MiB", source=name, line=self._number + 1
            ) from None
        if torn is not None:
            yield from self._read_rest(torn)
        # Without a header it was written by hand or selected by `grep`; nothing at all is from a writer that failed.
        cut_short = self._torn or (not self._whole and (self._has_header or self._number == 0))
        if cut_short and name not in self._report.truncated:
            self._report.truncated.append(name)
        if cut_short:
            self._report.ends[name] = "interrupted"

    def _read_lines(self, block: bytes) -> Iterator[Record]:
        """Yield the records of whole lines: the hot loop of a stage that passes most records on."""
        if self._number == 0:
            block = block.removeprefix(_BOM)
        # The block is checked once instead of each line: only where something is wrong are all lines decoded.
        sound = b"\0" not in block and _is_utf8(block)
        number = start = self._number
        # Records passed on come in runs of one type, recognized by their first bytes as long as the run lasts.
        prefix, size, kind, source = b"", 0, "", self._name
        for line in block.split(b"\n"):
            number += 1
            if size and line[:size] == prefix and line[-1] == _CLOSING_BRACE:
                # Made attribute by attribute, which costs half of what a call of the class with arguments does.
                passed = Foreign.__new__(Foreign)
                passed.type = kind
                passed.line = line
                passed.source = source
                passed.number = number
                yield passed
                continue
            self._number = number
            record = self._read_line(line, sound)
            if record is None:
                size = 0
            else:
                yield record
                if sound and type(record) is Foreign and record.type is not None and record.type in RECORD_TYPES:
                    kind = record.type
                    prefix = _TYPE_FIRST + kind.encode() + b'"'
                    size = len(prefix) if line.startswith(prefix) else 0
        self._number = number
        self._report.records += number - start

    def _read_rest(self, torn: _TornLine) -> Iterator[Record]:
        """Yield the record on the last line, which has no newline, if there is one."""
        self._number += 1
        rest = torn.rest.removeprefix(_BOM) if self._number == 1 else torn.rest
        if torn.damage is None:
            try:
                decode(rest) if rest.strip() else None
            except InputError as problem:
                torn = _TornLine(rest, f"the last line is cut off: {problem.message}")
        if torn.damage is None:
            self._report.records += 1
            record = self._read_line(rest, False)
            if record is not None:
                yield record
            return
        record = self._bad_line(torn.damage, rest)
        if record is not None and rest:
            yield record
        # A stream whose last line is torn is not whole, even where an ``end`` stands before that line.
        self._torn = True

    def _read_line(self, line: bytes, sound: bool) -> Record | None:
        """The record on ``line``, or None where there is none to pass on."""
        if not line or line.isspace():
            self._report.records -= 1
            return None
        try:
            name = self._undecoded_type(line) if sound else None
            if name is not None:
                self._just_ended = False
                return Foreign(name, line, Place(self._name, self._number))
            data = decode(line)
            kind = data.get("type")
            if type(kind) is not str:
                raise InputError('no "type"' if kind is None else 'the "type" is not a string')
            cls = self._decoded.get(kind.encode())
            if cls is None:
                self._just_ended = False
                return Foreign(kind, line, Place(self._name, self._number))
            record = cls.from_json(data, line=line, place=Place(self._name, self._number))
        except InputError as problem:
            self._report.records -= 1
            return self._bad_line(problem.message, line, task=problem.task)
        if isinstance(record, End):
            self._report.add_end(record)
            self._report.ends[self._name] = worst(record.status, self._report.ends.get(self._name, "complete"))
            self._whole = self._just_ended = True
            return None
        if isinstance(record, Header):
            # Another stream begins here, as `cat` joins them; it needs an end of its own.
            self._whole = self._whole and not (self._just_ended and self._has_header)
            self._has_header = True
        self._just_ended = False
        return record

    def _undecoded_type(self, line: bytes) -> str | None:
        """The type of a record that need not be decoded, where the first bytes of its line show it."""
        if not (line.startswith(_TYPE_FIRST) and line.endswith((b"}", b"}\r"))):
            return None
        name = line[9 : line.find(b'"', 9)]
        # Only records that a later stage may decode, and would then check, are passed on as they are.
        return name.decode() if name in _DOCUMENTED and name not in self._decoded else None

    def _bad_line(self, message: str, line: bytes, *, task: str | None = None) -> Record | None:
        error = InputError(message, source=self._name, line=self._number, task=task)
        if self._on_error == "stop":
            raise error
        if self._on_bad is not None:
            self._on_bad(error)
        if self._on_error == "skip":
            self._report.skipped += 1
            return None
        self._report.kept += 1
        return Foreign(None, line, Place(self._name, self._number))


def _is_utf8(block: bytes) -> bool:
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True


def with_end(records: Iterable[Record], report: ReadReport) -> Iterator[Record]:
    """Yield ``records``, then one ``end`` for all that was read, by the ``report`` of `read_records`.

    From here on it is a record like any other: methods pass it on, or make it worse, and the writer writes it last.
    """
    yield from records
    yield dataclasses.replace(report.end or End("complete"), status=report.status)


def with_provenance(records: Iterable[Record], stage: Provenance | None) -> Iterator[Record]:
    """Yield ``records`` after a header, each header with one more entry: ``stage``, unless it is None.

    A header inside the stream (two streams joined by ``cat``) stays where it is, and gets the entry too.
    """
    first = True
    for record in records:
        if isinstance(record, Header):
            if stage is not None:
                record = dataclasses.replace(record, provenance=(*record.provenance, stage))
        elif first:
            yield Header(provenance=(stage,) if stage else ())
        first = False
        yield record
    if first:
        yield Header(provenance=(stage,) if stage else ())
