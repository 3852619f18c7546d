"""One run of a subcommand: the context of methods, the provenance, and warnings about the input."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from psynth import __version__
from psynth.cli.options import (
    ErrorOption,
    JobsOption,
    LimitOption,
    MachinesOption,
    SeedOption,
    ShardOption,
    TaskOption,
    TaskSeedOption,
    TimingOption,
    VerbosityOptions,
)
from psynth.cli.subcommand import Parsed
from psynth.cli.terminal import Messages
from psynth.core.engines.leases import Engines
from psynth.core.errors import InputError
from psynth.core.files import sha256
from psynth.core.settings import settings_json
from psynth.core.stream.reading import ReadReport
from psynth.core.stream.records import Foreign, Provenance, Record
from psynth.core.stream.sharding import unite_shards
from psynth.plugins.method import Context
from psynth.plugins.registry import default_registry

MAX_REPORTED = 10
"""Maximum number of bad records reported separately with --on-error skip or keep; the rest are only counted."""


class Run:
    """A subcommand with its options: ``report`` describes the input, ``messages`` writes to standard error."""

    def __init__(self, command: str, parsed: Parsed, *, plugins: Mapping[str, str] | None = None) -> None:
        """``plugins`` are the versions of the plugins involved, by name."""
        self.command, self.parsed, self.plugins = command, parsed, dict(plugins or {})
        verbosity = parsed.of(VerbosityOptions)
        self.messages = Messages(command, quiet=verbosity.quiet, verbose=verbosity.verbose)
        self.report = ReadReport()
        self.read: Counter[str] = Counter()
        """The number of records read so far, by type."""
        self.engines = Engines(parsed.of(JobsOption).jobs, self.messages.warn, parsed.of(MachinesOption).machine_memory)
        self.on_error = parsed.of(ErrorOption).on_error
        self._bad = 0

    @property
    def task_seed(self) -> int:
        """The seed of the tasks that ``-d`` names, and of what ``psynth tasks`` writes."""
        return self.parsed.of(SeedOption).seed

    @property
    def seed(self) -> int:
        """The seed of the method; if only the tasks are random, ``--seed`` applies to them alone."""
        return 0 if TaskSeedOption in self.parsed.values else self.task_seed

    def context(self, domain_settings: Any = None, tasks: Callable[[], int | None] = lambda: None) -> Context:
        """The context of a method in this run.

        ``domain_settings`` are the domain's settings for it, if any; ``tasks`` counts the tasks of the input.
        """
        return Context(
            command=self.command,
            seed=self.seed,
            jobs=self.parsed.of(JobsOption).jobs,
            timing=self.parsed.of(TimingOption).timing,
            registry=default_registry(),
            engines=self.engines,
            progress=self.messages.progress(tasks),
            warn=self.messages.warn,
            note=self.messages.note,
            verbose=self.messages.verbose,
            bad_input=self.bad_input,
            domain_settings=domain_settings,
        )

    def stage(self, arguments: Mapping[str, Any], inputs: Iterable[str]) -> Provenance:
        """The provenance of this run: ``arguments`` of its own, and the shared ones that change the output."""
        return Provenance(
            command=self.command,
            version=__version__,
            arguments={**arguments, **self._shared_arguments()},
            seed=self.seed,
            inputs=digests(inputs),
            plugins=self.plugins,
            shards=self._shards(),
        )

    def _shards(self) -> tuple[str, ...]:
        """The shard of the work that this run does; the only one is all of it."""
        shard = self.parsed.of(ShardOption).shard
        return () if shard is None else unite_shards((shard,), (shard,))

    def _shared_arguments(self) -> dict[str, Any]:
        """The shared options that change the output and differ from their defaults."""
        arguments: dict[str, Any] = {}
        offered: list[Any] = [self.parsed.of(LimitOption), self.parsed.of(TimingOption)]
        offered += [self.parsed.of(ErrorOption), self.parsed.of(MachinesOption)]
        for options in offered:
            defaults = settings_json(type(options)())
            arguments |= {name: value for name, value in settings_json(options).items() if value != defaults[name]}
        names = self.parsed.of(TaskOption).task
        return {**arguments, "task": list(names)} if names else arguments

    def bad_input(self, error: InputError) -> bool:
        """Stop at a record with invalid data, or report it and return whether to keep it, as ``--on-error`` says."""
        if self.on_error == "stop":
            raise error
        self.bad_record(error)
        return self.on_error == "keep"

    def bad_record(self, error: InputError) -> None:
        """Report a record that was skipped or kept, up to a maximum number."""
        self._bad += 1
        if self._bad <= MAX_REPORTED:
            self.messages.warn(f"{error} ({self._kept})")

    def complain(self) -> None:
        """Report truncated streams, missing shards, and the total number of bad records."""
        for name in self.report.truncated:
            self.messages.warn(f"{name}: no end record: its writer died, or the stream was cut short")
        for message in self.report.missing:
            self.messages.warn(message)
        if self._bad > MAX_REPORTED:
            self.messages.warn(f"{self._bad} bad records {self._kept} in all")

    @property
    def _kept(self) -> str:
        return "kept" if self.on_error == "keep" else "left out"


def type_of(record: Record) -> str:
    """The type of a record, also of one that was not decoded."""
    return (record.type or "other") if isinstance(record, Foreign) else record.TYPE


def digests(paths: Iterable[str]) -> dict[str, str]:
    """The SHA-256 of each regular file and folder, as hexadecimal, by name.

    Pipes can be read only once, and are left out; so are missing files, which their reader reports if they matter.
    """
    return {path: sha256(path) for path in paths if os.path.isfile(path) or os.path.isdir(path)}
