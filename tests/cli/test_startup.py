"""Start-up: the root help, and what is not imported for it."""

import re
import subprocess
import sys

import pytest

from tests.psynth_command import Psynth

HEAVY = ("torch", "numpy", "typer", "rich", "pydantic", "orjson", "pluggy", "psynth_toy", "importlib.metadata")


def modules_of(psynth: Psynth, *words: str) -> set[str]:
    """The modules that a run of psynth leaves loaded."""
    code = (
        "import sys\nfrom psynth.cli.main import main\n"
        f"status = main({list(words)!r})\nsys.stderr.write(' '.join(sys.modules))\nsys.exit(status)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=psynth.environment())
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["--version"]])
def test_root_help_and_version_import_nothing_heavy(psynth: Psynth, words: list[str]) -> None:
    loaded = modules_of(psynth, *words)
    assert not loaded & set(HEAVY)
    assert not {name for name in loaded if name.startswith(("psynth.plugins", "psynth.core.stream"))}


def test_a_subcommand_imports_only_its_own_module(psynth: Psynth) -> None:
    loaded = modules_of(psynth, "plugins", "--json")
    cli = {name for name in loaded if name.startswith("psynth.cli.")}
    assert "psynth.cli.plugins" in cli
    assert not cli & {"psynth.cli.tasks", "psynth.cli.evaluate", "psynth.cli.filtering", "psynth.cli.run"}
    assert not loaded & {"numpy", "torch", "psynth_toy_parts", "typer", "pydantic", "rich"}


def test_root_help_lists_every_subcommand(psynth: Psynth) -> None:
    from psynth.cli.root_page import root_help
    from psynth.cli.table import ALIASES, TABLE

    done = psynth()
    assert done.returncode == 0
    assert done.stdout == psynth("--help").stdout
    assert "Exit status:" in done.stdout
    assert "Exit status:" not in psynth("-h").stdout
    for name, verb in TABLE.items():
        assert f"  {name} " in done.stdout
        assert verb.summary in done.stdout
    for name in ALIASES:
        assert re.search(rf"^  {name} +Alias of psynth search --method cem$", done.stdout, re.MULTILINE)
    for width in (40, 80):
        assert max(map(len, root_help(width).splitlines())) <= width


def test_version(psynth: Psynth) -> None:
    from psynth import __version__

    assert psynth("--version").stdout == f"psynth {__version__}\n"
