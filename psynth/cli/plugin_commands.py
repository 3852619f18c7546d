"""Subcommands that plugins registered with ``register_commands``: filters with a single method, and commands."""

from __future__ import annotations

from psynth.cli.chosen import Chosen
from psynth.cli.filters import doc, of_method
from psynth.cli.options import VERBOSITY
from psynth.cli.subcommand import Group, Parsed, Subcommand
from psynth.core import standard
from psynth.plugins.command import Command
from psynth.plugins.registry import default_registry


def of_plugin(name: str) -> Subcommand:
    """The subcommand that a plugin registered as ``name``."""
    registry = default_registry()
    registration = registry.registration("command", name)
    found = registry.command(name)
    help = doc(found) or registration.help
    if issubclass(found, Command):
        return _of_command(name, help, found)
    plugins = {registration.plugin: registry.version_of(registration.plugin)}
    return of_method(name, help, Chosen(found, plugins=plugins))


def _of_command(name: str, help: str, command: type[Command]) -> Subcommand:
    def run(parsed: Parsed) -> int:
        from psynth.cli.run import Run

        with standard.lent():
            return parsed.of(command).run(parsed.arguments, Run(name, parsed).context())

    return Subcommand(name, help, run, command.arguments, [Group("Settings", command, own=True), VERBOSITY])
