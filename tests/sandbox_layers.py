"""Which layers the sandbox has on this machine, for tests that need them all."""

from __future__ import annotations

import functools

import pytest

from psynth.core.engines.sandbox import probe
from psynth.core.errors import PsynthError


@functools.cache
def missing(*layers: str) -> str:
    """Why some of ``layers`` are not there; empty if they are, or if the sandbox is not built."""
    try:
        found = probe().missing
    except (PsynthError, OSError):
        return ""
    return "; ".join(f"no layer {layer} here: {found[layer]}" for layer in layers if layer in found)


def needs_layers(*layers: str) -> pytest.MarkDecorator:
    """Skip a test where the sandbox has not these layers, as in a chroot."""
    return pytest.mark.skipif(bool(missing(*layers)), reason=missing(*layers) or "all are there")
