"""The part of a domain that makes tasks for given programs: inputs that demonstrate a program's behavior."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from psynth.core.settings import setting

if TYPE_CHECKING:
    from psynth.core.stream.records import Example, Library


@dataclass(frozen=True)
class TaskMakerSettings:
    """Settings of tasks made for programs; a domain extends them with settings of its own."""

    trials: int = setting(
        100, minimum=1, maximum=4096, unit="inputs", help="inputs to try for a program before it is dropped"
    )


@dataclass(frozen=True, slots=True)
class MadeTask:
    """The content of a task made for a program: examples or an environment, as in the domain's tasks.

    ``outputs`` are the program's outputs for the inputs, if requested.
    """

    examples: tuple[Example, ...] = ()
    environment: dict[str, Any] | None = None
    outputs: Sequence[Any] | None = None


class TaskMaker(ABC):
    """Makes tasks that given programs solve. ``Settings`` become options of ``psynth sample -d NAME``."""

    Settings: ClassVar[type[TaskMakerSettings]] = TaskMakerSettings

    @abstractmethod
    def tasks_for(
        self,
        programs: Sequence[tuple[str, int]],
        library: Library,
        count: int,
        settings: Any,
        *,
        outputs: bool = False,
        threads: int = 1,
    ) -> list[MadeTask | str]:
        """For each program a task with ``count`` inputs, or a few words on why there is none.

        Each program, written in ``library``, has a seed (63 bits) from which its inputs are sampled. ``settings`` are
        of the class ``Settings``. With ``outputs`` the answers include the program's outputs. The number of ``threads``
        changes no result.
        """
