"""The base class of domains with Python functions as primitives: the λ-machine proposes programs, Python runs them."""

from __future__ import annotations

import contextlib
import functools
import itertools
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import orjson

from psynth.core.calculus import interpreter
from psynth.core.calculus.inference import IllTyped, LiteralType, infer
from psynth.core.calculus.sharing import Place, Sharing
from psynth.core.calculus.terms import Name, parse_term
from psynth.core.calculus.types import Type, arguments_of, parse_type
from psynth.core.engines.leases import Engines, default_engines
from psynth.core.engines.python_worker import OutOfTime, Watch, described, found
from psynth.core.engines.python_workers import Group, PythonWorkers, Work
from psynth.core.errors import InputError, PsynthError, UsageError
from psynth.core.stream.records import Library, Production, Task
from psynth.plugins.domain import LAMBDA, Domain
from psynth.plugins.evaluator import Budget, Evaluator, ExampleEvaluator, Job, Outcome, ProgramError, same_value
from psynth.plugins.primitive_docs import PrimitiveDoc, from_docstring
from psynth.plugins.syntax import Syntax


@dataclass(frozen=True)
class Primitive:
    """A primitive: its name in programs, its type (``int -> list(int)``) and the Python function or value behind it.

    A function takes as many arguments as the type has arrows, all at once. Arguments at positions (from 0) in ``lazy``
    are passed as functions without arguments that return the value, the others as values; function values are called
    like Python functions. ``MemoryError`` gives the program status memory, any other exception status error.
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
        """The type of a token that no production names, None if it is not a literal of the domain."""
        return self.literals(text)


class PythonDomain(Domain):
    """A domain in pure Python with a list of ``primitives``. Inputs and outputs are JSON, other values arbitrary."""

    primitives: ClassVar[Sequence[Primitive]]
    weights: ClassVar[Mapping[str, float]] = {}
    """The log weights of primitives in the library, 0 for all others."""

    def primitives_in(self, primitive_set: str) -> Sequence[Primitive]:
        """The primitives of one of ``primitive_sets``: by default all, whatever the set."""
        return self.primitives

    def syntax(self) -> Syntax:
        """The syntax of λ-terms with the domain's literals."""
        return PythonSyntax(self.help, self.literal_type)

    def primitive_docs(self) -> Mapping[str, PrimitiveDoc]:
        """The docstrings of the primitives that are functions with one."""
        every = [each for name in self.primitive_sets for each in self.primitives_in(name)]
        docs = {each.name: from_docstring(each.function) for each in every}
        return {name: doc for name, doc in docs.items() if doc is not None}

    def literal_type(self, text: str) -> Type | None:
        """The type of a token that no production names, None if it is not a literal of the domain."""
        return None

    def literal_value(self, text: str) -> Any:
        """The value of a token that ``literal_type`` gives a type, None for all others."""
        return None

    def library(self, primitive_set: str | None = None) -> Library:
        """The primitives of a set, with the domain's weights."""
        productions = [
            Production(primitive.name, str(parse_type(primitive.type)), self.weights.get(primitive.name, 0.0))
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
    ) -> Evaluator:
        """An evaluator that runs programs in up to ``jobs`` worker processes.

        UsageError for a domain that a new process cannot import.
        """
        return PythonEvaluator(type(self), library, budget, (engines or default_engines()).python_workers, jobs)


