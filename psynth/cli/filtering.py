"""Runs a method over a stream: reads, chooses, resumes, works, writes, and says whether anything was found."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence

from psynth.cli.filters import Chosen
from psynth.cli.options import FoundOption, ResumeOption, SourceOptions
from psynth.cli.run import Run
from psynth.cli.sink import Sink
from psynth.cli.source import Source
from psynth.cli.subcommand import Parsed
from psynth.core.errors import UsageError
from psynth.core.settings import files_read, settings_json
from psynth.core.stream.reading import with_provenance
from psynth.core.stream.records import End, Foreign, Frontier, Provenance, Record
from psynth.core.stream.resuming import PreviousRun
from psynth.plugins.libraries import with_libraries
from psynth.plugins.method import Method

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
            found = found or method.found(_decoded(record))
            yield record

    with contextlib.ExitStack() as stack:
        output, previous = _worked(run, method, chosen, stack)
        sink.write(watched(output))
    if previous is not None:
        run.messages.note(f"{previous.reused} frontiers were done before")
    sink.conclude()
    return NOTHING_FOUND if parsed.of(FoundOption).exit_status and not found else 0


def _worked(
    run: Run, method: Method, chosen: Chosen, stack: contextlib.ExitStack
) -> tuple[Iterator[Record], PreviousRun | None]:
    """What a method makes of the run's input, and the previous run that is continued; ``stack`` closes both."""
    of_domain = None if chosen.domain_settings is None else run.parsed.of(chosen.domain_settings)
    context = run.context(of_domain)
    source = Source(run)
    records, overrides = source.read(method.reads), source.libraries()
    arguments = {} if chosen.name is None else {"method": chosen.name}
    read = [*files_read(method), *files_read(run.parsed.of(SourceOptions))]
    if of_domain is not None:
        read += files_read(of_domain)
    stage = run.stage(
        {**arguments, **settings_json(method), **({} if of_domain is None else settings_json(of_domain))},
        inputs=[*source.files, *read],
    )
    previous = _previous_run(run, stage, read)
    records = with_libraries(source.chosen(records), context, overrides)
    if previous is not None:
        records = stack.enter_context(previous).reuse(records)
    stack.callback(context.progress.finish)
    output = method.run(_ended(with_provenance(records, stage), run), context)
    stack.callback(getattr(output, "close", lambda: None))
    return output, previous


def _ended(records: Iterator[Record], run: Run) -> Iterator[Record]:
    """The records and one ``end`` for all that were read, which a method passes on or makes worse."""
    yield from records
    yield dataclasses.replace(run.report.end or End("complete"), status=run.report.status)


def _previous_run(run: Run, stage: Provenance, read: Sequence[str]) -> PreviousRun | None:
    """The run that ``--resume`` names; UsageError where another command made it, or one that read other files.

    ``read`` are the files that settings name.
    """
    path = run.parsed.of(ResumeOption).resume
    if path is None:
        return None

    def identity(stage: Provenance) -> object:
        return stage.command, stage.arguments, stage.seed, [stage.inputs.get(each) for each in read]

    previous = PreviousRun(path)
    stages = previous.header.provenance if previous.header is not None else ()
    if stages and identity(stages[-1]) != identity(stage):
        previous.close()
        raise UsageError(f"--resume {path}: it was made by another command or with other settings")
    return previous


def _decoded(record: Record) -> Record:
    """A frontier that came as an undecoded line, decoded; any other record as it is."""
    if isinstance(record, Foreign) and record.type == Frontier.TYPE:
        return Frontier.from_json(record.to_json(), line=record.line)
    return record
