"""Records read from JSON and written back: nothing lost, nothing wrong accepted, every error placed."""

import dataclasses
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psynth.core.errors import EngineError, InputError
from psynth.core.stream.records import (
    RECORD_TYPES,
    End,
    Foreign,
    Frontier,
    Header,
    Library,
    Metric,
    Origin,
    Place,
    Production,
    Program,
    Search,
    Task,
    decode,
    encode,
    quality,
    same_task,
    worst,
)
from tests.core.stream.generated_records import json_values, records


def read(line: bytes):
    data = decode(line)
    return RECORD_TYPES[data["type"]].from_json(data, line=line)


@given(records)
def test_a_record_survives_writing_and_reading(record):
    assert read(record.encode()) == record


@given(records)
def test_a_changed_record_is_written_like_a_new_one(record):
    assert dataclasses.replace(read(record.encode())).encode() == record.encode()


def test_an_unchanged_record_is_written_byte_for_byte():
    line = b'{ "zeta" : 1.50, "programs":[], "type":"frontier","task":null , "task2": [1,  2] }'
    frontier = read(line)
    assert frontier.encode() == line
    changed = dataclasses.replace(frontier, search=Search("windows"))
    assert changed.line is None
    assert changed.encode() == (
        b'{"type":"frontier","task":null,"programs":[],"search":{"method":"windows"},"zeta":1.5,"task2":[1,2]}'
    )


def test_a_changed_record_keeps_its_place():
    record = Metric.from_json({"name": "loss", "value": 1}, place=Place("a.jsonl", 7))
    assert dataclasses.replace(record, value=2).place == Place("a.jsonl", 7)


def test_unknown_fields_of_nested_objects_survive_a_change_beside_them():
    line = (
        b'{"type":"frontier","task":{"id":"d/1","zz":[null],"domain":"d","examples":[{"output":1,"why":2,"inputs":[]}]},'
        b'"programs":[{"program":"f","author":"me","origin":{"by":"x","mood":"y"}}]}'
    )
    changed = dataclasses.replace(read(line), search=Search("m"))
    assert changed.encode() == (
        b'{"type":"frontier","task":{"id":"d/1","domain":"d","examples":[{"inputs":[],"output":1,"why":2}],"zz":[null]},'
        b'"programs":[{"program":"f","language":"lambda","origin":{"by":"x","mood":"y"},"author":"me"}],'
        b'"search":{"method":"m"}}'
    )


@pytest.mark.parametrize(
    ("record", "written"),
    [
        (Program("f", log_prior=-math.inf), {"program": "f", "language": "lambda", "log_prior": None}),
        (Program("f", log_prior=math.nan), {"program": "f", "language": "lambda", "log_prior": None}),
        (Program("f"), {"program": "f", "language": "lambda"}),
        (Search("m", max_cost=math.inf), {"method": "m", "max_cost": None}),
        (Metric("loss", math.nan), {"type": "metric", "name": "loss", "value": None}),
        (Production("+", "int", -math.inf), {"name": "+", "type": "int", "log_weight": None}),
        (Origin(from_=("a", "b")), {"from": ["a", "b"]}),
        (Frontier(None), {"type": "frontier", "task": None, "programs": []}),
        (Header(), {"type": "header", "psynth": 1, "provenance": []}),
    ],
)
def test_what_cannot_be_said_in_json_is_null_and_what_is_not_known_is_left_out(record, written):
    assert json.loads(encode(record.to_json())) == written


