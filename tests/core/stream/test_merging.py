"""Merging: shards become the whole again, runs are united, and contradictions are told."""

import io
import math
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psynth.core.errors import InputError
from psynth.core.stream.held import natural_key, natural_order
from psynth.core.stream.merging import WANTED, merge, unite_frontiers
from psynth.core.stream.reading import read_records
from psynth.core.stream.records import (
    Example,
    Foreign,
    Frontier,
    Header,
    Library,
    Metric,
    Model,
    Place,
    Production,
    Program,
    Provenance,
    Search,
    Task,
    Weights,
)
from psynth.core.stream.sharding import Shard


def library(name="d"):
    return Library("d", (Production(name, "int", 0.0),), 0.0)


def frontier(number, *programs, search=None):
    return Frontier(Task(f"d/{number}", "d"), tuple(Program(text) for text in programs), search)


def lines(records):
    return [record.encode() for record in records]


def through_bytes(records):
    """Return ``records`` as a reader gives them."""
    return read_records([io.BytesIO(b"".join(line + b"\n" for line in lines(records)))], WANTED)


@st.composite
def streams(draw):
    """A stream as one run writes it: tasks in natural order under each library, other records anywhere."""
    other = st.sampled_from(
        [Metric("a", 1), Metric("b", 2), Foreign("odd", b'{"type":"odd"}'), Foreign("odd", b'{"type":"odd","n":1}')]
    )
    records = [Header(provenance=(Provenance("tasks"),))]
    number = 0
    last = -1
    for index in range(draw(st.integers(0, 4))):
        # A library may come back, but saying again what is in force already is what merging drops.
        if draw(st.booleans()):
            last = 1 - last if last >= 0 else 0
            records.append(library(f"l{last}"))
        else:
            records.append(Model("net", f"m{index}"))
        records += draw(st.lists(other, max_size=2))
        for _ in range(draw(st.integers(0, 4))):
            number += 1
            records.append(frontier(number, "f"))
            records += draw(st.lists(other, max_size=1))
    return records


@given(streams(), st.integers(1, 4), st.booleans())
def test_any_split_into_shards_merges_into_the_same_bytes(records, count, joined):
    shards = [list(Shard(number, count).select(through_bytes(records))) for number in range(1, count + 1)]
    parts = [[record for shard in shards for record in shard]] if joined else shards
    assert lines(merge(through_bytes(part) for part in parts)) == lines(records)


def test_merging_nothing_gives_a_header():
    assert list(merge([])) == [Header()]
    assert list(merge([[]])) == [Header()]


def test_frontiers_stand_in_natural_order_under_their_own_library():
    one, two = library("one"), library("two")
    merged = merge([[one, frontier(10), frontier(2), two, frontier(3)], [two, frontier(1), one, frontier(1)]])
    assert lines(merged) == lines(
        [Header(), one, frontier(1), frontier(2), frontier(10), two, frontier(1), frontier(3)]
    )


def test_what_has_no_library_does_not_come_under_one():
    merged = lines(merge([[library(), frontier(1)], [frontier(2)]]))
    assert merged == lines([Header(), frontier(2), library(), frontier(1)])


def test_an_unchanged_line_stays_byte_for_byte():
    line = b'{"type":"frontier", "programs":[],"task":{"domain":"d","id":"d/1"}}'
    merged = lines(merge([read_records([io.BytesIO(line)], WANTED), read_records([io.BytesIO(line)], WANTED)]))
    assert merged == [Header().encode(), line]


def test_programs_of_a_task_are_united_best_first():
    first = Frontier(
        Task("d/1", "d", descriptions=("one",), extra={"a": 1}),
        (Program("p", log_prior=-1.0, log_likelihood=0.0), Program("q", log_prior=-3.0, log_likelihood=0.0)),
        Search("windows", 10, 8.0, "budget"),
    )
    second = Frontier(
        Task("d/1", "d", split="train", descriptions=("two", "one"), extra={"a": 2, "b": 3}),
        (Program("r", log_prior=-2.0, log_likelihood=0.0), Program("q", log_prior=-4.0, log_likelihood=0.0, score=1.0)),
        Search("model", 5, math.inf, "solved", cpu_seconds=2.0),
        extra={"c": 4},
    )
    assert unite_frontiers(first, second) == Frontier(
        Task("d/1", "d", split="train", descriptions=("one", "two"), extra={"a": 1, "b": 3}),
        (
            Program("q", log_prior=-4.0, log_likelihood=0.0, score=1.0),
            Program("p", log_prior=-1.0, log_likelihood=0.0),
            Program("r", log_prior=-2.0, log_likelihood=0.0),
        ),
        Search("windows+model", 15, math.inf, "solved", 2.0),
        extra={"c": 4},
    )


