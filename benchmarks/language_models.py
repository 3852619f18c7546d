"""Requests to a slow language model, one at a time and many in flight: whole commands, and what a cache saves.

    python benchmarks/language_models.py [SECONDS]

An endpoint in this process answers each request after SECONDS (default 0.3). `psynth sample --method llm` asks it for
every task of `psynth tasks list --split all`, several times, without and with requests in flight, then from the cache.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.fake_endpoint import Exchange, FakeEndpoint  # noqa: E402 - needs the checkout on the path

TASKS = 40
RUNS = (("1", 1, False), ("32", 25, False), ("32", 25, True))
"""For each run -j, the requests for each task, and whether the cache is that of the run before."""


def main(seconds: float) -> None:
    """Print the table."""

    def slow(exchange: Exchange) -> None:
        time.sleep(seconds)
        exchange.answer(["(lambda (index 7 $0))"] * exchange.wanted)

    psynth = str(ROOT / ".venv" / "bin" / "psynth")
    environment = {**os.environ, "PYTHONPATH": ""}
    print(
        "| -j | requests | asked | wall s | wall s a request | serial / wall | CPU s |\n|---|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as folder, FakeEndpoint(slow) as endpoint:
        tasks = Path(folder, "tasks.jsonl")
        subprocess.run([psynth, "tasks", "list", "--count", str(TASKS), "-o", str(tasks)], check=True, env=environment)
        for jobs, queries, cached in RUNS:
            cache = Path(folder, "cache.jsonl")
            if not cached:
                cache.unlink(missing_ok=True)
            already = len(endpoint.asked)
            words = ["--model", endpoint.model(), "--cache", str(cache), "--queries", str(queries), "--all-queries"]
            command = [psynth, "sample", "--method", "llm", "-q", "--samples", "1", "-j", jobs, *words, str(tasks)]
            before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            subprocess.run([*command, "-o", os.devnull], check=True, env=environment)
            after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - started
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            requests = TASKS * queries
            print(
                f"| {jobs} | {requests:,} | {len(endpoint.asked) - already:,} | {wall:.1f} | {wall / requests:.4f} "
                f"| {requests * seconds / wall:.1f} | {cpu:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 0.3)
