"""The help page of a subcommand, rendered by typer from a signature derived from its settings."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from psynth.cli.subcommand import Group, Subcommand
from psynth.core import standard
from psynth.core.settings import Argument, SettingField

WIDEST_METAVAR = 14
"""Maximum width of a value's placeholder; a wider one would break option names on a terminal with 80 columns."""


def print_help(subcommand: Subcommand) -> None:
    """Print the help page on standard output."""
    app = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)
    settings = {"help_option_names": ["-h", "--help"]}
    declare = app.command(name=subcommand.name, help=_escaped(_page(subcommand.help)), context_settings=settings)
    declare(signature_of(subcommand))
    with standard.lent():
        app(["--help"], prog_name=f"psynth {subcommand.name}", standalone_mode=False)


def signature_of(subcommand: Subcommand) -> Callable[..., dict[str, Any]]:
    """A function with the subcommand's arguments and options in typer's form; it returns its arguments."""
    parameters = [_argument(argument) for argument in subcommand.arguments]
    parameters += [
        _option(number, group, field) for number, group in enumerate(subcommand.groups) for field in group.fields
    ]

    def function(**values: Any) -> dict[str, Any]:
        return values

    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    function.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return function


def _argument(argument: Argument) -> inspect.Parameter:
    metavar = f"-- {argument.metavar}…" if argument.after_dashes else argument.metavar
    declared = typer.Argument(metavar=metavar, help=_escaped(argument.help), show_default=False)
    # Typer takes one list of arguments; what comes after -- is shown like a single word.
    kind: Any = list[str] if argument.repeated and not argument.after_dashes else str
    return inspect.Parameter(
        argument.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if argument.required else None,
        annotation=Annotated[kind if argument.required else kind | None, declared],
    )


def _option(number: int, group: Group, field: SettingField) -> inspect.Parameter:
    switch = field.kind == "bool"
    declared = typer.Option(
        *([f"{field.flag}/{field.negative}"] if field.negative else field.flags),
        metavar="" if switch else _metavar(field),
        help=_escaped(_help_of(field)),
        show_default=False,
        rich_help_panel=group.title,
    )
    kind: Any = bool if switch else list[str] if field.repeated else str
    return inspect.Parameter(
        f"group{number}_{field.name}",
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[kind | None, declared],
    )


def _metavar(field: SettingField) -> str:
    """The placeholder of the value: choices only if they leave room for the names and the help beside them."""
    return field.metavar if len(field.metavar) <= WIDEST_METAVAR else "CHOICE" if field.choices else "VALUE"


def _help_of(field: SettingField) -> str:
    """The help with data that no other column has: the choices and the default."""
    parts = [field.help]
    if field.choices and len(field.metavar) > WIDEST_METAVAR:
        parts.append(f"({', '.join(field.choices)})")
    if field.default_text and field.kind != "bool":
        parts.append(f"[default: {field.default_text}]")
    return " ".join(parts)


def _page(text: str) -> str:
    """The help with each paragraph on one line, which typer wraps; indented lines stay as they are.

    An example right after the summary gets a word before it, since typer takes the indentation of the rest from it.
    """
    summary, *rest = text.strip().split("\n\n")
    if rest and rest[0].startswith(" "):
        rest.insert(0, "For example:")
    return "\n\n".join([summary, *(each if each.startswith(" ") else each.replace("\n", " ") for each in rest)])


def _escaped(text: str) -> str:
    """The text, escaped so that rich does not read it as markup."""
    return text.replace("[", "\\[")
