"""Client of the sandbox: the only module that starts ``psynth/_bin/psynth-sandbox`` and speaks its JSON lines.

The sandbox runs programs that nobody has read: Python programs, as scripts or by calls of a function, and commands. Its
design and its protocol are documented in ``native/rust/sandbox/README.md``.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psynth.core.closing import Closing
from psynth.core.engines.sandbox_settings import EXECUTABLE, SandboxSettings, plan
from psynth.core.errors import EngineError, InputError
from psynth.core.stream.records import decode, encode
from psynth.core.work import Canceled

AHEAD = 2
"""Number of jobs under way for each worker, so that none waits for the next job; the sandbox accepts no more."""


@dataclass(frozen=True, slots=True)
class SandboxJob:
    """A program to run.

    With ``function`` the program is executed as a module, and the function is called once for each item of ``calls``,
    a list of positional arguments (JSON). Without, it is run as a script. ``command`` is a command line to run instead,
    in a sandbox for commands.
    """

    program: str = ""
    function: str | None = None
    calls: Sequence[Sequence[Any]] = ()
    stdin: str = ""
    command: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SandboxCall:
    """The result of one call: ``status`` as of ``SandboxResult``; ``value`` is JSON, set only if the status is ok."""

    status: str
    value: Any = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class SandboxResult:
    """The result of one program.

    ``status`` is ok, error (it raised an exception or exited with a status other than 0), parse (it is not Python),
    timeout (wall clock), cpu-limit, oom, output-limit, signal, bad-input or sandbox-error. With a function it is the
    status of loading the program, and ``calls`` has the result of each call (of none if the program cannot be loaded).
    ``stdout`` and ``stderr`` are cut at the limit, ``stdout_bytes`` and ``stderr_bytes`` count what was written. Times
    are in seconds, ``max_rss`` in bytes.
    """

    status: str
    message: str = ""
    calls: tuple[SandboxCall, ...] = ()
    exit_code: int | None = None
    signal: str | None = None
    stdout: str = ""
    stderr: str = ""
    stdout_bytes: int = 0
    stderr_bytes: int = 0
    truncated: bool = False
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    max_rss: int = 0
    raw_stdout: bytes = b""
    """What a command wrote, which need not be text; of programs empty."""
    raw_stderr: bytes = b""


class SandboxRefused(EngineError):
    """The sandbox cannot isolate programs as required; nothing was run."""


@dataclass(frozen=True, slots=True)
class LayerReport:
    """The layers in force, and the reason for each that is not."""

    present: Mapping[str, str]
    missing: Mapping[str, str]
    version: str = ""


def probe() -> LayerReport:
    """The layers that this machine has."""
    answer = subprocess.run([os.fspath(EXECUTABLE), "probe"], capture_output=True, check=False)
    if answer.returncode != 0:
        raise EngineError(f"the sandbox: {answer.stderr.decode(errors='replace').strip()}")
    found = decode(answer.stdout)
    return LayerReport(found["present"], found["missing"])


class Sandbox(Closing):
    """Runs programs in up to ``jobs`` concurrent isolated processes. Starts at the first run, or by ``start``."""

    def __init__(self, settings: SandboxSettings | None = None, jobs: int = 1, *, commands: bool = False) -> None:
        self._message = encode(plan(settings or SandboxSettings(), jobs, commands))
        self._ahead, self._commands = AHEAD * jobs, commands
        self._process: subprocess.Popen[bytes] | None = None
        self._layers: LayerReport | None = None
        self._canceled = threading.Event()
        self._busy = threading.Lock()
        self._runner: int | None = None

    def start(self) -> LayerReport:
        """Start the sandbox unless it runs; its layers. `SandboxRefused` if it cannot isolate as required."""
        if self._process is None or self._layers is None:
            self._process = _started()
            self._write(self._message)
            answer = self._line()
            if "refused" in answer:
                self.close()
                raise SandboxRefused(f"the sandbox refuses to run: {answer['refused']}")
            ready = answer["ready"]
            self._layers = LayerReport(dict.fromkeys(ready["layers"], ""), ready["missing"], ready["version"])
        return self._layers

    def run(self, jobs: Iterable[SandboxJob]) -> Iterator[SandboxResult]:
        """One result for each job, in order; reads at most a bounded number of jobs ahead. `Canceled` if canceled."""
        return (result for _, result in self.run_numbered(jobs))

    def run_numbered(
        self, jobs: Iterable[SandboxJob | SandboxResult], *, in_order: bool = True
    ) -> Iterator[tuple[int, SandboxResult]]:
        """The number of each job with its result, in order or as they come; a result among the jobs keeps its place."""
        if self._runner == threading.get_ident():
            raise EngineError("this sandbox has an unfinished run, whose results must be read or closed first")
        with self._busy:
            self._runner = threading.get_ident()
            try:
                if self._canceled.is_set():
                    raise Canceled
                self.start()
                yield from self._results(iter(jobs), in_order)
            except BaseException:
                # What is still under way would be taken for the results of later jobs.
                self.close()
                if self._canceled.is_set():
                    raise Canceled from None
                raise
            finally:
                self._runner = None

    def _results(
        self, jobs: Iterator[SandboxJob | SandboxResult], in_order: bool
    ) -> Iterator[tuple[int, SandboxResult]]:
        outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        writer = threading.Thread(target=self._write_all, args=(outgoing,), daemon=True)
        writer.start()
        numbered = enumerate(jobs)
        waiting: deque[int] = deque()
        done: dict[int, SandboxResult] = {}
        under_way, exhausted = 0, False
        try:
            while True:
                while not exhausted and len(waiting) < self._ahead:
                    number, job = next(numbered, (-1, None))
                    if job is None:
                        exhausted = True
                        break
                    line = job if isinstance(job, SandboxResult) else _unsendable(job) or _line(number, job)
                    waiting.append(number)
                    if isinstance(line, SandboxResult):
                        done[number] = line
                    else:
                        outgoing.put(line)
                        under_way += 1
                ready = _ready(waiting, done, in_order)
                if ready is not None:
                    waiting.remove(ready)
                    yield ready, done.pop(ready)
                elif under_way:
                    answer = self._line()
                    done[answer["n"]] = _raw(answer) if self._commands else _result(answer)
                    under_way -= 1
                else:
                    break
        finally:
            outgoing.put(None)
        writer.join()

    def _write_all(self, outgoing: queue.SimpleQueue[bytes | None]) -> None:
        # The reader notices when the sandbox has ended, and says so.
        with contextlib.suppress(OSError, ValueError, EngineError):
            while (line := outgoing.get()) is not None:
                self._write(line)

    def _write(self, line: bytes) -> None:
        process = self._process
        if process is None or process.stdin is None:
            raise self._died()
        try:
            process.stdin.write(line + b"\n")
            process.stdin.flush()
        except BrokenPipeError as error:
            raise self._died() from error

    def _line(self) -> dict[str, Any]:
        process = self._process
        line = b"" if process is None or process.stdout is None else process.stdout.readline()
        if not line.endswith(b"\n"):
            raise self._died()
        return _decode(line)

    def _died(self) -> EngineError:
        return EngineError("the sandbox ended unexpectedly; psynth doctor checks it")

    def cancel(self) -> None:
        """End, from another thread, the current and all later runs with ``Canceled``."""
        self._canceled.set()
        process = self._process
        if process is not None:
            process.kill()  # its keepers notice, and end all programs

    def close(self) -> None:
        """End all processes."""
        process, self._process, self._layers = self._process, None, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready(waiting: deque[int], done: Mapping[int, SandboxResult], in_order: bool) -> int | None:
    """The number of a job whose result can be given: the next in order, or any; None if there is none."""
    if in_order:
        return waiting[0] if waiting and waiting[0] in done else None
    return next(iter(done), None)


def _started() -> subprocess.Popen[bytes]:
    try:
        # A session of its own: Ctrl-C reaches only psynth, which then ends the sandbox.
        return subprocess.Popen(
            [os.fspath(EXECUTABLE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
    except OSError as error:
        raise EngineError(
            f"the sandbox {EXECUTABLE} cannot be run ({error}); reinstall psynth where cargo is (psynth doctor)"
        ) from error


def _unsendable(job: SandboxJob) -> SandboxResult | None:
    """The result of a program that is no text: half a surrogate pair cannot be in a file either."""
    for what, text in (("program", job.program), ("input", job.stdin), *(("command", word) for word in job.command)):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            status = "parse" if what == "program" else "bad-input"
            return SandboxResult(status, f"the {what} has half a surrogate pair at character {error.start + 1}")
    return None


def _has_no_json(value: Any) -> bool:
    """Whether a value has a number in it that JSON cannot say."""
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, dict):
        return any(map(_has_no_json, value.values()))
    return isinstance(value, list | tuple) and any(map(_has_no_json, value))


def _decode(line: bytes) -> dict[str, Any]:
    """An answer of the sandbox, which may hold longer integers than a stream."""
    try:
        return decode(line)
    except InputError:
        with _long_integers():
            answer: dict[str, Any] = json.loads(line)
            return answer


@contextlib.contextmanager
def _long_integers() -> Iterator[None]:
    """Convert integers of any length that the sandbox sends; its own limit is beyond Python's."""
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        yield
    finally:
        sys.set_int_max_str_digits(before)


