"""Comparison of two checkouts by the CPU seconds of whole commands, run alternately.

    python benchmarks/checkouts.py OLD NEW [RUNS]

OLD and NEW are folders with a `.venv` from `make setup`. Each command runs RUNS times (3) in each checkout, including
startup; the table has the median CPU seconds of each and the median ratio of new to old.
"""

from __future__ import annotations

import os
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

PREPARE = {
    "list.jsonl": "tasks list --limit 60",
    "solved.jsonl": "enumerate --max-programs 100000 list.jsonl",
    "karel.jsonl": "tasks karel --task maze --task harvester --instances 32",
    "policies.jsonl": "sample -d karel --count 3000 --demonstrations 5 --seed 1",
}
"""Inputs, generated once by the old checkout, in this order."""

COMMANDS = {
    "psynth --help": "--help",
    "tasks list": "tasks list",
    "enumerate list, 300,000 programs": "enumerate --max-programs 300000 list.jsonl",
    "enumerate regex, 300,000 programs": "enumerate -d regex --limit 30 --max-programs 300000",
    "evaluate list": "evaluate solved.jsonl",
    "compress list": "compress solved.jsonl",
    "mutate list": "mutate --count 20 solved.jsonl",
    "check list": "check solved.jsonl",
    "hill-climb list": "{search} --method hill-climb --max-evaluations 20000 --limit 10 list.jsonl",
    "hill-climb karel": "{search} --method hill-climb --max-evaluations 100000 --target 2 karel.jsonl",
    "sample karel": "sample -d karel --count 5000 --demonstrations 5",
    "evaluate karel": "evaluate policies.jsonl",
    "check karel": "check policies.jsonl",
}
"""The commands to measure; ``{search}`` is the checkout's subcommand for search."""


def psynth(checkout: Path, command: str) -> list[str]:
    """The words that run a command in a checkout."""
    has_search = (checkout / "psynth" / "cli" / "run.py").exists()
    words = shlex.split(command.format(search="search" if has_search else "cem-search"))
    return [str(checkout / ".venv" / "bin" / "psynth"), *words]


def cpu_seconds(checkout: Path, command: str, folder: Path) -> float:
    """The CPU seconds of a command and of the processes that it waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(psynth(checkout, command), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode not in (0, 3):
        raise SystemExit(f"{checkout}: psynth {command}: {done.stderr.decode()[-500:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(old: str, new: str, runs: int = 3) -> None:
    """Print the table."""
    first, second = Path(old).resolve(), Path(new).resolve()
    os.environ["COLUMNS"] = "100"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for target, command in PREPARE.items():
            subprocess.run([*psynth(first, command), "-o", target], cwd=folder, check=True)
        print("| command | old, CPU s | new, CPU s | new / old |\n|---|---|---|---|")
        for title, command in COMMANDS.items():
            pairs = [(cpu_seconds(first, command, folder), cpu_seconds(second, command, folder)) for _ in range(runs)]
            olds, news = zip(*pairs, strict=True)
            ratio = statistics.median(after / before for before, after in pairs)
            print(
                f"| {title} | {statistics.median(olds):.3f} | {statistics.median(news):.3f} | {ratio:.2f} |", flush=True
            )


if __name__ == "__main__":
    main(*sys.argv[1:3], *map(int, sys.argv[3:]))
