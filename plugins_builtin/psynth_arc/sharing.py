"""Straight-line programs as λ-terms: a value used once is written in its place, others ``((lambda rest) value)``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from psynth.core.calculus.terms import Application, Lambda, Name, Term, Variable, abstract, apply_to
from psynth_arc.language import published_name
from psynth_arc.straight_line import Function, Line


def term_of(function: Function, inlined: Collection[str] = ()) -> Term:
    """The term of a program in published names, with the sharing of its variables.

    Those in ``inlined`` are written out wherever they are used. A value that is never used stays, and is not evaluated.
    """
    uses = Counter(name for line in function.lines for name in (line.function, *line.arguments))
    uses[function.result] += 1
    shared = [each.name for each in function.lines if uses[each.name] != 1 and each.name not in inlined]
    if function.result in shared and function.lines[-1].name == function.result and uses[function.result] == 1:
        shared.remove(function.result)
    return _Builder(function, {name: place for place, name in enumerate(shared)}).term(inlined)


@dataclass
class _Builder:
    """Builds the term; ``shared`` has the place of each variable that is bound by a lambda, among those that are."""

    function: Function
    shared: dict[str, int]

    def term(self, inlined: Collection[str]) -> Term:
        depths = self._depths()
        made: dict[tuple[str, int], Term] = {}
        # A variable that is written out in several places is needed at several depths.
        for line in self.function.lines:
            for depth in sorted(depths.get(line.name, ())):
                made[line.name, depth] = apply_to(
                    *(self._reference(name, depth, made) for name in (line.function, *line.arguments))
                )
        order = sorted(self.shared, key=self.shared.__getitem__)
        body = self._reference(self.function.result, len(order), made)
        for place in range(len(order) - 1, -1, -1):
            body = Application(Lambda(body), made[order[place], place])
        return abstract(1, body)

    def _depths(self) -> dict[str, set[int]]:
        """How many shared variables are in scope where the value of each line is written."""
        depths: dict[str, set[int]] = {name: {place} for name, place in self.shared.items()}
        if self.function.result not in self.shared:
            depths.setdefault(self.function.result, set()).add(len(self.shared))
        for line in reversed(self.function.lines):
            for name in (line.function, *line.arguments):
                if name not in self.shared:
                    depths.setdefault(name, set()).update(depths.get(line.name, ()))
        return depths

    def _reference(self, name: str, depth: int, made: dict[tuple[str, int], Term]) -> Term:
        """What stands for a name below ``depth`` shared variables."""
        if name == self.function.parameter:
            return Variable(depth)
        if name in self.shared:
            return Variable(depth - 1 - self.shared[name])
        return made[name, depth] if (name, depth) in made else Name(name)


def callables(lines: Collection[Line], functions: Collection[str]) -> list[str]:
    """The variables that hold functions: made by one of ``functions``, so that writing them out repeats no work."""
    return [each.name for each in lines if published_name(each.function) in functions]
