"""Isolated programs per CPU second, and how far each limit of the sandbox is exceeded, by whole commands.

    python benchmarks/sandbox.py

The peer is bubblewrap (`bwrap`) with a new interpreter for each program; without it its row is missing.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

PSYNTH = (sys.executable, "-m", "psynth", "sandbox-exec")
PROGRAMS = 2000
"""Number of programs that a row runs, so that start-up counts little."""
REPEATS = 3
"""Number of runs of each command whose least CPU time counts."""
OF_PEER = 100
TRIVIAL = b'{"program":"print(1)"}\n'
CALLED = b'{"program":"def f(x): return x + 1","function":"f","arguments":[1]}\n'


@contextlib.contextmanager
def accounting() -> Iterator[Callable[[], float]]:
    """A function for the CPU seconds of everything that this process starts, whether anyone waits for it or not.

    That takes a control group of version 1, and root. Elsewhere only what was waited for is counted, and bubblewrap
    leaves some of its own processes out.
    """
    home = Path("/sys/fs/cgroup/cpuacct")
    group = home / f"benchmark-{os.getpid()}"
    try:
        group.mkdir()
        (group / "cgroup.procs").write_text("0")
    except OSError:
        yield lambda: sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
        return
    try:
        yield lambda: int((group / "cpuacct.usage").read_text()) / 1e9
    finally:
        (home / "cgroup.procs").write_text("0")
        group.rmdir()


def cpu_seconds(work: Callable[[], object]) -> tuple[float, float]:
    """CPU seconds that ``work`` takes, with all processes that it starts, and wall-clock seconds."""
    with accounting() as used:
        before, started = used(), time.monotonic()
        work()
        return used() - before, time.monotonic() - started


def run(lines: Iterable[bytes], *options: str) -> list[dict[str, object]]:
    """The results of programs."""
    done = subprocess.run([*PSYNTH, "-q", *options], input=b"".join(lines), capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def bubblewrap() -> None:
    """The trivial programs, each in a sandbox and an interpreter of its own."""
    python = str(Path("/usr/bin/python3"))
    links = ("/lib", "/lib64", "/bin")
    folders = [
        word for path in links for word in (("--symlink", f"usr{path}", path) if Path(path).is_symlink() else ())
    ]
    command = ["bwrap", "--unshare-all", "--ro-bind", "/usr", "/usr", *folders, "--die-with-parent", "--new-session"]
    for _ in range(OF_PEER):
        done = subprocess.run([*command, python, "-I", "-S", "-c", "print(1)"], capture_output=True, check=True)
        assert done.stdout == b"1\n"


def throughput() -> None:
    """Print how many programs a CPU second runs."""
    print("| sandbox | programs | CPU s | wall s | programs per CPU s |\n|---|---|---|---|---|")

    def row(name: str, count: int, work: Callable[[], object]) -> None:
        cpu, wall = cpu_seconds(work)
        print(f"| {name} | {count:,} | {cpu:.2f} | {wall:.2f} | {count / cpu:,.0f} |", flush=True)

    if shutil.which("bwrap"):
        row("bwrap --unshare-all, python3 -I -S", OF_PEER, bubblewrap)
    for options, name in (
        ((), "every layer for each program"),
        (("--isolation", "shared"), "pid and net namespaces shared"),
        (("--fresh",), "every layer, a new interpreter for each program"),
    ):
        count = PROGRAMS // 10 if options == ("--fresh",) else PROGRAMS
        row(name, count, lambda options=options, count=count: run([TRIVIAL] * count, *options))
    row("every layer, a function called", PROGRAMS, lambda: run([CALLED] * PROGRAMS))


def overhead() -> None:
    """Print what `psynth evaluate` of a Python-source domain costs beyond the same programs in the bare sandbox."""
    texts = [f"def point(dimensions):\n    return [{n} / {PROGRAMS}, 1.0]\n" for n in range(PROGRAMS)]
    tasks = subprocess.run([*PSYNTH[:3], "tasks", "function", "--count", "1"], capture_output=True, check=True).stdout
    lines = [json.loads(line) for line in tasks.splitlines()]
    [frontier] = [line for line in lines if line["type"] == "frontier"]
    frontier["programs"] = [{"program": text, "language": "python"} for text in texts]
    stream = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    call = {"function": "point", "arguments": [2]}
    calls = [json.dumps({"program": text, **call}).encode() + b"\n" for text in texts]

    def evaluate() -> None:
        done = subprocess.run([*PSYNTH[:3], "evaluate", "-q"], input=stream, capture_output=True, check=True)
        assert done.stdout.count(b'"reward":') == PROGRAMS

    print("\n| command | programs | CPU s | ratio |\n|---|---|---|---|")
    bare = min(cpu_seconds(lambda: run(calls))[0] for _ in range(REPEATS))
    whole = min(cpu_seconds(evaluate)[0] for _ in range(REPEATS))
    print(f"| sandbox-exec | {PROGRAMS:,} | {bare:.2f} | 1 |")
    print(f"| evaluate | {PROGRAMS:,} | {whole:.2f} | {whole / bare:.2f} |", flush=True)


def overshoot() -> None:
    """Print by how much each limit is exceeded before the program is stopped."""
    print("\n| limit | set to | status | reached |\n|---|---|---|---|")
    attacks = (
        ("wall", "1 s", "import time; time.sleep(9)", ("--wall", "1"), "wall_s"),
        ("wall, ignoring signals", "1 s", "import signal, time\nfor n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\n"
         "while True:\n    try: time.sleep(9)\n    except BaseException: pass", ("--wall", "1"), "wall_s"),
        ("cpu", "0.5 s", "while True: pass", ("--cpu", "0.5"), "cpu_s"),
        ("cpu, of 8 processes", "0.5 s", "import os\nfor _ in range(3): os.fork()\nwhile True: pass", ("--cpu", "0.5"),
         "cpu_s"),
        ("memory, of lists", "100 MB", "x = []\nwhile True: x.append(b'x' * 10**6)", ("--memory", "100"), "max_rss"),
        ("memory, at once", "100 MB", "x = bytearray(10**11)", ("--memory", "100"), "max_rss"),
        ("memory, of 8 processes; the largest", "100 MB", "import os, time\nfor _ in range(3): os.fork()\n"
         "x = b'x' * (60 * 10**6)\ntime.sleep(2)", ("--memory", "100", "--wall", "4"), "max_rss"),
        ("output", "64 KB", "while True: print('x' * 1000)", (), "stdout_bytes"),
    )  # fmt: skip
    for name, limit, program, options, field in attacks:
        [result] = run([json.dumps({"program": program}).encode() + b"\n"], *options)
        value = float(str(result[field]))
        reached = f"{value / 1e6:.1f} MB" if field == "max_rss" else f"{value / 1e3:.1f} KB"
        reached = reached if field in ("max_rss", "stdout_bytes") else f"{value:.3f} s"
        print(f"| {name} | {limit} | {result['status']} | {reached} |", flush=True)


def main() -> None:
    """Print the tables."""
    throughput()
    overhead()
    overshoot()


if __name__ == "__main__":
    main()
