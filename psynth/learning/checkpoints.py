"""Checkpoints: the state of a training run on disk, from which only the same run continues."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psynth.core.errors import InputError, UsageError
from psynth.core.stream.records import encode
from psynth.learning.tensors import read_note, read_tensors, write_tensors

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

CHECKPOINT = "training.safetensors"
"""The name of the file in a model's folder."""
FORMAT = 2


class OtherTraining(UsageError):
    """A checkpoint of another training run, with other data or settings."""


def identity_of(*parts: Any) -> str:
    """The identity of a training run that depends on ``parts`` (JSON values): their SHA-256, in hexadecimal."""
    return hashlib.sha256(encode([FORMAT, *parts])).hexdigest()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The file with the state of the training run called ``identity``."""

    path: Path
    identity: str

    def save(self, network: nn.Module, optimizer: torch.optim.Optimizer, progress: Mapping[str, Any]) -> None:
        """Write the weights, the optimizer's state and ``progress``, a JSON object."""
        tensors: dict[str, Tensor] = {}
        for name, parameter in network.named_parameters():
            tensors[f"network.{name}"] = parameter
            for key, value in optimizer.state.get(parameter, {}).items():
                tensors[f"optimizer.{key}.{name}"] = value
        write_tensors(self.path, tensors, {"identity": self.identity, "progress": dict(progress)})

    def restore(self, network: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Any] | None:
        """Restore network and optimizer from the file, and return its progress; None if there is no file.

        Raises `OtherTraining` if the file is that of another training run, `InputError` if it is damaged.
        """
        if not self.path.exists():
            return None
        note = read_note(self.path)
        if note.get("identity") != self.identity:
            raise OtherTraining(f"{self.path}: a checkpoint with other data or settings")
        saved = read_tensors(self.path)
        try:
            _restore_network(network, saved)
            _restore_optimizer(optimizer, dict(network.named_parameters()), saved)
            progress = note["progress"]
        except (KeyError, ValueError) as error:
            raise InputError(f"damaged: {error}", source=str(self.path)) from error
        if not isinstance(progress, dict):
            raise InputError("damaged: its progress is not a JSON object", source=str(self.path))
        return progress


def _restore_network(network: nn.Module, saved: Mapping[str, Tensor]) -> None:
    for name, parameter in network.named_parameters():
        value = saved[f"network.{name}"]
        if value.shape != parameter.shape:
            raise ValueError(f"{name} has shape {list(value.shape)}, not {list(parameter.shape)}")
        parameter.data.copy_(value)


def _restore_optimizer(
    optimizer: torch.optim.Optimizer, parameters: Mapping[str, nn.Parameter], saved: Mapping[str, Tensor]
) -> None:
    for entry, value in saved.items():
        group, _, rest = entry.partition(".")
        if group == "optimizer":
            key, _, name = rest.partition(".")
            parameter = parameters[name]
            # A number, such as the count of steps, stays on the CPU, where the optimizer expects it.
            optimizer.state[parameter][key] = value if value.ndim == 0 else value.to(parameter.device)