class PythonEvaluator(ExampleEvaluator):
    """Runs programs in worker processes, which outlive it: the next evaluator of the same domain reuses them.

    A program that takes more than ``Budget.seconds`` on one input has status timeout there, more than
    ``Budget.memory`` status memory. A program that raises an exception, ends its process, or changes the state of the
    process (working directory, umask, environment, files, threads) has status error. Its output is discarded. Other
    programs are not affected.
    """

    def __init__(
        self,
        domain: type[PythonDomain],
        library: Library,
        budget: Budget,
        workers: PythonWorkers,
        jobs: int = 1,
    ) -> None:
        self._jobs, self._workers = jobs, workers
        self._canceled = threading.Event()
        self._workers.allow(jobs)
        path = _import_path(domain)
        setup = {"domain": path, "library": library.to_json(), "fuel": budget.fuel, "size": budget.size}
        self._work = Work(path, "psynth.plugins.python_domain:Runs", orjson.dumps(setup), budget.seconds, budget.memory)

    def cancel(self) -> None:
        """End the workers of the current and of all later calls."""
        self._canceled.set()

    def run_all(self, jobs: Sequence[Job]) -> list[list[Outcome] | ProgramError]:
        """One answer for each job, in order; common parts of programs run once on each input."""
        groups: list[Group] = []
        for (request, inputs), members in itertools.groupby(jobs, key=lambda job: (job.request, _Same(job.inputs))):
            programs = [job.program for job in members]
            groups.append(Group({"request": request, "inputs": inputs.value}, programs))
        try:
            answers = self._answers(groups)
        except TypeError as error:  # orjson: an integer beyond 64 bit, or text that is not UTF-8
            raise InputError(f"a worker process cannot take this value: {error}") from error
        return [_answer(answer) for answer in answers]

    def promising(self, task: Task, programs: Sequence[str]) -> Sequence[str]:
        """The programs that are right on every visible example, as compared in the worker processes."""
        shown = [example for example in task.examples if example.split != "test"]
        if not self.exact_match or type(self).run_all is not PythonEvaluator.run_all or not shown:
            return super().promising(task, programs)
        shared = {
            "request": task.request,
            "inputs": [example.inputs for example in shown],
            "outputs": [example.output for example in shown],
        }
        try:
            right = self._answers([Group(shared, programs)])
        except TypeError:  # see run_all: judging reports the value if it is an input
            return programs
        return list(itertools.compress(programs, right))

    def _answers(self, groups: Sequence[Group]) -> list[Any]:
        canceled = self._canceled.is_set
        return self._workers.run(self._work, groups, _failed, jobs=self._jobs, canceled=canceled)


@dataclass(frozen=True, slots=True)
class _Same:
    """Inputs compared by identity, so that jobs of one task are found at no cost."""

    value: Sequence[Sequence[Any]]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.value is other.value

    __hash__ = None  # type: ignore[assignment]


def _import_path(domain: type[PythonDomain]) -> str:
    """The import path of a domain's class for a new process; UsageError if it cannot be imported there."""
    path = f"{domain.__module__}:{domain.__qualname__}"
    try:
        importable = domain.__module__ != "__main__" and found(path) is domain
    except (ImportError, AttributeError):
        importable = False
    if not importable:
        raise UsageError(
            f"the domain {domain.name!r} runs in processes of its own, which cannot import {path}: "
            "put the class at the top level of a module that can be imported"
        )
    return path


def _failed(shared: Any, program: str, status: str, message: str) -> Any:
    """The answer for a program that ended its worker: the same on each input."""
    if "outputs" in shared:
        return False
    return [[status, None, message] for _ in shared["inputs"]]


def _answer(answer: Any) -> list[Outcome] | ProgramError:
    if isinstance(answer, dict):
        return ProgramError(**answer)
    return [Outcome(*outcome) for outcome in answer]


# --- in the worker --------------------------------------------------------------------------------------------------


class _Refused(Exception):
    """A program cannot be run on any input."""

    def __init__(self, error: ProgramError) -> None:
        self.error = error


@dataclass(frozen=True, slots=True)
class _Case:
    """One input of a group, as JSON; ``view`` converts an outcome to the requested answer, ``place`` shares work."""

    inputs: bytes
    view: Callable[[interpreter.Outcome], bytes]
    place: Place | None


