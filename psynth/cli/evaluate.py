"""psynth evaluate: runs and scores the programs of a stream, or one program given on the command line."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psynth.cli.chosen import Chosen
from psynth.cli.filters import FILES, shared_groups, unavailable
from psynth.cli.filters import run as run_filter
from psynth.cli.options import SourceOptions
from psynth.cli.subcommand import Group, Parsed, Subcommand
from psynth.core import standard
from psynth.core.errors import InputError, UsageError
from psynth.core.files import read_text
from psynth.core.settings import setting
from psynth.plugins.evaluation import Evaluate

DETAILS = """\
Each program of a stream's frontiers gets a status, a score and a log-likelihood, and the best comes first. With -e or
--file, one program is applied to the arguments, each a JSON value, and its result is printed as JSON. A program is in
the domain's usual language; a file whose name ends with .py is Python source, which runs in the sandbox.

    psynth evaluate solved.jsonl
    psynth evaluate -d list -e '(lambda (map (+ 1) $0))' '[1,2]'
    psynth evaluate -d puzzles --file solution.py 10 42
"""


@dataclass(frozen=True)
class OnceOptions:
    """One program, given on the command line."""

    program: str | None = setting(
        None, flag="-e/--program", value="PROGRAM", main=True, help="run this program once, on the arguments given"
    )
    file: Path | None = setting(None, file="read", main=True, help="the same for the program in this file")
    request: str | None = setting(None, value="TYPE", help="the type that the program must have")


def subcommand(help: str, words: Sequence[str]) -> Subcommand:
    """The subcommand; ``help`` is its summary."""
    argument = dataclasses.replace(FILES, help=f"{FILES.help}; with -e or --file the program's arguments, as JSON")
    groups = [Group("One program", OnceOptions), Group("Settings", Evaluate), *shared_groups(Evaluate)]
    text = f"{help}\n\n{DETAILS}"
    return Subcommand("evaluate", text, run, [argument], groups, unavailable=unavailable(Evaluate, "evaluate"))


def run(parsed: Parsed) -> int:
    """Evaluate a stream, or one program."""
    once = parsed.of(OnceOptions)
    if once.program is None and once.file is None:
        return run_filter("evaluate", parsed, Chosen(Evaluate))
    return _run_once(parsed, once)


def _run_once(parsed: Parsed, once: OnceOptions) -> int:
    from psynth.cli.run import Run
    from psynth.cli.source import Source
    from psynth.core.stream.records import encode
    from psynth.plugins.evaluation import evaluate_once

    if once.program is not None and once.file is not None:
        raise UsageError("-e gives a program and --file another; give one of them")
    this_run = Run("evaluate", parsed)
    libraries = Source(this_run).libraries()
    options = parsed.of(SourceOptions)
    domain = options.domain or next(iter(libraries), None)
    if domain is None:
        option = "--file" if once.program is None else "-e"
        raise UsageError(f"{option} needs -d DOMAIN, the domain that the program is written in")
    context = this_run.context()
    library = libraries.get(domain) or context.registry.domain(domain).library(options.primitives)
    arguments = [json_argument(text) for text in parsed.arguments["files"]]
    program = read_text(once.file) if once.program is None and once.file is not None else once.program or ""
    language = "python" if once.file is not None and once.file.suffix == ".py" else None
    value = evaluate_once(program, arguments, library, once.request, parsed.of(Evaluate), context, language)
    standard.out().buffer.write(encode(value) + b"\n")
    return 0


def json_argument(text: str) -> Any:
    """The JSON value that an argument of the command line is; InputError if it is none."""
    import json

    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the argument {text!r} is not JSON: {error}") from error
