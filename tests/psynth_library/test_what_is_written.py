"""What compress writes is what it measured: costs, expansions and new names, counted by a second implementation."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator, Sequence

import pytest

from tests.pipeline_command import psynth, records
from tests.psynth_library.second_reader import Tree, contracted, cost, normal, read
from tests.shared_data import shared_data

STITCH = {
    **{name: f"stitch/cogsci-{name}.json" for name in ("nuts-bolts", "dials", "wheels", "furniture")},
    **{name: f"stitch/cogsci-{name}.json" for name in ("bridge", "city")},
    "python-10": "stitch/python-10.json",
    **{name: f"reports/{name}.json" for name in ("01-stitch-readme-quickstart", "05-names-clash", "12-train")},
    **{name: f"reports/{name}.json" for name in ("eta-changes-constants", "eta-grows", "unicode-names")},
}
DREAMCODER = {
    **{f"dc-{name}": f"stitch/dreamcoder/{name}.json" for name in ("list", "logo", "physics", "text", "towers")},
    "dc-logo-iteration-1": "stitch/dreamcoder-logo-iteration-1.json",
    "dc-origami-0-3": "stitch/dreamcoder-origami-0-3.json",
}
SLOW = {"bridge", "city"}
UNTYPED = [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in (*STITCH, *DREAMCODER)]


@pytest.fixture(autouse=True)
def recursion() -> Iterator[None]:
    """The second reader recurses as deep as its trees; other tests count on Python's own limit."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    yield
    sys.setrecursionlimit(before)


@functools.cache
def corpus(name: str) -> bytes:
    """A stream of programs: published, or found for this purpose."""
    if name in STITCH:
        return psynth("import", "stitch", shared_data(STITCH[name])).stdout
    if name in DREAMCODER:
        return psynth("import", "dreamcoder", shared_data(DREAMCODER[name])).stdout
    if name == "not η-long":
        return psynth("import", "dreamcoder", "-d", "list", shared_data("reports/60-polymorphic-return.json")).stdout
    found = psynth("enumerate", "-q", "-d", "list", "--max-cost", "13").stdout
    return b"".join(line for line in found.splitlines(keepends=True) if b'"programs":[]' not in line)


@functools.cache
def compressed(name: str, *options: str, again: bool = False) -> bytes:
    source = compressed(name, *options) if again else corpus(name)
    return psynth("compress", "-q", "--max-arity", "2", *options, input=source, timeout=600).stdout


def programs(stream: bytes) -> list[list[Tree]]:
    """The programs of each task."""
    return [[read(it["program"]) for it in each["programs"]] for each in records(stream, "frontier")]


def definitions(stream: bytes) -> dict[str, Tree]:
    [library] = records(stream, "library")
    return {it["name"]: read(it["definition"]) for it in library["productions"] if "definition" in it}


def total_cost(tasks: Sequence[Sequence[Tree]]) -> int:
    return sum(min(map(cost, of_task)) for of_task in tasks)


def reported_costs(stream: bytes) -> tuple[int, int]:
    """Before and after, by the metrics; the stream of a second run also holds those of the first."""
    costs = [it["value"] for it in records(stream, "metric") if it["name"] == "compress.cost"]
    return max(costs), min(costs)


def expanded(tasks: Sequence[Sequence[Tree]], meanings: dict[str, Tree], *, eta: bool) -> list[list[Tree]]:
    """The programs of each task without ``meanings``, sorted: the order within a task is by weight."""
    finish = contracted if eta else lambda tree: tree
    return [sorted((finish(normal(tree, meanings)) for tree in of_task), key=repr) for of_task in tasks]


@pytest.mark.parametrize("name", UNTYPED)
def test_untyped_programs(name: str) -> None:
    before, after = corpus(name), compressed(name)
    assert reported_costs(after) == (total_cost(programs(before)), total_cost(programs(after)))
    # What the library had is used too, so nothing but full expansions can be compared.
    known = definitions(before)
    assert definitions(after).keys() > known.keys()
    assert expanded(programs(after), definitions(after), eta=False) == expanded(programs(before), known, eta=False)
    psynth("check", input=after)


@pytest.mark.parametrize("options", [(), ("--shape", "any")], ids=["η-long", "any"])
@pytest.mark.parametrize("name", ["found", "not η-long"])
def test_typed_programs(name: str, options: tuple[str, ...]) -> None:
    before, after = corpus(name), compressed(name, *options)
    assert reported_costs(after)[1] == total_cost(programs(after))
    assert len(definitions(after)) > len(definitions(before))
    originals = expanded(programs(before), definitions(before), eta=True)
    assert expanded(programs(after), definitions(after), eta=True) == originals
    psynth("check", input=after)
    # A prior is that of the η-long form; over-applied polymorphic functions have none.
    if name == "found":
        assert all(it["log_prior"] is not None for each in records(after, "frontier") for it in each["programs"])


@pytest.mark.parametrize("name", [*UNTYPED, "found", "not η-long"])
def test_a_second_run_learns_nothing_twice(name: str) -> None:
    """Where nothing says what is a function, a term and its η-expansion are two."""
    meanings = definitions(compressed(name, again=True))
    finish = contracted if name in ("found", "not η-long") else lambda tree: tree
    plain = [finish(normal(tree, meanings)) for tree in meanings.values()]
    assert len(set(plain)) == len(plain)


@pytest.mark.parametrize("name", [name for name in DREAMCODER if name != "dc-origami-0-3"])
def test_inferred_types_of_abstractions_do_not_make_a_corpus_typed(name: str) -> None:
    assert any("->" in it["type"] for it in records(corpus(name), "library")[0]["productions"])
    assert records(compressed(name))[1:] == records(compressed(name, "--shape", "any"))[1:]
