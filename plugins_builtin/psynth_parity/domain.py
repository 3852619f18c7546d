"""The domain of 4-parity: each task has a Python program with bugs, which evolution is to repair.

The task is that of *Evolution through Large Models* (Lehman et al. 2022); the bugs are our own.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from psynth.core.errors import InputError
from psynth.core.seeds import generator
from psynth.core.settings import setting
from psynth.core.stream.records import Example, Program, Task
from psynth.plugins.domain import TaskSettings
from psynth.plugins.source_domain import PYTHON, SourceDomain
from psynth.plugins.syntax import Syntax

BITS = ("b1", "b2", "b3", "b4")
CORRECT = (*BITS, "% 2")
"""The places where a program may have a bug, without one: four summands, and the last operation."""
WRONG_OPERANDS = ("0", "1")
WRONG_OPERATIONS = ("% 3", "% 4", "// 2", "* 2", "- 2")
PROGRAM = """\
def parity(b1: int, b2: int, b3: int, b4: int) -> int:
    bit_sum = sum([{}, {}, {}, {}])
    return bit_sum {}
"""


@dataclass(frozen=True)
class ParityTaskSettings(TaskSettings):
    """The settings of ``psynth tasks parity``."""

    bugs: int | None = setting(
        None, minimum=1, maximum=len(CORRECT), unit="bugs", help="bugs of each program (default: tasks with 1 to 5)"
    )
    programs: int = setting(
        4, minimum=1, maximum=1000, unit="programs", help="tasks for each number of bugs, each with its own program"
    )


class Parity(SourceDomain):
    """The parity of four bits, judged on all sixteen inputs."""

    name = "parity"
    help = "Python programs for the parity of four bits, to be repaired"
    languages: ClassVar[Mapping[str, str]] = {PYTHON: "Python source that defines parity, run in the sandbox"}
    TaskSettings = ParityTaskSettings
    function = "parity"

    def tasks(self, settings: ParityTaskSettings, seed: int) -> Iterator[Task]:
        """Yield the tasks by number of bugs."""
        examples = tuple(Example(list(bits), sum(bits) % 2) for bits in itertools.product((0, 1), repeat=len(BITS)))
        counts = range(1, len(CORRECT) + 1) if settings.bugs is None else (settings.bugs,)
        for split in settings.splits:
            for bugs, number in itertools.islice(itertools.product(counts, range(settings.programs)), settings.count):
                task_id = f"{self.name}/{split}-{bugs}-bugs-{number:03}"
                places = broken(bugs, generator(seed, "tasks", task_id))
                yield Task(
                    id=task_id,
                    domain=self.name,
                    examples=examples,
                    environment={"broken": list(places)},
                    split=split,
                    descriptions=(f"repair the {bugs} {'bug' if bugs == 1 else 'bugs'} of a program for 4-parity",),
                )

    def seeds(self, task: Task) -> Sequence[Program]:
        """The program that is to be repaired."""
        places = (task.environment or {}).get("broken")
        if not isinstance(places, list) or len(places) != len(CORRECT) or not set(places) <= _known():
            raise InputError("environment.broken: expected four operands and an operation", task=task.id)
        return [Program(PROGRAM.format(*places), PYTHON)]

    def syntax(self) -> Syntax:
        """Python source, described for people and prompts."""
        return dataclasses.replace(
            super().syntax(),
            description="Programs are Python source that defines parity(b1, b2, b3, b4), which returns 1 if an odd "
            "number of its arguments is 1, and 0 otherwise.",
        )


def broken(bugs: int, rng: Random) -> Sequence[str]:
    """The places of a program with so many bugs, each of which must be repaired by itself.

    A wrong summand is a constant, or an argument that the program also has in its right place: no other repair of the
    sum has fewer changes.
    """
    wrong = set(rng.sample(CORRECT, bugs))
    kept = [bit for bit in BITS if bit not in wrong]
    places = [rng.choice((*kept, *WRONG_OPERANDS)) if bit in wrong else bit for bit in BITS]
    return *places, rng.choice(WRONG_OPERATIONS) if CORRECT[-1] in wrong else CORRECT[-1]


def _known() -> set[str]:
    return {*CORRECT, *WRONG_OPERANDS, *WRONG_OPERATIONS}
