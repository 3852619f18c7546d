"""The base class of domains: a language, tasks and an evaluator, with optional parts."""

from __future__ import annotations

import dataclasses
import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from psynth.core.errors import InputError, UsageError
from psynth.core.settings import did_you_mean, setting
from psynth.core.stream.records import Frontier, Library
from psynth.plugins.syntax import Syntax
from psynth.plugins.views import Views
from psynth.plugins.visible_task import VisibleTask

if TYPE_CHECKING:
    from psynth.core.engines.leases import Engines
    from psynth.core.stream.records import Program, Record, Task
    from psynth.plugins.behavior import Behavior
    from psynth.plugins.evaluator import Budget, Evaluator
    from psynth.plugins.features import Features
    from psynth.plugins.learning import Learning
    from psynth.plugins.local_search import LocalSearch
    from psynth.plugins.primitive_docs import PrimitiveDoc
    from psynth.plugins.task_maker import TaskMaker
    from psynth.plugins.task_words import TaskWords

LAMBDA = "lambda"
"""The language of typed λ-terms."""


@dataclass(frozen=True)
class TaskSettings:
    """Options of ``psynth tasks DOMAIN``; a domain extends them with settings of its own."""

    split: str = setting("train", choices=("train", "test", "all"), help="split of the domain's tasks")
    count: int | None = setting(None, minimum=1, unit="tasks", help="number of tasks (default: all)")

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits to yield, in order: ``split``, or both for ``all``."""
        return ("train", "test") if self.split == "all" else (self.split,)


class Domain(ABC):
    """A language and its tasks. A subclass must define tasks and an evaluator; everything else has a default.

    Every task id begins with ``name``; ``help`` is one line. ``languages`` maps the languages of its programs to their
    help, the usual one first. ``TaskSettings`` are the options of ``psynth tasks NAME``. ``primitive_sets`` maps the
    names of the sets of primitives to their help, the default one first.
    """

    name: ClassVar[str]
    help: ClassVar[str]
    languages: ClassVar[Mapping[str, str]] = {LAMBDA: "typed λ-terms"}
    TaskSettings: ClassVar[type[TaskSettings]] = TaskSettings
    primitive_sets: ClassVar[Mapping[str, str]] = {"base": "all primitives"}
    shows_test_inputs: ClassVar[bool] = False
    """Whether the inputs of held-out examples are given with a task, so that a search may see them."""

    # ---- required parts ------------------------------------------------------------------------------------------

    @abstractmethod
    def tasks(self, settings: Any, seed: int) -> Iterator[Task]:
        """The tasks in order, for settings of the class ``TaskSettings``.

        Ids are ``NAME/…`` with zero-padded numbers; equal settings and seeds give equal tasks.
        """

    @abstractmethod
    def evaluator(
        self,
        library: Library,
        budget: Budget,
        *,
        language: str = LAMBDA,
        engines: Engines | None = None,
        jobs: int = 1,
    ) -> Evaluator:
        """The evaluator of programs in ``language`` (one of ``languages``); λ-terms are in ``library``.

        Engines are leased from ``engines``, by default those of the process. ``jobs`` is the number of concurrent
        processes or threads; it changes no result.
        """

    def library(self, primitive_set: str | None = None) -> Library:
        """The primitives with weights 0; ``primitive_set`` is one of ``primitive_sets``, None the first.

        A domain without λ-terms has no primitives.
        """
        self.chosen_set(primitive_set)
        return Library(domain=self.name, productions=(), log_variable=0.0)

    def visible(self, task: Task) -> VisibleTask:
        """The task as a search may see it, without held-out data.

        The default removes examples of split "test", of which only the inputs are left with ``shows_test_inputs``.
        """
        shown = tuple(example for example in task.examples if example.split != "test")
        tests = [each.inputs for each in task.examples if each.split == "test"] if self.shows_test_inputs else []
        return VisibleTask.of(
            task if len(shown) == len(task.examples) else dataclasses.replace(task, examples=shown), tests
        )

    # ---- optional parts --------------------------------------------------------------------------------------------

    def syntax(self) -> Syntax:
        """The syntax of programs."""
        return Syntax(self.help)

    def primitive_docs(self) -> Mapping[str, PrimitiveDoc]:
        """The meaning of the primitives, by name; those without documentation are missing."""
        return {}

    def views(self) -> Views:
        """The display of tasks, values and programs."""
        return Views()

    def behavior(self) -> Behavior | None:
        """The behavior space of programs; by default the size and depth of their text. None: there is none."""
        from psynth.plugins.behavior import Shape

        return Shape()

    def bounds(self, task: Task) -> tuple[float, float] | None:
        """The least and the greatest number in programs that are lists of numbers; None if any will do."""
        return None

    def learning(self) -> Learning | None:
        """Training data about programs besides their text; None if there are none."""
        return None

    def features(self) -> Features:
        """How a recognition network sees a task: by default as the tokens of its examples in JSON."""
        from psynth.plugins.features import TokenFeatures

        return TokenFeatures()

    def words(self) -> TaskWords:
        """The words in which a policy reads a task: by default those of its examples in JSON."""
        from psynth.plugins.task_words import TaskWords

        return TaskWords()

    def local_search(self) -> LocalSearch | None:
        """The domain's own local search; None: the λ-machine mutates programs, and the evaluator judges them."""
        return None

    def seeds(self, task: Task) -> Sequence[Program]:
        """Programs that evolution may start from on a task, in any of ``languages``; by default none."""
        return ()

    def task_maker(self) -> TaskMaker | None:
        """The maker of tasks for given programs; None if the domain has none."""
        return None

    # ---- derived methods -----------------------------------------------------------------------------------------

    def records(
        self, settings: Any, seed: int, primitive_set: str | None = None, *, seeds: str | None = None
    ) -> Iterator[Record]:
        """The stream of ``psynth tasks``: the library, then each task as an empty frontier.

        A domain whose ``tasks`` ignore ``count`` and ``split`` is held to them: at most ``count`` tasks of a split.
        With ``seeds``, a language, a frontier has the task's seed programs in that language; UsageError if the domain
        has no such programs.
        """
        library, tasks = self.library(primitive_set), self._counted_tasks(settings, seed)
        # Errors in the settings are reported before anything is written.
        first = list(itertools.islice(tasks, 1))
        if seeds is not None and not any(self._seeds(task, seeds) for task in first):
            has = ", ".join(dict.fromkeys(each.language for task in first for each in self.seeds(task)))
            raise UsageError(f"domain {self.name!r} has no seed programs in {seeds}; it has {has or 'none at all'}")
        yield library
        for task in itertools.chain(first, tasks):
            yield Frontier(task=task, programs=() if seeds is None else self._seeds(task, seeds))

    def _seeds(self, task: Task, language: str) -> tuple[Program, ...]:
        return tuple(each for each in self.seeds(task) if each.language == language)

    def _counted_tasks(self, settings: Any, seed: int) -> Iterator[Task]:
        most = settings.count
        if most is None:
            yield from self.tasks(settings, seed)
            return
        for split in settings.splits:
            yield from itertools.islice(self.tasks(dataclasses.replace(settings, split=split), seed), most)

    def chosen_set(self, primitive_set: str | None) -> str:
        """The primitive set's name, the default for None; UsageError names the known sets if it is unknown."""
        if primitive_set is None:
            return next(iter(self.primitive_sets))
        if primitive_set not in self.primitive_sets:
            known = ", ".join(self.primitive_sets)
            hint = did_you_mean(primitive_set, self.primitive_sets)
            raise UsageError(f"domain {self.name!r} has no primitive set {primitive_set!r}; it has {known}{hint}")
        return primitive_set

    def require_language(self, language: str) -> None:
        """Raise InputError unless programs of this domain may be written in ``language``."""
        if language not in self.languages:
            known = ", ".join(self.languages)
            raise InputError(f"domain {self.name!r} cannot run programs in {language}; its programs are in {known}")

    def require_lambda(self, action: str) -> None:
        """Raise InputError unless the domain has λ-terms; ``action`` names their use, as ``"be enumerated"``."""
        if LAMBDA not in self.languages:
            known = ", ".join(self.languages)
            raise InputError(f"programs of domain {self.name!r} are in {known}; only λ-terms can {action}")
