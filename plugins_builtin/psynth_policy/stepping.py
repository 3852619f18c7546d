"""The decoder of T5, one word of many programs at a time: what it read is kept once for all programs.

The library's own decoder repeats what was read for each program, and does much else between two small products. The
weights and the functions of the layers are the library's; attention is computed here.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor


class Decoder:
    """Programs in progress for one task; ``states`` (1, read, units) is what the encoder made of it."""

    def __init__(self, t5: Any, states: Tensor, rows: int, most: int) -> None:
        self._stack = t5.decoder
        self._heads = t5.config.num_heads
        self._blocks: Any = list(self._stack.block)
        self._place = 0
        first = self._blocks[0].layer[0].SelfAttention
        self._bias = first.relative_attention_bias.weight[_buckets(most, t5.config, states.device)]
        self._read = [
            [self._split(getattr(block.layer[1].EncDecAttention, name)(states))[0] for name in ("k", "v")]
            for block in self._blocks
        ]
        width = first.k.weight.shape[0] // self._heads
        self._written = [[states.new_empty(rows, self._heads, most, width) for _ in ("k", "v")] for _ in self._blocks]

    def step(self, words: Tensor) -> Tensor:
        """The states (rows, units) from which the words after ``words`` (rows) are predicted."""
        place = self._place
        self._place += 1
        state = self._stack.embed_tokens(words)
        # Distances from the newest word to each before it, itself last.
        bias = self._bias[: place + 1].flip(0).T
        for block, (keys_read, values_read), (keys, values) in zip(
            self._blocks, self._read, self._written, strict=True
        ):
            own, other, dense = block.layer[0], block.layer[1], block.layer[2]
            normed = own.layer_norm(state)
            attention = own.SelfAttention
            keys[:, :, place] = self._split(attention.k(normed))
            values[:, :, place] = self._split(attention.v(normed))
            query = self._split(attention.q(normed))[:, :, None]
            odds = (query @ keys[:, :, : place + 1].transpose(2, 3))[:, :, 0] + bias
            made = _softmax(odds)[:, :, None] @ values[:, :, : place + 1]
            state = state + attention.o(made.flatten(1))
            attention = other.EncDecAttention
            query = self._split(attention.q(other.layer_norm(state))).transpose(0, 1)
            made = _softmax(query @ keys_read.transpose(1, 2)) @ values_read
            state = state + attention.o(made.transpose(0, 1).flatten(1))
            state = state + dense.DenseReluDense(dense.layer_norm(state))
        return self._stack.final_layer_norm(state)  # type: ignore[no-any-return, unused-ignore]

    def keep(self, rows: Tensor) -> None:
        """Go on with some of the programs."""
        self._written = [[each[rows] for each in pair] for pair in self._written]

    def _split(self, vectors: Tensor) -> Tensor:
        """Vectors (rows, units) by head: (rows, heads, units of a head); with places, (rows, heads, places, …)."""
        parted = vectors.reshape(*vectors.shape[:-1], self._heads, -1)
        return parted.transpose(1, 2) if parted.ndim == 4 else parted


def _softmax(odds: Tensor) -> Tensor:
    return odds.float().softmax(-1).type_as(odds)


def _buckets(most: int, config: Any, device: torch.device) -> Tensor:
    """The bucket of each distance below ``most`` to an earlier word, as in T5: exact at first, then logarithmic."""
    count, farthest = config.relative_attention_num_buckets, config.relative_attention_max_distance
    distances = torch.arange(most, device=device)
    exact = count // 2
    scaled = torch.log(distances.clamp(min=1).float() / exact) / math.log(farthest / exact) * (count - exact)
    return torch.where(distances < exact, distances, (exact + scaled.long()).clamp(max=count - 1))
