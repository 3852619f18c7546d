"""The common part of import and export: a FORMAT argument with settings that become options."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from psynth.cli.filters import doc
from psynth.cli.parsing import Preview, resolve
from psynth.cli.subcommand import Group, Note, Parsed, Subcommand
from psynth.core.settings import Argument
from psynth.plugins.registry import default_registry


def with_format(
    name: Literal["import", "export"],
    help: str,
    run: Callable[[Parsed], int],
    files: Argument,
    groups: Sequence[Group],
    words: Sequence[str],
) -> Subcommand:
    """The subcommand ``name`` with the settings of the format that ``words`` name."""
    registry = default_registry()
    known = tuple(registry.offers("format"))
    argument = Argument("format", "FORMAT", "the format", required=True, known=known)
    formats = Note("Formats", rows={each.name: each.help for each in registry.offers("format").values()})

    def choice(seen: Preview) -> str | None:
        return next((word for word in seen.arguments if word in known), None)

    def build(format: str | None) -> Subcommand:
        if format is None:
            return Subcommand(name, help, run, [argument, files], groups, notes=[formats])
        found = registry.format(format)
        settings = Group(f"Settings of the format {format}", found, name, own=True)
        note = Note(f"Format {format}", doc(found) or found.help)
        return Subcommand(name, help, run, [argument, files], [settings, *groups], notes=[note])

    return resolve(words, choice, build)[0]
