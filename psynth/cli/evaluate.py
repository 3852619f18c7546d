"""psynth evaluate: run programs and score them, those of a stream or one given on the command line."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psynth.cli.filters import FILES, FOUND, FRAME, Chosen, run_chosen
from psynth.cli.options import SourceOptions
from psynth.cli.subcommand import Group, Parsed, Subcommand
from psynth.core.errors import InputError, UsageError
from psynth.core.settings import setting
from psynth.plugins.evaluation import Evaluate

HELP = """Run programs and score them: those of a stream's frontiers, or one program once.

With a stream, every program gets a status, a score and a log-likelihood, and the best comes first. With -e, one program
is applied to the arguments, each a JSON value, and what it gives is printed as JSON.

    psynth evaluate solved.jsonl
    psynth evaluate -d list -e '(lambda (map (+ 1) $0))' '[1,2]'
"""


@dataclass(frozen=True)
class OnceOptions:
    """One program, given on the command line."""

    program: str | None = setting(None, flag="-e/--program", help="run this program once, on the arguments given")
    request: str | None = setting(None, unit="TYPE", help="the type that the program must have")


@dataclass(frozen=True)
class EvaluateFoundOption:
    """Whether the exit status tells of success; here -e is the program."""

    exit_status: bool = setting(False, help="exit 1 when no program was found", provenance=False)


def subcommand(words: Sequence[str]) -> Subcommand:
    """The subcommand's arguments, options and function."""
    argument = dataclasses.replace(FILES, help=f"{FILES.help}; with -e the program's arguments, as JSON")
    once = Group("One program", OnceOptions)
    found = Group("Work", EvaluateFoundOption)
    frame = [found if group is FOUND else group for group in FRAME]
    return Subcommand("evaluate", HELP, run, [argument], [once, Group("Settings", Evaluate), *frame])


def run(parsed: Parsed) -> int:
    """Evaluate a stream, or one program."""
    once = parsed.of(OnceOptions)
    if once.program is None:
        return run_chosen("evaluate", parsed, Chosen(Evaluate), exit_status=parsed.of(EvaluateFoundOption).exit_status)
    from psynth.cli.pipeline import Pipeline
    from psynth.core.stream.records import encode
    from psynth.plugins.evaluation import evaluate_once

    pipeline = Pipeline("evaluate", parsed)
    libraries = pipeline.library_file()
    source = parsed.of(SourceOptions)
    domain = source.domain or next(iter(libraries), None)
    if domain is None:
        raise UsageError("-e needs -d DOMAIN, the domain that the program is written in")
    context = pipeline.context()
    library = libraries.get(domain) or context.registry.domain(domain).library(source.primitives)
    arguments = [_json(text) for text in parsed.arguments["files"]]
    value = evaluate_once(once.program, arguments, library, once.request, parsed.of(Evaluate), context)
    sys.stdout.buffer.write(encode(value) + b"\n")
    return 0


def _json(text: str) -> Any:
    import json

    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the argument {text!r} is not JSON: {error}") from error
