"""The batch of one training step: packed programs, and their demonstrations in some of their worlds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from psynth.learning.layers.packing import Packing
from psynth_leaps.corpus import Corpus


@dataclass(frozen=True, slots=True)
class ProgramBatch:
    """Packed programs: ``tokens`` to predict, the ``previous`` token of each, and the ``contexts`` of their holes."""

    packing: Packing
    tokens: Tensor
    previous: Tensor
    contexts: Tensor

    @classmethod
    def of(cls, tokens: Any, contexts: Any, lengths: Any, start: int, device: torch.device) -> ProgramBatch:
        """The batch of padded arrays; ``start`` is the token before the first."""
        packing = Packing.of(lengths)
        padded = torch.from_numpy(tokens)
        shifted = torch.cat([torch.full((len(padded), 1), start), padded[:, :-1]], 1)
        parts = [packing.pack(each).to(device) for each in (padded, shifted, torch.from_numpy(contexts))]
        return cls(packing.to(device), *parts)


@dataclass(frozen=True, slots=True)
class EpisodeBatch:
    """Packed demonstrations. ``programs`` is the position of each sorted sequence's program in the programs' packing.

    ``pairs`` are (program's position in the packing, world); ``done_lengths`` and ``done_actions`` (padded) have their
    actions.
    """

    packing: Packing
    programs: Tensor
    features: Tensor
    previous: Tensor
    actions: Tensor
    pairs: list[tuple[int, int]]
    done_lengths: Any
    done_actions: Any


@dataclass(frozen=True, slots=True)
class Batch:
    """Programs with their texts in the packing's order, and their demonstrations, if any."""

    programs: ProgramBatch
    texts: list[str]
    episodes: EpisodeBatch | None


def make_batch(
    corpus: Corpus,
    numbers: Any,
    *,
    demonstrations: int,
    most_actions: int,
    rng: np.random.Generator,
    device: torch.device,
) -> Batch:
    """The batch of the programs of these numbers, each with at most ``demonstrations`` episodes in its own worlds."""
    lengths = corpus.lengths[numbers]
    width = lengths.max()
    start = len(corpus.language.names)
    programs = ProgramBatch.of(
        corpus.tokens[numbers][:, :width], corpus.contexts[numbers][:, :width], lengths, start, device
    )
    ordered = numbers[programs.packing.order.cpu().numpy()]
    texts = [corpus.texts[number] for number in ordered]
    episodes = None
    if demonstrations and corpus.demonstrator is not None:
        pairs = []
        for place, number in enumerate(ordered):
            worlds = corpus.worlds[number]
            first = int(rng.integers(len(worlds)))
            pairs += [(place, worlds[(first + step) % len(worlds)]) for step in range(min(demonstrations, len(worlds)))]
        episodes = _episodes(corpus, texts, pairs, most_actions, device)
    return Batch(programs, texts, episodes)


def _episodes(
    corpus: Corpus, texts: list[str], pairs: list[tuple[int, int]], most_actions: int, device: torch.device
) -> EpisodeBatch:
    assert corpus.demonstrator is not None
    recorded = corpus.demonstrator.record(texts, pairs, most_actions, features=True)
    stop = len(corpus.demonstrator.actions)
    states = np.minimum(recorded.lengths, most_actions) + 1
    starts = torch.from_numpy(np.cumsum(states) - states)
    # An episode with more actions than are learned from has no end to predict, and one state more than needed.
    steps = np.where(recorded.lengths > most_actions, most_actions, states)
    packing = Packing.of(steps)
    sequence = packing.order[packing.rows]
    edge = np.full((len(pairs), 1), stop, dtype=np.int64)
    framed = torch.from_numpy(np.concatenate([edge, recorded.actions.astype(np.int64), edge], 1))
    features = torch.from_numpy(recorded.features.copy())[starts[sequence] + packing.steps]
    places = torch.tensor([place for place, _ in pairs])[packing.order]
    return EpisodeBatch(
        packing.to(device),
        places.to(device),
        features.to(device),
        framed[sequence, packing.steps].to(device),
        framed[sequence, packing.steps + 1].to(device),
        pairs,
        recorded.lengths,
        recorded.actions,
    )