def test_what_one_copy_of_a_program_leaves_open_the_other_fills():
    first = Frontier(Task("d/1", "d"), (Program("p", score=1.0, extra={"x": 1}),))
    second = Frontier(Task("d/1", "d"), (Program("p", log_prior=-1.0, status="ok", extra={"x": 2, "y": 2}),))
    (program,) = unite_frontiers(first, second).programs
    assert program == Program("p", score=1.0, log_prior=-1.0, status="ok", extra={"x": 1, "y": 2})


def test_weights_of_a_task_survive_merging():
    weights = Weights((0.0, -1.0), -2.0)
    plain, weighted = Frontier(Task("d/1", "d")), Frontier(Task("d/1", "d"), weights=weights)
    assert unite_frontiers(plain, weighted).weights == unite_frontiers(weighted, plain).weights == weights


def test_the_same_text_in_two_languages_is_two_programs():
    first = Frontier(Task("d/1", "d"), (Program("p"),))
    second = Frontier(Task("d/1", "d"), (Program("p", "python"),))
    assert len(unite_frontiers(first, second).programs) == 2


def test_identical_copies_count_once_however_often_they_come():
    tried = frontier(1, "f", search=Search("windows", 10))
    other = frontier(1, "g", search=Search("windows", 5))
    (_, united) = merge([[tried], [other], [tried], [other, tried]])
    assert isinstance(united, Frontier)
    assert united.search == Search("windows", 15)


def test_searches_of_which_one_is_unknown():
    assert unite_frontiers(frontier(1), frontier(1, search=Search("m"))).search == Search("m")
    united = unite_frontiers(frontier(1, search=Search("a", 1)), frontier(1, search=Search("b", None, 2.0))).search
    assert united == Search("a+b", 1, 2.0)


def test_provenance_is_kept_once():
    one, two, three = (Provenance(name) for name in ("one", "two", "three"))
    headers = [Header(provenance=(one, two), extra={"a": 1}), Header(provenance=(one, three), extra={"a": 2, "b": 2})]
    (united,) = merge([[header] for header in headers])
    assert united == Header(provenance=(one, two, three), extra={"a": 1, "b": 2})


def test_one_id_for_two_tasks_is_an_error_before_anything_is_written():
    first = Frontier(Task("d/1", "d", examples=(Example([1], 2),)))
    second = Frontier(Task("d/1", "d", "int", examples=(Example([1], 3),)), place=Place("b.jsonl", 4))
    with pytest.raises(InputError) as caught:
        next(merge([[first], [second]]))
    assert str(caught.value) == (
        "b.jsonl:4: task d/1: its request and examples differ from those of another task with this id; "
        "rename one of them"
    )


def test_a_new_model_for_the_same_purpose_replaces_the_old():
    one, two = Model("net", "one"), Model("net", "two")
    records = [Header(), library(), one, frontier(1), two, frontier(2)]
    assert lines(merge([through_bytes(records), through_bytes(records)])) == lines(records)


def test_frontiers_without_a_task_are_never_united():
    untied = Frontier(None, (Program("f"),))
    assert lines(merge([[untied, untied], [untied]])) == lines([Header(), untied])
    with pytest.raises(ValueError, match="without a task"):
        unite_frontiers(untied, untied)


def test_natural_order():
    names = ["d/1", "d/02", "d/2", "d/2a", "d/10", "d/10/1", "d/" + "9" * 5000, "e"]
    assert sorted(names, key=natural_order) == names


@given(st.lists(st.text(alphabet="a0129/"), max_size=6))
def test_natural_order_is_an_order(names):
    assert sorted(sorted(names), key=natural_order) == sorted(sorted(names, reverse=True), key=natural_order)


@given(st.lists(st.text(alphabet="a\x00\x01\xff0129/\u3000\ud800"), max_size=6))
def test_natural_keys_have_natural_order(names):
    assert sorted(names, key=natural_key) == sorted(names, key=natural_order)
    assert len({natural_key(name) for name in names}) == len({*names})


def test_memory_does_not_grow_with_the_frontiers():
    def peak(count):
        def stream():
            yield library()
            for number in range(count):
                yield frontier(number, "f" * 1000)

        tracemalloc.start()
        try:
            for _ in merge([stream(), stream()]):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)
    assert peak(1500) < peak(300) + 200_000
