"""Shared by the writers of all formats: frontiers with their libraries, definitions, and original names."""

import contextlib
from collections.abc import Iterable, Iterator

from psynth.core.calculus.terms import Term, TermSyntaxError, parse_term
from psynth.core.errors import InputError, PsynthError
from psynth.core.stream.records import Frontier, Library, Program, Record, Task
from psynth.core.stream.scope import scoped
from psynth.plugins.method import Context

Definitions = dict[str, Term]


def libraries_and_frontiers(
    records: Iterable[Record], context: Context
) -> Iterator[tuple[Library, Frontier] | tuple[Library, None]]:
    """Yield each frontier with the library in force, and (library, None) where a library begins.

    A frontier with no preceding library of its domain uses the domain's own; InputError if it has no domain either.
    """
    begun: dict[str, Library] = {}
    for record, scope in scoped(records, context.library_for):
        if not isinstance(record, Library | Frontier):
            continue
        try:
            library = record if isinstance(record, Library) else scope.library(record)
        except InputError as error:
            context.bad_input(error)
            continue
        if begun.get(library.domain) is not library:
            begun[library.domain] = library
            yield library, None
        if isinstance(record, Frontier):
            yield library, record


def of_one_domain(records: Iterable[Record], context: Context) -> Iterator[tuple[Library, Frontier | None]]:
    """The frontiers with their libraries as `libraries_and_frontiers` yields them; InputError at a second domain."""
    first: str | None = None
    for library, frontier in libraries_and_frontiers(records, context):
        first = first or library.domain
        if library.domain != first:
            raise library.error(
                f"the stream has the domains {first!r} and {library.domain!r}, and a grammar is of one: "
                "export one at a time"
            )
        yield library, frontier


@contextlib.contextmanager
def or_left_out(frontier: Frontier, context: Context) -> Iterator[None]:
    """Convert a frontier; one that the format cannot hold stops the command or is left out, as ``--on-error`` says."""
    try:
        yield
    except PsynthError as error:
        if error.exit_code != InputError.exit_code:
            raise
        context.bad_input(error if isinstance(error, InputError) and error.source else frontier.error(str(error)))


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


def merge_definitions(known: Definitions, more: Definitions, advice: str) -> None:
    """Add abstractions to ``known``; InputError with ``advice`` if a name has another definition there."""
    for name, term in more.items():
        if known.setdefault(name, term) is not term:
            raise InputError(f"two libraries of the stream define {name} differently: {advice}")


def original_name(task: Task) -> str:
    """The name of a task before it was imported, or its id."""
    name = (task.meta or {}).get("name")
    return name if isinstance(name, str) else task.id