def _line(number: int, job: SandboxJob) -> bytes | SandboxResult:
    """A job as the sandbox reads it, or its result if an argument has a number that JSON cannot say."""
    message: dict[str, Any] = {"n": number, "program": job.program}
    if job.function is not None:
        message |= {"function": job.function, "calls": [list(arguments) for arguments in job.calls]}
    if job.stdin:
        message["stdin"] = job.stdin
    if job.command:
        message["argv"] = list(job.command)
    with _long_integers():
        line = encode(message)
    # Such numbers are encoded as null. Most jobs have none, and need no second look.
    if b"null" in line and _has_no_json(job.calls):
        return SandboxResult("bad-input", "an argument is, or holds, NaN or infinity")
    return line


def _raw(answer: Mapping[str, Any]) -> SandboxResult:
    """The result of a command: each of its bytes is sent as the character with the same number."""
    output, errors = answer["stdout"].encode("latin-1"), answer["stderr"].encode("latin-1")
    text = {"stdout": output.decode(errors="replace"), "stderr": errors.decode(errors="replace")}
    return dataclasses.replace(_result({**answer, **text}), raw_stdout=output, raw_stderr=errors)


def _result(answer: Mapping[str, Any]) -> SandboxResult:
    return SandboxResult(
        status=answer["status"],
        message=answer["message"],
        calls=tuple(
            SandboxCall(call["status"], call.get("value"), call.get("message", "")) for call in answer["calls"]
        ),
        exit_code=answer["exit_code"],
        signal=answer["signal"],
        stdout=answer["stdout"],
        stderr=answer["stderr"],
        stdout_bytes=answer["stdout_bytes"],
        stderr_bytes=answer["stderr_bytes"],
        truncated=answer["truncated"],
        wall_seconds=answer["wall"],
        cpu_seconds=answer["cpu"],
        max_rss=answer["max_rss"],
    )
