"""psynth cem-search: climb to the best programs, in program space or in the latent space of a model."""

from __future__ import annotations

from collections.abc import Sequence

from psynth.cli import filters
from psynth.cli.subcommand import Subcommand

HELP = """Search for the programs that earn most, in program space or in the latent space of a model.

Each frontier comes out with the best programs found for its task: what they earn when they are evaluated again, and on
instances that the search never saw. Metric records tell how the search went.

    psynth tasks karel --task maze | psynth cem-search
    psynth tasks list | psynth cem-search --method hill-climb --max-evaluations 100000
"""


def subcommand(words: Sequence[str]) -> Subcommand:
    """The subcommand with the settings of the method that ``words`` name."""
    return filters.with_methods("cem-search", HELP, "hill-climb", words)
