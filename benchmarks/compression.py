"""Library learning compared with stitch_core: cost after ten abstractions, and CPU seconds.

    python benchmarks/compression.py [FILE…]

Each FILE is a program list in Stitch's format (a JSON array of λ-terms); the default is the published lists in the
folder $PSYNTH_SHARED_DATA/stitch. Prints a Markdown table; the ratio of costs is ours to stitch_core's (below 1 is
better), the ratio of times stitch_core's to ours (above 1 is faster).
"""

import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import stitch_core

from psynth.core.engines.compression import CompressionSettings, compress

ARITIES = (2, 3)
ITERATIONS = 10
CORPORA = "stitch/cogsci-*.json"


@dataclass(frozen=True)
class Run:
    """The figures of one engine on a corpus: the first abstraction's utility, the final cost, CPU seconds."""

    first: int
    final: int
    seconds: float


def ours(programs: list[str], arity: int, iterations: int = ITERATIONS) -> Run:
    """Compress with psynth; every program is a separate task, as for stitch_core."""
    started = time.process_time()
    found = compress([[program] for program in programs], CompressionSettings(iterations=iterations, max_arity=arity))
    seconds = time.process_time() - started
    return Run(found.abstractions[0].utility if found.abstractions else 0, found.cost_after, seconds)


def theirs(programs: list[str], arity: int, iterations: int = ITERATIONS) -> Run:
    """Compress with stitch_core."""
    started = time.process_time()
    found = stitch_core.compress(programs, iterations=iterations, max_arity=arity, silent=True, no_stats=True).json
    seconds = time.process_time() - started
    return Run(found["abstractions"][0]["utility"] if found["abstractions"] else 0, found["final_cost"], seconds)


def main(paths: list[str]) -> None:
    """Print the table."""
    paths = paths or [str(path) for path in sorted(Path(os.environ.get("PSYNTH_SHARED_DATA", "")).glob(CORPORA))]
    if not paths:
        print("no program lists to compress: give FILE… or set PSYNTH_SHARED_DATA", file=sys.stderr)
        return
    print("| corpus | arity | first utility | final cost | stitch_core's | ratio | CPU s | stitch_core's | ratio |")
    print("|---|---|---|---|---|---|---|---|---|")
    for path in paths:
        programs = json.loads(Path(path).read_text())
        for arity in ARITIES:
            a, b = ours(programs, arity), theirs(programs, arity)
            first = f"{a.first}" if a.first == b.first else f"{a.first} (not {b.first})"
            cost, speed = a.final / b.final, b.seconds / a.seconds
            print(
                f"| {Path(path).stem} | {arity} | {first} | {a.final} | {b.final} | {cost:.4f} "
                f"| {a.seconds:.2f} | {b.seconds:.2f} | {speed:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1:])
