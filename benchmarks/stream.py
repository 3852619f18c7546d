"""Small records per second that one core reads, routes and writes, compared with a plain loop over the json module.

    python benchmarks/stream.py [RECORDS]

Prints the best of five rounds of CPU time for each figure. The pass-through must reach 300,000 records per second.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial

from psynth.core.stream.reading import read_records, with_provenance
from psynth.core.stream.records import Frontier, Library, Metric, Program, Provenance, Search, Task
from psynth.core.stream.writing import open_writer

WANTED_PER_SECOND = 300_000


def write_sample(path: str, kind: str, count: int) -> None:
    """Write ``count`` small records: metrics of about 90 bytes, or frontiers of about 250."""
    with open_writer(path) as writer:
        for number in range(count):
            if kind == "metrics":
                writer.write(Metric("loss", number / 7, number, {"run": "a"}))
            else:
                task = Task(f"list/{number:07}", "list", "list(int) -> list(int)")
                program = Program("(lambda (map (lambda (+ 1 $0)) $0))", log_prior=-number / 7, log_likelihood=0.0)
                writer.write(Frontier(task, (program,), Search("windows", number, 16.5, "solved")))
        writer.finish()


def through_stream(path: str, wanted: tuple[type[Frontier | Library | Metric], ...]) -> None:
    """Run a stage: read, decode the ``wanted`` types, append provenance, write."""
    with open_writer(os.devnull) as writer:
        for record in with_provenance(read_records([path], wanted), Provenance("benchmark")):
            writer.write(record)
        writer.finish()


def through_json(path: str) -> None:
    """Run the shortest equivalent Python program."""
    with open(path, encoding="utf-8") as source, open(os.devnull, "w", encoding="utf-8") as sink:
        for line in source:
            sink.write(json.dumps(json.loads(line), separators=(",", ":")) + "\n")


def records_per_second(count: int, run: Callable[[], None]) -> float:
    """The minimum CPU time of five rounds."""
    rounds = []
    for _ in range(5):
        start = time.process_time()
        run()
        rounds.append(time.process_time() - start)
    return count / min(rounds)


def main(count: int = 200_000) -> bool:
    """Print the figures, and return whether the pass-through is fast enough."""
    fast_enough = True
    with tempfile.TemporaryDirectory() as folder:
        for kind, decoded in (("metrics", Metric), ("frontiers", Frontier)):
            path = os.path.join(folder, kind)
            write_sample(path, kind, count)
            plain = records_per_second(count, partial(through_json, path))
            passed = records_per_second(count, partial(through_stream, path, (Library,)))
            opened = records_per_second(count, partial(through_stream, path, (decoded,)))
            fast_enough &= passed >= WANTED_PER_SECOND
            print(f"{kind}: passed on {passed:,.0f} records/s, {passed / plain:.1f} × a loop over json ({plain:,.0f})")
            print(f"{kind}: decoded   {opened:,.0f} records/s, {opened / plain:.1f} × a loop over json")
    return fast_enough


if __name__ == "__main__":
    sys.exit(0 if main(*map(int, sys.argv[1:])) else 1)
