"""From a subcommand's name to the module that defines it, or to the plugin that registered it."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from psynth.cli.subcommand import Subcommand
from psynth.cli.table import ALIASES, TABLE, expanded
from psynth.core import interrupts
from psynth.core.errors import UsageError
from psynth.core.settings import did_you_mean
from psynth.plugins.registry import default_registry


def run(name: str, words: Sequence[str]) -> int:
    """Run a subcommand with the words after its name and return its exit status."""
    from psynth.cli.parsing import HelpRequest, UnknownOption, parse

    chosen = subcommand(name, words)
    try:
        parsed = parse(chosen, words)
    except UnknownOption as error:
        from psynth.cli.misplaced import explain

        raise UsageError(explain(error, subcommand, words)) from None
    if not isinstance(parsed, HelpRequest):
        with interrupts.raised():
            return chosen.run(parsed)
    from psynth.cli.help_page import print_help

    print_help(chosen, short=parsed.short)
    return 0


def subcommand(name: str, words: Sequence[str] = ()) -> Subcommand:
    """The subcommand with the name or alias ``name``, for ``words``; UsageError if there is none."""
    name, *words = expanded([name, *words])
    verb = TABLE.get(name)
    if verb is not None and verb.module:
        found: Subcommand = importlib.import_module(verb.module).subcommand(verb.help, words)
        return found
    from psynth.cli import filters, plugin_commands

    if verb is not None:
        return filters.with_methods(name, verb.help, verb.default_method, words)
    registry = default_registry()
    if name in registry.offers("command"):
        return plugin_commands.of_plugin(name)
    if name in registry.subcommands():
        return filters.with_methods(name, f"Run one of the methods that plugins offer for {name}.", "", words)
    known = [*TABLE, *ALIASES, *registry.offers("command"), *registry.subcommands()]
    raise UsageError(f"there is no subcommand {name!r}{did_you_mean(name, known)}; psynth --help lists them")
