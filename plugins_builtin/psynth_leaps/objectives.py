"""LEAPS' three losses, each a mean.

The names are LEAPS' (section 4.2 of the paper): L^P reconstructs the program, plus the divergence of a β-VAE; L^L
imitates the program's actions; L^R rewards programs sampled from the decoder for behaving like the encoded one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from psynth_leaps.batch import Batch, EpisodeBatch, ProgramBatch
from psynth_leaps.corpus import Corpus
from psynth_leaps.network import Network, decode, written
from psynth_leaps.syntax_mask import SyntaxTables

FORBIDDEN = -1e30
"""The logit of a production that the syntax forbids: practically −∞, whose derivatives would be NaN."""


def masked_logits(network: Network, tables: SyntaxTables, programs: ProgramBatch, latent: Tensor) -> Tensor:
    """The logits of each step, those of forbidden productions practically −∞."""
    logits = network.logits(programs.previous, latent, programs.packing).float()
    return logits.masked_fill(~tables.allowed[programs.contexts], FORBIDDEN)


def divergence(mean: Tensor, deviation: Tensor) -> Tensor:
    """The Kullback–Leibler divergence from the standard normal distribution, a mean over dimensions."""
    return 0.5 * (mean.square() + torch.exp(2 * deviation) - 2 * deviation - 1).mean()


def executor_logits(network: Network, episodes: EpisodeBatch, latent: Tensor) -> Tensor:
    """Logits of each step's action; ``latent`` is in the programs' order."""
    assert network.executor is not None
    features = episodes.features.to(latent.dtype)
    logits: Tensor = network.executor(features, episodes.previous, latent[episodes.programs], episodes.packing)
    return logits.float()


def behavior_match(wanted: EpisodeBatch, lengths: Any, actions: Any, count: int) -> Any:
    """The similarity of behavior from 0 to 1: length of the common prefix over the longer length, a mean per program.

    States follow from actions, so this is LEAPS' share of common states without the first. Numpy arrays in the order of
    ``wanted.pairs``; ``count`` is the number of programs.
    """
    width = actions.shape[1]
    common = np.cumprod((actions == wanted.done_actions), axis=1)
    same = np.minimum(common.sum(1), np.minimum(lengths, wanted.done_lengths))
    longest = np.maximum(np.minimum(lengths, width), np.minimum(wanted.done_lengths, width))
    share = np.where(longest == 0, 1.0, same / np.maximum(longest, 1))
    places = np.array([place for place, _ in wanted.pairs])
    return np.bincount(places, share, count) / np.maximum(np.bincount(places, minlength=count), 1)


def reinforce(
    network: Network,
    tables: SyntaxTables,
    corpus: Corpus,
    batch: Batch,
    latent: Tensor,
    max_length: int,
    entropy: float,
    generator: torch.Generator,
) -> tuple[Tensor, float]:
    """The loss L^R and the mean reward of programs sampled from the decoder, with standardized advantages."""
    assert corpus.demonstrator is not None
    assert batch.episodes is not None
    drawn = decode(network, tables, latent.detach(), max_length, generator=generator)
    texts = written(corpus.language, drawn)
    recorded = corpus.demonstrator.record(texts, batch.episodes.pairs, batch.episodes.done_actions.shape[1])
    rewards = behavior_match(batch.episodes, recorded.lengths, recorded.actions, len(texts))
    advantages = torch.from_numpy((rewards - rewards.mean()) / (rewards.std() + 1e-6)).float().to(latent.device)
    programs = _drawn(corpus, drawn.tokens.cpu().numpy(), drawn.lengths.cpu().numpy(), network.start, latent.device)
    order = programs.packing.order
    log_shares = functional.log_softmax(masked_logits(network, tables, programs, latent[order]), 1)
    chosen = log_shares.gather(1, programs.tokens[:, None])[:, 0]
    spread = -(log_shares.exp() * log_shares).sum(1).mean()
    return -(chosen * advantages[order][programs.packing.rows]).mean() - entropy * spread, float(rewards.mean())


def _drawn(corpus: Corpus, tokens: Any, lengths: Any, start: int, device: torch.device) -> ProgramBatch:
    width = lengths.max()
    contexts = np.zeros((len(tokens), width), dtype=np.int64)
    for row, length in enumerate(lengths):
        contexts[row, :length] = corpus.language.contexts(tokens[row, :length].tolist())
    return ProgramBatch.of(np.ascontiguousarray(tokens[:, :width]), contexts, lengths, start, device)


@dataclass
class Sums:
    """Means of metrics over an epoch, kept as sum and weight of each, since not all steps have all metrics."""

    totals: dict[str, list[float]]

    def add(self, figures: dict[str, float], weight: float) -> None:
        """Add metrics that are means over ``weight`` programs."""
        for name, value in figures.items():
            total = self.totals.setdefault(name, [0.0, 0.0])
            total[0] += value * weight
            total[1] += weight

    def means(self) -> dict[str, float]:
        """The mean of each metric."""
        return {name: total / weight for name, (total, weight) in self.totals.items()}
