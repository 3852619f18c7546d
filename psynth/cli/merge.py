"""psynth merge: joins the shards of a stream."""

from __future__ import annotations

from collections.abc import Sequence

from psynth.cli.filters import FILES
from psynth.cli.options import ERRORS, OUTPUT, STRICT, VERBOSITY
from psynth.cli.subcommand import Parsed, Subcommand

DETAILS = """\
Records that all parts share (header, libraries, metrics) are written once; the frontiers of each library are written in
the order of their task ids, with numbers compared as numbers. Thus merging the shards of a stream restores the stream.

    for k in 1 2 3; do psynth enumerate --shard $k/3 in.jsonl -o $k.jsonl; done
    psynth merge 1.jsonl 2.jsonl 3.jsonl
"""


def subcommand(help: str, words: Sequence[str]) -> Subcommand:
    """The subcommand; ``help`` is its summary."""
    return Subcommand("merge", f"{help}\n\n{DETAILS}", run, [FILES], [ERRORS, STRICT, OUTPUT, VERBOSITY])


def run(parsed: Parsed) -> int:
    """Write the files' streams as one."""
    from psynth.cli.run import Run
    from psynth.cli.sink import Sink
    from psynth.cli.source import Source
    from psynth.core.stream.merging import WANTED, merge
    from psynth.core.stream.reading import read_records, with_end

    this_run = Run("merge", parsed)
    sink = Sink(this_run)
    streams = (
        read_records([path], WANTED, on_error=this_run.on_error, report=this_run.report, on_bad=this_run.bad_record)
        for path in Source(this_run).paths()
    )
    sink.write(with_end(merge(streams), this_run.report))
    sink.conclude()
    return 0
