"""How well hill climbing with drift solves Karel's ten tasks under prog-policies' rules, on worlds it never saw too.

    python benchmarks/policies.py [TASK…]

Climbs with five seeds each (one thread) to the best possible reward or through the budget below, evaluates the best
program anew on the instances searched and on 200 held out, and prints a Markdown table with CPU seconds.
"""

import sys
import time
from dataclasses import dataclass

from psynth_karel.domain import Karel, KarelTaskSettings
from psynth_karel.environment import Environment

from psynth.core.karel_machine import Instances, to_tokens
from psynth.core.seeds import stable_hash
from psynth.plugins.neighbourhood import Candidate, Neighbourhood

KAREL = Karel()
NEIGHBOURS = 4000
SEEDS = 5


@dataclass(frozen=True)
class Setting:
    """Instances to search on, programs to examine at most, and nodes of a program (the published limits if None)."""

    instances: int = 200
    evaluations: int = 3_000_000
    max_size: int | None = None


SETTINGS = {
    "stair-climber": Setting(),
    "four-corners": Setting(),
    "top-off": Setting(),
    "maze": Setting(),
    "clean-house": Setting(),
    "harvester": Setting(),
    "seeder": Setting(),
    "door-key": Setting(instances=64),
    "one-stroke": Setting(evaluations=1_500_000, max_size=45),
    "snake": Setting(instances=32, evaluations=1_000_000),
}


def climb(around: Neighbourhood, seed: int, evaluations: int) -> tuple[Candidate, int]:
    """The best candidate, and how many programs were examined."""
    examined = number = 0
    [best] = around.draw(1, stable_hash(seed, number) >> 1)
    while examined < evaluations and best.gain < around.ceiling - 1e-9:
        number += 1
        [here] = around.draw(1, stable_hash(seed, number) >> 1)
        examined += 1
        while True:
            best = max(best, here, key=lambda each: each.gain)
            if examined >= evaluations or best.gain >= around.ceiling - 1e-9:
                break
            number += 1
            step = around.step(
                here, min(NEIGHBOURS, evaluations - examined), stable_hash(seed, number) >> 1, drift=True
            )
            examined += step.evaluations
            if step.candidate is None:
                break
            here = step.candidate
    return best, examined


def reward(instances: Instances | None, program: str) -> float:
    """The mean reward of a program, evaluated anew."""
    assert instances is not None
    [score] = instances.evaluate([program])
    return score.reward


def main(names: list[str]) -> None:
    """Print the table."""
    print("| task | instances | seed | search | held out | examined | CPU s | tokens |")
    print("|---|---|---|---|---|---|---|---|")
    for name in names or SETTINGS:
        setting = SETTINGS[name]
        [task] = KAREL.tasks(KarelTaskSettings(task=(name,), instances=setting.instances), seed=0)
        environment = Environment.from_json(task.environment)
        for seed in range(SEEDS):
            started = time.process_time()
            with KAREL.neighbourhood(KAREL.library(), KAREL.visible(task), max_size=setting.max_size) as around:
                best, examined = climb(around, seed, setting.evaluations)
            seconds = time.process_time() - started
            searched, unseen = (
                reward(each, best.program) for each in (environment.instances(), environment.held_out())
            )
            print(
                f"| {name} | {setting.instances} | {seed} | {searched:.3f} | {unseen:.3f} | {examined:,} "
                f"| {seconds:.1f} | {len(to_tokens(best.program).split())} |",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1:])
