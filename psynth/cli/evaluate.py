"""psynth evaluate: runs and scores the programs of a stream, or one program given on the command line."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psynth.cli.chosen import Chosen
from psynth.cli.filters import FILES, shared_groups, unavailable
from psynth.cli.filters import run as run_filter
from psynth.cli.options import FOUND, FoundOption, SourceOptions
from psynth.cli.subcommand import Group, Parsed, Subcommand
from psynth.core.errors import InputError, UsageError
from psynth.core.settings import setting
from psynth.plugins.evaluation import Evaluate

DETAILS = """\
Each program of a stream's frontiers gets a status, a score and a log-likelihood, and the best comes first. With -e, one
program is applied to the arguments, each a JSON value, and its result is printed as JSON.

    psynth evaluate solved.jsonl
    psynth evaluate -d list -e '(lambda (map (+ 1) $0))' '[1,2]'
"""


@dataclass(frozen=True)
class OnceOptions:
    """One program, given on the command line."""

    program: str | None = setting(None, flag="-e/--program", help="run this program once, on the arguments given")
    request: str | None = setting(None, unit="TYPE", help="the type that the program must have")


@dataclass(frozen=True)
class LongFoundOption(FoundOption):
    """The option without its short name, which stands for the program in this subcommand."""

    exit_status: bool = setting(False, help="exit 1 if no program was found", provenance=False)


def subcommand(help: str, words: Sequence[str]) -> Subcommand:
    """The subcommand; ``help`` is its summary."""
    argument = dataclasses.replace(FILES, help=f"{FILES.help}; with -e the program's arguments, as JSON")
    found = dataclasses.replace(FOUND, settings=LongFoundOption)
    shared = [found if group is FOUND else group for group in shared_groups(Evaluate)]
    groups = [Group("One program", OnceOptions), Group("Settings", Evaluate), *shared]
    text = f"{help}\n\n{DETAILS}"
    return Subcommand("evaluate", text, run, [argument], groups, unavailable=unavailable(Evaluate, "evaluate"))


def run(parsed: Parsed) -> int:
    """Evaluate a stream, or one program."""
    program = parsed.of(OnceOptions).program
    return run_filter("evaluate", parsed, Chosen(Evaluate)) if program is None else _run_once(parsed, program)


def _run_once(parsed: Parsed, program: str) -> int:
    from psynth.cli.run import Run
    from psynth.cli.source import Source
    from psynth.core.stream.records import encode
    from psynth.plugins.evaluation import evaluate_once

    this_run = Run("evaluate", parsed)
    libraries = Source(this_run).libraries()
    options = parsed.of(SourceOptions)
    domain = options.domain or next(iter(libraries), None)
    if domain is None:
        raise UsageError("-e needs -d DOMAIN, the domain that the program is written in")
    context = this_run.context()
    library = libraries.get(domain) or context.registry.domain(domain).library(options.primitives)
    arguments = [json_argument(text) for text in parsed.arguments["files"]]
    value = evaluate_once(program, arguments, library, parsed.of(OnceOptions).request, parsed.of(Evaluate), context)
    sys.stdout.buffer.write(encode(value) + b"\n")
    return 0


def json_argument(text: str) -> Any:
    """The JSON value that an argument of the command line is; InputError if it is none."""
    import json

    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the argument {text!r} is not JSON: {error}") from error
