"""How a domain's programs are written for a language model and read back, up to the first rung that does not hold."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

from psynth.core.calculus.inference import IllTyped, infer
from psynth.core.calculus.normal_forms import beta_normal, eta_long, expand
from psynth.core.calculus.terms import Term, names_in, parse_term
from psynth.core.calculus.types import parse_type
from psynth.core.errors import InputError, PsynthError, UsageError
from psynth.core.languages import grammar_of, is_typed
from psynth.core.python_source import syntax_fault
from psynth.core.settings import did_you_mean
from psynth.core.stream.records import Library, Program
from psynth.plugins.domain import LAMBDA, Domain
from psynth.plugins.source_domain import PYTHON, SourceDomain
from psynth_llm.extraction import program_in, term_in
from psynth_llm.gbnf import term_grammar

NATIVE = "native"
"""The value of --language for the notation of a domain's own."""
FUNCTION = "f"
"""What examples call a program, unless its source has to define a function of a certain name."""
LONGEST = 20_000
"""Maximum number of characters of a λ-term that is read."""
STEPS, SIZE = 10_000, 100_000
"""Maximum number of β-steps, and of nodes at any step, to bring a λ-term into normal form."""


class Refused(Exception):
    """A text that is no program of the wanted type: the rung that does not hold, and why."""

    def __init__(self, rung: str, message: str) -> None:
        self.rung, self.message = rung, message
        super().__init__(message)


class Notation(ABC):
    """The programs of a domain in one language, for one library."""

    language: str
    function: str = FUNCTION
    """What examples call a program."""
    typed: bool = False
    """Whether a task's type says something about how to write a program."""

    @abstractmethod
    def described(self) -> str:
        """What a model has to know of the language: what the domain says of it, and its library."""

    @abstractmethod
    def shown(self, program: Program) -> str | None:
        """A program as a model sees it; None if it is not one of this language and library."""

    @abstractmethod
    def extracted(self, answer: str) -> str:
        """The text of the program in what a model wrote around it."""

    @abstractmethod
    def program(self, text: str, request: str | None) -> Program:
        """The program of a text, if it has the type ``request``; Refused with the rung that does not hold."""

    def read(self, answer: str, request: str | None) -> Program:
        """The program that a model wrote; Refused with the rung that does not hold."""
        return self.program(self.extracted(answer), request)

    @property
    def form(self) -> str:
        """How an answer marks a whole program."""
        return "Answer with one program and nothing else."

    def grammar(self, request: str | None, depth: int) -> str | None:
        """A grammar (GBNF) of all programs of a type up to a depth; None if the notation has none."""
        return None

    def quoted(self, text: str) -> str:
        """A program as the model is to write it: as it stands."""
        return text


