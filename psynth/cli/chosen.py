"""The method that a command line selects, before its settings are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from psynth.plugins.method import Method


@dataclass(frozen=True)
class Chosen:
    """A method's class with the name that selected it and the versions of its plugins."""

    method: type[Method]
    name: str | None = None
    plugins: Mapping[str, str] = field(default_factory=dict)
    domain_settings: type | None = None
    """The class of the domain's settings for the method."""
