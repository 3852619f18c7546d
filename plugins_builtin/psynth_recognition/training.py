"""Training: steps on random tasks, with checkpoints from which a killed run continues to the same bytes.

    psynth tasks list | psynth enumerate > solved.jsonl
    psynth sample --method cheapest --keep --count 5000 solved.jsonl | psynth relabel > dreams.jsonl
    psynth train --method recognition --model recognizer solved.jsonl dreams.jsonl -o model.jsonl

All random numbers depend only on (seed, step), so a checkpoint is the weights, the optimizer and the step.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from psynth.core.errors import UsageError
from psynth.core.seeds import stable_hash
from psynth.learning.checkpoints import CHECKPOINT, Checkpoint
from psynth.learning.model_folder import ModelFolder
from psynth_recognition.corpus import Corpus, Solved, draw
from psynth_recognition.network import Network, float_base
from psynth_recognition.objectives import Holes, log_probabilities, occurrence_loss, program_loss
from psynth_recognition.perceiving import Perceiver
from psynth_recognition.settings import Schedule

VALIDATED_TOGETHER = 64
"""Number of tasks in a batch of a validation."""
MOST_VALIDATED = 1024
"""Maximum number of tasks of either kind to validate on."""

Figures = dict[str, float]


class Training:
    """A network, its optimizer and its progress; ``reported`` has the metrics of each report with its step."""

    def __init__(
        self,
        network: Network,
        corpus: Corpus,
        perceiver: Perceiver[Any],
        schedule: Schedule,
        folder: ModelFolder,
        *,
        identity: str,
        seed: int,
        device: torch.device,
    ) -> None:
        self.network = network.to(device)
        self.corpus, self.perceiver, self.schedule, self.folder = corpus, perceiver, schedule, folder
        self.seed, self.device = seed, device
        self.base = float_base(corpus.base, device)
        self.masks = torch.from_numpy(corpus.masks).to(device)
        self.optimizer = torch.optim.Adam(
            self.network.parameters(), lr=schedule.rate, eps=schedule.epsilon, amsgrad=schedule.amsgrad
        )
        learned, held_out = corpus.split(schedule.validation, seed)
        self.replayed, self.dreams = self._by_kind(learned)
        self.held_out = self._by_kind(held_out)
        self.step = 0
        self.best = math.inf
        self.reported: list[tuple[int, Figures]] = []
        self.sums: Figures = {}
        self.stopped = False
        """Whether the time ran out before the last step."""
        self._checkpoint = Checkpoint(folder.path / CHECKPOINT, identity)

    def _by_kind(self, numbers: Sequence[int]) -> tuple[Any, Any]:
        """The numbers of the replayed tasks and of the dreams among some, as arrays."""
        dreams = [number for number in numbers if self.corpus.tasks[number].is_dream]
        replayed = [number for number in numbers if not self.corpus.tasks[number].is_dream]
        return np.array(replayed, dtype=np.int64), np.array(dreams, dtype=np.int64)

    def resume(self) -> bool:
        """Continue from the folder's checkpoint, and return whether there was one.

        Raises `OtherTraining` if it is of other data or settings, `InputError` if it is damaged.
        """
        progress = self._checkpoint.restore(self.network, self.optimizer)
        if progress is None:
            return False
        self.step = progress["step"]
        self.best = math.inf if progress["best"] is None else progress["best"]
        self.reported = [(step, figures) for step, figures in progress["reported"]]
        self.sums = progress["sums"]
        return True

    def save(self) -> None:
        """Write a checkpoint."""
        progress = {
            "step": self.step,
            "best": None if math.isinf(self.best) else self.best,
            "reported": [list(each) for each in self.reported],
            "sums": self.sums,
        }
        self._checkpoint.save(self.network, self.optimizer, progress)

    def run(self, advance: Callable[[int, str], None]) -> Iterator[tuple[int, Figures]]:
        """Train to the last step or until time runs out (at least one step), and yield all reports."""
        yield from list(self.reported)
        begun = saved = time.monotonic()
        while self.step < self.schedule.steps:
            figures = self._learn()
            self.step += 1
            self._add(figures)
            advance(1, f"loss {figures['train_loss']:.3f}")
            now = time.monotonic()
            out_of_time = self.schedule.timeout is not None and now - begun >= self.schedule.timeout
            if self.step % self.schedule.report == 0 or self.step == self.schedule.steps:
                yield self._report()
                saved = time.monotonic()
            elif out_of_time or now - saved >= self.schedule.checkpoint:
                self.save()
                saved = time.monotonic()
            if out_of_time and self.step < self.schedule.steps:
                self.stopped = True
                return

    def _add(self, figures: Figures) -> None:
        self.sums = {name: self.sums.get(name, 0.0) + value for name, value in (figures | {"steps": 1.0}).items()}

    def _report(self) -> tuple[int, Figures]:
        steps = self.sums.pop("steps")
        figures = {name: value / steps for name, value in self.sums.items()} | self._validate()
        self.sums = {}
        report = (self.step, figures)
        self.reported.append(report)
        judged = figures.get("validation_loss", figures["train_loss"])
        if judged < self.best:
            self.best = judged
            self.folder.write_weights(dict(self.network.named_parameters()), {"step": self.step})
        self.save()
        return report

    def _learn(self) -> Figures:
        """Perform one step; raises `UsageError` if the loss is not finite."""
        rng = np.random.default_rng(stable_hash(self.seed, "step", self.step))
        schedule = self.schedule
        numbers = draw(rng, self.replayed, self.dreams, schedule.dreams, schedule.batch)
        tasks = [self.corpus.tasks[number] for number in numbers]
        generator = torch.Generator(self.device).manual_seed(int(rng.integers(1 << 62)))
        loss, occurrence = self._losses(tasks, rng, schedule.loss, generator)
        total = loss + schedule.auxiliary * occurrence
        if not math.isfinite(float(total.detach())):
            raise UsageError(
                f"the loss is no longer finite, in step {self.step + 1}: lower --rate and start over (--overwrite)"
            )
        self.optimizer.zero_grad()
        total.backward()  # type: ignore[no-untyped-call, unused-ignore]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), schedule.clip)
        self.optimizer.step()
        return {"train_loss": float(loss.detach()), "train_auxiliary_loss": float(occurrence.detach())}

    def _losses(
        self, tasks: Sequence[Solved], rng: np.random.Generator | None, loss: str, generator: torch.Generator | None
    ) -> tuple[Tensor, Tensor]:
        seen = [self.perceiver.chosen(task.seen, rng) for task in tasks]
        changes, logits = self.network(seen)
        holes = Holes.of(tasks, self.device)
        found = log_probabilities(self.base + changes, self.masks, holes)
        return program_loss(found, holes, len(tasks), loss, generator), occurrence_loss(logits, tasks)

    @torch.no_grad()
    def _validate(self) -> Figures:
        """The mean loss on held-out tasks of each kind, and that of the library without a network.

        ``validation_loss`` weights both kinds as the steps do.
        """
        figures: Figures = {}
        for kind, numbers in zip(("replay", "dream"), self.held_out, strict=True):
            if len(numbers):
                loss, library = self._judge([self.corpus.tasks[number] for number in numbers[:MOST_VALIDATED]])
                figures |= {f"validation_{kind}_loss": loss, f"validation_{kind}_library_loss": library}
        share = self.schedule.dreams
        weights = {"replay": 1 - share, "dream": share}
        there = {kind: weight for kind, weight in weights.items() if f"validation_{kind}_loss" in figures}
        if there:
            total = sum(there.values()) or 1.0
            figures["validation_loss"] = sum(
                weight * figures[f"validation_{kind}_loss"] / total for kind, weight in there.items()
            )
        return figures

    def _judge(self, tasks: Sequence[Solved]) -> tuple[float, float]:
        found = 0.0
        for start in range(0, len(tasks), VALIDATED_TOGETHER):
            part = tasks[start : start + VALIDATED_TOGETHER]
            loss, _ = self._losses(part, None, "best", None)
            found += float(loss) * len(part)
        library = -sum(max(program.log_prior for program in task.programs) for task in tasks)
        return found / len(tasks), library / len(tasks)
