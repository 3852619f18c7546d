"""How many programs a second one core examines climbing hills on Karel's tasks, and how many of these it runs.

    python benchmarks/climbing.py [EVALUATIONS]

Climbs on 16 instances of each task of prog-policies with 250 neighbors and, drifting, with 4000 (seed 0), restarts
included, without stopping at the best possible reward, and prints a Markdown table: CPU time of the whole process.
"""

import sys
import time
from dataclasses import dataclass

from psynth_karel.domain import Karel, KarelTaskSettings

from psynth.core.seeds import stable_hash
from psynth.core.stream.records import Task

KAREL = Karel()
INSTANCES = 16


@dataclass
class Count:
    """What a climb did: programs examined, those of them run, restarts, the best reward, CPU seconds."""

    examined: int = 0
    run: int = 0
    restarts: int = 0
    best: float = 0.0
    seconds: float = 0.0


def climb(task: Task, evaluations: int, neighbors: int, drift: bool) -> Count:
    """Climb until so many programs were examined."""
    done, seed = Count(), 0
    with KAREL.local_search().neighborhood(KAREL.library(), task) as around:
        started = time.process_time()
        while done.examined < evaluations:
            [candidate] = around.draw(1, stable_hash(0, done.restarts) >> 1)
            done.examined, done.run, done.restarts = done.examined + 1, done.run + 1, done.restarts + 1
            while candidate is not None and done.examined < evaluations:
                done.best = max(done.best, candidate.gain)
                most = min(neighbors, evaluations - done.examined)
                seed += 1
                step = around.step(candidate, most, seed, drift=drift)
                done.examined, done.run = done.examined + step.evaluations, done.run + step.run
                candidate = step.candidate
        done.seconds = time.process_time() - started
    return done


def main(evaluations: int = 200_000) -> None:
    """Print the table."""
    print("| task | way | examined/s | run/s | run | restarts | best reward |")
    print("|---|---|---|---|---|---|---|")
    settings = KarelTaskSettings(instances=INSTANCES, held_out=0)
    for task in KAREL.tasks(settings, seed=0):
        for way, neighbors, drift in (("strict, 250", 250, False), ("drift, 4000", 4000, True)):
            done = climb(task, evaluations, neighbors, drift)
            print(
                f"| {task.id.split('/')[-1]} | {way} | {done.examined / done.seconds:,.0f} "
                f"| {done.run / done.seconds:,.0f} | {done.run / done.examined:.0%} "
                f"| {done.restarts} | {done.best:.3f} |",
                flush=True,
            )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
