"""psynth train: train a model on the programs of a stream."""

from __future__ import annotations

from collections.abc import Sequence

from psynth.cli import filters
from psynth.cli.subcommand import Subcommand

HELP = """Train a model on the programs of a stream, and write it into a folder.

Out comes a model record, which later stages use, and metric records of how the training went.

    psynth sample -d karel --count 50000 --demonstrations 10 | psynth train --method embedding --model leaps
"""


def subcommand(words: Sequence[str]) -> Subcommand:
    """The subcommand with the settings of the method that ``words`` name."""
    return filters.with_methods("train", HELP, "embedding", words)
