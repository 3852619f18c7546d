"""The log of an evolution: every program that was judged, in order, so that a killed run goes on where it was.

The log is a stream with one program a frontier. The metric ``evaluations`` ends a round; a round that none ends was cut
short, and is made again.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from psynth.core.closing import Closing
from psynth.core.errors import InputError, UsageError
from psynth.core.stream.records import (
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
from psynth_elites.evolving import Round

EVALUATIONS = "evaluations"
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
        try:
            self._file: BinaryIO = open(path, "a+b")  # noqa: SIM115 - closed by close
        except OSError as problem:
            raise UsageError(f"--log {path}: {problem.strerror}") from None
        try:
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
        while data:
            data = data[os.write(self._file.fileno(), data) :]

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
        for line in self._file:
            record = _read(line)
            if record is None:
                break
            place += len(line)
            if isinstance(record, Frontier):
                waiting.append(record)
            elif record.name == EVALUATIONS:
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

    def _error(self, message: str) -> UsageError:
        return UsageError(f"--log {self._path}: {message}; name another file, or remove this one")


def _comparable(header: Header) -> tuple[Provenance, ...]:
    """The stages of a header without the budget of the last one."""
    *before, last = header.provenance or (Provenance(""),)
    arguments = {name: value for name, value in last.arguments.items() if name not in BUDGET}
    return (*before, replace(last, arguments=arguments))


def _read(line: bytes) -> Frontier | Metric | None:
    """The record on a line; None where it is torn."""
    if not line.endswith(b"\n"):
        return None
    try:
        data = decode(line)
        kind = Frontier if data.get("type") == Frontier.TYPE else Metric
        return kind.from_json(data)
    except InputError:
        return None
