"""Enumeration by cost levels beside windows on the tasks of a file: solved, CPU seconds, terms a second, memory.

    python benchmarks/levels.py TASKS.jsonl [--every N] [--max-programs N] [--max-cost NATS] [--primitives SET]

Each method runs as a command of its own with one solution a task and the uniform library of list's set *common*, of
another one, or the library in the file. Prints a Markdown row for each; memory is the peak of the λ-machine.
"""

import argparse
import resource
import subprocess
import sys
from pathlib import Path

import orjson

from psynth.plugins.registry import default_registry


def given(file: Path, every: int, primitives: str | None = None) -> bytes:
    """The library and every so many of a file's tasks, as a stream."""
    lines = file.read_bytes().splitlines()
    kinds = [orjson.loads(line)["type"] for line in lines]
    frontiers = [line for line, kind in zip(lines, kinds, strict=True) if kind == "frontier"]
    libraries = [line for line, kind in zip(lines, kinds, strict=True) if kind == "library"]
    own = default_registry().domain("list").library(primitives).encode()
    return b"\n".join([*(libraries or [own]), *frontiers[::every]]) + b"\n"


def row(method: str, stream: bytes, budget: list[str]) -> str:
    """One run of a method as a row of the table."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = [
        sys.executable,
        "-m",
        "psynth",
        "enumerate",
        "-q",
        "--method",
        *method.split(),
        "--max-frontier",
        "1",
        *budget,
    ]
    output = subprocess.run([*words, "--timing"], input=stream, stdout=subprocess.PIPE, check=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    searches = [orjson.loads(line) for line in output.splitlines() if b'"type":"frontier"' in line]
    solved = sum(any(each.get("log_likelihood") == 0 for each in found["programs"]) for found in searches)
    seconds = sum(found["search"]["cpu_seconds"] for found in searches)
    tried = sum(found["search"]["programs"] for found in searches)
    process = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return (
        f"| {method} | {' '.join(budget)} | {solved} of {len(searches)} | {seconds:.1f} | {process:.1f} | "
        f"{tried:,} | {tried / max(seconds, 1e-9) / 1e6:.2f} M | {after.ru_maxrss // 1024} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="levels and windows on the tasks of a file")
    parser.add_argument("tasks", type=Path, nargs="?")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--max-programs")
    parser.add_argument("--primitives")
    parser.add_argument("--max-cost", default=None)
    parser.add_argument("--methods", nargs="*", default=["levels", "windows"])
    arguments = parser.parse_args()
    if arguments.tasks is None:
        print("no file of tasks: nothing is measured")
        return
    budget = ["--max-cost", arguments.max_cost] if arguments.max_cost else []
    budget += ["--max-programs", arguments.max_programs] if arguments.max_programs else []
    stream = given(arguments.tasks, arguments.every, arguments.primitives)
    print("| method | budget | solved | CPU s, search | CPU s, processes | programs | a CPU s | MB, peak so far |")
    print("|---|---|---|---|---|---|---|---|")
    for method in arguments.methods:
        print(row(method, stream, budget), flush=True)


if __name__ == "__main__":
    main()
