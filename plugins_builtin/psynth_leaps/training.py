"""Training: epochs over a corpus, with checkpoints from which a killed run continues to the same bytes.

    psynth sample -d karel --count 2000 --demonstrations 5 -o programs.jsonl
    psynth train --method embedding --model leaps --epochs 10 programs.jsonl -o model.jsonl

This takes half a minute of CPU time. The validation loss falls from 3.18 after the first epoch to 2.30 after the last,
its part for programs (``program_loss``) from 1.72 to 1.28. A model to search with takes 50,000 programs and 150 epochs.

All random numbers depend only on (seed, epoch, step), so a checkpoint is the weights, the optimizer and the step.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from psynth.core.errors import UsageError
from psynth.core.seeds import stable_hash
from psynth.learning.checkpoints import CHECKPOINT, Checkpoint
from psynth.learning.model_folder import ModelFolder
from psynth_leaps.batch import Batch, make_batch
from psynth_leaps.corpus import Corpus, batches
from psynth_leaps.network import Network
from psynth_leaps.objectives import (
    Sums,
    divergence,
    executor_logits,
    masked_logits,
    reinforce,
)
from psynth_leaps.settings import Schedule
from psynth_leaps.syntax_mask import SyntaxTables
from psynth_leaps.validation import validate


class Training:
    """A network, its optimizer and its progress; ``figures`` has the metrics of each finished epoch."""

    def __init__(
        self,
        network: Network,
        corpus: Corpus,
        schedule: Schedule,
        folder: ModelFolder,
        *,
        identity: str,
        seed: int,
        device: torch.device,
    ) -> None:
        self.network = network.to(device)
        self.network.compute_in_bfloat16(schedule.in_bfloat16)
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
        self._checkpoint = Checkpoint(folder.path / CHECKPOINT, identity)

    def resume(self) -> bool:
        """Continue from the folder's checkpoint, and return whether there was one.

        Raises `OtherTraining` if it is of other programs or settings, `InputError` if it is damaged.
        """
        progress = self._checkpoint.restore(self.network, self.optimizer)
        if progress is None:
            return False
        self.epoch, self.step = progress["epoch"], progress["step"]
        self.best = math.inf if progress["best"] is None else progress["best"]
        self.figures = progress["figures"]
        self.sums = Sums(progress["sums"])
        return True

    def save(self) -> None:
        """Write a checkpoint."""
        progress = {
            "epoch": self.epoch,
            "step": self.step,
            "best": None if math.isinf(self.best) else self.best,
            "figures": self.figures,
            "sums": self.sums.totals,
        }
        self._checkpoint.save(self.network, self.optimizer, progress)

    def run(self, advance: Callable[[int, str], None]) -> Iterator[dict[str, float]]:
        """Train to the last epoch or until time runs out (at least one step), and yield the metrics of all epochs."""
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
                    self.save()
                    saved = time.monotonic()
                limit = self.schedule.timeout
                if limit is not None and time.monotonic() - begun >= limit:
                    self.stopped = True
                    self.save()
                    return
            yield self._finish_epoch()
            saved = time.monotonic()

    def _finish_epoch(self) -> dict[str, float]:
        figures = {f"train_{name}": value for name, value in self.sums.means().items()}
        figures |= validate(
            self.network, self.tables, self.corpus, self.held_out, self.schedule, self._rng("validation")
        )
        self.epoch, self.step, self.sums = self.epoch + 1, 0, Sums({})
        self.figures.append(figures)
        judged = figures.get("validation_loss", figures["train_loss"])
        if judged < self.best:
            self.best = judged
            self.folder.write_weights(dict(self.network.named_parameters()), {"epoch": self.epoch})
        self.save()
        return figures

    def _rng(self, what: str) -> np.random.Generator:
        return np.random.default_rng(stable_hash(self.seed, what, self.epoch, self.step if what == "step" else 0))

    def _learn(self, numbers: Any) -> dict[str, float]:
        """Perform one step on the programs with these numbers; raises `UsageError` if the loss is not finite."""
        rng = self._rng("step")
        generator = torch.Generator(self.device).manual_seed(int(rng.integers(1 << 62)))
        batch = make_batch(
            self.corpus,
            numbers,
            demonstrations=self.schedule.demonstrations if self.schedule.demonstrates else 0,
            most_actions=self.schedule.most_actions,
            rng=rng,
            device=self.device,
        )
        with self._precision():
            loss, figures = self._loss(batch, generator)
        figures["loss"] = float(loss.detach())
        if not math.isfinite(figures["loss"]):
            raise UsageError(
                f"the loss is no longer finite, in epoch {self.epoch + 1}: lower --rate and start over (--overwrite)"
            )
        self._update(loss)
        return figures

    def _loss(self, batch: Batch, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        """The weighted sum of LEAPS' losses, and its terms by name."""
        schedule, network = self.schedule, self.network
        mean, deviation = network.encode(batch.programs.tokens, batch.programs.packing)
        mean, deviation = mean.float(), deviation.float()
        noise = torch.randn(mean.shape, generator=generator, device=self.device)
        latent = mean + torch.exp(deviation) * noise
        logits = masked_logits(network, self.tables, batch.programs, latent)
        program = functional.cross_entropy(logits, batch.programs.tokens)
        apart = divergence(mean, deviation)
        loss = program + schedule.beta * apart
        figures = {"program_loss": float(program.detach()), "divergence": float(apart.detach())}
        if schedule.imitates and batch.episodes is not None:
            imitated = functional.cross_entropy(
                executor_logits(network, batch.episodes, latent), batch.episodes.actions
            )
            loss = loss + schedule.executor_weight * imitated
            figures["executor_loss"] = float(imitated.detach())
        if schedule.reinforces and self.step % schedule.reinforce_every == 0 and self._decodes_well():
            rewarded, reward = reinforce(
                network, self.tables, self.corpus, batch, latent, schedule.max_length, schedule.entropy, generator
            )
            loss = loss + schedule.reinforce_weight * rewarded
            figures |= {"reinforce_loss": float(rewarded.detach()), "reward": reward}
        return loss, figures

    def _update(self, loss: Tensor) -> None:
        schedule = self.schedule
        rate = schedule.rate * schedule.decay ** (self.epoch // schedule.decay_every)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call, unused-ignore]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), schedule.clip)
        self.optimizer.step()

    def _decodes_well(self) -> bool:
        """Whether enough held-out programs are reconstructed for the loss L^R to help, as in LEAPS."""
        known = self.figures[-1].get("validation_program_accuracy", 0.0) if self.figures else 0.0
        return known >= self.schedule.reinforce_from

    def _precision(self) -> contextlib.AbstractContextManager[Any]:
        if not self.schedule.in_bfloat16:
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, torch.bfloat16)
