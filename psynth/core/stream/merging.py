"""Joining streams: the parts of a sharded run become the bytes of the whole, and several runs become one."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import itertools
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from psynth.core.stream.held import Held, HeldRecords
from psynth.core.stream.records import (
    TASK_LABEL,
    Archive,
    Cut,
    End,
    Foreign,
    Frontier,
    Header,
    Library,
    Metric,
    Model,
    Program,
    Provenance,
    Record,
    Search,
    Task,
    encode,
    quality,
    same_task,
)
from psynth.core.stream.sharding import unite_shards

WANTED = (Header, Library, Frontier, Model, Metric)
"""The record types that merging has to decode, for `read_records`."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

SEARCH_STATUSES = ("interrupted", "budget", "exhausted", "solved")
"""From least to most that was learned about a task."""


# ---- one task -------------------------------------------------------------------------------------------------------


def unite_frontiers(first: Frontier, second: Frontier) -> Frontier:
    """One frontier with what two of one task say; raises `InputError` where their tasks disagree.

    A program in both stands once, with all that is known of it; the best come first.
    """
    if first.task is None or second.task is None:
        raise ValueError("frontiers without a task are never united")
    programs: dict[tuple[str, str], Program] = {}
    for program in sorted(first.programs + second.programs, key=quality, reverse=True):
        key = (program.language, program.program)
        programs[key] = _fill(programs[key], program) if key in programs else program
    return dataclasses.replace(
        first,
        task=_unite_tasks(first.task, second, second.task),
        programs=tuple(programs.values()),
        search=_unite_searches(first.search, second.search),
        weights=first.weights or second.weights,
        extra={**second.extra, **first.extra},
    )


F = TypeVar("F", Program, Task)


def _fill(known: F, other: F) -> F:
    """``known``, completed by ``other`` where it leaves a field open."""
    gaps = {
        entry.name: getattr(other, entry.name)
        for entry in dataclasses.fields(known)
        if entry.name != "extra" and getattr(known, entry.name) in (None, ())
    }
    extra = {**known.extra, **{key: value for key, value in other.extra.items() if key not in known.extra}}
    return dataclasses.replace(known, **gaps, extra=extra)


def check_same_task(first: Task, other: Frontier) -> None:
    """Raise `InputError`, with the place of ``other``, where it is of another task with the same id."""
    if other.task is not None and not same_task(first, other.task):
        names = ("domain", "request", "examples", "environment")
        differing = " and ".join(name for name in names if getattr(first, name) != getattr(other.task, name))
        raise other.error(f"its {differing} differ from those of another task with this id; rename one of them")


def _unite_tasks(first: Task, other: Frontier, second: Task) -> Task:
    check_same_task(first, other)
    descriptions = tuple(dict.fromkeys(first.descriptions + second.descriptions))
    return dataclasses.replace(_fill(first, second), descriptions=descriptions)


def _unite_searches(first: Search | None, second: Search | None) -> Search | None:
    """The two searches as one: programs and seconds add up, the greater bound and the better status count."""
    if first is None or second is None or first == second:
        return first or second
    methods = dict.fromkeys(first.method.split("+") + second.method.split("+"))
    statuses = [status for status in (first.status, second.status) if status is not None]
    return dataclasses.replace(
        first,
        method="+".join(methods),
        programs=_known(sum, first.programs, second.programs),
        max_cost=_known(max, first.max_cost, second.max_cost),
        status=max(statuses, key=SEARCH_STATUSES.index, default=None),
        cpu_seconds=_known(sum, first.cpu_seconds, second.cpu_seconds),
        reward=_known(max, first.reward, second.reward),
        distinct=_known(sum, first.distinct, second.distinct),
        cut=_known(_unite_cuts, first.cut, second.cut),
        extra={**second.extra, **first.extra},
    )


def _unite_cuts(cuts: list[Cut]) -> Cut:
    """What several searches left out: evaluations add up."""
    return Cut(
        steps=sum(cut.steps for cut in cuts),
        size=sum(cut.size for cut in cuts),
        memory=any(cut.memory for cut in cuts),
    )


