"""Library learning compared with stitch_core, whole processes interleaved: costs, CPU seconds and memory.

    python benchmarks/compression.py [FILE…]

Each FILE is a program list in Stitch's format (a JSON array of λ-terms); the default is the published lists in the
folder $PSYNTH_SHARED_DATA/stitch. Compared are the call of psynth's engine with that of stitch_core, by CPU time and by
the growth of the peak memory, and the process ``psynth compress --method stitch`` with a Python process that calls
stitch_core. All run REPEATS times in turn, in processes of their own; the least time and the least memory count.
Prints a Markdown table. Ratios are stitch_core's over ours: above 1 is faster or smaller.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ARITIES = (2, 3)
ITERATIONS = 10
REPEATS = 2
CORPORA = "stitch/cogsci-*.json"

STITCH = """
import stitch_core
programs = json.load(open(path))
start()
settings = {"iterations": int(iterations), "max_arity": int(arity), "silent": True, "no_stats": True}
found = stitch_core.compress(programs, **settings).json
finish(found["abstractions"][0]["utility"] if found["abstractions"] else 0, found["final_cost"])
"""
ENGINE = """
from psynth.core.engines.compression import CompressionSettings, compress
tasks = [[program] for program in json.load(open(path))]
start()
found = compress(tasks, CompressionSettings(iterations=int(iterations), max_arity=int(arity)))
finish(found.abstractions[0].utility if found.abstractions else 0, found.cost_after)
"""
CALL = """
import json, resource, sys, time
path, arity, iterations = sys.argv[1:]
def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
def start():
    global before
    before = time.process_time(), memory()
def finish(first, final):
    print(json.dumps([first, final, time.process_time() - before[0], memory() - before[1]]))
"""


@dataclass(frozen=True)
class Run:
    """A process: what it printed, its CPU seconds, and its peak memory in megabytes."""

    output: str
    seconds: float
    megabytes: float


def run(command: list[str]) -> Run:
    """Run a command to its end; RuntimeError if it fails."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{command} ended with {process.returncode}")
        output.seek(0)
        return Run(output.read(), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def least(runs: list[Run]) -> Run:
    """The output of all, the least time and the least memory."""
    return Run(runs[0].output, min(each.seconds for each in runs), min(each.megabytes for each in runs))


def called(script: str, arguments: list[str]) -> tuple[int, int, Run]:
    """The first utility and the final cost of a call in a process, and what the call alone took."""
    printed = run([sys.executable, "-c", CALL + script, *arguments]).output
    first, final, seconds, megabytes = json.loads(printed)
    return first, final, Run(printed, seconds, megabytes)


def measure(path: Path, stream: Path, arity: int) -> str:
    """A line of the table."""
    arguments = [str(path), str(arity), str(ITERATIONS)]
    command = [sys.executable, "-m", "psynth", "compress", "-q", "--method", "stitch", "--max-arity", str(arity)]
    command += ["--iterations", str(ITERATIONS), str(stream)]
    theirs, calls, processes, whole = [], [], [], []
    for _ in range(REPEATS):
        their_first, their_final, call = called(STITCH, arguments)
        theirs.append(call)
        first, final, call = called(ENGINE, arguments)
        calls.append(call)
        processes.append(run(command))
        whole.append(run([sys.executable, "-c", CALL + STITCH, *arguments]))
    [*_, written] = [json.loads(line) for line in processes[0].output.splitlines() if '"compress.cost"' in line]
    if written["value"] != final:
        raise RuntimeError(f"{path}: the command reports {written['value']}, the engine {final}")
    utility = f"{first}" if first == their_first else f"{first} (not {their_first})"
    cost = f"{final}" if final == their_final else f"{final} (not {their_final})"
    pairs = [(least(theirs), least(calls)), (least(whole), least(processes))]
    return f"| {path.stem} | {arity} | {utility} | {cost} |" + "".join(compared(*pair) for pair in pairs)


def compared(theirs: Run, ours: Run) -> str:
    """Three cells of the table: stitch_core's figures, ours, and their ratio."""
    faster, smaller = theirs.seconds / ours.seconds, theirs.megabytes / max(ours.megabytes, 1)
    figures = " | ".join(f"{each.seconds:.2f} s, {each.megabytes:.0f} MB" for each in (theirs, ours))
    return f" {figures} | {faster:.1f} ×, {smaller:.0f} × |"


def main(paths: list[str]) -> None:
    """Print the table."""
    found = [Path(path) for path in paths]
    found = found or sorted(Path(os.environ.get("PSYNTH_SHARED_DATA", "")).glob(CORPORA))
    if not found:
        print("no program lists to compress: give FILE… or set PSYNTH_SHARED_DATA", file=sys.stderr)
        return
    names = ["corpus", "arity", "first utility", "final cost"]
    for what in ("call", "process"):
        names += [f"stitch_core, {what}", f"psynth, {what}", "ratio"]
    print(f"| {' | '.join(names)} |")
    print("|---" * len(names) + "|")
    with tempfile.TemporaryDirectory() as folder:
        for path in found:
            stream = Path(folder) / f"{path.stem}.jsonl"
            imported = run([sys.executable, "-m", "psynth", "import", "stitch", str(path)])
            stream.write_text(imported.output)
            for arity in ARITIES:
                print(measure(path, stream, arity), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
