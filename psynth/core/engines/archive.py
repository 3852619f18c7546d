"""Client of the archive of elites: the only module that imports that part of the Rust extension."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from psynth.core.stream.records import Archive, Dimension, Foreign, Frontier, Program
from psynth.core.wording import counted

Status: TypeAlias = Literal["new", "improved", "rejected", "outside", "no objective", "no descriptor"]
"""What becomes of a program: ``outside`` the range of a dimension, or without the figures that an archive needs."""
STATUSES: tuple[Status, ...] = ("new", "improved", "rejected", "outside", "no objective", "no descriptor")
TAKEN: tuple[Status, ...] = ("new", "improved")
MOST_CELLS = 1 << 53
"""Most cells of a grid: their numbers are exact in JSON."""

_WRONG_DIMENSIONS = "wrong dimensions"


class Elite(NamedTuple):
    """A program in an archive."""

    cell: int
    """The number of its cell."""
    rank: int
    """Its place among the elites of its cell, from 0, the best."""
    gain: float
    """Its objective, negated if the archive minimizes."""
    descriptor: list[float]
    language: str
    program: str
    line: bytes
    """The frontier that it was read from, as a line."""

    @property
    def frontier(self) -> Frontier:
        """Its frontier, decoded."""
        return Foreign(Frontier.TYPE, self.line).frontier()


class Elites:
    """The elites of each task in the cells of an archive.

    Elites of the layouts grid and cvt do not depend on the order in which programs are offered: every tie is decided by
    the program, then by its record.
    """

    def __init__(self, archive: Archive) -> None:
        """An empty archive; InputError if its dimensions are impossible."""
        from psynth._native import Archive as Native

        check_archive(archive)
        self.archive = archive
        self._statuses: dict[str, Status] = {each: each for each in STATUSES}
        if archive.outside == "error":
            del self._statuses["outside"]
        self._native = Native(
            [_axis(each) for each in archive.dimensions],
            kind=archive.layout,
            depth=archive.depth,
            drop_outside=archive.outside != "clip",
            objective=archive.objective,
            minimize=archive.minimize,
            centroids=[number for centroid in archive.centroids for number in centroid],
            radius=archive.radius or 0.0,
            capacity=archive.capacity or 0,
            neighbors=archive.neighbors or 1,
        )

    def offer(self, record: Foreign | Frontier) -> list[tuple[Status, Frontier | None]] | None:
        """Offer the programs of a frontier, and return what becomes of each; None for a frontier without a task.

        The frontier of a program that was not decoded is None. InputError, with the place of the record, if it is no
        frontier, if a descriptor does not fit, or if it is outside and the archive does not allow that.
        """
        if isinstance(record, Foreign):
            status = self.offer_line(record.line)
            if status is not None:
                return [(status, None)]
            record = record.frontier()
        if record.task is None:
            return None
        return [(self._offer(record, program), only(record, program)) for program in record.programs]

    def offer_line(self, line: bytes) -> Status | None:
        """Offer the program of a frontier's line; None if it has to be decoded, and was not offered."""
        return self._statuses.get(self._native.offer_line(line))

    def _offer(self, frontier: Frontier, program: Program) -> Status:
        assert frontier.task is not None
        objective = objective_of(program, self.archive.objective)
        if objective is None:
            return "no objective"
        if program.descriptor is None:
            return "no descriptor"
        if not all(map(math.isfinite, program.descriptor)):
            return "no descriptor"
        status = self._native.offer(
            frontier.task.id,
            program.language,
            program.program,
            float(objective),
            [float(number) for number in program.descriptor],
            only(frontier, program).encode(),
        )
        if status == _WRONG_DIMENSIONS:
            wanted = counted(len(self.archive.dimensions), "dimension")
            raise frontier.error(f"a descriptor of {len(program.descriptor)} numbers; the archive has {wanted}")
        if status == "outside" and self.archive.outside == "error":
            raise frontier.error(f"a descriptor outside the archive's range: {self._outside(program.descriptor)}")
        return self._statuses[status]

    def _outside(self, descriptor: Sequence[float]) -> str:
        ranges = zip(self.archive.dimensions, descriptor, strict=True)
        return ", ".join(
            f"{each.name} {value:g} is not from {low:g} to {high:g}"
            for each, value in ranges
            for low, high in [range_of(each)]
            if not low <= value <= high
        )

    def settle(self) -> None:
        """Let the elites of the layout dominated-novelty compete; the others are settled at any time."""
        self._native.settle()

    def tasks(self) -> list[str]:
        """The ids of the tasks, in the order of their first elites."""
        return self._native.tasks()

    def filled(self, task: str) -> int:
        """The number of filled cells of a task."""
        return self._native.filled(task)

    def elites(self, task: str, place: int) -> list[Elite]:
        """The elites, best first, of the cell of a task that was filled as number ``place``, from 0."""
        return [Elite(*each) for each in self._native.elites(task, place)]

    def best(self, task: str, place: int) -> Elite:
        """The best elite of the cell that was filled as number ``place``."""
        return self.elites(task, place)[0]

    def all(self, task: str) -> list[Elite]:
        """All elites of a task by cell, in each the best first."""
        cells = [self.elites(task, place) for place in range(self.filled(task))]
        return [elite for cell in sorted(cells, key=lambda cell: cell[0].cell) for elite in cell]

    def gains(self, task: str) -> list[tuple[int, float]]:
        """Each filled cell of a task with the gain of its best elite, in the order of filling."""
        return self._native.gains(task)

    def place(self, task: str, descriptor: Sequence[float]) -> int | None:
        """The place of the cell that a descriptor falls into; None if it is empty or the layout has no fixed cells."""
        return self._native.place(task, [float(number) for number in descriptor])

    @property
    def cells(self) -> int | None:
        """The number of cells of a task; None if it is not fixed."""
        return self._native.cells()

    @property
    def clipped(self) -> int:
        """How many programs were outside the range of a dimension, and taken into the nearest cell."""
        return self._native.clipped()


