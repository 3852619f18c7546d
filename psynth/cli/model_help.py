"""psynth help models: the language models that --model can name, and the settings of one."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from psynth.cli.json_output import print_json
from psynth.core import standard
from psynth.core.errors import UsageError
from psynth.core.settings import SettingField, fields_of
from psynth.plugins.model_choice import FLAG
from psynth.plugins.registry import LANGUAGE_MODEL, default_registry


def explain_models(words: Sequence[str], *, as_json: bool) -> int:
    """Print every language model or, with its settings, the one that is named; returns the exit status."""
    if len(words) > 1:
        raise UsageError(f"psynth help models explains one model; {words[1]!r} is too much")
    registry = default_registry()
    named = [registry.registration(LANGUAGE_MODEL, words[0])] if words else registry.offers(LANGUAGE_MODEL).values()
    if as_json:
        print_json([_described(each.name, each.help, registry.language_model(each.name)) for each in named])
        return 0
    if words:
        [chosen] = named
        _print_one(chosen.name, chosen.help, registry.language_model(chosen.name))
        return 0
    rows = [(each.name, each.help) for each in named]
    width = max((len(name) for name, _ in rows), default=0)
    _say(f"Language models ({FLAG} NAME or {FLAG} NAME:SETTING=VALUE,…):")
    for name, help in rows:
        _say(f"  {name:<{width}}  {help}")
    _say("psynth help models NAME lists the settings of one.")
    return 0


def _described(name: str, help: str, model: type[Any]) -> dict[str, Any]:
    settings = [{**field.to_json(), "flag": _setting(field), "flags": [_setting(field)]} for field in fields_of(model)]
    return {"name": name, "help": help, "text": _text(model), "settings": settings}


def _print_one(name: str, help: str, model: type[Any]) -> None:
    _say(f"{FLAG} {name}: {help}")
    _say("")
    _say(_text(model))
    _say("")
    _say("Settings:")
    for field in fields_of(model):
        value = "on|off" if field.kind == "bool" else field.metavar
        default = f" [default: {field.default_text}]" if field.default_text else ""
        _say(f"  {_setting(field)}={value}")
        _say(f"      {field.help}{default}")


def _setting(field: SettingField) -> str:
    return field.flag.removeprefix("--")


def _text(model: type[Any]) -> str:
    return inspect.cleandoc(model.__dict__.get("__doc__") or "")


def _say(line: str) -> None:
    standard.out().write(f"{line}\n")
