"""Episodes of policies in the worlds of many tasks, as arrays for learning."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from psynth.core.errors import InputError
from psynth.core.stream.records import Library, Task
from psynth.plugins.learning import EpisodeRecorder, Episodes, Learning
from psynth_karel.environment import Environment
from psynth_karel.evaluation import KarelEvaluator
from psynth_karel.machine import Instances, Stepper, actions


class KarelRecorder(EpisodeRecorder):
    """The search instances of Karel tasks under one profile's rules."""

    def __init__(self, library: Library, tasks: Sequence[Task]) -> None:
        if not tasks:
            raise InputError("there are no tasks to record episodes in")
        parts = [_instances(task) for task in tasks]
        ends = [0]
        for part in parts:
            ends.append(ends[-1] + len(part))
        self.worlds = [range(*pair) for pair in itertools.pairwise(ends)]
        self.actions = actions()
        self._instances = Instances.joined(parts)
        self._plain = KarelEvaluator(library).plain
        self.shape = tuple(Stepper(self._instances.selected([0])).features().shape[1:])

    def record(
        self, programs: Sequence[str], pairs: Sequence[tuple[int, int]], most_actions: int, *, features: bool = False
    ) -> Episodes:
        """Run each pair of a program and a world; features are those of `Stepper.features`, as bytes 0 and 1."""
        texts = [self._plain(program) for program in programs]
        arrays = self._instances.episodes(texts, pairs, most_actions=most_actions, with_features=features)
        states = arrays.features.reshape(-1, *self.shape) if features else None
        return Episodes(arrays.lengths, arrays.actions, states)

    def stepper(self, worlds: Sequence[int]) -> Stepper:
        """The given worlds in their initial states."""
        return Stepper(self._instances.selected(worlds))


class KarelLearning(Learning):
    """Episodes of policies."""

    def recorder(self, library: Library, tasks: Sequence[Task]) -> KarelRecorder:
        """A recorder of all search instances of the tasks, which must share one profile and size."""
        return KarelRecorder(library, tasks)


def _instances(task: Task) -> Instances:
    try:
        instances = Environment.from_json(task.environment).instances()
        if instances is None:
            raise InputError("the environment has neither seeds nor worlds")
    except InputError as error:
        raise InputError(error.message, task=task.id) from error
    return instances
