"""The parts of a program that alone may be changed: between lines with EVOLVE-BLOCK-START and EVOLVE-BLOCK-END."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

MARKER = re.compile(r"^[ \t]*#.*\bEVOLVE-BLOCK-(START|END)\b.*$", re.MULTILINE)


class BadBlocks(ValueError):
    """The markers of a program do not make blocks; the message says why."""


@dataclass(frozen=True)
class MarkedBlocks:
    """A program in pieces: text that stays, and between two such pieces text that may be varied."""

    staying: tuple[str, ...]
    varied: tuple[str, ...]

    @classmethod
    def of(cls, source: str) -> Self | None:
        """The blocks of a program; None without any marker, BadBlocks for markers that are not in pairs."""
        staying: list[str] = []
        varied: list[str] = []
        after = 0
        marks = list(MARKER.finditer(source))
        for number, mark in enumerate(marks):
            if mark[1] != ("START" if number % 2 == 0 else "END"):
                raise BadBlocks("EVOLVE-BLOCK-START and EVOLVE-BLOCK-END do not alternate")
            piece = source[after : mark.end() + 1] if number % 2 == 0 else source[after : mark.start()]
            (staying if number % 2 == 0 else varied).append(piece)
            after = mark.end() + 1 if number % 2 == 0 else mark.start()
        if len(marks) % 2:
            raise BadBlocks("EVOLVE-BLOCK-START without EVOLVE-BLOCK-END")
        return cls((*staying, source[after:]), tuple(varied)) if marks else None

    def keep(self, source: str) -> bool:
        """Whether a text has the same pieces that stay."""
        try:
            other = MarkedBlocks.of(source)
        except BadBlocks:
            return False
        return other is not None and other.staying == self.staying

    def with_block(self, place: int, text: str) -> str:
        """The whole program with another text in place of a block."""
        varied = [*self.varied[:place], text, *self.varied[place + 1 :], ""]
        return "".join(piece for pair in zip(self.staying, varied, strict=True) for piece in pair)
