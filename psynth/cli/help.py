"""psynth help: explains a subcommand or a method, as text or as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psynth.cli.json_output import print_json
from psynth.cli.options import JSON, JsonOption
from psynth.cli.subcommand import Group, Parsed, Subcommand
from psynth.cli.table import ALIASES, TABLE, root_help
from psynth.core import standard
from psynth.core.settings import Argument, setting

DETAILS = """\
    psynth help enumerate
    psynth help compress --method stitch
    psynth help tasks list
    psynth help evaluate --json

--json lists every option with its flag, type, default, unit and help; without NAME, every subcommand.
"""


@dataclass(frozen=True)
class HelpOptions:
    """The subject of the help."""

    method: str | None = setting(None, help="explain this method of the subcommand")


def subcommand(help: str, words: Sequence[str]) -> Subcommand:
    """The subcommand; ``help`` is its summary."""
    return Subcommand(
        "help",
        f"{help}\n\n{DETAILS}",
        run,
        arguments=[
            Argument("name", "NAME", "the subcommand to explain", known=(*TABLE, *ALIASES)),
            Argument("subject", "SUBJECT", "the domain or format to explain with it, for tasks, import and export"),
        ],
        groups=[Group("What to explain", HelpOptions), JSON],
    )


def run(parsed: Parsed) -> int:
    """Print the help."""
    from psynth.cli import dispatch

    as_json = parsed.of(JsonOption).json
    if not parsed.arguments["name"]:
        if as_json:
            _print_json([{"name": name, "summary": verb.summary} for name, verb in TABLE.items()])
        else:
            standard.out().write(root_help())
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
    print_json(value)
