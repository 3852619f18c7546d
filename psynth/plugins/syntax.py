"""The part of a domain for the syntax of its programs: literals, native notation, a description."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psynth.core.calculus.types import Type


@dataclass(frozen=True)
class Syntax:
    """The syntax of a domain's programs.

    ``description`` is a paragraph on the language, for people and prompts, ``notation`` one on the native notation.
    """

    description: str = ""
    notation: str = field(default="", kw_only=True)

    @property
    def has_notation(self) -> bool:
        """Whether programs have a native notation, other than that of streams."""
        return type(self).print is not Syntax.print

    def literal_type(self, text: str) -> Type | None:
        """The type of a token that no production names, None if it is not a literal of the domain."""
        return None

    def read(self, text: str) -> str:
        """The program in the notation of streams, from the domain's native notation."""
        return text

    def print(self, program: str) -> str:
        """The program in the domain's native notation, after expanding the abstractions of a λ-term."""
        return program
