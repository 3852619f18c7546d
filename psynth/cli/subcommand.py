"""Subcommands of the command line: arguments, classes of settings as options, and a function to run."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from psynth.core.errors import EngineError
from psynth.core.settings import Argument, SettingField, fields_in, fields_of

Settings = TypeVar("Settings")


@dataclass(frozen=True)
class Group:
    """Options that help shows together: the settings of one dataclass."""

    title: str
    settings: type
    subcommand: str | None = None
    """The subcommand, which excludes settings of ``only`` another."""
    own: bool = False
    """Whether these are the settings of a method, domain or format, of which a short help page shows the first."""

    @property
    def fields(self) -> list[SettingField]:
        """The options, in order."""
        return fields_of(self.settings) if self.subcommand is None else fields_in(self.settings, self.subcommand)


@dataclass(frozen=True)
class Note:
    """A part of the help with a heading: paragraphs and examples, then terms with their explanations."""

    title: str
    text: str = ""
    rows: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Parsed:
    """The parsed command line: arguments by name, and the values of the fields of each class of settings."""

    arguments: Mapping[str, tuple[str, ...]]
    values: Mapping[type, Mapping[str, Any]]
    words: tuple[str, ...] = ()
    """The words after the subcommand's name, as typed."""

    def of(self, settings: type[Settings]) -> Settings:
        """An instance of a class of settings, or of its subclass among the options.

        Settings that were not given, or are not options here, have their defaults.
        """
        offered = settings
        if settings not in self.values:
            offered = next((each for each in self.values if issubclass(each, settings)), settings)
        return offered(**self.values.get(offered, {}))


@dataclass(frozen=True)
class Subcommand:
    """A subcommand for one command line, including the settings of the method that it names.

    ``help`` is a docstring: its first sentence is the summary; ``notes`` follow it. ``methods`` maps the names of the
    subcommand's methods to their help; ``method`` is the selected one, if there are any, and ``default_method`` the one
    that is selected without ``--method``. ``unavailable`` maps options that only other methods have to the reason.
    """

    name: str
    help: str
    run: Callable[[Parsed], int]
    arguments: Sequence[Argument] = ()
    groups: Sequence[Group] = ()
    methods: Mapping[str, str] = field(default_factory=dict)
    method: str | None = None
    unavailable: Mapping[str, str] = field(default_factory=dict)
    default_method: str | None = None
    notes: Sequence[Note] = ()
    exit_statuses: Mapping[str, str] = field(default_factory=dict)
    """The exit statuses with their meanings, if they are not the usual ones."""

    def __post_init__(self) -> None:
        seen: dict[str, Group] = {}
        for group in self.groups:
            for flag in (flag for each in group.fields for flag in each.flags):
                if flag in seen:
                    # Of the two, the shared options were there before any plugin.
                    own, other = sorted(
                        (seen[flag], group), key=lambda each: each.settings.__module__.startswith("psynth.cli")
                    )
                    raise EngineError(
                        f"{own.settings.__module__}.{own.settings.__qualname__} declares the option {flag}, "
                        f"which psynth {self.name} already has ({other.title.lower()})"
                    )
                seen[flag] = group

    @property
    def summary(self) -> str:
        """The first sentence of the help."""
        return self.help.strip().split("\n\n")[0].replace("\n", " ")

    @property
    def usage(self) -> str:
        """The usage line, without ``Usage:``."""
        words = [argument_usage(argument) for argument in self.arguments]
        return " ".join(["psynth", self.name, "[OPTIONS]", *words])

    def flags(self) -> list[str]:
        """Every option by its flags as typed."""
        return [
            flag for group in self.groups for each in group.fields for flag in (*each.flags, each.negative) if flag
        ] + ["--help"]

    def to_json(self) -> dict[str, Any]:
        """The subcommand as ``psynth help NAME --json`` describes it."""
        return {
            "name": self.name,
            "summary": self.summary,
            "help": self.help.strip(),
            "notes": [{"title": each.title, "text": each.text, "rows": dict(each.rows)} for each in self.notes],
            "usage": self.usage,
            "method": self.method,
            "default_method": self.default_method,
            "methods": [{"name": name, "help": help} for name, help in self.methods.items()],
            "arguments": [_argument_json(argument) for argument in self.arguments],
            "options": [{"group": group.title, **each.to_json()} for group in self.groups for each in group.fields],
        }


def _argument_json(argument: Argument) -> dict[str, Any]:
    described = dataclasses.asdict(argument)
    return described | {"known": list(argument.known)}


def argument_usage(argument: Argument) -> str:
    """An argument as a usage line writes it: ``DOMAIN``, ``[FILE]…``, ``[-- COMMAND…]``."""
    if argument.after_dashes:
        return f"[-- {argument.metavar}…]"
    text = argument.metavar if argument.required else f"[{argument.metavar}]"
    return text + ("…" if argument.repeated else "")
