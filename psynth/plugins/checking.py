"""Checks a stream: its contents, and the consistency of its libraries, tasks and programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from psynth.core.calculus.inference import IllTyped, infer
from psynth.core.calculus.terms import Term, names_in, parse_term
from psynth.core.calculus.types import Type, TypeVariable, parse_type
from psynth.core.engines.archive import check_archive
from psynth.core.errors import InputError, PsynthError
from psynth.core.languages import is_typed
from psynth.core.python_source import syntax_fault
from psynth.core.stream.merging import unite_headers
from psynth.core.stream.records import LOG_FIELD, Archive, Foreign, Frontier, Header, Library, Program, Record
from psynth.core.stream.scope import Scope, scoped
from psynth.core.stream.seen import Seen
from psynth.core.stream.sharding import missing_shards
from psynth.plugins.method import Context
from psynth.plugins.task_data import TaskData, has_criterion

MAX_REPORTED = 20
"""Maximum number of problems of one kind with their messages; the rest are only counted."""


@dataclass
class Report:
    """The result of a check."""

    counts: Counter[str] = field(default_factory=Counter)
    """The number of records of each type."""
    programs: int = 0
    solved: int = 0
    """The number of solved frontiers."""
    problems: list[str] = field(default_factory=list)
    """The messages of the first problems of each kind."""
    wrong: int = 0
    """The number of all problems."""
    end: str | None = None
    """The status of the stream's end; None if it has no end."""
    interrupted: int = 0
    """The number of searches that a signal cut short."""
    without_criterion: int = 0
    """The number of tasks with neither examples nor an environment to judge programs by."""
    empty: int = 0
    """The number of those that have no programs either."""
    missing: list[str] = field(default_factory=list)
    """A message for each stage of which some shards are not there."""
    _of_kind: Counter[str] = field(default_factory=Counter)

    def problem(self, error: PsynthError, kind: str = "line") -> None:
        """Count a problem, and keep its message unless its kind already has the maximum number."""
        self.wrong += 1
        self._of_kind[kind] += 1
        if self._of_kind[kind] <= MAX_REPORTED:
            self.problems.append(str(error))

    def to_json(self) -> dict[str, Any]:
        """The report as ``psynth check --json`` prints it; what is 0 or empty is left out where it is rare."""
        rare = {
            "interrupted": self.interrupted,
            "missing": self.missing,
            "without_criterion": self.without_criterion,
        }
        return {
            "records": dict(sorted(self.counts.items())),
            "programs": self.programs,
            "solved": self.solved,
            "end": self.end,
            **{name: value for name, value in rare.items() if value},
            "wrong": self.wrong,
            "problems": self.problems,
        }


def check(records: Iterable[Record], context: Context, report: Report) -> None:
    """Read all records and add their counts and problems to ``report``."""
    languages = _TypedLibraries(context)
    with TaskData(context) as data:
        _check(records, context, languages, data, report)


def _check(
    records: Iterable[Record], context: Context, languages: _TypedLibraries, data: TaskData, report: Report
) -> None:
    tasks = Seen()
    headers: list[Header] = []
    segment = 0
    in_archive = False
    for record, scope in scoped(records, context.library_for):
        report.counts[_type_of(record)] += 1
        if isinstance(record, Header):
            headers.append(record)
            # The log of an evolution has as many frontiers of a task as were judged.
            in_archive = LOG_FIELD in record.extra
        elif isinstance(record, Archive):
            # Its frontiers are elites, of which a task has many.
            in_archive = True
            _check_archive(record, report)
        elif isinstance(record, Library):
            segment += 1
            for message in languages.of(record).problems:
                report.problem(record.error(message), "library")
        elif isinstance(record, Frontier):
            if record.task is not None and not in_archive and not tasks.add(f"{segment} {record.task.id}"):
                report.problem(record.error("this task occurs twice under the same library"), "task")
            _check_frontier(record, scope, languages, data, report)
    report.missing = missing_shards(unite_headers(headers))


