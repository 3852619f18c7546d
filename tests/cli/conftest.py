"""Fixtures of the command line's tests."""

from pathlib import Path

import pytest

from tests.psynth_command import TOY, Psynth


@pytest.fixture
def psynth(tmp_path: Path) -> Psynth:
    """The psynth command."""
    return Psynth(tmp_path)


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch):
    """The registry of this process with only the toy plugin in it."""
    from psynth.plugins.registry import default_registry

    monkeypatch.syspath_prepend(str(TOY))
    monkeypatch.setenv("PSYNTH_PLUGINS", "toy")
    default_registry.cache_clear()
    yield default_registry()
    default_registry.cache_clear()
