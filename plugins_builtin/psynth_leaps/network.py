"""The network: a variational autoencoder of programs, and an executor that imitates a program from its latent vector.

After LEAPS (Trivedi et al., "Learning to Synthesize Programs as Interpretable and Generalizable Policies", NeurIPS
2021, section 4 and appendix): a recurrent encoder and decoder, and a policy given the latent vector, the state and the
previous action. Inputs that are constant along a sequence enter once; inputs that depend on a token alone are rows of a
table.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from psynth.learning.layers.packed_gru import PackedGRU
from psynth.learning.layers.packing import Packing
from psynth_leaps.language import ProgramLanguage
from psynth_leaps.settings import Widths
from psynth_leaps.syntax_mask import SyntaxMask, SyntaxTables

FIRST_DEVIATION = -2.0
"""The log standard deviation of latent vectors before training."""
SMALLEST_SIDE = 5
"""Minimum number of rows and columns for two convolutions without padding."""


@dataclass(frozen=True, kw_only=True)
class Sizes(Widths):
    """All sizes of a network; ``actions`` and ``features`` (the shape of a state's) are None without an executor."""

    productions: int
    token: int = 64
    actions: int | None = None
    features: tuple[int, ...] | None = None


class Encoder(nn.Module):
    """Maps programs to means and log standard deviations of latent vectors, from the last and the mean state."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.entering = nn.Linear(sizes.token, 3 * sizes.hidden)
        self.recurrence = PackedGRU(sizes.hidden)
        self.mean = nn.Linear(2 * sizes.hidden, sizes.latent)
        self.deviation = nn.Linear(2 * sizes.hidden, sizes.latent)
        # If vectors started as pure noise, the decoder would learn to ignore them.
        nn.init.constant_(self.deviation.bias, FIRST_DEVIATION)

    def forward(self, embedding: Tensor, tokens: Tensor, packing: Packing) -> tuple[Tensor, Tensor]:
        """``tokens`` are packed; the results are in the packing's order."""
        gates = nn.functional.embedding(tokens, self.entering(embedding))
        first = gates.new_zeros(packing.sizes[0], self.recurrence.weight.shape[1])
        states = self.recurrence(gates, None, first, packing.sizes)
        last = states[packing.last]
        sums = torch.zeros_like(last).index_add_(0, packing.rows, states)
        summary = torch.cat([last, sums / (packing.steps[packing.last] + 1)[:, None]], 1)
        return self.mean(summary), self.deviation(summary)


class Decoder(nn.Module):
    """Maps latent vectors to the next production; the start token has the number after the last production."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.entering = nn.Linear(sizes.token, 3 * sizes.hidden)
        self.constant = nn.Linear(sizes.latent, 3 * sizes.hidden, bias=False)
        self.first = nn.Linear(sizes.latent, sizes.hidden)
        self.recurrence = PackedGRU(sizes.hidden)
        self.from_state = nn.Linear(sizes.hidden, sizes.hidden)
        self.from_token = nn.Linear(sizes.token, sizes.hidden, bias=False)
        self.from_latent = nn.Linear(sizes.latent, sizes.hidden, bias=False)
        self.out = nn.Linear(sizes.hidden, sizes.productions)

    def forward(self, embedding: Tensor, previous: Tensor, latent: Tensor, packing: Packing) -> Tensor:
        """Logits of each step's production, unmasked; ``previous`` is packed, ``latent`` in the packing's order."""
        gates = nn.functional.embedding(previous, self.entering(embedding))
        first = torch.tanh(self.first(latent))
        states = self.recurrence(gates, self.constant(latent), first, packing.sizes)
        mixed = self.from_state(states) + nn.functional.embedding(previous, self.from_token(embedding))
        mixed = mixed + nn.functional.embedding(packing.rows, self.from_latent(latent))
        logits: Tensor = self.out(torch.tanh(mixed))
        return logits


class Executor(nn.Module):
    """The next action of a program, from its latent vector, the state's features and the previous action."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        assert sizes.actions is not None
        assert sizes.features is not None
        self.perceive = _perception(sizes.features, sizes.filters, sizes.executor)
        self.from_state = nn.Linear(sizes.executor, 3 * sizes.executor)
        self.from_action = nn.Embedding(sizes.actions + 1, 3 * sizes.executor)
        self.constant = nn.Linear(sizes.latent, 3 * sizes.executor, bias=False)
        self.first = nn.Linear(sizes.latent, sizes.executor)
        self.recurrence = PackedGRU(sizes.executor)
        self.out = nn.Sequential(
            nn.Linear(sizes.executor, sizes.executor), nn.Tanh(), nn.Linear(sizes.executor, sizes.actions + 1)
        )

    def forward(self, features: Tensor, previous: Tensor, latent: Tensor, packing: Packing) -> Tensor:
        """Logits of each step's action, the last one for the end; ``features`` and ``previous`` are packed."""
        gates = self.from_state(self.perceive(features)) + self.from_action(previous)
        first = torch.tanh(self.first(latent))
        logits: Tensor = self.out(self.recurrence(gates, self.constant(latent), first, packing.sizes))
        return logits

    def step(self, features: Tensor, previous: Tensor, latent: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
        """Logits of the next action of each world, and the recurrent state after it."""
        gates = self.from_state(self.perceive(features)) + self.from_action(previous) + self.constant(latent)
        state = self.recurrence.step(gates, torch.tanh(self.first(latent)) if state is None else state)
        return self.out(state), state


def _perception(features: tuple[int, ...], filters: int, out: int) -> nn.Module:
    """Two convolutions for planes, a linear layer for other features."""
    if len(features) != 3 or min(features[1:]) < SMALLEST_SIDE:
        return nn.Sequential(nn.Flatten(), nn.Linear(math.prod(features), out), nn.ReLU())
    planes, height, width = features
    area = (height - 4) * (width - 4)
    return nn.Sequential(
        nn.Conv2d(planes, filters, 3),
        nn.ReLU(),
        nn.Conv2d(filters, filters, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(filters * area, out),
        nn.ReLU(),
    )


class Network(nn.Module):
    """Encoder, decoder and, if the domain demonstrates programs, executor."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.embedding = nn.Embedding(sizes.productions + 1, sizes.token)
        self.encoder = Encoder(sizes)
        self.decoder = Decoder(sizes)
        self.executor = Executor(sizes) if sizes.actions is not None else None

    @property
    def start(self) -> int:
        """The token before the first production."""
        return self.sizes.productions

    def compute_in_bfloat16(self, chosen: bool) -> None:
        """Compute recurrent products in bfloat16, or not."""
        for module in self.modules():
            if isinstance(module, PackedGRU):
                module.in_bfloat16 = chosen

    def encode(self, tokens: Tensor, packing: Packing) -> tuple[Tensor, Tensor]:
        """Means and log standard deviations, in the packing's order."""
        found: tuple[Tensor, Tensor] = self.encoder(self.embedding.weight, tokens, packing)
        return found

    def logits(self, previous: Tensor, latent: Tensor, packing: Packing) -> Tensor:
        """Unmasked logits of each step's production."""
        found: Tensor = self.decoder(self.embedding.weight, previous, latent, packing)
        return found


@dataclass(frozen=True, slots=True)
class Decoded:
    """Programs in tokens (programs, steps), padded with 0 after each one's end; ``lengths`` counts productions."""

    tokens: Tensor
    lengths: Tensor


@torch.no_grad()
def decode(
    network: Network,
    tables: SyntaxTables,
    latent: Tensor,
    max_length: int,
    *,
    generator: torch.Generator | None = None,
) -> Decoded:
    """The likeliest production at each step under the syntax mask or, with a generator, sampled productions."""
    decoder, table = network.decoder, network.embedding.weight
    entering, from_token = decoder.entering(table), decoder.from_token(table)
    constant, from_latent = decoder.constant(latent), decoder.from_latent(latent)
    state = torch.tanh(decoder.first(latent))
    mask = SyntaxMask(tables, latent.shape[0], max_length)
    previous = torch.full((latent.shape[0],), network.start, device=latent.device)
    tokens = torch.zeros((latent.shape[0], max_length), dtype=torch.long, device=latent.device)
    lengths = torch.zeros_like(previous)
    for step in range(max_length):
        going = mask.open
        if not bool(going.any()):
            break
        state = decoder.recurrence.step(entering[previous] + constant, state)
        logits = decoder.out(torch.tanh(decoder.from_state(state) + from_token[previous] + from_latent))
        # A complete program has no allowed production; its row is not used.
        masked = logits.masked_fill(~(mask.allowed() | ~going[:, None]), -torch.inf)
        if generator is None:
            chosen = masked.argmax(1)
        else:
            noise = torch.rand(masked.shape, generator=generator, device=masked.device).clamp_(min=1e-20)
            chosen = (masked - torch.log(-torch.log(noise))).argmax(1)
        tokens[:, step] = torch.where(going, chosen, 0)
        lengths += going.long()
        mask.append(chosen)
        previous = chosen
    return Decoded(tokens, lengths)


def written(language: ProgramLanguage, decoded: Decoded) -> list[str]:
    """The terms of decoded programs."""
    rows = zip(decoded.tokens.tolist(), decoded.lengths.tolist(), strict=True)
    return [language.write(tokens[:length]) for tokens, length in rows]
