"""The common setting of all methods of ``psynth train``: the folder to write the model to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from psynth.core.errors import UsageError
from psynth.core.settings import setting


@dataclass(frozen=True)
class ModelDestination:
    """The base of training methods that write a model folder."""

    model: Path | None = setting(
        None, file="write", value="DIR", main=True, help="folder to write the model to (required)"
    )

    def destination(self) -> Path:
        """The folder to write to; raises `UsageError` if none was given."""
        if self.model is None:
            raise UsageError("--model: name the folder to write the model to")
        return self.model
