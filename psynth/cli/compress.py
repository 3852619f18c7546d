"""psynth compress: learn a library from programs, and rewrite them with it."""

from __future__ import annotations

from collections.abc import Sequence

from psynth.cli import filters
from psynth.cli.subcommand import Subcommand

HELP = """Learn a library of abstractions from the programs of a stream's frontiers.

Out come the library with its new abstractions and weights, and the frontiers with their programs rewritten in it. The
next psynth enumerate searches with that library.

    psynth enumerate -d list | psynth compress --method stitch > library.jsonl
"""


def subcommand(words: Sequence[str]) -> Subcommand:
    """The subcommand with the settings of the method that ``words`` name."""
    return filters.with_methods("compress", HELP, "stitch", words)
