"""Example applications of abstractions: arguments that the domain knows, and the values that its evaluator returns."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from psynth.core.calculus.inference import IllTyped, infer
from psynth.core.calculus.terms import Name, Term, TermSyntaxError, Variable, abstract, apply_to, parse_term
from psynth.core.calculus.types import (
    Type,
    TypeConstructor,
    TypeSyntaxError,
    arrow,
    constructors,
    parse_type,
    replace_variables,
    split_arrow,
)
from psynth.core.engines.leases import Engines
from psynth.core.errors import InputError, PsynthError
from psynth.core.stream.records import Library, Task, encode
from psynth.plugins.abstraction import Evaluated
from psynth.plugins.domain import Domain
from psynth.plugins.evaluator import Budget, Job, Outcome, ProgramError

SHOWN = 2
"""Maximum number of examples of one abstraction."""
TRIES = 8
"""Number of combinations of arguments that are run for one abstraction, to find examples that are worth showing."""
LONGEST = 48
"""Maximum length of a value in an example, in characters of JSON: longer ones explain nothing to a reader."""
TASKS, KNOWN = 20, 16
"""Maximum number of tasks to take values from, and of values of one type."""

Filling: TypeAlias = "Term | _Value"


@dataclass(frozen=True, slots=True)
class _Value:
    """An argument that an application gets as an input."""

    value: Any


@dataclass(frozen=True, slots=True)
class _Trial:
    """An application to run: ``job`` has one list of inputs."""

    name: str
    job: Job


class Applications:
    """Finds example applications of the abstractions of one library.

    Arguments are values of the tasks and of the examples of primitives. Where a type has none, as functions have, they
    are closed terms: those of ``arguments``, which calls in programs and definitions have, by name and position, then
    terms of one primitive.
    """

    def __init__(
        self, domain: Domain, library: Library, tasks: Sequence[Task], arguments: Mapping[str, list[list[Term]]]
    ) -> None:
        self._domain, self._library, self._arguments = domain, library, arguments
        self._types = {entry.name: parse_type(entry.type) for entry in library.productions}
        self._literal_type = domain.syntax().literal_type
        self._values: dict[Type, dict[bytes, Any]] = {}
        self._read_tasks(tasks)
        self._read_primitives()
        self._ground = list(dict.fromkeys(name for kind in self._values for name in sorted(constructors(kind))))

    def of(self, names: Sequence[str], engines: Engines) -> dict[str, tuple[Evaluated, ...]]:
        """Up to `SHOWN` examples for each abstraction, none where the domain cannot evaluate it on its own."""
        trials = list(itertools.chain.from_iterable(map(self._trials, names)))
        if not trials:
            return {}
        try:
            with self._domain.evaluator(self._library, Budget(), engines=engines) as evaluator:
                answers = evaluator.run_all([trial.job for trial in trials])
        except InputError:  # a library that the evaluator refuses, as check does
            return {}
        ran: dict[str, list[Evaluated]] = {}
        for trial, answer in zip(trials, answers, strict=True):
            found = _evaluated(trial.job, answer)
            if found is not None:
                ran.setdefault(trial.name, []).append(found)
        return {name: _worth_showing(found) for name, found in ran.items()}

    def _trials(self, name: str) -> Iterator[_Trial]:
        for kind in self._instances(self._types[name]):
            parameters, result = split_arrow(kind)
            options = [self._options(name, position, each) for position, each in enumerate(parameters)]
            if all(options):
                jobs: dict[bytes, Job] = {}
                for turn in range(TRIES if options else 1):
                    fillings = [each[(turn + place) % len(each)] for place, each in enumerate(options)]
                    job = _application(name, fillings, parameters, result)
                    jobs.setdefault(encode([job.program, job.inputs]), job)
                yield from (_Trial(name, job) for job in jobs.values())
                return

    def _instances(self, kind: Type) -> Iterator[Type]:
        """The type with its variables replaced by one type without arguments, for each that some value consists of."""
        if not kind.bound:
            yield kind
            return
        for name in self._ground:
            with contextlib.suppress(ValueError):
                ground = TypeConstructor(name)
                yield replace_variables(kind, dict.fromkeys(range(kind.bound), ground), chase=False)

    def _options(self, name: str, position: int, kind: Type) -> list[Filling]:
        """What the parameter of an abstraction at a position may be filled with."""
        values = () if kind.is_arrow else self._values.get(kind, {}).values()
        if values:
            return [_Value(value) for value in values]
        positions = self._arguments.get(name, [])
        used = positions[position] if position < len(positions) else []
        terms = itertools.chain(used, self._terms_of_one_primitive(kind))
        return list(itertools.islice((term for term in terms if self._has_type(term, kind)), TRIES))

    def _has_type(self, term: Term, kind: Type) -> bool:
        try:
            return infer(term, self._types, kind, literal_type=self._literal_type) is kind
        except IllTyped:
            return False

    def _terms_of_one_primitive(self, kind: Type) -> Iterator[Term]:
        """η-long terms of a type that apply one primitive, its first arguments being constants."""
        parameters, _ = split_arrow(kind)
        variables = [Variable(index) for index in reversed(range(len(parameters)))]
        primitives = [entry.name for entry in self._library.productions if entry.definition is None]
        constants = [Name(name) for name in primitives if not self._types[name].is_arrow]
        for name in primitives:
            missing = len(split_arrow(self._types[name])[0]) - len(parameters)
            if missing == 0:
                yield abstract(len(parameters), apply_to(Name(name), *variables))
            elif missing == 1 and parameters:
                for constant in constants:
                    yield abstract(len(parameters), apply_to(Name(name), constant, *variables))

    def _read_tasks(self, tasks: Sequence[Task]) -> None:
        """Take the values of tasks' visible examples; without tasks, those of the domain's own."""
        if not tasks:
            with contextlib.suppress(PsynthError):  # a domain without tasks of its own
                settings = replace(self._domain.TaskSettings(), count=TASKS)
                tasks = list(itertools.islice(self._domain.tasks(settings, 0), TASKS))
        for task in tasks[:TASKS]:
            try:
                parameters, result = split_arrow(parse_type(task.request or ""))
            except TypeSyntaxError:
                continue
            for example in self._domain.visible(task).examples:
                if len(example.inputs) == len(parameters):
                    for kind, value in zip(parameters, example.inputs, strict=True):
                        self._add(kind, value)
                    self._add(result, example.output)

    def _read_primitives(self) -> None:
        """Take the values of the examples that document primitives."""
        for doc in self._domain.primitive_docs().values():
            if doc.program is None:
                continue
            try:
                kind = infer(parse_term(doc.program), self._types, literal_type=self._literal_type)
            except (IllTyped, TermSyntaxError):  # a primitive of another set
                continue
            parameters, result = split_arrow(kind)
            for parameter, value in zip(parameters, doc.inputs, strict=False):
                self._add(parameter, value)
            if len(parameters) == len(doc.inputs):
                self._add(result, doc.value)

    def _add(self, kind: Type, value: Any) -> None:
        text = encode(value)
        brief = 2 < len(text) <= LONGEST // 2 or isinstance(value, int | float)
        if kind.bound or kind.is_arrow or not brief:
            return
        values = self._values.setdefault(kind, {})
        if len(values) < KNOWN:
            values.setdefault(text, value)


def _application(name: str, fillings: Sequence[Filling], parameters: Sequence[Type], result: Type) -> Job:
    """The application of an abstraction to fillings: values are the parameters of a λ-term, in order."""
    count = sum(isinstance(each, _Value) for each in fillings)
    variables = iter([Variable(index) for index in reversed(range(count))])
    arguments = [next(variables) if isinstance(each, _Value) else each for each in fillings]
    program = abstract(count, apply_to(Name(name), *arguments))
    pairs = list(zip(fillings, parameters, strict=True))
    request = arrow(*(kind for each, kind in pairs if isinstance(each, _Value)), result)
    return Job(str(program), [[each.value for each in fillings if isinstance(each, _Value)]], str(request))


def _evaluated(job: Job, answer: list[Outcome] | ProgramError) -> Evaluated | None:
    """The example that a job gives; None if it failed, or if its value is too long to explain anything."""
    if isinstance(answer, ProgramError) or answer[0].status != "ok":
        return None
    [inputs], value = job.inputs, answer[0].value
    return Evaluated(job.program, tuple(inputs), value) if len(encode(value)) <= LONGEST else None


def _worth_showing(found: Sequence[Evaluated]) -> tuple[Evaluated, ...]:
    """The first examples with different values, those whose value is no argument and not empty before others."""

    def says_little(example: Evaluated) -> bool:
        return not example.value or any(encode(example.value) == encode(each) for each in example.inputs)

    distinct: dict[bytes, Evaluated] = {}
    for example in sorted(found, key=says_little):
        distinct.setdefault(encode(example.value), example)
    return tuple(distinct.values())[:SHOWN]
