"""The built-in domains are registered, load, and describe themselves."""

import pytest

from psynth.core.settings import fields_of
from psynth.plugins.hookspecs import hookimpl
from psynth.plugins.registry import Registry

DOMAINS = ("karel", "list", "regex", "untyped")


@pytest.mark.parametrize("name", DOMAINS)
def test_a_domain_loads_by_its_name_and_describes_itself(name):
    domain = Registry().domain(name)
    assert domain.name == name
    assert domain.syntax().description
    assert domain.primitive_sets
    assert domain.help == Registry().registration("domain", name).help


@pytest.mark.parametrize("name", ["karel", "list", "regex"])
def test_every_task_setting_has_help_and_a_default_that_it_allows(name):
    domain = Registry().domain(name)
    for setting in fields_of(domain.TaskSettings):
        assert setting.help
        setting.check(setting.default)


@pytest.mark.parametrize("name", DOMAINS)
def test_registering_imports_nothing_of_the_domain(name):
    import subprocess
    import sys

    script = (
        "import sys; from psynth.plugins.registry import Registry;"
        f"assert '{name}' in Registry().offers('domain');"
        f"sys.exit('psynth_{name}.domain' in sys.modules or 'psynth.core.calculus.terms' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


def test_hookimpl_is_what_plugins_are_told_to_import():
    from psynth.plugins import hookimpl as public

    assert public is hookimpl
