"""Frontiers that stand before the library of their domain, as after ``sort`` and ``shuf``, wait for it."""

from __future__ import annotations

import itertools
import pickle
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import IO

from psynth.core.errors import InputError
from psynth.core.stream.records import RECORD_TYPES, Foreign, Frontier, Header, Library, Record, decode
from psynth.core.wording import counted

IN_MEMORY = 1 << 25
"""Bytes of waiting records that are held in memory; beyond that they wait on disk."""

Warn = Callable[[str], None]


def libraries_first(records: Iterable[Record], warn: Warn, known: Collection[str] = ()) -> Iterator[Record]:
    """Yield records so that no frontier precedes the first library of its domain, if the stream has one at all.

    Frontiers of the domains in ``known`` need not wait. ``warn`` is told about frontiers that stood before their
    library, and about those of an earlier stage for which the stream has none.
    """
    return _Waiting(warn, known).ordered(iter(records))


class _Waiting:
    """The state of one stream: the domains whose library is known, and those whose frontiers have waited for it."""

    def __init__(self, warn: Warn, known: Collection[str]) -> None:
        self._warn = warn
        self._known: set[str | None] = {*known}
        self._waited: dict[str | None, Library] = {}
        self._problem: InputError | None = None
        self._begun = False

    def ordered(self, records: Iterator[Record]) -> Iterator[Record]:
        """Yield the records in order, but a library ahead of what has waited for it."""
        while True:
            record = next(records, None)
            if record is None:
                if self._problem is not None:
                    raise self._problem
                return
            self._begun = self._begun or isinstance(record, Header)
            if isinstance(record, Library):
                self._meet(record)
            elif isinstance(record, Frontier) and _domain(record) not in self._known:
                with tempfile.SpooledTemporaryFile(IN_MEMORY) as held:
                    first = self._hold(record, records, held)
                    # What has waited for one library may have to wait for another.
                    yield from self.ordered(itertools.chain(first, read_held(held)))
                continue
            yield record

    def _hold(self, record: Frontier, records: Iterator[Record], held: IO[bytes]) -> list[Record]:
        """Hold records until the library of a frontier's domain comes; what is to be yielded ahead of them."""
        domain = _domain(record)
        waiting: Counter[str | None] = Counter()
        of_earlier_stage = 0
        ahead: list[Record] = []
        for each in itertools.chain([record], self._until_wrong(records)):
            if isinstance(each, Library) and domain in (None, each.domain):
                self._told(domain, waiting[domain], each)
                return [*ahead, each]
            if isinstance(each, Header) and not self._begun:
                self._begun = True
                ahead.append(each)
                continue
            if isinstance(each, Frontier):
                waiting[_domain(each)] += 1
                of_earlier_stage += _domain(each) == domain and _has_been_searched(each)
            write_held(each, held)
        self._known.add(domain)
        if domain is not None and of_earlier_stage:
            self._warn(
                f"{counted(of_earlier_stage, 'frontier')} of {domain} from an earlier stage, but no library of it: "
                "the domain's own is used (--library FILE names another)"
            )
        return ahead

    def _until_wrong(self, records: Iterator[Record]) -> Iterator[Record]:
        """Yield records up to a bad line, whose error is raised once what has waited was yielded."""
        try:
            # No `yield from`, which would close the records when this is left at a library.
            for record in records:  # noqa: UP028
                yield record
        except InputError as error:
            self._problem = error

    def _told(self, domain: str | None, count: int, library: Library) -> None:
        self._waited[library.domain] = library
        where = "any library" if domain is None else f"the library of {domain}"
        self._warn(f"{counted(count, 'frontier')} stood before {where}, which is used for them too")

    def _meet(self, library: Library) -> None:
        """Note a library, and warn if frontiers have waited that may belong to either of two."""
        waited = self._waited.get(library.domain)
        if waited is not None and waited != library:
            self._warn(
                f"the stream has several libraries of {library.domain}, and some frontiers stood before all of them: "
                "which library is theirs is not known; --library FILE names it"
            )
        self._known |= {library.domain, None}


def write_held(record: Record, held: IO[bytes]) -> None:
    """Hold a record as its line, so that neither its size in memory nor its depth matters."""
    place = getattr(record, "place", None)
    pickle.dump((isinstance(record, Foreign), getattr(record, "type", None), place, record.encode()), held)


def read_held(held: IO[bytes]) -> Iterator[Record]:
    """Yield the records that are held, from the first on."""
    held.seek(0)
    while True:
        try:
            foreign, kind, place, line = pickle.load(held)
        except EOFError:
            return
        if foreign:
            yield Foreign(kind, line)
        else:
            data = decode(line)
            yield RECORD_TYPES[data["type"]].from_json(data, line=line, place=place)


def _domain(frontier: Frontier) -> str | None:
    """The domain whose library a frontier needs; None if any library will do."""
    return None if frontier.task is None else frontier.task.domain


def _has_been_searched(frontier: Frontier) -> bool:
    """Whether an earlier stage of psynth, which writes a library ahead of its frontiers, has added to a frontier."""
    return frontier.search is not None or any(program.log_prior is not None for program in frontier.programs)
