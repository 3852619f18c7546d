"""What enumeration and evolution without a language model solve of symbolic, puzzles, string and image.

    python benchmarks/environments.py symbolic [CPU_SECONDS]
    python benchmarks/environments.py puzzles P3_FOLDER [EVERY [enumerate|evolve]]
    python benchmarks/environments.py string
    python benchmarks/environments.py image [CPU_SECONDS]

Each row is one `psynth` command with all its processes, ended by SIGTERM, so that what was found is kept, when
it has used its CPU time. `puzzles` takes the first instance of every EVERY-th problem of P3's test split.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from psynth.core.stream.reading import read_records
from psynth.core.stream.records import Frontier, Program, quality

TICKS = os.sysconf("SC_CLK_TCK")
OPERATORS = ("--operator", "subterm:max-size=25", "--operator", "crossover:max-size=25", "--parents", "2")
"""Operators of λ-terms; the limit keeps formulas from growing without end."""
PSYNTH = (sys.executable, "-m", "psynth")


@dataclass(frozen=True)
class Run:
    """What a command found in its CPU time."""

    best: Program | None
    solved: bool
    programs: int
    seconds: float


def processes(root: int) -> Iterator[int]:
    """A process and those that descend from it."""
    parents: dict[int, int] = {}
    for each in Path("/proc").iterdir():
        if each.name.isdecimal():
            try:
                parents[int(each.name)] = int((each / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
    yield root
    found = {root}
    grown = True
    while grown:
        new = {child for child, parent in parents.items() if parent in found} - found
        yield from new
        found |= new
        grown = bool(new)


def cpu_seconds(root: int) -> float:
    """The CPU time of a process, of those that descend from it, and of those among them that have ended."""
    total = 0.0
    for process in processes(root):
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15])) / TICKS
    return total


def limited(words: Sequence[str], seconds: float, source: str, target: str) -> Run:
    """Run a command of psynth on a file until it ends or has used so many CPU seconds."""
    command = [*PSYNTH, *words, source, "-o", target]
    for leftover in Path(target).parent.glob(f"{Path(target).name}*"):
        leftover.unlink()
    used = 0.0
    with subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True, text=True) as process:
        while process.poll() is None:
            used = max(used, cpu_seconds(process.pid))
            if used >= seconds:
                process.send_signal(signal.SIGTERM)
                _, messages = process.communicate()
                break
            time.sleep(0.1)
        else:
            messages = process.stderr.read() if process.stderr else ""
    if process.returncode not in (0, 143):
        raise SystemExit(messages)
    found = Path(target)
    if not found.exists():
        found = next(iter(found.parent.glob(f"{found.name}*")), found)
    best, solved, programs = None, False, 0
    for record in read_records([str(found)]) if found.exists() else ():
        if isinstance(record, Frontier):
            programs = max(programs, record.search.programs if record.search else 0)
            for each in record.programs:
                solved |= each.log_likelihood == 0
                if best is None or quality(each) > quality(best):
                    best = each
    return Run(best, solved, programs, used)


def tasks(words: Sequence[str], folder: Path) -> dict[str, str]:
    """The tasks that a command writes, each in a file of its own; the file of each by the task's id."""
    lines = subprocess.run([*PSYNTH, *words], capture_output=True, check=True).stdout.splitlines(keepends=True)
    library, found = b"", {}
    for line in lines:
        if line.startswith(b'{"type":"library"'):
            library = line
        elif line.startswith(b'{"type":"frontier"'):
            [frontier] = [each for each in read_line(line, folder) if isinstance(each, Frontier)]
            assert frontier.task is not None
            path = folder / f"{len(found)}.jsonl"
            path.write_bytes(library + line)
            found[frontier.task.id] = str(path)
    return found


def read_line(line: bytes, folder: Path) -> list[object]:
    """The records of a line of a stream."""
    path = folder / "line.jsonl"
    path.write_bytes(line)
    return list(read_records([str(path)]))


def symbolic(folder: Path, seconds: float) -> None:
    """Nguyen's formulas by enumeration and evolution."""
    goal = ("--target", "0.999999999999", "--max-evaluations", "10000000")
    methods = {
        "enumerate": ("enumerate", "--max-frontier", "1", "--timeout", "3600"),
        "genetic": ("elites", "--method", "genetic", *OPERATORS, *goal),
        "map-elites": ("elites", "--method", "map-elites", *OPERATORS, *goal),
    }
    target = str(folder / "out.jsonl")
    for task, source in tasks(["tasks", "symbolic"], folder).items():
        for name, words in methods.items():
            run = limited(words, seconds, source, target)
            text = "" if run.best is None else f"{run.best.reward:.4f} {run.best.held_out} {run.best.program}"
            print(f"| {task} | {name} | {'yes' if run.solved else 'no'} | {run.seconds:.1f} | {text} |", flush=True)


