"""The libraries and models in effect at a point of a stream: the nearest preceding ones of each domain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from psynth.core.errors import InputError, UsageError
from psynth.core.stream.records import Foreign, Frontier, Library, Model, Record

DefaultLibrary = Callable[[str], Library]
"""A domain's own library, by the domain's name; InputError if there is no such domain."""

OTHER_WEIGHTS = "the weights of this frontier are of another library; run psynth guide again"
"""What is said about a frontier whose weights do not fit its library."""


@dataclass(frozen=True)
class Scope:
    """The libraries and models in effect at one point of a stream.

    ``libraries`` has the nearest preceding library of each domain; ``nearest`` is the nearest of all, in which programs
    without a task are written.
    """

    default: DefaultLibrary
    libraries: Mapping[str, Library] = field(default_factory=dict)
    models: Mapping[tuple[str, str | None], Model] = field(default_factory=dict)
    nearest: Library | None = None
    _defaults: dict[str, Library] = field(default_factory=dict, repr=False)

    def after(self, record: Record) -> Scope:
        """The scope after ``record``; only a library or a model changes it."""
        if isinstance(record, Library):
            return replace(self, libraries={**self.libraries, record.domain: record}, nearest=record)
        if isinstance(record, Model):
            return replace(self, models={**self.models, (record.kind, record.domain): record})
        return self

    def library(self, frontier: Frontier) -> Library:
        """The library that a frontier's programs are written in: its domain's nearest, or the domain's own.

        InputError, with the frontier's place, if there is none: for programs without a task or a preceding library, and
        for an unknown domain.
        """
        if frontier.task is None:
            if self.nearest is None:
                raise frontier.error("programs without a task need a library before them")
            return self.nearest
        try:
            return self.library_of(frontier.task.domain)
        except InputError as error:
            raise frontier.error(error.message) from error

    def library_of(self, domain: str) -> Library:
        """The library in effect for a domain; InputError if the domain is unknown."""
        if domain in self.libraries:
            return self.libraries[domain]
        if domain not in self._defaults:
            self._defaults[domain] = self.default(domain)
        return self._defaults[domain]

    def model(self, kind: str, domain: str) -> Model | None:
        """The nearest model of a kind for a domain, if any."""
        return self.models.get((kind, domain))


def scoped(records: Iterable[Record], default: DefaultLibrary) -> Iterator[tuple[Record, Scope]]:
    """Yield each record with its scope; a library or model takes effect at its own record."""
    scope = Scope(default)
    for record in records:
        scope = scope.after(record)
        yield record, scope


def batches(pairs: Iterable[tuple[Record, Scope]], size: int | None) -> Iterator[list[tuple[Record, Scope]]]:
    """Yield records and scopes in lists of ``size`` (None: one list), those before a bad line ahead of its error."""
    waiting: list[tuple[Record, Scope]] = []
    try:
        for pair in pairs:
            waiting.append(pair)
            if len(waiting) == size:
                yield waiting
                waiting = []
    except InputError:
        yield waiting
        raise
    if waiting:
        yield waiting


def libraries_in(records: Iterable[Record]) -> dict[str, Library]:
    """The last library of each domain among records."""
    return {record.domain: record for record in records if isinstance(record, Library)}


def _same_productions(one: Library, other: Library) -> bool:
    """Whether weights of one library mean the same in another: the same names, types and definitions in order."""
    language = [[(each.name, each.type, each.definition) for each in library.productions] for library in (one, other)]
    return language[0] == language[1]


def _stop(error: InputError) -> bool:
    raise error


def with_libraries(
    records: Iterable[Record],
    default: DefaultLibrary,
    overrides: Mapping[str, Library] | None = None,
    bad: Callable[[InputError], bool] = _stop,
    *,
    weights_matter: bool = True,
) -> Iterator[Record]:
    """Yield records so that every frontier is preceded by a library of its domain.

    A library in ``overrides`` replaces those of its domain. A frontier without a preceding library gets the one in
    ``overrides``, or the domain's own. A frontier without a task gets the one in ``overrides`` if there is exactly one.
    ``bad`` decides about a frontier of an unknown domain, or one whose weights are of the replaced library while the
    one in ``overrides`` has other productions: it raises, or returns whether to pass it on as it is. Without
    ``weights_matter`` weights are not compared.
    Raises `UsageError` at the end of a stream in which no domain has a library in ``overrides``.
    """
    overrides = overrides or {}
    known: set[str] = set()
    misfits: set[str] = set()
    for record in records:
        if isinstance(record, Frontier) and record.task is None and not known and len(overrides) == 1:
            yield from overrides.values()
            known.update(overrides)
        if isinstance(record, Library):
            if record.domain in overrides:
                misfit = weights_matter and not _same_productions(record, overrides[record.domain])
                (misfits.add if misfit else misfits.discard)(record.domain)
                if record.domain in known:
                    continue
                record = overrides[record.domain]
            known.add(record.domain)
        elif isinstance(record, Frontier) and record.task is not None and record.task.domain not in known:
            domain = record.task.domain
            try:
                yield overrides[domain] if domain in overrides else Scope(default).library(record)
            except InputError as error:
                if bad(error):
                    yield Foreign(Frontier.TYPE, record.encode())
                continue
            known.add(domain)
        if isinstance(record, Frontier) and record.weights and record.task and record.task.domain in misfits:
            if bad(record.error(OTHER_WEIGHTS)):
                yield Foreign(Frontier.TYPE, record.encode())
            continue
        yield record
    if overrides and known and known.isdisjoint(overrides):
        raise UsageError(
            f"--library: the file holds a library of {' and '.join(overrides)}, "
            f"but the stream is of {' and '.join(sorted(known))}"
        )