@dataclass
class Terms(Notation):
    """Typed λ-terms in a library or, if ``native``, the domain's own notation for them."""

    domain: Domain
    library: Library
    native: bool = False

    language = LAMBDA

    def __post_init__(self) -> None:
        self._grammar = grammar_of(self.library)
        self.typed = not self.native
        self._grammars: dict[tuple[str, int], str | None] = {}
        self._has_types = is_typed(self.library)
        self._syntax = self.domain.syntax()

    def described(self) -> str:
        """The notation of λ-terms, and the library; a native notation is described by its domain."""
        return self._syntax.notation if self.native else self._description

    @cached_property
    def _description(self) -> str:
        docs = {name: doc.summary for name, doc in self.domain.primitive_docs().items()}
        lines = [
            self._syntax.description,
            "",
            "A program is one term. (lambda BODY) is a function of one argument: $0 is the argument of the innermost "
            "lambda around it, $1 that of the next one outwards, and so on. (f x y) applies f to x and to y. There are "
            "no other names than these:",
            "",
        ]
        for entry in self.library.productions:
            if entry.log_weight > float("-inf"):
                summary = docs.get(entry.name)
                if entry.documentation is not None and entry.documentation.summary:
                    summary = entry.documentation.summary
                definition = "" if entry.definition is None else f" = {entry.definition}"
                lines.append(f"{entry.name} : {entry.type}{definition}" + (f" -- {summary}" if summary else ""))
        return "\n".join(lines)

    def shown(self, program: Program) -> str | None:
        """The term or its native form, if all its names are those of this library."""
        if program.language != LAMBDA:
            return None
        try:
            term = parse_term(program.program)
            self._typed(term, None)
            if not self.native:
                return program.program
            plain = beta_normal(expand(term, self._grammar.definitions), STEPS, size_limit=SIZE)
            return self._syntax.print(str(plain))
        except (PsynthError, Refused):
            return None

    def grammar(self, request: str | None, depth: int) -> str | None:
        """The grammar of typed λ-terms, made once for each type."""
        if self.native or request is None or not self._has_types:
            return None
        if (request, depth) not in self._grammars:
            found = term_grammar(self._grammar, parse_type(request), depth)
            self._grammars[request, depth] = None if found is None else found[0]
        return self._grammars[request, depth]

    def extracted(self, answer: str) -> str:
        """The term, or the tokens of the native notation."""
        return " ".join(program_in(answer).split()) if self.native else term_in(answer)

    def type_of(self, program: Program) -> str | None:
        """The type of a program; None if the library has no types."""
        if not self._has_types:
            return None
        return str(infer(parse_term(program.program), self._grammar.types, literal_type=self._syntax.literal_type))

    def program(self, text: str, request: str | None) -> Program:
        """The term in β-normal η-long form, with its prior where it has one: a literal has no probability."""
        term = self._parsed(text)
        if term.free:
            raise Refused("closed", f"the variable ${term.free - 1} is bound by no lambda")
        self._typed(term, None)
        wanted = None if request is None else parse_type(request)
        prior: float | None = None
        if self._has_types:
            self._typed(term, request)
            try:
                term = beta_normal(term, STEPS, size_limit=SIZE)
                types, literals = self._grammar.types, self._syntax.literal_type
                term = eta_long(term, wanted, types, literal_type=literals)
            except PsynthError as error:
                raise Refused("eta_long", str(error)) from None
            if wanted is not None and names_in(term) <= self._grammar.types.keys():
                prior = self._grammar.log_prior(term, wanted)
                if prior == float("-inf"):
                    raise Refused("prior", "the library gives this program no probability")
        return Program(str(term), LAMBDA, log_prior=prior)

    def _parsed(self, text: str) -> Term:
        if len(text) > LONGEST:
            raise Refused("parse", f"longer than {LONGEST:,} characters")
        try:
            return parse_term(self._syntax.read(text) if self.native else text)
        except PsynthError as error:
            raise Refused("parse", error.message if isinstance(error, InputError) else str(error)) from None

    def _typed(self, term: Term, request: str | None) -> None:
        """Refused unless a term has a type, or the one requested; in an untyped library, known names only."""
        types = self._grammar.types
        if not self._has_types:
            unknown = sorted(names_in(term) - types.keys())
            if unknown:
                raise Refused("infer", f"there is no {unknown[0]!r}{did_you_mean(unknown[0], types)}")
            return
        try:
            wanted = None if request is None else parse_type(request)
            infer(term, types, wanted, literal_type=self._syntax.literal_type)
        except IllTyped as error:
            raise Refused("infer" if request is None else "request", str(error)) from None


@dataclass
class Source(Notation):
    """Python source, JSON or any text; ``function`` is what source has to define."""

    language: str
    function: str = FUNCTION
    description: str = ""

    def described(self) -> str:
        """What the domain says."""
        return self.description

    @property
    def form(self) -> str:
        """A block between fences."""
        return f"Answer with the whole program in one block between ``` fences, marked as {self.language}."

    def shown(self, program: Program) -> str | None:
        """The text of a program of this language."""
        return program.program if program.language == self.language else None

    def extracted(self, answer: str) -> str:
        """What stands between fences, or all."""
        return program_in(answer, self.language, "py" if self.language == PYTHON else self.language)

    def program(self, text: str, request: str | None) -> Program:
        """The text, if it can be parsed; it runs in the sandbox only."""
        source = text
        if not source.strip():
            raise Refused("parse", "there is nothing to read")
        fault = syntax_fault(source) if self.language == PYTHON else None
        if self.language == "json":
            source = source.strip()
            try:
                json.loads(source)
            except (ValueError, RecursionError) as error:
                fault = str(error)
        if fault is not None:
            raise Refused("parse", fault)
        return Program(source, self.language)

    def quoted(self, text: str) -> str:
        """The program between fences."""
        return f"```{self.language}\n{text}{'' if text.endswith(chr(10)) else chr(10)}```"


def has_native(domain: Domain) -> bool:
    """Whether a domain describes a native notation."""
    syntax = domain.syntax()
    return bool(syntax.has_notation and syntax.notation)


def notation_of(domain: Domain, library: Library, language: str | None) -> Notation:
    """The notation for a value of --language: one of the domain's languages, ``native``, or None for the usual one."""
    known = [*domain.languages, *([NATIVE] if has_native(domain) else [])]
    if language is None:
        language = NATIVE if has_native(domain) else next(iter(domain.languages))
    if language not in known:
        hint = did_you_mean(language, known)
        raise UsageError(f"--language: domain {domain.name!r} has no {language!r}; it has {', '.join(known)}{hint}")
    if language in (LAMBDA, NATIVE):
        return Terms(domain, library, native=language == NATIVE)
    function = domain.function if isinstance(domain, SourceDomain) else FUNCTION
    return Source(language, function, domain.syntax().description)
