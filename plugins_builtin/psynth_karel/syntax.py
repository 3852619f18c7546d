"""Karel's native notation: the tokens of LEAPS."""

from __future__ import annotations

from psynth.plugins.syntax import Syntax
from psynth_karel.evaluation import expanded
from psynth_karel.machine import to_term, to_tokens


class KarelSyntax(Syntax):
    """Programs as ``DEF run m( … m)``."""

    def read(self, text: str) -> str:
        """The λ-term of ``DEF run m( … m)``; InputError names the token at fault."""
        return to_term(text)

    def print(self, program: str) -> str:
        """The tokens ``DEF run m( … m)`` of a λ-term whose abstractions are expanded."""
        return to_tokens(expanded(program, {}) if "(lam" in program or "#(" in program else program)