def objective_of(program: Program, objective: str) -> float | None:
    """The figure of a program that an archive with ``objective`` compares; None if it is not known, or infinite."""
    figures = {
        "gain": program.gain,
        "reward": program.reward,
        "score": program.score,
        "log-likelihood": program.log_likelihood,
        "log-prior": program.log_prior,
    }
    figure = figures[objective]
    return figure if figure is not None and math.isfinite(figure) else None


def gain_of(program: Program, archive: Archive) -> float | None:
    """What an archive maximizes: the objective of a program, negated if the archive minimizes; None without one."""
    objective = objective_of(program, archive.objective)
    return -objective if objective is not None and archive.minimize else objective


def only(frontier: Frontier, program: Program) -> Frontier:
    """The frontier with only one of its programs; it itself if it has no other."""
    return frontier if len(frontier.programs) == 1 else dataclasses.replace(frontier, programs=(program,))


def check_archive(archive: Archive) -> None:
    """InputError, with the place of the record, unless the archive can be made."""
    if not archive.dimensions:
        raise archive.error("dimensions: an archive has at least one")
    for number, each in enumerate(archive.dimensions):
        wrong = _fault(each, grid=archive.layout == "grid")
        if wrong:
            raise archive.error(f"dimensions[{number}] {each.name}: {wrong}")
    if archive.depth < 1:
        raise archive.error("depth: expected at least 1")
    if archive.layout == "grid" and math.prod(bins_of(each) for each in archive.dimensions) > MOST_CELLS:
        raise archive.error(f"a grid has at most 2^{MOST_CELLS.bit_length() - 1} cells")
    if archive.layout == "cvt":
        sizes = {len(centroid) for centroid in archive.centroids}
        if sizes != {len(archive.dimensions)}:
            raise archive.error(f"centroids: expected at least one, each of {len(archive.dimensions)} numbers")
    if archive.layout == "unstructured" and not 0 < (archive.radius or 0) < math.inf:
        raise archive.error("radius: expected a number above 0")
    if archive.layout == "dominated-novelty" and min(archive.capacity or 0, archive.neighbors or 0) < 1:
        raise archive.error("capacity and neighbors: expected at least 1 each")


