"""The common options of subcommands, each declared once, and the groups in which help shows them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from psynth.cli.subcommand import Group
from psynth.core.limits import DEFAULT_MACHINE_MEMORY
from psynth.core.settings import setting


@dataclass(frozen=True)
class SourceOptions:
    """The source of the frontiers that a method processes."""

    domain: str | None = setting(
        None,
        flag="-d/--domain",
        value="DOMAIN",
        main=True,
        help="start from this domain's own tasks instead of a file",
        provenance=False,
    )
    primitives: str | None = setting(
        None, value="SET", help="with -d, the set of primitives (default: the domain's first)", provenance=False
    )
    library: Path | None = setting(
        None, file="read", help="use the library in this file instead of the stream's", provenance=False
    )


@dataclass(frozen=True)
class TaskOption:
    """The tasks to read."""

    task: tuple[str, ...] = setting(
        (),
        value="NAME",
        help="only these tasks: a short name (maze) or a pattern of ids ('karel/*'); repeatable",
        provenance=False,
    )


@dataclass(frozen=True)
class LimitOption:
    """The amount of input to read."""

    limit: int | None = setting(None, minimum=0, unit="frontiers", help="read no more frontiers than this")


@dataclass(frozen=True)
class ShardOption:
    """The part of the frontiers to process."""

    shard: str | None = setting(
        None, unit="K/N", help="only the frontiers of slice K of N (K from 1), by task id", provenance=False
    )


@dataclass(frozen=True)
class ErrorOption:
    """The handling of bad records."""

    on_error: Literal["stop", "skip", "keep"] = setting(
        "stop", help="at a bad record: stop, leave it out, or keep it as it is"
    )


@dataclass(frozen=True)
class StrictOption:
    """Whether an incomplete stream is an error."""

    strict: bool = setting(False, help="exit 4 if a budget ran out or the input was cut short", provenance=False)


@dataclass(frozen=True)
class OutputOptions:
    """The destination of records."""

    output: Path | None = setting(
        None,
        flag="-o/--output",
        file="write",
        main=True,
        help="write to this file, which is replaced only when complete; - is standard output",
        provenance=False,
    )
    line_buffered: bool = setting(False, help="write each record at once, not in blocks", provenance=False)


@dataclass(frozen=True)
class ResumeOption:
    """The earlier run to continue."""

    resume: Path | None = setting(
        None, file="read", main=True, help="continue an earlier run: skip tasks already in FILE", provenance=False
    )


@dataclass(frozen=True)
class SeedOption:
    """The seed of random numbers."""

    seed: int = setting(0, help="seed of the random number generator", provenance=False)


@dataclass(frozen=True)
class TaskSeedOption(SeedOption):
    """The seed if only the tasks of ``-d`` are random."""

    seed: int = setting(0, help="with -d, seed of the domain's tasks", provenance=False)


def _jobs(unit: str) -> Any:
    """The declaration of ``--jobs``, which counts workers of one kind."""
    return setting(
        1,
        flag="-j/--jobs",
        minimum=1,
        maximum=1024,
        unit=unit,
        main=True,
        help=f"number of worker {unit}",
        provenance=False,
    )


@dataclass(frozen=True)
class JobsOption:
    """The number of worker processes."""

    jobs: int = _jobs("processes")


@dataclass(frozen=True)
class MachinesOption(JobsOption):
    """The number of worker processes, and the memory of those that are λ-machines."""

    machine_memory: int = setting(
        DEFAULT_MACHINE_MEMORY,
        minimum=16,
        maximum=1 << 20,
        unit="MiB",
        help="memory of each λ-machine, at which its search ends",
    )


@dataclass(frozen=True)
class ThreadsOption(MachinesOption):
    """The number of worker threads, and the memory of each one's λ-machine."""

    jobs: int = _jobs("threads")


@dataclass(frozen=True)
class TimingOption:
    """Whether records include the CPU time of their computation."""

    timing: bool = setting(False, help="write CPU seconds into the stream")


@dataclass(frozen=True)
class FoundOption:
    """Whether the exit status reports that something was found."""

    exit_status: bool = setting(False, help="exit 1 if nothing was found", provenance=False)


@dataclass(frozen=True)
class VerbosityOptions:
    """The amount of messages on standard error."""

    quiet: bool = setting(False, flag="-q/--quiet", help="no progress and no warnings", provenance=False)
    verbose: bool = setting(
        False, flag="-v/--verbose", help="say what was read and written, and how searches proceed", provenance=False
    )


@dataclass(frozen=True)
class JsonOption:
    """The output format of reports: text or JSON."""

    json: bool = setting(False, help="print JSON instead of text", provenance=False)


SOURCE = Group("Input", SourceOptions)
TASK_SEED = Group("Input", TaskSeedOption)
TASKS = Group("Input", TaskOption)
LIMIT = Group("Input", LimitOption)
SHARD = Group("Input", ShardOption)
ERRORS = Group("Input", ErrorOption)
STRICT = Group("Input", StrictOption)
OUTPUT = Group("Output", OutputOptions)
RESUME = Group("Output", ResumeOption)
SEED = Group("Work", SeedOption)
MACHINES = Group("Work", MachinesOption)
PROCESSES = Group("Work", JobsOption)
THREADS = Group("Work", ThreadsOption)
TIMING = Group("Work", TimingOption)
FOUND = Group("Work", FoundOption)
VERBOSITY = Group("Messages", VerbosityOptions)
JSON = Group("Output", JsonOption)