def test_null_is_read_as_what_it_stands_for():
    program = Program.read_fields({"program": "f", "log_prior": None, "score": None})
    assert (program.log_prior, program.score) == (-math.inf, None)
    assert Search.read_fields({"method": "m", "max_cost": None}).max_cost == math.inf
    assert math.isnan(Metric.from_json({"name": "n", "value": None}).value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            b'{"type":"frontier","task":null,"programs":[{"program":"a"},{"program":"b"},{"program":"c"},'
            b'{"program":"d","log_prior":"x"}]}',
            "programs[3].log_prior: expected a number or null, not a string",
        ),
        (b'{"type":"frontier","programs":[]}', "task: missing"),
        (b'{"type":"frontier","task":{"id":"d/1"}}', "task d/1: task.domain: missing"),
        (b'{"type":"frontier","task":null,"programs":{}}', "programs: expected a list, not an object"),
        (
            b'{"type":"frontier","task":null,"programs":[{"program":1}]}',
            "programs[0].program: expected a string, not an integer",
        ),
        (
            b'{"type":"frontier","task":null,"programs":[{"program":"a","score":1.5}]}',
            "programs[0].score: expected a number from 0 to 1, not 1.5",
        ),
        (
            b'{"type":"frontier","task":null,"programs":[{"program":"a","reward":true}]}',
            "programs[0].reward: expected a number, not true or false",
        ),
        (
            b'{"type":"frontier","task":null,"programs":[{"program":"a","status":"odd"}]}',
            "programs[0].status: expected ok, error, timeout, fuel or memory, not 'odd'",
        ),
        (
            b'{"type":"frontier","task":null,"programs":[{"program":"a","origin":{"from":7}}]}',
            "programs[0].origin.from: expected a string or a list of strings, not an integer",
        ),
        (b'{"type":"header","psynth":2}', "psynth: expected format version 1, the one that this psynth reads, not 2"),
        (
            b'{"type":"header","provenance":[{"command":"x","inputs":{"f":1}}]}',
            "provenance[0].inputs.f: expected a string, not an integer",
        ),
        (
            b'{"type":"library","domain":"d","productions":[{"name":"+","type":"int"}],"log_variable":0}',
            "productions[0].log_weight: missing",
        ),
        (
            b'{"type":"library","domain":"d","productions":[],"log_variable":0,"contextual":{"start":{"log_weights":[null,"x"]}}}',
            "contextual.start.log_weights[1]: expected a number or null, not a string",
        ),
        (
            b'{"type":"frontier","task":null,"weights":{"log_weights":[0,null],"log_variable":"x"}}',
            "weights.log_variable: expected a number or null, not a string",
        ),
        (
            b'{"type":"frontier","task":null,"weights":{"start":{"log_weights":[],"log_variable":0},"productions":{}}}',
            "weights.variable: missing",
        ),
        (
            b'{"type":"frontier","task":null,"programs":[{"program":"a","descriptor":[0,"x"]}]}',
            "programs[0].descriptor[1]: expected a number, not a string",
        ),
        (b'{"type":"end","status":null}', "status: expected complete, budget or interrupted, not null"),
    ],
)
def test_a_wrong_field_is_named_with_its_path(line, message):
    with pytest.raises(InputError) as caught:
        read(line)
    assert str(caught.value) == message


def test_an_error_names_file_line_and_task():
    with pytest.raises(InputError) as caught:
        Frontier.from_json({"task": {"id": "d/1", "domain": 3}}, place=Place("a.jsonl", 17))
    assert str(caught.value) == "a.jsonl:17: task d/1: task.domain: expected a string, not an integer"
    frontier = Frontier.from_json({"task": {"id": "d/1", "domain": "d"}}, place=Place("a.jsonl", 17))
    assert str(frontier.error("odd")) == "a.jsonl:17: task d/1: odd"
    assert str(Metric("n", 1).error("odd")) == "odd"


@given(json_values)
def test_any_json_is_encoded_and_decoded_exactly(value):
    line = encode({"value": value})
    assert b"\n" not in line
    assert decode(line) == {"value": value}


def test_integers_of_up_to_308_digits_are_exact():
    huge = 10**308
    assert decode(encode({"n": [huge, -huge, 2**63, 2**64]})) == {"n": [huge, -huge, 2**63, 2**64]}


def test_deep_nesting_costs_no_recursion_to_write():
    value: object = 1
    for _ in range(100_000):
        value = [value]
    assert encode({"a": value}) == b'{"a":' + b"[" * 100_000 + b"1" + b"]" * 100_000 + b"}"


