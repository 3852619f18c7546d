"""The method ``template`` of ``psynth document``: names and summaries made from definitions, without a model."""

from __future__ import annotations

from dataclasses import dataclass

from psynth.core.calculus.terms import Name, spine, strip_lambdas
from psynth.core.calculus.types import parse_type
from psynth.core.stream.records import Documentation
from psynth.plugins.abstraction import Abstraction
from psynth.plugins.documenting import DocumentMethod
from psynth.plugins.method import Context
from psynth_library.formulas import formula
from psynth_library.identifiers import chosen, identifiers

SEPARATOR = " — "
"""What stands between the formula of a summary and the meaning of its outermost function."""


@dataclass(frozen=True)
class Template(DocumentMethod):
    """Name each abstraction after the functions and constants of its definition, as in ``fold_plus_0``.

    The summary is the definition as a formula with named parameters, and what its outermost function does. Examples are
    applications with their values, or uses in programs if the domain cannot evaluate the abstraction on its own.
    """

    def document(self, abstraction: Abstraction, context: Context) -> Documentation:
        """The documentation of one abstraction, which depends on its library alone but for the examples."""
        candidates = identifiers(abstraction.definition, "" if abstraction.domain is None else abstraction.domain.name)
        return Documentation(
            name=chosen(candidates, abstraction.taken),
            summary=_summary(abstraction),
            examples=tuple(abstraction.shown()),
        )


def _summary(abstraction: Abstraction) -> str:
    """The formula of an abstraction, and the meaning of its outermost function if that has documentation."""
    text = formula(abstraction.definition, parse_type(abstraction.type))
    head, _ = spine(strip_lambdas(abstraction.definition)[1])
    callee = abstraction.callee(head.text) if isinstance(head, Name) else None
    if callee is None or callee.summary is None:
        return text
    # An abstraction's formula is meaning enough, and so is what a primitive does if nothing goes wrong.
    meaning = callee.summary.partition("; " if callee.definition is None else SEPARATOR)[0]
    return f"{text}{SEPARATOR}{callee.name}: {meaning}"
