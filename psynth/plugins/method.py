"""What a method is: settings as typed fields and one function from records to records, and the context it runs in."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from psynth.core.engines.leases import Engines, default_engines
from psynth.core.errors import InputError, UsageError
from psynth.core.settings import check_settings
from psynth.core.stream.records import Frontier, Library, Line, Model
from psynth.plugins.registry import Registry, default_registry

if TYPE_CHECKING:
    from psynth.core.stream.records import Record
    from psynth.plugins.domain import Domain


class Progress:
    """Where a method says how far it is; this one is silent, the command line's draws a bar."""

    def start(self, total: int | None, what: str) -> None:
        """Begin to count ``what`` (``"tasks"``), up to ``total`` where that is known."""

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Count ``steps`` more; ``note`` is a few words on what was just done."""

    def finish(self) -> None:
        """Stop counting and clear what was drawn."""


def _stop(error: InputError) -> bool:
    raise error


def _silent(message: str) -> None:
    del message


@dataclass(frozen=True)
class Context:
    """What a method may ask of its surroundings; made by the command line, or by a test without a shell.

    ``command`` is the subcommand's name, ``seed`` the base of all randomness, ``jobs`` how many processes or threads
    may work at a time, ``timing`` whether CPU seconds may be written into records.
    """

    command: str
    seed: int = 0
    jobs: int = 1
    timing: bool = False
    registry: Registry = field(default_factory=default_registry)
    engines: Engines = field(default_factory=default_engines)
    """Where a method leases engine processes; the frame ends them."""
    progress: Progress = field(default_factory=Progress)
    warn: Callable[[str], None] = _silent
    """Tell the user one line on standard error; never part of the stream."""
    bad_input: Callable[[InputError], bool] = _stop
    """What ``--on-error`` says to do with a record whose data are wrong: raises (stop), or returns True to pass the
    record on as it is (keep) or False to leave it out (skip)."""
    domain_settings: Any = None
    """The settings that `Method.settings_of` gives the domain that ``-d`` names; None without it."""

    def domain(self, name: str) -> Domain:
        """The domain called ``name``; InputError that names the known domains if there is none."""
        try:
            return self.registry.domain(name)
        except UsageError as error:
            raise InputError(str(error)) from error

    def library_for(self, domain: str) -> Library:
        """The library that a frontier of ``domain`` has when no library record stands before it."""
        return self.domain(domain).library()

    def rng(self, record_id: str) -> random.Random:
        """The generator for one record: the same whatever the order, the number of jobs and the shard."""
        from psynth.core.seeds import generator

        return generator(self.seed, self.command, record_id)


@dataclass(frozen=True)
class Method(ABC):
    """An algorithm: subclasses are frozen dataclasses whose fields are settings.

    The class's docstring is its help, the first sentence its summary. ``name`` is how it is registered.
    """

    resumable: ClassVar[bool] = False
    """Whether a frontier's result depends on that frontier alone, and ``run`` yields one for each, in order: then the
    command has ``--resume``."""
    parallel: ClassVar[Literal["threads", "processes"] | None] = None
    """What ``context.jobs`` counts; without it the command has no ``-j``."""
    random: ClassVar[bool] = False
    """Whether the method draws random numbers: then the command has ``--seed``."""
    timed: ClassVar[bool] = False
    """Whether the method can write CPU seconds into its records: then the command has ``--timing``."""
    reads: ClassVar[Collection[type[Line]]] = (Library, Frontier, Model)
    """The types of records that ``run`` looks into; all others reach it undecoded, as ``Foreign``, and pass through."""

    def __post_init__(self) -> None:
        check_settings(self)

    @abstractmethod
    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records that come of ``records``; what is not this method's business passes through in place.

        The last record is an ``End``: it passes through too, with a worse status (``budget``) where a budget ran out.
        Closing the iterator stops the work at once; on KeyboardInterrupt it may yield what was found and raise again.
        """

    @classmethod
    def settings_of(cls, domain: Domain) -> type | None:
        """A class of settings that are options of the method, too, where ``-d`` names ``domain``; None: no more."""
        return None

    def found(self, record: Record) -> bool:
        """Whether an output record holds something found, for ``--exit-status``: a frontier with programs."""
        programs: Any = getattr(record, "programs", ())
        return bool(programs)
