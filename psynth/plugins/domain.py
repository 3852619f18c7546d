"""What a domain is: typed primitives, tasks, where its programs run and how an outcome is judged."""

from __future__ import annotations

import dataclasses
import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Self

from psynth.core.errors import InputError, UsageError
from psynth.core.limits import DEFAULT_FUEL, DEFAULT_MEMORY, DEFAULT_SECONDS, DEFAULT_SIZE
from psynth.core.settings import did_you_mean, setting
from psynth.plugins.demonstrations import DemonstrationSettings

if TYPE_CHECKING:
    from psynth.core.calculus.types import Type
    from psynth.core.stream.records import Library, Record, Task
    from psynth.plugins.animation import Animation
    from psynth.plugins.demonstrations import Demonstrations
    from psynth.plugins.demonstrator import Demonstrator
    from psynth.plugins.neighborhood import Neighborhood


@dataclass(frozen=True)
class TaskSettings:
    """What ``psynth tasks DOMAIN`` may be asked for; a domain extends it with settings of its own."""

    split: str = setting("train", choices=("train", "test", "all"), help="which of the domain's tasks")
    count: int | None = setting(None, minimum=1, unit="tasks", help="number of tasks (default: all)")


@dataclass(frozen=True)
class Budget:
    """What one evaluation (a program on one input) may use.

    ``fuel`` is in steps, ``size`` in list cells and characters allocated; ``seconds`` (wall clock) and ``memory``
    (bytes) bound programs whose primitives or source are Python, which steps and cells cannot bound.
    """

    fuel: int = DEFAULT_FUEL
    size: int = DEFAULT_SIZE
    seconds: float = DEFAULT_SECONDS
    memory: int = DEFAULT_MEMORY


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one program did on one input: ``status`` is ok, error, timeout, fuel or memory; ``value`` is JSON."""

    status: str
    value: Any = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class ProgramError:
    """Why a program cannot be run on anything: ``kind`` is parse, type or unknown_primitive."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a program did on a task.

    ``log_likelihood`` is 0 when all is right, −inf when the program cannot be the one wanted, None when there is
    nothing to judge by; ``score`` is in [0, 1]. ``held_out`` is the share of the task's test examples that are right,
    None without any. ``reward`` and ``held_out_reward`` (on instances that the task holds out) are those of a domain
    whose tasks are environments. ``outputs`` are the outcomes in example order. ``rejected`` is set for a program that
    cannot be run at all.
    """

    status: str
    log_likelihood: float | None
    score: float
    reward: float | None = None
    outputs: tuple[Outcome, ...] = ()
    held_out: float | None = None
    held_out_reward: float | None = None
    rejected: ProgramError | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A program to run on several inputs, each a list of arguments; ``request`` is the type it must have, if any."""

    program: str
    inputs: Sequence[Sequence[Any]]
    request: str | None = None


class Evaluator(ABC):
    """Runs and judges programs of one library; a context manager, since it may hold an engine."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:  # noqa: B027 - an evaluator without an engine has nothing to let go
        """Let go of whatever the evaluator holds."""

    @abstractmethod
    def run_all(self, jobs: Sequence[Job]) -> list[list[Outcome] | ProgramError]:
        """One answer a job, in order: its outcomes, one an input, or why the program cannot be run."""

    @abstractmethod
    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        """One list a task, in order: a verdict for each of its programs."""

    def run(self, program: str, request: str | None, inputs: Sequence[Sequence[Any]]) -> list[Outcome]:
        """The outcomes of one program on each of ``inputs``; InputError for a program that cannot be run at all."""
        [answer] = self.run_all([Job(program, inputs, request)])
        if isinstance(answer, ProgramError):
            raise InputError(answer.message)
        return answer


class ExampleEvaluator(Evaluator):
    """Judges programming by example: a program is right when it gives every example's output.

    Examples with ``split: "test"`` are run too, but only ``held_out`` depends on them.
    """

    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        flat = [
            Job(program, [example.inputs for example in task.examples], task.request)
            for task, programs in jobs
            for program in programs
        ]
        answers = iter(self.run_all(flat))
        return [[judge_examples(task, next(answers)) for _ in programs] for task, programs in jobs]


def judge_examples(task: Task, answer: list[Outcome] | ProgramError) -> Verdict:
    """The verdict on a program from its outcomes on a task's examples, in order."""
    if isinstance(answer, ProgramError):
        return Verdict("error", -math.inf, 0.0, rejected=answer)
    right: dict[bool, list[bool]] = {False: [], True: []}
    status = "ok"
    for example, outcome in zip(task.examples, answer, strict=True):
        held_out = example.split == "test"
        right[held_out].append(outcome.status == "ok" and same_value(outcome.value, example.output))
        if not held_out and status == "ok":
            status = outcome.status
    shown, unseen = right[False], right[True]
    return Verdict(
        status,
        log_likelihood=None if not shown else 0.0 if all(shown) else -math.inf,
        score=sum(shown) / len(shown) if shown else 0.0,
        outputs=tuple(answer),
        held_out=sum(unseen) / len(unseen) if unseen else None,
    )


def same_value(left: Any, right: Any) -> bool:
    """Whether two JSON values are equal; unlike Python's ==, true is not 1."""
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(same_value, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same_value(left[key], right[key]) for key in left)
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


