"""A small domain that keeps every contract; tests break one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from psynth.plugins import Budget, Evaluator, Example, Library, Primitive, PythonDomain, Task, TaskSettings


class Good(PythonDomain):
    """Numbers to be added to."""

    name = "good"
    help = "numbers to be added to"
    primitives: ClassVar[Sequence[Primitive]] = (
        Primitive("one", "int", 1),
        Primitive("add", "int -> int -> int", lambda left, right: left + right),
    )

    def tasks(self, settings: TaskSettings, seed: int) -> Iterator[Task]:
        for number in range(2):
            shown, hidden = Example([seed], seed + number), Example([7], 7 + number, split="test")
            yield Task(f"good/{number}", "good", "int -> int", (shown, hidden))

    def evaluator(self, library: Library, budget: Budget, **options: Any) -> Evaluator:
        """That of this class itself, which processes can import, also for classes that a test derives from it."""
        return super(Good, Good()).evaluator(library, budget, **options)
