"""The part of a domain that shows models what programs do: episodes as arrays, and worlds moved step by step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from psynth.core.stream.records import Library, Task


@dataclass(frozen=True, slots=True)
class Episodes:
    """Episodes as numpy arrays, one row each.

    ``lengths`` counts all actions of each. ``actions`` are the first of them by number, padded with the number of
    actions there are (no action). ``features`` are those of the states before each of these actions and after the
    last, one episode's after the other's; None unless asked for.
    """

    lengths: Any
    actions: Any
    features: Any = None


class Stepper(Protocol):
    """Some worlds at once, moved by actions from outside: what a learned executor steps."""

    def features(self) -> Any:
        """The features of each world's state: an array (worlds, *shape)."""

    def step(self, chosen: bytes) -> None:
        """Do one action in each world, a byte each; the number of actions there are stands for none."""


class EpisodeRecorder(ABC):
    """The worlds of some tasks, numbered one task's after the other's, in which programs show what they do.

    ``actions`` are the names of what a program can do at a step, by number. ``shape`` is that of a state's features:
    one dimension, or planes, rows and columns. ``worlds`` are the numbers of each task's worlds.
    """

    actions: tuple[str, ...]
    shape: tuple[int, ...]
    worlds: Sequence[range]

    @abstractmethod
    def record(
        self, programs: Sequence[str], pairs: Sequence[tuple[int, int]], most_actions: int, *, features: bool = False
    ) -> Episodes:
        """Run pairs of a program (by its place among ``programs``) and a world, once each, in their order."""

    @abstractmethod
    def stepper(self, worlds: Sequence[int]) -> Stepper:
        """These worlds in their initial states."""


class Learning(ABC):
    """What models may learn of a domain's programs."""

    @abstractmethod
    def recorder(self, library: Library, tasks: Sequence[Task]) -> EpisodeRecorder:
        """A recorder of episodes in the visible worlds of tasks, for programs written in ``library``.

        InputError for tasks whose worlds do not go together.
        """
