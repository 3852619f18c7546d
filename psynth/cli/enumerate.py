"""psynth enumerate: find programs for frontiers, the likeliest first."""

from __future__ import annotations

from collections.abc import Sequence

from psynth.cli import filters
from psynth.cli.subcommand import Subcommand

HELP = """Find programs for frontiers by trying them in order of their probability under the library.

Each frontier comes out with the programs that solve its task and with a record of the search. A frontier with no
library before it uses its domain's.

    psynth tasks list | psynth enumerate --max-cost 15
    psynth enumerate -d list --timeout 10 -o solved.jsonl
"""


def subcommand(words: Sequence[str]) -> Subcommand:
    """The subcommand with the settings of the method that ``words`` name."""
    return filters.with_methods("enumerate", HELP, "windows", words)