def _check_archive(archive: Archive, report: Report) -> None:
    try:
        check_archive(archive)
    except InputError as error:
        report.problem(error, "archive")


def _type_of(record: Record) -> str:
    if isinstance(record, Foreign):
        return record.type or "(not a record)"
    return record.TYPE


def _check_frontier(
    frontier: Frontier, scope: Scope, languages: _TypedLibraries, data: TaskData, report: Report
) -> None:
    report.programs += len(frontier.programs)
    report.solved += frontier.solved
    report.interrupted += frontier.search is not None and frontier.search.status == "interrupted"
    if frontier.task is not None and not has_criterion(frontier.task):
        report.without_criterion += 1
        report.empty += not frontier.programs
    if frontier.task is None and scope.nearest is None:
        return
    try:
        language = languages.of(scope.library(frontier))
    except InputError as error:
        report.problem(error, "task")
        return
    request = None
    if frontier.task is not None and frontier.task.request is not None:
        try:
            request = parse_type(frontier.task.request)
        except PsynthError as error:
            report.problem(frontier.error(f"request: {error}"), "task")
            return
    # Under a library that is wrong itself, no task can be judged.
    message = None if language.problems else data.fault(frontier, scope)
    if message is not None:
        report.problem(frontier.error(message), "task")
    for number, program in enumerate(frontier.programs, 1):
        message = language.fault(program, request)
        if message is not None:
            report.problem(frontier.error(f"program {number}: {message}"), "program")


class _TypedLibraries:
    """The typed libraries in effect, one for each domain."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: dict[str, tuple[Library, TypedLibrary]] = {}

    def of(self, library: Library) -> TypedLibrary:
        """The typed form of a library; an unknown domain, which is not a problem of the stream, has no literals."""
        known = self._known.get(library.domain)
        if known is None or known[0] is not library:
            self._known[library.domain] = known = (library, TypedLibrary(library, self._literals(library.domain)))
        return known[1]

    def _literals(self, domain: str) -> Callable[[str], Type | None] | None:
        try:
            return self._context.domain(domain).syntax().literal_type
        except InputError as error:
            self._context.warn(f"{error}; its programs are checked without it")
            return None


class TypedLibrary:
    """A library with parsed types, its problems, and the problems of programs written in it."""

    def __init__(self, library: Library, literal_type: Callable[[str], Type | None] | None) -> None:
        self.types: dict[str, Type] = {}
        self.problems: list[str] = []
        self._literal_type = literal_type
        self._untyped = not is_typed(library)
        for production in library.productions:
            if production.name in self.types:
                self.problems.append(f"production {production.name} occurs twice")
            try:
                declared = parse_type(production.type)
                if production.definition is not None:
                    self._check_definition(parse_term(production.definition), declared)
            except PsynthError as error:
                self.problems.append(f"production {production.name}: {error}")
                continue
            self.types[production.name] = declared

    def _check_definition(self, definition: Term, declared: Type) -> None:
        """Raise IllTyped if a definition does not have its declared type.

        Without types an abstraction may have none; it is then declared t0, and only its names are checked.
        """
        try:
            infer(definition, self.types, declared, literal_type=self._literal_type)
        except IllTyped:
            if not isinstance(declared, TypeVariable) or not self._needs_no_type(definition):
                raise

    def _needs_no_type(self, term: Term) -> bool:
        """Whether a term is one of an untyped language: closed, and of known names."""
        return self._untyped and term.free == 0 and all(name in self.types for name in names_in(term))

    def fault(self, program: Program, request: Type | None) -> str | None:
        """Why a λ-term is ill typed, or why Python source does not parse; None if nothing is wrong."""
        if program.language == "python":
            fault = syntax_fault(program.program)
            return fault and f"not Python: {fault}"
        if program.language != "lambda":
            return None
        try:
            term = parse_term(program.program)
        except PsynthError as error:
            return str(error)
        if self._needs_no_type(term):
            return None
        try:
            infer(term, self.types, request, literal_type=self._literal_type)
        except PsynthError as error:
            return str(error)
        return None
