"""A programming-by-example problem in SyGuS syntax, version 1 or 2, as a task with its library."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from psynth.core.errors import InputError
from psynth.core.stream.records import Example, Library, Task
from psynth_text.grammar import TYPES, library_of
from psynth_text.smtlib import Expression, read_expressions

_WITHOUT_EFFECT = frozenset(
    (
        "set-logic",
        "set-option",
        "set-info",
        "set-feature",
        "set-options",
        "declare-var",
        "declare-primed-var",
        "check-synth",
    )
)


@dataclass
class Problem:
    """What a file says: one function to synthesize, by examples."""

    name: str = ""
    parameters: list[tuple[str, str]] = field(default_factory=list)
    """Names and sorts."""
    sort: str = ""
    logic: str = ""
    groups: tuple[Expression, ...] = ()
    sorts: dict[str, str] = field(default_factory=dict)
    """The sorts of nonterminals that are declared apart from their rules, as in version 2."""
    examples: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    contradictions: list[tuple[tuple[Any, ...], Any, Any]] = field(default_factory=list)
    """Inputs with the output that comes first in the file, and another."""
    contradicting: list[Example] = field(default_factory=list)

    def task(self, task_id: str, domain: str) -> Task:
        """The task: each example once, in the order of the file, contradictions included."""
        examples = [Example(list(inputs), output) for inputs, output in self.examples.items()]
        return Task(
            id=task_id,
            domain=domain,
            request=" -> ".join(TYPES[sort] for sort in (*(sort for _, sort in self.parameters), self.sort)),
            examples=(*examples, *self.contradicting),
            meta={
                "sygus": {
                    "function": self.name,
                    "parameters": [name for name, _ in self.parameters],
                    "logic": self.logic or "SLIA",
                }
            },
        )

    def library(self, domain: str, default: Library) -> Library:
        """The library of the problem's grammar, ``default`` if it has none."""
        if not self.groups:
            return default
        return library_of(domain, self.groups, self.sorts, dict(self.parameters), self.sort)


def read_problem(text: str) -> Problem:
    """The problem in a file; InputError with the line for what is no programming by example."""
    problem = Problem()
    for command in read_expressions(text):
        match command.head:
            case "synth-fun":
                _read_function(command, problem)
            case "constraint":
                if len(command.items) != 2:
                    raise InputError("a constraint has one formula", line=command.line)
                _read_constraint(command.items[1], problem)
            case "set-logic" if len(command.items) == 2:
                problem.logic = command.items[1].value
            case head if head in _WITHOUT_EFFECT:
                pass
            case head:
                raise InputError(f"the command {head or command} is not supported", line=command.line)
    if not problem.name:
        raise InputError("there is no synth-fun")
    if not problem.examples:
        raise InputError("there are no examples: no constraint (= (function value …) value)")
    return problem


def _read_function(command: Expression, problem: Problem) -> None:
    if problem.name:
        raise InputError("a second synth-fun: a task has one function", line=command.line)
    if len(command.items) < 4 or command.items[2].kind != "list":
        raise InputError("synth-fun has a name, parameters, a sort and a grammar", line=command.line)
    _, name, parameters, sort, *grammar = command.items
    problem.name, problem.sort = name.value, _sort(sort)
    for each in parameters.items:
        if len(each.items) != 2:
            raise InputError(f"a parameter is a name and a sort, not {each}", line=each.line)
        problem.parameters.append((each.items[0].value, _sort(each.items[1])))
    if len(grammar) == 2:  # version 2 declares the nonterminals first
        problem.sorts = {each.items[0].value: _sort(each.items[1]) for each in grammar[0].items if len(each.items) == 2}
    if grammar:
        problem.groups = grammar[-1].items


def _read_constraint(formula: Expression, problem: Problem) -> None:
    if formula.head == "and":
        for each in formula.items[1:]:
            _read_constraint(each, problem)
        return
    sides = formula.items[1:] if formula.head == "=" else ()
    calls = [side for side in sides if problem.name and side.head == problem.name]
    values = [side for side in sides if side.head != problem.name]
    if len(sides) != 2 or len(calls) != 1 or len(values) != 1:
        raise InputError(
            "a constraint that is no example, (= (function value …) value), of the function above",
            line=formula.line,
        )
    arguments = calls[0].items[1:]
    if len(arguments) != len(problem.parameters):
        raise InputError(f"{problem.name} takes {len(problem.parameters)} values", line=formula.line)
    inputs = tuple(_value(each, sort) for each, (_, sort) in zip(arguments, problem.parameters, strict=True))
    output = _value(values[0], problem.sort)
    known = problem.examples.setdefault(inputs, output)
    if known != output:
        problem.contradictions.append((inputs, known, output))
        problem.contradicting.append(Example(list(inputs), output))


def _sort(expression: Expression) -> str:
    if str(expression) not in TYPES:
        raise InputError(f"the sort {expression} is not String, Int or Bool", line=expression.line)
    return str(expression)


def _value(expression: Expression, sort: str) -> Any:
    """The value of a constant of a sort; InputError for anything else."""
    if sort == "String" and expression.kind == "text":
        return expression.value
    if sort == "Int" and expression.kind == "number":
        return int(expression.value)
    if sort == "Int" and expression.head == "-" and len(expression.items) == 2 and expression.items[1].kind == "number":
        return -int(expression.items[1].value)
    if sort == "Bool" and expression.kind == "symbol" and expression.value in ("true", "false"):
        return expression.value == "true"
    raise InputError(f"{str(expression)[:80]} is no constant of sort {sort}", line=expression.line)