def _known(combine: Callable[[list[V]], V], *values: V | None) -> V | None:
    known = [value for value in values if value is not None]
    return combine(known) if known else None


def unite_headers(headers: list[Header]) -> Header:
    """One header with every stage that any of ``headers`` names, once, in order; shards of one stage become one."""
    if not headers:
        return Header()
    first = headers[0]
    if all(header == first for header in headers):
        return first
    stages: list[Provenance] = []
    for header in headers:
        for stage in header.provenance:
            _add_stage(stages, stage)
    extra: dict[str, Any] = {}
    for header in headers:
        extra = {**header.extra, **extra}
    return dataclasses.replace(first, provenance=tuple(stages), extra=extra)


def _add_stage(stages: list[Provenance], stage: Provenance) -> None:
    for place, known in enumerate(stages):
        if dataclasses.replace(known, shards=stage.shards) == stage:
            stages[place] = dataclasses.replace(known, shards=unite_shards(known.shards, stage.shards))
            return
    stages.append(stage)


# ---- the order of the output ----------------------------------------------------------------------------------------


class _Woven(Generic[K]):
    """Keys in an order that agrees with the order of each sequence woven in, as far as those agree."""

    def __init__(self) -> None:
        self.keys: dict[K, None] = {}

    def weave(self, keys: Iterable[K]) -> None:
        """Add the keys that are new, each run of them before the known one that comes next."""
        before: dict[K | None, list[K]] = {}
        new: list[K] = []
        for key in keys:
            if key not in self.keys:
                new.append(key)
            elif new:
                before.setdefault(key, []).extend(new)
                new = []
        before.setdefault(None, []).extend(new)
        woven: dict[K, None] = {}
        for key in self.keys:
            woven.update(dict.fromkeys(before.get(key, ())))
            woven[key] = None
        woven.update(dict.fromkeys(before[None]))
        self.keys = woven


_Opening: TypeAlias = tuple[bytes, int]
"""A record that opens a gap, by the digest of its line and the number of its copy."""
_START: _Opening = b"", 0


