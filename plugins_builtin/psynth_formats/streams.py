"""Shared by the writers of all formats: frontiers with their libraries, definitions, and original names."""

from collections.abc import Iterable, Iterator

from psynth.core.calculus.terms import Term, TermSyntaxError, parse_term
from psynth.core.errors import InputError
from psynth.core.stream.records import Frontier, Library, Program, Record, Task
from psynth.plugins.method import Context

Definitions = dict[str, Term]


def with_libraries(records: Iterable[Record], context: Context) -> Iterator[tuple[Library, Frontier | None]]:
    """Yield each frontier with the preceding library, and (library, None) for each library.

    A frontier with no preceding library uses its domain's own; InputError if it has no domain either.
    """
    library: Library | None = None
    for record in records:
        if isinstance(record, Library):
            library = record
            yield library, None
        elif isinstance(record, Frontier):
            if library is None:
                if record.task is None:
                    raise record.error("programs without a task need a library before them")
                library = context.library_for(record.task.domain)
                yield library, None
            yield library, record


def definitions_of(library: Library) -> Definitions:
    """The abstractions of a library by name, in order; InputError if a definition is not a term."""
    found: Definitions = {}
    for production in library.productions:
        if production.definition is not None:
            try:
                found[production.name] = parse_term(production.definition)
            except TermSyntaxError as error:
                raise library.error(f"the definition of {production.name}: {error}") from error
    return found


def lambda_term(program: Program, frontier: Frontier) -> Term:
    """A program as a term; InputError names its task unless it is a λ-term."""
    if program.language != "lambda":
        raise frontier.error(f"this format cannot hold {program.language} programs")
    try:
        return parse_term(program.program)
    except TermSyntaxError as error:
        raise frontier.error(str(error)) from error


def merge_definitions(known: Definitions, library: Library, advice: str) -> None:
    """Add a library's abstractions to ``known``; InputError with ``advice`` if a name has another definition there."""
    for name, term in definitions_of(library).items():
        if known.setdefault(name, term) is not term:
            raise InputError(f"two libraries of the stream define {name} differently: {advice}")


def original_name(task: Task) -> str:
    """The name of a task before it was imported, or its id."""
    name = (task.meta or {}).get("name")
    return name if isinstance(name, str) else task.id
