"""From programs in published names to well-typed λ-terms of a library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from psynth.core.calculus.terms import Term
from psynth.core.calculus.types import parse_type
from psynth.core.errors import InputError
from psynth.core.stream.records import Library
from psynth_arc.arities import primitive_arities, with_kinds_of_rbind
from psynth_arc.language import CAST, COMBINATORS, overloads
from psynth_arc.overloads import Overloads, resolve, resolve_with_casts
from psynth_arc.sharing import callables, term_of
from psynth_arc.straight_line import Function
from psynth_arc.tasks import REQUEST


@dataclass
class Resolver:
    """Makes λ-terms of straight-line programs, in the productions of a library."""

    library: Library

    @cached_property
    def overloads(self) -> Overloads:
        """The productions that each published name, or production, stands for, with their types."""
        types = {each.name: parse_type(each.type) for each in self.library.productions}
        published = {name: [(kind, types[kind]) for kind in kinds] for name, kinds in overloads(types).items() if kinds}
        return {name: [(name, kind)] for name, kind in types.items()} | published

    @cached_property
    def _arities(self) -> Mapping[str, int]:
        return primitive_arities(self.library)

    def program(self, function: Function) -> Term:
        """The λ-term of a program; InputError if it cannot be given a type, not even with casts.

        Functions that are used in several places are shared, and written out if they need another type in each. Casts
        are the last resort.
        """
        function = with_kinds_of_rbind(function, self._arities)
        shared = term_of(function)
        written_out = term_of(function, callables(function.lines, COMBINATORS))
        found = resolve(shared, self.overloads, _REQUEST) or resolve(written_out, self.overloads, _REQUEST)
        found = found or resolve_with_casts(shared, self.overloads, _REQUEST, CAST)
        if found is None:
            raise InputError("no types of its primitives fit, and casts do not make them", line=function.line)
        return found


_REQUEST = parse_type(REQUEST)
