"""Episodes and actions per second of the Karel machine on one core, compared with the tests' plain Python reference.

    python benchmarks/karel.py [PROGRAMS]

Samples programs similarly to LEAPS (seed 0), runs them on 16 instances of every task under its profile's rules, and
prints a line for each task: CPU time, best of three rounds, including reading and compiling the programs. The machine
counts rounds of endless loops without running them; "stepped" is the actions per second when it must run them all. The
last lines are the minimum of each profile over the six tasks of LEAPS.
"""

import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from karel import reference
from karel.programs import random_program
from psynth_karel.machine import Instances, Rule, Score, rules, to_term

INSTANCES = 16
BY_REFERENCE = 60
"""Number of programs that the reference runs."""


def seconds(run: Callable[[], object], rounds: int = 3) -> float:
    """The minimum CPU time of several rounds."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


def by_reference(rule: Rule, instances: Instances, programs: list[str]) -> None:
    """Run programs on every instance in plain Python."""
    for program in programs:
        tree = reference.parse(program)
        for seed, picture in enumerate(instances.pictures()):
            grid = reference.Grid.read(list(picture.map), picture.row, picture.column, picture.heading)
            food = reference.food(rule.profile, seed, rule.height, rule.width)
            reference.episode(rule.profile, reference.Task(rule.task, grid, rule.sparse, food), tree)


@dataclass
class Speed:
    """The speed of one core."""

    episodes: float
    actions: float
    stepped: float

    def __str__(self) -> str:
        return f"{self.episodes:12,.0f}{self.actions:14,.0f}{self.stepped:14,.0f}"


def measured(instances: Instances, terms: list[str]) -> tuple[Speed, float]:
    """The speed on these programs, and the actions of an episode."""
    scores = [score for score in instances.evaluate(terms) if isinstance(score, Score)]
    actions = sum(sum(score.actions) for score in scores)
    episodes = len(scores) * INSTANCES
    ours = seconds(lambda: instances.evaluate(terms))
    stepped = seconds(lambda: instances.evaluate(terms, every_step=True))
    return Speed(episodes / ours, actions / ours, actions / stepped), actions / episodes


def ratio(rule: Rule, instances: Instances, tokens: list[str], terms: list[str]) -> float:
    """The ratio of the reference's time to the machine's for some of the programs."""
    theirs = seconds(lambda: by_reference(rule, instances, tokens[:BY_REFERENCE]), rounds=1)
    return theirs / (seconds(lambda: instances.evaluate(terms[:BY_REFERENCE] * 20)) / 20)


def main(count: int = 20_000) -> None:
    """Print the table."""
    rng = random.Random(0)
    tokens = [random_program(rng) for _ in range(count)]
    terms = [to_term(program) for program in tokens]
    of_leaps = {rule.task for rule in rules() if rule.profile == "leaps"}
    speeds: dict[str, list[Speed]] = {}
    print(f"{'profile':14}{'task':14}{'episodes/s':>12}{'actions/s':>14}{'stepped':>14}{'an episode':>12}{'ratio':>8}")
    for rule in rules():
        seeds, sparse = range(INSTANCES), rule.sparse
        instances = Instances.generate(
            rule.task, rule.profile, height=rule.height, width=rule.width, seeds=seeds, sparse=sparse
        )
        speed, length = measured(instances, terms)
        if rule.task in of_leaps:
            speeds.setdefault(rule.profile, []).append(speed)
        times = ratio(rule, instances, tokens, terms)
        print(f"{rule.profile:14}{rule.task:14}{speed}{length:12.1f}{times:8,.0f}", flush=True)
    for profile, found in speeds.items():
        least = Speed(*(min(getattr(each, name) for each in found) for name in ("episodes", "actions", "stepped")))
        print(f"{profile:14}{'least of six':14}{least}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
