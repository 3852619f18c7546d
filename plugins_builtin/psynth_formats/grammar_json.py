"""DreamCoder's JSON for types and grammars, read and written."""

from collections.abc import Mapping
from typing import Any

from psynth.core.calculus.grammars import Grammar
from psynth.core.calculus.inference import infer
from psynth.core.calculus.normal_forms import dependency_order, inlined_definitions, name_inlined, rename
from psynth.core.calculus.productions import IMPOSSIBLE, ContextualWeights, GrammarError, Production, Weights
from psynth.core.calculus.terms import Inlined, Name, Term, parse_term, print_term
from psynth.core.calculus.types import Type, TypeConstructor, TypeVariable, parse_type
from psynth.core.errors import PsynthError

JSON = Any


class DreamCoderFormatError(PsynthError):
    """JSON that is not what DreamCoder writes."""

    exit_code = 3


# --- types ----------------------------------------------------------------------------------------------------------


def type_to_json(kind: Type) -> JSON:
    """``{"index": n}`` for a variable, else ``{"constructor": name, "arguments": […]}``."""
    done: dict[Type, JSON] = {}
    stack = [kind]
    while stack:
        node = stack[-1]
        if isinstance(node, TypeVariable):
            done[stack.pop()] = {"index": node.index}
            continue
        assert isinstance(node, TypeConstructor)
        pending = [argument for argument in node.arguments if argument not in done]
        if pending:
            stack += pending
        else:
            arguments = [done[argument] for argument in node.arguments]
            done[stack.pop()] = {"constructor": node.name, "arguments": arguments}
    return done[kind]


def type_from_json(data: JSON) -> Type:
    """The reverse of ``type_to_json``; raises ``DreamCoderFormatError``."""
    # Written as text, each function type in parentheses, and read by the one reader of types that there is.
    pieces: list[str] = []
    stack: list[JSON] = [(data,)]
    while stack:
        entry = stack.pop()
        if isinstance(entry, str):
            pieces.append(entry)
            continue
        [node] = entry
        if not isinstance(node, Mapping):
            raise DreamCoderFormatError(f"a type is an object with constructor and arguments, not {node!r:.60}")
        if isinstance(node.get("index"), int) and node["index"] >= 0:
            pieces.append(f"t{node['index']}")
            continue
        name, arguments = node.get("constructor"), node.get("arguments", [])
        if not isinstance(name, str) or not isinstance(arguments, list):
            raise DreamCoderFormatError(f"a type is an object with constructor and arguments, not {node!r:.60}")
        parts: list[JSON] = []
        for position, argument in enumerate(arguments):
            parts += ([" -> " if name == "->" else ", "] if position else []) + [(argument,)]
        if name == "->":
            if len(arguments) != 2:
                raise DreamCoderFormatError(f"a function type has two arguments, not {len(arguments)}")
            parts = ["(", *parts, ")"]
        else:
            parts = [name, "(", *parts, ")"] if parts else [name]
        stack += reversed(parts)
    try:
        return parse_type("".join(pieces))
    except PsynthError as error:
        raise DreamCoderFormatError(str(error)) from None


# --- grammars -------------------------------------------------------------------------------------------------------


def grammar_to_json(grammar: Grammar) -> JSON:
    """A grammar as DreamCoder writes it: newest abstractions first, inlined, without their names."""
    inlined = inlined_definitions(grammar.definitions)
    learned = [number for number, each in enumerate(grammar.productions) if each.name in inlined]
    order = learned[::-1] + [number for number, each in enumerate(grammar.productions) if each.name not in inlined]
    expressions = {
        number: print_term(inlined.get(grammar.productions[number].name, Name(grammar.productions[number].name)))
        for number in order
    }
    contextual = grammar.contextual
    if contextual is None:
        return _weights_to_json(grammar, expressions, grammar.unigram_weights)
    return {
        "noParent": _weights_to_json(grammar, expressions, contextual.start),
        "variableParent": _weights_to_json(grammar, expressions, contextual.variable),
        "productions": [
            {
                "program": expression,
                "arguments": [
                    _weights_to_json(grammar, expressions, weights)
                    for weights in contextual.productions[grammar.productions[number].name]
                ],
            }
            for number, expression in expressions.items()
        ],
    }


def _weights_to_json(grammar: Grammar, expressions: Mapping[int, str], weights: Weights) -> JSON:
    data: dict[str, JSON] = {
        "logVariable": _number_or_null(weights.log_variable),
        "productions": [
            {"expression": expression, "logProbability": _number_or_null(weights.log_weights[number])}
            for number, expression in expressions.items()
        ],
    }
    if grammar.continuation is not None:
        data["continuationType"] = type_to_json(grammar.continuation)
    return data


