"""The part of a domain that provides training data: episodes as arrays, and worlds advanced step by step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from psynth.core.stream.records import Library, Task


@dataclass(frozen=True, slots=True)
class Episodes:
    """Episodes as numpy arrays, one row for each."""

    lengths: Any
    """The number of actions of each episode."""
    actions: Any
    """The first actions of each episode by number, padded with the number of different actions (no action)."""
    features: Any = None
    """The features of the states before each of these actions and after the last, episode after episode; None unless
    requested."""


class Stepper(Protocol):
    """Several worlds, advanced by given actions, for a learned executor."""

    def features(self) -> Any:
        """The features of each world's state: an array (worlds, *shape)."""

    def step(self, chosen: bytes) -> None:
        """Perform one action in each world, one byte each; the number of different actions means no action."""


class EpisodeRecorder(ABC):
    """Records episodes of programs in the worlds of some tasks, which are numbered task after task."""

    actions: tuple[str, ...]
    """The names of the actions, by number."""
    shape: tuple[int, ...]
    """The shape of a state's features: one dimension, or planes, rows and columns."""
    worlds: Sequence[range]
    """The numbers of each task's worlds."""

    @abstractmethod
    def record(
        self, programs: Sequence[str], pairs: Sequence[tuple[int, int]], most_actions: int, *, features: bool = False
    ) -> Episodes:
        """Run pairs of a program (by its index in ``programs``) and a world, in order."""

    @abstractmethod
    def stepper(self, worlds: Sequence[int]) -> Stepper:
        """The given worlds in their initial states."""


class Learning(ABC):
    """The training data that a domain provides about programs."""

    @abstractmethod
    def recorder(self, library: Library, tasks: Sequence[Task]) -> EpisodeRecorder:
        """A recorder of episodes in the visible worlds of tasks, for programs written in ``library``.

        InputError for tasks with incompatible worlds.
        """
