"""Runs a method over a stream: reads, selects, resumes, writes, and reports whether anything was found."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence

from psynth.cli.chosen import Chosen
from psynth.cli.options import FoundOption, LimitOption, OutputOptions, ResumeOption, SourceOptions, TaskOption
from psynth.cli.run import Run
from psynth.cli.sink import Sink
from psynth.cli.source import Source
from psynth.cli.subcommand import Parsed
from psynth.core.errors import EngineError, UsageError
from psynth.core.settings import fields_of, files_read, settings_json
from psynth.core.stream.reading import with_end, with_provenance
from psynth.core.stream.records import Frontier, Provenance, Record
from psynth.core.stream.resuming import PreviousRun
from psynth.core.stream.scope import with_libraries
from psynth.core.wording import counted
from psynth.plugins.method import Method, frontier_of
from psynth.plugins.unknown_names import UnknownNames

NOTHING_FOUND = 1
"""The exit status with --exit-status."""


def run_method(name: str, parsed: Parsed, chosen: Chosen) -> int:
    """Run a method over the stream that the options name, and return the exit status."""
    run = Run(name, parsed, plugins=chosen.plugins)
    sink = Sink(run)
    method = parsed.of(chosen.method)
    found = False

    def watched(records: Iterator[Record]) -> Iterator[Record]:
        nonlocal found
        for record in records:
            found = found or method.found(frontier_of(record) or record)
            yield record

    with contextlib.ExitStack() as stack:
        output, previous = _worked(run, method, chosen, stack)
        sink.write(watched(output))
    if previous is not None:
        run.messages.note(f"{counted(previous.reused, 'frontier')} done before")
    sink.conclude()
    return NOTHING_FOUND if parsed.of(FoundOption).exit_status and not found else 0


def _worked(
    run: Run, method: Method, chosen: Chosen, stack: contextlib.ExitStack
) -> tuple[Iterator[Record], PreviousRun | None]:
    """The method's output for the run's input, and the previous run to continue; ``stack`` closes both."""
    of_domain = None if chosen.domain_settings is None else run.parsed.of(chosen.domain_settings)
    source = Source(run)
    context = run.context(of_domain, source.count)
    reads = {*method.reads, Frontier} if _selects(run.parsed) else method.reads
    records, overrides = source.read(reads), source.libraries()
    _check_targets(method, run.parsed)
    arguments = {} if chosen.name is None else {"method": chosen.name}
    read = [*files_read(method), *files_read(run.parsed.of(SourceOptions))]
    if of_domain is not None:
        read += files_read(of_domain)
    stage = run.stage(
        {**arguments, **settings_json(method), **({} if of_domain is None else settings_json(of_domain))},
        inputs=[*source.files, *read],
    )
    previous = _previous_run(run, stage, read, method)
    records = source.chosen(records)
    if overrides or Frontier in method.reads:
        weights_matter = not method.replaces_weights
        records = with_libraries(
            records, context.library_for, overrides, context.bad_input, weights_matter=weights_matter
        )
    if previous is not None:
        records = stack.enter_context(previous).reuse(records)
    if Frontier in method.reads:
        records = UnknownNames(context).watched(records)
    stack.callback(context.progress.finish)
    output = method.run(with_end(with_provenance(records, stage), run.report), context)
    stack.callback(getattr(output, "close", lambda: None))
    return _records_of(method, output), previous


def _selects(parsed: Parsed) -> bool:
    """Whether options select frontiers, which then have to be decoded."""
    return bool(parsed.of(TaskOption).task) or parsed.of(LimitOption).limit is not None


def _check_targets(method: Method, parsed: Parsed) -> None:
    """UsageError if two options would write the same file."""
    written = {} if parsed.of(OutputOptions).output is None else {_target(parsed.of(OutputOptions).output): "-o"}
    for field in fields_of(type(method)):
        path = getattr(method, field.name) if field.file == "write" else None
        if path is None:
            continue
        other = written.setdefault(_target(path), field.flag)
        if other != field.flag:
            raise UsageError(f"{field.flag} {path}: {other} writes this file, too")


def _target(path: object) -> str:
    return os.path.realpath(str(path))


def _records_of(method: Method, output: Iterator[Record]) -> Iterator[Record]:
    """The output of a method, as its author promised it; EngineError if it is something else."""
    name = f"{type(method).__module__}.{type(method).__qualname__}"
    try:
        records = iter(output)
    except TypeError:
        raise EngineError(f"{name}.run returned a {type(output).__name__}, not an iterator of records") from None
    for record in records:
        if not isinstance(record, Record):
            raise EngineError(f"{name}.run yielded a {type(record).__name__}, which is no record")
        yield record


def _previous_run(run: Run, stage: Provenance, read: Sequence[str], method: Method) -> PreviousRun | None:
    """The run that ``--resume`` names; UsageError if it did something else, or if there is none.

    ``read`` are the files that settings name. A missing file is an error unless -o names it: then this is the first
    run of a script that can be run again.
    """
    path, output = run.parsed.of(ResumeOption).resume, run.parsed.of(OutputOptions).output
    if path is None:
        return None
    method.check_resumable()
    flags = {field.name: field.flag for settings in run.parsed.values for field in fields_of(settings)}
    previous = PreviousRun(path, stage, files=read, makes=method.makes, flags=flags)
    if not previous.exists and path != output:
        raise UsageError(f"--resume {path}: no such file (the first run may lack it if -o names it too)")
    return previous
