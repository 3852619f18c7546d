"""The device that computes a network, and deterministic computation on it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from psynth.core.errors import UsageError

if TYPE_CHECKING:
    import torch
    from torch import nn

Network = TypeVar("Network", bound="nn.Module")


def device_of(name: str) -> torch.device:
    """The device for a setting ``auto`` (a GPU if there is one), ``cpu`` or ``cuda``.

    Raises `UsageError` for ``cuda`` if PyTorch finds no such device.
    """
    import torch

    if name == "cuda" and not torch.cuda.is_available():
        raise UsageError("--device cuda: PyTorch finds no such device")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def trainable(build: Callable[[], Network], device: torch.device) -> Network:
    """The network that ``build`` makes, on the CPU, if its training fits into the memory of ``device``.

    UsageError before anything is allocated if the weights with their gradients and the two moments of Adam do not.
    """
    import torch

    try:
        with torch.device("meta"):
            network = build()
    except (RuntimeError, OverflowError) as error:
        raise UsageError(f"no network has such sizes: {error}") from error
    needed = 4 * sum(each.numel() * each.element_size() for each in network.parameters())
    there = _memory_of(device)
    if needed > there:
        raise UsageError(
            f"training this network needs {needed / 2**30:,.1f} GiB, and {device.type} has {there / 2**30:,.1f}; "
            "choose smaller sizes"
        )
    return build()


def _memory_of(device: torch.device) -> int:
    """The memory of a device in bytes; on the CPU that of the machine, or of this process if it is limited."""
    import resource

    import torch

    if device.type == "cuda":
        return int(torch.cuda.get_device_properties(device).total_memory)
    installed = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return installed if limit == resource.RLIM_INFINITY else min(installed, limit)


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