def puzzles(folder: Path, source: str, every: int, methods: Sequence[str]) -> None:
    """P3's test problems by enumeration of λ-terms and by evolution of Python programs."""
    [file] = Path(source).glob("puzzles.json*")
    words = ["import", "p3", str(file), "--split-file", str(Path(source) / "split.json"), "--split", "test"]
    first: dict[str, str] = {}
    for task, path in tasks(words, folder).items():
        first.setdefault(task.split(":")[0], path)
    chosen = list(first.items())[::every]
    target = str(folder / "out.jsonl")
    ways = {
        "enumerate": lambda path: by_enumeration(path, target),
        "evolve": lambda path: by_evolution(path, target, str(folder / "started.jsonl")),
    }
    solved: dict[str, set[str]] = {way: set() for way in methods}
    for task, path in chosen:
        for way in methods:
            run = ways[way](path)
            if run is not None and run.solved:
                solved[way].add(task)
            shown = "no λ-task" if run is None else f"{run.seconds:.1f} s, {run.programs} programs"
            best = run.best.program if run is not None and run.solved and run.best is not None else "–"
            print(f"| {task} | {way} | {shown} | {best!r} |", flush=True)
    print(
        {way: len(found) for way, found in solved.items()},
        "either:",
        len(set().union(*solved.values())),
        "of",
        len(chosen),
    )


def by_enumeration(path: str, target: str) -> Run | None:
    """Enumeration of λ-terms for a task; None if it has no type for them."""
    if b'"request"' not in Path(path).read_bytes():
        return None
    return limited(("enumerate", "--max-frontier", "1", "--timeout", "3600"), 10, path, target)


def by_evolution(path: str, target: str, started: str) -> Run:
    """Evolution of Python programs from the domain's seed programs."""
    with_seeds(path, started)
    words = ("elites", "--method", "map-elites", "--max-evaluations", "1000000", "--target", "1", "--batch", "50")
    operators = ("--operator", "python-ast", "--operator", "python-crossover", "--parents", "2")
    return limited((*words, *operators), 10, started, target)


def with_seeds(path: str, target: str) -> None:
    """Write a stream with the domain's seed programs added to each task."""
    from psynth_puzzles.domain import Puzzles

    with open(target, "wb") as out:
        for record in read_records([path]):
            if isinstance(record, Frontier):
                assert record.task is not None
                record = Frontier(record.task, tuple(Puzzles().seeds(record.task)))
            out.write(record.encode() + b"\n")


def spelled(folder: Path) -> None:
    """Words of `string` by evolution, each with a budget of programs."""
    target = str(folder / "out.jsonl")
    operators = ("--parents", "2", "--operator", "vector:sigma=5", "--operator", "vector:sigma=0.5")
    operators += ("--operator", "vector:sigma=0.05")
    for task, source in tasks(["tasks", "string", "--split", "all", "--seeds", "json"], folder).items():
        for method in ("genetic", "map-elites"):
            words = ("elites", "--method", method, *operators, "--max-evaluations", "20000")
            row(task, method, limited(words, 60, source, target))


def drawn(folder: Path, seconds: float) -> None:
    """Pictures of `image` by evolution, in both languages."""
    target = str(folder / "out.jsonl")
    for language, operators in {
        "lambda": OPERATORS,
        "python": ("--operator", "python-ast", "--operator", "python-crossover", "--parents", "2"),
    }.items():
        for task, source in tasks(["tasks", "image", "--split", "all", "--seeds", language], folder).items():
            words = ("elites", "--method", "genetic", *operators, "--target", "0", "--max-evaluations", "10000000")
            row(f"{task}, {language}", "genetic", limited(words, seconds, source, target))


def row(task: str, method: str, run: Run) -> None:
    """Print what a run found."""
    reward, program = ("–", "") if run.best is None else (f"{run.best.reward:.4f}", run.best.program)
    print(
        f"| {task} | {method} | {'yes' if run.solved else 'no'} | {run.seconds:.1f} | {reward} | {program!r}",
        flush=True,
    )


def main() -> None:
    """Print the table of a part."""
    part, *rest = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if part == "symbolic":
            symbolic(folder, float(rest[0]) if rest else 30)
        elif part == "puzzles":
            puzzles(folder, rest[0], int(rest[1]) if len(rest) > 1 else 8, rest[2:] or ("enumerate", "evolve"))
        elif part == "string":
            spelled(folder)
        elif part == "image":
            drawn(folder, float(rest[0]) if rest else 60)
        else:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
