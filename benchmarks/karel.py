"""How many episodes and actions a second one core runs in the Karel machine, beside the tests' plain Python reference.

    python benchmarks/karel.py [PROGRAMS]

Draws programs about as LEAPS does (seed 0), runs them on 16 instances of every task under its profile's rules, and
prints a line a task: CPU time, best of three rounds. Reading and compiling the programs is part of the time.
"""

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from karel import reference
from karel.programs import random_program

from psynth.core.karel_machine import Instances, Rule, Score, rules, to_term

INSTANCES = 16
BY_REFERENCE = 60
"""Programs that the reference runs."""


def seconds(run: Callable[[], object], rounds: int = 3) -> float:
    """The best CPU time of some rounds."""
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


def main(count: int = 20_000) -> None:
    """Print the table."""
    rng = random.Random(0)
    tokens = [random_program(rng) for _ in range(count)]
    terms = [to_term(program) for program in tokens]
    print(f"{'profile':14}{'task':14}{'episodes/s':>12}{'actions/s':>12}{'actions':>9}{'evals/s':>10}{'ratio':>8}")
    for rule in rules():
        instances = Instances.generate(
            rule.task,
            rule.profile,
            height=rule.height,
            width=rule.width,
            seeds=range(INSTANCES),
            sparse=rule.sparse,
        )
        scores = [score for score in instances.evaluate(terms) if isinstance(score, Score)]
        actions = sum(sum(score.actions) for score in scores)
        episodes = len(scores) * INSTANCES
        ours = seconds(lambda of=instances: of.evaluate(terms))
        sample = tokens[:BY_REFERENCE]
        theirs = seconds(lambda of=instances, rule=rule, sample=sample: by_reference(rule, of, sample), rounds=1)
        ours_on_sample = seconds(lambda of=instances: of.evaluate(terms[:BY_REFERENCE] * 20), rounds=3) / 20
        print(
            f"{rule.profile:14}{rule.task:14}{episodes / ours:12,.0f}{actions / ours:12,.0f}"
            f"{actions / episodes:9.1f}{count / ours:10,.0f}{theirs / ours_on_sample:8,.0f}"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
