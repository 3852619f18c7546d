"""Records as ``psynth show`` displays them: tasks with examples and programs, libraries, summaries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from psynth.core.engines.archive import Elites
from psynth.core.errors import PsynthError
from psynth.core.stream.merging import unite_headers
from psynth.core.stream.records import (
    Frontier,
    Header,
    Library,
    Metric,
    Model,
    Program,
    Record,
    Task,
    source_of,
)
from psynth.core.stream.sharding import missing_shards
from psynth.plugins.source_text import python_source
from psynth.plugins.views import Views
from psynth.views.archives import Archives, draw
from psynth.views.documented import meaning_lines
from psynth.views.grid import Column, Grid
from psynth.views.scenes import has_own_syntax, native

if TYPE_CHECKING:
    from psynth.plugins.domain import Domain
    from psynth.plugins.registry import Registry

LONGEST_EXAMPLE = 80
"""Maximum length, in characters, of an example that the table of a library shows."""


@dataclass(frozen=True)
class View:
    """What to display of each record."""

    examples: int = 3
    """Maximum number of examples of a task."""
    programs: int = 1
    """Maximum number of programs of a task."""
    learned: bool = False
    """Whether to omit primitives from libraries."""
    only: str | None = None
    """The only type of records to display; None: all."""
    tasks: bool = True
    """Whether to draw tasks below their names."""


@dataclass
class Tally:
    """The counts of one stream, as a row of the summary."""

    source: str
    tasks: int = 0
    solved: int = 0
    programs: int = 0
    tried: int = 0
    domains: dict[str, None] = field(default_factory=dict)
    learned: dict[str, int] = field(default_factory=dict)
    archived: dict[str, bool] = field(default_factory=dict)
    """The tasks of archives, each with whether an elite solves it."""

    def count(self, record: Record) -> None:
        """Count one record."""
        if isinstance(record, Library):
            self.domains[record.domain] = None
            self.learned[record.domain] = sum(entry.definition is not None for entry in record.productions)
        elif isinstance(record, Frontier):
            self.tasks += record.task is not None
            self.solved += record.task is not None and record.solved
            self.programs += len(record.programs)
            if record.task is not None:
                self.domains[record.task.domain] = None
            if record.search is not None:
                self.tried += record.search.programs or 0

    def count_elite(self, record: Record) -> None:
        """Count one record of an archive, in which a task has many frontiers."""
        if isinstance(record, Frontier) and record.task is not None:
            first = record.task.id not in self.archived
            solved = self.archived.get(record.task.id, False)
            self.archived[record.task.id] = solved or record.solved
            self.tasks += first
            self.solved += record.solved and not solved
            self.programs += len(record.programs)
            self.domains[record.task.domain] = None


class Drawing:
    """Displays and counts the records of one or several streams."""

    def __init__(
        self, view: View, registry: Registry, libraries: Mapping[str, Library] | None = None, source: str = "-"
    ) -> None:
        """``libraries`` by domain replace the stream's; ``source`` is the name of records without a place."""
        self.view, self.registry, self._source = view, registry, source
        self._shown: dict[tuple[str, bytes], Library] = {}
        self._metrics: dict[str, int] = {}
        self._overrides = dict(libraries or {})
        self._libraries = dict(self._overrides)
        self._tallies: dict[str, Tally] = {}
        self._headers: list[Header] = []
        self._archives = Archives()

    def of(self, record: Record, *, quiet: bool = False) -> Iterator[RenderableType]:
        """Yield the renderables of a record, none if ``quiet`` or if the record is not meant for people.

        Libraries and metrics, which would bury the answers, are left to `rest` unless they alone are displayed.
        """
        source = self._source = source_of(record, self._source)
        tally = self._tallies.setdefault(source, Tally(source))
        if self._archives.takes(record, source):
            tally.count_elite(record)
            if self.view.only is None:
                return
        else:
            tally.count(record)
        if isinstance(record, Header):
            self._headers.append(record)
        if isinstance(record, Library) and record.domain not in self._overrides:
            self._libraries[record.domain] = record
        if quiet or self.view.only not in (None, getattr(record, "TYPE", "")):
            return
        if self.view.only is None and isinstance(record, Library):
            self._shown[record.domain, record.encode()] = record
        elif self.view.only is None and isinstance(record, Metric):
            self._metrics[record.name] = self._metrics.get(record.name, 0) + 1
        else:
            yield from self._display(record)

    def rest(self) -> Iterator[RenderableType]:
        """Yield archives and what the frontiers were made with: learned parts of libraries, the number of metrics."""
        for _, elites, task in self._archives.tasks() if self.view.only is None else ():
            yield draw(elites, task)
            yield frontier_view(_best(elites, task), self.view, self.registry, self._libraries)
        for library in self._shown.values():
            yield library_table(library, learned=True)
        if self._metrics:
            counts = ", ".join(f"{count:,} of {name}" for name, count in self._metrics.items())
            yield Text(f"metrics: {counts} (psynth report draws them, --only metric lists them)", style="dim")

    def summary(self, ends: Mapping[str, str] | None = None) -> Grid:
        """A table with one row for each stream: tasks, solved, programs found and tried, learned abstractions.

        ``ends`` are the statuses of the streams' ends, which have a column if any is interrupted.
        """
        ends = ends or {}
        interrupted = "interrupted" in ends.values()
        titles = ("tasks", "solved", "%", "programs", "tried", "learned")
        columns = [Column("stream"), Column("domain"), *(Column(title, "number") for title in titles)]
        grid = Grid([*columns, Column("end", "number")] if interrupted else columns)
        for tally in self._tallies.values():
            share = f"{100 * tally.solved / tally.tasks:.1f}" if tally.tasks else "–"
            numbers = (
                tally.tasks,
                tally.solved,
                share,
                tally.programs,
                f"{tally.tried:,}",
                sum(tally.learned.values()),
            )
            end = [ends.get(tally.source, "–")] if interrupted else []
            grid.add(tally.source, " ".join(tally.domains), *map(str, numbers), *end)
        return grid

    def missing(self) -> list[str]:
        """A message for each stage of which the streams together have some shards only."""
        return missing_shards(unite_headers(self._headers))

    def _display(self, record: Record) -> Iterator[RenderableType]:
        if isinstance(record, Library):
            yield library_table(record, learned=self.view.learned)
        elif isinstance(record, Frontier):
            yield frontier_view(record, self.view, self.registry, self._libraries)
        elif isinstance(record, Model):
            yield Text(f"model {record.kind} for {record.domain}: {record.path}")
        elif isinstance(record, Metric):
            labels = " ".join(f"{name}={value}" for name, value in record.labels.items())
            step = "" if record.step is None else f"  step {record.step:g}"
            yield Text(f"{record.name} {record.value:g}{step}  {labels}", style="dim")


