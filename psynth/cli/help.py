"""psynth help: explains a subcommand or a method, as text or as JSON."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from psynth.cli.options import JSON, JsonOption
from psynth.cli.subcommand import Group, Parsed, Subcommand
from psynth.cli.table import ALIASES, TABLE, root_help
from psynth.core.errors import UsageError
from psynth.core.settings import Argument, setting

SUBJECTS = ("primitives", "task")
"""What can be explained besides subcommands."""

DETAILS = """\
    psynth help enumerate
    psynth help compress --method stitch
    psynth help tasks list
    psynth help primitives list map
    psynth help task list/train-000-head
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
            Argument("name", "NAME", "the subcommand, or primitives, or task", known=(*TABLE, *ALIASES, *SUBJECTS)),
            Argument("subject", "SUBJECT", "the domain or format to explain with it; the id of a task"),
            Argument("detail", "PRIMITIVE", "with primitives DOMAIN, one of them"),
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
            sys.stdout.write(root_help())
        return 0
    [name], subject, detail = (parsed.arguments[each] for each in ("name", "subject", "detail"))
    if name in SUBJECTS:
        from psynth.cli import help_subjects

        return help_subjects.explain(name, subject, detail, as_json=as_json)
    if detail:
        raise UsageError(f"psynth help {name} explains one thing; {detail[0]!r} is too much")
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