class Runs:
    """The runner of programs in a worker process.

    The answer to a program is its outcome on each input of its group or, for a group with ``outputs``, whether it gives
    all of them: then it runs up to the first wrong output.
    """

    def __init__(self, setup: Any, watch: Watch) -> None:
        domain: PythonDomain = found(setup["domain"])()
        self._watch = watch
        self._fuel, self._size = setup["fuel"], setup["size"]
        self._literal_type = domain.literal_type
        library = Library.from_json(setup["library"])
        self._types: dict[str, Type] = {each.name: parse_type(each.type) for each in library.productions}
        self._interpreter = interpreter.Interpreter(
            [
                interpreter.Primitive.typed(each.name, parse_type(each.type), each.function, each.lazy)
                for each in domain.primitives
            ],
            {each.name: parse_term(each.definition) for each in library.productions if each.definition is not None},
            literal_value=domain.literal_value,
        )
        self._interpreter.renew_constants()
        self._sharing = Sharing(self._interpreter, self._types, self._literal_type, fuel=self._fuel, size=self._size)
        self._group: Any = None
        self._generation = 0
        self._request: Type | None = None
        self._cases: list[_Case] = []
        self._known: dict[tuple[bytes, bytes | None], Place] = {}

    def failed(self, shared: Any, program: str, status: str, message: str) -> bytes:
        """The answer for a program that failed outside of ``run``."""
        answer = _failed(shared, program, status, message)
        return orjson.dumps(answer) if answer is False else b"[" + b",".join(map(_bytes, answer)) + b"]"

    def run(self, shared: Any, program: str) -> bytes:
        """The answer to a program."""
        if self._sharing.full():
            self.forget()
        if shared is not self._group or self._generation != self._sharing.generation:
            self._enter(shared)
        body = None if self._request is None else self._sharing.read(program, self._request)
        try:
            if "outputs" in shared:
                for case in self._cases:
                    if self._seen(program, body, case) != b"true":
                        return b"false"
                return b"true"
            return b"[" + b",".join([self._seen(program, body, case) for case in self._cases]) + b"]"
        except _Refused as refused:
            return b"false" if "outputs" in shared else _refusal(refused.error)

    def _seen(self, program: str, body: Any, case: _Case) -> bytes:
        """The view of a program's outcome on a case."""
        self._watch.begin()
        try:
            if body is not None and case.place is not None and self._generation == self._sharing.generation:
                seen: bytes | None = self._sharing.run(body, case.place)
                if seen is not None:
                    return seen
            return case.view(self._alone(self._compiled(program), case.inputs))
        except _Refused:
            raise
        except OutOfTime:
            outcome = interpreter.Outcome("timeout", message=f"more than {self._watch.seconds:g} seconds")
        except MemoryError:
            outcome = interpreter.Outcome("memory", message="MemoryError")
        except BaseException as error:
            outcome = interpreter.Outcome("error", message=described(error))
        finally:
            self._watch.end()
        self.forget()
        return case.view(outcome)

    def _enter(self, shared: Any) -> None:
        """Prepare for a group: its request and inputs are read once."""
        if self._generation != self._sharing.generation:
            self._known = {}
        self._group, self._generation = shared, self._sharing.generation
        self._request = None
        with contextlib.suppress(PsynthError):  # reported for each program
            self._request = None if shared["request"] is None else parse_type(shared["request"])
        outputs = shared.get("outputs") or itertools.repeat(None)
        self._cases = [
            self._case(orjson.dumps(inputs), orjson.dumps(output) if "outputs" in shared else None)
            for inputs, output in zip(shared["inputs"], outputs, strict=False)
        ]

    def _case(self, inputs: bytes, output: bytes | None) -> _Case:
        view = _written if output is None else functools.partial(_gives, orjson.loads(output))
        arguments = orjson.loads(inputs)
        if self._request is None or len(arguments) != len(arguments_of(self._request)):
            return _Case(inputs, view, None)
        place = self._known.get((inputs, output))
        if place is None:
            place = self._known[inputs, output] = self._sharing.place(arguments, view)
        return _Case(inputs, view, place)

    def forget(self) -> None:
        """Discard all data shared between programs, which one of them may have changed."""
        self._sharing.forget()
        self._known = {}

    def _compiled(self, program: str) -> interpreter.CompiledProgram:
        kind = "parse"
        try:
            term = parse_term(program)
            kind = "type"
            request = self._group["request"]
            infer(term, self._types, request and parse_type(request), literal_type=self._literal_type)
            kind = "unknown_primitive"
            return self._interpreter.compile(term)
        except IllTyped as error:
            unknown = isinstance(error.subterm, Name) and error.subterm.text not in self._types
            raise _Refused(ProgramError("unknown_primitive" if unknown else kind, str(error))) from error
        except PsynthError as error:
            raise _Refused(ProgramError(kind, str(error))) from error

    def _alone(self, program: interpreter.CompiledProgram, inputs: bytes) -> interpreter.Outcome:
        """The outcome of a program on its own copies of inputs and constants, which it may change harmlessly."""
        arguments = orjson.loads(inputs)
        self._interpreter.renew_constants()
        outcome = program.run(arguments, fuel=self._fuel, size=self._size)
        if outcome.message == "MemoryError":
            # The data kept for other programs may have left too little memory.
            self.forget()
            arguments = orjson.loads(inputs)
            self._interpreter.renew_constants()
            outcome = program.run(arguments, fuel=self._fuel, size=self._size)
        constant = self._interpreter.changed_constant()
        self._interpreter.renew_constants()
        if outcome.status != "ok":
            return outcome
        if constant is not None:
            return interpreter.Outcome("error", message=f"the constant {constant} was changed, which no primitive may")
        if orjson.dumps(arguments, default=str) != inputs:
            return interpreter.Outcome("error", message="an input was changed, which no primitive may")
        return outcome