def grammar_from_json(
    data: JSON, types: Mapping[str, Type], *, default_type: Type | None = None, prefix: str = "fn_"
) -> Grammar:
    """Read a unigram or contextual grammar.

    ``types`` are those of the primitives, which the JSON lacks; ``default_type`` is for primitives that it lacks too.
    Inlined abstractions get names, ``prefix`` and a number, oldest first (DreamCoder puts new ones in front), their
    types are inferred, and their definitions use each other by name. They stand after the primitives.
    """
    base = _member(data, "noParent", dict) if isinstance(data, Mapping) and "noParent" in data else data
    expressions = [_expression(each, "expression") for each in _member(base, "productions", list)]
    if len(set(expressions)) != len(expressions):
        raise DreamCoderFormatError("a grammar has the same production twice")
    primitives = [each for each in expressions if isinstance(each, Name)]
    names, definitions = _named_definitions(expressions, prefix)
    known: dict[str, Type] = {}
    for primitive in primitives:
        kind = types.get(primitive.text, default_type)
        if kind is None:
            raise GrammarError(f"the type of primitive {primitive} is not known; is this another domain's grammar?")
        known[primitive.text] = kind
    for name, definition in definitions.items():
        known[name] = infer(definition, known)
    order = [*primitives, *sorted((each for each in names if isinstance(each, Inlined)), key=lambda e: _age(names, e))]
    unigram = _read_weights(base, order)
    productions = tuple(
        Production(names[each], known[names[each]], log_weight, definitions.get(names[each]))
        for each, log_weight in zip(order, unigram.log_weights, strict=True)
    )
    continuation = base.get("continuationType")
    contextual = None
    if base is not data:
        by_name = {
            names[_known_expression(each, "program", names)]: tuple(
                _read_weights(weights, order) for weights in _member(each, "arguments", list)
            )
            for each in _member(data, "productions", list)
        }
        variable = _read_weights(_member(data, "variableParent", dict), order)
        contextual = ContextualWeights(unigram, variable, by_name)
    return Grammar(
        productions, unigram.log_variable, contextual, None if continuation is None else type_from_json(continuation)
    )


def _named_definitions(expressions: list[Term], prefix: str) -> tuple[dict[Term, str], dict[str, Term]]:
    """Names for all expressions, and the definitions of the inlined ones in dependency order."""
    primitives = {each.text for each in expressions if isinstance(each, Name)}
    inlined = [each for each in reversed(expressions) if isinstance(each, Inlined)]
    written = {f"\x00{number}": each.body for number, each in enumerate(inlined)}
    named = {
        name: name_inlined(body, {other: its for other, its in written.items() if other != name})
        for name, body in written.items()
    }
    final: dict[str, str] = {}
    number = 0
    for name in dependency_order(named):
        while f"{prefix}{number}" in primitives:
            number += 1
        final[name] = f"{prefix}{number}"
        number += 1
    names: dict[Term, str] = {each: each.text for each in expressions if isinstance(each, Name)}
    names |= {each: final[name] for name, each in zip(written, inlined, strict=True)}
    return names, {final[name]: rename(named[name], final) for name in final}


def _age(names: Mapping[Term, str], expression: Term) -> tuple[int, str]:
    """Sorts generated names by their number."""
    return len(names[expression]), names[expression]


def _read_weights(data: JSON, order: list[Term]) -> Weights:
    by_expression = {
        _expression(each, "expression"): _log_weight(each, "logProbability")
        for each in _member(data, "productions", list)
    }
    if by_expression.keys() != set(order):
        raise DreamCoderFormatError("the grammars for the contexts of one contextual grammar differ in productions")
    return Weights(tuple(by_expression[each] for each in order), _log_weight(data, "logVariable"))


def _expression(data: JSON, key: str) -> Term:
    term = parse_term(_member(data, key, str))
    if not isinstance(term, Name | Inlined):
        raise DreamCoderFormatError(f"a production is a name or #(…), not {str(term)[:60]}")
    return term


def _known_expression(data: JSON, key: str, names: Mapping[Term, str]) -> Term:
    term = _expression(data, key)
    if term not in names:
        raise DreamCoderFormatError(f"weights for the arguments of {str(term)[:60]}, which is no production")
    return term


_KINDS = {list: "a list", str: "a string", dict: "an object"}


def _member(data: JSON, key: str, kind: type[list[Any]] | type[str] | type[dict[str, Any]]) -> JSON:
    value = data.get(key) if isinstance(data, Mapping) else None
    if not isinstance(value, kind):
        what = next(what for each, what in _KINDS.items() if each is kind)
        raise DreamCoderFormatError(f'a grammar lacks "{key}", {what}')
    return value


def _log_weight(data: JSON, key: str) -> float:
    value = data.get(key, 0.0)
    if value is None:
        return IMPOSSIBLE
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or value == -IMPOSSIBLE:
        raise DreamCoderFormatError(f'"{key}" is not a log-probability: {value!r:.40}')
    return float(value)


def _number_or_null(value: float) -> float | None:
    return None if value == IMPOSSIBLE else value
