"""The Python API: the engines of the commands as functions from records to records, for notebooks and scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from psynth.core.calculus.terms import Term, parse_term
from psynth.core.engines.leases import Engines
from psynth.core.errors import UsageError
from psynth.core.settings import check_settings, did_you_mean, fields_of
from psynth.core.stream.reading import ReadReport, Source, read_records
from psynth.core.stream.records import End, EndStatus, Frontier, Header, Library, Metric, Record, worst
from psynth.core.stream.scope import libraries_in, with_libraries
from psynth.core.stream.writing import open_writer
from psynth.plugins.evaluation import Evaluate
from psynth.plugins.method import Context, Method
from psynth.plugins.registry import default_registry

S = TypeVar("S")


class Stream(list[Record]):
    """The records of a stream between its header and its end, in order.

    ``status`` is the status of the end: ``complete``, ``budget`` or ``interrupted``.
    """

    def __init__(self, records: Iterable[Record] = (), status: EndStatus = "complete") -> None:
        super().__init__(records)
        self.status: EndStatus = status

    @property
    def frontiers(self) -> list[Frontier]:
        """The frontiers, in order."""
        return [record for record in self if isinstance(record, Frontier)]

    @property
    def libraries(self) -> dict[str, Library]:
        """The last library of each domain."""
        return libraries_in(self)

    @property
    def metrics(self) -> list[Metric]:
        """The metrics, in order."""
        return [record for record in self if isinstance(record, Metric)]


def read(*sources: Source) -> Stream:
    """The records of stream files, one after the other, compressed or not; ``-`` is standard input.

    UsageError for a file that cannot be opened, InputError with file and line for a file that is not a stream.

    >>> import psynth, tempfile
    >>> path = tempfile.mkstemp(suffix=".jsonl.gz")[1]
    >>> psynth.write(psynth.tasks("list", count=3), path)
    >>> [frontier.task.id for frontier in psynth.read(path).frontiers][0]
    'list/train-000-head'
    """
    report = ReadReport()
    return Stream(list(read_records(sources, report=report)), report.status)


def write(records: Iterable[Record], path: str | Path) -> None:
    """Write records as a stream, to a file that is replaced once complete; compressed by suffix.

    >>> import psynth, tempfile
    >>> path = tempfile.mkstemp(suffix=".jsonl")[1]
    >>> psynth.write(psynth.tasks("list", count=3), path)
    >>> len(psynth.read(path).frontiers)
    3
    """
    listed = list(records)
    status = records.status if isinstance(records, Stream) else "complete"
    with open_writer(path) as writer:
        if not (listed and isinstance(listed[0], Header)):
            writer.write(Header())
        for record in listed:
            writer.write(record)
        writer.finish(status)


def parse(text: str, *, domain: str | None = None) -> Term:
    """The λ-term for a text, or with ``domain`` for a text in the domain's native notation.

    PsynthError, with the position, for an invalid text.

    >>> import psynth
    >>> psynth.parse("(lambda (map (+ 1) $0))").size
    8
    >>> str(psynth.parse("DEF run m( move turnLeft m)", domain="karel"))
    '(karel_seq move turnLeft)'
    """
    return parse_term(text if domain is None else default_registry().domain(domain).syntax().read(text))


def tasks(domain: str, *, primitives: str | None = None, seed: int = 0, **settings: Any) -> Stream:
    """A domain's library and its tasks as empty frontiers, as ``psynth tasks`` writes them.

    ``settings`` are those of the domain's tasks. UsageError for an unknown domain, setting or primitive set.

    >>> import psynth
    >>> stream = psynth.tasks("list", split="test", count=2)
    >>> [type(record).__name__ for record in stream]
    ['Library', 'Frontier', 'Frontier']
    """
    found = default_registry().domain(domain)
    return Stream(found.records(_made(found.TaskSettings, settings), seed, primitives))


def evaluate(records: Iterable[Record], **settings: Any) -> Stream:
    """The records with every frontier's programs run and judged, as ``psynth evaluate`` does.

    >>> import psynth
    >>> from psynth.plugins import Example, Frontier, Program, Task
    >>> task = Task("list/inc", "list", "list(int) -> list(int)", (Example([[1, 2]], [2, 3]),))
    >>> programs = (Program("(lambda (map (lambda (+ 1 $0)) $0))"), Program("(lambda $0)"))
    >>> [frontier] = psynth.evaluate([Frontier(task, programs)]).frontiers
    >>> [program.score for program in frontier.programs]
    [1.0, 0.0]
    """
    seed, jobs = settings.pop("seed", 0), settings.pop("jobs", 1)
    return _run(_made(Evaluate, settings), "evaluate", records, seed, jobs)


def enumerate(records: Iterable[Record], *, method: str = "windows", **settings: Any) -> Stream:
    """The records with programs found for every frontier's task, as ``psynth enumerate`` does.

    >>> import psynth
    >>> found = psynth.enumerate(psynth.tasks("list", count=5), max_cost=12)
    >>> any(frontier.solved for frontier in found.frontiers)
    True
    """
    return run("enumerate", records, method=method, **settings)


def compress(records: Iterable[Record], *, method: str = "joint", **settings: Any) -> Stream:
    """The records with a library learned from the programs, and the programs rewritten, as ``psynth compress`` does.

    >>> import psynth
    >>> from psynth.plugins import Frontier, Library, Production, Program, Task
    >>> library = Library("list", tuple(Production(name, "int -> int", 0.0) for name in "fgh"), 0.0)
    >>> texts = ["(lambda (f (g (h (f $0)))))", "(lambda (h (f (g (h (f $0))))))", "(lambda (g (f (g (h (f $0))))))"]
    >>> frontiers = [
    ...     Frontier(Task(f"list/{number}", "list", "int -> int"), (Program(text),))
    ...     for number, text in zip("abc", texts, strict=True)
    ... ]
    >>> learned = psynth.compress([library, *frontiers])
    >>> [entry.definition for entry in learned.libraries["list"].productions if entry.definition]
    ['(lambda (f (g (h (f $0)))))']
    """
    return run("compress", records, method=method, **settings)


def document(records: Iterable[Record], *, method: str = "template", **settings: Any) -> Stream:
    """The records with every abstraction of their libraries named and described, as ``psynth document`` does.

    >>> import psynth
    >>> from dataclasses import replace
    >>> from psynth.plugins import Production
    >>> library = psynth.tasks("list", count=1).libraries["list"]
    >>> learned = Production("fn_0", "list(int) -> list(int)", 0.0, "(lambda (map (lambda (+ $0 1)) $0))")
    >>> documented = psynth.document([replace(library, productions=(*library.productions, learned))])
    >>> entry = documented.libraries["list"].productions[-1]
    >>> entry.name, entry.documentation.summary
    ('map_plus_1', 'map (λx. x + 1) xs — map: the function applied to each element')
    """
    return run("document", records, method=method, **settings)


def run(
    subcommand: str, records: Iterable[Record], *, method: str, seed: int = 0, jobs: int = 1, **settings: Any
) -> Stream:
    """The output of a method of a subcommand for ``records``; ``settings`` are the method's.

    A frontier that no library precedes gets its domain's own. UsageError for an unknown name or a wrong value.

    >>> import psynth
    >>> from psynth.plugins import Library
    >>> drawn = psynth.run("sample", psynth.tasks("list", count=1), method="grammar", count=3, seed=1)
    >>> len(drawn.frontiers)
    3
    """
    made = _made(default_registry().method(subcommand, method), settings)
    return _run(made, subcommand, records, seed, jobs)


def _run(method: Method, command: str, records: Iterable[Record], seed: int, jobs: int) -> Stream:
    status: EndStatus = records.status if isinstance(records, Stream) else "complete"
    with Engines(jobs) as engines:
        context = Context(command, seed=seed, jobs=jobs, engines=engines)
        source = with_libraries(_without_ends(records, command), context.library_for)
        output: list[Record] = []
        for record in method.run(_ended(source, status), context):
            if isinstance(record, End):
                status = worst(status, record.status)
            else:
                output.append(record)
    return Stream(output, status)


def _without_ends(records: Iterable[Record], command: str) -> Iterator[Record]:
    for record in records:
        if not isinstance(record, Record):
            raise UsageError(f"{command} takes records, as psynth.read returns them, not {type(record).__name__}")
        if not isinstance(record, End):
            yield record


def _ended(records: Iterable[Record], status: EndStatus) -> Any:
    yield from records
    yield End(status)


def _made(settings: type[S], values: Mapping[str, Any]) -> S:
    """An instance of a class of settings; UsageError for an unknown name, with the closest known one."""
    known = [field.name for field in fields_of(settings)]
    for name in values:
        if name not in known:
            raise UsageError(f"{settings.__name__} has no setting {name!r}{did_you_mean(name, known)}")
    made = settings(**values)
    check_settings(made)
    return made
