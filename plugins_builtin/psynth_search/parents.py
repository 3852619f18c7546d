"""What a batch of records holds to be changed: each program with its library, its type and its own seed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from psynth.core.calculus.types import parse_type
from psynth.core.engines.lambda_machine import LambdaMachine
from psynth.core.errors import InputError, PsynthError
from psynth.core.seeds import derive, stable_hash
from psynth.core.stream.records import Frontier, Library, Program, Record
from psynth.plugins.method import Context


@dataclass(eq=False)
class Parent:
    """A program to be changed; ``mutants`` holds what came of it, ``none`` says why that is nothing.

    ``wrong`` says what is wrong with the program itself.
    """

    program: Program
    library: Library
    request: str | None
    seed: int
    mutants: list[Program] = field(default_factory=list)
    none: str | None = None
    wrong: str | None = None


@dataclass
class Work:
    """A frontier with its programs as parents; ``wrong`` is set where none of them can be changed."""

    frontier: Frontier
    parents: list[Parent]
    wrong: InputError | None = None


class Languages:
    """Which library a frontier's programs are written in, as the records go by."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._libraries: dict[str, Library] = {}
        self._latest: Library | None = None

    def works(self, records: Iterable[Record]) -> Iterator[Record | Work]:
        """Yield the records, those frontiers that hold programs as work."""
        for record in records:
            if isinstance(record, Library):
                self._libraries[record.domain] = self._latest = record
            yield self._work(record) if isinstance(record, Frontier) and record.programs else record

    def _work(self, frontier: Frontier) -> Work:
        task = frontier.task
        try:
            library = self._library_of(frontier)
            request = None if task is None or task.request is None else str(parse_type(task.request))
        except PsynthError as error:
            return Work(frontier, [], frontier.error(str(getattr(error, "message", error))))
        # A program has its randomness from the task and its own text: programs without a task from their text alone.
        seed = derive(self._context.seed, self._context.command, "" if task is None else task.id)
        parents = [
            Parent(program, library, request, stable_hash(seed, program.program) >> 2) for program in frontier.programs
        ]
        for parent in parents:
            if parent.program.language != "lambda":
                parent.wrong = f"a program in {parent.program.language} is no λ-term to change"
        return Work(frontier, parents)

    def _library_of(self, frontier: Frontier) -> Library:
        if frontier.task is not None:
            domain = frontier.task.domain
            if domain not in self._libraries:
                self._libraries[domain] = self._context.library_for(domain)
            return self._libraries[domain]
        if self._latest is None:
            raise InputError("programs without a task need a library before them")
        return self._latest


def groups(works: Iterable[Work], machine: LambdaMachine) -> list[list[Parent]]:
    """The parents that can be changed, by library and type; where no type is asked for it is the program's own."""
    fit = [parent for work in works for parent in work.parents if parent.wrong is None]
    _infer_requests([parent for parent in fit if parent.request is None], machine)
    found: dict[tuple[int, str], list[Parent]] = {}
    for parent in fit:
        if parent.request is not None:
            found.setdefault((id(parent.library), parent.request), []).append(parent)
    return list(found.values())


def _infer_requests(parents: list[Parent], machine: LambdaMachine) -> None:
    of_library: dict[int, list[Parent]] = {}
    for parent in parents:
        of_library.setdefault(id(parent.library), []).append(parent)
    for each in of_library.values():
        answers = machine.infer(each[0].library.to_json(), [parent.program.program for parent in each])
        for parent, answer in zip(each, answers, strict=True):
            parent.request = answer.get("type")
            if parent.request is None:
                parent.wrong = str(answer["error"]["message"])
