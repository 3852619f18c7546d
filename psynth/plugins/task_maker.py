"""The part of a domain that makes tasks for given programs: inputs that demonstrate a program's behavior."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Origin, Program, Task

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


def frontier_of_made(
    made: MadeTask, program: str, *, task_id: str, domain: str, request: str, log_prior: float | None, by: str
) -> Frontier:
    """The frontier of a task made for a program, which solves it; ``by`` is the subcommand that made it."""
    task = Task(
        id=task_id,
        domain=domain,
        request=request,
        examples=made.examples,
        environment=made.environment,
        origin="dream",
    )
    solution = Program(
        program,
        log_prior=log_prior,
        log_likelihood=0.0,
        score=1.0,
        status="ok",
        outputs=None if made.outputs is None else list(made.outputs),
        origin=Origin(by=by),
    )
    return Frontier(task=task, programs=(solution,))


def made_task_id(domain: str, batch: str, seed: int, number: int) -> str:
    """The id of a task made for a program: ``list/drawn/000007``, and with a seed ``list/drawn-3/000007``."""
    return f"{domain}/{batch}{f'-{seed}' if seed else ''}/{number:06}"


def root_of(task: Task) -> str:
    """The id of the task that a task comes from, over any number of relabelings: its own if it was given."""
    parent = (task.meta or {}).get("parent")
    return parent if task.origin == "hindsight" and isinstance(parent, str) else task.id