def _written(outcome: interpreter.Outcome) -> bytes:
    """An outcome as sent to the parent: an array of numpy is a list there, and a value that is not JSON an error."""
    if outcome.status != "ok":
        return _bytes([outcome.status, None, outcome.message])
    value, problem = outcome.value, None
    if type(value).__module__ == "numpy":
        value, finite = value.tolist(), _is_finite(value)
        problem = None if finite else _not_json(value)
    else:
        problem = _not_json(value)
    if problem is None:
        try:
            return b'["ok",' + orjson.dumps(value, default=_plain) + b"]"
        except (TypeError, ValueError, RecursionError) as error:
            problem = str(error)
    return _bytes(["error", None, f"the result is not JSON: {problem}"])


def _is_finite(value: Any) -> bool:
    """Whether an array or scalar of numpy holds only numbers, and only finite ones: a look at all of them at once."""
    import numpy as np

    return bool(value.dtype.kind in "biuf" and np.isfinite(value).all())


def _gives(output: Any, outcome: interpreter.Outcome) -> bytes:
    """Whether an outcome, as it would be sent to the parent, equals an example's output."""
    if outcome.status != "ok":
        return b"false"
    status, value, *_ = orjson.loads(_written(outcome))
    return b"true" if status == "ok" and same_value(value, output) else b"false"


def _refusal(error: ProgramError) -> bytes:
    message = error.message.encode(errors="replace").decode()
    return orjson.dumps({"kind": error.kind, "message": message})


def _bytes(answer: list[Any]) -> bytes:
    """An answer as JSON; characters of its message that cannot be encoded are replaced."""
    try:
        return orjson.dumps(answer)
    except (TypeError, ValueError):
        return orjson.dumps([*answer[:2], str(answer[2]).encode(errors="replace").decode()])


def _not_json(value: Any) -> str | None:
    """The reason why a value is not JSON; subclasses count as their base classes."""
    stack = [value]
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is str or kind is int or kind is bool or node is None:
            continue
        if isinstance(node, list | tuple):
            stack += node
        elif isinstance(node, dict):
            if not all(isinstance(key, str) for key in node):
                return "it has a key that is not text"
            stack += node.values()
        elif isinstance(node, float):
            if not math.isfinite(node):
                return f"it holds {node}"
        elif not isinstance(node, str | int):
            return f"it holds a value of type {kind.__name__}"
    return None


def _plain(value: Any) -> Any:
    """A value of a subclass that orjson does not support, as a value of the base class."""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, float):
        return float(value)
    raise TypeError(f"it holds a value of type {type(value).__name__}")