def _best(elites: Elites, task: str) -> Frontier:
    """The best elite of a task, of several the first by cell."""
    return max(elites.all(task), key=lambda elite: elite.gain).frontier


def library_table(library: Library, *, learned: bool = False) -> RenderableType:
    """A table of a library's productions, or only of its learned abstractions."""
    entries = [entry for entry in library.productions if entry.definition is not None or not learned]
    abstractions = sum(entry.definition is not None for entry in library.productions)
    title = f"library {library.domain}: {len(library.productions)} productions, {abstractions} of them learned"
    if not entries:
        return Text(title, style="bold")
    columns = [Column("name", style="cyan"), Column("type", "text", "green"), Column("log weight", "number")]
    defined = any(entry.definition or entry.documentation for entry in entries)
    grid = Grid([*columns, Column("definition", "text")] if defined else columns, margin="  ")
    for entry in entries:
        weight = "never" if entry.log_weight == float("-inf") else f"{entry.log_weight:.2f}"
        meaning = meaning_lines(entry, examples=1, longest=LONGEST_EXAMPLE)
        lines = [*filter(None, [entry.definition]), *meaning]
        grid.add(entry.name, entry.type, weight, *(["\n".join(lines)] if defined else []))
    return Group(Text(title, style="bold"), grid)