def _fault(dimension: Dimension, *, grid: bool) -> str | None:
    """What is wrong with a dimension, if anything."""
    if dimension.categories:
        return None if grid else "only a grid has categories"
    if dimension.edges:
        increasing = all(a < b for a, b in itertools.pairwise(dimension.edges))
        return None if len(dimension.edges) > 1 and increasing else "edges: expected two or more in increasing order"
    low, high = dimension.low, dimension.high
    if low is None or high is None or not low < high or not math.isfinite(high - low):
        return "expected low < high"
    if dimension.logarithmic and low <= 0:
        return "the lower end of a logarithmic range is above 0"
    if grid and (dimension.bins is None or not 1 <= dimension.bins <= MOST_CELLS):
        return "expected a number of bins"
    steps = bins_of(dimension)
    if grid and not dimension.logarithmic and low + (high - low) / steps == low:
        return "the bins are too narrow for numbers of this size"
    return None


def range_of(dimension: Dimension) -> tuple[float, float]:
    """The lower and upper end of a dimension."""
    if dimension.categories:
        return 0.0, float(len(dimension.categories) - 1)
    if dimension.edges:
        return dimension.edges[0], dimension.edges[-1]
    assert dimension.low is not None
    assert dimension.high is not None
    return dimension.low, dimension.high


def bins_of(dimension: Dimension) -> int:
    """The number of bins of a dimension in a grid."""
    if dimension.categories:
        return len(dimension.categories)
    return len(dimension.edges) - 1 if dimension.edges else dimension.bins or 1


def edges_of(dimension: Dimension) -> list[float]:
    """The edges of the bins of a dimension, one more than bins."""
    if dimension.edges:
        return list(dimension.edges)
    bins = bins_of(dimension)
    if dimension.categories:
        return [number - 0.5 for number in range(bins + 1)]
    low, high = range_of(dimension)
    if dimension.logarithmic:
        return [low * (high / low) ** (number / bins) for number in range(bins)] + [high]
    return [low + (high - low) * (number / bins) for number in range(bins)] + [high]


def bins_of_cell(archive: Archive, cell: int) -> tuple[int, ...]:
    """The bin of a grid's cell in each dimension."""
    bins: list[int] = []
    for dimension in reversed(archive.dimensions):
        cell, place = divmod(cell, bins_of(dimension))
        bins.insert(0, place)
    return tuple(bins)


def centroids(archive: Archive, count: int, seed: int) -> tuple[tuple[float, ...], ...]:
    """``count`` centroids that are spread evenly over the range of an archive's dimensions."""
    from psynth._native import archive_centroids

    size = len(archive.dimensions)
    numbers = archive_centroids(count, size, seed)
    ranges = [range_of(each) for each in archive.dimensions]
    points = (numbers[start : start + size] for start in range(0, len(numbers), size))
    return tuple(
        tuple(low + share * (high - low) for share, (low, high) in zip(point, ranges, strict=True)) for point in points
    )


_NOT_COMPARED = ("counts", "place", "line", "extra")

_Axis: TypeAlias = tuple[float, float, int, bool] | list[float]


def _axis(dimension: Dimension) -> _Axis:
    """A dimension as the engine takes it."""
    if dimension.edges or dimension.categories:
        return edges_of(dimension)
    low, high = range_of(dimension)
    return float(low), float(high), bins_of(dimension), dimension.logarithmic


def uneven(first: Archive, second: Archive) -> str | None:
    """What two archives cannot be joined for; None if they can, whatever their counts."""
    for name in (each.name for each in dataclasses.fields(Archive) if each.name not in _NOT_COMPARED):
        if getattr(first, name) != getattr(second, name):
            return name
    return None
