"""The registry: hooks run once, plugins are loaded lazily and fail alone, names are unique."""

import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from textwrap import dedent

import pytest

from psynth.core.errors import EngineError, UsageError
from psynth.plugins.registry import PluginConflict, Registry

GOOD = """
from psynth.plugins import hookimpl

calls = []

@hookimpl
def register_domains(register):
    calls.append("domains")
    register("toy", "{name}_domain:Toy", help="a toy")

@hookimpl
def register_methods(register):
    register("compress", "nothing", "{name}_method:Nothing", help="learns nothing")
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Write a module and return its entry point."""
    monkeypatch.syspath_prepend(str(tmp_path))
    made: list[str] = []

    def make(name: str, text: str, **modules: str) -> EntryPoint:
        for module, content in {name: text, **modules}.items():
            (tmp_path / f"{module}.py").write_text(dedent(content))
            made.append(module)
        return EntryPoint(name, name, "psynth")

    yield make
    for module in made:
        sys.modules.pop(module, None)


def registry(*entry_points: EntryPoint, only: str | None = None) -> tuple[Registry, list[str]]:
    warnings: list[str] = []
    environ = {} if only is None else {"PSYNTH_PLUGINS": only}
    return Registry(entry_points, environ=environ, warn=warnings.append), warnings


def test_hooks_run_once_and_import_nothing_that_is_registered(plugin) -> None:
    found, warnings = registry(plugin("alpha", GOOD.format(name="alpha")))
    assert "alpha" not in sys.modules
    assert list(found.offers("domain")) == ["toy"]
    assert found.registration("method", "nothing", "compress").path == "alpha_method:Nothing"
    assert found.subcommands() == ["compress"]
    assert sys.modules["alpha"].calls == ["domains"]
    assert "alpha_domain" not in sys.modules
    assert warnings == []


def test_a_broken_plugin_is_one_warning_and_the_rest_works(plugin) -> None:
    good = plugin("alpha", GOOD.format(name="alpha"))
    unimportable = plugin("bad_import", "import no_such_module_anywhere")
    raising = plugin(
        "bad_hook",
        """
        from psynth.plugins import hookimpl
        @hookimpl
        def register_domains(register):
            raise RuntimeError("two\\nlines")
        """,
    )
    misspelt = plugin(
        "bad_spec",
        """
        from psynth.plugins import hookimpl
        @hookimpl
        def register_domain(register): pass
        """,
    )
    found, warnings = registry(good, unimportable, raising, misspelt)
    assert list(found.offers("domain")) == ["toy"]
    assert len(warnings) == 3
    assert all("\n" not in warning for warning in warnings)
    broken = {each.name: each.broken for each in found.plugins()}
    assert broken["alpha"] is None
    assert "no_such_module_anywhere" in (broken["bad_import"] or "")
    assert broken["bad_hook"] == "RuntimeError: two lines"
    assert "register_domain" in (broken["bad_spec"] or "")


def test_a_name_registered_twice_names_both(plugin) -> None:
    both = (plugin("alpha", GOOD.format(name="alpha")), plugin("beta", GOOD.format(name="beta")))
    found, _ = registry(*both)
    with pytest.raises(PluginConflict, match=r"'toy'.*'alpha'.*'beta'"):
        found.domain("toy")
    with pytest.raises(PluginConflict, match="PSYNTH_PLUGINS=-beta leaves one out"):
        found.method("compress", "nothing")
    assert len(found.conflicts()) == 2
    # Only what is ambiguous is refused.
    assert list(found.offers("domain")) == ["toy"]
    assert found.offers("format") == {}
    assert list(registry(*both, only="beta")[0].offers("domain")) == ["toy"]


def test_psynth_plugins_chooses(plugin) -> None:
    entry_point = plugin("alpha", GOOD.format(name="alpha"))
    assert registry(entry_point, only="")[0].plugins() == []
    assert [each.name for each in registry(entry_point, only=" alpha ,")[0].plugins()] == ["alpha"]
    others = (entry_point, plugin("beta", ""), plugin("gamma", ""))
    assert [each.name for each in registry(*others, only="-alpha")[0].plugins()] == ["beta", "gamma"]
    assert [each.name for each in registry(*others, only="-beta,alpha,beta")[0].plugins()] == ["alpha"]
    found, warnings = registry(entry_point, only="alpa")
    assert found.plugins() == []
    assert warnings == ["PSYNTH_PLUGINS names 'alpa', which is not installed (did you mean 'alpha'?)"]


def test_unknown_names_are_usage_errors_with_a_suggestion(plugin) -> None:
    found, _ = registry(plugin("alpha", GOOD.format(name="alpha")))
    with pytest.raises(UsageError, match=r"unknown domain 'tow'; known: toy \(did you mean 'toy'\?\)"):
        found.domain("tow")
    with pytest.raises(UsageError, match="unknown method of compress 'x'; known: nothing"):
        found.method("compress", "x")
    with pytest.raises(UsageError, match="no plugin offers one"):
        found.format("csv")


def test_a_path_that_leads_nowhere_names_the_plugin(plugin) -> None:
    found, _ = registry(plugin("alpha", GOOD.format(name="alpha"), alpha_method="class Nothing: pass"))
    with pytest.raises(EngineError, match=r"the domain 'toy' of the plugin 'alpha' cannot be loaded.*alpha_domain"):
        found.domain("toy")
    with pytest.raises(EngineError, match="alpha_method:Nothing does not extend Method"):
        found.method("compress", "nothing")
