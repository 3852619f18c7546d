"""psynth merge: join the shards of a stream."""

from __future__ import annotations

from collections.abc import Sequence

from psynth.cli.filters import ERRORS, FILES, OUTPUT, STRICT, TALK
from psynth.cli.subcommand import Parsed, Subcommand

HELP = """Join streams that are parts of one, as --shard makes them.

What all parts hold (header, libraries, metrics) is written once; the frontiers of each library come in the order of
their task ids, numbers counted as numbers. So the shards of a stream, merged, are the stream.

    for k in 1 2 3; do psynth enumerate --shard $k/3 tasks.jsonl -o part$k.jsonl; done
    psynth merge part1.jsonl part2.jsonl part3.jsonl
"""


def subcommand(words: Sequence[str]) -> Subcommand:
    """The subcommand's arguments, options and function."""
    return Subcommand("merge", HELP, run, [FILES], [ERRORS, STRICT, OUTPUT, TALK])


def run(parsed: Parsed) -> int:
    """Merge."""
    from psynth.cli.pipeline import Pipeline

    Pipeline("merge", parsed).merge()
    return 0
