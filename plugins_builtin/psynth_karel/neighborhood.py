"""Local search over policies inside the Karel machine: only accepted mutants are converted to λ-terms."""

from __future__ import annotations

import math
from collections.abc import Sequence

from psynth.core.errors import InputError
from psynth.core.stream.records import Library, Task
from psynth.plugins.local_search import LocalSearch
from psynth.plugins.neighborhood import Candidate, Neighborhood, Step
from psynth.plugins.visible_task import VisibleTask
from psynth_karel.environment import Environment
from psynth_karel.machine import Mutants


class KarelLocalSearch(LocalSearch):
    """Mutants made and run in the Karel machine."""

    def neighborhood(
        self, library: Library, task: VisibleTask, *, max_size: int | None = None, threads: int = 1
    ) -> KarelNeighborhood | None:
        """The neighborhood of a task; None for a library with abstractions, which the Karel machine lacks."""
        if any(production.definition is not None for production in library.productions):
            return None
        return KarelNeighborhood(library, task, max_size=max_size, threads=threads)


class KarelNeighborhood(Neighborhood):
    """The policies for one task, in a library without abstractions.

    A mutant has one node of the λ-term replaced by a different draw from the library's grammar. Programs that differ
    only in equivalent conditions (such as `noMarkersPresent` for `not markersPresent`) are run once.
    """

    def __init__(self, library: Library, task: Task, *, max_size: int | None = None, threads: int = 1) -> None:
        """InputError if the task has no instances to search on or no program is small enough."""
        try:
            instances = Environment.from_json(task.environment).instances()
            if instances is None:
                raise InputError("the environment has neither seeds nor worlds")
            self._mutants = Mutants(
                instances,
                [production.name for production in library.productions],
                _start(library),
                _arguments(library),
                max_size=max_size,
                threads=threads,
            )
        except InputError as error:
            raise InputError(error.message, task=task.id) from error
        self.ceiling = self._mutants.ceiling

    def judge(self, programs: Sequence[str]) -> list[Candidate]:
        """Evaluate λ-terms or programs in tokens; candidates have λ-terms."""
        judged = self._mutants.judge(programs)
        return [
            Candidate(text, -math.inf) if each is None else Candidate(*each)
            for text, each in zip(programs, judged, strict=True)
        ]

    def draw(self, count: int, seed: int) -> list[Candidate]:
        """Draw programs from the library's grammar within the size limit."""
        return [Candidate(*each) for each in self._mutants.draw(count, seed)]

    def step(self, candidate: Candidate, most: int, seed: int, *, drift: bool = False) -> Step:
        """Examine up to ``most`` mutants of a candidate in order, and stop at the first that is better.

        Under the programmatic policies' rules a mutant is not run if it differs only in a part that never runs.
        """
        step = self._mutants.improve(candidate.program, candidate.gain, most, seed, drift=drift)
        return Step(None if step.found is None else Candidate(*step.found), step.examined, step.run)


def _start(library: Library) -> Sequence[float]:
    if library.contextual is not None:
        return library.contextual.start.log_weights
    return [production.log_weight for production in library.productions]


def _arguments(library: Library) -> dict[str, list[Sequence[float]]]:
    if library.contextual is not None:
        contextual = library.contextual.productions
        return {name: [weights.log_weights for weights in each] for name, each in contextual.items()}
    plain = _start(library)
    return {production.name: [plain] * production.type.count("->") for production in library.productions}
