"""The part of a domain that knows how its programs are written: literals, native notation, a description."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psynth.core.calculus.types import Type


@dataclass(frozen=True)
class Syntax:
    """How programs of a domain are written. ``description`` is a paragraph on the language, for people and prompts."""

    description: str = ""

    def literal_type(self, text: str) -> Type | None:
        """The type of a token that no production names, None if it is no literal of the domain's."""
        return None

    def read(self, text: str) -> str:
        """A program as it stands in a stream, from the domain's native notation."""
        return text

    def print(self, program: str) -> str:
        """A program in the domain's native notation; abstractions of a λ-term are expanded before."""
        return program
