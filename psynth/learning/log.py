"""Logs of training metrics for TensorBoard."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from psynth.learning.extras import require


class TensorBoardLog:
    """A context manager that logs metrics to a folder; without a folder (None) it logs nothing.

    Raises `UsageError` if TensorBoard is not installed.
    """

    def __init__(self, folder: Path | None) -> None:
        self._writer: Any = None
        if folder is not None:
            require("--tensorboard", "torch", "tensorboard")
            from torch.utils.tensorboard import SummaryWriter

            self._writer = SummaryWriter(str(folder))  # type: ignore[no-untyped-call, unused-ignore]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()

    def write(self, step: int, figures: Mapping[str, float]) -> None:
        """Log the metrics of one step by name; ``train_loss`` is shown as ``loss`` in the section ``train``."""
        if self._writer is None:
            return
        for name, value in figures.items():
            self._writer.add_scalar(name.replace("_", "/", 1), value, step)
        self._writer.flush()
