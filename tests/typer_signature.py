"""A subcommand as typer knows one: the reference that the parser of command lines is compared with."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from psynth.cli.subcommand import Subcommand
from psynth.core.settings import Argument, SettingField


def typer_signature(subcommand: Subcommand) -> Callable[..., dict[str, Any]]:
    """A function with the subcommand's arguments and options in typer's form; it returns its arguments."""
    parameters = [_argument(argument) for argument in subcommand.arguments]
    parameters += [_option(number, field) for number, group in enumerate(subcommand.groups) for field in group.fields]

    def function(**values: Any) -> dict[str, Any]:
        return values

    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    function.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return function


def _argument(argument: Argument) -> inspect.Parameter:
    metavar = f"-- {argument.metavar}…" if argument.after_dashes else argument.metavar
    declared = typer.Argument(metavar=metavar)
    # Typer takes one list of arguments; what comes after -- is shown like a single word.
    kind: Any = list[str] if argument.repeated and not argument.after_dashes else str
    return inspect.Parameter(
        argument.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if argument.required else None,
        annotation=Annotated[kind if argument.required else kind | None, declared],
    )


def _option(number: int, field: SettingField) -> inspect.Parameter:
    switch = field.kind == "bool"
    declared = typer.Option(
        *([f"{field.flag}/{field.negative}"] if field.negative else field.flags),
    )
    kind: Any = bool if switch else list[str] if field.repeated else str
    return inspect.Parameter(
        f"group{number}_{field.name}",
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[kind | None, declared],
    )
