"""The description length of learned libraries, compared with stitch_core: whole processes in turn, costs counted anew.

    python -m benchmarks.library_quality [FILE…]

Each FILE is a program list in Stitch's format (a JSON array of λ-terms without lambdas); the default is the published
lists in the folder $PSYNTH_SHARED_DATA/stitch. Two tables are printed: ten abstractions by ``psynth compress``, and as
many as shorten the corpus by ``psynth compress --effort 0``, which is greedy by description length. The
description length is the cost of the rewritten programs plus that of the bodies with their parameters free, counted by
the tests' second reader of terms from the texts that both processes write; that ours expand back is checked by it too.
The last line of a table is the geometric mean.
"""

import json
import math
import os
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.compression import CALL, CORPORA, run
from tests.psynth_library.second_reader import Tree, cost, normal, read

ARITIES = (2, 3)
VARIABLE = 100
"""What the reader counts for a variable, and a parameter does not cost."""
STITCH = """
import stitch_core
settings = {"iterations": int(iterations), "max_arity": int(arity), "silent": True, "no_stats": True}
found = stitch_core.compress(json.load(open(path)), **settings).json
print(json.dumps([found["rewritten"], [each["body"] for each in found["abstractions"]]]))
"""


@dataclass(frozen=True)
class Kind:
    """A table: how many abstractions, and how psynth is to find them."""

    title: str
    iterations: int
    options: tuple[str, ...]


KINDS = (Kind("Ten abstractions", 10, ()), Kind("At convergence", 1000, ("--effort", "0")))


def words(text: str) -> list[str]:
    """The tokens of a term but its parentheses."""
    return text.replace("(", " ").replace(")", " ").split()


def of_peer(output: str) -> tuple[int, int]:
    """Description length and number of abstractions of what stitch_core wrote; parameters are names ``#i``."""
    rewritten, bodies = json.loads(output)
    free = sum(word.startswith("#") for body in bodies for word in words(body))
    return sum(cost(read(text)) for text in [*rewritten, *bodies]) - VARIABLE * free, len(bodies)


def of_stream(output: str, originals: list[str]) -> tuple[int, int]:
    """The same of our stream; RuntimeError if its programs do not expand to the originals."""
    records = [json.loads(line) for line in output.splitlines()]
    [library] = [each for each in records if each["type"] == "library"]
    meanings = {it["name"]: read(it["definition"]) for it in library["productions"] if "definition" in it}
    programs = [read(it["program"]) for each in records if each["type"] == "frontier" for it in each["programs"]]
    if sorted(map(repr, (normal(tree, meanings) for tree in programs))) != sorted(repr(read(it)) for it in originals):
        raise RuntimeError("the programs do not expand to the originals")
    return sum(map(cost, programs)) + sum(map(body_cost, meanings.values())), len(meanings)


def body_cost(definition: Tree) -> int:
    """The cost of a body, its parameters free: no body here is a lambda or has one."""
    while isinstance(definition, tuple) and definition[0] == "lambda":
        definition = definition[1]
    return cost(definition) - VARIABLE * variables(definition)


def variables(tree: Tree) -> int:
    """The number of variables in a term without lambdas."""
    return sum(map(variables, tree)) if isinstance(tree, tuple) else int(isinstance(tree, int))


def measure(path: Path, stream: Path, arity: int, kind: Kind) -> tuple[float, float]:
    """Print a line of the table; returns ours over stitch_core's: the description lengths and the CPU seconds."""
    theirs = run([sys.executable, "-c", CALL + STITCH, str(path), str(arity), str(kind.iterations)])
    command = [sys.executable, "-m", "psynth", "compress", "-q", "--max-arity", str(arity), *kind.options]
    ours = run([*command, "--iterations", str(kind.iterations), str(stream)])
    their_length, their_count = of_peer(theirs.output)
    length, count = of_stream(ours.output, json.loads(path.read_text()))
    reported = [json.loads(line) for line in ours.output.splitlines() if '"compress.description-length"' in line]
    if reported[-1]["value"] != length:
        raise RuntimeError(f"{path}: the command reports {reported[-1]['value']}, the texts have {length}")
    cells = [path.stem, arity, f"{their_length} ({their_count})", f"{length} ({count})"]
    cells += [f"{100 * (length / their_length - 1):+.1f} %", f"{theirs.seconds:.1f} s", f"{ours.seconds:.1f} s"]
    cells += [f"{theirs.megabytes:.0f} MB", f"{ours.megabytes:.0f} MB"]
    print(f"| {' | '.join(map(str, cells))} |", flush=True)
    return length / their_length, ours.seconds / theirs.seconds


def mean(ratios: Iterable[float]) -> float:
    """The geometric mean."""
    logarithms = [math.log(ratio) for ratio in ratios]
    return math.exp(sum(logarithms) / len(logarithms))


def main(paths: list[str]) -> None:
    """Print the tables."""
    found = [Path(path) for path in paths]
    found = found or sorted(Path(os.environ.get("PSYNTH_SHARED_DATA", "")).glob(CORPORA))
    if not found:
        print("no program lists to compress: give FILE… or set PSYNTH_SHARED_DATA", file=sys.stderr)
        return
    sys.setrecursionlimit(100_000)
    columns = ["corpus", "arity", "stitch_core", "psynth", "change", *["CPU, stitch_core", "CPU, psynth"]]
    columns += ["memory, stitch_core", "memory, psynth"]
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            command = " ".join(["psynth compress --iterations", str(kind.iterations), *kind.options])
            print(f"\n{kind.title} (`{command}`):\n")
            print(f"| {' | '.join(columns)} |")
            print("|---" * len(columns) + "|")
            ratios = []
            for path in found:
                stream = Path(folder) / f"{path.stem}.jsonl"
                stream.write_text(run([sys.executable, "-m", "psynth", "import", "stitch", str(path)]).output)
                ratios += [measure(path, stream, arity, kind) for arity in ARITIES]
            lengths, seconds = zip(*ratios, strict=True)
            change = f"{100 * (mean(lengths) - 1):+.1f} %"
            print(f"| mean | | | | {change} | | {mean(seconds):.2f} × | | |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
