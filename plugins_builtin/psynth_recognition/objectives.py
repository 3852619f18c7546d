"""The losses: how improbable the programs of a task are under the predicted weights, and what occurs in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from psynth_recognition.corpus import Solved
from psynth_recognition.encoders import FORBIDDEN


@dataclass(frozen=True, slots=True)
class Holes:
    """The holes of all programs of some tasks, program after program, as tensors.

    ``tasks`` has each hole's task, ``programs`` its program; ``owners`` has each program's task, ``constants`` and
    ``priors`` its constant and its log-probability under the library.
    """

    tasks: Tensor
    programs: Tensor
    contexts: Tensor
    choices: Tensor
    candidates: Tensor
    owners: Tensor
    constants: Tensor
    priors: Tensor

    @classmethod
    def of(cls, tasks: Sequence[Solved], device: torch.device) -> Holes:
        """The holes of tasks, which are numbered in their order."""
        programs = [(number, program) for number, task in enumerate(tasks) for program in task.programs]
        lengths = np.array([len(program.contexts) for _, program in programs])
        owners = np.array([number for number, _ in programs])

        def joined(name: str) -> Tensor:
            return torch.from_numpy(np.concatenate([getattr(each, name) for _, each in programs])).to(device)

        return cls(
            torch.from_numpy(np.repeat(owners, lengths)).to(device),
            torch.from_numpy(np.repeat(np.arange(len(programs)), lengths)).to(device),
            joined("contexts"),
            joined("choices"),
            joined("candidates"),
            torch.from_numpy(owners).to(device),
            torch.tensor([each.constant for _, each in programs], device=device),
            torch.tensor([each.log_prior for _, each in programs], device=device),
        )


def log_probabilities(weights: Tensor, masks: Tensor, holes: Holes) -> Tensor:
    """The log-probability of each program under the weights (tasks, contexts, productions + 1) of its task."""
    contexts = weights.shape[1]
    # An embedding's gradient is summed in one order, also on a GPU.
    rows = functional.embedding(holes.tasks * contexts + holes.contexts, weights.flatten(0, 1))
    possible = torch.log_softmax(rows.masked_fill(~masks[holes.candidates], FORBIDDEN), 1)
    chosen = possible.gather(1, holes.choices[:, None])[:, 0]
    return holes.constants.to(chosen.dtype).index_add(0, holes.programs, chosen)


def program_loss(found: Tensor, holes: Holes, tasks: int, loss: str, generator: torch.Generator | None) -> Tensor:
    """The mean over tasks of −log probability of the programs that a loss of that name looks at."""
    table = torch.full((tasks, int(torch.bincount(holes.owners).max())), FORBIDDEN, device=found.device)
    first = torch.searchsorted(holes.owners, torch.arange(tasks, device=found.device))
    places = torch.arange(len(found), device=found.device) - first[holes.owners]
    by_task = table.index_put((holes.owners, places), found)
    if loss == "best":
        return -by_task.amax(1).mean()
    posterior = torch.softmax(table.index_put((holes.owners, places), holes.priors), 1)
    if loss == "all":
        return -(posterior * by_task.masked_fill(posterior == 0, 0.0)).sum(1).mean()
    sampled = torch.multinomial(posterior, 1, generator=generator)
    return -by_task.gather(1, sampled).mean()


def occurrence_loss(logits: Tensor, tasks: Sequence[Solved]) -> Tensor:
    """The cross-entropy of which productions, and variables, the first program of each task has."""
    wanted = torch.zeros_like(logits, requires_grad=False)
    for row, task in enumerate(tasks):
        wanted[row, torch.from_numpy(np.unique(task.programs[0].choices)).to(logits.device)] = 1.0
    return functional.binary_cross_entropy_with_logits(logits, wanted)
