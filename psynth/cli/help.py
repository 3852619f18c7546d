"""psynth help: explains a subcommand or a method, as text or as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from psynth.cli.json_output import print_json
from psynth.cli.options import JSON, JsonOption
from psynth.cli.subcommand import Group, Parsed, Subcommand
from psynth.cli.table import ALIASES, TABLE, root_help
from psynth.core import standard
from psynth.core.errors import UsageError
from psynth.core.settings import Argument, did_you_mean, setting

SUBJECTS = ("primitives", "task")
"""What can be explained besides subcommands."""

DETAILS = """\
    psynth help enumerate
    psynth help compress --method stitch
    psynth help tasks list
    psynth help primitives list map
    psynth help primitives list map_plus --library library.jsonl
    psynth help task list/train-000-head
    psynth help evaluate --json

--json lists every option with its flag, type, default, unit and help; without NAME, every subcommand.
"""


@dataclass(frozen=True)
class HelpOptions:
    """The subject of the help."""

    method: str | None = setting(None, help="explain this method of the subcommand")
    library: Path | None = setting(
        None, file="read", help="with primitives DOMAIN, also what the library in this file has learned"
    )


def subcommand(help: str, words: Sequence[str]) -> Subcommand:
    """The subcommand; ``help`` is its summary."""
    return Subcommand(
        "help",
        f"{help}\n\n{DETAILS}",
        run,
        arguments=[
            Argument("name", "NAME", "the subcommand, or primitives, or task", known=(*TABLE, *ALIASES, *SUBJECTS)),
            Argument("subject", "SUBJECT", "the domain, format or method to explain with it; the id of a task"),
            Argument("detail", "PRIMITIVE", "with primitives DOMAIN, one of them, or a learned abstraction"),
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
    [name], subjects, detail = (parsed.arguments[each] for each in ("name", "subject", "detail"))
    library = parsed.of(HelpOptions).library
    if name in SUBJECTS:
        from psynth.cli import help_subjects

        return help_subjects.explain(name, subjects, detail, library=library, as_json=as_json)
    if library is not None:
        raise UsageError("--library belongs to psynth help primitives DOMAIN")
    if detail:
        raise UsageError(f"psynth help {name} explains one thing; {detail[0]!r} is too much")
    subject = next(iter(subjects), None)
    method = parsed.of(HelpOptions).method
    general = dispatch.subcommand(name)
    if method is None and subject in general.methods:
        method, subject = subject, None
    if subject is not None:
        _require_known(general, subject)
    words = [*([] if subject is None else [subject]), *([] if method is None else ["--method", method])]
    chosen = dispatch.subcommand(name, words)
    if as_json:
        _print_json(chosen.to_json())
    else:
        from psynth.cli.help_page import print_help

        print_help(chosen)
    return 0


def _require_known(subcommand: Subcommand, subject: str) -> None:
    """UsageError unless a subcommand has a method, domain or format of this name, with the closest known one."""
    of_arguments = [name for argument in subcommand.arguments[:1] for name in argument.known]
    known = list(subcommand.methods) or of_arguments
    if not known:
        raise UsageError(f"psynth {subcommand.name} has nothing to explain by name: psynth help {subcommand.name}")
    if subject not in known:
        hint = did_you_mean(subject, known)
        raise UsageError(f"psynth {subcommand.name} knows no {subject!r}; known: {', '.join(known)}{hint}")


def _print_json(value: object) -> None:
    print_json(value)
