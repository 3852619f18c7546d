"""psynth sample: draw programs from a grammar or a model."""

from __future__ import annotations

from collections.abc import Sequence

from psynth.cli import filters
from psynth.cli.subcommand import Subcommand

HELP = """Draw programs at random from the library of a stream, or from a model.

    psynth sample -d list --count 10 | psynth show
    psynth tasks karel --primitives leaps | psynth sample --count 50000 --distinct -o drawn.jsonl
    psynth sample -d karel --primitives leaps --demonstrations 10 --cover-branches | psynth export leaps -o data
"""


def subcommand(words: Sequence[str]) -> Subcommand:
    """The subcommand with the settings of the method that ``words`` name."""
    return filters.with_methods("sample", HELP, "grammar", words)
