"""DreamCoder's JSON for types and grammars, by hand and as published runs wrote it."""

import json
import math

import pytest
from hypothesis import given
from psynth_formats.grammar_json import (
    DreamCoderFormatError,
    grammar_from_json,
    grammar_to_json,
    type_from_json,
    type_to_json,
)

from psynth.core.calculus.normal_forms import name_inlined
from psynth.core.calculus.refit import inside_outside
from psynth.core.calculus.terms import parse_term
from psynth.core.calculus.types import Type, parse_type
from psynth.core.errors import PsynthError
from tests.core.calculus.strategies import LIST_TYPES, types
from tests.shared_data import shared_data

LOGO_TYPES = {
    name: parse_type(text)
    for text, names in {
        "tangle": "logo_UA logo_ZA logo_epsA",
        "tlength": "logo_UL logo_ZL logo_epsL",
        "int": "logo_IFTY 0 1 2 3 4 5 6 7 8 9",
        "tangle -> int -> tangle": "logo_DIVA logo_MULA",
        "tlength -> int -> tlength": "logo_DIVL logo_MULL",
        "tangle -> tangle -> tangle": "logo_ADDA logo_SUBA",
        "tlength -> tangle -> turtle -> turtle": "logo_FWRT",
        "(turtle -> turtle) -> turtle -> turtle": "logo_PT logo_GETSET",
        "int -> (int -> turtle -> turtle) -> turtle -> turtle": "logo_forLoop",
    }.items()
    for name in names.split()
}


@given(types)
def test_types_round_trip(kind: Type) -> None:
    assert type_from_json(json.loads(json.dumps(type_to_json(kind)))) is kind


def test_types_are_as_documented() -> None:
    data = {"constructor": "->", "arguments": [{"index": 0}, {"constructor": "int", "arguments": []}]}
    assert type_to_json(parse_type("t0 -> int")) == data
    for bad in (3, {}, {"constructor": "->", "arguments": []}, {"constructor": "a b", "arguments": []}, {"index": -1}):
        with pytest.raises(DreamCoderFormatError):
            type_from_json(bad)


def unigram_json() -> dict[str, object]:
    """Two inlined abstractions, the newer one first and made of the older."""
    return {
        "logVariable": -0.5,
        "productions": [
            {"expression": "#(lambda (#(lambda (+ $0 1)) (#(lambda (+ $0 1)) $0)))", "logProbability": -2.0},
            {"expression": "#(lambda (+ $0 1))", "logProbability": -1.0},
            {"expression": "+", "logProbability": 0.0},
            {"expression": "1", "logProbability": None},
        ],
        "continuationType": {"constructor": "int", "arguments": []},
    }


def test_unigram_grammars() -> None:
    grammar = grammar_from_json(unigram_json(), LIST_TYPES)
    assert [(each.name, str(each.type), each.log_weight) for each in grammar.productions] == [
        ("+", "int -> int -> int", 0.0),
        ("1", "int", -math.inf),
        ("fn_0", "int -> int", -1.0),
        ("fn_1", "int -> int", -2.0),
    ]
    assert str(grammar.definitions["fn_1"]) == "(lambda (fn_0 (fn_0 $0)))"
    assert grammar.continuation is parse_type("int")
    assert grammar_to_json(grammar) == unigram_json()
    taken = grammar_from_json(unigram_json(), {**LIST_TYPES, "1": parse_type("int")}, prefix="1")
    assert [each.name for each in taken.productions] == ["+", "1", "10", "11"]


def test_contextual_grammars() -> None:
    unigram = grammar_from_json(unigram_json(), LIST_TYPES)
    request, program = parse_type("int -> int"), parse_term("(lambda (fn_1 (+ $0 (fn_0 $0))))")
    contextual = inside_outside(unigram, [(request, [(program, 0.0)])], 1.0, contextual=True)
    data = json.loads(json.dumps(grammar_to_json(contextual)))
    assert [each["program"] for each in data["productions"]][2:] == ["+", "1"]
    read = grammar_from_json(data, LIST_TYPES)
    assert read.contextual == contextual.contextual
    assert read.log_prior(program, request) == contextual.log_prior(program, request) > -math.inf


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], '"productions", a list'),
        ({"productions": [{}]}, '"expression", a string'),
        ({"productions": [{"expression": "(f x)"}]}, "a name or"),
        ({"productions": [{"expression": "frob"}]}, "type of primitive frob is not known"),
        ({"productions": [{"expression": "+"}, {"expression": "+"}]}, "twice"),
        ({"productions": [{"expression": "#(car 1)"}, {"expression": "car"}, {"expression": "1"}]}, "list"),
        ({"productions": [{"expression": "1", "logProbability": "x"}]}, "not a log-probability"),
        ({"noParent": {"productions": []}, "productions": []}, '"variableParent", an object'),
    ],
)
def test_bad_grammars_are_refused(data: object, message: str) -> None:
    with pytest.raises(PsynthError, match=message):
        grammar_from_json(data, LIST_TYPES)


def test_a_published_grammar_gives_the_published_programs() -> None:
    data = json.loads(shared_data("stitch/dreamcoder-logo-iteration-1.json").read_text())
    grammar = grammar_from_json(data["DSL"], LOGO_TYPES)
    published = {each["expression"]: each["logProbability"] for each in data["DSL"]["productions"]}
    assert {each["expression"]: each["logProbability"] for each in grammar_to_json(grammar)["productions"]} == published
    assert grammar_from_json(grammar_to_json(grammar), LOGO_TYPES) == grammar
    count = 0
    for frontier in data["frontiers"]:
        request = type_from_json(frontier["request"])
        for each in frontier["programs"]:
            program = name_inlined(parse_term(each["program"]), grammar.definitions)
            assert grammar.log_prior(program, request) > -math.inf
            count += 1
    assert count > 300
