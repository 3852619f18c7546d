"""The domain ``karel``: its tasks, its settings and its optional parts."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from psynth.core.errors import UsageError
from psynth.core.seeds import stable_hash
from psynth.core.settings import setting
from psynth.core.stream.records import Library, Task
from psynth.core.stream.task_names import names_task, no_such_task
from psynth.plugins.domain import LAMBDA, Domain, TaskSettings
from psynth.plugins.evaluator import Budget
from psynth.plugins.primitive_docs import PrimitiveDoc
from psynth.plugins.visible_task import VisibleTask
from psynth_karel.behavior import KarelBehavior
from psynth_karel.environment import Environment, find_rule, read_file
from psynth_karel.evaluation import KarelEvaluator
from psynth_karel.language import DIALECTS, MEANINGS, REQUEST, describe, describe_tokens, library
from psynth_karel.machine import Rule, actions, perceptions, rules
from psynth_karel.neighborhood import KarelLocalSearch
from psynth_karel.recorder import KarelLearning
from psynth_karel.syntax import KarelSyntax
from psynth_karel.task_maker import KarelTaskMaker
from psynth_karel.views import KarelViews

if TYPE_CHECKING:
    from psynth.core.engines.leases import Engines

HELD_OUT_FROM = 500_000
"""The offset of the seed of the first held-out instance, and so the maximum number of search instances."""
SEEDS = 1_000_000
"""Instance seeds reserved for one value of ``--seed``."""
MOST_SEEDS = 1 << 40
"""Values of ``--seed`` with their own range of 64-bit instance seeds."""

DESCRIPTIONS: Mapping[str, str] = {
    "stair-climber": "Climb the stairs to the marker without leaving them.",
    "four-corners": "Put one marker into each corner of the room, and none anywhere else.",
    "top-off": "Put a second marker onto each marked cell of the bottom row, and reach the end of that row.",
    "maze": "Find the marker in a maze.",
    "clean-house": "Pick up all markers in a house of many rooms.",
    "harvester": "Pick up the marker on every cell of the room.",
    "door-key": "Pick up the key, go through the door that opens, and put the key onto the marker in the other room.",
    "one-stroke": "Visit every cell of the room once: a cell that was left becomes a wall.",
    "seeder": "Put one marker onto every cell of the room.",
    "snake": "Eat as much food as you can without running into your own growing body.",
}


@dataclass(frozen=True)
class KarelTaskSettings(TaskSettings):
    """The settings of ``psynth tasks karel``."""

    split: str = setting(
        "train",
        choices=("train", "test", "all"),
        help="train: instances to search on, others held out; test: the held-out instances",
    )
    profile: str = setting(
        "prog-policies",
        choices=("leaps", "hprl", "prog-policies"),
        help="rules: marker caps, budgets, scoring and sizes",
    )
    task: tuple[str, ...] = setting(
        (), value="NAME", help="only these tasks, such as maze; repeatable (default: all of the profile)"
    )
    rewards: str = setting(
        "published", choices=("published", "dense", "sparse"), help="reward progress or only success (in prog-policies)"
    )
    height: int | None = setting(None, minimum=5, maximum=250, unit="cells", help="rows (default: as published)")
    width: int | None = setting(None, minimum=5, maximum=250, unit="cells", help="columns (default: as published)")
    instances: int = setting(16, minimum=1, maximum=HELD_OUT_FROM, unit="worlds", help="instances to search on")
    held_out: int = setting(200, minimum=0, maximum=HELD_OUT_FROM, unit="worlds", help="further instances to hold out")
    worlds: Path | None = setting(
        None, file="read", help="take task, profile and initial states from this JSON file instead"
    )


class Karel(Domain):
    """Karel the robot, with the tasks of LEAPS, HPRL and the programmatic policies."""

    name = "karel"
    help = "Karel the robot: ten tasks that reward a policy"
    TaskSettings = KarelTaskSettings
    primitive_sets: ClassVar[Mapping[str, str]] = {name: dialect.help for name, dialect in DIALECTS.items()}

    def library(self, primitive_set: str | None = None) -> Library:
        """The primitives, with the probabilities of the generator that the set is named after."""
        return library(self.name, DIALECTS[self.chosen_set(primitive_set)])

    def tasks(self, settings: Any, seed: int) -> Iterator[Task]:
        """Yield the profile's tasks; the seed chooses the instances."""
        assert isinstance(settings, KarelTaskSettings)
        environments = [read_file(settings.worlds)] if settings.worlds else self._environments(settings, seed)
        for environment in environments[: settings.count]:
            if settings.split != "test":
                yield self._task(environment, "train")
            if settings.split != "train" and (environment.held_out_seeds or environment.held_out_worlds):
                yield self._task(_only_held_out(environment), "test")

    def evaluator(
        self,
        library: Library,
        budget: Budget,
        *,
        language: str = LAMBDA,
        engines: Engines | None = None,
        jobs: int = 1,
    ) -> KarelEvaluator:
        """The Karel machine; ``budget`` has no effect, since each profile has its own budget."""
        return KarelEvaluator(library)

    def visible(self, task: Task) -> VisibleTask:
        """The task without its held-out instances."""
        environment = task.environment or {}
        seen = {name: value for name, value in environment.items() if not name.startswith("held_out_")}
        return super().visible(dataclasses.replace(task, environment=seen))

    def syntax(self) -> KarelSyntax:
        """Karel's tokens."""
        known = actions(), perceptions()
        return KarelSyntax(describe(*known), notation=describe_tokens(*known))

    def primitive_docs(self) -> Mapping[str, PrimitiveDoc]:
        """The meaning of statements and conditions."""
        return {name: PrimitiveDoc(meaning) for name, meaning in MEANINGS.items()}

    def views(self) -> KarelViews:
        """Worlds as pictures, and animated policies."""
        return KarelViews()

    def behavior(self) -> KarelBehavior:
        """The shares of turns and of marker actions."""
        return KarelBehavior()

    def learning(self) -> KarelLearning:
        """Episodes in the worlds of tasks."""
        return KarelLearning()

    def local_search(self) -> KarelLocalSearch:
        """Mutants made and run in the Karel machine."""
        return KarelLocalSearch()

    def task_maker(self) -> KarelTaskMaker:
        """Worlds without a task in which a program makes no mistakes."""
        return KarelTaskMaker()

    def _environments(self, settings: KarelTaskSettings, seed: int) -> list[Environment]:
        """The environments of the tasks that the settings name; UsageError for a name that means no task."""
        environments = list(profile_environments(settings, seed))
        ids = [self._task(each, "train").id for each in environments]
        for name in settings.task:
            if not any(names_task(name, task_id) for task_id in ids):
                raise no_such_task(name, ids)
        chosen = zip(environments, ids, strict=True)
        wanted = settings.task
        return [each for each, task_id in chosen if not wanted or any(names_task(name, task_id) for name in wanted)]

    def _task(self, environment: Environment, split: str) -> Task:
        rule = find_rule(environment.profile, environment.task)
        kind = "" if environment.sparse == rule.sparse else "-sparse" if environment.sparse else "-dense"
        size = f"{environment.height}x{environment.width}"
        suffix = "-held-out" if split == "test" else ""
        return Task(
            id=f"{self.name}/{environment.profile}/{environment.task}{kind}-{size}{suffix}",
            domain=self.name,
            request=REQUEST,
            environment=environment.to_json(),
            split=split,
            descriptions=(DESCRIPTIONS[environment.task],),
        )


