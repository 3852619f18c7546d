"""psynth show: draw tasks, programs and libraries on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psynth.cli.filters import ERRORS, FILES, LIMIT, SOURCE, STRICT, TALK
from psynth.cli.subcommand import Given, Group, Subcommand
from psynth.plugins.settings import setting

HELP = """Draw what a stream holds: tasks with their examples and best programs, libraries, metrics, and a summary.

    psynth enumerate -d list --max-cost 15 | psynth show
    psynth show --only library --learned solved.jsonl
    psynth show --summary before.jsonl after.jsonl
"""


@dataclass(frozen=True)
class ShowOptions:
    """What to draw."""

    only: str | None = setting(None, choices=("frontier", "library", "metric"), help="draw only records of this type")
    learned: bool = setting(False, help="of a library, only the abstractions learned")
    examples: int = setting(3, minimum=0, help="examples to draw of a task", unit="examples")
    programs: int = setting(1, minimum=0, help="programs to draw of a frontier", unit="programs")
    summary: bool = setting(False, help="only the summary, a row a file")
    color: str = setting("auto", choices=("auto", "always", "never"), help="colours; auto: on a terminal")


def subcommand(words: Sequence[str]) -> Subcommand:
    """The subcommand's arguments, options and function."""
    groups = [Group("What to draw", ShowOptions), SOURCE, LIMIT, ERRORS, STRICT, TALK]
    return Subcommand("show", HELP, run, [FILES], groups)


def run(given: Given) -> int:
    """Draw the stream."""
    from rich.console import Console

    from psynth.cli.pipeline import Pipeline
    from psynth.cli.rendering import Drawing, View

    options = given.of(ShowOptions)
    pipeline = Pipeline("show", given)
    view = View(options.examples, options.programs, options.learned, options.only)
    drawing = Drawing(view, pipeline.context().registry)
    console = Console(
        force_terminal={"auto": None, "always": True, "never": False}[options.color],
        soft_wrap=False,
        highlight=False,
    )
    for record in pipeline.chosen(pipeline.read()):
        for part in drawing.of(record, quiet=options.summary):
            console.print(part)
    if options.only is None or options.summary:
        console.print(drawing.summary())
    pipeline.conclude()
    return 0
