"""The tasks that ``--task`` names: by a glob on the id, or by a short name."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Sequence

from psynth.core.errors import UsageError
from psynth.core.settings import did_you_mean
from psynth.core.stream.records import Frontier, Record

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


def matching(records: Iterable[Record], names: Sequence[str]) -> Iterator[Record]:
    """Yield all records except frontiers whose task no name means; without names, all records.

    UsageError at the end for a name that means none of the tasks, with the closest ids.
    """
    if not names:
        yield from records
        return
    unused, others = dict.fromkeys(names), dict[str, None]()
    for record in records:
        if isinstance(record, Frontier):
            task_id = "" if record.task is None else record.task.id
            found = [name for name in names if names_task(name, task_id)]
            for name in found:
                unused.pop(name, None)
            if not found:
                if len(others) < SUGGESTED_FROM:
                    others[task_id] = None
                continue
        yield record
    for name in unused:
        if others or len(unused) < len(names):
            raise no_such_task(name, list(others))


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
