"""psynth help: explain a subcommand or a method, as text or as JSON."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from psynth.cli.options import JsonOption
from psynth.cli.subcommand import Argument, Group, Parsed, Subcommand
from psynth.cli.table import TABLE, root_help
from psynth.core.settings import setting

HELP = """Explain a subcommand, or one method of it with the method's settings.

    psynth help enumerate
    psynth help compress --method stitch
    psynth help tasks list
    psynth help evaluate --json

With --json every option is listed with its flag, type, default, unit and help; without NAME, every subcommand.
"""


@dataclass(frozen=True)
class HelpOptions:
    """What to explain."""

    method: str | None = setting(None, help="explain this method of the subcommand")


def subcommand(words: Sequence[str]) -> Subcommand:
    """The subcommand's arguments, options and function."""
    return Subcommand(
        "help",
        HELP,
        run,
        arguments=[
            Argument("name", "NAME", "the subcommand to explain", known=tuple(TABLE)),
            Argument("subject", "SUBJECT", "the domain or format to explain with it, for tasks, import and export"),
        ],
        groups=[Group("Options", HelpOptions), Group("Options", JsonOption)],
    )


def run(parsed: Parsed) -> int:
    """Print the help."""
    from psynth.cli import dispatch

    as_json = parsed.of(JsonOption).json
    if not parsed.arguments["name"]:
        if as_json:
            _print_json([{"name": name, "summary": entry.summary} for name, entry in TABLE.items()])
        else:
            sys.stdout.write(root_help())
        return 0
    method = parsed.of(HelpOptions).method
    words = [*parsed.arguments["subject"], *([] if method is None else ["--method", method])]
    chosen = dispatch.subcommand(parsed.arguments["name"][0], words)
    if as_json:
        _print_json(chosen.to_json())
    else:
        from psynth.cli.help_page import print_help

        print_help(chosen)
    return 0


def _print_json(value: object) -> None:
    import orjson

    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n")