class _Segment:
    """What is written under one library and the same models: gaps between the records that are about no task."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.openings: _Woven[_Opening] = _Woven()
        self.gaps: dict[_Opening, int] = {}
        """The number of each gap, once in all segments."""


class _Part:
    """The records of one stream in one segment; they are held as they come."""

    def __init__(self, number: int, segment: _Segment, merger: _Merger) -> None:
        self._number, self._segment, self._merger = number, segment, merger
        self._copies: Counter[bytes] = Counter()
        self._openings = [_START]
        self._gap = merger.gap(segment, _START)

    def add(self, record: Header | Frontier | Metric | End | Foreign) -> None:
        """Hold a record; raises `InputError` if it is of another task with a known id."""
        held = _hold(record)
        records = self._merger.held
        if held.task_id is not None:
            first = records.add(self._segment.number, self._gap, self._number, held)
            if first is not None and first.task is not None:
                check_same_task(first.task, held.frontier())
        elif held.kind == Frontier.TYPE:
            records.add_other(self._gap, held)
        else:
            digest = hashlib.blake2b(held.line, digest_size=16).digest()
            self._copies[digest] += 1
            opening = digest, self._copies[digest]
            self._openings.append(opening)
            self._gap = self._merger.gap(self._segment, opening)
            records.add_other(self._gap, held)

    def close(self) -> None:
        """Put the gaps of this stream in order with those of the streams before it."""
        self._segment.openings.weave(self._openings)


def _hold(record: Header | Frontier | Metric | End | Foreign) -> Held:
    if isinstance(record, Frontier):
        return Held(Frontier.TYPE, record.encode(), record.task.id if record.task else None, record.place)
    if isinstance(record, Metric) and isinstance(record.labels.get(TASK_LABEL), str):
        return Held(Metric.TYPE, record.encode(), record.labels[TASK_LABEL])
    return Held(record.type if isinstance(record, Foreign) else record.TYPE, record.encode())


def _unite(frontiers: list[Frontier]) -> Record:
    """One frontier with what the distinct frontiers of one task say."""
    return functools.reduce(unite_frontiers, frontiers)


# ---- streams --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Setting:
    """The library and the models, by what they are for, that apply to a segment; ``copy`` counts equal ones."""

    library: bytes | None = None
    models: tuple[tuple[str, bytes], ...] = ()
    copy: int = 1


def merge(streams: Iterable[Iterable[Record]]) -> Iterator[Record]:
    """Yield the records of ``streams`` as one stream, without an ``end``.

    A header inside a stream begins another one, so that ``cat`` before and several files mean the same. Streams are
    joined library by library. Records other than frontiers stand as often as in the stream that has most copies of
    them; frontiers of one task are united, see `unite_frontiers`, and stand in natural order of their tasks' ids, each
    after the metrics about its task.
    Raises `InputError`, before anything is yielded, where one id names two tasks. Holds the lines in a temporary file,
    and in memory the headers, libraries and models, and 300 bytes for each other record that is about no task.
    """
    with HeldRecords() as held:
        merger = _Merger(held)
        for stream in streams:
            merger.add(stream)
        yield from merger.records()


class _Merger:
    """The state of one merge."""

    def __init__(self, held: HeldRecords) -> None:
        self.held = held
        self._headers: list[Header] = []
        self._order: _Woven[_Setting] = _Woven()
        self._segments: dict[_Setting, _Segment] = {}
        self._shown: dict[bytes, Record] = {}
        """The libraries and models by their canonical lines."""
        self._gaps = itertools.count()
        self._parts = itertools.count()

    def gap(self, segment: _Segment, opening: _Opening) -> int:
        """The number of the gap that a record opens in a segment."""
        found = segment.gaps.get(opening)
        if found is None:
            found = segment.gaps[opening] = next(self._gaps)
        return found

    def add(self, stream: Iterable[Record]) -> None:
        """Hold the records of one stream, or of several that ``cat`` joined."""
        header: Header | None = None
        setting = _Setting()
        parts: dict[_Setting, _Part] = {}
        for record in stream:
            if isinstance(record, Header):
                self._close(header, parts)
                header, setting, parts = record, _Setting(), {}
            elif isinstance(record, Library | Model):
                changed = self._changed(setting, record)
                if changed != dataclasses.replace(setting, copy=1):
                    while changed in parts:
                        changed = dataclasses.replace(changed, copy=changed.copy + 1)
                    setting = changed
                    parts[setting] = self._part(setting)
            elif not isinstance(record, End):
                if setting not in parts:
                    parts[setting] = self._part(setting)
                # Merging does not look into archives.
                parts[setting].add(Foreign(record.TYPE, record.encode()) if isinstance(record, Archive) else record)
        self._close(header, parts)

    def _part(self, setting: _Setting) -> _Part:
        segment = self._segments.setdefault(setting, _Segment(len(self._segments)))
        return _Part(next(self._parts), segment, self)

    def _changed(self, setting: _Setting, record: Library | Model) -> _Setting:
        """What applies after a library or a model."""
        line = encode(record.to_json())
        self._shown.setdefault(line, record)
        if isinstance(record, Library):
            return dataclasses.replace(setting, library=line, copy=1)
        purpose = f"{record.kind} {record.domain}"
        others = tuple(model for model in setting.models if model[0] != purpose)
        return dataclasses.replace(setting, models=(*others, (purpose, line)), copy=1)

    def _close(self, header: Header | None, parts: dict[_Setting, _Part]) -> None:
        """End one stream: what it has is put in order with what the streams before it have."""
        if header is not None:
            self._headers.append(header)
        self._order.weave(parts)
        for part in parts.values():
            part.close()

    def records(self) -> Iterator[Record]:
        """Yield everything that is held."""
        yield unite_headers(self._headers)
        before = _Setting()
        # What has no library stands first, or it would come under another's.
        for setting in sorted(self._order.keys, key=lambda setting: setting.library is not None):
            if setting.library is not None and setting.library != before.library:
                yield self._shown[setting.library]
            for purpose, line in setting.models:
                if (purpose, line) not in before.models:
                    yield self._shown[line]
            segment = self._segments[setting]
            for opening in segment.openings.keys:
                yield from self.held.in_order(segment.gaps[opening], _unite)
            before = setting
