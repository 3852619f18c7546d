"""Renaming of a library's productions wherever a stream names them: definitions, programs, weights and metrics."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from psynth.core.stream.records import (
    ABSTRACTION_LABEL,
    Contextual,
    Documentation,
    Frontier,
    Library,
    Metric,
    Origin,
    Production,
    Program,
    Weights,
)

WORD = re.compile(r"[^ \t\r\n\f\v()]+")
"""A word of a λ-term: a name, a variable, a literal or a keyword."""


@dataclass(frozen=True)
class Renaming:
    """New names of productions by their old ones, for the records that one library governs.

    A record without any of the old names is returned as it is, and so are programs that are no λ-terms.
    """

    names: Mapping[str, str]

    def term(self, text: str) -> str:
        """The text of a λ-term, also of one that cannot be parsed, with its names replaced."""
        return WORD.sub(lambda word: self.names.get(word[0], word[0]), text)

    def library(self, library: Library) -> Library:
        """A library with its productions renamed; the names that they had are kept in their documentation."""
        productions = tuple(map(self._production, library.productions))
        contextual = None if library.contextual is None else self._contextual(library.contextual)
        if productions == library.productions and contextual == library.contextual:
            return library
        return replace(library, productions=productions, contextual=contextual)

    def frontier(self, frontier: Frontier) -> Frontier:
        """A frontier with its programs, their parents, and the weights of its task renamed."""
        programs = tuple(map(self._program, frontier.programs))
        weights = self._contextual(frontier.weights) if isinstance(frontier.weights, Contextual) else frontier.weights
        if programs == frontier.programs and weights == frontier.weights:
            return frontier
        return replace(frontier, programs=programs, weights=weights)

    def metric(self, metric: Metric) -> Metric:
        """A metric of an abstraction, labeled with its new name."""
        name = metric.labels.get(ABSTRACTION_LABEL)
        if not isinstance(name, str) or name not in self.names:
            return metric
        return replace(metric, labels={**metric.labels, ABSTRACTION_LABEL: self.names[name]})

    def documentation(self, documentation: Documentation) -> Documentation:
        """Documentation with the programs of its examples renamed."""
        return replace(documentation, examples=tuple(map(self._example, documentation.examples)))

    def _production(self, production: Production) -> Production:
        name = self.names.get(production.name, production.name)
        documentation = production.documentation
        if documentation is not None:
            documentation = self.documentation(documentation)
        if name != production.name:
            documentation = documentation or Documentation()
            former = dict.fromkeys((*documentation.formerly, production.name))
            former.pop(name, None)
            documentation = replace(documentation, formerly=tuple(former))
        definition = None if production.definition is None else self.term(production.definition)
        return replace(production, name=name, definition=definition, documentation=documentation)

    def _program(self, program: Program) -> Program:
        if program.language != "lambda":
            return program
        origin = program.origin
        return replace(
            program, program=self.term(program.program), origin=None if origin is None else self._origin(origin)
        )

    def _origin(self, origin: Origin) -> Origin:
        parents = origin.from_
        if parents is None:
            return origin
        renamed = self.term(parents) if isinstance(parents, str) else tuple(map(self.term, parents))
        return replace(origin, from_=renamed)

    def _contextual(self, weights: Contextual) -> Contextual:
        productions: dict[str, tuple[Weights, ...]] = {
            self.names.get(name, name): of_arguments for name, of_arguments in weights.productions.items()
        }
        return replace(weights, productions=productions)

    def _example(self, example: Any) -> Any:
        if isinstance(example, dict) and isinstance(example.get("program"), str):
            return {**example, "program": self.term(example["program"])}
        return example