def test_a_lone_surrogate_is_shown_and_an_unknown_object_is_an_error():
    assert decode(encode({"path\udc80": "\ud800"})) == {"path\\udc80": "\\ud800"}
    with pytest.raises(EngineError, match="a record holds a complex"):
        encode({"a": 1j})


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"", "not JSON"),
        (b"[1]", "not a record"),
        (b'"text"', "not a record"),
        (b'{"a":NaN}', "not JSON"),
        (b'{"a":1e999}', "not JSON"),
        (b'{"n":1' + b"0" * 400 + b"}", "not JSON: number is infinity"),
        (b'{"n":1111111111111111111111,"a":NaN}', "not JSON"),
        (b'{"a":"\0"}', "not JSON: a NUL byte at byte 7"),
        (b'{"a":"\xff"}', "not JSON: not UTF-8 at byte 7"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a":' * 100_000, "not JSON"),
    ],
)
def test_a_line_that_is_no_record_is_an_input_error(line, message):
    with pytest.raises(InputError) as caught:
        decode(line)
    assert str(caught.value).startswith(message)
    assert len(str(caught.value)) < 120


@given(st.binary(max_size=40))
def test_decoding_bytes_never_fails_otherwise(line):
    try:
        outcome: dict | str = decode(line)
    except InputError as error:
        outcome = str(error)
    assert isinstance(outcome, dict) or "\n" not in outcome


def test_the_best_programs_come_first():
    programs = [
        Program("none"),
        Program("likely", log_likelihood=0.0, log_prior=-3.0),
        Program("likelier", log_likelihood=0.0, log_prior=-2.0),
        Program("scored", score=0.5),
        Program("rewarded", reward=-1.0),
    ]
    ordered = sorted(programs, key=quality, reverse=True)
    assert [program.program for program in ordered] == ["rewarded", "scored", "likelier", "likely", "none"]


def test_a_frontier_knows_its_best_and_whether_it_is_solved():
    right = Program("a", log_likelihood=0)
    frontier = Frontier(Task("d/1", "d"), (right, Program("b", log_likelihood=-1.0)))
    assert (frontier.best, frontier.solved) == (right, True)
    empty = Frontier(None)
    assert (empty.best, empty.solved) == (None, False)


def test_only_the_likelihood_says_what_solves_a_task():
    assert Frontier(Task("d/1", "d"), (Program("a", log_likelihood=0.0, reward=0.3),)).solved
    assert not Frontier(Task("d/1", "d"), (Program("a", reward=37.5, score=1.0),)).solved


def test_what_a_search_maximizes_is_the_reward_where_there_is_one():
    assert Program("a", score=1.0, reward=-2.0).gain == -2.0
    assert Program("a", score=0.25).gain == 0.25
    assert Program("a").gain is None


def test_same_task_looks_at_what_a_program_is_judged_by():
    task = Task("d/1", "d", "int", descriptions=("one",))
    assert same_task(task, Task("d/1", "d", "int"))
    assert not same_task(task, Task("d/1", "d", "bool"))


def test_the_worst_status_wins():
    assert worst() == "complete"
    assert worst("budget", "complete") == "budget"
    assert worst("interrupted", "budget") == "interrupted"


def test_foreign_records_are_their_line():
    foreign = Foreign("odd", b'{"type":"odd","n":1}')
    assert foreign.encode() == foreign.line
    assert foreign.to_json() == {"type": "odd", "n": 1}
    assert foreign == Foreign("odd", foreign.line)
    assert hash(foreign) == hash(Foreign("odd", foreign.line))
    assert repr(foreign) == 'Foreign(type=\'odd\', line=b\'{"type":"odd","n":1}\')'


def test_records_are_immutable():
    with pytest.raises(dataclasses.FrozenInstanceError):
        End("complete").status = "budget"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        Library("d", (), 0.0).domain = "e"  # type: ignore[misc]


def test_fields_that_were_once_unknown_are_read_where_older_streams_have_them():
    line = b'{"type":"frontier","task":null,"programs":[{"program":"f","held_out":0.5,"message":"no"}]}'
    (program,) = read(line).programs
    assert (program.held_out, program.message, program.extra) == (0.5, "no", {})
