"""psynth sandbox-exec: runs Python programs, or one command, where they can do no harm."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO

from psynth.cli.options import OUTPUT, PROCESSES, VERBOSITY, JobsOption, OutputOptions, VerbosityOptions
from psynth.cli.subcommand import Group, Parsed, Subcommand
from psynth.core import standard
from psynth.core.engines.sandbox_settings import SWITCHED_OFF, SandboxSettings
from psynth.core.errors import InputError, UsageError
from psynth.core.settings import Argument, setting

if TYPE_CHECKING:
    from psynth.cli.terminal import Messages
    from psynth.core.engines.sandbox import LayerReport, Sandbox, SandboxResult
    from psynth.core.engines.sandbox_records import Request

DETAILS = """\
The input is one JSON object a line, {"id": …, "program": "source"}, or FILE.py, which is one program. A program is run
as a script, or its function is called: {"program": …, "function": "f", "arguments": [1, 2]}, or "calls": [[1, 2], …].
One result is written for each program, in order. Whatever a program does is in its result: status is ok, error (an
exception, or an exit code other than 0), parse (not Python), timeout, cpu-limit, oom, output-limit, signal, bad-input
or sandbox-error.

    psynth sandbox-exec programs.jsonl -j 2 > results.jsonl
    psynth sandbox-exec --function f --arg 3 solution.py
    psynth sandbox-exec --memory 100 -- python3 -c 'print(sum(range(10)))'
    psynth sandbox-exec --server 127.0.0.1:8000 -j 2

With -- COMMAND the output and the exit status are those of the command.

This is isolation within one kernel, not a virtual machine: against authors who would spend an exploit of the kernel,
run psynth in a virtual machine. psynth doctor shows the layers of isolation that this machine has.
"""

EXIT_STATUSES = {
    "0": "every program has a result, whatever it is",
    "1": "the sandbox failed for some programs",
    "2": "usage error",
    "3": "a required layer of isolation is missing, or bad input",
    "124": "with -- COMMAND: it ran out of time",
    "125": "with -- COMMAND: the sandbox failed",
    "128+N": "with -- COMMAND: it was ended by signal N",
    "137": "with -- COMMAND: it was killed for its memory or its output",
}
SANDBOX_FAILED, REFUSED = 1, 3
COMMAND_TIMED_OUT, COMMAND_FAILED, COMMAND_KILLED, COMMAND_SIGNAL = 124, 125, 137, 128


@dataclass(frozen=True)
class ProgramOptions:
    """How the programs are run that do not say it themselves."""

    function: str | None = setting(None, unit="name", help="call this function of each program")
    arg: tuple[str, ...] = setting((), unit="json", help="an argument of that function (repeatable)")
    stdin: Path | None = setting(None, file="read", help="standard input of each program; - is this command's own")
    order: Literal["input", "done"] = setting("input", help="write results in the order of the input, or as they come")
    timing: bool = setting(True, help="write times and memory, which differ from run to run")


@dataclass(frozen=True)
class SandboxOptions(SandboxSettings):
    """The sandbox's settings, with what the command itself adds."""

    explain: bool = setting(False, help="print the layers of isolation in force, and why others are missing")
    server: str | None = setting(
        None, unit="address", help="serve HTTP on 127.0.0.1:PORT or unix:PATH instead, for other tools"
    )


def subcommand(help: str, words: Sequence[str]) -> Subcommand:
    """The subcommand; ``help`` is its summary."""
    arguments = [
        Argument("files", "FILE", "programs as JSON lines or FILE.py; none or -: standard input", repeated=True),
        Argument(
            "command", "COMMAND", "a command to run instead, with its arguments", repeated=True, after_dashes=True
        ),
    ]
    groups = [Group("Programs", ProgramOptions), Group("Sandbox", SandboxOptions), OUTPUT, PROCESSES, VERBOSITY]
    return Subcommand("sandbox-exec", f"{help}\n\n{DETAILS}", run, arguments, groups, exit_statuses=EXIT_STATUSES)


