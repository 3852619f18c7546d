"""How a policy writes programs: λ-terms word by word, the domain's native notation, or source text."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence

from psynth.core.calculus.terms import names_in, parse_term
from psynth.core.calculus.types import parse_type
from psynth.core.errors import InputError, PsynthError, UsageError
from psynth.core.languages import grammar_of, is_typed
from psynth.core.python_source import syntax_fault
from psynth.core.settings import did_you_mean
from psynth.core.stream.records import Library, Program
from psynth.plugins.domain import LAMBDA, Domain
from psynth.plugins.source_domain import PYTHON
from psynth_policy.derivation import Derivation, Typing
from psynth_policy.language import Language, standard_words, words_of

NATIVE = "native"
"""The value of --language for the notation of a domain's own."""
VARIABLES = 32
"""Variables that every model of λ-terms has words for."""
UNBOUNDED = 1 << 40
"""A limit that no program reaches."""
_SOURCE = re.compile(r"\w+|\s+|[^\w\s]")


class NotAProgram(Exception):
    """Words that are no program of the wanted type; ``rung`` is parse or type."""

    def __init__(self, rung: str) -> None:
        self.rung = rung
        super().__init__(rung)


class Notation(ABC):
    """The programs of a domain in one language, as words."""

    language: str
    """The language of the programs in the stream."""

    @abstractmethod
    def standard_words(self) -> list[str]:
        """Words that a model knows whatever it has learned from."""

    @abstractmethod
    def words(self, program: str, request: str | None) -> list[str] | None:
        """The words of a program of type ``request``; None if it is none, or not one that can be learned from."""

    @abstractmethod
    def program(self, words: Sequence[str], request: str | None) -> Program:
        """The program of some words; NotAProgram if they are none."""


class Terms(Notation):
    """Typed λ-terms in prefix order."""

    language = LAMBDA

    def __init__(self, domain: Domain, library: Library) -> None:
        if not is_typed(library):
            raise InputError(f"the library of {domain.name} has no types, which policies of λ-terms need")
        self.grammar = grammar_of(library)
        self.literal_type = domain.syntax().literal_type
        self._typings: dict[tuple[str, tuple[str, ...]], Typing] = {}

    def standard_words(self) -> list[str]:
        """Productions and variables."""
        return standard_words(self.grammar, VARIABLES)

    def words(self, program: str, request: str | None) -> list[str] | None:
        """The words of an η-long form of a program."""
        return None if request is None else words_of(program, request, self.grammar.types, self.literal_type)

    def typing(self, request: str, words: tuple[str, ...]) -> Typing:
        """What holds for programs of a type in some words, made once; InputError for a malformed type."""
        found = self._typings.get((request, words))
        if found is None:
            try:
                kind = parse_type(request)
            except PsynthError as error:
                raise InputError(f"request: {error}") from error
            found = self._typings[request, words] = Typing(Language(self.grammar, words, self.literal_type), kind)
        return found

    def derives(self, words: Sequence[str], request: str, vocabulary: tuple[str, ...]) -> bool:
        """Whether a model with these words can be asked for a program, word by word."""
        typing = self.typing(request, vocabulary)
        numbers = typing.language.numbers
        derivation = Derivation(typing, UNBOUNDED)
        return all(word in numbers and derivation.accepts(numbers[word]) for word in words) and derivation.complete

    def program(self, words: Sequence[str], request: str | None) -> Program:
        """The term of some words."""
        if request is None:
            raise NotAProgram("type")
        known = tuple(dict.fromkeys(words))
        # The words of one program are few, and not worth keeping.
        typing = Typing(Language(self.grammar, known, self.literal_type), parse_type(request))
        derivation = Derivation(typing, UNBOUNDED)
        for word in words:
            if derivation.complete:
                raise NotAProgram("parse")
            if not derivation.accepts(typing.language.numbers[word]):
                raise NotAProgram("type")
        if not derivation.complete:
            raise NotAProgram("parse")
        return self.finished(derivation)

    def finished(self, derivation: Derivation) -> Program:
        """The program of a complete derivation, with its prior where the library gives it one."""
        term, request = derivation.term(), derivation.typing.request
        prior: float | None = None
        if term.is_normal and names_in(term) <= self.grammar.types.keys():
            prior = self.grammar.log_prior(term, request)
        return Program(str(term), LAMBDA, log_prior=None if prior == float("-inf") else prior)


class Native(Notation):
    """The domain's own notation of λ-terms, in words between blanks."""

    language = LAMBDA

    def __init__(self, domain: Domain) -> None:
        self._syntax = domain.syntax()

    def standard_words(self) -> list[str]:
        """None: those of the programs."""
        return []

    def words(self, program: str, request: str | None) -> list[str] | None:
        """The tokens of a program."""
        try:
            return self._syntax.print(program).split()
        except PsynthError:
            return None

    def program(self, words: Sequence[str], request: str | None) -> Program:
        """The program that the domain reads."""
        try:
            return Program(str(parse_term(self._syntax.read(" ".join(words)))), LAMBDA)
        except PsynthError as error:
            raise NotAProgram("parse") from error


class Source(Notation):
    """Source or any text: words, blanks and punctuation."""

    def __init__(self, language: str) -> None:
        self.language = language

    def standard_words(self) -> list[str]:
        """None: those of the programs."""
        return []

    def words(self, program: str, request: str | None) -> list[str] | None:
        """The words of a text."""
        return _SOURCE.findall(program) or None

    def program(self, words: Sequence[str], request: str | None) -> Program:
        """The text, if it can be parsed."""
        text = "".join(words)
        if not text.strip() or (self.language == PYTHON and syntax_fault(text) is not None):
            raise NotAProgram("parse")
        return Program(text, self.language)


def has_native(domain: Domain) -> bool:
    """Whether a domain has a native notation."""
    syntax = domain.syntax()
    return bool(syntax.has_notation and syntax.notation)


def notation_of(domain: Domain, library: Library, language: str | None) -> Notation:
    """The notation for a value of --language: one of the domain's languages, native, or None for the usual one."""
    known = [*domain.languages, *([NATIVE] if has_native(domain) else [])]
    language = known[0] if language is None else language
    if language not in known:
        hint = did_you_mean(language, known)
        raise UsageError(f"--language: domain {domain.name!r} has no {language!r}; it has {', '.join(known)}{hint}")
    if language == LAMBDA:
        return Terms(domain, library)
    return Native(domain) if language == NATIVE else Source(language)
