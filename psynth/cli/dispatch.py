"""From a subcommand's name to the module that defines it, or to the plugin that registered it."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from psynth.cli.subcommand import Subcommand
from psynth.cli.table import TABLE
from psynth.core.errors import UsageError
from psynth.core.settings import did_you_mean
from psynth.plugins.registry import default_registry


def run(name: str, words: Sequence[str]) -> int:
    """Run a subcommand with the words after its name and return its exit status."""
    from psynth.cli.parsing import parse

    chosen = subcommand(name, words)
    parsed = parse(chosen, words)
    if parsed is not None:
        return chosen.run(parsed)
    from psynth.cli.help_page import print_help

    print_help(chosen)
    return 0


def subcommand(name: str, words: Sequence[str] = ()) -> Subcommand:
    """The subcommand called ``name`` as it is for ``words``; UsageError if there is none."""
    if name in TABLE:
        module = importlib.import_module(TABLE[name].module)
        found: Subcommand = module.subcommand(words)
        return found
    from psynth.cli import filters

    registry = default_registry()
    if name in registry.offers("command"):
        return filters.of_plugin(name)
    if name in registry.subcommands():
        return filters.with_methods(name, f"Run one of the methods that plugins offer for {name}.", None, words)
    known = [*TABLE, *registry.offers("command"), *registry.subcommands()]
    raise UsageError(f"there is no subcommand {name!r}{did_you_mean(name, known)}; psynth --help lists them")
