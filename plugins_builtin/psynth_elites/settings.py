"""The settings that describe an archive, and the archive that they and a stream describe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from psynth.core.engines.archive import centroids, check_archive
from psynth.core.errors import InputError, UsageError
from psynth.core.settings import setting
from psynth.core.stream.records import LAYOUTS, OBJECTIVES, OUTSIDE, Archive, Dimension
from psynth.plugins.method import Context, Method
from psynth_elites.dimensions import FORMS, dimensions_of

if TYPE_CHECKING:
    from psynth.plugins.behavior import Axis

BINS, CELLS, RADIUS, NEIGHBORS, DEPTH = 12, 1000, 0.05, 3, 1
MOST_CELLS = 1_000_000
FITTING: Mapping[str, Sequence[str]] = {
    "bins": ("grid",),
    "cells": ("cvt", "dominated-novelty"),
    "radius": ("unstructured",),
    "neighbors": ("dominated-novelty",),
    "depth": ("grid", "cvt"),
}
"""The layouts in which a setting has a meaning."""


@dataclass(frozen=True)
class ArchiveSettings(Method):
    """The base of the methods that keep an archive: how behavior space is divided, and what is best.

    None is what the stream's archive has or, without one, the default.
    """

    layout: str | None = setting(None, choices=LAYOUTS, help="how behavior space is divided (grid)")
    dim: tuple[str, ...] = setting(
        (), value="DIMENSION", help=f"a dimension, instead of the domain's axis of that name (repeatable): {FORMS}"
    )
    bins: int | None = setting(
        None, minimum=1, maximum=1 << 31, unit="bins", help=f"bins of each dimension of a grid ({BINS})"
    )
    cells: int | None = setting(
        None,
        minimum=1,
        maximum=MOST_CELLS,
        unit="cells",
        help=f"cells of a cvt, or elites of dominated-novelty ({CELLS})",
    )
    radius: float | None = setting(
        None, minimum=1e-9, help=f"distance of elites in an unstructured archive, in ranges of the axes ({RADIUS})"
    )
    neighbors: int | None = setting(
        None, minimum=1, maximum=1000, unit="elites", help=f"better elites that dominated novelty counts ({NEIGHBORS})"
    )
    depth: int | None = setting(
        None, minimum=1, maximum=MOST_CELLS, unit="elites", help=f"elites to keep in a cell ({DEPTH})"
    )
    outside: str | None = setting(
        None,
        choices=OUTSIDE,
        help="what happens to a descriptor outside the range of a dimension (clip)",
    )
    objective: str | None = setting(
        None, choices=OBJECTIVES, help="what is best in an elite (gain: the reward or, without one, the score)"
    )
    minimize: bool = setting(False, help="the least figure is the best")
    maximize: bool = setting(False, help="the greatest figure is the best, also where the stream's archive minimizes")
    qd_offset: float | None = setting(None, help="the figure that adds nothing to the QD score (0)")

    def archive(self, context: Context, domain: str | None, given: Archive | None) -> Archive:
        """The archive for programs of a domain, empty: the stream's, laid out anew where settings say so.

        InputError if there is no archive and the domain has no behavior space; UsageError for impossible settings.
        """
        base = given or Archive("grid", ())
        if given is not None and not self.describes():
            return replace(given, counts={})
        archive = replace(
            base,
            layout=self.layout or base.layout,
            dimensions=self._dimensions(context, domain, given),
            depth=self.depth or base.depth,
            outside=self.outside or base.outside,
            objective=self.objective or base.objective,
            minimize=self.minimizes(base),
            offset=base.offset if self.qd_offset is None else self.qd_offset,
            centroids=(),
            counts={},
        )
        self._check_fits(archive.layout)
        archive = self._laid_out(archive, context, base)
        try:
            check_archive(archive)
        except InputError as error:
            raise UsageError(error.message) from None
        return archive

    def minimizes(self, base: Archive | None = None) -> bool:
        """Whether the least figure is best, by the settings or else by an archive."""
        if self.minimize and self.maximize:
            raise UsageError("--minimize and --maximize exclude each other")
        return self.minimize or (base is not None and base.minimize and not self.maximize)

    def describes(self) -> bool:
        """Whether any setting says something about the archive."""
        return any(getattr(self, each.name) != each.default for each in fields(ArchiveSettings))

    def _check_fits(self, layout: str) -> None:
        """UsageError for a setting that has no meaning in a layout."""
        for name, layouts in FITTING.items():
            if getattr(self, name) is not None and layout not in layouts:
                raise UsageError(f"--{name} is for --layout {' or '.join(layouts)}, not for {layout}")

    def _laid_out(self, archive: Archive, context: Context, base: Archive) -> Archive:
        """The archive with what its layout needs beside dimensions."""
        radius = capacity = neighbors = None
        points: tuple[tuple[float, ...], ...] = ()
        if archive.layout == "cvt":
            points = self._centroids(archive, context, base)
        elif archive.layout == "unstructured":
            radius = self.radius or base.radius or RADIUS
        elif archive.layout == "dominated-novelty":
            capacity, neighbors = self.cells or base.capacity or CELLS, self.neighbors or base.neighbors or NEIGHBORS
        return replace(archive, centroids=points, radius=radius, capacity=capacity, neighbors=neighbors)

    def _dimensions(self, context: Context, domain: str | None, given: Archive | None) -> tuple[Dimension, ...]:
        if given is not None and not self.dim:
            return tuple(_rebinned(each, self.bins) for each in given.dimensions)
        dimensions = dimensions_of(_axes(context, domain), self.dim, self.bins or BINS)
        if not dimensions:
            raise InputError(f"domain {domain!r} has no behavior space; --dim NAME:LOW:HIGH declares a dimension")
        return dimensions

    def _centroids(self, archive: Archive, context: Context, base: Archive) -> tuple[tuple[float, ...], ...]:
        same = base.layout == "cvt" and base.dimensions == archive.dimensions
        if same and self.cells in (None, len(base.centroids)):
            return base.centroids
        wrong = next((each for each in archive.dimensions if each.categories), None)
        if wrong is not None:
            raise UsageError(f"--layout cvt: dimension {wrong.name} has categories, which have no distance")
        return centroids(archive, self.cells or CELLS, context.seed)


def _axes(context: Context, domain: str | None) -> Sequence[Axis]:
    """The axes of a domain's behavior space; none without a domain that is installed and has one."""
    try:
        behavior = None if domain is None else context.domain(domain).behavior()
    except InputError:
        return ()
    return () if behavior is None else behavior.axes


def _rebinned(dimension: Dimension, bins: int | None) -> Dimension:
    """The dimension with ``bins`` bins, where their number is not given by edges or categories."""
    if bins is None or dimension.edges or dimension.categories:
        return dimension
    return replace(dimension, bins=bins)
