"""Encoders: from batches of tasks to vectors, by sequences of tokens, sets of objects or images.

Each encodes the examples of a task separately; a task's vector is made of their mean and their maximum, so that neither
the order nor the number of examples matters.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from psynth.learning.layers.packed_gru import PackedGRU
from psynth.learning.layers.packing import Packing
from psynth.plugins.features import OBJECT_VOCABULARY

COUNT_SCALE = 0.25
"""Factor on counts of tokens, so that their sums are of the size of a GRU's states."""
HEADS = 4
"""Attention heads of the encoder of objects, if the hidden units divide by them."""
CHANNELS = 32
"""Channels of the convolutions of the encoder of images."""
LEAST_SIDE = 4
"""Images are halved as long as their sides are at least twice this long."""
FORBIDDEN = -1e30
"""A logit that stands for −∞, whose derivatives would be NaN."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """All sizes of a network; ``shape`` is that of an image, and ``vocabulary`` the number of tokens or words."""

    encoder: str
    hidden: int
    contexts: int
    productions: int
    vocabulary: int | None = None
    shape: tuple[int, ...] | None = None


def layer(entering: int, leaving: int) -> nn.Module:
    """A linear layer whose outputs are normalized before they are rectified, so that none is always the same."""
    return nn.Sequential(nn.Linear(entering, leaving), nn.LayerNorm(leaving), nn.ReLU())


class Encoder(nn.Module):
    """The base of all encoders."""

    @abstractmethod
    def encode(self, seen: Sequence[Any]) -> Tensor:
        """The vectors (tasks, hidden) of tasks as perceivers see them, with their chosen examples."""

    @property
    def device(self) -> torch.device:
        """The device of the weights."""
        return next(self.parameters()).device


class ExampleEncoder(Encoder):
    """The base of encoders that encode examples; ``combine`` makes one vector of those of a task."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.combine = layer(2 * hidden, hidden)

    def encode(self, seen: Sequence[Any]) -> Tensor:
        """The vectors of tasks, each a sequence of examples."""
        vectors = self.encode_examples([example for examples in seen for example in examples])
        return self.combine(_mean_and_maximum(vectors, [len(examples) for examples in seen]))  # type: ignore[no-any-return, unused-ignore]

    @abstractmethod
    def encode_examples(self, examples: Sequence[Any]) -> Tensor:
        """The vectors (examples, hidden) of examples."""


