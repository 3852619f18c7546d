"""What an option such as ``--operator NAME:SETTING=VALUE,…`` says: a name, and settings of what is called so."""

from __future__ import annotations

import re
from typing import Any

from psynth.core.errors import UsageError
from psynth.core.settings import did_you_mean, fields_of

_COMMA = re.compile(r"(?<!\\),")


def split_name(flag: str, text: str) -> tuple[str, str]:
    """The name and the text of the settings of ``NAME`` or ``NAME:SETTING=VALUE,…``; UsageError."""
    name, colon, settings = text.partition(":")
    if not name or (colon and not settings):
        raise UsageError(f"{flag} {name}{colon}: expected NAME or NAME:SETTING=VALUE,…")
    return name, settings


def settings_values(flag: str, name: str, settings: str, of: type) -> dict[str, Any]:
    """The values of settings of a dataclass by name; a comma within a value has a backslash before it.

    UsageError names a setting that there is not, and the nearest one. Messages repeat no value that is not one of a
    setting: it may be a secret that was typed in the wrong place.
    """
    fields = {each.flag.removeprefix("--"): each for each in fields_of(of)}
    values: dict[str, Any] = {}
    for number, part in enumerate(_COMMA.split(settings) if settings else [], 1):
        setting, equals, value = part.replace("\\,", ",").partition("=")
        if not equals:
            shown = repr(setting) if setting in fields else f"the {_ordinal(number)} of its settings"
            raise UsageError(
                f"{flag} {name}: expected SETTING=VALUE, not {shown}; a comma within a value is written \\,"
            )
        if setting not in fields:
            hint = did_you_mean(setting, fields)
            raise UsageError(f"{flag} {name}: {name} has no setting {setting!r}; it has {', '.join(fields)}{hint}")
        field = fields[setting]
        try:
            parsed = field.parse(value)
        except UsageError as error:
            raise UsageError(f"{flag} {name}: {str(error).removeprefix('--')}") from None
        values[field.name] = (*values.get(field.name, ()), parsed) if field.repeated else parsed
    return values


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")
