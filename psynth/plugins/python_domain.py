"""The base of domains whose primitives are Python functions: the λ-machine proposes programs, Python runs them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from psynth.core.calculus import interpreter
from psynth.core.calculus.inference import IllTyped, LiteralType, infer
from psynth.core.calculus.terms import Name, parse_term
from psynth.core.calculus.types import Type, parse_type
from psynth.core.engines.leases import Engines
from psynth.core.errors import PsynthError
from psynth.core.stream.records import Library, Production
from psynth.plugins.domain import LAMBDA, Domain
from psynth.plugins.evaluator import Budget, ExampleEvaluator, Job, Outcome, ProgramError
from psynth.plugins.syntax import Syntax


@dataclass(frozen=True)
class Primitive:
    """A primitive: its name in programs, its type (``int -> list(int)``) and the Python function or value behind it.

    A function takes as many arguments as the type has arrows, all at once. The parameters whose positions (from 0) are
    in ``lazy`` arrive as functions without arguments that give the value, the others as values; function values are
    called like Python functions. Whatever a function raises makes the program's status error, ``MemoryError`` memory.
    """

    name: str
    type: str
    function: Any
    lazy: Sequence[int] = ()


@dataclass(frozen=True)
class PythonSyntax(Syntax):
    """The syntax of a Python domain; ``literals`` gives the type of a literal, None for any other token."""

    literals: LiteralType = lambda text: None

    def literal_type(self, text: str) -> Type | None:
        """The type of a token that no production names, None if it is no literal of the domain's."""
        return self.literals(text)


class PythonDomain(Domain):
    """A domain in pure Python: lists its ``primitives``. Inputs and outputs are JSON, values in between anything."""

    primitives: ClassVar[Sequence[Primitive]]

    def primitives_in(self, primitive_set: str) -> Sequence[Primitive]:
        """The primitives of one of ``primitive_sets``: all, unless a domain with several sets says otherwise."""
        return self.primitives

    def syntax(self) -> Syntax:
        """λ-terms with the domain's literals."""
        return PythonSyntax(self.help, self.literal_type)

    def literal_type(self, text: str) -> Type | None:
        """The type of a token that no production names, None if it is no literal of the domain's."""
        return None

    def literal_value(self, text: str) -> Any:
        """The value of a token to which ``literal_type`` gives a type, None for all others."""
        return None

    def library(self, primitive_set: str | None = None) -> Library:
        """The primitives of a set, every weight 0."""
        productions = [
            Production(primitive.name, str(parse_type(primitive.type)), 0.0)
            for primitive in self.primitives_in(self.chosen_set(primitive_set))
        ]
        return Library(self.name, tuple(productions), 0.0)

    def evaluator(
        self,
        library: Library,
        budget: Budget,
        *,
        language: str = LAMBDA,
        engines: Engines | None = None,
        jobs: int = 1,
    ) -> PythonEvaluator:
        """An evaluator in this process."""
        return PythonEvaluator(self.primitives, library, budget, self.literal_type, self.literal_value)


class PythonEvaluator(ExampleEvaluator):
    """Runs programs with the interpreter of the λ-calculus in Python, after inferring their types."""

    def __init__(
        self,
        primitives: Sequence[Primitive],
        library: Library,
        budget: Budget,
        literal_type: LiteralType | None = None,
        literal_value: Callable[[str], Any] | None = None,
    ) -> None:
        self._budget, self._literal_type = budget, literal_type
        self._types: dict[str, Type] = {each.name: parse_type(each.type) for each in library.productions}
        self._interpreter = interpreter.Interpreter(
            [
                interpreter.Primitive.typed(each.name, parse_type(each.type), each.function, each.lazy)
                for each in primitives
            ],
            {each.name: parse_term(each.definition) for each in library.productions if each.definition is not None},
            literal_value=literal_value,
        )

    def run_all(self, jobs: Sequence[Job]) -> list[list[Outcome] | ProgramError]:
        """One answer a job, in order; a program that several jobs run is typed and compiled once."""
        known: dict[tuple[str, str | None], interpreter.CompiledProgram | ProgramError] = {}
        answers: list[list[Outcome] | ProgramError] = []
        for job in jobs:
            key = (job.program, job.request)
            if key not in known:
                known[key] = self._compile(job)
            program = known[key]
            answers.append(program if isinstance(program, ProgramError) else self._run(program, job))
        return answers

    def _compile(self, job: Job) -> interpreter.CompiledProgram | ProgramError:
        kind = "parse"
        try:
            term = parse_term(job.program)
            kind = "type"
            request = None if job.request is None else parse_type(job.request)
            infer(term, self._types, request, literal_type=self._literal_type)
            kind = "unknown_primitive"
            return self._interpreter.compile(term)
        except IllTyped as error:
            unknown = isinstance(error.subterm, Name) and error.subterm.text not in self._types
            return ProgramError("unknown_primitive" if unknown else kind, str(error))
        except PsynthError as error:
            return ProgramError(kind, str(error))

    def _run(self, program: interpreter.CompiledProgram, job: Job) -> list[Outcome]:
        outcomes = [program.run(inputs, fuel=self._budget.fuel, size=self._budget.size) for inputs in job.inputs]
        return [Outcome(outcome.status, outcome.value, outcome.message) for outcome in outcomes]