class TokenEncoder(ExampleEncoder):
    """A GRU that reads the sequence of an example in both directions, beside the counts of tokens on both its sides.

    The counts show what an output has and its input lacks, for which a GRU would need much training.
    """

    def __init__(self, hidden: int, vocabulary: int) -> None:
        super().__init__(hidden)
        self.vocabulary = vocabulary
        self.tables = nn.ModuleList([nn.Embedding(vocabulary, 3 * hidden) for _ in range(2)])
        self.recurrences = nn.ModuleList([PackedGRU(hidden) for _ in range(2)])
        self.counts = nn.Linear(2 * vocabulary, hidden, bias=False)
        nn.init.normal_(self.counts.weight)
        self.mix = layer(3 * hidden, hidden)

    def encode_examples(self, examples: Sequence[Any]) -> Tensor:
        """The vectors of sequences."""
        packing = Packing.of(np.array([len(each.tokens) for each in examples])).to(self.device)
        states = [
            self._last_state(direction, [each.tokens[::step] for each in examples], packing)
            for direction, step in enumerate((1, -1))
        ]
        counted = torch.tanh(self.counts(self._counts(examples)))
        return self.mix(torch.cat([*states, counted], 1))  # type: ignore[no-any-return, unused-ignore]

    def _last_state(self, direction: int, sequences: Sequence[Any], packing: Packing) -> Tensor:
        padded = np.zeros((len(sequences), max(map(len, sequences))), dtype=np.int64)
        for row, tokens in enumerate(sequences):
            padded[row, : len(tokens)] = tokens
        gates = self.tables[direction](packing.pack(torch.from_numpy(padded).to(self.device)))
        recurrence = self.recurrences[direction]
        first = gates.new_zeros(len(sequences), gates.shape[1] // 3)
        last = recurrence(gates, None, first, packing.sizes)[packing.last]
        return torch.empty_like(last).index_copy(0, packing.order, last)

    def _counts(self, examples: Sequence[Any]) -> Tensor:
        size = self.vocabulary
        counts = np.empty((len(examples), 2 * size), dtype=np.float32)
        for row, each in enumerate(examples):
            counts[row, :size] = np.bincount(each.tokens[: each.inputs], minlength=size)
            counts[row, size:] = np.bincount(each.tokens[each.inputs :], minlength=size)
        return COUNT_SCALE * torch.from_numpy(counts).to(self.device)


class ObjectEncoder(ExampleEncoder):
    """A layer of attention among the elements of an example (Vaswani et al., 2017), without positions."""

    def __init__(self, hidden: int, vocabulary: int) -> None:
        super().__init__(hidden)
        self.words = nn.Linear(vocabulary, hidden)
        heads = HEADS if hidden % HEADS == 0 else 1
        self.attention = nn.MultiheadAttention(hidden, heads, batch_first=True)
        self.norms = nn.ModuleList([nn.LayerNorm(hidden) for _ in range(2)])
        self.think = nn.Sequential(nn.Linear(hidden, 2 * hidden), nn.ReLU(), nn.Linear(2 * hidden, hidden))
        self.mix = layer(2 * hidden, hidden)

    def encode_examples(self, examples: Sequence[Any]) -> Tensor:
        """The vectors of sets of elements, each an array (elements, words) of counts."""
        counts = np.concatenate(examples).astype(np.float32)
        lengths = [len(each) for each in examples]
        elements, there = _padded(self.words(torch.from_numpy(counts).to(self.device)), lengths)
        attended, _ = self.attention(elements, elements, elements, key_padding_mask=~there, need_weights=False)
        elements = self.norms[0](elements + attended)
        elements = self.norms[1](elements + self.think(elements))
        return self.mix(_mean_and_maximum(elements[there], lengths))  # type: ignore[no-any-return, unused-ignore]


class ImageEncoder(Encoder):
    """Blocks of a convolution and a maximum over 2 × 2 pixels, then a layer that sees the whole image."""

    def __init__(self, hidden: int, shape: Sequence[int]) -> None:
        super().__init__()
        planes, rows, columns = shape
        blocks: list[nn.Module] = []
        while min(rows, columns) >= 2 * LEAST_SIDE:
            blocks += [nn.Conv2d(planes, CHANNELS, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
            planes, rows, columns = CHANNELS, rows // 2, columns // 2
        self.blocks = nn.Sequential(*blocks, nn.Flatten(), layer(planes * rows * columns, hidden))

    def encode(self, seen: Sequence[Any]) -> Tensor:
        """The vectors of images."""
        return self.blocks(torch.from_numpy(np.stack(seen)).to(self.device))  # type: ignore[no-any-return, unused-ignore]


def encoder_of(sizes: Sizes) -> Encoder:
    """The encoder of a network."""
    if sizes.encoder == "image":
        assert sizes.shape is not None
        return ImageEncoder(sizes.hidden, sizes.shape)
    if sizes.encoder == "objects":
        return ObjectEncoder(sizes.hidden, OBJECT_VOCABULARY)
    assert sizes.vocabulary is not None
    return TokenEncoder(sizes.hidden, sizes.vocabulary)


def _padded(rows: Tensor, lengths: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Rows (all parts, …) as (wholes, longest, …), and a boolean array that says where there are parts."""
    longest = max(lengths)
    there = torch.arange(longest)[None] < torch.tensor(lengths)[:, None]
    there = there.to(rows.device)
    places = (there.flatten().cumsum(0) - 1).clamp(min=0).view(there.shape)
    # An embedding's gradient is summed in one order, also on a GPU.
    return nn.functional.embedding(places, rows), there


def _mean_and_maximum(rows: Tensor, lengths: Sequence[int]) -> Tensor:
    """The means of the rows of each whole beside their maxima: (wholes, 2 × width)."""
    padded, there = _padded(rows, lengths)
    shown = there[..., None]
    mean = (padded * shown).sum(1) / shown.sum(1)
    return torch.cat([mean, padded.masked_fill(~shown, FORBIDDEN).amax(1)], 1)
