"""The options that subcommands share, each declared once, as settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from psynth.core.settings import setting


@dataclass(frozen=True)
class LimitOption:
    """How much is read."""

    limit: int | None = setting(None, minimum=0, unit="frontiers", help="no more frontiers than this")


@dataclass(frozen=True)
class ShardOption:
    """Which part of the frontiers."""

    shard: str | None = setting(
        None, unit="K/N", help="only the frontiers of slice K of N (K from 1), by task id", provenance=False
    )


@dataclass(frozen=True)
class ErrorOption:
    """What is done about bad records."""

    on_error: Literal["stop", "skip", "keep"] = setting(
        "stop", help="at a bad record: stop, leave it out, or keep it as it is"
    )


@dataclass(frozen=True)
class StrictOption:
    """Whether incomplete is a fault."""

    strict: bool = setting(False, help="exit 4 when a budget ran out or the input was cut short", provenance=False)


@dataclass(frozen=True)
class SourceOptions:
    """Where the frontiers come from that a method works on."""

    domain: str | None = setting(
        None, flag="-d/--domain", help="start from this domain's own tasks instead of a file", provenance=False
    )
    primitives: str | None = setting(
        None, help="with -d, the set of primitives; the domain's first if not given", provenance=False
    )
    library: Path | None = setting(None, help="use this file's library instead of the stream's", provenance=False)


@dataclass(frozen=True)
class OutputOptions:
    """Where records go to."""

    output: Path | None = setting(
        None, flag="-o/--output", help="write here, by way of a temporary file; - is standard output", provenance=False
    )
    line_buffered: bool = setting(False, help="write each record at once, not by the block", provenance=False)


@dataclass(frozen=True)
class ResumeOption:
    """What need not be done again."""

    resume: Path | None = setting(None, help="do not do again what this file holds already", provenance=False)


@dataclass(frozen=True)
class SeedOption:
    """Where randomness comes from."""

    seed: int = setting(0, help="what all randomness comes from", provenance=False)


@dataclass(frozen=True)
class WorkOptions:
    """How the work is done."""

    jobs: int = setting(
        1, flag="-j/--jobs", minimum=1, unit="processes", help="how many work at a time", provenance=False
    )
    timing: bool = setting(False, help="write CPU seconds into the stream")


@dataclass(frozen=True)
class FoundOption:
    """Whether the exit status tells of success."""

    exit_status: bool = setting(False, flag="-e/--exit-status", help="exit 1 when nothing was found", provenance=False)


@dataclass(frozen=True)
class VerbosityOptions:
    """How much is said on standard error."""

    quiet: bool = setting(False, flag="-q/--quiet", help="no progress and no warnings", provenance=False)
    verbose: bool = setting(False, flag="-v/--verbose", help="say more about what is done", provenance=False)


@dataclass(frozen=True)
class JsonOption:
    """For subcommands that report to people or to programs."""

    json: bool = setting(False, help="print JSON instead of text", provenance=False)
