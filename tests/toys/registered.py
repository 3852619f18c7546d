"""Everything that is registered: by the built-in plugins and by the example."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from psynth.plugins.registry import GROUP, Registry, default_registry
from tests.languages import TILES

TOYS = Path(__file__).resolve().parent


@functools.cache
def everything() -> Registry:
    """The built-in plugins and the example."""
    if str(TILES) not in sys.path:
        sys.path.insert(0, str(TILES))
    return Registry([*entry_points(group=GROUP), EntryPoint("tiles", "psynth_example_tiles.plugin", GROUP)])


@contextmanager
def all_installed() -> Iterator[None]:
    """The built-in plugins, the example and the toys in the default registry, as installed ones are found."""
    before = list(sys.path)
    sys.path[:0] = [str(TOYS), str(TILES)]
    default_registry.cache_clear()
    try:
        yield
    finally:
        sys.path[:] = before
        default_registry.cache_clear()


def methods(registry: Registry) -> list[str]:
    """Every registered method, as ``psynth.testing`` calls it."""
    return [f"{command} {name}" for command in registry.subcommands() for name in registry.offers("method", command)]
