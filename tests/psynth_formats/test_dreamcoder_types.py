"""DreamCoder's JSON for types: any type round-trips, anything else is refused with its place."""

import json

import pytest
from hypothesis import given
from psynth_formats.dreamcoder_types import read_type, type_json
from psynth_formats.located import Located

from psynth.core.calculus.types import Type, parse_type
from psynth.core.errors import InputError
from tests.core.calculus.strategies import types


@given(types)
def test_types_round_trip(kind: Type) -> None:
    assert read_type(Located(json.loads(json.dumps(type_json(kind))), "a.json")) is kind
    assert read_type(Located(str(kind), "a.json")) is kind


def test_types_are_as_documented() -> None:
    data = {"constructor": "->", "arguments": [{"index": 0}, {"constructor": "int", "arguments": []}]}
    assert type_json(parse_type("t0 -> int")) == data
    for bad in (3, {}, {"constructor": "->", "arguments": []}, {"constructor": "a b", "arguments": []}, {"index": -1}):
        with pytest.raises(InputError, match=r"a.json: request: "):
            read_type(Located(bad, "a.json", "request"))
