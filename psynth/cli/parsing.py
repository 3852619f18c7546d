"""Command lines read: words become values of a subcommand's settings, with messages that say what to type instead.

Typer draws the help (`help_page`) but does not parse: its coercion imports pydantic, which takes longer than all that
a subcommand does before its first record. Both are made from the same settings, and a test holds them together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from psynth.cli.subcommand import Parsed, Subcommand
from psynth.core.errors import UsageError
from psynth.core.settings import SettingField, did_you_mean

HELP = ("-h", "--help")
_NUMBER = re.compile(r"-[0-9.].*")


def parse(subcommand: Subcommand, words: Sequence[str]) -> Parsed | None:
    """What ``words`` say, or None if they ask for help; UsageError if they are wrong.

    Long options are ``--name value`` or ``--name=value``, short ones ``-n value`` or ``-nvalue``; switches may be
    bundled (``-qv``); after ``--`` everything is an argument. The last of an option that is given twice counts.
    """
    known = [(group.settings, field) for group in subcommand.groups for field in group.fields]
    fields = {flag: (settings, field) for settings, field in known for flag in field.flags}
    negatives = {field.negative: (settings, field) for settings, field in known if field.negative}
    values: dict[type, dict[str, Any]] = {group.settings: {} for group in subcommand.groups}
    arguments: list[str] = []
    left = list(reversed(words))

    def take(flag: str, value: str | None) -> None:
        settings, field = fields[flag]
        if value is None:
            if not left:
                raise UsageError(f"{flag} needs a value{_wanted(field)}")
            value = left.pop()
        parsed = field.parse(value)
        values[settings][field.name] = (*values[settings].get(field.name, ()), parsed) if field.repeated else parsed

    def switch(flag: str) -> None:
        settings, field = fields[flag]
        values[settings][field.name] = True

    while left:
        word = left.pop()
        name, equals, value = word.partition("=")
        if word == "--":
            arguments += reversed(left)
            break
        if word in HELP:
            return None
        if not word.startswith("-") or word == "-" or (_NUMBER.fullmatch(word) and word[:2] not in fields):
            arguments.append(word)
        elif word in negatives:
            settings, field = negatives[word]
            values[settings][field.name] = False
        elif name in fields and word.startswith("--"):
            if fields[name][1].kind != "bool":
                take(name, value if equals else None)
            elif equals:
                raise UsageError(f"{name} takes no value")
            else:
                switch(name)
        elif word[:2] in fields and not word.startswith("--"):
            if fields[word[:2]][1].kind != "bool":
                take(word[:2], word[2:] or None)
            else:
                switch(word[:2])
                if word[2:]:
                    left.append(f"-{word[2:]}")
        else:
            hint = did_you_mean(name, subcommand.flags())
            raise UsageError(f"unknown option {name}{hint}; psynth {subcommand.name} --help lists them")
    return Parsed(_placed(subcommand, arguments), values)


def _wanted(field: SettingField) -> str:
    return f" ({field.metavar})" if field.choices or field.unit else ""


def _placed(subcommand: Subcommand, words: list[str]) -> dict[str, tuple[str, ...]]:
    """The arguments by name: each takes one word, a repeated one all that are left."""
    placed: dict[str, tuple[str, ...]] = {}
    for argument in subcommand.arguments:
        count = len(words) if argument.repeated else 1
        placed[argument.name], words = tuple(words[:count]), words[count:]
        if argument.required and not placed[argument.name]:
            raise UsageError(f"{argument.metavar} is missing; usage: {subcommand.usage}")
    if words:
        raise UsageError(f"too many arguments: {' '.join(words)}; usage: {subcommand.usage}")
    return placed
