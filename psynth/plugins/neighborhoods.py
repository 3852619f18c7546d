"""Which neighborhood a local search moves through: the domain's own, else the fastest with the same judge."""

from __future__ import annotations

from collections.abc import Callable

from psynth.core.engines.leases import Engines
from psynth.core.stream.records import Library, VisibleTask
from psynth.plugins.domain import Domain
from psynth.plugins.evaluator import Budget
from psynth.plugins.example_neighborhood import ExampleNeighborhood
from psynth.plugins.lambda_neighborhood import LambdaNeighborhood
from psynth.plugins.neighborhood import Neighborhood


def neighborhood_of(
    domain: Domain,
    library: Library,
    task: VisibleTask,
    *,
    max_size: int | None = None,
    engines: Engines | None = None,
    threads: int = 1,
    warn: Callable[[str], None] = lambda message: None,
) -> Neighborhood:
    """The neighborhood of one task's programs in a library.

    ``max_size`` is in nodes of the λ-term; None is the default of the neighborhood. ``warn`` is told where a domain's
    own neighborhoods do not serve. InputError for a domain without λ-terms and for a task that cannot be searched.
    """
    domain.require_lambda("be mutated")
    own = domain.local_search()
    if own is not None:
        found = own.neighborhood(library, task, max_size=max_size, threads=threads)
        if found is not None:
            return found
        warn(f"domain {domain.name!r} cannot mutate programs in this library itself; the λ-machine does, more slowly")
    with domain.evaluator(library, Budget(), engines=engines) as evaluator:
        in_machine = evaluator.matches_in_machine(task)
    kind = ExampleNeighborhood if in_machine else LambdaNeighborhood
    return kind(domain, library, task, max_size=max_size, engines=engines, jobs=threads)
