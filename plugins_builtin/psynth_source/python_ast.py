"""The method ``python-ast``, which mutates Python source by its syntax tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from psynth.core.errors import UsageError
from psynth.core.limits import LARGEST
from psynth.core.settings import did_you_mean, setting
from psynth.core.stream.records import Frontier, Program
from psynth.plugins.method import Context
from psynth.plugins.source_domain import PYTHON
from psynth_source import edits, statements
from psynth_source.places import size_of
from psynth_source.program import Draft, Kept
from psynth_source.variation import Made, Maker, TextVariation, Unfit

EDITS: Mapping[str, tuple[edits.Edit, float]] = {
    "constant": (edits.constant, 4.0),
    "operator": (edits.operator, 1.0),
    "expression": (edits.expression, 3.0),
    "range": (edits.range_bound, 0.5),
    "insert": (statements.insert, 1.0),
    "delete": (statements.delete, 1.0),
    "duplicate": (statements.duplicate, 0.5),
    "move": (statements.move, 0.5),
    "wrap": (statements.wrap, 0.5),
}
"""The kinds of edits, with their weights."""
TRIES = 100
"""Attempts at one edit, or at one mutant, before it is given up."""
MAX_SIZE = 1000
WEIGHTS = " ".join(f"{name}={weight:g}" for name, (_, weight) in EDITS.items())


@dataclass(frozen=True)
class TreeVariation(TextVariation):
    """The base of the methods that vary Python by its syntax tree."""

    max_size: int = setting(
        MAX_SIZE,
        minimum=1,
        maximum=LARGEST,
        unit="nodes",
        help="maximum size of a program and its mutants: statements and expressions",
    )

    def languages(self) -> Sequence[str]:
        """Python alone."""
        return (PYTHON,)

    def kept(self, parent: Program) -> Kept:
        """What the mutants of a program keep; NotPython, or Unfit if the program is too large."""
        kept = Kept.of(parent.program)
        size = size_of(Draft(parent.program).tree)
        if size > self.max_size:
            raise Unfit(f"a program has {size} nodes, more than --max-size {self.max_size}")
        return kept


@dataclass(frozen=True)
class PythonAst(TreeVariation):
    """Change each program, which is Python source, in one place or a few of its syntax tree.

    An edit changes a number (by a Gaussian step of any size, by a factor or by one), an operator, a comparison or the
    bound of a range; replaces an expression by another of the program or a small new one, of the same kind as far as
    the text tells it (int, float, bool, str, lists of these); inserts, deletes, duplicates or moves a statement; wraps
    one into a loop or a condition; or unrolls a loop. A mutant compiles and differs from its parent in more than
    layout. It has the same functions with the same signatures, and the same imports; no name is used that might not be
    bound there, and a function that always returns still does. Comments are lost. Nothing is run: mutants may well
    fail, and psynth evaluate tells which. Programs without any such mutant are counted in a warning.
    """

    resumable = True

    edits: float = setting(
        1.5,
        minimum=1.0,
        maximum=1000.0,
        unit="edits",
        help="mean number of edits of a mutant, geometrically distributed",
    )
    weights: str = setting(
        "", value="WEIGHTS", help=f"weights of kinds of edits, separated by spaces (default: {WEIGHTS})"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not any(self.weight_of().values()):
            raise UsageError("--weights: no kind of edit is left")

    def weight_of(self) -> dict[str, float]:
        """The weight of each kind of edit; UsageError for a text that names none."""
        weights = {name: weight for name, (_, weight) in EDITS.items()}
        for part in self.weights.split():
            name, equals, value = part.partition("=")
            if name not in weights:
                raise UsageError(
                    f"--weights: no kind of edit is called {name!r}{did_you_mean(name, weights)}; "
                    f"there are {', '.join(weights)}"
                )
            try:
                weights[name] = float(value)
            except ValueError:
                weights[name] = -1.0
            if not equals or not 0 <= weights[name] <= 1e9:
                raise UsageError(f"--weights: {part!r} is not KIND=NUMBER with a number from 0 to 1e9")
        return weights

    def by(self) -> str:
        """The name of the method."""
        return "python-ast"

    def maker(self, parent: Program, mates: Sequence[str], frontier: Frontier, context: Context) -> Maker:
        """Makes mutants by edits."""
        kept, weights = self.kept(parent), self.weight_of()
        again = 1 - 1 / self.edits

        def make(rng: Random) -> Made | None:
            for _ in range(TRIES):
                text = self._edited(parent.program, kept, weights, rng)
                while text is not None and rng.random() < again:
                    text = self._edited(text, kept, weights, rng) or text
                if text is None:
                    return None
                if text != kept.text:
                    return Made(text)
            return None

        return make

    def _edited(self, text: str, kept: Kept, weights: Mapping[str, float], rng: Random) -> str | None:
        """The text after one edit; None if none was found."""
        for _ in range(TRIES):
            [name] = rng.choices(list(weights), list(weights.values()))
            draft = Draft(text)
            try:
                changed = EDITS[name][0](draft, rng)
            except RecursionError:
                changed = False
            made = draft.text if changed else None
            if made is not None and made != text and kept.allows(made, self.max_size):
                return made
        return None
