"""Programs per second in a domain whose primitives are Python: whole commands on the example plugin, start-up included.

    python benchmarks/python_domain.py [CHECKOUT…]

Each CHECKOUT (default: this one) has a `.venv` that `make setup` made. One task of the domain `tiles` is enumerated to
a cost bound; the CPU seconds are those of the command and of its λ-machine and worker processes.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import orjson

ROOT = Path(__file__).resolve().parents[1]
TASK = b"train-07-block"
BOUNDS = (3.0, 17.0, 18.5)
"""Cost bounds in nats; the first one measures the start-up."""


def plugin(folder: Path) -> Path:
    """A folder that makes the example plugin an installed one for whoever has it on the path."""
    described = folder / "psynth_example_tiles-0.1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: psynth-example-tiles\nVersion: 0.1.0\n")
    (described / "entry_points.txt").write_text("[psynth]\ntiles = psynth_example_tiles.plugin\n")
    return folder


def main(*checkouts: str) -> None:
    """Print the table."""
    print("| checkout | -j | nats | programs | CPU s | wall s | programs per CPU s |\n|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        installed = plugin(Path(name))
        for checkout in map(Path, checkouts or (str(ROOT),)):
            psynth = str(checkout.resolve() / ".venv" / "bin" / "psynth")
            path = os.pathsep.join([str(checkout.resolve() / "examples" / "plugin" / "src"), str(installed)])
            environment = {**os.environ, "PYTHONPATH": path}
            lines = subprocess.run([psynth, "tasks", "tiles"], env=environment, capture_output=True, check=True).stdout
            kept = [line for line in lines.splitlines(True) if b'"frontier"' not in line[:20] or TASK in line]
            for jobs in ("1", "2"):
                for bound in BOUNDS:
                    words = [psynth, "enumerate", "--exhaustive", "--max-cost", str(bound), "-j", jobs]
                    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
                    done = subprocess.run(words, input=b"".join(kept), env=environment, capture_output=True, check=True)
                    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - started
                    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                    frontiers = [orjson.loads(line) for line in done.stdout.splitlines() if TASK in line]
                    count = frontiers[0]["search"]["programs"]
                    print(
                        f"| {checkout.name} | {jobs} | {bound} | {count:,} | {cpu:.2f} | {wall:.2f} "
                        f"| {count / cpu:,.0f} |",
                        flush=True,
                    )


if __name__ == "__main__":
    main(*sys.argv[1:])
