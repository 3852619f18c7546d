"""psynth mutate: change programs by typed mutation or crossover."""

from __future__ import annotations

from collections.abc import Sequence

from psynth.cli import filters
from psynth.cli.subcommand import Subcommand

HELP = """Change the programs of a stream by typed mutation or crossover: what comes out is well typed, too.

    psynth enumerate -d list | psynth mutate --count 5 | psynth evaluate
"""


def subcommand(words: Sequence[str]) -> Subcommand:
    """The subcommand with the settings of the method that ``words`` name."""
    return filters.with_methods("mutate", HELP, "subterm", words)
