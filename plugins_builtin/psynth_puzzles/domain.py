"""The domain of puzzles: the answers of Python programs, each accepted by the code that states the puzzle or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from psynth.core.seeds import generator
from psynth.core.settings import setting
from psynth.core.stream.records import Task
from psynth.plugins.checked_domain import CheckedDomain, Checker
from psynth.plugins.domain import TaskSettings
from psynth.plugins.source_domain import PYTHON
from psynth.plugins.syntax import Syntax
from psynth.plugins.views import Views
from psynth_puzzles.answer_types import fits
from psynth_puzzles.families import EACH, FAMILIES, Family
from psynth_puzzles.puzzle import CHECKER, PROGRAM, Puzzle


@dataclass(frozen=True)
class PuzzleTaskSettings(TaskSettings):
    """The settings of ``psynth tasks puzzles``."""

    count: int | None = setting(None, minimum=1, unit="tasks", help="puzzles of each split (default: 70 and 30)")


class Puzzles(CheckedDomain):
    """Puzzles as in P3: a program returns an answer, and the puzzle's checker must return True for it."""

    name = "puzzles"
    help = "puzzles that Python code states, for Python programs"
    languages: ClassVar[Mapping[str, str]] = {PYTHON: f"Python source that defines {PROGRAM}, run in the sandbox"}
    TaskSettings = PuzzleTaskSettings
    function = PROGRAM

    def tasks(self, settings: PuzzleTaskSettings, seed: int) -> Iterator[Task]:
        """Yield generated puzzles, one of each family before the second of any; the seed changes their inputs."""
        for split in settings.splits:
            order = [(rank, family) for rank in range(EACH) for family in FAMILIES[split]]
            for number, (rank, family) in enumerate(order[: settings.count]):
                yield _task(f"{self.name}/{split}-{number:03}-{family.name}", split, family, rank, seed)

    def calls(self, task: Task) -> Sequence[Sequence[Any]]:
        """One call, with the puzzle's inputs."""
        return [Puzzle.of(task).inputs]

    def checker(self, task: Task) -> Checker:
        """The puzzle's own, called with the answer alone: it has the inputs as defaults."""
        return Checker(Puzzle.of(task).checker, CHECKER)

    def objection(self, task: Task, answer: Any) -> str | None:
        """That an answer has the wrong type, as checkers rely on it."""
        expected = Puzzle.of(task).answer
        return None if fits(answer, expected) else f"the answer is not of type {expected}"

    def syntax(self) -> Syntax:
        """Python source, described for people and prompts."""
        return Syntax(
            f"Programs are Python source that defines {PROGRAM}, whose arguments are a puzzle's inputs. It returns "
            f"an answer for which the puzzle's function {CHECKER} returns True."
        )

    def views(self) -> Views:
        """The display of puzzles."""
        from psynth_puzzles.views import PuzzleViews

        return PuzzleViews()


def _task(task_id: str, split: str, family: Family, rank: int, seed: int) -> Task:
    puzzle = family.puzzle(generator(seed, "tasks", task_id), rank)
    return Task(
        id=task_id,
        domain=Puzzles.name,
        environment=puzzle.environment(),
        split=split,
        descriptions=(family.description,),
        meta={"problem": family.name, "instance": rank},
    )