def profile_environments(settings: KarelTaskSettings, seed: int) -> Iterator[Environment]:
    """The environment of every task of a profile; UsageError if it has no rewards of the kind that is asked for."""
    known = [rule for rule in rules() if rule.profile == settings.profile]
    if settings.rewards == "sparse" and not any(rule.has_sparse for rule in known):
        raise UsageError(f"--rewards: the profile {settings.profile} has no sparse rewards")
    # Seeds outside this range are hashed into it.
    base = (seed if 0 <= seed < MOST_SEEDS else stable_hash(seed) % MOST_SEEDS) * SEEDS
    for rule in known:
        yield Environment(
            task=rule.task,
            profile=rule.profile,
            sparse=_sparse(rule, settings.rewards),
            height=settings.height or rule.height,
            width=settings.width or rule.width,
            seeds=tuple(range(base, base + settings.instances)),
            held_out_seeds=tuple(range(base + HELD_OUT_FROM, base + HELD_OUT_FROM + settings.held_out)),
        )


def _sparse(rule: Rule, rewards: str) -> bool:
    if rewards == "published" or not rule.has_sparse:
        return rule.sparse
    return rewards == "sparse"


def _only_held_out(environment: Environment) -> Environment:
    return dataclasses.replace(
        environment,
        seeds=environment.held_out_seeds,
        worlds=environment.held_out_worlds,
        held_out_seeds=(),
        held_out_worlds=(),
    )
