"""Joining streams: the parts of a sharded run become the bytes of the whole, and several runs become one."""

import dataclasses
import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from psynth.core.stream.records import (
    TASK_LABEL,
    End,
    Foreign,
    Frontier,
    Header,
    Library,
    Metric,
    Model,
    Place,
    Program,
    Provenance,
    Record,
    Search,
    Task,
    decode,
    encode,
    quality,
    same_task,
)
from psynth.core.stream.sharding import unite_shards

WANTED = (Header, Library, Frontier, Model, Metric)
"""The record types that merging has to decode, for `read_records`."""

K = TypeVar("K", bound=Hashable)
N = TypeVar("N")
V = TypeVar("V")

SEARCH_STATUSES = ("interrupted", "budget", "exhausted", "solved")
"""From least to most that was learned about a task."""


def natural_order(text: str) -> tuple[Any, ...]:
    """The key that sorts ``list/2`` before ``list/10``: runs of digits compare as numbers."""
    parts = re.split("([0-9]+)", text)
    # By length and then by digits is by value, for numbers of any length.
    numbers = [(len(part.lstrip("0")), part.lstrip("0")) if index % 2 else part for index, part in enumerate(parts)]
    # What is equal so far, such as 1 and 01, is ordered by the text itself.
    return tuple(numbers), text


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
        extra={**second.extra, **first.extra},
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


# ---- one segment ----------------------------------------------------------------------------------------------------


class _Held(NamedTuple):
    """A record as its line, so that what is held costs what it takes on disk."""

    kind: str | None
    """The record type; None for a bad line."""
    line: bytes
    task_id: str | None = None
    """The task of a frontier, or of a metric that is about a task."""
    place: Place | None = None

    @property
    def is_of_task(self) -> bool:
        """Whether it belongs to a task, wherever it stood."""
        return self.kind == Frontier.TYPE or self.task_id is not None

    def frontier(self) -> Frontier:
        return Frontier.from_json(decode(self.line), line=self.line, place=self.place)

    def record(self) -> Record:
        return Foreign(self.kind, self.line)


def _hold(record: Header | Frontier | Metric | End | Foreign) -> _Held:
    if isinstance(record, Frontier):
        return _Held(Frontier.TYPE, record.encode(), record.task.id if record.task else None, record.place)
    if isinstance(record, Metric) and isinstance(record.labels.get(TASK_LABEL), str):
        return _Held(Metric.TYPE, record.encode(), record.labels[TASK_LABEL])
    return _Held(record.type if isinstance(record, Foreign) else record.TYPE, record.encode())


def _unite_held(held: list[_Held]) -> Record:
    """One frontier with what the distinct frontiers of one task say."""
    if len(held) == 1:
        return held[0].record()
    united = held[0].frontier()
    for other in held[1:]:
        united = unite_frontiers(united, other.frontier())
    return united


@dataclass(slots=True)
class _Gap:
    """A record that all streams have, and the frontiers that follow it before the next such record.

    Before a frontier stand the metrics about its task.
    """

    opening: _Held | None
    tied: dict[str, list[_Held]] = field(default_factory=dict)
    untied: dict[bytes, _Held] = field(default_factory=dict)
    metrics: dict[str, dict[tuple[bytes, int], _Held]] = field(default_factory=dict)

    def records(self) -> Iterator[Record]:
        if self.opening is not None:
            yield self.opening.record()
        for held in self.untied.values():
            yield held.record()
        for task_id in sorted({*self.tied, *self.metrics}, key=natural_order):
            for held in self.metrics.get(task_id, {}).values():
                yield held.record()
            if task_id in self.tied:
                yield _unite_held(self.tied[task_id])


class _Woven(Generic[K, N]):
    """Nodes in an order that agrees with the order of each sequence woven in, as far as those agree."""

    def __init__(self) -> None:
        self.nodes: dict[K, N] = {}

    def weave(self, keys: list[K], make: Callable[[K], N]) -> None:
        """Add the nodes for ``keys`` that are new, each run of them before the known one that comes next."""
        before: dict[K | None, list[K]] = {}
        new: list[K] = []
        for key in keys:
            if key not in self.nodes:
                new.append(key)
            elif new:
                before.setdefault(key, []).extend(new)
                new = []
        before.setdefault(None, []).extend(new)
        woven: dict[K, N] = {}
        for key, node in self.nodes.items():
            woven.update((inserted, make(inserted)) for inserted in before.get(key, ()))
            woven[key] = node
        woven.update((inserted, make(inserted)) for inserted in before[None])
        self.nodes = woven


