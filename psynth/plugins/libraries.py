"""Which library stands before a frontier: the stream's, one put in its place, or its domain's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from psynth.core.errors import InputError
from psynth.core.stream.records import Frontier, Library, Record
from psynth.plugins.method import Context


def libraries_in(records: Iterable[Record]) -> dict[str, Library]:
    """The last library of each domain among records."""
    return {record.domain: record for record in records if isinstance(record, Library)}


def with_libraries(
    records: Iterable[Record], context: Context, instead: Mapping[str, Library] | None = None
) -> Iterator[Record]:
    """Yield records so that a library of its domain stands somewhere before every frontier.

    A library of a domain in ``instead`` gives way to the one there. A frontier that has none before it gets the one in
    ``instead``, or the domain's default; InputError if the domain is not known. One without a task gets the one in
    ``instead`` where there is just one.
    """
    instead = instead or {}
    known: set[str] = set()
    for record in records:
        if isinstance(record, Frontier) and record.task is None and not known and len(instead) == 1:
            yield from instead.values()
            known.update(instead)
        if isinstance(record, Library):
            if record.domain in instead:
                if record.domain in known:
                    continue
                record = instead[record.domain]
            known.add(record.domain)
        elif isinstance(record, Frontier) and record.task is not None and record.task.domain not in known:
            domain = record.task.domain
            known.add(domain)
            yield instead[domain] if domain in instead else _default(record, domain, context)
        yield record


def _default(frontier: Frontier, domain: str, context: Context) -> Library:
    try:
        return context.library_for(domain)
    except InputError as error:
        raise frontier.error(error.message) from error
