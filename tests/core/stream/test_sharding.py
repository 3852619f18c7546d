"""Shards: each frontier in exactly one, everything else in all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psynth.core.errors import UsageError
from psynth.core.stream.records import Foreign, Frontier, Metric, Task
from psynth.core.stream.sharding import Shard


@given(st.text(), st.integers(1, 20))
def test_a_task_belongs_to_one_shard(task_id, count):
    assert sum(Shard(number, count).owns(task_id) for number in range(1, count + 1)) == 1


def test_the_division_never_changes():
    # A change here would divide running job arrays in two different ways.
    assert [Shard(1, 2).owns(f"list/{number}") for number in range(8)] == [
        True,
        False,
        True,
        False,
        True,
        False,
        True,
        False,
    ]


def test_shards_are_of_similar_size():
    sizes = [sum(Shard(number, 4).owns(f"list/{task:03}") for task in range(1000)) for number in range(1, 5)]
    assert sum(sizes) == 1000
    assert min(sizes) > 200


def test_what_is_no_frontier_goes_everywhere_and_frontiers_without_a_task_stay_together():
    metric, odd = Metric("n", 1), Foreign("odd", b'{"type":"odd"}')
    tied = [Frontier(Task(f"d/{number}", "d")) for number in range(10)]
    raw = [Foreign("frontier", frontier.encode()) for frontier in tied]
    untied = [Frontier(None, extra={"n": number}) for number in range(3)]
    shards = [list(Shard(number, 3).select([metric, odd, *raw, *tied, *untied])) for number in (1, 2, 3)]
    for shard in shards:
        assert shard[:2] == [metric, odd]
    assert sorted(len(shard) - 2 for shard in shards)[-1] < 23
    assert sum(len(shard) - 2 for shard in shards) == 23
    assert [shard[-3:] for shard in shards if untied[0] in shard] == [untied]


def test_shards_are_named_from_one():
    assert Shard.parse("2/8") == Shard(2, 8)
    for text in ("0/2", "3/2", "1", "1/0", "-1/2", "a/b", "1/2/3", "", "²/3"):
        with pytest.raises(UsageError, match="expected K/N"):
            Shard.parse(text)
