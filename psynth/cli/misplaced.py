"""The message for an option that a subcommand does not have: where it belongs, or the closest one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from psynth.cli.subcommand import Subcommand
from psynth.core.errors import PsynthError
from psynth.core.settings import did_you_mean


def explain(subcommand: Subcommand, flag: str) -> str:
    """The message for an option that ``subcommand`` does not have."""
    if flag in subcommand.unavailable:
        return f"{flag}: {subcommand.unavailable[flag]}"
    short = flag[:2]
    if not flag.startswith("--") and short in subcommand.unavailable:
        return f"{short}: {subcommand.unavailable[short]}"
    methods = [name for name in subcommand.methods if flag in _flags(subcommand.name, ["--method", name])]
    if methods:
        return f"{flag} belongs to --method {' and --method '.join(methods)}, not to --method {subcommand.method}"
    owners = list(_owners(flag))
    if owners:
        return f"{flag} is an option of {', '.join(owners)}, not of psynth {subcommand.name}"
    hint = did_you_mean(flag, subcommand.flags())
    return f"unknown option {flag}{hint}; psynth {subcommand.name} --help lists them"


def _owners(flag: str) -> Iterator[str]:
    """The subcommands that have an option, as ``psynth enumerate`` or ``psynth search --method cem``."""
    from psynth.cli.table import TABLE
    from psynth.plugins.registry import default_registry

    for name in TABLE:
        if flag in _flags(name, []):
            yield f"psynth {name}"
            continue
        for method in default_registry().offers("method", name):
            if flag in _flags(name, ["--method", method]):
                yield f"psynth {name} --method {method}"


def _flags(name: str, words: Sequence[str]) -> list[str]:
    """The options of a subcommand; none if it cannot be loaded, which is not this error."""
    from psynth.cli.dispatch import subcommand

    try:
        return subcommand(name, words).flags()
    except PsynthError:
        return []
