"""Programs and definitions that name what their library lacks: counted while they go by, and reported once."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from psynth.core.calculus.terms import TermSyntaxError, names_in, parse_term
from psynth.core.errors import InputError
from psynth.core.stream.records import Frontier, Library, Record
from psynth.core.stream.scope import scoped
from psynth.core.wording import counted
from psynth.plugins.domain import LAMBDA
from psynth.plugins.method import Context

_WORD = re.compile(r"[^\s()]+")


class UnknownNames:
    """Watches a stream for λ-terms with names that are neither of their library nor literals of their domain.

    The λ-terms are programs, and the definitions of libraries.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: dict[str, tuple[Library, set[str]]] = {}
        self._counts = Counter[str]()
        self._first: dict[str, InputError] = {}

    def watched(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield the records as they are, and at the end a warning about all such programs."""
        try:
            for record, scope in scoped(records, self._context.library_for):
                # Whether programs need a library that they do not have is up to the method.
                with contextlib.suppress(InputError):
                    if isinstance(record, Frontier) and record.programs:
                        self._look_at(record, scope.library(record))
                    elif isinstance(record, Library):
                        self._look_at_definitions(record)
                yield record
        finally:
            for what, first in self._first.items():
                use = "uses a name" if self._counts[what] == 1 else "use names"
                they = f"{counted(self._counts[what], what)} {use} that no library in force defines"
                self._context.warn(f"{they}: {first}")

    def _look_at(self, frontier: Frontier, library: Library) -> None:
        words = self._words(library)
        for number, program in enumerate(frontier.programs, 1):
            # Most programs have known words only, which is found without parsing them.
            if program.language == LAMBDA and not words.issuperset(_WORD.findall(program.program)):
                unknown = self._unknown(program.program, library, words)
                if unknown is not None:
                    self._note("program", frontier.error(f"program {number}: {unknown}"))

    def _look_at_definitions(self, library: Library) -> None:
        words = self._words(library)
        for entry in library.abstractions:
            unknown = self._unknown(entry.definition or "", library, words)
            if unknown is not None:
                self._note("definition", library.error(f"production {entry.name}: {unknown}"))

    def _note(self, what: str, place: InputError) -> None:
        self._counts[what] += 1
        self._first.setdefault(what, place)

    def _unknown(self, text: str, library: Library, words: set[str]) -> str | None:
        """An unknown name in a λ-term; None if there is none, or if the term cannot be read at all."""
        try:
            term = parse_term(text)
        except TermSyntaxError:
            return None
        literal_type = self._context.domain(library.domain).syntax().literal_type
        names = names_in(term) - words
        literals = {name for name in names if literal_type(name) is not None}
        words |= literals
        return min(names - literals, default=None)

    def _words(self, library: Library) -> set[str]:
        """The words that a program may consist of: the library's names, keywords and variables, literals so far."""
        known = self._known.get(library.domain)
        if known is None or known[0] is not library:
            variables = {f"${index}" for index in range(16)}
            names = {entry.name for entry in library.productions}
            known = self._known[library.domain] = library, {"lambda", "#", *variables, *names}
        return known[1]
