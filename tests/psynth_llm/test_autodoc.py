"""``document --method llm``: prompts, names that programs can have, and nothing asked twice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from psynth_llm.autodoc import AutoDoc, documentation_in

from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.plugins import Context, End, Frontier, Library, Production, Program, Record
from psynth.plugins.registry import default_registry
from psynth.testing import check_method
from tests.fake_endpoint import Exchange, FakeEndpoint, saying
from tests.psynth_llm.golden import check_prompt

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")

SECOND = Production("fn_0", "list(t0) -> t0", -1.0, "(lambda (car (cdr $0)))")
TWICE = Production("fn_1", "list(int) -> int", -1.0, "(lambda (+ (fn_0 $0) (fn_0 $0)))")


def given(*entries: Production) -> list[Record]:
    domain = default_registry().domain("list")
    library = domain.library()
    first, second = list(domain.tasks(replace(domain.TaskSettings(), count=2), 0))
    return [
        replace(library, productions=(*library.productions, *entries)),
        Frontier(first, (Program("(lambda (fn_0 $0))"),)),
        Frontier(second, (Program("(lambda (fn_1 $0))", log_likelihood=0.0),)),
        End("complete"),
    ]


def document(records: Sequence[Record], model: str, said: list[str] | None = None, **settings: Any) -> list[Record]:
    tell = (said if said is not None else []).append
    return list(AutoDoc(model=(model,), **settings).run(iter(records), Context("document", warn=tell)))


def learned(records: Sequence[Record]) -> list[Production]:
    [library] = [each for each in records if isinstance(each, Library)]
    return library.abstractions


def naming(exchange: Exchange) -> None:
    asked = exchange.body["messages"][-1]["content"]
    name = "second" if asked.startswith("Function: fn_0") else "twice_the_second"
    exchange.answer([json.dumps({"name": name, "summary": f"the {name}"})] * exchange.wanted)


def test_names_given_before_stand_in_later_prompts_and_in_programs() -> None:
    with FakeEndpoint(naming) as endpoint:
        made = document(given(SECOND, TWICE), endpoint.model(schemas="on"))
    check_prompt("document-first", endpoint.asked[0])
    check_prompt("document-second", endpoint.asked[1])
    assert endpoint.asked[0]["response_format"]["type"] == "json_schema"
    second, twice = learned(made)
    assert (second.name, twice.name, twice.definition) == (
        "second",
        "twice_the_second",
        "(lambda (+ (second $0) (second $0)))",
    )
    programs = [each.programs[0].program for each in made if isinstance(each, Frontier)]
    assert programs == ["(lambda (second $0))", "(lambda (twice_the_second $0))"]
    assert second.documentation is not None
    assert second.documentation.summary == "the second"
    assert second.documentation.examples[0]["program"] == "(lambda (second $0))"


def test_only_new_abstractions_are_asked_for(tmp_path: Path) -> None:
    with FakeEndpoint(naming) as endpoint:
        made = document(given(SECOND), endpoint.model())
        assert document(made, endpoint.model()) == made
        assert len(endpoint.asked) == 1
        [library, *rest] = made
        assert isinstance(library, Library)
        added = replace(TWICE, definition="(lambda (+ (second $0) (second $0)))")
        again = document([replace(library, productions=(*library.productions, added)), *rest], endpoint.model())
        assert [each.name for each in learned(again)] == ["second", "twice_the_second"]
        assert len(endpoint.asked) == 2


def test_a_name_that_is_taken_gets_a_number() -> None:
    with FakeEndpoint(saying('{"name": "car", "summary": "an element"}')) as endpoint:
        made = document(given(SECOND, TWICE), endpoint.model())
    assert [each.name for each in learned(made)] == ["car_2", "car_3"]


def test_an_abstraction_without_a_usable_answer_stays_as_it_is() -> None:
    said: list[str] = []
    with FakeEndpoint(saying("I would call it `second`.")) as endpoint:
        made = document(given(SECOND), endpoint.model(), said)
    assert learned(made) == [SECOND]
    assert said == ["fn_0 keeps its name: no answer is a JSON object with a name and a summary"]


def test_the_budget_leaves_the_rest_as_it_is() -> None:
    with FakeEndpoint(naming) as endpoint:
        made = document(given(SECOND, TWICE), endpoint.model(), token_budget=2200)
    assert [each.name for each in learned(made)] == ["second", "fn_1"]
    assert len(endpoint.asked) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"name": "second", "summary": "the second"}', ("second", "the second")),
        ('```json\n{"name": "second", "summary": "a\\nb"}\n```', ("second", "a b")),
        ('Here: {"name": "take the-second", "summary": "x"} as asked', ("take_the_second", "x")),
        ('{"name": null, "summary": "x"}', (None, "x")),
        ('{"name": "(lambda $0)", "summary": "x"}', None),
        ('{"name": "../etc", "summary": "x"}', None),
        ('{"name": "lambda", "summary": "x"}', None),
        ('{"name": "' + "x" * 61 + '", "summary": "x"}', None),
        ('{"name": "", "summary": "x"}', None),
        ('{"name": "x", "summary": ""}', None),
        ('{"name": 3, "summary": "x"}', None),
        ("[" * 100_000, None),
        ("{" * 100_000, None),
        ("", None),
    ],
)
def test_what_counts_as_an_answer(text: str, found: object) -> None:
    assert documentation_in(text) == found


def test_the_contract_of_methods() -> None:
    with FakeEndpoint(saying('{"name": "good", "summary": "is good"}')) as endpoint:
        check_method(AutoDoc(model=(endpoint.model(),)), command="document")
