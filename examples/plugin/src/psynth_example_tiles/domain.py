"""The domain: its primitives, its tasks, and how a tile looks."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.columns import Columns
from rich.padding import Padding
from rich.panel import Panel

from psynth.plugins import Budget, Example, PythonDomain, Task, TaskSettings, Views, generator, setting
from psynth_example_tiles.primitives import PRIMITIVES, Tile, flip

# What the tasks ask for: a name, a sentence, and a program that does it. Outputs are what the program gives, so that
# every task can be solved.
TARGETS = {
    "train": [
        ("copy-right", "the tile twice, side by side", "(lambda (beside $0 $0))"),
        ("half-turn", "the tile turned by a half", "(lambda (turn (turn $0)))"),
        ("mirror-right", "the tile and its mirror image, side by side", "(lambda (beside $0 (flip $0)))"),
        ("negative-below", "the tile above its negative", "(lambda (above $0 (invert $0)))"),
        ("negative-right", "the tile beside its negative", "(lambda (beside $0 (invert $0)))"),
        ("turn-back", "the tile turned anticlockwise", "(lambda (turn (turn (turn $0))))"),
        ("mirror-down", "the tile above its reflection in water", "(lambda (above $0 (turn (turn (flip $0)))))"),
        ("block", "four copies in a square", "(lambda (above (beside $0 $0) (beside $0 $0)))"),
        ("chess", "four copies, two of them negative, like a chess board",
         "(lambda (above (beside $0 (invert $0)) (beside (invert $0) $0)))"),
        ("row-of-four", "four copies in a row", "(lambda (again 2 (lambda (beside $0 $0)) $0))"),
    ],
    "test": [
        ("row-of-eight", "eight copies in a row", "(lambda (again 3 (lambda (beside $0 $0)) $0))"),
        ("mirror-twice", "the tile, its mirror image, and both again",
         "(lambda (beside (beside $0 (flip $0)) (beside $0 (flip $0))))"),
        ("kaleidoscope", "the tile mirrored to the right, and both mirrored down",
         "(lambda (above (beside $0 (flip $0)) (turn (turn (flip (beside $0 (flip $0)))))))"),
    ],
}  # fmt: skip


@dataclass(frozen=True)
class TileTaskSettings(TaskSettings):
    """The options of ``psynth tasks tiles``: those of every domain (split, count), and how many examples."""

    examples: int = setting(4, minimum=1, maximum=50, unit="examples", help="how many examples a task has")


class Tiles(PythonDomain):
    """Black-and-white tiles that programs put together, turn and mirror."""

    name = "tiles"
    help = "black-and-white tiles, drawn by programs"
    TaskSettings = TileTaskSettings
    primitives = PRIMITIVES

    def tasks(self, settings: TileTaskSettings, seed: int) -> Iterator[Task]:
        """Yield the tasks of a split; the seed changes the tiles in their examples."""
        request = "tile -> tile"
        with self.evaluator(self.library(), Budget()) as evaluator:
            for split in settings.splits:
                for number, (name, sentence, program) in enumerate(TARGETS[split][: settings.count]):
                    task_id = f"{self.name}/{split}-{number:02}-{name}"
                    rng = generator(seed, "tasks", task_id)
                    tiles = [_random_tile(rng) for _ in range(settings.examples)]
                    outcomes = evaluator.run(program, request, [[tile] for tile in tiles])
                    yield Task(
                        id=task_id,
                        domain=self.name,
                        request=request,
                        examples=tuple(
                            Example(inputs=[tile], output=outcome.value)
                            for tile, outcome in zip(tiles, outcomes, strict=True)
                        ),
                        split=split,
                        descriptions=(sentence,),
                    )

    def views(self) -> "TileViews":
        """Tiles as pictures."""
        return TileViews()


class TileViews(Views):
    """How tiles are shown."""

    def format_value(self, value: Any) -> str:
        """A tile as a picture of blocks, two characters a cell; anything else as JSON."""
        if not isinstance(value, list) or not all(isinstance(row, str) for row in value):
            return super().format_value(value)
        return "\n".join(row.replace("#", "██").replace(".", "··") for row in value)

    def draw_task(self, task: Task) -> Columns:
        """The examples of a task side by side: input above output."""
        pictures = [
            Panel(f"{self.format_value(example.inputs[0])}\n↓\n{self.format_value(example.output)}")
            for example in task.examples
        ]
        return Columns([Padding(picture, (0, 1)) for picture in pictures])


def _random_tile(rng: random.Random) -> Tile:
    """A tile of two to four rows and columns without symmetry, so that examples tell turning from mirroring."""
    while True:
        height, width = rng.randint(2, 4), rng.randint(2, 4)
        tile = ["".join(rng.choice("#.") for _ in range(width)) for _ in range(height)]
        if tile not in (flip(tile), tile[::-1], flip(tile[::-1])):
            return tile
