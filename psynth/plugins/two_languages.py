"""The base class of domains whose programs are λ-terms over Python primitives, or Python source."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from psynth.core.engines.leases import default_engines
from psynth.core.stream.records import Library
from psynth.plugins.domain import LAMBDA
from psynth.plugins.evaluator import Budget, Evaluator
from psynth.plugins.python_domain import PythonDomain
from psynth.plugins.source_domain import PYTHON, SourceDomain

if TYPE_CHECKING:
    from psynth.core.engines.leases import Engines


class TwoLanguageDomain(PythonDomain, SourceDomain):
    """A domain that judges both languages by one criterion, each with an evaluator of its own."""

    def evaluator(
        self,
        library: Library,
        budget: Budget,
        *,
        language: str = LAMBDA,
        engines: Engines | None = None,
        jobs: int = 1,
    ) -> Evaluator:
        """The evaluator of a language, in up to ``jobs`` processes or threads."""
        self.require_language(language)
        if language == PYTHON:
            return self._evaluator(budget, jobs, engines)
        return self._term_evaluator(library, budget, engines or default_engines(), jobs)

    @abstractmethod
    def _term_evaluator(self, library: Library, budget: Budget, engines: Engines, jobs: int) -> Evaluator:
        """The evaluator of λ-terms."""
