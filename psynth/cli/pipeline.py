"""The way of records through a command: read, chosen, worked on, written; what all subcommands do in the same way."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import stat
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psynth import __version__
from psynth.cli.options import (
    ErrorOption,
    LimitOption,
    OutputOptions,
    ResumeOption,
    SeedOption,
    ShardOption,
    SourceOptions,
    StrictOption,
    VerbosityOptions,
    WorkOptions,
)
from psynth.cli.subcommand import Parsed
from psynth.cli.targets import binary_output
from psynth.cli.terminal import Messages
from psynth.core.errors import EngineError, IncompleteError, InputError, UsageError
from psynth.core.files import whole_folder
from psynth.core.settings import settings_json
from psynth.core.stream.reading import ReadReport, read_records, with_end, with_provenance
from psynth.core.stream.records import EndStatus, Foreign, Frontier, Library, Line, Provenance, Record
from psynth.core.stream.scope import libraries_in, with_libraries
from psynth.core.stream.sharding import Shard
from psynth.core.stream.writing import open_writer
from psynth.plugins.domain import Domain
from psynth.plugins.format import Format
from psynth.plugins.method import Context, Method
from psynth.plugins.registry import default_registry

if TYPE_CHECKING:
    from psynth.core.stream.resuming import PreviousRun

MAX_REPORTED = 10
"""Bad records that are told one by one with --on-error skip or keep; the rest are only counted."""


class Pipeline:
    """One run of one subcommand: its options, what it has read, and what it says."""

    def __init__(self, command: str, parsed: Parsed, *, plugins: Mapping[str, str] | None = None) -> None:
        self.command, self.parsed, self.plugins = command, parsed, dict(plugins or {})
        talk = parsed.of(VerbosityOptions)
        self.voice = Messages(command, quiet=talk.quiet, verbose=talk.verbose)
        self.report = ReadReport()
        self.on_error = parsed.of(ErrorOption).on_error
        self.bad = 0
        self.files = list(parsed.arguments.get("files", ()))

    # ---- the context -----------------------------------------------------------------------------------------------

    def context(self) -> Context:
        """What a method sees of this run."""
        work = self.parsed.of(WorkOptions)
        return Context(
            command=self.command,
            seed=self.parsed.of(SeedOption).seed,
            jobs=work.jobs,
            timing=work.timing,
            registry=default_registry(),
            progress=self.voice.progress(),
            warn=self.voice.warn,
            bad_input=self._bad_input,
        )

    def _bad_input(self, error: InputError) -> bool:
        if self.on_error == "stop":
            raise error
        self._tell(error)
        return self.on_error == "keep"

    def _tell(self, error: InputError) -> None:
        self.bad += 1
        if self.bad <= MAX_REPORTED:
            self.voice.warn(f"{error} ({'kept' if self.on_error == 'keep' else 'left out'})")

    # ---- reading ---------------------------------------------------------------------------------------------------

    def sources(self) -> list[str]:
        """The files to read; UsageError rather than a silent wait for a terminal."""
        sources = self.files or ["-"]
        if "-" in sources and sys.stdin is None:
            raise UsageError("standard input is closed; give a FILE")
        if "-" in sources and sys.stdin.isatty():
            raise UsageError(
                f"standard input is a terminal; pipe a stream in or give a FILE (psynth {self.command} -h)"
            )
        return sources

    def read(
        self,
        *,
        bad: Callable[[InputError], None] | None = None,
        wanted: Collection[type[Line]] | None = None,
    ) -> Iterator[Record]:
        """The records of the files, of standard input, or with ``--domain`` of the domain's own tasks.

        ``bad`` hears of each bad line, whatever ``--on-error`` says. Types not in ``wanted`` (None: all documented
        ones) pass undecoded, which is ten times faster.
        """
        domain, primitives = self.parsed.of(SourceOptions).domain, self.parsed.of(SourceOptions).primitives
        if domain is None:
            if primitives is not None:
                raise UsageError("--primitives goes with -d DOMAIN; a stream says itself what its language is")
            sources = self.sources()
            if bad is not None:
                return read_records(sources, wanted, on_error="keep", report=self.report, on_bad=bad)
            return read_records(sources, wanted, on_error=self.on_error, report=self.report, on_bad=self._tell)
        if self.files:
            raise UsageError("-d DOMAIN takes the domain's own tasks; give it or a FILE, not both")
        registry = default_registry()
        registration = registry.registration("domain", domain)
        found = registry.domain(domain)
        settings = found.TaskSettings()
        stage = self._stage(
            {"domain": domain, "primitives": primitives, **settings_json(settings)},
            command="tasks",
            plugins={registration.plugin: registry.version_of(registration.plugin)},
            inputs=[],
        )
        return with_provenance(found.records(settings, self.parsed.of(SeedOption).seed, primitives), stage)

    def chosen(self, records: Iterator[Record]) -> Iterator[Record]:
        """The records that ``--limit`` and ``--shard`` leave."""
        limit, shard = self.parsed.of(LimitOption).limit, self.parsed.of(ShardOption).shard
        if limit is not None:
            records = limited(records, limit)
        return records if shard is None else Shard.parse(shard).select(records)

    def library_file(self) -> dict[str, Library]:
        """The libraries in the file that ``--library`` names, by domain; empty without the option."""
        path = self.parsed.of(SourceOptions).library
        if path is None:
            return {}
        found = libraries_in(read_records([path], [Library]))
        if not found:
            raise InputError("there is no library record in it", source=str(path))
        return found

    # ---- working and writing ---------------------------------------------------------------------------------------

    def filter(self, method: Method, name: str | None = None, domain_settings: Any = None) -> bool:
        """Run a method over the records and write what it yields; returns whether it found anything.

        ``domain_settings`` are those of the domain that are the method's, too, if there are any.
        """
        context = dataclasses.replace(self.context(), domain_settings=domain_settings)
        of_domain = {} if domain_settings is None else settings_json(domain_settings)
        library = self.parsed.of(SourceOptions).library
        source, instead = self.read(wanted=method.reads), self.library_file()
        stage = self._stage(
            ({} if name is None else {"method": name}) | settings_json(method) | of_domain | self._frame_arguments(),
            inputs=[*self.files, *([] if library is None else [str(library)])],
        )
        found = False

        def watched(output: Iterator[Record]) -> Iterator[Record]:
            nonlocal found
            for record in output:
                found = found or method.found(decoded(record))
                yield record

        with contextlib.ExitStack() as stack:
            previous = self._previous_run(method, stage)
            records = with_libraries(self.chosen(source), context.library_for, instead)
            if previous is not None:
                records = stack.enter_context(previous).reuse(records)
            stack.callback(context.progress.finish)
            output = method.run(with_end(with_provenance(records, stage), self.report), context)
            stack.callback(getattr(output, "close", lambda: None))
            self.write(watched(output))
        if previous is not None:
            self.voice.note(f"{previous.reused} frontiers were done before")
        self.conclude()
        return found

    def _previous_run(self, method: Method, stage: Provenance) -> PreviousRun | None:
        """What ``--resume`` names; UsageError where that was another command's or the method has to see all at once."""
        path = self.parsed.of(ResumeOption).resume
        if path is None:
            return None
        if not method.resumable:
            raise UsageError("--resume: this method works on the whole stream at once, so it has to be run again")
        from psynth.core.stream.resuming import PreviousRun

        return PreviousRun(path, stage)

    def merge(self) -> None:
        """Write the files' streams as one."""
        from psynth.core.stream.merging import WANTED, merge

        streams = (
            read_records([source], WANTED, on_error=self.on_error, report=self.report, on_bad=self._tell)
            for source in self.sources()
        )
        self.write(with_end(merge(streams), self.report))
        self.conclude()

    def tasks(self, domain: Domain, primitives: str | None) -> None:
        """Write a domain's tasks."""
        settings = self.parsed.of(domain.TaskSettings)
        arguments = {"domain": domain.name, "primitives": primitives, **settings_json(settings)}
        records = self.chosen(domain.records(settings, self.parsed.of(SeedOption).seed, primitives))
        records = with_provenance(records, self._stage(arguments | self._frame_arguments(), inputs=[]))
        self.write(with_end(records, self.report))

    def imported(self, name: str, format: Format) -> None:
        """Write the records that a format reads from the files."""
        self.sources()
        stage = self._stage(
            {"format": name, **settings_json(format, "import"), **self._frame_arguments()}, inputs=self.files
        )
        records = self.chosen(format.read(self.files, self.context()))
        self.write(with_end(with_provenance(records, stage), self.report))
        self.conclude()

    def exported(self, format: Format) -> None:
        """Write the records as a format does."""
        context = self.context()
        records = with_libraries(self.chosen(self.read()), context.library_for, self.library_file())
        target = self.parsed.of(OutputOptions).output
        if target is not None and format.folders and not target.suffix and target != Path("-"):
            with whole_folder(target) as folder:
                format.write_folder(records, folder, context)
        else:
            with binary_output(target) as stream:
                format.write(records, stream, context)
        self.conclude()

    def write(self, records: Iterable[Record]) -> None:
        """Write records, an ``end`` among them; on an interruption what there is, with an ``end`` that says so.

        Raises `EngineError` where there is no ``end``: without it the status of the input would be lost.
        """
        options = self.parsed.of(OutputOptions)
        target = "-" if options.output is None else os.fspath(options.output)
        each = options.line_buffered or (target == "-" and sys.stdout.isatty())
        with open_writer(target, flush_each=each) as writer:
            try:
                for record in records:
                    writer.write(record)
            except KeyboardInterrupt:
                if target == "-":
                    writer.finish("interrupted")
                raise
            if not writer.ended:
                raise EngineError(f"psynth {self.command} lost the end record; a method has to pass it on")
            self.status = writer.finish()

    def tell(self) -> None:
        """Say what was wrong with the input."""
        for name in self.report.truncated:
            self.voice.warn(f"{name}: no end record: what wrote it died, or it was cut short")
        if self.bad > MAX_REPORTED:
            self.voice.warn(f"{self.bad} bad records {'kept' if self.on_error == 'keep' else 'left out'} in all")

    def conclude(self) -> None:
        """Say what was wrong with the input; IncompleteError with ``--strict`` if the work is not whole."""
        self.tell()
        status = self.report.status if self.status is None else self.status
        if self.parsed.of(StrictOption).strict and status != "complete":
            why = "the input was cut short" if self.report.truncated else f"the stream's end says {status}"
            raise IncompleteError(f"incomplete: {why} (--strict)")

    status: EndStatus | None = None
    """The status of the ``end`` written; None where no stream was written."""

    # ---- provenance ------------------------------------------------------------------------------------------------

    def _frame_arguments(self) -> dict[str, Any]:
        """The shared options that change the output, where they are not at their defaults."""
        arguments: dict[str, Any] = {}
        for options in (self.parsed.of(LimitOption), self.parsed.of(WorkOptions), self.parsed.of(ErrorOption)):
            defaults = settings_json(type(options)())
            arguments |= {name: value for name, value in settings_json(options).items() if value != defaults[name]}
        return arguments

    def _stage(
        self,
        arguments: dict[str, Any],
        *,
        inputs: Iterable[str],
        command: str | None = None,
        plugins: Mapping[str, str] | None = None,
    ) -> Provenance:
        return Provenance(
            command=command or self.command,
            version=__version__,
            arguments=arguments,
            seed=self.parsed.of(SeedOption).seed,
            inputs={path: digest for path in inputs if (digest := sha256_of(path)) is not None},
            plugins=dict(self.plugins if plugins is None else plugins),
        )


def limited(records: Iterable[Record], limit: int) -> Iterator[Record]:
    """Yield records up to the last of ``limit`` frontiers, and read no further."""
    left = limit
    for record in records:
        if isinstance(record, Frontier):
            if left == 0:
                return
            left -= 1
        yield record
        if left == 0 and limit > 0 and isinstance(record, Frontier):
            return


def decoded(record: Record) -> Record:
    """A frontier that came as an undecoded line, decoded; any other record as it is."""
    if isinstance(record, Foreign) and record.type == Frontier.TYPE:
        return Frontier.from_json(record.to_json(), line=record.line)
    return record


def sha256_of(path: str) -> str | None:
    """The SHA-256 of a regular file, as hexadecimal; None for a pipe, which can be read only once."""
    import hashlib

    try:
        if path == "-" or not stat.S_ISREG(os.stat(path).st_mode):
            return None
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
