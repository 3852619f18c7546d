"""What all formats need to write a stream: each frontier with the library that its programs are written in."""

from collections.abc import Iterable, Iterator

from psynth.core.calculus.terms import Term, TermSyntaxError, parse_term
from psynth.core.errors import InputError
from psynth.core.stream.records import Frontier, Library, Program, Record, Task
from psynth.core.stream.scope import scoped
from psynth.plugins.method import Context

Definitions = dict[str, Term]


def libraries_and_frontiers(
    records: Iterable[Record], context: Context
) -> Iterator[tuple[Library, Frontier] | tuple[Library, None]]:
    """Yield each frontier with the library in force for it, and (library, None) where a library begins.

    A frontier with no library of its domain before it has the domain's own; one that has no domain either is an
    InputError.
    """
    begun: dict[str, Library] = {}
    for record, scope in scoped(records, context.library_for):
        if not isinstance(record, Library | Frontier):
            continue
        library = record if isinstance(record, Library) else scope.library(record)
        if begun.get(library.domain) is not library:
            begun[library.domain] = library
            yield library, None
        if isinstance(record, Frontier):
            yield library, record


def definitions_of(library: Library) -> Definitions:
    """The abstractions of a library by name, in its order; InputError for a definition that is no term."""
    found: Definitions = {}
    for production in library.productions:
        if production.definition is not None:
            try:
                found[production.name] = parse_term(production.definition)
            except TermSyntaxError as error:
                raise library.error(f"the definition of {production.name}: {error}") from error
    return found


def lambda_term(program: Program, frontier: Frontier) -> Term:
    """A program as a term; InputError naming its task unless it is a λ-term."""
    if program.language != "lambda":
        raise frontier.error(f"a {program.language} program cannot be written in this format")
    try:
        return parse_term(program.program)
    except TermSyntaxError as error:
        raise frontier.error(str(error)) from error


def merge_definitions(known: Definitions, more: Definitions, advice: str) -> None:
    """Add abstractions to ``known``; InputError with ``advice`` if a name is there with another meaning."""
    for name, term in more.items():
        if known.setdefault(name, term) is not term:
            raise InputError(f"the stream has two libraries that define {name} differently: {advice}")


def original_name(task: Task) -> str:
    """The name that a task had before it was imported, or its id."""
    name = (task.meta or {}).get("name")
    return name if isinstance(name, str) else task.id
