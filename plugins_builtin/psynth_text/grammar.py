"""The grammar of a SyGuS problem as a library: typed productions, as far as types say what its nonterminals do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from psynth.core.calculus.text_literals import text_literal
from psynth.core.calculus.types import arrow, canonical, parse_type, split_arrow
from psynth.core.errors import InputError
from psynth.core.stream.records import Library, Production
from psynth.plugins.lambda_domain import machine_primitives
from psynth_text.smtlib import Expression

TYPES = {"String": "string", "Int": "int", "Bool": "bool"}
"""The types of SMT-LIB's sorts."""
RENAMED = {
    "int.to.str": "str.from_int",
    "str.from-int": "str.from_int",
    "str.to.int": "str.to_int",
    "str.to-int": "str.to_int",
    "=": "eq?",
    ">": "gt?",
}
"""The primitives of functions that have other names here: those of older versions of the theory, and of integers."""


@dataclass
class _Nonterminal:
    sort: str
    rules: list[Expression] = field(default_factory=list)


def library_of(
    domain: str, groups: Sequence[Expression], sorts: Mapping[str, str], variables: Mapping[str, str], start: str
) -> Library:
    """The library of a grammar; ``groups`` are its groups of rules, ``variables`` the sorts of the parameters.

    InputError for a grammar that types do not express: another rule than a constant, a variable or a function of
    nonterminals, or two nonterminals of one sort, neither of which is only another name of the other.
    """
    nonterminals: dict[str, _Nonterminal] = {}
    for group in groups:
        if len(group.items) not in (2, 3) or group.items[-1].kind != "list":
            raise InputError("a group of rules is a nonterminal, its sort and a list of rules", line=group.line)
        sort = group.items[1].value if len(group.items) == 3 else sorts.get(group.items[0].value, "")
        if sort not in TYPES:
            raise InputError(f"the sort {sort or group.items[1]} is not String, Int or Bool", line=group.line)
        nonterminals.setdefault(group.items[0].value, _Nonterminal(sort)).rules += group.items[-1].items
    if not nonterminals:
        raise InputError("a grammar without rules")
    first = next(iter(nonterminals))
    if nonterminals[first].sort != start:
        raise InputError(f"the grammar gives a {nonterminals[first].sort}, the function a {start}")
    return _Reader(nonterminals, variables).library(domain, first)


class _Reader:
    """Reads the rules that are reached from the start."""

    def __init__(self, nonterminals: Mapping[str, _Nonterminal], variables: Mapping[str, str]) -> None:
        self._nonterminals, self._variables = nonterminals, variables
        self._productions: dict[str, set[str]] = {}
        self._owner: dict[str, str] = {}
        """The nonterminal of each sort that has rules of its own."""

    def library(self, domain: str, start: str) -> Library:
        pending, reached = [start], {start}
        while pending:
            name = pending.pop(0)
            for rule in self._nonterminals[name].rules:
                for needed in self._read(name, rule):
                    if needed not in reached:
                        reached.add(needed)
                        pending.append(needed)
        productions = tuple(Production(name, _type(types), 0.0) for name, types in self._productions.items())
        return Library(domain=domain, productions=productions, log_variable=0.0)

    def _read(self, name: str, rule: Expression) -> list[str]:
        """Add the production of a rule, and return the nonterminals that it needs."""
        sort = self._nonterminals[name].sort
        if rule.kind == "symbol" and rule.value in self._nonterminals:
            self._expect(rule, self._nonterminals[rule.value].sort, sort)
            return [rule.value]
        owner = self._owner.setdefault(sort, name)
        if owner != name:
            raise InputError(
                f"{owner} and {name} both have rules for {sort}: the types of a library cannot tell them apart",
                line=rule.line,
            )
        if rule.kind != "list":
            self._leaf(rule, sort)
            return []
        if rule.head == "Variable" and len(rule.items) == 2:
            return []  # variables are no productions: a λ-term has those of its request
        return self._function(rule, sort)

    def _leaf(self, rule: Expression, sort: str) -> None:
        if rule.kind == "symbol" and rule.value in self._variables:
            self._expect(rule, self._variables[rule.value], sort)
        elif rule.kind == "text":
            self._expect(rule, "String", sort)
            self._add(text_literal(rule.value), "string")
        elif rule.kind == "number":
            self._expect(rule, "Int", sort)
            self._add(rule.value, "int")
        elif rule.value in ("true", "false"):
            self._expect(rule, "Bool", sort)
            self._add(rule.value, "bool")
        else:
            raise InputError(f"{rule.value} is no nonterminal, variable or constant", line=rule.line)

    def _function(self, rule: Expression, sort: str) -> list[str]:
        operator, *arguments = rule.items
        if operator.value == "-" and len(arguments) == 1 and arguments[0].kind == "number":
            self._expect(rule, "Int", sort)
            self._add(f"-{arguments[0].value}", "int")
            return []
        for argument in arguments:
            if argument.kind != "symbol" or argument.value not in self._nonterminals:
                raise InputError(f"an argument of a rule is a nonterminal, not {argument}", line=rule.line)
        name = RENAMED.get(operator.value, operator.value)
        known = machine_primitives().get(name)
        sorts = [self._nonterminals[argument.value].sort for argument in arguments]
        used = arrow(*(parse_type(TYPES[each]) for each in (*sorts, sort)))
        if known is None or not _is_instance(str(used), known):
            raise InputError(f"there is no function {operator} from {' '.join(sorts)} to {sort}", line=rule.line)
        self._add(name, str(used))
        return [argument.value for argument in arguments]

    def _add(self, name: str, kind: str) -> None:
        self._productions.setdefault(name, set()).add(kind)

    @staticmethod
    def _expect(rule: Expression, found: str, wanted: str) -> None:
        if found != wanted:
            raise InputError(f"{rule} is {found}, not {wanted}", line=rule.line)


def _is_instance(used: str, known: str) -> bool:
    """Whether a type without variables is an instance of a primitive's, whose variables stand for whole sorts."""
    arguments, result = split_arrow(parse_type(known))
    used_arguments, used_result = split_arrow(parse_type(used))
    if len(arguments) != len(used_arguments):
        return False
    bound: dict[str, str] = {}
    for general, instance in zip((*arguments, result), (*used_arguments, used_result), strict=True):
        expected = bound.setdefault(str(general), str(instance)) if str(general).startswith("t") else str(general)
        if expected != str(instance):
            return False
    return True


def _type(types: set[str]) -> str:
    """The type of a production: that of its only use, or of a conditional for several sorts the general one."""
    return types.copy().pop() if len(types) == 1 else str(canonical(parse_type("bool -> t0 -> t0 -> t0")))
