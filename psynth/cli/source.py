"""The input of a run: files, standard input or a domain's own tasks, restricted by options."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Collection, Iterator, Sequence

from psynth import __version__
from psynth.cli.options import LimitOption, ShardOption, SourceOptions, TaskOption, TaskSeedOption
from psynth.cli.run import Run, type_of
from psynth.core.errors import InputError, PsynthError, UsageError
from psynth.core.settings import settings_json
from psynth.core.stream.reading import read_records, with_provenance
from psynth.core.stream.records import Frontier, Library, Line, Provenance, Record
from psynth.core.stream.scope import libraries_in
from psynth.core.stream.sharding import Shard
from psynth.core.stream.task_names import matching
from psynth.core.stream.waiting import libraries_first
from psynth.plugins.registry import default_registry

MOST_COUNTED = 1 << 25
"""Maximum number of bytes of files that are read ahead to count their tasks."""


class Source:
    """The input of a run, as its options specify it."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._options = run.parsed.of(SourceOptions)
        self.files = list(run.parsed.arguments.get("files", ()))
        """The files that the command line names; none if standard input or a domain is read."""

    def paths(self) -> list[str]:
        """The files to read, ``-`` for standard input; UsageError instead of silently waiting for a terminal."""
        paths = self.files or ["-"]
        for path in paths if SourceOptions in self._run.parsed.values else ():
            if path in default_registry().offers("domain") and not os.path.exists(path):
                raise UsageError(f"{path}: no such file; the tasks of the domain {path} are -d {path}")
        if "-" in paths and sys.stdin is None:
            raise UsageError("standard input is closed; give a FILE")
        if "-" in paths and sys.stdin.isatty():
            raise UsageError(
                f"standard input is a terminal; pipe a stream in or give a FILE (psynth {self._run.command} -h)"
            )
        return paths

    def read(
        self,
        wanted: Collection[type[Line]] | None = None,
        *,
        bad: Callable[[InputError], None] | None = None,
        warn: bool = True,
        paths: Sequence[str] | None = None,
    ) -> Iterator[Record]:
        """The records of the files, of standard input, or with ``--domain`` of the domain's own tasks.

        Frontiers that stand before the library of their domain come after it, with a warning if ``warn`` is set.
        ``bad`` receives each bad line, regardless of ``--on-error``. Types not in ``wanted`` (None: all documented
        ones) are not decoded, which is ten times faster. ``paths`` are read instead of the command line's files.
        """
        run = self._run
        if self._options.domain is not None:
            return self._counted(self._tasks_of(self._options.domain))
        if self._options.primitives is not None:
            raise UsageError("--primitives requires -d DOMAIN; a stream specifies its own language")
        if run.parsed.values.get(TaskSeedOption):
            raise UsageError("--seed requires -d DOMAIN, which samples tasks; the rest of this command is not random")
        if bad is not None:
            records = read_records(paths or self.paths(), wanted, on_error="keep", report=run.report, on_bad=bad)
        else:
            records = read_records(
                paths or self.paths(), wanted, on_error=run.on_error, report=run.report, on_bad=run.bad_record
            )
        if wanted is not None and not {Library, Frontier} <= {*wanted}:
            return self._counted(records)
        records = self._counted(records)
        return libraries_first(records, run.messages.warn if warn else _silent, self.libraries())

    def _tasks_of(self, name: str) -> Iterator[Record]:
        """The records that ``psynth tasks NAME`` writes with the same seed."""
        if self.files:
            raise UsageError("-d DOMAIN takes the domain's own tasks; give it or a FILE, not both")
        libraries = self.libraries()
        if libraries and name not in libraries:
            raise UsageError(f"--library: the file holds a library of {' and '.join(libraries)}, not of {name}")
        registry = default_registry()
        registration = registry.registration("domain", name)
        domain, seed, primitives = registry.domain(name), self._run.task_seed, self._options.primitives
        settings = domain.TaskSettings()
        stage = Provenance(
            command="tasks",
            version=__version__,
            arguments={"domain": name, "primitives": primitives, **settings_json(settings)},
            seed=seed,
            plugins={registration.plugin: registry.version_of(registration.plugin)},
        )
        return with_provenance(domain.records(settings, seed, primitives), stage)

    def chosen(self, records: Iterator[Record]) -> Iterator[Record]:
        """The records that ``--task``, ``--limit`` and ``--shard`` leave."""
        records = matching(records, self._run.parsed.of(TaskOption).task)
        limit = self._run.parsed.of(LimitOption).limit
        shard = self._run.parsed.of(ShardOption).shard
        if limit is not None:
            records = _limited(records, limit)
        return records if shard is None else Shard.parse(shard).select(records)

    def _counted(self, records: Iterator[Record]) -> Iterator[Record]:
        """Yield the records of the input, counted by type for ``-v``."""
        counts, kind, count = self._run.read, "", 0
        try:
            for record in records:
                # Records come in runs of one type, which are counted together.
                if (found := type_of(record)) != kind:
                    counts.update({kind: count} if count else {})
                    kind, count = found, 0
                count += 1
                yield record
        finally:
            counts.update({kind: count} if count else {})

    def count(self) -> int | None:
        """The number of frontiers that `chosen` leaves of the input, if that can be known without reading a pipe."""
        try:
            return self._count()
        except (PsynthError, OSError):
            return None  # whoever reads the input reports what is wrong with it

    def _count(self) -> int | None:
        if self._options.domain is not None:
            return sum(isinstance(record, Frontier) for record in self.chosen(self._tasks_of(self._options.domain)))
        if not self.files or any(not os.path.isfile(path) for path in self.files):
            return None
        if sum(map(os.path.getsize, self.files)) > MOST_COUNTED:
            return None
        records = read_records(self.files, [Frontier], on_error="skip", on_bad=lambda error: None)
        return sum(isinstance(record, Frontier) for record in self.chosen(records))

    @functools.cache  # noqa: B019 - there is one source in a run
    def libraries(self) -> dict[str, Library]:
        """The libraries in the file that ``--library`` names, by domain; empty without the option."""
        path = self._options.library
        if path is None:
            return {}
        found = libraries_in(read_records([path], [Library]))
        if not found:
            raise InputError("no library record in this file", source=str(path))
        return found


def _silent(message: str) -> None:
    del message


def _limited(records: Iterator[Record], limit: int) -> Iterator[Record]:
    """Yield the records up to the last of ``limit`` frontiers; no further one is read."""
    left = limit
    for record in records:
        if isinstance(record, Frontier):
            if left == 0:
                return
            left -= 1
        yield record
        if left == 0 and limit > 0 and isinstance(record, Frontier):
            return
