"""How many programs a second one core examines in a local search: mutants from the λ-machine on every kind of domain.

    python benchmarks/local_search.py [EVALUATIONS]

Climbs with 250 neighbors (seed 3, restarts included) for so many programs on each of some tasks, until one is solved:
by way of the λ-machine and the domain's evaluator ("general"), and by the domain's own neighborhood where it has one
("own"), which has to find the same on domains that run in the λ-machine. Prints a Markdown table: CPU time of this
process and of those it starts, starting them and filling their tables included.
"""

import dataclasses
import resource
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint, entry_points
from itertools import islice
from pathlib import Path

from psynth_search.climb import Climb, Plan
from psynth_search.widths import constant

from psynth.core.stream.records import Library, Task
from psynth.plugins.domain import Domain
from psynth.plugins.lambda_neighborhood import LambdaNeighborhood
from psynth.plugins.neighborhood import Neighborhood
from psynth.plugins.neighborhoods import neighborhood_of
from psynth.plugins.registry import GROUP, Registry

TASKS = {"list": 12, "regex": 6, "tiles": 6, "karel": 6}
"""How many tasks of each domain: its first ones."""
EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "plugin" / "src"
"""Where the domain tiles is, which runs in Python."""

Way = Callable[[Domain, Library, Task], Neighborhood | None]
WAYS: dict[str, Way] = {
    "general": lambda domain, library, task: LambdaNeighborhood(domain, library, task),
    "own": lambda domain, library, task: neighborhood_of(domain, library, task),
}


def cpu_seconds() -> float:
    """Used by this process and by those that it started and that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def tasks_of(domain: Domain) -> Iterator[Task]:
    """The first tasks, as a search may see them."""
    names = {field.name for field in dataclasses.fields(domain.TaskSettings)}
    asked = {"instances": 16, "held_out": 0} if "instances" in names else {}
    tasks = domain.tasks(domain.TaskSettings(**asked), 0)
    yield from map(domain.visible, islice(tasks, TASKS[domain.name]))


def climbed(domain: Domain, library: Library, way: Way, evaluations: int) -> tuple[int, int, list[str]] | None:
    """Programs examined, tasks solved and the best program of each task; None if the domain has no such way."""
    examined, solved, best = 0, 0, []
    for task in tasks_of(domain):
        neighborhood = way(domain, library, task)
        if neighborhood is None:
            return None
        with neighborhood:
            climb = Climb(neighborhood, Plan(constant(250), evaluations), seed=3)
            *_, last = climb.improvements()
        examined, solved = examined + climb.evaluations, solved + climb.is_solved
        best.append(last.program)
    return examined, solved, best


def main(evaluations: int = 3000) -> None:
    """Print the table."""
    sys.path.insert(0, str(EXAMPLE))
    registry = Registry([*entry_points(group=GROUP), EntryPoint("tiles", "psynth_example_tiles.plugin", GROUP)])
    print("| domain | way | tasks | solved | programs | CPU s | programs a CPU s |")
    print("|---|---|---|---|---|---|---|")
    for name, count in TASKS.items():
        domain = registry.domain(name)
        library, found = domain.library(), []
        for way, opened in WAYS.items():
            started = cpu_seconds()
            climb = climbed(domain, library, opened, evaluations)
            if climb is None:
                continue
            examined, solved, best = climb
            seconds = cpu_seconds() - started
            found.append(best)
            print(
                f"| {name} | {way} | {count} | {solved} | {examined:,} | {seconds:.2f} | {examined / seconds:,.0f} |",
                flush=True,
            )
        assert domain.local_search() is not None or all(best == found[0] for best in found)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
