"""What compress writes is what it measured: costs, expansions and new names, counted by a second implementation."""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from psynth.core.calculus.terms import parse_term
from psynth.core.calculus.types import parse_type
from psynth.core.languages import grammar_of
from psynth.core.stream.records import Library
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
EFFORT = "100000"
"""Enough for other libraries than the greedy one, and short."""
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
    effort = () if "stitch" in options else ("--effort", EFFORT)
    return psynth("compress", "-q", "--max-arity", "2", *effort, *options, input=source, timeout=600).stdout


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


def called(tree: Tree) -> set[str]:
    """The names in a term."""
    if isinstance(tree, tuple):
        return called(tree[1]) if tree[0] == "lambda" else called(tree[0]) | called(tree[1])
    return {tree} if isinstance(tree, str) else set()


def body_cost(definition: Tree) -> int:
    """The cost of a body without lambdas: its parameters are free."""
    while isinstance(definition, tuple) and definition[0] == "lambda":
        definition = definition[1]
    return cost(definition) - 100 * variables(definition)


def variables(tree: Tree) -> int:
    return sum(map(variables, tree)) if isinstance(tree, tuple) else int(isinstance(tree, int))


def check_untyped(name: str, *options: str) -> None:
    before, after = corpus(name), compressed(name, *options)
    costs = total_cost(programs(before)), total_cost(programs(after))
    assert reported_costs(after) == costs
    known = definitions(before)
    new = {each: tree for each, tree in definitions(after).items() if each not in known}
    assert new
    for number, (each, tree) in enumerate(new.items()):
        assert not called(tree) & set(list(new)[number:]), f"{each} calls a later abstraction"
    if b"(lambda " not in before and not known:
        lengths = [it["value"] for it in records(after, "metric") if it["name"] == "compress.description-length"]
        assert lengths == [costs[0], costs[1] + sum(map(body_cost, new.values()))]
    # What the library had is used too, so nothing but full expansions can be compared.
    assert expanded(programs(after), definitions(after), eta=False) == expanded(programs(before), known, eta=False)
    psynth("check", input=after)


@pytest.mark.parametrize("name", UNTYPED)
def test_untyped_programs(name: str) -> None:
    check_untyped(name)


@pytest.mark.parametrize("options", [("--method", "stitch"), ("--objective", "utility")], ids=" ".join)
@pytest.mark.parametrize("name", ["nuts-bolts", "12-train", "dc-physics"])
def test_untyped_programs_by_other_searches(name: str, options: tuple[str, ...]) -> None:
    check_untyped(name, *options)


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


@pytest.mark.parametrize("name", ["nuts-bolts", "dc-logo", "found"])
def test_the_same_bytes_whatever_the_hash_seed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ("compress", "-q", "--max-arity", "2", "--effort", "20000")
    streams = set()
    for seed in ("1", "2"):
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        streams.add(psynth(*command, input=corpus(name)).stdout)
    assert len(streams) == 1


def test_more_effort_is_never_worse() -> None:
    def length(*options: str) -> float:
        stream = psynth("compress", "-q", "--max-arity", "3", *options, input=corpus("nuts-bolts")).stdout
        return [it["value"] for it in records(stream, "metric") if it["name"] == "compress.description-length"][-1]

    assert length("--effort", "600000") < length("--effort", "0") <= length("--method", "stitch")


def cpu_seconds(process: int) -> float:
    """What a process has used so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("stopped_by", ["--timeout", "an interrupt"])
def test_what_is_stopped_writes_the_best_library_so_far(stopped_by: str, tmp_path: Path) -> None:
    path = tmp_path / "programs.jsonl"
    path.write_bytes(corpus("dials"))
    options = ("--timeout", "1.5") if stopped_by == "--timeout" else ()
    command = [sys.executable, "-m", "psynth", "compress", "-q", "--max-arity", "3", *options, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        if not options:
            # The greedy library takes some tenths of a CPU second, the whole search some seconds.
            while cpu_seconds(process.pid) < 1.2:
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
        after, _ = process.communicate(timeout=60)
    new = definitions(after)
    assert expanded(programs(after), new, eta=False) == expanded(programs(path.read_bytes()), {}, eta=False)
    assert reported_costs(after) == (total_cost(programs(path.read_bytes())), total_cost(programs(after)))
    [end] = records(after, "end")
    assert end["status"] == ("budget" if options else "interrupted")


@pytest.mark.parametrize("command", ["compress", "document"])
def test_what_a_library_lacks_is_named_with_its_place(command: str) -> None:
    known = {"name": "f", "type": "int -> int", "log_weight": 0.0}
    learned = {**known, "name": "fn_0", "definition": "(lambda (g (f $0)))"}

    def said(*productions: dict[str, object], status: int) -> str:
        library = {"type": "library", "domain": "list", "log_variable": 0.0, "productions": productions}
        return psynth(command, input=json.dumps(library).encode() + b"\n", status=status).stderr.decode()

    assert "<stdin>:1: production fn_0: g" in said(known, learned, status=0)
    assert "<stdin>:1: production f: not a type" in said({**known, "type": "int -> ("}, status=3)


def test_a_bigram_is_written_and_searched_with() -> None:
    """Programs have the log-priors that the weights of their contexts say, in both engines, and are likelier for it."""
    found = corpus("list at 13 nats")
    written = {
        grammar: records(psynth("compress", "-q", "--iterations", "3", "--grammar", grammar, input=found).stdout)
        for grammar in ("unigram", "bigram")
    }
    libraries = {name: next(each for each in stream if each["type"] == "library") for name, stream in written.items()}
    assert "contextual" not in libraries["unigram"]
    learned = [each for each in libraries["bigram"]["productions"] if "definition" in each]
    assert learned
    assert {each["name"] for each in learned} <= libraries["bigram"]["contextual"]["productions"].keys()
    best = {
        name: sum(each["programs"][0]["log_prior"] for each in stream if each["type"] == "frontier")
        for name, stream in written.items()
    }
    assert best["bigram"] > best["unigram"]
    grammar = grammar_of(Library.from_json(libraries["bigram"]))
    emptied = [{**each, "programs": []} if each["type"] == "frontier" else each for each in written["bigram"]]
    lines = b"".join(json.dumps(each).encode() + b"\n" for each in emptied)
    again = records(psynth("enumerate", "-q", "--max-programs", "2000", input=lines).stdout, "frontier")
    programs = [(each["task"]["request"], program) for each in again for program in each["programs"]]
    assert len(programs) >= 20
    for request, program in programs:
        mine = grammar.log_prior(parse_term(program["program"]), parse_type(request))
        assert program["log_prior"] == pytest.approx(mine)
