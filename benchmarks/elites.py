"""Whole commands: records per CPU second that ``psynth elites`` takes into an archive, start-up included.

    python benchmarks/elites.py [RECORDS] [ROUNDS]

Records of 200 bytes go into a grid of 12 × 12 × 12 cells and into a CVT of 1,000 cells; the peer is a plain loop over
the json module and a dictionary, as a process of its own. Prints the median over the rounds (3), which alternate.
"""

from __future__ import annotations

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

DIMENSIONS = ("--dim", "height:0:500", "--dim", "width:0:500", "--dim", "mass:0:1000")
SIZE = 200
"""Bytes of a record with its newline."""
PLAIN = """
import json, sys
cells = {}
for line in open(sys.argv[1]):
    record = json.loads(line)
    if record["type"] == "frontier":
        program = record["programs"][0]
        x, y, z = program["descriptor"]
        cell = min(int(x * 12 / 500), 11), min(int(y * 12 / 500), 11), min(int(z * 12 / 1000), 11)
        if cell not in cells or cells[cell][0] < program["reward"]:
            cells[cell] = program["reward"], line
sys.stdout.writelines(line for _, line in cells.values())
"""


def write_sample(path: Path, count: int) -> None:
    """Write frontiers of one program each, all of `SIZE` bytes."""
    rng = random.Random(0)
    with path.open("w", encoding="ascii") as file:
        file.write('{"type":"header","psynth":1,"provenance":[]}\n')
        for number in range(count):
            descriptor = [round(rng.uniform(0, most), 2) for most in (500, 500, 1000)]
            program = {"program": f"walker({number})", "language": "python", "reward": round(100 * rng.random(), 4)}
            record = {
                "type": "frontier",
                "task": {"id": "soda/flat", "domain": "soda"},
                "programs": [{**program, "descriptor": descriptor}],
            }
            length = len(json.dumps(record, separators=(",", ":"))) + 1
            record["programs"][0]["program"] += "#" * (SIZE - length)
            file.write(json.dumps(record, separators=(",", ":")) + "\n")
        file.write('{"type":"end","status":"complete"}\n')


def cpu_seconds(command: list[str]) -> float:
    """The CPU time of a process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(count: int = 2_000_000, rounds: int = 3) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        sample = Path(folder) / "sample.jsonl"
        write_sample(sample, count)
        psynth = [sys.executable, "-m", "psynth", "elites", "-q", *DIMENSIONS, str(sample)]
        commands = {
            "grid 12×12×12": [*psynth, "--bins", "12"],
            "CVT, 1,000 cells": [*psynth, "--layout", "cvt", "--cells", "1000"],
            "json and a dictionary": [sys.executable, "-c", PLAIN, str(sample)],
        }
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                seconds[name].append(cpu_seconds(command))
        plain = statistics.median(seconds["json and a dictionary"])
        print(f"{count:,} records of {SIZE} bytes, load {os.getloadavg()[0]:.1f}")
        for name, times in seconds.items():
            median = statistics.median(times)
            print(f"{name}: {count / median:,.0f} records/s, {plain / median:.2f} × json and a dictionary")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
