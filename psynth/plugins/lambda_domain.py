"""The base class of domains that run in the λ-machine, which defines the primitives that a domain names."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from psynth.core.engines.leases import default_engines
from psynth.core.errors import EngineError
from psynth.core.stream.records import Library, Production
from psynth.plugins.domain import LAMBDA, Domain
from psynth.plugins.primitive_docs import PrimitiveDoc

if TYPE_CHECKING:
    from psynth.core.engines.leases import Engines
    from psynth.plugins.evaluator import Budget, Evaluator


@functools.cache
def machine_primitives() -> Mapping[str, str]:
    """The type of every primitive that the λ-machine implements, by name; requested once per process."""
    with default_engines().lambda_machine() as machine:
        return machine.primitives()


class LambdaMachineDomain(Domain):
    """A domain that runs in the λ-machine. ``primitives`` lists the names in each of ``primitive_sets``, in order.

    A name may also be a literal of the domain's syntax, which the machine has without a name of its own.

    A domain with its own criterion (pixels, shares of cells, rewards) overrides ``evaluator`` with a subclass of
    ``LambdaMachineEvaluator`` that defines ``judge``; every search then uses that method.
    """

    primitives: ClassVar[Mapping[str, Sequence[str]]]
    continuation: ClassVar[str | None] = None
    """The type at whose holes only the innermost variable of that type may stand: what a program has still to do."""

    def names(self, primitive_set: str) -> Sequence[str]:
        """The names in one of ``primitive_sets``, in order."""
        return self.primitives[primitive_set]

    def library(self, primitive_set: str | None = None) -> Library:
        """The primitives of a set with their types in the λ-machine, and weights 0."""
        names = self.names(self.chosen_set(primitive_set))
        literals = {name: self.syntax().literal_type(name) for name in names}
        types = {name: str(kind) for name, kind in literals.items() if kind is not None} | dict(machine_primitives())
        missing = [name for name in names if name not in types]
        if missing:
            raise EngineError(f"domain {self.name!r} names primitives that the λ-machine lacks: {', '.join(missing)}")
        productions = tuple(Production(name=name, type=types[name], log_weight=0.0) for name in names)
        return Library(self.name, productions, log_variable=0.0, continuation=self.continuation)

    def primitive_docs(self) -> Mapping[str, PrimitiveDoc]:
        """The documentation of the primitives in the λ-machine."""
        with default_engines().lambda_machine() as machine:
            described = machine.described_primitives()
        docs = {}
        for each in described:
            example = each.get("example", {})
            inputs = tuple(example.get("inputs", ()))
            docs[each["name"]] = PrimitiveDoc(each["doc"], example.get("program"), inputs, example.get("value"))
        return docs

    def evaluator(
        self,
        library: Library,
        budget: Budget,
        *,
        language: str = LAMBDA,
        engines: Engines | None = None,
        jobs: int = 1,
    ) -> Evaluator:
        """An evaluator that compares outputs with the examples in leased λ-machines."""
        from psynth.plugins.lambda_evaluator import LambdaMachineEvaluator

        return LambdaMachineEvaluator(library, budget, engines, jobs)
