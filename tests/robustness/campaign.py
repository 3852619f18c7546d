"""Runs psynth on damaged input and says which promises it broke; subcommands and domains come from the registry."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from psynth.cli.dispatch import subcommand
from psynth.cli.main import main
from psynth.cli.table import TABLE
from psynth.core.engines.leases import default_engines
from psynth.core.errors import PsynthError
from psynth.plugins import Domain, Frontier, Library, Production, Program, Task
from psynth.plugins.registry import Registry
from tests.robustness.damage import damaged

LONGEST = 20.0
"""Seconds of CPU time after which a command counts as hanging."""
LONGEST_WAIT = 10 * LONGEST
"""Seconds after which it does even if it computes nothing: a busy machine takes many for one of CPU time."""
DOCUMENTED = (0, 2, 3, 4)
"""The exit statuses that input may cause."""
MAKES_OTHERS = ("elites", "relabel", "replay", "sample", "train")
"""Subcommands that write other frontiers than they read."""
WITHOUT_STREAMS = ("new", "doctor", "help", "completion", "plugins", "tasks")
BOUNDS = {
    "--max-programs": "30",
    "--max-evaluations": "10",
    "--max-cost": "6",
    "--timeout": "2",
    "--count": "2",
    "--epochs": "1",
    "--iterations": "1",
}
"""Options that bound the work, of those that a subcommand has."""
PYTHON = ("def sol(*inputs):\n    return 99", "def point(n):\n    return [0] * n", "def f(x): return x / 0")
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def commands(registry: Registry, folder: Path) -> list[list[str]]:
    """Every subcommand that reads a stream, with each of its methods and formats, bounded."""
    found: list[list[str]] = []
    for verb in [*TABLE, *registry.subcommands(), *registry.offers("command")]:
        if verb in WITHOUT_STREAMS or [verb] in [each[:1] for each in found]:
            continue
        if verb in ("import", "export"):
            found += [[verb, name] for name in registry.offers("format")]
        else:
            methods = registry.offers("method", verb)
            found += [[verb, "--method", name] for name in methods] or [[verb]]
    return [[*words, *_bounds(words, folder)] for words in found]


def _bounds(words: Sequence[str], folder: Path) -> list[str]:
    flags = subcommand(words[0], words[1:]).flags()
    bounds = [word for flag, value in BOUNDS.items() if flag in flags for word in (flag, value)]
    return [*bounds, "--model", str(folder / "model")] if words[0] == "train" and "--model" in flags else bounds


def stream_of(domain: Domain) -> list[bytes]:
    """The lines of a sound stream of a domain: its library, two tasks, and programs in each of its languages."""
    library = domain.library()
    try:
        tasks = list(domain.tasks(replace(domain.TaskSettings(), count=2), 0))
    except PsynthError:
        # A domain without tasks of its own.
        library = Library(domain.name, tuple(Production(name, "t0", 0.0) for name in "fgh"), 0.0)
        tasks = [Task(f"{domain.name}/{number}", domain.name, "t0") for number in range(2)]
    records = [library, *(Frontier(task, _programs(domain, library, task)) for task in tasks)]
    ends = b'{"type":"header","psynth":1}', b'{"type":"end","status":"complete"}'
    return [ends[0], *(record.encode() for record in records), ends[1]]


def _programs(domain: Domain, library: Library, task: Task) -> tuple[Program, ...]:
    found: list[Program] = []
    for language in domain.languages:
        if language == "python":
            found += [Program(text, language) for text in PYTHON]
        elif language == "lambda":
            with contextlib.suppress(PsynthError), default_engines().lambda_machine() as machine:
                drawn = machine.sample(library.to_json(), task.request or "", seed=1, count=2, max_depth=4)
                found += [Program(str(each["program"])) for each in drawn]
        else:
            found.append(Program("[1, 2]", language))
    return tuple(found)


@dataclass(frozen=True)
class Run:
    """What a command did."""

    status: int | None
    """None if it hung."""
    out: bytes
    err: str


def run(words: Sequence[str], folder: Path) -> Run:
    """Run psynth in a process of its own, forked from this one so that nothing is imported again."""
    files = [folder / name for name in ("stdout", "stderr")]
    child = os.fork()
    if child == 0:  # pragma: no cover
        status = 99
        with contextlib.suppress(BaseException):
            null = os.open(os.devnull, os.O_RDONLY)
            os.dup2(null, 0)
            for number, path in enumerate(files, 1):
                os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
            sys.stdin, sys.stdout, sys.stderr = (os.fdopen(n, "r" if n == 0 else "w", closefd=False) for n in range(3))
            os.chdir(folder)
            status = main(list(words))
        os._exit(status)
    status = _waited(child)
    out, err = (path.read_bytes() for path in files)
    return Run(status, out, err.decode("utf-8", "replace"))


def _waited(child: int) -> int | None:
    deadline = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < deadline and _cpu_seconds(child) < LONGEST:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _cpu_seconds(process: int) -> float:
    """The CPU time of a process that has not been waited for."""
    words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def attack(words: Sequence[str], sound: list[bytes], seed: int, folder: Path) -> Iterator[str]:
    """Yield each promise that a command breaks on the stream ``sound`` as it is damaged by ``seed``."""
    rng = random.Random(seed)
    lines = damaged(sound, rng)
    given = folder / "given.jsonl"
    given.write_bytes(b"\n".join(lines) + rng.choice((b"\n", b"", b"\n\n")))
    on_error = rng.choice(("stop", "skip", "keep"))
    flags = subcommand(words[0], words[1:]).flags()
    done = run([*words, str(given), *(["--on-error", on_error] if "--on-error" in flags else [])], folder)
    if done.status is None:
        yield "it hangs"
        return
    if done.status not in DOCUMENTED:
        yield f"exit status {done.status}: {done.err[-300:]}"
    if "Traceback" in done.err or "internal error" in done.err or " failed: " in done.err:
        yield f"not a message for a user: {done.err[-300:]}"
    if CONTROLS.search(done.err.replace("\n", "")):
        yield f"control characters in its messages: {done.err[-300:]!r}"
    text = done.out.decode("utf-8", "replace")
    if words[0] in ("show", "report", "check") and CONTROLS.search(text):
        yield "control characters in what it prints"
    if done.status == 3 and not _has_place(words, done) and _works(words, sound, folder):
        yield f"bad input without its place: {done.err[-300:]}"
    if done.status == 0 and text.startswith('{"type"') and words[0] not in ("export", "import"):
        yield from _of_output(words, sound, lines, done, on_error, folder)


def _has_place(words: Sequence[str], done: Run) -> bool:
    """Whether a message names the file, or is about the stream as a whole."""
    return words[0] in ("check", "sandbox-exec") or "given.jsonl" in done.err or ": the stream has " in done.err


def _works(words: Sequence[str], sound: list[bytes], folder: Path) -> bool:
    """Whether a command works on the sound stream: where it cannot, the domain is at fault and no line."""
    (folder / "sound.jsonl").write_bytes(b"\n".join(sound))
    return run([*words, str(folder / "sound.jsonl")], folder).status == 0


def _of_output(
    words: Sequence[str], sound: list[bytes], lines: list[bytes], done: Run, on_error: str, folder: Path
) -> Iterator[str]:
    """What is wrong with the stream that a command wrote."""
    ids = [json.loads(line)["task"]["id"] for line in sound if line in lines and line.startswith(b'{"type":"frontier"')]
    lost = [each for each in ids if json.dumps(each, ensure_ascii=False).encode() not in done.out]
    # What a method cannot work on is left out with skip, but never in silence.
    lost = [each for each in lost if on_error == "keep" or each not in done.err]
    if lost and on_error != "stop" and words[0] not in MAKES_OTHERS:
        yield f"--on-error {on_error} lost the sound frontier {lost[0]}"
    if run(["check", str(folder / "given.jsonl")], folder).status == 0:
        (folder / "made.jsonl").write_bytes(done.out)
        checked = run(["check", str(folder / "made.jsonl")], folder)
        if checked.status != 0:
            yield f"a sound stream became one that psynth check refuses: {checked.out[-300:]!r}"
