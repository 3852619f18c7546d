"""Training: steps on random programs, with checkpoints from which a killed run continues to the same bytes.

    psynth tasks list | psynth enumerate | psynth train --method policy --model policy -o model.jsonl
    psynth tasks list --split test | psynth sample --method policy --model policy

All random numbers depend only on (seed, step), so a checkpoint is the weights, the optimizer and the step.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch

from psynth.core.errors import UsageError
from psynth.core.seeds import stable_hash
from psynth.learning.checkpoints import CHECKPOINT, Checkpoint
from psynth.learning.model_folder import ModelFolder
from psynth_policy.corpus import Corpus, Lesson
from psynth_policy.network import Network, batches_of
from psynth_policy.reading import Numbers, Reader
from psynth_policy.settings import PolicySettings

MOST_VALIDATED = 1024
"""Maximum number of programs to validate on."""
NOT_LEARNED = -100
"""The label of padding, which no loss counts."""

Figures = dict[str, float]


class Training:
    """A network, its optimizer and its progress; ``before`` is the number of steps of earlier runs."""

    def __init__(
        self,
        network: Network,
        optimizer: torch.optim.Optimizer,
        corpus: Corpus,
        reader: Reader,
        settings: PolicySettings,
        folder: ModelFolder,
        *,
        rate: float,
        before: int,
        identity: str,
        seed: int,
        device: torch.device,
    ) -> None:
        self.network, self.optimizer = network, optimizer
        self.corpus, self.reader, self.settings, self.folder = corpus, reader, settings, folder
        self.rate, self.before, self.seed, self.device, self.identity = rate, before, seed, device, identity
        self.learned, held_out = corpus.split(settings.validation, seed)
        self.held_out = held_out[:MOST_VALIDATED]
        self.step = 0
        self.best = math.inf
        self.reported: list[tuple[int, Figures]] = []
        self.sums: Figures = {}
        self.stopped = False
        """Whether the time ran out before the last step."""
        self._checkpoint = Checkpoint(folder.path / CHECKPOINT, identity)
        self._epoch: tuple[int, list[list[int]]] = -1, []

    @property
    def steps(self) -> int:
        """The number of steps of the run."""
        return self.settings.epochs * self._steps_each

    @property
    def _steps_each(self) -> int:
        """The number of steps of an epoch."""
        return -(-len(self.learned) // self.settings.batch)

    def resume(self) -> bool:
        """Continue from the folder's checkpoint, and return whether there was one.

        Raises `OtherTraining` if it is of other data or settings, `InputError` if it is damaged.
        """
        progress = self._checkpoint.restore(self.network, self.optimizer)
        if progress is None:
            return False
        self.step, self.before = progress["step"], progress["before"]
        self.best = math.inf if progress["best"] is None else progress["best"]
        self.reported = [(step, figures) for step, figures in progress["reported"]]
        self.sums = progress["sums"]
        return True

    def save(self) -> None:
        """Write a checkpoint."""
        progress = {
            "step": self.step,
            "before": self.before,
            "best": None if math.isinf(self.best) else self.best,
            "reported": [list(each) for each in self.reported],
            "sums": self.sums,
        }
        self._checkpoint.save(self.network, self.optimizer, progress)

    def run(self, advance: Callable[[int, str], None]) -> Iterator[tuple[int, Figures]]:
        """Train to the last step or until time runs out (at least one step), and yield all reports."""
        yield from list(self.reported)
        begun = saved = time.monotonic()
        while self.step < self.steps:
            loss = self._learn()
            self.step += 1
            self.sums = {"loss": self.sums.get("loss", 0.0) + loss, "steps": self.sums.get("steps", 0.0) + 1}
            advance(1, f"loss {loss:.3f}")
            now = time.monotonic()
            out_of_time = self.settings.timeout is not None and now - begun >= self.settings.timeout
            if self.step % self.settings.report == 0 or self.step == self.steps:
                yield self._report()
                saved = time.monotonic()
            elif out_of_time or now - saved >= self.settings.checkpoint:
                self.save()
                saved = time.monotonic()
            if out_of_time and self.step < self.steps:
                self.stopped = True
                return

    def _report(self) -> tuple[int, Figures]:
        figures = {"train_loss": self.sums["loss"] / self.sums["steps"]}
        if self.held_out:
            figures["val_loss"] = self._validate()
        self.sums = {}
        report = (self.before + self.step, figures)
        self.reported.append(report)
        judged = figures.get("val_loss", figures["train_loss"])
        if judged < self.best or self.settings.keep == "last":
            self.best = judged
            self.folder.write_weights(dict(self.network.named_parameters()), {"step": self.before + self.step})
        self.save()
        return report

    def _learn(self) -> float:
        """Perform one step, and return its loss; raises `UsageError` if that is not finite."""
        numbers = self._batch()
        rng = np.random.default_rng(stable_hash(self.seed, "step", self.step))
        torch.manual_seed(stable_hash(self.seed, "dropout", self.step) >> 1)
        self.network.train()
        self.optimizer.zero_grad()
        rows = [self._row(self.corpus.lessons[number], rng) for number in numbers]
        total = sum(len(program) for _, program in rows)
        loss = 0.0
        size = -(-len(rows) // self.settings.accumulate)
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            # Each word counts alike, in whatever part it is.
            share = sum(len(program) for _, program in part) / total
            found = self._loss(part) * share
            found.backward()  # type: ignore[no-untyped-call, unused-ignore]
            loss += float(found.detach())
        if not math.isfinite(loss):
            raise UsageError(
                f"the loss is no longer finite, in step {self.step + 1}: lower --rate and start over (--overwrite)"
            )
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.clip)
        warm = min(1.0, (self.before + self.step + 1) / max(1, self.settings.warmup))
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * warm
        self.optimizer.step()
        return loss

    def _batch(self) -> list[int]:
        """The numbers of the programs of the current step."""
        epoch, place = divmod(self.step, self._steps_each)
        if self._epoch[0] != epoch:
            rng = np.random.default_rng(stable_hash(self.seed, "epoch", epoch))
            order = [self.learned[each] for each in rng.permutation(len(self.learned))]
            batches = list(batches_of(self._lengths, order, self.settings.batch))
            self._epoch = epoch, [batches[each] for each in rng.permutation(len(batches))]
        return self._epoch[1][place]

    @cached_property
    def _lengths(self) -> list[int]:
        """The length of what is read for each program, without a parent."""
        lengths = [len(self.reader.input(seen)) for seen in self.corpus.tasks]
        return [lengths[lesson.task] for lesson in self.corpus.lessons]

    def _row(self, lesson: Lesson, rng: np.random.Generator | None) -> tuple[Numbers, Numbers]:
        """What is read and what is written; a random description and parent with ``rng``, else the first ones."""
        seen = self.corpus.tasks[lesson.task]
        description = 0 if rng is None or not seen.descriptions else int(rng.integers(len(seen.descriptions)))
        parent = None
        if lesson.parents:
            parent = lesson.parents[0 if rng is None else int(rng.integers(len(lesson.parents)))]
        return self.reader.input(seen, description, parent), lesson.program

    def _loss(self, rows: Sequence[tuple[Numbers, Numbers]]) -> Any:
        pad = self.reader.vocabulary.pad
        read, there = _padded([each for each, _ in rows], pad)
        labels, _ = _padded([each for _, each in rows], NOT_LEARNED)
        mixed: Any = torch.autocast("cuda", torch.bfloat16) if self.device.type == "cuda" else contextlib.nullcontext()
        with mixed:
            return self.network(read.to(self.device), there.to(self.device), labels.to(self.device))

    @torch.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
    def _validate(self) -> float:
        """The mean loss of a word of the programs that are held out."""
        self.network.eval()
        rows = [self._row(self.corpus.lessons[number], None) for number in self.held_out]
        rows.sort(key=lambda row: len(row[0]))
        total = sum(len(program) for _, program in rows)
        found = 0.0
        for start in range(0, len(rows), self.settings.batch):
            part = rows[start : start + self.settings.batch]
            found += float(self._loss(part)) * sum(len(program) for _, program in part)
        return found / total


def _padded(rows: Sequence[Numbers], filler: int) -> tuple[Any, Any]:
    """Rows as one tensor, and where there are numbers."""
    longest = max(map(len, rows))
    found = np.full((len(rows), longest), filler, dtype=np.int64)
    there = np.zeros((len(rows), longest), dtype=np.int64)
    for number, row in enumerate(rows):
        found[number, : len(row)] = row
        there[number, : len(row)] = 1
    return torch.from_numpy(found), torch.from_numpy(there)
