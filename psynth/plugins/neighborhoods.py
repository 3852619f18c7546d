"""The neighborhood of a local search: the domain's own, else the fastest with the same judge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from psynth.core.engines.leases import Engines
from psynth.core.stream.records import Contextual, Library, Weights
from psynth.plugins.domain import Domain
from psynth.plugins.evaluator import Budget
from psynth.plugins.example_neighborhood import ExampleNeighborhood
from psynth.plugins.lambda_neighborhood import LambdaNeighborhood
from psynth.plugins.neighborhood import Neighborhood
from psynth.plugins.visible_task import VisibleTask


def neighborhood_of(
    domain: Domain,
    library: Library,
    task: VisibleTask,
    *,
    max_size: int | None = None,
    weights: Weights | Contextual | None = None,
    engines: Engines | None = None,
    threads: int = 1,
    warn: Callable[[str], None] = lambda message: None,
) -> Neighborhood:
    """The neighborhood of one task's programs in a library.

    ``max_size`` is in nodes of the λ-term; None is the default of the neighborhood. ``weights`` are those for this
    task, in place of the library's. ``warn`` is called if a domain's own neighborhood does not support the library.
    InputError for a domain without λ-terms and for a task that cannot be searched.
    """
    domain.require_lambda("be mutated")
    own = domain.local_search()
    if own is not None:
        found = own.neighborhood(weighted(library, weights), task, max_size=max_size, threads=threads)
        if found is not None:
            return found
        warn(f"domain {domain.name!r} cannot mutate programs in this library itself; the λ-machine does, more slowly")
    with domain.evaluator(library, Budget(), engines=engines) as evaluator:
        in_machine = evaluator.matches_in_machine(task)
    kind = ExampleNeighborhood if in_machine else LambdaNeighborhood
    described = None if weights is None else weights.to_json()
    return kind(domain, library, task, max_size=max_size, weights=described, engines=engines, jobs=threads)


def weighted(library: Library, weights: Weights | Contextual | None) -> Library:
    """The library with the weights for one task, if any, in place of its own."""
    if weights is None:
        return library
    if isinstance(weights, Contextual):
        return replace(library, contextual=weights)
    productions = tuple(
        replace(production, log_weight=weight)
        for production, weight in zip(library.productions, weights.log_weights, strict=True)
    )
    return replace(library, productions=productions, log_variable=weights.log_variable, contextual=None)
