"""Training: epochs over a corpus with checkpoints, so that a run that was killed goes on and ends with the same bytes.

Everything random comes from (seed, epoch, step), so a checkpoint is the weights, the optimizer and where it stands.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from psynth.core.errors import UsageError
from psynth.core.seeds import stable_hash
from psynth_leaps.batch import make_batch
from psynth_leaps.corpus import Corpus, batches
from psynth_leaps.folder import TRAINING, WEIGHTS, read_weights, write_weights
from psynth_leaps.network import Network
from psynth_leaps.objectives import (
    Sums,
    Weights,
    divergence,
    executor_logits,
    masked_logits,
    reinforce,
)
from psynth_leaps.syntax_mask import SyntaxTables
from psynth_leaps.validation import validate


@dataclass(frozen=True, slots=True)
class Schedule:
    """How training goes; times in seconds. ``losses`` has P, and L and R where they are wanted."""

    losses: str
    epochs: int
    batch: int
    rate: float
    decay: float
    decay_every: int
    clip: float
    demonstrations: int
    most_actions: int
    max_length: int
    weights: Weights
    reinforce_from: float
    reinforce_every: int
    validation: float
    half: bool
    max_time: float | None
    checkpoint: float


class Training:
    """A network, its optimizer, and how far they are; ``figures`` has those of each finished epoch."""

    def __init__(
        self, network: Network, corpus: Corpus, schedule: Schedule, folder: Path, seed: int, device: torch.device
    ) -> None:
        self.network = network.to(device)
        self.network.compute_in_half(schedule.half)
        self.corpus, self.schedule, self.folder, self.seed, self.device = corpus, schedule, folder, seed, device
        self.tables = SyntaxTables(corpus.language, device)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=schedule.rate)
        self.learned, self.held_out = corpus.split(schedule.validation, seed)
        self.epoch = self.step = 0
        self.best = math.inf
        self.figures: list[dict[str, float]] = []
        self.sums = Sums({})
        self.stopped = False
        """Whether the time ran out before the last epoch."""

    def resume(self, identity: str) -> bool | None:
        """Go on from a checkpoint: True if there was one, None if it is that of another training."""
        path = self.folder / TRAINING
        if not path.exists():
            return False
        tensors, note = read_weights(path, self.device)
        if note.get("identity") != identity:
            return None
        names = dict(self.network.named_parameters())
        self.network.load_state_dict({name: tensors[f"network.{name}"] for name in names})
        for name, parameter in names.items():
            if f"first.{name}" in tensors:
                self.optimizer.state[parameter] = {
                    "step": tensors[f"step.{name}"].cpu(),
                    "exp_avg": tensors[f"first.{name}"],
                    "exp_avg_sq": tensors[f"second.{name}"],
                }
        self.epoch, self.step = note["epoch"], note["step"]
        self.best = math.inf if note["best"] is None else note["best"]
        self.figures = note["figures"]
        self.sums = Sums(note["sums"])
        return True

    def save(self, identity: str) -> None:
        """Write a checkpoint."""
        tensors: dict[str, Tensor] = {}
        for name, parameter in self.network.named_parameters():
            tensors[f"network.{name}"] = parameter
            state = self.optimizer.state.get(parameter)
            if state:
                tensors[f"step.{name}"] = state["step"]
                tensors[f"first.{name}"], tensors[f"second.{name}"] = state["exp_avg"], state["exp_avg_sq"]
        note = {
            "identity": identity,
            "epoch": self.epoch,
            "step": self.step,
            "best": None if math.isinf(self.best) else self.best,
            "figures": self.figures,
            "sums": self.sums.totals,
        }
        write_weights(self.folder / TRAINING, tensors, note)

    def run(self, identity: str, advance: Callable[[int, str], None]) -> Iterator[dict[str, float]]:
        """Train to the last epoch or until the time is over (one step at least); yields all epochs' figures."""
        yield from list(self.figures)
        begun = saved = time.monotonic()
        while self.epoch < self.schedule.epochs:
            order = list(batches(self.learned, self.corpus.lengths, self.schedule.batch, self._rng("order")))
            for numbers in order[self.step :]:
                figures = self._learn(numbers)
                self.sums.add(figures, len(numbers))
                self.step += 1
                advance(len(numbers), f"epoch {self.epoch + 1}, loss {figures['loss']:.3f}")
                if time.monotonic() - saved >= self.schedule.checkpoint:
                    self.save(identity)
                    saved = time.monotonic()
                limit = self.schedule.max_time
                if limit is not None and time.monotonic() - begun >= limit:
                    self.stopped = True
                    self.save(identity)
                    return
            yield self._finish_epoch(identity)
            saved = time.monotonic()

    def _finish_epoch(self, identity: str) -> dict[str, float]:
        figures = {f"train_{name}": value for name, value in self.sums.means().items()}
        figures |= validate(
            self.network, self.tables, self.corpus, self.held_out, self.schedule, self._rng("validation")
        )
        self.epoch, self.step, self.sums = self.epoch + 1, 0, Sums({})
        self.figures.append(figures)
        judged = figures.get("validation_loss", figures["train_loss"])
        if judged < self.best:
            self.best = judged
            write_weights(self.folder / WEIGHTS, dict(self.network.named_parameters()), {"epoch": self.epoch})
        self.save(identity)
        return figures

    def _rng(self, what: str) -> np.random.Generator:
        return np.random.default_rng(stable_hash(self.seed, what, self.epoch, self.step if what == "step" else 0))

    def _learn(self, numbers: Any) -> dict[str, float]:
        schedule, network = self.schedule, self.network
        rng = self._rng("step")
        generator = torch.Generator(self.device).manual_seed(int(rng.integers(1 << 62)))
        shown = schedule.demonstrations if len(schedule.losses) > 1 else 0
        batch = make_batch(
            self.corpus,
            numbers,
            demonstrations=shown,
            most_actions=schedule.most_actions,
            rng=rng,
            device=self.device,
        )
        figures: dict[str, float] = {}
        with self._precision():
            mean, deviation = network.encode(batch.programs.tokens, batch.programs.packing)
            mean, deviation = mean.float(), deviation.float()
            noise = torch.randn(mean.shape, generator=generator, device=self.device)
            latent = mean + torch.exp(deviation) * noise
            logits = masked_logits(network, self.tables, batch.programs, latent)
            program = functional.cross_entropy(logits, batch.programs.tokens)
            apart = divergence(mean, deviation)
            loss = program + schedule.weights.divergence * apart
            figures |= {"program_loss": float(program.detach()), "divergence": float(apart.detach())}
            if "l" in schedule.losses and batch.episodes is not None:
                imitated = functional.cross_entropy(
                    executor_logits(network, batch.episodes, latent), batch.episodes.actions
                )
                loss = loss + schedule.weights.executor * imitated
                figures["executor_loss"] = float(imitated.detach())
            if "r" in schedule.losses and self.step % schedule.reinforce_every == 0 and self._decodes_well():
                drawn, reward = reinforce(
                    network,
                    self.tables,
                    self.corpus,
                    batch,
                    latent,
                    schedule.max_length,
                    schedule.weights.entropy,
                    generator,
                )
                loss = loss + schedule.weights.reinforce * drawn
                figures |= {"reinforce_loss": float(drawn.detach()), "reward": reward}
        figures["loss"] = float(loss.detach())
        if not math.isfinite(figures["loss"]):
            raise UsageError(
                f"the loss is no number any more, in epoch {self.epoch + 1}: lower --rate and begin anew (--overwrite)"
            )
        self._update(loss)
        return figures

    def _update(self, loss: Tensor) -> None:
        schedule = self.schedule
        rate = schedule.rate * schedule.decay ** (self.epoch // schedule.decay_every)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), schedule.clip)
        self.optimizer.step()

    def _decodes_well(self) -> bool:
        """Whether programs are decoded well enough that rewarding their behavior helps, as in LEAPS."""
        known = self.figures[-1].get("validation_program_accuracy", 0.0) if self.figures else 0.0
        return known >= self.schedule.reinforce_from

    def _precision(self) -> contextlib.AbstractContextManager[Any]:
        if not self.schedule.half:
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, torch.bfloat16)
