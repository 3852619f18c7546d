"""The help of a subcommand, drawn by typer from a signature made of its settings."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from psynth.cli.subcommand import Argument, Group, Subcommand
from psynth.core.settings import SettingField


def print_help(subcommand: Subcommand) -> None:
    """Print the help page on standard output."""
    app = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)
    settings = {"help_option_names": ["-h", "--help"]}
    declare = app.command(name=subcommand.name, help=_escaped(_page(subcommand.help)), context_settings=settings)
    declare(signature_of(subcommand))
    app(["--help"], prog_name=f"psynth {subcommand.name}", standalone_mode=False)


def signature_of(subcommand: Subcommand) -> Callable[..., dict[str, Any]]:
    """A function with the subcommand's arguments and options as typer wants them; it returns what it is called with."""
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
    declared = typer.Argument(metavar=argument.metavar, help=_escaped(argument.help), show_default=False)
    kind: Any = list[str] if argument.repeated else str
    return inspect.Parameter(
        argument.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if argument.required else None,
        annotation=Annotated[kind if argument.required else kind | None, declared],
    )


def _option(number: int, group: Group, field: SettingField) -> inspect.Parameter:
    switch = field.kind == "bool"
    default = f" [default: {field.default_text}]" if field.default_text and not switch else ""
    declared = typer.Option(
        *([f"{field.flag}/{field.negative}"] if field.negative else field.flags),
        metavar=None if switch else field.metavar,
        help=_escaped(field.help + default),
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


def _page(text: str) -> str:
    """The help with a word before an example that follows the summary at once: typer takes indentation from there."""
    summary, blank, rest = text.strip().partition("\n\n")
    return f"{summary}{blank}{'For example:' + blank if rest.startswith(' ') else ''}{rest}"


def _escaped(text: str) -> str:
    """Text that rich is not to take for markup."""
    return text.replace("[", "\\[")
