"""The message for an option that a subcommand does not have: the subcommands that have it, or the closest option."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile

from psynth.cli.parsing import UnknownOption, preview
from psynth.cli.subcommand import Subcommand
from psynth.core.errors import PsynthError, UsageError

Find = Callable[[str, Sequence[str]], Subcommand]
"""The subcommand with a name, for the words of a command line."""


MOST_NAMED = 3
"""Maximum number of subcommands with an option that a message names."""
NAMED_FIRST = {"tasks": "domain", "import": "format", "export": "format"}
"""What the first argument of a subcommand names, which has options of its own."""


def explain(error: UnknownOption, find: Find, words: Sequence[str] = ()) -> str:
    """The message for an option that a subcommand does not have; ``find`` returns any subcommand by its name.

    Of several subcommands with the option, those are named that have one of ``words``, as the domain, in their name.
    """
    subcommand, flag = error.subcommand, error.flag
    if unknown := _unknown_name(subcommand, flag, words):
        return unknown
    if flag in subcommand.unavailable:
        return f"{flag}: {subcommand.unavailable[flag]}"
    short = flag[:2]
    if not flag.startswith("--") and short in subcommand.unavailable:
        return f"{short}: {subcommand.unavailable[short]}"
    methods = [name for name in subcommand.methods if flag in _flags(find, subcommand.name, ["--method", name])]
    if methods:
        return f"{flag} belongs to --method {' and --method '.join(methods)}, not to --method {subcommand.method}"
    owners = list(_owners(find, flag))
    if owners:
        meant = [owner for owner in owners if {*owner.split()[2:]} & {*words}]
        meant = meant or [owner for owner in owners if owner.split()[1] == subcommand.name] or owners
        more = f" and {len(meant) - MOST_NAMED} others" if len(meant) > MOST_NAMED else ""
        return f"{flag} is an option of {', '.join(meant[:MOST_NAMED])}{more}, not of {_title(subcommand, words)}"
    return str(error)


def _unknown_name(subcommand: Subcommand, flag: str, words: Sequence[str]) -> str | None:
    """The message for an unknown domain or format, whose options are therefore unknown as well.

    A word after the unknown option may be the value of that option: only -d names a domain there.
    """
    from psynth.plugins.registry import default_registry

    if subcommand.name not in NAMED_FIRST:
        return None
    before = takewhile(lambda word: word.partition("=")[0] != flag, words)
    named = list(preview(subcommand, list(before)).arguments[:1])
    if subcommand.name == "tasks" and "domain" in (given := preview(subcommand, words).options):
        named.append(given["domain"])
    try:
        for name in named:
            default_registry().registration(NAMED_FIRST[subcommand.name], name)
    except UsageError as error:
        return str(error)
    return None


def _title(subcommand: Subcommand, words: Sequence[str]) -> str:
    """The subcommand with the domain or format that the command line names."""
    known = {name for argument in subcommand.arguments[:1] for name in argument.known}
    return " ".join(["psynth", subcommand.name, *[word for word in words if word in known][:1]])


def _owners(find: Find, flag: str) -> Iterator[str]:
    """The subcommands that have an option, as ``psynth enumerate`` or ``psynth search --method cem``."""
    from psynth.cli.table import TABLE
    from psynth.plugins.registry import default_registry

    for name in TABLE:
        if flag in _flags(find, name, []):
            yield f"psynth {name}"
            continue
        for method in default_registry().offers("method", name):
            if flag in _flags(find, name, ["--method", method]):
                yield f"psynth {name} --method {method}"
    registry = default_registry()
    for domain in registry.offers("domain") if flag not in _flags(find, "tasks", []) else ():
        if flag in _flags(find, "tasks", [domain]):
            yield f"psynth tasks {domain}"
    for verb in ("import", "export"):
        for format in registry.offers("format") if flag not in _flags(find, verb, []) else ():
            if flag in _flags(find, verb, [format]):
                yield f"psynth {verb} {format}"


def _flags(find: Find, name: str, words: Sequence[str]) -> list[str]:
    """The options of a subcommand; none if it cannot be loaded, which is a different error."""
    try:
        return find(name, words).flags()
    except PsynthError:
        return []
