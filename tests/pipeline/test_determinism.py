"""Same input, arguments and seed give the same bytes, whatever the workers, the shards and the hash seed."""

from pathlib import Path

import pytest

from tests.pipeline_command import psynth


@pytest.fixture(scope="module", params=["list", "regex"])
def tasks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tasks") / f"{request.param}.jsonl"
    psynth("tasks", request.param, "-o", path)
    return path


ENUMERATE = ("enumerate", "--max-cost", "14.5")


def test_workers_and_hash_seeds(tasks: Path) -> None:
    one = psynth(*ENUMERATE, "-j", "1", tasks, env={"PYTHONHASHSEED": "1"}).stdout
    two = psynth(*ENUMERATE, "-j", "2", tasks, env={"PYTHONHASHSEED": "2"}).stdout
    assert one == two
    learned = [psynth("compress", input=one, env={"PYTHONHASHSEED": seed}).stdout for seed in ("1", "2")]
    assert learned[0] == learned[1]
    assert b'"definition"' in learned[0]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_shards_merge_to_the_whole(tasks: Path, tmp_path: Path, count: int) -> None:
    parts = [tmp_path / f"part{shard}.jsonl" for shard in range(1, count + 1)]
    for shard, part in enumerate(parts, start=1):
        psynth(*ENUMERATE, "--shard", f"{shard}/{count}", tasks, "-o", part)
    assert psynth("merge", *parts).stdout == psynth(*ENUMERATE, tasks).stdout


def test_the_seed_decides_the_tasks() -> None:
    first, again, other = (psynth("tasks", "list", "--seed", seed).stdout for seed in ("3", "3", "4"))
    assert first == again
    assert first != other
