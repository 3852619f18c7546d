"""The method ``joint``: a search over whole libraries for the one of least description length."""

from __future__ import annotations

from dataclasses import dataclass

from psynth.core.engines.compression import JointSearch
from psynth.core.settings import setting
from psynth_library.stitch import Stitch


@dataclass(frozen=True)
class Joint(Stitch):
    """Learn the library that makes programs and library together shortest, and rewrite the programs with it."""

    objective: str = setting(
        "description-length",
        help="what the library is to make least; description-length: the cost of the programs and of the library's bodies, "
        "which call one another; utility: the same with each body as it was learned, as --method stitch counts it",
        choices=("description-length", "utility"),
    )
    effort: int = setting(
        3_000_000,
        help="budget of the search over libraries (0: only the greedy library)",
        unit="patterns",
        minimum=0,
    )

    @property
    def joint(self) -> JointSearch:
        """The search over libraries."""
        return JointSearch(self.objective, self.effort)
