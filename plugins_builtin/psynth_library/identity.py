"""The identity of abstractions across compressions: one that is learned again keeps its name and documentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from psynth.core.calculus.terms import Term, parse_term
from psynth.core.stream.records import Frontier, Library, Metric
from psynth.core.stream.renaming import Renaming
from psynth.plugins.abstraction import meaning


def recognized(
    before: Library, library: Library, metrics: Sequence[Metric], frontiers: Sequence[Frontier]
) -> tuple[Library, list[Metric], list[Frontier]]:
    """A library learned from scratch, its metrics and frontiers, with the documented abstractions of ``before``.

    An abstraction that means the same as one of these, in terms of primitives, is given its name and documentation.
    """
    old = {entry.name: entry for entry in before.productions if entry.documentation is not None}
    known = {term: old[name] for name, term in _meanings(before).items() if name in old}
    found = {name: known[term] for name, term in _meanings(library).items() if term in known}
    renaming = Renaming({name: entry.name for name, entry in found.items()})
    renamed = renaming.library(library)
    given = {entry.name: entry.documentation for entry in found.values()}
    productions = tuple(
        replace(entry, documentation=given[entry.name]) if entry.name in given else entry
        for entry in renamed.productions
    )
    return (
        replace(renamed, productions=productions),
        [renaming.metric(metric) for metric in metrics],
        [renaming.frontier(frontier) for frontier in frontiers],
    )


def _meanings(library: Library) -> dict[str, Term]:
    definitions = {entry.name: parse_term(entry.definition or "") for entry in library.abstractions}
    return {name: meaning(term, definitions) for name, term in definitions.items()}
