"""The methods ``map-elites``, ``genetic`` and ``islands``: evolution of programs in one process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from psynth.core.errors import UsageError
from psynth.core.limits import LARGEST
from psynth.core.settings import setting
from psynth.core.stream.records import Archive, Dimension, Record
from psynth.plugins.method import Context
from psynth_elites.evolution import Evolution
from psynth_elites.run import Run
from psynth_elites.selection import SELECTIONS


@dataclass(frozen=True)
class EvolutionMethod(Evolution):
    """The base of the methods: their run."""

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the archive of the elites that evolve for each task."""
        with Run(self, context) as run:
            yield from run.records(records)


@dataclass(frozen=True)
class MapElites(EvolutionMethod):
    """Evolve programs, and keep the best of each kind of behavior (Mouret and Clune, 2015).

    Evolution begins with the programs of each frontier or, without any, with samples from the library's grammar. In
    each round parents are chosen among the elites, an operator of psynth mutate makes a child of each, and children
    that are new up to the names of their variables are judged, without what the task holds out. The result depends on
    the seed, not on -j. Metrics give the QD score, the coverage and the best objective by programs judged.

    With --log a killed run goes on where it was, and ends with the same bytes: run the same command again.

        psynth elites -d karel --task maze --method map-elites --max-evaluations 5000 | psynth show
        psynth elites -d karel --task maze --method map-elites --log log.jsonl -o archive.jsonl
    """

    name: ClassVar[str] = "map-elites"

    select: str = setting("uniform", choices=tuple(SELECTIONS), help="how parents are chosen")
    parents: int = setting(
        1, minimum=1, maximum=1000, unit="parents", help="parents of a child, for operators that mix"
    )

    def selection(self) -> tuple[str, int]:
        """As the settings say."""
        return self.select, self.parents


@dataclass(frozen=True)
class Genetic(EvolutionMethod):
    """Evolve a population of programs, whatever their behavior: a genetic algorithm.

    The best --population programs survive a round; parents are the winners of tournaments among them. A domain needs no
    behavior space.

        psynth elites -d list --limit 2 --method genetic --operator crossover --parents 2 --max-evaluations 500
    """

    name: ClassVar[str] = "genetic"

    population: int = setting(100, minimum=1, maximum=1_000_000, unit="programs", help="programs that survive a round")
    select: str = setting("tournament", choices=("tournament", "uniform"), help="how parents are chosen")
    parents: int = setting(
        1, minimum=1, maximum=1000, unit="parents", help="parents of a child, for operators that mix"
    )

    def selection(self) -> tuple[str, int]:
        """As the settings say."""
        return self.select, self.parents

    @property
    def behaves(self) -> bool:
        """Programs are all in one cell."""
        return False

    def archive(self, context: Context, domain: str | None, given: Archive | None) -> Archive:
        """One cell as deep as the population."""
        for name in ("layout", "dim", "bins", "cells", "depth", "outside", "radius", "neighbors"):
            if getattr(self, name) not in (None, ()):
                raise UsageError(f"--{name}: a population has one cell, with --population programs")
        return Archive(
            "grid",
            (Dimension("population", 0.0, 1.0, 1),),
            self.population,
            objective=self.objective or "gain",
            minimize=self.minimizes(given),
            offset=self.qd_offset or 0.0,
        )


@dataclass(frozen=True)
class Islands(MapElites):
    """Evolve several archives apart, which exchange their best elites now and then.

    The islands are in a ring: after every --migrate-every rounds each sends its best --migrants elites to the next. The
    result is one archive of the elites of all. --max-evaluations is for all islands together.

        psynth elites -d karel --task maze --method islands --islands 4 -o archive.jsonl
    """

    name: ClassVar[str] = "islands"

    islands: int = setting(4, minimum=2, maximum=1000, unit="islands", help="archives that evolve apart")
    every: int = setting(
        10, minimum=1, maximum=LARGEST, unit="rounds", flag="--migrate-every", help="rounds between two migrations"
    )
    sent: int = setting(
        5, minimum=0, maximum=100_000, unit="elites", flag="--migrants", help="elites that an island sends to the next"
    )

    @property
    def islands_count(self) -> int:
        """As the settings say."""
        return self.islands

    @property
    def migrate_every(self) -> int:
        """As the settings say."""
        return self.every

    @property
    def migrants(self) -> int:
        """As the settings say."""
        return self.sent