def run(parsed: Parsed) -> int:
    """Run the programs, or the command."""
    from psynth.cli.terminal import Messages
    from psynth.core.engines.sandbox import Sandbox, SandboxRefused

    options, jobs = parsed.of(SandboxOptions), parsed.of(JobsOption).jobs
    verbosity = parsed.of(VerbosityOptions)
    messages = Messages("sandbox-exec", quiet=verbosity.quiet, verbose=verbosity.verbose)
    command = parsed.arguments["command"]
    if command and parsed.arguments["files"]:
        raise UsageError("either files or a command after --, not both")
    try:
        if options.server is not None:
            return _serve(options, jobs, messages)
        with Sandbox(options, jobs, commands=bool(command)) as sandbox:
            layers = sandbox.start()
            _explain(layers, options, messages)
            if command:
                return _run_command(sandbox, parsed, command, messages)
            return _run_programs(sandbox, layers, parsed, messages)
    except SandboxRefused as error:
        print(f"psynth sandbox-exec: {error}", file=standard.err())
        return COMMAND_FAILED if command else REFUSED


def _explain(layers: LayerReport, options: SandboxOptions, messages: Messages) -> None:
    """Say which layers are missing, and with --explain which are in force."""
    if options.explain:
        print(f"in force: {', '.join(layers.present) or 'no layer'}", file=standard.err())
        for layer, reason in layers.missing.items():
            print(f"missing:  {layer} ({reason})", file=standard.err())
    elif options.isolation == "none":
        messages.warn("no isolation: programs can do whatever you can")
    elif missing := {layer: why for layer, why in layers.missing.items() if why != SWITCHED_OFF}:
        messages.warn(f"without {', '.join(missing)}; --explain says why, --require refuses")


def _serve(options: SandboxOptions, jobs: int, messages: Messages) -> int:
    from psynth.core.engines.sandbox_server import SandboxServer

    assert options.server is not None
    with SandboxServer(options.server, options, jobs) as server:
        _explain(server.layers, options, messages)
        print(f"psynth sandbox-exec: serving on {server.address}; Ctrl-C ends it", file=standard.err(), flush=True)
        server.serve()
    return 0


# ---- programs --------------------------------------------------------------------------------------------------------


def _run_programs(sandbox: Sandbox, layers: LayerReport, parsed: Parsed, messages: Messages) -> int:
    from psynth.cli.targets import binary_output
    from psynth.core.engines.sandbox_records import result_record
    from psynth.core.stream.records import encode

    options, output = parsed.of(ProgramOptions), parsed.of(OutputOptions)
    files = parsed.arguments["files"] or ("-",)
    if files == ("-",) and sys.stdin.isatty():
        raise UsageError("programs are read from standard input, which is a terminal; name a FILE, or pipe them in")
    progress = messages.progress()
    progress.start(None, "programs")
    statuses: Counter[str] = Counter()
    with binary_output(output.output) as target:
        for request, result in _results(sandbox, _requests(files, options), options.order):
            record = result_record(request, result, layers, timing=options.timing)
            statuses[record["status"]] += 1
            target.write(encode(record) + b"\n")
            if output.line_buffered or (output.output is None and standard.out().isatty()):
                target.flush()
            progress.advance()
    messages.note(", ".join(f"{count} {status}" for status, count in statuses.most_common()))
    if statuses["bad-input"]:
        count = statuses["bad-input"]
        messages.warn(f"{count} line{'s are' if count > 1 else ' is'} not a program (status bad-input)")
    return SANDBOX_FAILED if statuses["sandbox-error"] else 0


def _results(
    sandbox: Sandbox, requests: Iterator[Request | tuple[Request, SandboxResult]], order: str
) -> Iterator[tuple[Request, SandboxResult]]:
    """Each request with its result; those that came with a result keep their place."""
    from psynth.core.engines.sandbox import SandboxJob

    sent: dict[int, Request] = {}

    def jobs() -> Iterator[SandboxJob | SandboxResult]:
        for number, each in enumerate(requests):
            sent[number], job = each if isinstance(each, tuple) else (each, each.job)
            yield job

    for number, result in sandbox.run_numbered(jobs(), in_order=order == "input"):
        yield sent.pop(number), result


