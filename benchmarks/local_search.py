"""Programs per second that local search examines on one core, on every kind of domain.

    python benchmarks/local_search.py [EVALUATIONS]

Searches with 250 neighbors (seed 3, including restarts) for a number of programs on each of some tasks, until one is
solved: with the λ-machine and the domain's evaluator ("general"), and with the domain's own neighborhood if it has one
("own"), which must find the same programs on domains that run in the λ-machine. Prints a Markdown table of the CPU time
of this process and its child processes, including their startup.
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
"""The number of tasks of each domain, from the first."""
EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "plugin" / "src"
"""The folder of the domain tiles, which runs in Python."""

Way = Callable[[Domain, Library, Task], Neighborhood | None]
WAYS: dict[str, Way] = {
    "general": lambda domain, library, task: LambdaNeighborhood(domain, library, task),
    "own": lambda domain, library, task: neighborhood_of(domain, library, task),
}


def cpu_seconds() -> float:
    """The CPU seconds of this process and of its ended child processes."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def tasks_of(domain: Domain) -> Iterator[Task]:
    """The first tasks, as a search may see them."""
    names = {field.name for field in dataclasses.fields(domain.TaskSettings)}
    asked = {"instances": 16, "held_out": 0} if "instances" in names else {}
    tasks = domain.tasks(domain.TaskSettings(**asked), 0)
    yield from map(domain.visible, islice(tasks, TASKS[domain.name]))


def climbed(domain: Domain, library: Library, way: Way, evaluations: int) -> tuple[int, int, list[str]] | None:
    """Programs examined, tasks solved and the best program of each task; None if the domain does not support it."""
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
