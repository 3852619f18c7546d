"""Tasks whose held-out half contradicts what they show, in domains that judge in every way there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from psynth.plugins import Budget, Domain, Example, Frontier, Library, Program, Task
from psynth.plugins.registry import Registry
from psynth.testing.numbers import Numbers, WithDomain
from tests.toys.rewards import Rewards

EXAMPLES: dict[str, tuple[Any, Any, Any]] = {
    "int -> int": ([3], 4, 9),
    "list(int) -> int": ([[4, 7, 1]], 4, 7),
    "real -> real": ([3.0], 4.0, 9.0),
    "list(tclevrobject) -> int": ([[]], 0, 1),
    "tgrid -> tgrid": ([[[1, 2], [3, 4]]], [[3, 4], [1, 2]], [[2, 1], [4, 3]]),
    "turtle -> turtle": ([], {"image": ["00" * 28] * 28}, {"image": ["ff" * 28] * 28}),
}
"""For each request the input of an example, the output shown and the contradicting one that is held out."""


@dataclass(frozen=True)
class Case:
    """A domain with tasks, each of which shows something and holds out what contradicts it.

    ``only_hidden`` makes a task of what another holds out. ``solvable`` says that a short search solves what is shown.
    The library is of the primitive set ``primitives``, and of the productions ``names`` alone, if there are any.
    """

    registry: Registry
    domain: Domain
    tasks: Sequence[Task]
    only_hidden: Callable[[Task], Task]
    starts: tuple[str, ...] = ()
    solvable: bool = True
    primitives: str | None = None
    names: tuple[str, ...] = ()

    @property
    def library(self) -> Library:
        """The domain's own, or a part of it."""
        library = self.domain.library(self.primitives)
        chosen = tuple(each for each in library.productions if not self.names or each.name in self.names)
        return replace(library, productions=chosen)

    def frontiers(self, *, held_out: bool) -> list[Frontier]:
        """The tasks with their starting programs, with or without what they hold out."""
        tasks = self.tasks if held_out else [as_plain(self.domain.visible(task)) for task in self.tasks]
        return [Frontier(task, tuple(map(Program, self.starts))) for task in tasks]

    def truth(self, task: Task, program: str) -> tuple[float | None, float | None]:
        """How a program does on what a task holds out, by itself: the share of examples, or the reward."""
        with self.domain.evaluator(self.library, Budget()) as evaluator:
            [[verdict]] = evaluator.judge([(self.only_hidden(task), [program])])
        if task.environment is not None:
            return None, verdict.reward
        return (verdict.score, None) if verdict.reward is None else (float(verdict.solved), verdict.reward)


def as_plain(task: Task) -> Task:
    """The same task as a record of a stream."""
    return Task(**{name: getattr(task, name) for name in Task.__dataclass_fields__})


def contradicting(task_id: str, domain: str, request: str, *, first: bool) -> Task:
    """A task that shows an example three times, and holds out that its input wants another output."""
    inputs, output, other = EXAMPLES[request]
    hidden = Example(inputs, other, split="test")
    shown = (Example(inputs, output), Example(inputs, output, split="train"))
    return Task(task_id, domain, request, (hidden, *shown, hidden) if first else (*shown, hidden))


def examples(registry: Registry, domain: Domain, request: str, starts: tuple[str, ...]) -> Case:
    """Tasks of examples, the one held out before or after those that are shown."""
    tasks = [
        contradicting(f"{domain.name}/{'before' if first else 'after'}", domain.name, request, first=first)
        for first in (True, False)
    ]
    return Case(WithDomain(registry, domain), domain, tasks, _hidden_examples, starts)


def _hidden_examples(task: Task) -> Task:
    hidden = tuple(replace(example, split=None) for example in task.examples if example.split == "test")
    return replace(task, examples=hidden)


def rewards(registry: Registry) -> Case:
    """Numbers that earn rewards, where what is held out wants 0."""
    domain = Rewards()

    def hidden(task: Task) -> Task:
        assert task.environment is not None
        return replace(task, environment={"wanted": task.environment["held_out"]})

    return Case(WithDomain(registry, domain), domain, list(domain.tasks(domain.TaskSettings(), 0)), hidden, ("zero",))


def karel(registry: Registry) -> Case:
    """Mazes: one where walking on finds the marker, and one held out, as seed or as picture, where it never does."""
    domain = registry.domain("karel")
    straight = "(karel_while frontIsClear move)"
    rewarded: dict[bool, int] = {}
    with domain.evaluator(domain.library(), Budget()) as evaluator:
        for seed in range(1000):
            [[verdict]] = evaluator.judge([(_maze(f"karel/{seed}", seeds=[seed]), [straight])])
            rewarded.setdefault(verdict.solved, seed)
            if len(rewarded) == 2:
                break
    shown, hidden = [rewarded[True]], [rewarded[False]]
    from psynth_karel.machine import Instances

    pictures = Instances.generate("maze", "leaps", height=8, width=8, seeds=hidden).pictures()
    tasks = [_maze("karel/seeds", seeds=shown, held_out_seeds=hidden)]
    shown_pictures = Instances.generate("maze", "leaps", height=8, width=8, seeds=shown).pictures()
    tasks.append(
        _maze(
            "karel/worlds",
            worlds=[each.to_json() for each in shown_pictures],
            held_out_worlds=[each.to_json() for each in pictures],
        )
    )
    return Case(registry, domain, tasks, _hidden_instances, ("move",))


def _maze(task_id: str, **instances: Any) -> Task:
    environment = {"task": "maze", "profile": "leaps", **instances}
    return Task(task_id, "karel", "stmt", environment=environment)


def _hidden_instances(task: Task) -> Task:
    environment = dict(task.environment or {})
    for name in ("seeds", "worlds"):
        environment.pop(name, None)
        if f"held_out_{name}" in environment:
            environment[name] = environment.pop(f"held_out_{name}")
    return replace(task, environment=environment)


PIECES = "pieces of grids"
CASES: dict[str, Callable[[Registry], Case]] = {
    "examples in Python": lambda known: examples(known, Numbers(), "int -> int", ("(lambda $0)",)),
    "examples in the machine": lambda known: examples(known, known.domain("list"), "list(int) -> int", ("(lambda 0)",)),
    "drawings": lambda known: examples(known, known.domain("logo"), "turtle -> turtle", ("(lambda $0)",)),
    "formulas": lambda known: examples(known, known.domain("symbolic"), "real -> real", ("(lambda $0)",)),
    "questions": lambda known: examples(
        known, known.domain("clevr"), "list(tclevrobject) -> int", ("(lambda (clevr_count $0))",)
    ),
    # Few productions: a program of the whole language takes long to be drawn.
    "grids": lambda known: replace(
        examples(known, known.domain("arc"), "tgrid -> tgrid", ("(lambda $0)",)),
        names=("hmirror.grid", "vmirror.grid", "rot90", "rot180", "dmirror.grid", "hconcat", "identity"),
    ),
    PIECES: lambda known: replace(
        examples(known, known.domain("arc"), "tgrid -> tgrid", ("(lambda $0)",)), primitives="search"
    ),
    "rewards": rewards,
    "karel": karel,
}
