"""Evaluations of walkers per second of CPU time, by the engine alone and in whole commands; Box2D as the peer.

    python benchmarks/sodarace.py [WALKERS]

"engine" is `psynth_sodarace.machine.run` on one thread, which checks, settles and moves each walker: no program is run.
The peer does the same with Box2D 2.3 from Python (`pip install box2d`), as tools for Sodarace do: joints are circles
that touch the ground only, muscles distance joints of 3 Hz whose length is set in each step, 60 steps a second, and it
settles as long as ours needs. Then `psynth evaluate` runs whole commands on as many different programs: Python source
in the sandbox, and λ-terms in worker processes.
"""

from __future__ import annotations

import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from psynth_sodarace.domain import Sodarace, SodaraceTaskSettings
from psynth_sodarace.machine import Measures, Plan, run
from psynth_sodarace.seeds import PYTHON_SEEDS
from psynth_sodarace.walkers import read_walker

from psynth.core.engines.leases import default_engines
from psynth.plugins import Budget

TIMES = (1000, 5000)
"""Milliseconds after the walker has come to rest."""
BY_PEER = 40
"""Evaluations by the peer."""


def per_second(evaluate: Callable[[int], object], count: int) -> float:
    """Evaluations per second of CPU time, best of three rounds."""
    best = math.inf
    for _ in range(3):
        start = time.process_time()
        evaluate(count)
        best = min(best, time.process_time() - start)
    return count / best


def seeds() -> dict[str, Plan]:
    """The seed walkers."""
    domain = Sodarace()
    task = next(domain.tasks(SodaraceTaskSettings(), 0))
    found = {}
    with domain.evaluator(domain.library(), Budget(), language="python") as evaluator:
        for name, program in PYTHON_SEEDS.items():
            [outcome] = evaluator.run(program, None, domain.calls(task))
            found[name] = read_walker(outcome.value)
    return found


def by_box2d(plan: Plan, settled: float, milliseconds: int) -> None:
    """The same walker in Box2D, at 60 steps a second."""
    import Box2D as box2d

    world = box2d.b2World(gravity=(0, -10))
    world.CreateStaticBody(position=(0, -10)).CreatePolygonFixture(box=(1000, 10), friction=1)
    joints, muscles = plan
    lowest = min(y for _, y in joints)
    bodies = []
    for x, y in joints:
        body = world.CreateDynamicBody(position=(x, y - lowest + 0.25), fixedRotation=True, linearDamping=1.1)
        fixture = body.CreateCircleFixture(radius=0.25, density=1, friction=1)
        fixture.filterData = box2d.b2Filter(categoryBits=2, maskBits=1)
        bodies.append(body)
    springs = []
    for first, second, rhythm in muscles:
        frequency, damping = (20, 1) if rhythm is None else (3, 0.3)
        ends = {"bodyA": bodies[first], "bodyB": bodies[second], "frequencyHz": frequency, "dampingRatio": damping}
        joint = world.CreateDistanceJoint(anchorA=bodies[first].position, anchorB=bodies[second].position, **ends)
        if rhythm is not None:
            springs.append((joint, joint.length, *rhythm))
    for _ in range(round(60 * settled)):
        world.Step(1 / 60, 10, 10)
    for step in range(60 * milliseconds // 1000):
        for joint, length, amplitude, phase in springs:
            joint.length = length * (1 + 0.03 * amplitude * math.cos(2 * math.pi * (step / 60 + phase)))
        world.Step(1 / 60, 10, 10)


def engine(walkers: dict[str, Plan]) -> None:
    """Print a line for each seed: its size, and evaluations per second for each time, by the peer too."""
    try:
        import Box2D  # noqa: F401
    except ImportError:
        print("(the peer is not installed: pip install box2d)")
    heads = f"{'walker':<14}{'joints':>7}{'muscles':>8}{'settles, s':>11}{'ms':>7}"
    print(f"{heads}{'engine/s':>11}{'Box2D/s':>9}{'ratio':>7}")
    for name, plan in walkers.items():
        [found] = run([plan], "flat", TIMES[0])
        assert isinstance(found, Measures), found
        for milliseconds in TIMES:
            ours = per_second(lambda count, plan=plan, ms=milliseconds: run([plan] * count, "flat", ms), 1000)
            line = f"{name:<14}{len(plan[0]):>7}{len(plan[1]):>8}{found.settled:>11.1f}"
            line += f"{milliseconds:>7}{ours:>11,.0f}"
            if "Box2D" in sys.modules:

                def peer(count: int, plan: Plan = plan, ms: int = milliseconds, rest: float = found.settled) -> None:
                    for _ in range(count):
                        by_box2d(plan, rest, ms)

                theirs = per_second(peer, BY_PEER)
                line += f"{theirs:>9,.0f}{ours / theirs:>7.0f}"
            print(line, flush=True)


def commands(count: int) -> None:
    """Print a line for each language: programs per second of CPU time of a whole `psynth evaluate`."""
    domain = Sodarace()
    task = next(domain.tasks(SodaraceTaskSettings(), 0))
    # Each program is another one: equal programs are run once.
    sources = [PYTHON_SEEDS["runner"].replace('6.0, "phase"', f'{6 + n / count}, "phase"') for n in range(count)]
    with default_engines().lambda_machine() as machine:
        drawn = machine.sample(domain.library().to_json(), "walker", seed=0, count=count, max_depth=8)
    terms = [str(each["program"]) for each in drawn]
    for language, programs in (("python", sources), ("lambda", terms)):
        with tempfile.TemporaryDirectory() as folder:
            seconds, valid = whole_command(task.to_json(), language, programs, Path(folder))
        print(
            f"psynth evaluate, {language}: {count} programs ({valid} valid walkers), "
            f"{seconds:.2f} CPU s, {count / seconds:,.0f} programs/s"
        )


def whole_command(task: object, language: str, programs: Sequence[str], folder: Path) -> tuple[float, int]:
    """The CPU seconds of a command with all its processes, and how many programs made a walker."""
    given, written = folder / "given.jsonl", folder / "written.jsonl"
    listed = [{"program": program, "language": language} for program in programs]
    frontier = {"type": "frontier", "task": task, "programs": listed}
    end = {"type": "end", "status": "complete"}
    given.write_text("".join(json.dumps(line) + "\n" for line in (frontier, end)))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = [sys.executable, "-m", "psynth", "evaluate", str(given), "-o", str(written)]
    subprocess.run(words, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, written.read_text().count('"reward"')


def main(count: int = 1000) -> None:
    """Run both."""
    engine(seeds())
    commands(count)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
