"""The example plugin, loaded from its sources, as an installed one would be."""

import sys
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from psynth.plugins.registry import GROUP, Registry
from tests.example_plugin.example_plugin import PLUGIN


@pytest.fixture(scope="session")
def registry():
    """Return a registry with the built-in plugins and the example."""
    sys.path.insert(0, str(PLUGIN / "src"))
    example = EntryPoint("tiles", "psynth_example_tiles.plugin", GROUP)
    yield Registry([*entry_points(group=GROUP), example])
    sys.path.remove(str(PLUGIN / "src"))


@pytest.fixture(scope="session")
def tiles(registry):
    """Return the example's domain."""
    return registry.domain("tiles")
