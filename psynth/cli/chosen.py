"""The method that a command line chose, with what is known of it before its settings are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from psynth.plugins.method import Method


@dataclass(frozen=True)
class Chosen:
    """A method's class with the name that it was chosen by and the versions of the plugins that it comes from."""

    method: type[Method]
    name: str | None = None
    plugins: Mapping[str, str] = field(default_factory=dict)
    domain_settings: type | None = None
    """The class of the domain's settings that are the method's, too."""
