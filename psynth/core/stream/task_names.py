"""The tasks that ``--task`` names: by a glob on the id, or by a short name."""

from __future__ import annotations

import contextlib
import fnmatch
from collections.abc import Iterable, Iterator, Sequence

from psynth.core.errors import InputError, UsageError
from psynth.core.settings import did_you_mean
from psynth.core.stream.records import TASK_LABEL, Foreign, Frontier, Metric, Record

SUGGESTED_FROM = 1000
"""The number of tasks among whose ids the one that was meant is searched."""


def names_task(name: str, task_id: str) -> bool:
    """Whether a name or a pattern means a task.

    It does if it matches the whole id (``karel/*``) or what follows one of its slashes (``maze-*``), or if it is one or
    several of the words between the hyphens there (``maze`` of ``karel/prog-policies/maze-8x8``).
    """
    parts = task_id.split("/")
    tails = ["/".join(parts[start:]) for start in range(len(parts))]
    if any(fnmatch.fnmatchcase(tail, name) for tail in tails):
        return True
    return any(f"-{name}-" in f"-{part}-" for part in parts[1:])


class TaskSelection:
    """The records of one or several streams that names of tasks leave; without names, all records."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._unused = dict.fromkeys(names)
        self._others: dict[str, None] = {}
        """The ids of tasks that no name means, of which the one that was meant is suggested."""

    def select(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield all records except frontiers and metrics of a task that no name means."""
        for record in records:
            task = _task_of(record) if self.names else None
            if task is None or self._means(task, counts=isinstance(record, Frontier)):
                yield record

    def _means(self, task: str, *, counts: bool) -> bool:
        """Whether a name means a task; what ``counts`` has used the name."""
        found = [name for name in self.names if names_task(name, task)]
        if counts:
            for name in found:
                self._unused.pop(name, None)
            if not found and len(self._others) < SUGGESTED_FROM:
                self._others[task] = None
        return bool(found)

    def require_all(self) -> None:
        """UsageError for a name that meant none of the tasks seen, with the closest ids; none without tasks."""
        for name in self._unused:
            if self._others or len(self._unused) < len(self.names):
                raise no_such_task(name, list(self._others))


def matching(records: Iterable[Record], names: Sequence[str]) -> Iterator[Record]:
    """Yield the records that the names leave; UsageError at the end for a name that means none of the tasks."""
    selection = TaskSelection(names)
    yield from selection.select(records)
    selection.require_all()


def _task_of(record: Record) -> str | None:
    """The id of the task of a frontier (empty if it has none) or of a metric; None for what is about no task."""
    if isinstance(record, Frontier):
        return "" if record.task is None else record.task.id
    return task_of(record)


def as_metric(record: Record) -> Metric | None:
    """A metric, decoded; None for every other record, and for a metric that cannot be read."""
    if isinstance(record, Foreign) and record.type == Metric.TYPE:
        with contextlib.suppress(InputError):
            return Metric.from_json(record.to_json(), line=record.line)
        return None
    return record if isinstance(record, Metric) else None


def task_of(record: Record) -> str | None:
    """The id of the task that a metric is about; None for metrics about none, and for every other record."""
    metric = as_metric(record)
    task = None if metric is None else metric.labels.get(TASK_LABEL)
    return task if isinstance(task, str) else None


def no_such_task(name: str, ids: Sequence[str]) -> UsageError:
    """The error for a name that means none of the tasks ``ids``: with the name that was probably meant, or an id."""
    inner = name.strip("*")
    if inner and any(inner in task_id for task_id in ids):
        hint = f" (did you mean '*{inner}*'?)"
    else:
        last = [task_id.rpartition("/")[2] for task_id in ids]
        words = dict.fromkeys(word for part in last for word in part.split("-"))
        hint = did_you_mean(name, ids) or did_you_mean(name, last) or did_you_mean(name, words)
    if not hint and ids:
        hint = f"; there is {ids[0]!r}"
    return UsageError(f"--task: no task matches {name!r}{hint}")
