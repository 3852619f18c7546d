"""The JSON Schema that is made from the fields accepts what the code accepts, and nothing else."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from psynth.core.errors import InputError
from psynth.core.stream import records as records_module
from psynth.core.stream.fields import Fields, documented_fields
from psynth.core.stream.records import RECORD_TYPES, Line
from psynth.core.stream.schema import stream_schema
from tests.core.stream.generated_records import json_values, records

SCHEMA = stream_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
CLASSES = {
    cls.__name__.lower(): cls
    for cls in vars(records_module).values()
    if isinstance(cls, type) and issubclass(cls, Fields) and cls not in (Fields, Line)
}


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"] == "urn:psynth:stream:1"


def test_schema_and_code_know_the_same_objects():
    assert set(SCHEMA["$defs"]) == set(CLASSES)
    branches = {branch["if"]["properties"]["type"]["const"] for branch in SCHEMA["allOf"]}
    assert branches == set(RECORD_TYPES)


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_schema_and_code_know_the_same_fields_in_the_same_order(name):
    fields = documented_fields(CLASSES[name])
    definition = SCHEMA["$defs"][name]
    assert list(definition["properties"]) == list(fields)
    assert definition.get("required", []) == [key for key, required in fields.items() if required]


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_every_object_and_field_is_described(name):
    definition = SCHEMA["$defs"][name]
    for described in (definition, *definition["properties"].values()):
        assert described["description"].endswith(".")


@given(records)
def test_what_the_code_writes_the_schema_accepts(record):
    VALIDATOR.validate(json.loads(record.encode()))


def places(value, path=()):
    """Yield the path of every value inside a JSON value."""
    yield path
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(item, (*path, key))


@st.composite
def damaged_records(draw):
    """A record with one value inside it exchanged for another, or left out."""
    data = copy.deepcopy(draw(records).to_json())
    data = json.loads(json.dumps(data).replace("-Infinity", "null").replace("Infinity", "null"))
    path = draw(st.sampled_from([path for path in places(data) if path and path != ("type",)]))
    holder = data
    for step in path[:-1]:
        holder = holder[step]
    if draw(st.booleans()):
        del holder[path[-1]]
    else:
        holder[path[-1]] = draw(
            json_values | st.sampled_from([None, True, 1, 1.0, 2, 0.5, "ok", [], {}, ["a"], [None]])
        )
    return data


@settings(max_examples=500)
@given(damaged_records())
def test_code_and_schema_accept_the_same_json(data):
    try:
        RECORD_TYPES[data["type"]].from_json(data)
        accepted = True
    except InputError:
        accepted = False
    assert VALIDATOR.is_valid(data) == accepted, data


def test_unknown_types_and_fields_are_valid():
    assert VALIDATOR.is_valid({"type": "odd", "task": 3})
    assert VALIDATOR.is_valid({"type": "end", "status": "complete", "mood": 1})
    assert not VALIDATOR.is_valid({"status": "complete"})
