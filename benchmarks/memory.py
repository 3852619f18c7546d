"""Peak memory of whole commands over many frontiers and in long searches, with the processes that they start.

    python benchmarks/memory.py [FRONTIERS]

Prints for a tenth of FRONTIERS (100,000) and for all of them: the peak of psynth's own process, and the peak of its
process and all its descendants together, sampled every 20 ms as resident set size; shared pages count in each process.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from psynth.core.stream.records import Example, Frontier, Header, Program, Search, Task
from psynth.core.stream.writing import open_writer
from psynth.plugins.registry import default_registry

OVER_FRONTIERS = {
    "enumerate": "enumerate --max-programs 20 {whole}",
    "mutate": "mutate --count 2 {whole}",
    "evaluate": "evaluate {whole}",
    "search": "search --max-evaluations 2 --no-shorten {whole}",
    "compress": "compress --iterations 1 --effort 0 {whole}",
    "check": "check {whole}",
    "merge of three shards": "merge {first} {second} {third}",
    "report": "report {whole}",
    "show --summary": "show --summary {whole}",
}
"""Commands that read a stream of any length."""
LONG = {
    "enumerate, 2,000,000 programs": "enumerate -d list --limit 1 --max-programs 2000000 --exhaustive",
    "enumerate, 8,000,000 programs": "enumerate -d list --limit 1 --max-programs 8000000 --exhaustive",
    "search of list, 30,000 evaluations": "search --max-evaluations 30000 --target 2 {hard}",
    "search of list, 120,000 evaluations": "search --max-evaluations 120000 --target 2 {hard}",
    "search of karel, 100,000 evaluations": "search -d karel --limit 1 --max-evaluations 100000 --target 2",
    "search of karel, 400,000 evaluations": "search -d karel --limit 1 --max-evaluations 400000 --target 2",
}
"""Searches of one task, each in two lengths."""
PERIOD = 0.02


def write_streams(count: int, folder: Path) -> dict[str, str]:
    """Write a stream of ``count`` tasks with a program each, its shards, and a task that no program solves."""
    library = default_registry().domain("list").library()
    files = {name: str(folder / f"{name}-{count}.jsonl") for name in ("whole", "first", "second", "third", "hard")}
    for place, name in enumerate(files):
        with open_writer(files[name]) as writer:
            writer.write(Header())
            writer.write(library)
            shard = range(count) if name == "whole" else range(place - 1, count, 3)
            for number in [0] if name == "hard" else shard:
                output = [1, 2, 3] if name == "hard" else [number % 97]
                examples = (Example([[number % 97, 3, 5]], output), Example([[7, number % 89]], [7, 1]))
                task = Task(f"list/{number:07}", "list", "list(int) -> list(int)", examples=examples)
                program = Program("(lambda (map (lambda (+ 1 $0)) $0))", log_prior=-number / 7, log_likelihood=0.0)
                writer.write(Frontier(task, (program,), Search("windows", number, 16.5, "solved")))
            writer.finish()
    return files


class Peaks:
    """The largest memory of a process, and of it with its descendants, in bytes."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.own = self.all = 0
        self._process = process
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while self._process.poll() is None:
            self.own = max(self.own, memory(self._process.pid))
            self.all = max(self.all, sum(map(memory, tree(self._process.pid))))
            time.sleep(PERIOD)


def memory(pid: int) -> int:
    """The resident set size of a process in bytes; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS:"))


def tree(pid: int) -> list[int]:
    """A process and its descendants."""
    found = [pid]
    for each in found:
        try:
            children = [path.read_text().split() for path in Path(f"/proc/{each}/task").glob("*/children")]
        except OSError:
            continue
        found += [int(child) for words in children for child in words]
    return found


def measure(command: str, files: dict[str, str]) -> tuple[float, float]:
    """The MiB of psynth, and of all its processes together."""
    words = [sys.executable, "-m", "psynth", *shlex.split(command.format(**files))]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    peaks = Peaks(process)
    _, said = process.communicate()
    if process.returncode not in (0, 3):
        raise SystemExit(f"psynth {command}: {said.decode()[-500:]}")
    return peaks.own / (1 << 20), peaks.all / (1 << 20)


def main(count: int = 100_000) -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as name:
        sizes = {size: write_streams(size, Path(name)) for size in (count // 10, count)}
        print("| command | frontiers | psynth, MiB | with its engines, MiB |\n|---|---|---|---|")
        for title, command in OVER_FRONTIERS.items():
            for size, files in sizes.items():
                own, together = measure(command, files)
                print(f"| {title} | {size:,} | {own:.0f} | {together:.0f} |", flush=True)
        print("\n| command | psynth, MiB | with its engines, MiB |\n|---|---|---|")
        for title, command in LONG.items():
            own, together = measure(command, sizes[count])
            print(f"| {title} | {own:.0f} | {together:.0f} |", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
