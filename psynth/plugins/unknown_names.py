"""Programs that name what their library does not define: counted while they go by, and reported once."""

from __future__ import annotations

import contextlib
import re
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
    """Watches a stream for λ-terms with names that are neither of their library nor literals of their domain."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: dict[str, tuple[Library, set[str]]] = {}
        self._programs = 0
        self._first = ""

    def watched(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield the records as they are, and at the end a warning about all such programs."""
        try:
            for record, scope in scoped(records, self._context.library_for):
                if isinstance(record, Frontier) and record.programs:
                    # Whether programs need a library that they do not have is up to the method.
                    with contextlib.suppress(InputError):
                        self._look_at(record, scope.library(record))
                yield record
        finally:
            if self._programs:
                use = "uses a name" if self._programs == 1 else "use names"
                programs = counted(self._programs, "program")
                self._context.warn(f"{programs} {use} that no library in force defines: {self._first}")

    def _look_at(self, frontier: Frontier, library: Library) -> None:
        words = self._words(library)
        for number, program in enumerate(frontier.programs, 1):
            # Most programs have known words only, which is found without parsing them.
            if program.language == LAMBDA and not words.issuperset(_WORD.findall(program.program)):
                unknown = self._unknown(program.program, library, words)
                if unknown is not None:
                    self._programs += 1
                    self._first = self._first or str(frontier.error(f"program {number}: {unknown}"))

    def _unknown(self, text: str, library: Library, words: set[str]) -> str | None:
        """An unknown name in a program; None if there is none, or if the program cannot be read at all."""
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