class Domain(ABC):
    """A language and its tasks. Primitives, tasks and an evaluator are all it must give; the rest has a default.

    ``name`` begins every task id, ``help`` is one line, ``runs_in`` says where programs are evaluated:
    ``lambda-machine``, ``rust`` or ``python``. ``TaskSettings`` are the options of ``psynth tasks NAME``,
    ``DemonstrationSettings`` further ones of ``psynth sample -d NAME``.
    ``primitive_sets`` names the sets of primitives (name to help), the default one first.
    """

    name: ClassVar[str]
    help: ClassVar[str]
    runs_in: ClassVar[str] = "python"
    TaskSettings: ClassVar[type[TaskSettings]] = TaskSettings
    DemonstrationSettings: ClassVar[type[DemonstrationSettings]] = DemonstrationSettings
    primitive_sets: ClassVar[Mapping[str, str]] = {"base": "all primitives"}

    @abstractmethod
    def library(self, primitive_set: str | None = None) -> Library:
        """The primitives, every weight 0; ``primitive_set`` is one of ``primitive_sets``, None the first."""

    @abstractmethod
    def tasks(self, settings: Any, seed: int) -> Iterator[Task]:
        """The tasks in order, for settings of the class ``TaskSettings``.

        Ids are ``NAME/…`` with zero-padded numbers; the same settings and seed give the same tasks.
        """

    @abstractmethod
    def evaluator(self, library: Library, budget: Budget) -> Evaluator:
        """What runs and judges programs written in ``library``."""

    def neighborhood(
        self, library: Library, task: Task, *, max_size: int | None = None, threads: int = 1
    ) -> Neighborhood | None:
        """A local search's view of a task that is faster than mutating λ-terms and judging them; None if there is none.

        ``task`` has nothing held out. ``max_size`` is in nodes of the λ-term; None means whatever the domain's own
        searches allow. The number of ``threads`` changes no result.
        """
        return None

    def demonstrate(
        self,
        programs: Sequence[tuple[str, int]],
        library: Library,
        count: int,
        settings: Any,
        *,
        outputs: bool = False,
        threads: int = 1,
    ) -> list[Demonstrations | str]:
        """For each program ``count`` inputs that show what it does, or a few words on why there are none.

        With each program, written in ``library``, comes the seed (63 bits) that its inputs are drawn from. ``settings``
        are of the class ``DemonstrationSettings``. With ``outputs`` the answers say what the program gives. The number
        of ``threads`` changes no result.
        """
        raise UsageError(f"the domain {self.name!r} has no demonstrations")

    def demonstrator(self, library: Library, tasks: Sequence[Task]) -> Demonstrator | None:
        """The worlds of tasks, for learning from what programs do there; None if the domain has no such thing.

        Programs are written in ``library``. InputError for tasks whose worlds do not go together.
        """
        return None

    def records(self, settings: Any, seed: int, primitive_set: str | None = None) -> Iterator[Record]:
        """The stream of ``psynth tasks``: the library, then each task as an empty frontier."""
        from psynth.core.stream.records import Frontier

        library, tasks = self.library(primitive_set), iter(self.tasks(settings, seed))
        # What is wrong with the settings is said before anything is written.
        first = list(itertools.islice(tasks, 1))
        yield library
        for task in itertools.chain(first, tasks):
            yield Frontier(task=task)

    def chosen_set(self, primitive_set: str | None) -> str:
        """The primitive set's name, the default for None; UsageError that names the sets if there is none such."""
        if primitive_set is None:
            return next(iter(self.primitive_sets))
        if primitive_set not in self.primitive_sets:
            known = ", ".join(self.primitive_sets)
            hint = did_you_mean(primitive_set, self.primitive_sets)
            raise UsageError(f"the domain {self.name!r} has no primitive set {primitive_set!r}; it has {known}{hint}")
        return primitive_set

    def visible(self, task: Task) -> Task:
        """The task as a search may see it: nothing of it is held out. Here, without examples of split "test"."""
        if all(example.split != "test" for example in task.examples):
            return task
        seen = tuple(example for example in task.examples if example.split != "test")
        return dataclasses.replace(task, examples=seen)

    def literal_type(self, text: str) -> Type | None:
        """The type of a token that no production names, None if it is no literal of this domain's."""
        return None

    def describe(self) -> str:
        """A paragraph on the language for a prompt."""
        return self.help

    def draw_task(self, task: Task) -> Any:
        """A rich renderable of a task, None to have its examples listed."""
        return None

    def animate(
        self, library: Library, task: Task, program: str | None, *, instance: int = 0, held_out: bool = False
    ) -> Animation | None:
        """A program at work in one of a task's instances, without a program only the initial state; None: no pictures.

        ``instance`` counts from 0, among those held out with ``held_out``. InputError where the task has no such
        instance, or where the program cannot be run at all.
        """
        return None

    def format_value(self, value: Any, type: str) -> str:
        """An input or output as a person of this domain would write it."""
        import orjson

        return orjson.dumps(value).decode()

    def descriptor(self, outcomes: Sequence[Outcome]) -> tuple[float, ...] | None:
        """Where a program's behavior lies, for quality-diversity search; None if the domain has no such space."""
        return None

    def read_program(self, text: str) -> str:
        """A λ-term from the domain's native syntax."""
        return text

    def print_program(self, program: str) -> str:
        """A λ-term whose abstractions are expanded in the domain's native syntax."""
        return program
