"""Compression of published corpora beside stitch_core: the first step is worth as much, and no library costs more."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline_command import psynth, records
from tests.psynth_library.second_reader import cost, read
from tests.shared_data import shared_data

stitch_core = pytest.importorskip("stitch_core", reason="stitch_core, the peer, is not installed")

TOLERANCE = 1.005
EFFORT = "300000"
"""Enough to be better than the peer, and short."""
SLOW = {"bridge", "city", "dials", "furniture", "wheels"}
CORPORA = [
    pytest.param(name, arity, marks=[pytest.mark.slow] if name in SLOW else [], id=f"{name}-{arity}")
    for name in ("nuts-bolts", *sorted(SLOW))
    for arity in (2, 3)
]


def compressed(path: Path, *options: str) -> bytes:
    return psynth("compress", *options, input=psynth("import", "stitch", path).stdout, timeout=600).stdout


def metric(stream: bytes, name: str) -> list[float]:
    return [record["value"] for record in records(stream, "metric") if record["name"] == name]


def description_length(peer: dict[str, Any]) -> int:
    """The cost of the programs and of the bodies, in which the parameters ``#i`` are free."""
    bodies = [it["body"] for it in peer["abstractions"]]
    free = sum(word.startswith("#") for body in bodies for word in body.replace("(", " ").replace(")", " ").split())
    return sum(cost(read(text)) for text in [*peer["rewritten"], *bodies]) - 100 * free


@pytest.mark.parametrize(("corpus", "arity"), CORPORA)
def test_published_corpora(corpus: str, arity: int) -> None:
    path = shared_data(f"stitch/cogsci-{corpus}.json")
    peer = stitch_core.compress(
        json.loads(path.read_text()), iterations=10, max_arity=arity, silent=True, no_stats=True
    ).json
    greedy = compressed(path, "--max-arity", str(arity), "--method", "stitch")
    assert metric(greedy, "compress.utility")[0] == peer["abstractions"][0]["utility"]
    assert metric(greedy, "compress.cost")[0] == peer["original_cost"]
    assert metric(greedy, "compress.cost")[-1] <= TOLERANCE * peer["final_cost"]
    default = compressed(path, "--max-arity", str(arity), "--effort", EFFORT)
    assert metric(default, "compress.description-length")[-1] < description_length(peer)
    restored = psynth("export", "stitch", "--expand", input=default).stdout
    original = psynth("export", "stitch", input=psynth("import", "stitch", path).stdout).stdout
    assert json.loads(restored) == json.loads(original)


@pytest.mark.parametrize(
    "programs",
    [
        ["(g1 (f (f a a) (f a a)))", "(g2 (f (f b b) (f b b)))", "(g3 (f c c))"],
        ["(é (ß x y) (ß x y))", "(日本 (ß x y) (ß z z))"],
        ["(fn_0 (fn_0 a b) (fn_0 a b))", "(h (fn_0 a b) (fn_1 (fn_0 a b)))"],
    ],
    ids=["nested multi-use", "not ASCII", "names like fn_0"],
)
def test_corpora_on_which_the_peer_fails(programs: list[str], tmp_path: Path) -> None:
    path = tmp_path / "programs.json"
    path.write_text(json.dumps(programs))
    found = compressed(path, "--max-arity", "1")
    costs = metric(found, "compress.cost")
    assert costs[-1] < costs[0]
    assert json.loads(psynth("export", "stitch", "--expand", input=found).stdout) == programs
