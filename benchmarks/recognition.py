"""Searches that a recognition network guides, compared with unguided ones at equal CPU seconds: whole commands.

    python -m benchmarks.recognition [list|regex] [--steps N]

Training tasks are every other one of $PSYNTH_SHARED_DATA/tasks/list.jsonl, or regex-train.jsonl; the network learns
from their solutions and from dreams. The held-out tasks are the others, or regex-test.jsonl. Seconds are of user and
system; those of a guided search include psynth guide, those of training stand apart. ``levels`` takes weights without
context, so that its network has --grammar unigram.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

DATA = Path(os.environ.get("PSYNTH_SHARED_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data") / "tasks"
SOLVED = b'"log_likelihood":0'
WINDOWS = {"list": (19.5, 21, 22.5, 24), "regex": (16.5, 18, 19.5, 20.5)}
"""Bounds of unguided searches by windows, in nats."""
GUIDED = (1000, 3000, 10_000, 30_000)
"""Budgets of guided searches by windows, in programs for each task."""
LEVELS = (18, 20, 22, 24)
GUIDED_LEVELS = (14, 16, 18)
SOLVING = {"list": 21, "regex": 16.5}
LISTED = {"list": 30_000, "regex": 60_000}
"""Nats of the search for training solutions, and programs for each type to dream of."""


def psynth(*words: object) -> float:
    """Run a command, and return its CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-m", "psynth", *map(str, words), "-q"], check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def prepared(domain: str, folder: Path) -> tuple[Path, Path]:
    """The training and the held-out tasks, as files."""
    train, test = folder / "train.jsonl", folder / "test.jsonl"
    if domain == "regex":
        return DATA / "regex-train.jsonl", DATA / "regex-test.jsonl"
    lines = (DATA / "list.jsonl").read_bytes().splitlines(keepends=True)
    train.write_bytes(b"".join(lines[0::2]))
    test.write_bytes(b"".join(lines[1::2]))
    return train, test


def searched(tasks: Path, out: Path, method: str, guiding: float, *budget: object) -> str:
    """The columns of a search: CPU seconds, and tasks solved."""
    seconds = psynth("enumerate", "--method", method, "--max-frontier", 1, *budget, tasks, "-o", out) + guiding
    lines = out.read_bytes().splitlines()
    return f"{seconds:.1f} | {sum(SOLVED in line for line in lines)}"


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("domain", nargs="?", default="list", choices=("list", "regex"))
    parser.add_argument("--steps", type=int, default=2000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        train, test = prepared(chosen.domain, folder)
        out = folder / "found.jsonl"
        solved, listed, dreams = (folder / f"{each}.jsonl" for each in ("solved", "listed", "dreams"))
        made = psynth("enumerate", "--max-cost", SOLVING[chosen.domain], train, "-o", solved)
        count = LISTED[chosen.domain]
        made += psynth("sample", "--method", "cheapest", "--keep", "--count", count, solved, "-o", listed)
        made += psynth("relabel", listed, "-o", dreams)
        print(f"solutions and dreams: {made:.0f} s\n\n| search | budget | CPU s | solved |\n|---|---|---|---|")
        for bound in WINDOWS[chosen.domain]:
            print(
                f"| windows | {bound} nats | {searched(test, out, 'windows', 0.0, '--max-cost', bound)} |", flush=True
            )
        for grammar in ("bigram", "unigram"):
            model, guided = folder / grammar, folder / f"guided-{grammar}.jsonl"
            words = ("--method", "recognition", "--grammar", grammar, "--model", model, "--steps", chosen.steps)
            trained = psynth("train", *words, solved, dreams, "-o", folder / "model.jsonl")
            guiding = psynth("guide", "--model", model, test, "-o", guided)
            print(f"| {grammar}: {trained:.0f} s of training, {guiding:.1f} s of guiding | | | |")
            for programs in GUIDED:
                row = searched(guided, out, "windows", guiding, "--max-programs", programs)
                print(f"| windows, guided by {grammar} | {programs:,} programs | {row} |", flush=True)
        for bound in LEVELS:
            print(f"| levels | {bound} nats | {searched(test, out, 'levels', 0.0, '--max-cost', bound)} |", flush=True)
        for bound in GUIDED_LEVELS:
            row = searched(guided, out, "levels", guiding, "--max-cost", bound)
            print(f"| levels, guided by unigram | {bound} nats | {row} |", flush=True)


if __name__ == "__main__":
    main()