class _Segment:
    """What is written under one library and the same models."""

    def __init__(self) -> None:
        self.gaps: _Woven[tuple[bytes, int], _Gap] = _Woven()
        self._gap_of: dict[str, _Gap] = {}

    def add(self, records: list[_Held]) -> None:
        """Join one stream's records of this segment to those that are here."""
        openings = {key: held for key, held in _numbered(records) if not held.is_of_task}
        start = (b"", 0)
        self.gaps.weave([start, *openings], lambda key: _Gap(openings.get(key)))
        gap = self.gaps.nodes[start]
        for key, held in _numbered(records):
            if not held.is_of_task:
                gap = self.gaps.nodes[key]
            elif held.kind == Metric.TYPE and held.task_id is not None:
                own = self._gap_of.setdefault(held.task_id, gap)
                own.metrics.setdefault(held.task_id, {}).setdefault(key, held)
            elif held.task_id is None:
                gap.untied.setdefault(held.line, held)
            else:
                known = self._gap_of.setdefault(held.task_id, gap).tied.setdefault(held.task_id, [])
                if any(held.line == other.line for other in known):
                    continue
                if known:
                    task = known[0].frontier().task
                    assert task is not None
                    check_same_task(task, held.frontier())
                known.append(held)


def _numbered(records: list[_Held]) -> Iterator[tuple[tuple[bytes, int], _Held]]:
    """Yield what is held; all but frontiers come with their line and the number of its copy."""
    seen: dict[bytes, int] = {}
    for held in records:
        if held.kind == Frontier.TYPE:
            yield (b"", 0), held
        else:
            seen[held.line] = seen.get(held.line, 0) + 1
            yield (held.line, seen[held.line]), held


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
    Raises `InputError`, before anything is yielded, where one id names two tasks. Holds all lines in memory.
    """
    headers: list[Header] = []
    segments: _Woven[_Setting, _Segment] = _Woven()
    shown: dict[bytes, Record] = {}
    for stream in streams:
        for header, parts in _split(stream, shown):
            if header is not None:
                headers.append(header)
            segments.weave(list(parts), lambda setting: _Segment())
            for setting, records in parts.items():
                segments.nodes[setting].add(records)
    yield unite_headers(headers)
    before = _Setting()
    # What has no library stands first, or it would come under another's.
    for setting in sorted(segments.nodes, key=lambda setting: setting.library is not None):
        segment = segments.nodes[setting]
        if setting.library is not None and setting.library != before.library:
            yield shown[setting.library]
        for purpose, line in setting.models:
            if (purpose, line) not in before.models:
                yield shown[line]
        for gap in segment.gaps.nodes.values():
            yield from gap.records()
        before = setting


def _split(
    stream: Iterable[Record], shown: dict[bytes, Record]
) -> Iterator[tuple[Header | None, dict[_Setting, list[_Held]]]]:
    """Yield each stream that ``cat`` joined: its header and its records by what applies to them.

    ``shown`` collects the libraries and models by their canonical lines.
    """
    header: Header | None = None
    setting = _Setting()
    parts: dict[_Setting, list[_Held]] = {}
    for record in stream:
        if isinstance(record, Header):
            if header is not None or parts:
                yield header, parts
            header, setting, parts = record, _Setting(), {}
        elif isinstance(record, Library | Model):
            line = encode(record.to_json())
            shown.setdefault(line, record)
            if isinstance(record, Library):
                changed = dataclasses.replace(setting, library=line, copy=1)
            else:
                purpose = f"{record.kind} {record.domain}"
                others = tuple(model for model in setting.models if model[0] != purpose)
                changed = dataclasses.replace(setting, models=(*others, (purpose, line)), copy=1)
            if changed != dataclasses.replace(setting, copy=1):
                while changed in parts:
                    changed = dataclasses.replace(changed, copy=changed.copy + 1)
                setting = changed
                parts[setting] = []
        elif not isinstance(record, End):
            parts.setdefault(setting, []).append(_hold(record))
    if header is not None or parts:
        yield header, parts
