"""What a recognition network sees of a drawing: its pixels."""

from __future__ import annotations

from typing import Any

from psynth.plugins.features import ImageFeatures
from psynth.plugins.visible_task import VisibleTask

SIDE = 28
"""Rows and columns of a picture."""


class Pixels(ImageFeatures):
    """The picture of a task, white as 0 and black as 1."""

    shape = (1, SIDE, SIDE)

    def image(self, task: VisibleTask) -> Any:
        """The pixels of the first example's picture, whose rows are two hexadecimal digits for each."""
        import numpy as np

        rows = task.examples[0].output["image"]
        return np.array([[list(bytes.fromhex(row)) for row in rows]], dtype=np.float32) / 255
