"""Packing of sequences of different lengths: the sequence and the step of each packed row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Packing:
    """Sequences sorted by length, longest first, laid out step by step.

    ``order`` has the number of each sorted sequence. ``sizes`` counts the sequences of each step. For each packed row,
    ``rows`` is its sequence's place in the sorted order and ``steps`` its step; ``last`` is each sorted sequence's last
    row.
    """

    order: Tensor
    sizes: tuple[int, ...]
    rows: Tensor
    steps: Tensor
    last: Tensor

    @classmethod
    def of(cls, lengths: Any) -> Packing:
        """The packing of sequences of these lengths (a numpy array), none of them 0."""
        order = np.argsort(-lengths, kind="stable")
        ordered = lengths[order]
        sizes = np.array([np.searchsorted(-ordered, -step, side="left") for step in range(ordered[0])])
        starts = np.concatenate([[0], np.cumsum(sizes)])
        steps = np.repeat(np.arange(len(sizes)), sizes)
        rows = np.arange(starts[-1]) - starts[steps]
        last = starts[ordered - 1] + np.arange(len(ordered))
        tensors = [torch.from_numpy(each.astype(np.int64)) for each in (order, rows, steps, last)]
        return cls(tensors[0], tuple(int(size) for size in sizes), *tensors[1:])

    def pack(self, padded: Tensor) -> Tensor:
        """The rows of a padded array (sequences in their original order, steps, …)."""
        return padded[self.order[self.rows], self.steps]

    def to(self, device: torch.device) -> Packing:
        """The packing with its tensors on a device."""
        tensors = [each.to(device) for each in (self.rows, self.steps, self.last)]
        return Packing(self.order.to(device), self.sizes, *tensors)
