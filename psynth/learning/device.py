"""The device that computes a network, and deterministic computation on it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from psynth.core.errors import UsageError

if TYPE_CHECKING:
    import torch


def device_of(name: str) -> torch.device:
    """The device for a setting ``auto`` (a GPU if there is one), ``cpu`` or ``cuda``.

    Raises `UsageError` for ``cuda`` if PyTorch finds no such device.
    """
    import torch

    if name == "cuda" and not torch.cuda.is_available():
        raise UsageError("--device cuda: PyTorch finds no such device")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def make_deterministic(device: torch.device, *, seed: int, threads: int) -> None:
    """Make results deterministic, bit for bit, given the code, the machine and the versions of packages.

    ``seed`` (below 2⁶³) is that of the initial weights. ``threads`` is the number of threads of an operation on the
    CPU: sums are split among them, so the number affects rounding. On a GPU deterministic algorithms are chosen;
    PyTorch warns of an operation that has none.
    """
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    if device.type == "cuda":
        # cuBLAS reads the variable when it starts; without it, the order of sums of products varies.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True, warn_only=True)
