"""psynth help: explains a subcommand or a method, as text, as JSON or as a manual page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from psynth.cli.json_output import print_json
from psynth.cli.options import JSON, JsonOption
from psynth.cli.root_page import root_help, root_page
from psynth.cli.subcommand import Group, Parsed, Subcommand
from psynth.cli.table import ALIASES, TABLE
from psynth.core import standard
from psynth.core.errors import UsageError
from psynth.core.settings import Argument, did_you_mean, setting

if TYPE_CHECKING:
    from psynth.cli.page import Page

EXIT_STATUS = "exit-status"
MODELS = "models"
SUBJECTS = ("primitives", "task", MODELS, EXIT_STATUS)
"""What can be explained besides subcommands."""

DETAILS = """\
    psynth help enumerate
    psynth help compress --method stitch
    psynth help tasks list
    psynth help primitives list map
    psynth help primitives list map_plus --library library.jsonl
    psynth help task list/train-000-head
    psynth help models openai
    psynth help exit-status
    psynth help evaluate --json

--json lists every option with its flag, type, default, unit and help; without NAME, every subcommand. --man writes the
same as a manual page in roff, as the pages that are installed with psynth (man psynth, man psynth-enumerate):

    psynth help search --method cem --man | man -l -
"""


@dataclass(frozen=True)
class HelpOptions:
    """The subject and the form of the help."""

    method: str | None = setting(None, value="METHOD", main=True, help="explain this method of the subcommand")
    library: Path | None = setting(
        None, file="read", main=True, help="with primitives DOMAIN, also what the library in this file has learned"
    )
    man: bool = setting(False, main=True, help="write a manual page in roff")


def subcommand(help: str, words: Sequence[str]) -> Subcommand:
    """The subcommand; ``help`` is its summary."""
    return Subcommand(
        "help",
        f"{help}\n\n{DETAILS}",
        run,
        arguments=[
            Argument(
                "name",
                "NAME",
                "the subcommand, or primitives, task, models or exit-status",
                known=(*TABLE, *ALIASES, *SUBJECTS),
            ),
            Argument("subject", "SUBJECT", "the domain, format, method or model to explain with it; the id of a task"),
            Argument("detail", "PRIMITIVE", "with primitives DOMAIN, one of them, or a learned abstraction"),
        ],
        groups=[Group("What to explain", HelpOptions), JSON],
    )


def run(parsed: Parsed) -> int:
    """Print the help."""
    as_json, options = parsed.of(JsonOption).json, parsed.of(HelpOptions)
    if as_json and options.man:
        raise UsageError("--json and --man are two forms of the help; give one of them")
    if not parsed.arguments["name"]:
        _explain_all(as_json=as_json, man=options.man)
        return 0
    [name], subjects, detail = (parsed.arguments[each] for each in ("name", "subject", "detail"))
    library = parsed.of(HelpOptions).library
    if name in SUBJECTS:
        if options.method is not None or options.man:
            raise UsageError(f"psynth help {name} has no {'--man' if options.man else '--method'}")
        if name == EXIT_STATUS:
            _explain_exit_statuses([*subjects, *detail], as_json=as_json)
            return 0
        if name == MODELS:
            from psynth.cli.model_help import explain_models

            return explain_models([*subjects, *detail], as_json=as_json)
        from psynth.cli import help_subjects

        return help_subjects.explain(name, subjects, detail, library=library, as_json=as_json)
    if library is not None:
        raise UsageError("--library belongs to psynth help primitives DOMAIN")
    if detail:
        raise UsageError(f"psynth help {name} explains one thing; {detail[0]!r} is too much")
    _explain(_chosen(name, next(iter(subjects), None), options.method), as_json=as_json, man=options.man)
    return 0


def _explain_all(*, as_json: bool, man: bool) -> None:
    """Print the help of psynth itself."""
    if as_json:
        print_json([{"name": name, "summary": verb.summary} for name, verb in TABLE.items()])
    elif man:
        _print_manual(root_page(), [f"psynth-{name}" for name in TABLE])
    else:
        standard.out().write(root_help(standard.width()))


def _explain(chosen: Subcommand, *, as_json: bool, man: bool) -> None:
    """Print the help of a subcommand."""
    if as_json:
        print_json(chosen.to_json())
    elif man:
        from psynth.cli.page import page_of

        _print_manual(page_of(chosen), ["psynth"])
    else:
        from psynth.cli.help_page import print_help

        print_help(chosen)


def _explain_exit_statuses(words: Sequence[str], *, as_json: bool) -> None:
    """Print the table of exit statuses."""
    from psynth.cli.exit_status import EXIT_STATUSES
    from psynth.cli.page import Section, status_table
    from psynth.cli.page_text import section_lines

    if words:
        raise UsageError(f"psynth help {EXIT_STATUS} explains one thing; {words[0]!r} is too much")
    if as_json:
        print_json([{"status": status, "meaning": text} for status, text in EXIT_STATUSES.items()])
        return
    section = Section("Exit status", (status_table(),))
    standard.out().writelines(f"{line}\n" for line in section_lines(section, standard.width()))


def _print_manual(page: Page, others: Sequence[str]) -> None:
    """Print a page as a manual page."""
    from psynth import __version__
    from psynth.cli.page_roff import manual

    standard.out().write(manual(page, __version__, others))


def _chosen(name: str, subject: str | None, method: str | None) -> Subcommand:
    """The subcommand with the method, domain or format to explain; UsageError for one that it does not have."""
    from psynth.cli import dispatch

    general = dispatch.subcommand(name)
    if subject is not None and (method is not None or subject not in general.methods):
        if general.methods and subject in general.methods:
            raise UsageError(f"{subject!r} and --method {method} are two methods of psynth {name}; give one of them")
        _require_known(general, subject)
    if method is not None and not general.methods:
        raise UsageError(f"psynth {name} has no methods")
    if method is None and subject in general.methods:
        method, subject = subject, None
    words = [*([] if subject is None else [subject]), *([] if method is None else ["--method", method])]
    return dispatch.subcommand(name, words)


def _require_known(subcommand: Subcommand, subject: str) -> None:
    """UsageError unless a subcommand has a method, domain or format of this name, with the closest known one."""
    of_arguments = [name for argument in subcommand.arguments[:1] for name in argument.known]
    known = list(subcommand.methods) or of_arguments
    if not known:
        raise UsageError(f"psynth {subcommand.name} has nothing to explain by name: psynth help {subcommand.name}")
    if subject not in known:
        hint = did_you_mean(subject, known)
        raise UsageError(f"psynth {subcommand.name} knows no {subject!r}; known: {', '.join(known)}{hint}")
