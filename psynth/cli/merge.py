"""psynth merge: joins the shards of a stream."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from psynth.cli.filters import FILES
from psynth.cli.options import ERRORS, OUTPUT, STRICT, TASKS, VERBOSITY, TaskOption
from psynth.cli.subcommand import Parsed, Subcommand

if TYPE_CHECKING:
    from psynth.core.stream.records import Record

DETAILS = """\
Records that all parts share (header, libraries, metrics) are written once; the frontiers of each library are written in
the order of their task ids, with numbers compared as numbers. If the tasks of a run are in this order, merging its
shards gives the bytes of the whole run. A shard that is not there is reported, and an error with --strict.

    for k in 1 2 3; do psynth enumerate --shard $k/3 in.jsonl -o $k.jsonl; done
    psynth merge 1.jsonl 2.jsonl 3.jsonl
"""


def subcommand(help: str, words: Sequence[str]) -> Subcommand:
    """The subcommand; ``help`` is its summary."""
    return Subcommand("merge", f"{help}\n\n{DETAILS}", run, [FILES], [TASKS, ERRORS, STRICT, OUTPUT, VERBOSITY])


def run(parsed: Parsed) -> int:
    """Write the files' streams as one."""
    from psynth.cli.run import Run
    from psynth.cli.sink import Sink
    from psynth.cli.source import Source
    from psynth.core.stream.merging import WANTED, merge
    from psynth.core.stream.reading import read_records, with_end, with_provenance
    from psynth.core.stream.sharding import with_missing
    from psynth.core.stream.task_names import TaskSelection
    from psynth.core.stream.waiting import libraries_first

    this_run = Run("merge", parsed)
    sink = Sink(this_run)
    report, warn = this_run.report, this_run.messages.warn
    paths, selection = Source(this_run).paths(), TaskSelection(parsed.of(TaskOption).task)

    def streams() -> Iterator[Iterator[Record]]:
        for path in paths:
            found = read_records([path], WANTED, on_error=this_run.on_error, report=report, on_bad=this_run.bad_record)
            yield libraries_first(selection.select(found), warn)
        selection.require_all()

    records = with_missing(merge(streams()), report.missing)
    if selection.names:
        # The whole is no stage of its own, as it has the bytes of a run that was not sharded; a part of it is one.
        records = with_provenance(records, this_run.stage({}, paths))
    sink.write(with_end(records, report))
    sink.conclude()
    return 0
