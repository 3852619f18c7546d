"""Programs per second that hill climbing on Karel's tasks examines and runs on one core.

    python benchmarks/climbing.py [EVALUATIONS]

Searches on 16 instances of each task of prog-policies with 250 neighbors and, with drift, 4000 (seed 0), including
restarts, without stopping at the maximum reward. Prints a Markdown table; CPU time is that of the whole process.
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
    """The figures of a search: programs examined and run, restarts, the best reward, CPU seconds."""

    examined: int = 0
    run: int = 0
    restarts: int = 0
    best: float = 0.0
    seconds: float = 0.0


def climb(task: Task, evaluations: int, neighbors: int, drift: bool) -> Count:
    """Search until the given number of programs was examined."""
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
