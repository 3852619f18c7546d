"""The syntax mask: which productions may come next, for many programs at once, as look-ups in tables.

A partial program is a stack of the contexts of its open holes. A production is allowed if it may stand in the context
on top and the least completion of what is then open fits into the productions that are left. So every masked choice
leads to a complete, well-typed program.
"""

from __future__ import annotations

import torch
from torch import Tensor

from psynth_leaps.language import START, ProgramLanguage


class SyntaxTables:
    """A language as tensors on one device."""

    def __init__(self, language: ProgramLanguage, device: torch.device) -> None:
        arity = max(map(len, language.arguments))
        padded = [(START,) * (arity - len(each)) + tuple(reversed(each)) for each in language.arguments]
        self.arity = arity
        #: For each production its arguments' contexts, the first last, after padding.
        self.pushed = torch.tensor(padded, dtype=torch.long, device=device).reshape(len(padded), arity)
        self.arities = torch.tensor([len(each) for each in language.arguments], device=device)
        self.allowed = torch.tensor(language.allowed, device=device)
        self.least = torch.tensor(language.least, device=device)
        self.costs = torch.tensor(language.costs, device=device)


class SyntaxMask:
    """Partial programs, each to have at most ``max_length`` productions."""

    def __init__(self, tables: SyntaxTables, count: int, max_length: int) -> None:
        device = tables.allowed.device
        self._tables = tables
        self._rows = torch.arange(count, device=device)
        # Below the stack there is room for the padding of a production that has fewer arguments than others.
        self._stack = torch.full((count, max_length + 2 * tables.arity + 1), START, device=device)
        self._top = torch.full((count,), tables.arity, device=device)
        self._needed = tables.least[START].expand(count).clone()
        self._left = torch.full((count,), max_length, device=device)

    @property
    def open(self) -> Tensor:
        """Whether each program still has holes."""
        return self._top >= self._tables.arity

    def allowed(self) -> Tensor:
        """Whether each production may come next: (programs, productions); nothing may after a program's end."""
        tables = self._tables
        contexts = self._stack[self._rows, self._top]
        spare = self._left - (self._needed - tables.least[contexts])
        fits = tables.costs[None, :] <= spare[:, None]
        return tables.allowed[contexts] & fits & self.open[:, None]

    def append(self, chosen: Tensor) -> None:
        """Fill the next hole of each program with a production; complete programs do not change."""
        tables = self._tables
        going = self.open
        contexts = self._stack[self._rows, self._top]
        needed = self._needed - tables.least[contexts] + tables.costs[chosen] - 1
        self._needed = torch.where(going, needed, self._needed)
        top = torch.where(going, self._top - 1 + tables.arities[chosen], self._top)
        places = top[:, None] - torch.arange(tables.arity - 1, -1, -1, device=top.device)
        old = self._stack[self._rows[:, None], places]
        real = torch.arange(tables.arity, device=top.device) >= tables.arity - tables.arities[chosen][:, None]
        self._stack[self._rows[:, None], places] = torch.where(real & going[:, None], tables.pushed[chosen], old)
        self._top = top
        self._left = self._left - going.long()
