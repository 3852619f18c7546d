"""The display of puzzles: the checker that states one, and how a program begins."""

from __future__ import annotations

from typing import Any

from psynth.core.errors import InputError
from psynth.core.stream.records import Task
from psynth.plugins.source_text import python_source
from psynth.plugins.views import Views
from psynth_puzzles.puzzle import Puzzle


class PuzzleViews(Views):
    """The display of puzzles."""

    def draw_task(self, task: Task) -> Any:
        """The checker, and the header of a program; nothing for a task that is no puzzle."""
        from rich.console import Group

        try:
            puzzle = Puzzle.of(task)
        except InputError:
            return None
        return Group(python_source(puzzle.checker), python_source(f"{puzzle.header} …"))
