"""A plain enumerator of a grammar's programs, slow and simple, to hold faster code against."""

from collections.abc import Iterator, Mapping, Sequence

from psynth.core.calculus.grammars import Grammar
from psynth.core.calculus.productions import IMPOSSIBLE, START, VARIABLE
from psynth.core.calculus.terms import Lambda, Name, Term, Variable, apply_to
from psynth.core.calculus.types import Type, TypeConstructor, split_arrow
from psynth.core.calculus.unification import Unifier

# Arguments that published counts of programs leave out, by the production and position whose argument they would be.
REDUNDANT = {
    ("car", 0): {"cons", "empty"},
    ("cdr", 0): {"cons", "empty"},
    ("empty?", 0): {"cons", "empty"},
    ("+", 0): {"0", "+"},
    ("+", 1): {"0"},
    ("-", 1): {"0"},
    ("*", 0): {"0", "1", "*"},
    ("*", 1): {"0", "1"},
    ("map", 1): {"empty"},
    ("fold", 0): {"empty"},
    ("index", 1): {"empty"},
}
Redundant = Mapping[tuple[str, int], set[str]]
Parent = tuple[str, int] | None


class Enumeration:
    """All programs of −log p below a bound; ``least`` is a lower bound on the cost of any hole."""

    def __init__(
        self, grammar: Grammar, bound: float, *, least: float = 0.0, redundant: Redundant | None = None
    ) -> None:
        self.grammar, self.bound, self.least, self.redundant = grammar, bound, least, redundant or {}
        self.unifier = Unifier()

    def programs(self, request: Type) -> Iterator[tuple[Term, float]]:
        """Programs with their cost, in no particular order."""
        yield from self._fill(self.unifier.instantiate(request), (), START, None, self.bound)

    def _fill(
        self, hole: Type, environment: tuple[Type, ...], context: int, parent: Parent, budget: float
    ) -> Iterator[tuple[Term, float]]:
        hole = self.unifier.apply(hole)
        if hole.is_arrow:
            assert isinstance(hole, TypeConstructor)
            inner = (hole.arguments[0], *environment)
            for body, cost in self._fill(hole.arguments[1], inner, context, parent, budget):
                yield Lambda(body), cost
            return
        environment = tuple(self.unifier.apply(kind) for kind in environment)
        options = self.grammar.options_at(hole, environment)
        of_production, of_variable = self.grammar.odds(options, context)
        for number, log_odds in of_production.items():
            production = self.grammar.productions[number]
            if parent is None or production.name not in self.redundant.get(parent, ()):
                places = self.grammar.argument_contexts[number]
                kind = self.unifier.instantiate(production.type)
                yield from self._apply(Name(production.name), kind, hole, environment, places, budget, -log_odds)
        if of_variable > IMPOSSIBLE:
            for index in options.variables:
                kind = environment[index]
                places = (VARIABLE,) * len(split_arrow(kind)[0])
                yield from self._apply(Variable(index), kind, hole, environment, places, budget, -of_variable)

    def _apply(
        self,
        head: Term,
        kind: Type,
        hole: Type,
        environment: tuple[Type, ...],
        places: Sequence[int],
        budget: float,
        cost: float,
    ) -> Iterator[tuple[Term, float]]:
        parameters, result = split_arrow(kind)
        if cost + self.least * len(parameters) >= budget:
            return
        mark = self.unifier.mark()
        self.unifier.unify(result, hole)
        for arguments, spent in self._arguments(head, parameters, 0, environment, places, budget - cost):
            yield apply_to(head, *arguments), cost + spent
        self.unifier.undo(mark)

    def _arguments(
        self,
        head: Term,
        parameters: Sequence[Type],
        position: int,
        environment: tuple[Type, ...],
        places: Sequence[int],
        budget: float,
    ) -> Iterator[tuple[tuple[Term, ...], float]]:
        if position == len(parameters):
            yield (), 0.0
            return
        parent = (head.text, position) if isinstance(head, Name) else None
        later = self.least * (len(parameters) - position - 1)
        first = self._fill(parameters[position], environment, places[position], parent, budget - later)
        for argument, cost in first:
            rest = self._arguments(head, parameters, position + 1, environment, places, budget - cost)
            for others, spent in rest:
                yield (argument, *others), cost + spent
