"""Karel's own notation: tokens, as LEAPS writes programs."""

from __future__ import annotations

from psynth.plugins.syntax import Syntax
from psynth_karel.evaluation import expanded
from psynth_karel.machine import to_term, to_tokens


class KarelSyntax(Syntax):
    """Programs as ``DEF run m( … m)``."""

    def read(self, text: str) -> str:
        """A λ-term from ``DEF run m( … m)``; InputError says which token is wrong."""
        return to_term(text)

    def print(self, program: str) -> str:
        """``DEF run m( … m)`` from a λ-term whose abstractions are expanded."""
        return to_tokens(expanded(program, {}) if "(lam" in program or "#(" in program else program)
