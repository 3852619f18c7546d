"""The task that a program does solve: its outputs on another task's inputs, and how far they are from those wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from psynth.core.stream.records import Example, Frontier, Origin, Program, Task, encode
from psynth.plugins.evaluator import Verdict
from psynth.plugins.task_maker import root_of

CONSTANT, DUPLICATE, FAILED = "constant", "duplicate", "failed"
IDENTITY, OVERSIZED, UNSOLVED = "identity", "with large outputs", "not solved by their own program"
REFUSED = "not valid in their domain"
"""Why a program makes no task."""
EVERYTHING = 1 << 62
"""A bound on the size of a value that none reaches."""


@dataclass(frozen=True, slots=True)
class Relabeled:
    """What a program does on a task, which is the content of a new one, and what it achieved on the old."""

    program: Program
    examples: tuple[Example, ...]
    figures: dict[str, float]
    environment: dict[str, Any] | None = None

    @property
    def behavior(self) -> bytes:
        """What the new task asks for: programs of one task with equal behavior make one new task."""
        return encode([[each.inputs, each.output] for each in self.examples] + [self.environment])

    def frontier(self, parent: Task, by: str) -> Frontier:
        """The frontier of the new task, with the program that solves it; ``by`` is the subcommand that made it."""
        root = root_of(parent)
        digest = blake2b(self.behavior, digest_size=8).hexdigest()
        task = Task(
            id=f"{root}/hindsight/{digest}",
            domain=parent.domain,
            request=parent.request,
            examples=self.examples,
            environment=self.environment,
            split=parent.split,
            origin="hindsight",
            meta={"parent": root, **self.figures},
        )
        solution = Program(
            self.program.program,
            language=self.program.language,
            log_prior=self.program.log_prior,
            log_likelihood=0.0,
            score=1.0,
            status="ok",
            origin=self.program.origin or Origin(by=by),
            step=self.program.step,
        )
        return Frontier(task=task, programs=(solution,))


@dataclass(frozen=True)
class Relabeling:
    """Relabels programs of one task by their verdicts on it: at most ``inputs`` examples, no output of more parts."""

    task: Task
    inputs: int
    max_output: int

    def of(self, program: Program, verdict: Verdict) -> Relabeled | str:
        """What the program does on the task, or why it makes none."""
        ran = [
            (example, outcome.value)
            for example, outcome in zip(self.task.examples, verdict.outputs, strict=False)
            if outcome.status == "ok"
        ]
        if verdict.rejected is not None or not ran:
            return FAILED
        fits = [(example, value) for example, value in ran if parts(value, self.max_output) <= self.max_output]
        if not fits:
            return OVERSIZED
        examples = tuple(Example(inputs=example.inputs, output=value) for example, value in fits[: self.inputs])
        if len(examples) > 1 and len({encode(each.output) for each in examples}) == 1:
            return CONSTANT
        if all(len(each.inputs) == 1 and encode(each.inputs[0]) == encode(each.output) for each in examples):
            return IDENTITY
        distances = {id(example): distance(example.output, value) for example, value in ran}
        found = [distances.get(id(example), 1.0) for example in self.task.examples]
        figures = {"distance": sum(found) / len(found), "score": verdict.score, "reward": verdict.reward}
        return Relabeled(program, examples, {name: value for name, value in figures.items() if value is not None})


def cheapest_of_each(found: Sequence[Relabeled | str]) -> list[Relabeled | str]:
    """The same with one program for each behavior, the likeliest, then the shortest; the others are `DUPLICATE`."""
    best: dict[bytes, int] = {}
    kept = list(found)
    for place, each in enumerate(found):
        if isinstance(each, str):
            continue
        other = best.get(each.behavior)
        known = None if other is None else found[other]
        if isinstance(known, Relabeled) and other is not None:
            if _preference(known.program) <= _preference(each.program):
                kept[place] = DUPLICATE
                continue
            kept[other] = DUPLICATE
        best[each.behavior] = place
    return kept


def parts(value: Any, most: int) -> int:
    """The size of a value: its numbers, truth values and characters; counted no further than just beyond ``most``."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return 1
    total = 0
    for each in value:
        total += parts(each, most - total)
        if total > most:
            break
    return total


def distance(wanted: Any, found: Any) -> float:
    """The share of the parts of one value that differ in another, from 0 to 1; 1 for lists of different length.

    For grids this is CodeIt's measure: the share of the cells, and 1 where the shapes differ.
    """
    texts = isinstance(wanted, str) and isinstance(found, str)
    if not texts and not (isinstance(wanted, list) and isinstance(found, list)):
        return float(encode(wanted) != encode(found))
    if len(wanted) != len(found):
        return 1.0
    differing, total = 0.0, 0
    for pair in zip(wanted, found, strict=True):
        weight = 1 if texts else max(1, *(parts(each, EVERYTHING) for each in pair))
        differing += weight * (float(pair[0] != pair[1]) if texts else distance(*pair))
        total += weight
    return differing / total if total else 0.0


def _preference(program: Program) -> tuple[float, int, str]:
    log_prior = float("-inf") if program.log_prior is None else program.log_prior
    return -log_prior, len(program.program), program.program
