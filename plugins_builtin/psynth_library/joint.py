"""The method ``joint``: a search over whole libraries for the one of least description length."""

from __future__ import annotations

from dataclasses import dataclass

from psynth.core.engines.compression import JointSearch
from psynth.core.errors import UsageError
from psynth.core.settings import setting
from psynth_library.stitch import Stitch


@dataclass(frozen=True)
class Joint(Stitch):
    """Learn the library that makes programs and library together shortest, and rewrite the programs with it.

    The cost of the programs plus that of the library's bodies, times --structure-penalty, is made least: their
    description length, the metric ``compress.description-length``. Bodies count as programs, and call one another. The
    greedy library is the start; a beam of libraries looks for others, and from the best of both, abstractions are taken
    out, alone and in pairs, and others learned in their place. The budget --effort counts steps, never seconds, so
    equal input gives equal bytes: one for a partial pattern visited, and one more for each 64 entries of its columns,
    which are its places times its holes and parameters. A small corpus takes a small part of it. An abstraction must
    serve two tasks, by itself or through abstractions that call it. Existing abstractions are given: they stay as they
    are.

    ``compress.utility`` is by how much the objective would rise without that abstraction alone, ``compress.uses`` how
    often it is called in programs and bodies, ``compress.cost`` what the programs cost with the abstractions so far.
    """

    objective: str = setting(
        "description-length",
        help="what the library is to make least; description-length: the cost of the programs and of the library's "
        "bodies, which call one another; utility: the same with each body as it was learned, as --method stitch "
        "counts it",
        choices=("description-length", "utility"),
    )
    effort: int = setting(
        20_000_000,
        help="budget of the search over libraries (0: only the greedy library)",
        unit="steps",
        minimum=0,
    )

    @property
    def joint(self) -> JointSearch:
        """The search over libraries; UsageError for abstractions that it does not learn."""
        if self.capture:
            raise UsageError(
                "--capture needs --method stitch: a search over libraries does not learn such abstractions"
            )
        return JointSearch(self.objective, self.effort)
