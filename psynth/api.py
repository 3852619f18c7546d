"""The Python API: the engines of the commands as functions from records to records, for notebooks and scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, overload

from psynth.core.calculus.terms import Term, parse_term
from psynth.core.engines.leases import Engines
from psynth.core.errors import UsageError
from psynth.core.program_lists import UNTYPED, frontiers_of, library_of_definitions, library_of_programs
from psynth.core.settings import check_settings, did_you_mean, fields_of
from psynth.core.stream.reading import ReadReport, Source, read_records
from psynth.core.stream.records import End, EndStatus, Frontier, Header, Library, Metric, Record, worst
from psynth.core.stream.scope import libraries_in, with_libraries
from psynth.core.stream.writing import open_writer
from psynth.plugins.evaluation import Evaluate
from psynth.plugins.method import Context, Method
from psynth.plugins.registry import default_registry

S = TypeVar("S")
AnyLibrary = Library | Iterable[Record] | Mapping[str, str]
"""What :func:`rewrite` takes for a library."""


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
    def programs(self) -> list[str]:
        """The text of the best program of each frontier that has one, in order."""
        return [frontier.programs[0].program for frontier in self.frontiers if frontier.programs]

    @property
    def abstractions(self) -> dict[str, str]:
        """The definitions of the abstractions of all libraries, by name; those of the last library of each domain."""
        return {
            entry.name: entry.definition
            for library in self.libraries.values()
            for entry in library.productions
            if entry.definition is not None
        }

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


def compress(records: Iterable[Record | str], *, method: str = "joint", **settings: Any) -> Stream:
    """The records with a library learned from the programs, and the programs rewritten, as ``psynth compress`` does.

    Programs as text are tasks of the domain ``untyped``, one each.

    >>> import psynth
    >>> learned = psynth.compress(["(up (f (g a) b))", "(down (f (g c) b))", "(f (g d) b)"], max_arity=1)
    >>> learned.abstractions
    {'fn_0': '(lambda (f (g $0) b))'}
    >>> learned.programs
    ['(up (fn_0 a))', '(down (fn_0 c))', '(fn_0 d)']

    Of records, the library of each domain grows:

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
    return run("compress", _records(records), method=method, **settings)


@overload
def rewrite(programs: Iterable[str], library: AnyLibrary, **settings: Any) -> list[str]: ...


@overload
def rewrite(programs: Iterable[Record], library: AnyLibrary | None = None, **settings: Any) -> Stream: ...


def rewrite(
    programs: Iterable[Record] | Iterable[str], library: AnyLibrary | None = None, **settings: Any
) -> Stream | list[str]:
    """Programs rewritten with a library, each at the least cost over all uses of its abstractions together.

    ``library`` is what :func:`compress` returns, the records of a stream, one library, or a mapping from names to
    definitions, closed λ-terms that may use each other. Programs as text give texts in the same order; records give a
    stream, as ``psynth compress --rewrite-only`` writes it, and may bring their own library. ``settings`` are those of
    ``psynth compress``.

    >>> import psynth
    >>> psynth.rewrite(["(g (f (f a a) (f a a)))"], {"twice": "(lambda (f $0 $0))"})
    ['(g (twice (twice a)))']
    >>> learned = psynth.compress(["(up (f (g a) b))", "(down (f (g c) b))"], max_arity=1)
    >>> psynth.rewrite(["(left (f (g x) b))"], learned)
    ['(left (fn_0 x))']
    >>> psynth.rewrite(learned).programs
    ['(up (fn_0 a))', '(down (fn_0 c))']
    """
    listed = _listed("rewrite", programs)
    if not listed and not isinstance(programs, Stream):
        return []
    given = _library_records(library)
    texts = all(isinstance(each, str) for each in listed) and bool(listed)
    if texts:
        domain = given[-1].domain if given else UNTYPED
        listed = [*given, *frontiers_of(listed, domain)]
    elif given:
        replaced = {each.domain for each in given}
        listed = [*given, *(each for each in listed if not (isinstance(each, Library) and each.domain in replaced))]
    rewritten = run("compress", listed, method="stitch", rewrite_only=True, **settings)
    if isinstance(programs, Stream):
        rewritten.status = worst(programs.status, rewritten.status)
    if not texts:
        return rewritten
    return [program.program for frontier in rewritten.frontiers for program in frontier.programs]


def _library_records(library: AnyLibrary | None) -> list[Library]:
    """The last library of each domain in what ``rewrite`` takes."""
    if library is None:
        return []
    if isinstance(library, Library):
        return [library]
    if isinstance(library, Mapping):
        return [library_of_definitions(library)]
    return list(libraries_in(library).values())


def _listed(command: str, items: Iterable[Any]) -> list[Any]:
    if isinstance(items, str):
        raise UsageError(f"{command} takes a list of programs or records, not one text")
    return list(items)


def _records(records: Iterable[Record | str]) -> Iterable[Record]:
    """Records as they are; programs as text with the library of the names in them."""
    if isinstance(records, Stream):
        return records
    listed = _listed("compress", records)
    texts = [each for each in listed if isinstance(each, str)]
    if not texts or len(texts) < len(listed):
        return listed
    return [library_of_programs(texts), *frontiers_of(texts, UNTYPED)]


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