def frontier_view(
    frontier: Frontier, view: View, registry: Registry, libraries: Mapping[str, Library]
) -> RenderableType:
    """A frontier as it is displayed: its task, with examples or as its domain draws it, and its best programs."""
    task = frontier.task
    parts: list[RenderableType] = []
    if task is None:
        parts.append(Text("programs without a task", style="bold"))
    else:
        parts.append(_heading(frontier, task))
        if view.tasks:
            parts.append(Padding(_task(task, view.examples, registry), (0, 0, 0, 2), expand=False))
    for program in frontier.programs[: view.programs]:
        parts.append(Padding(_program(program), (0, 0, 0, 2), expand=False))
        printed = None if task is None else _in_own_syntax(program, task.domain, registry, libraries)
        if printed is not None:
            parts.append(Padding(Text(printed, style="dim", overflow="fold"), (0, 0, 0, 4), expand=False))
    hidden = len(frontier.programs) - view.programs
    if view.programs and hidden > 0:
        parts.append(Padding(Text(f"and {hidden} more", style="dim"), (0, 0, 0, 2), expand=False))
    return Group(*parts)


def _heading(frontier: Frontier, task: Task) -> Text:
    heading = Text("✔ " if frontier.solved else "· ", style="green" if frontier.solved else "dim")
    heading.append(task.id, style="bold")
    if task.request is not None:
        heading.append(f" : {task.request}", style="green")
    if task.descriptions:
        heading.append(f"  {task.descriptions[0]}", style="italic")
    if frontier.search is not None and not frontier.solved:
        search = frontier.search
        heading.append(f"  {search.status} after {search.programs or 0:,} programs", style="dim")
    return heading


def _task(task: Task, examples: int, registry: Registry) -> Any:
    """A task as its domain draws it with its first examples, else these."""
    domain = _domain(task.domain, registry)
    first = replace(task, examples=task.examples[:examples])
    drawn = None if domain is None else domain.views().draw_task(first)
    return _examples(task, examples, registry) if drawn is None else drawn


def _domain(name: str, registry: Registry) -> Domain | None:
    """The domain; None if its plugin is not installed, in which case the stream can still be displayed."""
    try:
        return registry.domain(name)
    except PsynthError:
        return None


def _in_own_syntax(program: Program, name: str, registry: Registry, libraries: Mapping[str, Library]) -> str | None:
    domain = _domain(name, registry)
    if domain is None or not has_own_syntax(domain):
        return None
    return native(program, libraries.get(name) or domain.library(), domain)


def _examples(task: Task, limit: int, registry: Registry) -> RenderableType:
    domain = _domain(task.domain, registry)
    lines = []
    for example in task.examples[:limit]:
        inputs = "  ".join(_value(value, domain) for value in example.inputs)
        lines.append(Text(f"{inputs} ↦ {_value(example.output, domain)}", overflow="ellipsis", no_wrap=True))
    return Group(*lines)


def _value(value: Any, domain: Domain | None) -> str:
    return Views().format_value(value) if domain is None else domain.views().format_value(value)


def _program(program: Program) -> RenderableType:
    if program.language == "python":
        figures = ", ".join(_figures(program))
        return Group(*([Text(figures, style="dim")] if figures else []), python_source(program.program))
    text = Text(program.program, style="cyan", overflow="fold")
    figures = ", ".join(_figures(program))
    return text.append(f"  {figures}", style="dim") if figures else text


def _figures(program: Program) -> Iterator[str]:
    if program.log_prior is not None and program.log_prior > float("-inf"):
        yield f"{-program.log_prior:.2f} nats"
    if program.score is not None and program.score < 1:
        yield f"score {program.score:.2f}"
    if program.reward is not None:
        yield f"reward {program.reward:.3f}"
    if program.status not in (None, "ok"):
        yield str(program.status)
    if program.language == "python" and program.message:
        yield program.message
