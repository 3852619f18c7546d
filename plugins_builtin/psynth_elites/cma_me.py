"""The operator ``cma-me``: covariance matrix adaptation that learns which vectors improve an archive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from psynth.core.errors import InputError
from psynth.core.python_source import NotPython
from psynth.core.seeds import derive, generator
from psynth.core.settings import check_settings, setting
from psynth.core.stream.records import Origin, Program
from psynth.learning.extras import require
from psynth.plugins.vectors import NoVector, Vector

if TYPE_CHECKING:
    from psynth.core.engines.archive import Elite

NAME = "cma-me"
RANKERS = ("2imp", "imp", "2obj", "obj", "2rd", "rd")
WORST = -1e300
"""The objective of a program that failed: the strategy needs a finite number, and ranks it last."""
STATUS = {"new": 2, "improved": 1}
"""What the strategy is told of a program by what became of it; everything else is 0."""


class Learned(NamedTuple):
    """What became of a program in the archive.

    ``gain`` and ``descriptor`` are None for one that failed; ``before`` is the gain of the best elite of its cell until
    then, None of an empty cell.
    """

    status: str
    gain: float | None
    descriptor: Sequence[float] | None
    before: float | None


@dataclass(frozen=True)
class CmaMe:
    """Draw a round of vectors from a normal distribution that adapts to what improves the archive.

    CMA-ME (Fontaine, Togelius, Nikolaidis and Hoover, GECCO 2020), by the package ribs. The distribution begins at the
    best program so far, and again at an elite after a round without improvement or, where it optimizes the objective,
    once it has converged. Programs are vectors, as those of
    ``psynth mutate --method vector``. A round has --batch programs, of which none is left out for being known.
    """

    sigma: float = setting(
        0.5, minimum=1e-12, maximum=1e9, help="standard deviation of the first steps, in the units of the numbers"
    )
    ranker: str = setting(
        "2imp",
        choices=RANKERS,
        help="what makes a program good: imp: it improves its cell; obj: its objective; rd: it is far in a random "
        "direction of behavior; with 2, those in new cells come first",
    )

    def __post_init__(self) -> None:
        check_settings(self)
        require(f"--operator {NAME}", "ribs", extra="elites")


@dataclass
class Strategy:
    """The distribution of one archive; it learns by ``tell`` after each ``ask``.

    All depends on the seed and on what it was told, so that an earlier run is repeated by the same calls.
    """

    settings: CmaMe
    name: str
    """The operator's, for the origins of programs."""
    batch: int
    seed: int
    ranges: Sequence[tuple[float, float]]
    """The range of each dimension of the archive."""
    elites: Callable[[], Sequence[Elite]]
    """The elites of the archive, in an order that does not depend on how they came."""
    bounds: tuple[float, float] | None
    _first: Program | None = None
    _vector: Vector | None = None
    _emitter: Any = None
    _asked: Any = field(default=None, repr=False)
    _restarts: int = 0

    def ask(self, best: Program) -> list[Program]:
        """The next programs; the first call begins at ``best``, of which all later ones are variants."""
        if self._emitter is None:
            self._begin(best)
        assert self._vector is not None
        assert self._first is not None
        self._asked = self._emitter.ask()
        origin = Origin(by=self.name, from_=(self._first.program,))
        texts = [self._vector.with_numbers([float(number) for number in each]) for each in self._asked]
        return [Program(text, self._first.language, origin=origin) for text in texts]

    def tell(self, learned: Sequence[Learned]) -> None:
        """What became of the programs of the last ``ask``, in their order; nothing is learned from a part of them."""
        import numpy

        if len(learned) < self.batch:
            return
        middle = [(low + high) / 2 for low, high in self.ranges]
        gains = numpy.array([WORST if each.gain is None else each.gain for each in learned])
        before = [0.0 if each.before is None else each.before for each in learned]
        info = {"status": numpy.array([STATUS.get(each.status, 0) for each in learned]), "value": gains - before}
        measures = [middle if each.descriptor is None else list(each.descriptor) for each in learned]
        self._emitter.tell(self._asked, gains, numpy.array(measures, dtype=float), info)

    def _begin(self, best: Program) -> None:
        from ribs.emitters import EvolutionStrategyEmitter

        self._first = best
        self._vector = vector_of(best)
        low, high = self.bounds or (None, None)
        optimizes = self.settings.ranker.endswith("obj")
        self._emitter = EvolutionStrategyEmitter(
            _mirror(self),
            x0=self._vector.numbers,
            sigma0=self.settings.sigma,
            ranker=self.settings.ranker,
            # An emitter that optimizes is plain CMA-ES; the others begin again after a round without improvement.
            selection_rule="mu" if optimizes else "filter",
            restart_rule="basic" if optimizes else "no_improvement",
            bounds=None if self.bounds is None else [(low, high)] * len(self._vector.numbers),
            batch_size=self.batch,
            seed=derive(self.seed, NAME, self.name) % (1 << 32),
        )

    def restart(self) -> list[float]:
        """The numbers of an elite, at which the distribution begins again."""
        assert self._vector is not None
        assert self._first is not None
        self._restarts += 1
        vectors = [found for each in self.elites() if (found := self._numbers(each)) is not None]
        rng = generator(self.seed, f"{NAME} restart", f"{self.name} {self._restarts}")
        return rng.choice(vectors) if vectors else self._vector.numbers

    def _numbers(self, elite: Elite) -> list[float] | None:
        """The numbers of an elite, if it is a variant of the first program."""
        assert self._vector is not None
        assert self._first is not None
        try:
            numbers = Vector.of(elite.program, elite.language).numbers
        except (NoVector, NotPython):
            return None
        same = elite.language == self._first.language and len(numbers) == len(self._vector.numbers)
        return numbers if same else None


def vector_of(program: Program) -> Vector:
    """The vector of a program; InputError if it has none."""
    try:
        vector = Vector.of(program.program, program.language)
    except (NoVector, NotPython) as error:
        raise InputError(f"--operator {NAME} varies vectors: {error}") from None
    return vector


def _mirror(strategy: Strategy) -> Any:
    """An archive as the package sees it: its dimensions, and elites to begin again at."""
    import numpy
    from ribs.archives import ArchiveBase

    dimensions = len(strategy.ranges)
    assert strategy._vector is not None
    size = len(strategy._vector.numbers)

    class Mirror(ArchiveBase):  # type: ignore[misc, unused-ignore]
        """What the package asks of an archive that it does not add to."""

        dtypes = dict.fromkeys(("solution", "objective", "measures"), numpy.dtype(numpy.float64))
        lower_bounds = numpy.array([low for low, _ in strategy.ranges])
        upper_bounds = numpy.array([high for _, high in strategy.ranges])
        interval_size = upper_bounds - lower_bounds

        def sample_elites(self, n: Any, replace: bool = True) -> dict[str, Any]:
            del replace  # the elites that a strategy begins anew with are drawn one by one
            return {"solution": numpy.array([strategy.restart() for _ in range(int(n))])}

    return Mirror(solution_dim=size, objective_dim=(), measure_dim=dimensions)
