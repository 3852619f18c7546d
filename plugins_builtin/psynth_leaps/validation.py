"""The metrics of a network on held-out programs: losses, greedy reconstruction, and the executor's actions."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.nn import functional

from psynth_leaps.batch import Batch, EpisodeBatch, make_batch
from psynth_leaps.corpus import Corpus, batches
from psynth_leaps.network import Network, decode
from psynth_leaps.objectives import Sums, divergence, executor_logits, masked_logits
from psynth_leaps.settings import Schedule
from psynth_leaps.syntax_mask import SyntaxTables

MOST = 2048
"""Maximum number of programs to validate an epoch on."""


@torch.no_grad()
def validate(
    network: Network, tables: SyntaxTables, corpus: Corpus, held_out: Any, schedule: Schedule, rng: np.random.Generator
) -> dict[str, float]:
    """Metrics by name, each starting with ``validation_``; none without held-out programs.

    Latent vectors are the means. Token accuracies are over the longer of the decoded program and the true one; those of
    actions and episodes are given the true previous actions or, if ``free``, the executor's own.
    """
    sums = Sums({})
    for numbers in batches(held_out[:MOST], corpus.lengths, schedule.batch, rng):
        batch = make_batch(
            corpus,
            numbers,
            demonstrations=1 if schedule.imitates else 0,
            most_actions=schedule.most_actions,
            rng=rng,
            device=tables.allowed.device,
        )
        sums.add(_judge(network, tables, corpus, batch, schedule), len(numbers))
    return {f"validation_{name}": value for name, value in sums.means().items()}


def _judge(
    network: Network, tables: SyntaxTables, corpus: Corpus, batch: Batch, schedule: Schedule
) -> dict[str, float]:
    programs = batch.programs
    latent, deviation = network.encode(programs.tokens, programs.packing)
    loss = functional.cross_entropy(masked_logits(network, tables, programs, latent), programs.tokens)
    apart = divergence(latent, deviation)
    figures = {"program_loss": float(loss), "divergence": float(apart)}
    figures["loss"] = figures["program_loss"] + schedule.beta * figures["divergence"]
    decoded = decode(network, tables, latent, schedule.max_length)
    true = torch.full_like(decoded.tokens, -1)
    packing = programs.packing
    true[packing.rows, packing.steps] = programs.tokens
    lengths = torch.bincount(packing.rows, minlength=len(true))
    within = torch.arange(schedule.max_length, device=true.device) < decoded.lengths[:, None]
    same = (decoded.tokens == true) & within
    right = same.sum(1) / torch.maximum(lengths, decoded.lengths)
    figures["token_accuracy"] = float(right.mean())
    figures["program_accuracy"] = float((right == 1).float().mean())
    if batch.episodes is not None:
        imitated = _imitation(network, batch.episodes, latent)
        figures |= imitated | _free(network, corpus, batch.episodes, latent, schedule.most_actions)
        figures["loss"] += schedule.executor_weight * imitated["executor_loss"]
    return figures


def _imitation(network: Network, episodes: EpisodeBatch, latent: torch.Tensor) -> dict[str, float]:
    logits = executor_logits(network, episodes, latent)
    right = logits.argmax(1) == episodes.actions
    wrong = torch.zeros(episodes.packing.sizes[0], device=right.device).index_add_(
        0, episodes.packing.rows, (~right).float()
    )
    return {
        "executor_loss": float(functional.cross_entropy(logits, episodes.actions)),
        "action_accuracy": float(right.float().mean()),
        "episode_accuracy": float((wrong == 0).float().mean()),
    }


def _free(
    network: Network, corpus: Corpus, episodes: EpisodeBatch, latent: torch.Tensor, most_actions: int
) -> dict[str, float]:
    """The share of episodes in which the executor, on its own, takes exactly the program's actions."""
    assert network.executor is not None
    assert corpus.demonstrator is not None
    stop = len(corpus.demonstrator.actions)
    worlds = corpus.demonstrator.stepper([world for _, world in episodes.pairs])
    rows = torch.tensor([place for place, _ in episodes.pairs], device=latent.device)
    latent = latent[rows]
    previous = torch.full((len(rows),), stop, device=latent.device)
    state = None
    wanted = np.concatenate([episodes.done_actions, np.full((len(rows), 1), stop, np.uint8)], 1)
    alike = np.ones(len(rows), dtype=bool)
    for step in range(most_actions):
        features = torch.from_numpy(worlds.features().copy()).to(latent.device, latent.dtype)
        logits, state = network.executor.step(features, previous, latent, state)
        previous = logits.argmax(1)
        chosen = previous.cpu().numpy().astype(np.uint8)
        alike &= (chosen == wanted[:, step]) | (episodes.done_lengths < step)
        worlds.step(chosen.tobytes())
    return {"free_episode_accuracy": float(alike.mean())}
