"""Language models are listed with the plugins and explained by psynth help models."""

from __future__ import annotations

import json
from typing import Any

from psynth.cli.main import main
from psynth.plugins.registry import LANGUAGE_MODEL, default_registry


def said(capfd: Any, *words: str) -> str:
    assert main(words) == 0
    return str(capfd.readouterr().out)


def test_models_are_listed_with_the_plugins(capfd: Any) -> None:
    assert "  language model openai: " in said(capfd, "plugins")
    offers = [each for plugin in json.loads(said(capfd, "plugins", "--json")) for each in plugin["offers"]]
    assert {each["name"] for each in offers if each["kind"] == LANGUAGE_MODEL} >= {"openai", "replay", "transformers"}


def test_every_model_is_explained(capfd: Any) -> None:
    listed = said(capfd, "help", "models")
    for name in default_registry().offers(LANGUAGE_MODEL):
        assert f"  {name} " in listed
        page = said(capfd, "help", "models", name)
        [described] = json.loads(said(capfd, "help", "models", name, "--json"))
        assert described["name"] == name
        assert described["text"]
        for setting in described["settings"]:
            assert f"  {setting['flag']}=" in page
            assert setting["help"] in page


def test_an_unknown_model_has_a_nearest_name(capfd: Any) -> None:
    assert main(["help", "models", "relay"]) == 2
    assert "did you mean 'replay'?" in capfd.readouterr().err
