"""Help: every subcommand and method is documented, and text, JSON and options tell the same."""

import json

import pytest

from psynth.cli.dispatch import subcommand
from psynth.cli.subcommand import Subcommand
from psynth.cli.table import GROUPS, TABLE
from psynth.plugins.registry import Registry
from tests.psynth_command import Psynth


def documented(chosen: Subcommand) -> None:
    """Assert that a subcommand, its arguments and its options are explained."""
    assert chosen.summary.endswith("."), chosen.name
    assert len(chosen.help.strip().split("\n\n")) > 1 or chosen.notes, f"{chosen.name}: help is one paragraph only"
    for argument in chosen.arguments:
        assert argument.help, f"{chosen.name} {argument.name}"
    for group in chosen.groups:
        for field in group.fields:
            assert field.help, f"{chosen.name} {field.flag}"
            assert not field.help.endswith("."), f"{chosen.name} {field.flag}: no full stop in a table"
            assert field.help[0].islower() or not field.help[0].isalpha(), f"{chosen.name} {field.flag}"


@pytest.mark.parametrize("name", TABLE)
def test_every_subcommand_is_documented(toy: Registry, name: str) -> None:
    documented(subcommand(name))
    assert TABLE[name].group in GROUPS
    assert len(TABLE[name].summary) < 80


def test_every_method_domain_and_format_is_documented(toy: Registry) -> None:
    methods = [(each, offer) for each in toy.subcommands() for offer in toy.offers("method", each).values()]
    assert methods
    for command, offer in methods:
        assert offer.help
        documented(subcommand(command, ["--method", offer.name]))
    for offer in toy.offers("domain").values():
        documented(subcommand("tasks", [offer.name]))
    for offer in toy.offers("format").values():
        documented(subcommand("import", [offer.name]))
        documented(subcommand("export", [offer.name]))
    for name in toy.offers("command"):
        assert subcommand(name).summary


@pytest.mark.parametrize("name", TABLE)
def test_json_help_lists_every_option_that_is_accepted(toy: Registry, name: str) -> None:
    described = subcommand(name).to_json()
    assert json.loads(json.dumps(described)) == described
    assert described["name"] == name
    flags = {flag for option in described["options"] for flag in option["flags"]}
    assert flags | {"--help"} >= set(subcommand(name).flags()) - {
        f"--no-{flag[2:]}" for flag in flags if flag.startswith("--")
    }
    for option in described["options"]:
        assert {"name", "flag", "type", "default", "unit", "help", "group"} <= option.keys()


def test_help_as_text_and_as_json(psynth: Psynth) -> None:
    text = psynth("help", "enumerate", "--method", "guess").stdout
    assert "--depth" in text
    assert "how many ones to try [default: 2]" in text
    assert "ONES" in text
    assert text == psynth("enumerate", "--method", "guess", "--help").stdout
    described = json.loads(psynth("help", "enumerate", "--method", "guess", "--json").stdout)
    [depth] = [option for option in described["options"] if option["name"] == "depth"]
    assert depth == {
        "group": "Settings of the method guess",
        "name": "depth",
        "flag": "--depth",
        "flags": ["--depth"],
        "type": "int",
        "optional": False,
        "repeated": False,
        "default": 2,
        "unit": "ones",
        "help": "how many ones to try",
        "minimum": 0,
    }
    assert described["method"] == "guess"
    assert {"name": "guess", "help": "tries a few sums"} in described["methods"]


def test_help_of_a_domain_s_tasks_and_of_a_plugin_s_subcommand(psynth: Psynth) -> None:
    assert "--count" in psynth("help", "tasks", "toy").stdout
    assert "double too" in psynth("tasks", "toy", "--help").stdout
    assert "Pass solved frontiers only." in psynth("help", "toy-solved").stdout


def test_help_without_a_name_is_the_root_help(psynth: Psynth) -> None:
    assert psynth("help").stdout == psynth("--help").stdout
    assert [each["name"] for each in json.loads(psynth("help", "--json").stdout)] == list(TABLE)


def test_a_setting_that_clashes_with_a_shared_option_is_reported(toy: Registry) -> None:
    from dataclasses import dataclass

    from psynth.cli.options import LIMIT, SEED
    from psynth.cli.subcommand import Group
    from psynth.core.errors import EngineError
    from psynth.core.settings import setting

    @dataclass(frozen=True)
    class Clash:
        seed: int = setting(1, help="a seed")

    with pytest.raises(EngineError, match=r"Clash declares the option --seed, which psynth x already has \(work\)"):
        Subcommand("x", "X.", lambda parsed: 0, groups=[LIMIT, SEED, Group("Settings", Clash)])
