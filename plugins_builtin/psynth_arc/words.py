"""Grids as words for policies: size, background, and the cells of each other color (the encoding of CodeIt).

After Butt et al. (2024), "CodeIt: Self-improving language models with prioritized hindsight replay", with one order for
equal grids: the background is the most common color, of several the least, colors ascend, and cells go by rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from psynth.core.errors import InputError
from psynth.plugins.task_words import TaskWords
from psynth_arc.grids import COLORS, SIDE, shaped_grid


class GridWords(TaskWords):
    """Grids of at most 30 by 30; any other value by its JSON, as programs may return anything."""

    known: Sequence[str] = (
        *TaskWords.known,
        *(f"background={color}" for color in range(COLORS)),
        *(f"color={color}" for color in range(COLORS)),
        *(f"{height}x{width}" for height in range(1, SIDE + 1) for width in range(1, SIDE + 1)),
        *(f"{row},{column}" for row in range(SIDE) for column in range(SIDE)),
    )

    def value(self, value: Any) -> list[str]:
        """The words of a grid."""
        try:
            grid = shaped_grid(value)
        except InputError:
            return super().value(value)
        if len(grid) > SIDE or len(grid[0]) > SIDE:
            return super().value(value)
        counts = Counter(color for row in grid for color in row)
        background = min(counts, key=lambda color: (-counts[color], color))
        words = [f"{len(grid)}x{len(grid[0])}", f"background={background}"]
        for color in sorted(counts.keys() - {background}):
            words.append(f"color={color}")
            words += (
                f"{number},{column}"
                for number, row in enumerate(grid)
                for column, each in enumerate(row)
                if each == color
            )
        return words

    def text(self, value: Any) -> str:
        """The same words."""
        return " ".join(self.value(value))
