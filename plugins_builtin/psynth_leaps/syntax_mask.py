"""The syntax mask: the productions allowed next, for many programs at once, by table look-ups.

A partial program is a stack of the contexts of its open holes. A production is allowed if it is allowed in the context
on top and the shortest completion of the holes then open does not exceed the remaining productions. Thus every masked
choice leads to a complete, well-typed program.
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
        self.pushed = torch.tensor(padded, dtype=torch.long, device=device).reshape(len(padded), arity)
        """The contexts of each production's arguments, in reverse order after padding."""
        self.arities = torch.tensor([len(each) for each in language.arguments], device=device)
        self.allowed = torch.tensor(language.allowed, device=device)
        self.least = torch.tensor(language.least, device=device)
        self.costs = torch.tensor(language.costs, device=device)


class SyntaxMask:
    """Partial programs, each of at most ``max_length`` productions when complete."""

    def __init__(self, tables: SyntaxTables, count: int, max_length: int) -> None:
        device = tables.allowed.device
        self._tables = tables
        self._rows = torch.arange(count, device=device)
        # Below the stack there is room for the padding of productions with fewer arguments than others.
        self._stack = torch.full((count, max_length + 2 * tables.arity + 1), START, device=device)
        self._top = torch.full((count,), tables.arity, device=device)
        self._needed = tables.least[START].expand(count).clone()
        self._left = torch.full((count,), max_length, device=device)

    @property
    def open(self) -> Tensor:
        """Whether each program still has holes."""
        return self._top >= self._tables.arity

    def allowed(self) -> Tensor:
        """Whether each production is allowed next: (programs, productions); none is after a program's end."""
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
