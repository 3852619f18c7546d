"""The log of an evolution: every program that was judged, in order, so that a killed run goes on where it was.

The log is a stream with one program a frontier. The metric ``evaluations`` ends a round; a round that none ends was cut
short, and is made again.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from psynth.core.closing import Closing
from psynth.core.errors import InputError, UsageError
from psynth.core.stream.compressed import compression_of_path
from psynth.core.stream.records import (
    LOG_FIELD,
    TASK_LABEL,
    End,
    EndStatus,
    Frontier,
    Header,
    Library,
    Metric,
    Provenance,
    Record,
    decode,
)
from psynth.core.stream.writing import WriteError
from psynth_elites.evolving import Round

EVALUATIONS = "evaluations"
EVOLUTION = "evolution"
"""The value of the field of a log's header that no other stream has."""
BUDGET = ("max_evaluations", "timeout", "target", "baseline")
"""The settings that a run may go on with others of."""
ROUND, ISLAND, METHOD = "round", "island", "method"

Key = tuple[str, str]
"""A task's id and the method, the evolution's own or a baseline."""


class Log(Closing):
    """A file that rounds are appended to. ``rounds`` are those of an earlier run."""

    def __init__(self, path: Path, header: Header, library: Library) -> None:
        """Open a log, a new one or one that the same command has begun; UsageError for any other file.

        The budget of the command may be another: it goes on, or ends sooner.
        """
        self._path = path
        self.rounds: dict[Key, list[Round]] = {}
        if compression_of_path(os.fspath(path)):
            raise UsageError(f"--log {path}: a log is appended to, and cannot be compressed")
        if os.path.exists(path) and not os.path.isfile(path):
            raise UsageError(f"--log {path}: not a regular file")
        try:
            self._file: BinaryIO = open(path, "a+b")  # noqa: SIM115 - closed by close
        except OSError as problem:
            raise UsageError(f"--log {path}: {problem.strerror}") from None
        header = replace(header, extra={**header.extra, LOG_FIELD: EVOLUTION})
        try:
            self._lock()
            self._resume(header, library)
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def append(self, key: Key, found: Round, frontiers: Sequence[Frontier], metrics: Sequence[Metric]) -> None:
        """Append a round: its frontiers, metrics about it, and its end."""
        task, method = key
        labels = {TASK_LABEL: task, METHOD: method, ROUND: found.number, ISLAND: found.island}
        self._write([*frontiers, *metrics, Metric(EVALUATIONS, float(len(found.programs)), labels=labels)])

    def _write(self, records: Sequence[Record]) -> None:
        data = b"".join(record.encode() + b"\n" for record in records)
        try:
            while data:
                data = data[os.write(self._file.fileno(), data) :]
        except OSError as problem:
            raise WriteError(f"--log {self._path}: cannot write: {problem.strerror}") from None

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"--log {self._path}: another process is writing it") from None

    def finish(self, status: EndStatus) -> None:
        """Write the end, which a run that goes on replaces."""
        self._write([End(status)])

    def _resume(self, header: Header, library: Library) -> None:
        """Read the rounds that are whole, and cut off what comes after them."""
        self._file.seek(0)
        first = self._file.readline()
        if not first.endswith(b"\n"):
            if first and not header.encode().startswith(first):
                raise self._error("it is no log")
            self._begin(header, library)
            return
        if _comparable(self._header(first)) != _comparable(header):
            raise self._error("it was made by another command, with other settings, another seed or other input")
        second = self._file.readline()
        if not second.endswith(b"\n"):
            self._begin(header, library)
            return
        if second[:-1] != library.encode():
            raise self._error("it was made with another library")
        whole = place = self._file.tell()
        waiting: list[Frontier] = []
        for number, line in enumerate(self._file, 3):
            if not line.endswith(b"\n"):
                break
            record = self._read(line, number)
            place += len(line)
            if isinstance(record, Frontier):
                waiting.append(record)
            elif isinstance(record, Metric) and record.name == EVALUATIONS:
                self._add(record, waiting)
                waiting, whole = [], place
        self._file.truncate(whole)

    def _begin(self, header: Header, library: Library) -> None:
        self._file.truncate(0)
        self._write([header, library])

    def _header(self, line: bytes) -> Header:
        try:
            return Header.from_json(decode(line[:-1]))
        except InputError:
            raise self._error("it is no log") from None

    def _add(self, end: Metric, frontiers: Sequence[Frontier]) -> None:
        labels = end.labels
        task, method, number, island = (labels.get(name) for name in (TASK_LABEL, METHOD, ROUND, ISLAND))
        known = (
            isinstance(task, str) and isinstance(method, str) and isinstance(number, int) and isinstance(island, int)
        )
        if not known or len(frontiers) != end.value:
            raise self._error("a round is not as psynth writes it")
        programs = [program for frontier in frontiers for program in frontier.programs]
        self.rounds.setdefault((task, method), []).append(Round(number, island, programs))  # type: ignore[arg-type]

    def _read(self, line: bytes, number: int) -> Frontier | Metric | End:
        """The record on a line that is whole."""
        try:
            data = decode(line[:-1])
            kinds = {kind.TYPE: kind for kind in (Frontier, Metric, End)}
            if data.get("type") not in kinds:
                raise InputError("a record that logs do not have")
            return kinds[data["type"]].from_json(data)
        except InputError as error:
            raise self._error(f"line {number} is damaged: {error.message}") from None

    def _error(self, message: str) -> UsageError:
        return UsageError(f"--log {self._path}: {message}; name another file, or remove this one")


def _comparable(header: Header) -> tuple[tuple[Provenance, ...], object]:
    """The stages of a header without the budget of the last one, and its mark."""
    *before, last = header.provenance or (Provenance(""),)
    arguments = {name: value for name, value in last.arguments.items() if name not in BUDGET}
    return (*before, replace(last, arguments=arguments)), header.extra.get(LOG_FIELD)
