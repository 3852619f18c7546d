"""Rewriting with a given library: from the command line, in Python, and before anything is learned."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import psynth
from psynth.core.errors import InputError, UsageError
from psynth.plugins import Frontier, Library, Production, Program, Task
from tests.pipeline_command import psynth as command
from tests.pipeline_command import records
from tests.psynth_library.second_reader import cost, normal, read
from tests.shared_data import shared_data

TRAIN = ["(paint (twice (twice up)) red)", "(paint (twice (twice down)) blue)", "(draw (twice (twice up)) blue)"]
TEST = ["(erase (twice (twice up)))", "(nothing (twice (twice up)) here)"]


def imported(programs: list[str], folder: Path, name: str) -> Path:
    (folder / f"{name}.json").write_text(json.dumps(programs))
    path = folder / f"{name}.jsonl"
    path.write_bytes(command("import", "stitch", folder / f"{name}.json").stdout)
    return path


def metric(stream: bytes, name: str) -> list[float]:
    return [record["value"] for record in records(stream, "metric") if record["name"] == name]


@pytest.mark.parametrize("option", [(), ("--rewrite-only",)])
def test_what_the_library_has_is_used_and_not_learned_again(option: tuple[str, ...], tmp_path: Path) -> None:
    library = tmp_path / "library.jsonl"
    library.write_bytes(command("compress", "--max-arity", "1", imported(TRAIN, tmp_path, "train")).stdout)
    test = imported(TEST, tmp_path, "test")
    found = command("compress", "--library", library, *option, test).stdout
    definitions = [each["definition"] for each in records(found, "library")[0]["productions"] if "definition" in each]
    assert definitions == ["(twice (twice up))"]
    programs = [each["programs"][0]["program"] for each in records(found, "frontier")]
    assert programs == ["(erase fn_0)", "(nothing fn_0 here)"]
    assert metric(found, "compress.cost")[0] == 907
    assert metric(found, "compress.rewritten") == [503]
    # Twice is once.
    again = command("compress", "--rewrite-only", input=found).stdout
    assert records(again, "frontier") == records(found, "frontier")
    assert records(again, "library") == records(found, "library")


@pytest.mark.parametrize("method", ["stitch", "joint"])
def test_an_abstraction_too_dear_to_call_is_not_learned_under_another_name(method: str) -> None:
    dear = Production("dear", "t0", 0.0, "(lambda (twice (twice $0)))")
    ends = ["up", "down", "left", "right"]
    library = Library("untyped", (*(Production(name, "t0", 0.0) for name in ["twice", *ends]), dear), 0.0)
    frontiers = [Frontier(Task(f"untyped/{end}", "untyped"), (Program(f"(twice (twice {end}))"),)) for end in ends]
    found = psynth.compress([library, *frontiers], method=method, primitive_costs=("dear=1000",)).abstractions
    assert [name for name, definition in found.items() if definition == dear.definition] == ["dear"]
    without = replace(library, productions=library.productions[:-1])
    assert dear.definition in psynth.compress([without, *frontiers], method=method).abstractions.values()


def test_rewriting_is_for_all_programs_and_learning_for_those_that_solve() -> None:
    library = Library(
        "untyped", (*(Production(name, "t0", 0.0) for name in "fga"), Production("p", "t0", 0.0, "(f (g a))")), 0.0
    )
    wrong = Program("(g (f (g a)))", log_likelihood=float("-inf"), score=0.0)
    frontier = Frontier(Task("untyped/0", "untyped"), (wrong, Program("x y", language="text")))
    [rewritten] = psynth.rewrite([library, frontier]).frontiers
    assert [program.program for program in rewritten.programs] == ["(g p)", "x y"]
    [compressed] = psynth.compress([library, frontier], method="stitch").frontiers
    assert {program.program for program in compressed.programs} == {"(g (f (g a)))", "x y"}


def test_typed_programs_stay_eta_long() -> None:
    double = Production("double", "list(int) -> list(int)", 0.0, "(lambda (map (lambda (+ $0 $0)) $0))")
    plus = Production("plus", "int -> int -> int", 0.0, "(lambda (lambda (+ $1 $0)))")
    own = psynth.tasks("list", count=1).libraries["list"]
    library = Library("list", (*own.productions, double, plus), 0.0)
    program = "(lambda (cdr (map (lambda (+ $0 $0)) (map (+ 1) $0))))"
    task = Task("list/0", "list", "list(int) -> list(int)")
    [found] = psynth.rewrite([library, Frontier(task, (Program(program),))]).programs
    assert found == "(lambda (cdr (double (map (lambda (+ 1 $0)) $0))))"


def test_python_takes_texts_records_and_any_library(tmp_path: Path) -> None:
    programs = ["(g (f a a))", "(h (f (f b b) (f b b)))"]
    wanted = ["(g (twice a))", "(h (twice (twice b)))"]
    definitions = {"twice": "(lambda (f $0 $0))"}
    assert psynth.rewrite(programs, definitions) == wanted
    learned = psynth.compress(
        programs, max_arity=1, allow_single_task=True, iterations=1, prefix="twice", method="stitch"
    )
    assert learned.abstractions == {"twice0": "(lambda (f $0 $0))"}
    texts = [text.replace("twice", "twice0") for text in wanted]
    assert psynth.rewrite(programs, learned) == psynth.rewrite(iter(programs), learned.libraries["untyped"]) == texts
    psynth.write(learned, tmp_path / "learned.jsonl")
    assert psynth.rewrite(psynth.read(tmp_path / "learned.jsonl")).programs == texts
    assert psynth.rewrite([], learned) == []
    with pytest.raises(UsageError, match="rewrite takes a list of programs or records, not one text"):
        psynth.rewrite("(f a)", definitions)  # type: ignore[call-overload]
    with pytest.raises(InputError, match="library untyped: the abstraction `p` is defined by itself"):
        psynth.rewrite(["(f a)"], {"p": "(q a)", "q": "(p a)"})


@pytest.mark.parametrize("corpus", ["nuts-bolts", "dials", "furniture"])
def test_held_out_programs_cost_no_more_than_with_the_peer(corpus: str) -> None:
    stitch_core = pytest.importorskip("stitch_core", reason="stitch_core, the peer, is not installed")
    programs = json.loads(shared_data(f"stitch/cogsci-{corpus}.json").read_text())
    train, test = programs[::2], programs[1::2]
    peer = stitch_core.compress(train, iterations=10, max_arity=3, silent=True, no_stats=True)
    theirs = stitch_core.rewrite(test, peer.abstractions, silent=True, no_stats=True).rewritten
    library = {each["name"]: closed(each["body"], each["arity"]) for each in peer.json["abstractions"]}
    ours = psynth.rewrite(test, library)
    assert sum(cost(read(text)) for text in ours) <= sum(cost(read(text)) for text in theirs)
    definitions = {name: read(text) for name, text in library.items()}
    for before, after in zip(test[::10], ours[::10], strict=True):
        assert normal(read(after), definitions) == read(before)


def closed(body: str, arity: int) -> str:
    """Stitch's body, which has no lambdas, as a closed λ-term."""
    for number in range(arity):
        body = body.replace(f"#{number}", f"${arity - 1 - number}")
    return "(lambda " * arity + body + ")" * arity
