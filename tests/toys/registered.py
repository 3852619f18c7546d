"""Everything that is registered: by the built-in plugins and by the example."""

from __future__ import annotations

import functools
import sys
from importlib.metadata import EntryPoint, entry_points

from psynth.plugins.registry import GROUP, Registry
from tests.languages import TILES


@functools.cache
def everything() -> Registry:
    """The built-in plugins and the example."""
    if str(TILES) not in sys.path:
        sys.path.insert(0, str(TILES))
    return Registry([*entry_points(group=GROUP), EntryPoint("tiles", "psynth_example_tiles.plugin", GROUP)])


def methods(registry: Registry) -> list[str]:
    """Every registered method, as ``psynth.testing`` calls it."""
    return [f"{command} {name}" for command in registry.subcommands() for name in registry.offers("method", command)]
