"""psynth plugins: lists the plugins and what they offer."""

from __future__ import annotations

from collections.abc import Sequence

from psynth.cli.json_output import print_json
from psynth.cli.options import JSON, JsonOption
from psynth.cli.subcommand import Parsed, Subcommand
from psynth.core import standard
from psynth.plugins.registry import Plugin, default_registry

DETAILS = """\
PSYNTH_PLUGINS=a,b loads only these, PSYNTH_PLUGINS= none. A broken plugin is listed with its error; psynth doctor says
whether everything that a plugin registered can be loaded.
"""


def subcommand(help: str, words: Sequence[str]) -> Subcommand:
    """The subcommand; ``help`` is its summary."""
    return Subcommand("plugins", f"{help}\n\n{DETAILS}", run, groups=[JSON])


def run(parsed: Parsed) -> int:
    """Print the plugins."""
    found = default_registry().plugins()
    if parsed.of(JsonOption).json:
        print_json([described(plugin) for plugin in found])
        return 0
    for plugin in found:
        version = f" {plugin.version}" if plugin.version else ""
        print(f"{plugin.name}{version}  ({plugin.module})", file=standard.out())
        if plugin.broken is not None:
            print(f"  broken: {plugin.broken}", file=standard.out())
        for offer in plugin.offers:
            title = f"{offer.subcommand} --method {offer.name}" if offer.kind == "method" else offer.name
            print(f"  {offer.kind} {title}: {offer.help}", file=standard.out())
    return 0


def described(plugin: Plugin) -> dict[str, object]:
    """A plugin as JSON."""
    return {
        "name": plugin.name,
        "module": plugin.module,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "broken": plugin.broken,
        "offers": [
            {
                "kind": offer.kind,
                "name": offer.name,
                **({"subcommand": offer.subcommand} if offer.subcommand else {}),
                "path": offer.path,
                "help": offer.help,
            }
            for offer in plugin.offers
        ],
    }
