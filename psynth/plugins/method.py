"""The base class of methods (typed settings and a function from records to records), and the context they run in."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from psynth.core.engines.leases import Engines, default_engines
from psynth.core.errors import InputError, UsageError
from psynth.core.settings import check_settings
from psynth.core.stream.records import Foreign, Frontier, Library, Line, Model
from psynth.core.stream.resuming import could_come_from
from psynth.plugins.registry import Registry, default_registry

if TYPE_CHECKING:
    from psynth.core.stream.records import Record
    from psynth.plugins.domain import Domain


TASKS = "tasks"
"""What most methods count: the frontiers of the stream."""


class Progress:
    """The progress that a method reports; this class is silent, the command line's shows a bar."""

    def start(self, total: int | None, what: str) -> None:
        """Start counting ``what`` (``"tasks"``), up to ``total`` if known.

        The command line knows the number of tasks in its input, in most cases.
        """

    def advance(self, steps: int = 1, note: str = "", solved: int | None = None) -> None:
        """Count ``steps`` more, ``solved`` of them solved; ``note`` describes the last step in a few words."""

    def passed(self, record: Record) -> None:
        """Count a record that leaves the method, if it is a frontier."""
        frontier = frontier_of(record)
        if frontier is not None:
            self.advance(solved=int(frontier.solved))

    def finish(self) -> None:
        """Stop counting, and clear the display."""


def frontier_of(record: Record) -> Frontier | None:
    """The frontier that a record is or, on a line that has not been decoded, holds."""
    if isinstance(record, Foreign) and record.type == Frontier.TYPE:
        try:
            return record.frontier()
        except InputError:
            return None
    return record if isinstance(record, Frontier) else None


def _stop(error: InputError) -> bool:
    raise error


def _silent(message: str) -> None:
    del message


@dataclass(frozen=True)
class Context:
    """The environment of a method, created by the command line or by a test.

    ``command`` is the subcommand's name, ``seed`` the seed of all random numbers, ``jobs`` the number of concurrent
    processes or threads, ``timing`` whether CPU seconds may be written into records.
    """

    command: str
    seed: int = 0
    jobs: int = 1
    timing: bool = False
    registry: Registry = field(default_factory=default_registry)
    engines: Engines = field(default_factory=default_engines)
    """The engine processes that a method leases; the frame ends them."""
    progress: Progress = field(default_factory=Progress)
    warn: Callable[[str], None] = _silent
    """Print a one-line warning on standard error, never in the stream."""
    note: Callable[[str], None] = _silent
    """Print one line on standard error with ``-v``: what the work has come to, such as the best program so far."""
    verbose: bool = False
    """Whether notes are printed; what only a note needs may be left undone without it."""
    bad_input: Callable[[InputError], bool] = _stop
    """Handle a record with invalid data according to ``--on-error``: raise (stop), or return True to pass the record
    on unchanged (keep) or False to drop it (skip)."""
    domain_settings: Any = None
    """The instance of `Method.settings_of` for the domain that ``-d`` names; None without ``-d``."""

    def domain(self, name: str) -> Domain:
        """The domain called ``name``; InputError names the known domains if there is none."""
        try:
            return self.registry.domain(name)
        except UsageError as error:
            raise InputError(str(error)) from error

    def library_for(self, domain: str) -> Library:
        """The library of a frontier of ``domain`` that no library record precedes."""
        return self.domain(domain).library()

    def rng(self, record_id: str) -> random.Random:
        """The generator for one record, independent of the order, the number of jobs and the shard."""
        from psynth.core.seeds import generator

        return generator(self.seed, self.command, record_id)


@dataclass(frozen=True)
class Method(ABC):
    """An algorithm: subclasses are frozen dataclasses whose fields are settings.

    The class's docstring is its help, the first sentence its summary. ``name`` is the registered name.
    """

    resumable: ClassVar[bool] = False
    """Whether a frontier's result depends on that frontier alone and ``run`` yields one for each, in order; the command
    then has ``--resume``."""
    parallel: ClassVar[Literal["threads", "processes"] | None] = None
    """The unit of ``context.jobs``; without it the command has no ``-j``."""
    random: ClassVar[bool] = False
    """Whether the method uses random numbers; the command then has ``--seed``."""
    timed: ClassVar[bool] = False
    """Whether the method can write CPU seconds into its records; the command then has ``--timing``."""
    replaces_weights: ClassVar[bool] = False
    """Whether ``run`` ignores and replaces the weights of frontiers, which may then be of another library."""
    reads: ClassVar[Collection[type[Line]]] = (Library, Frontier, Model)
    """The types of records that ``run`` decodes; all others reach it undecoded, as ``Foreign``, and pass through."""

    def __post_init__(self) -> None:
        check_settings(self)

    @abstractmethod
    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the output records; records that the method does not process pass through in place.

        The last record is an ``End``: it passes through too, with the worse status ``budget`` if a budget ran out.
        Closing the iterator stops the work at once; on KeyboardInterrupt it may yield partial results and raise again.
        """

    @classmethod
    def settings_of(cls, domain: Domain) -> type | None:
        """A class of further settings of the method if ``-d`` names ``domain``; None if there are none."""
        return None

    def makes(self, frontier: Frontier, result: Frontier) -> bool:
        """Whether ``run`` could have made ``result`` from ``frontier``; ``--resume`` makes all others again."""
        return could_come_from(frontier, result)

    def check_resumable(self) -> None:  # noqa: B027 - most methods have nothing to check
        """Raise UsageError if what is ``resumable`` is not so with these settings."""

    def found(self, record: Record) -> bool:
        """Whether an output record counts as a result for ``--exit-status``: by default a frontier with programs."""
        programs: Any = getattr(record, "programs", ())
        return bool(programs)
