"""The recognition network: an encoder of tasks, and a head that changes the library's weights for each task.

After DreamCoder (Ellis et al., PLDI 2021, section 4.1 of the supplement) as LILO uses it: an encoder, a hidden layer of
tanh units, and one number for each production in each context. Here these numbers are added to the library's own
weights and begin as zeros, so that an untrained network leaves a search as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from psynth_recognition.encoders import Sizes, encoder_of, layer


class Network(nn.Module):
    """Maps tasks to changes of weights, and to logits of the productions that their programs have."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.encoder = encoder_of(sizes)
        self.hidden = layer(sizes.hidden, sizes.hidden)
        self.changes = nn.Linear(sizes.hidden, sizes.contexts * (sizes.productions + 1))
        self.occurrences = nn.Linear(sizes.hidden, sizes.productions + 1)
        for head in (self.changes, self.occurrences):
            nn.init.zeros_(head.weight)
            nn.init.zeros_(head.bias)

    def forward(self, seen: Sequence[Any]) -> tuple[Tensor, Tensor]:
        """Changes (tasks, contexts, productions + 1) and logits of occurrence (tasks, productions + 1).

        The last production stands for variables.
        """
        vectors = self.encoder.encode(seen)
        changes = self.changes(self.hidden(vectors))
        return changes.view(len(seen), self.sizes.contexts, self.sizes.productions + 1), self.occurrences(vectors)


def float_base(base: Any, device: torch.device) -> Tensor:
    """The library's weights (contexts, productions + 1) as a tensor; −∞ stays."""
    return torch.from_numpy(base).float().to(device)