def _requests(files: Iterable[str], options: ProgramOptions) -> Iterator[Request | tuple[Request, SandboxResult]]:
    from psynth.core.engines.sandbox import SandboxJob
    from psynth.core.engines.sandbox_records import Request, read_request, refused

    if options.arg and options.function is None:
        raise UsageError("--arg needs --function, the function to call")
    calls = () if options.function is None else (tuple(map(_json, options.arg)),)
    stdin = _stdin(options.stdin, files)
    default = Request(None, SandboxJob("", options.function, calls, stdin), one_call=options.function is not None)
    for name in files:
        if name.endswith(".py"):
            yield _program_file(name, default)
            continue
        for number, line in enumerate(_lines(name), 1):
            numbered = Request(f"{name}:{number}", default.job, default.one_call)
            try:
                yield read_request(line, numbered)
            except InputError as error:
                yield refused(line, numbered, error)


def _program_file(name: str, default: Request) -> Request | tuple[Request, SandboxResult]:
    import dataclasses
    import tokenize

    from psynth.core.engines.sandbox_records import Request, refused

    try:
        with tokenize.open(name) as file:
            program = file.read()
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror}") from error
    except (SyntaxError, UnicodeDecodeError) as error:
        return refused(b"", Request(name, default.job, default.one_call), InputError(f"not Python source: {error}"))
    return Request(name, dataclasses.replace(default.job, program=program), default.one_call)


def _lines(name: str) -> Iterator[bytes]:
    try:
        with sys.stdin.buffer if name == "-" else open(name, "rb") as file:
            yield from (line for line in file if line.strip())
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror}") from error


def _stdin(path: Path | None, files: Iterable[str]) -> str:
    if path is None:
        return ""
    if str(path) == "-" and "-" in files:
        raise UsageError("--stdin -: standard input has the programs")
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        return data.decode()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 at byte {error.start + 1}") from error


def _json(text: str) -> Any:
    from psynth.cli.evaluate import json_argument

    return json_argument(text)


# ---- one command -----------------------------------------------------------------------------------------------------


def _run_command(sandbox: Sandbox, parsed: Parsed, command: Sequence[str], messages: Messages) -> int:
    """Run a command, write what it wrote, and return its exit status as a shell would have it."""
    from psynth.core.engines.sandbox import SandboxJob

    options = parsed.of(ProgramOptions)
    stdin = _stdin(options.stdin or (None if sys.stdin is None or sys.stdin.isatty() else Path("-")), ())
    [result] = sandbox.run([SandboxJob(command=command, stdin=stdin)])
    for stream, data in ((standard.out(), result.raw_stdout), (standard.err(), result.raw_stderr)):
        _copy(data, stream)
    return _exit_status(result, messages)


def _copy(data: bytes, stream: TextIO) -> None:
    """Write the bytes as they are, but to a terminal only what does not control it."""
    if stream.isatty():
        stream.write(data.decode("utf-8", "replace"))
    else:
        stream.buffer.write(data)
    stream.flush()


def _exit_status(result: SandboxResult, messages: Messages) -> int:
    import signal

    limits = {
        "timeout": "it ran out of time (--wall)",
        "cpu-limit": "it ran out of CPU time (--cpu)",
        "oom": "it ran out of memory (--memory)",
        "output-limit": "it wrote too much (--output-limit)",
        "sandbox-error": result.message,
        "bad-input": result.message,
    }
    if result.status in limits:
        messages.warn(f"{result.status}: {limits[result.status]}")
    if result.status in ("timeout", "cpu-limit"):
        return COMMAND_TIMED_OUT
    if result.status in ("oom", "output-limit"):
        return COMMAND_KILLED
    if result.status in ("sandbox-error", "bad-input"):
        return COMMAND_FAILED
    if result.signal is not None:
        return COMMAND_SIGNAL + signal.Signals[result.signal].value
    return result.exit_code or 0
