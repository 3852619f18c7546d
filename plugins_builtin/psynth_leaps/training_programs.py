"""The programs of a stream that a model learns from, and their library."""

from __future__ import annotations

from dataclasses import dataclass, field

from psynth.core.calculus.inference import infer
from psynth.core.calculus.terms import parse_term
from psynth.core.errors import InputError, PsynthError
from psynth.core.languages import grammar_of
from psynth.core.stream.records import Frontier, Library, Task
from psynth.plugins.method import Context


@dataclass(frozen=True, slots=True)
class TrainingProgram:
    """A program of the stream, and the task with the worlds to demonstrate it in."""

    program: str
    task: Task


@dataclass
class TrainingPrograms:
    """The programs of one domain, in the order of the stream; with ``need_tasks`` each must have a task."""

    need_tasks: bool
    programs: list[TrainingProgram] = field(default_factory=list)
    _libraries: dict[str, Library] = field(default_factory=dict)
    _nearest: Library | None = None

    @property
    def domain(self) -> str | None:
        """The domain of the programs; None before the first."""
        return self.programs[0].task.domain if self.programs else None

    def add_library(self, library: Library) -> None:
        """Set the library of the following programs; raises `InputError` if it differs from that of earlier ones."""
        if library.domain == self.domain and library != self._libraries.get(library.domain):
            raise library.error("the library changes among the programs: a model requires one language")
        self._libraries[library.domain] = self._nearest = library

    def add(self, frontier: Frontier) -> None:
        """Add a frontier's λ-terms; raises `InputError` for a task of another domain, or a missing one."""
        task = frontier.task or self._untied(frontier)
        if self.domain not in (None, task.domain):
            raise frontier.error(
                f"a model requires one domain: this task is of {task.domain}, the first of {self.domain}"
            )
        self.programs += [
            TrainingProgram(each.program, task) for each in frontier.programs if each.language == "lambda"
        ]

    def library(self, context: Context) -> Library:
        """The library that all programs are written in; raises `InputError` if there are no programs."""
        if self.domain is None:
            raise InputError("the stream has no programs to learn from: psynth sample makes some")
        return self._libraries.get(self.domain) or context.library_for(self.domain)

    def _untied(self, frontier: Frontier) -> Task:
        """A task for programs without one, which can be read and written but not demonstrated."""
        library = self._nearest
        if library is None:
            raise frontier.error("no library precedes this program without a task")
        if self.need_tasks:
            raise frontier.error(
                "no demonstrations for a program without a task: train with --losses p, or sample with --demonstrations"
            )
        try:
            kind = infer(parse_term(frontier.programs[0].program), grammar_of(library).types)
        except PsynthError as error:
            raise frontier.error(str(error)) from error
        return Task(id=f"{library.domain}/untied", domain=library.domain, request=str(kind))
