"""psynth document: names that are legal, unique and last; programs that mean what they meant; documentation kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psynth_library.formulas import formula
from psynth_library.identifiers import identifiers
from psynth_library.template import Template

from psynth.core.calculus.terms import parse_term
from psynth.core.calculus.types import parse_type
from psynth.core.stream.records import (
    Contextual,
    Documentation,
    End,
    Frontier,
    Library,
    Metric,
    Model,
    Origin,
    Production,
    Program,
    Record,
    Task,
    Weights,
)
from psynth.core.stream.renaming import Renaming
from psynth.plugins import Abstraction, Budget, Context, DocumentMethod
from psynth.plugins.documenting import is_identifier
from psynth.plugins.registry import default_registry
from tests.core.calculus.strategies import terms
from tests.pipeline_command import psynth, records

LIST = "list(int) -> list(int)"


@cache
def found(domain: str) -> bytes:
    """Solved tasks of a domain, and a library learned from them."""
    budget = {"list": ("--max-cost", "14"), "regex": ("--max-programs", "5000")}
    return psynth("enumerate", "-q", "-d", domain, *budget[domain]).stdout


@cache
def learned(domain: str) -> bytes:
    return psynth("compress", "-q", "--iterations", "4", input=found(domain)).stdout


@cache
def documented(domain: str) -> bytes:
    return psynth("document", "-q", input=learned(domain)).stdout


def library_of(stream: bytes) -> dict[str, Any]:
    [library] = [record for record in records(stream) if record["type"] == "library"]
    return {entry["name"]: entry for entry in library["productions"] if "definition" in entry}


def results(stream: bytes) -> list[Any]:
    evaluated = records(psynth("evaluate", "-q", "--outputs", input=stream).stdout)
    return [
        [(each["status"], each["score"], each["outputs"], each["log_prior"]) for each in record["programs"]]
        for record in evaluated
        if record["type"] == "frontier"
    ]


# ---- names and summaries ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("definition", "name"),
    [
        ("(lambda (map (lambda (+ $0 1)) $0))", "map_plus_1"),
        ("(lambda (fold $0 0 (lambda (lambda (+ $0 $1)))))", "fold_plus_0"),
        ("(lambda (+ $0 $0))", "plus_self"),
        ("(lambda (cdr (cdr (cdr (cdr $0)))))", "cdr4"),
        ("(lambda (karel_repeat 5 move))", "repeat_5_move"),
        ("(lambda (lambda ($0 $1)))", "apply"),
        ("3", "const_3"),
        ("(lambda (_rflatten (cons $0 (_rsplit _a $0))))", "rflatten_cons_rsplit_a"),
        ("(lambda (+. $0 -1.5))", "plus_minus1_5"),
        ("(lambda (→ $0))", "rightwards"),
        ("(lambda (eq? $0 empty?))", "eq_empty"),
    ],
)
def test_identifiers_say_what_the_definition_does(definition: str, name: str) -> None:
    assert next(identifiers(parse_term(definition), "karel")) == name


@given(terms)
@settings(max_examples=200, deadline=None)
def test_identifiers_and_formulas_of_any_term(term: Any) -> None:
    for name in identifiers(term, "list"):
        assert is_identifier(name), name
        assert len(name) <= 40
    text = formula(term, parse_type("t0"))
    assert text
    assert "\n" not in text
    assert len(text) <= 120


def test_formulas_name_parameters_by_type() -> None:
    term = parse_term("(lambda (lambda (lambda (map (lambda ($3 (+ $0 $1))) $1))))")
    assert formula(term, parse_type("(int -> t0) -> list(int) -> int -> list(t0)")) == "map (λx. f (x + n)) xs"
    shadowed = parse_term("(lambda (lambda (n $0 $1 m)))")
    assert formula(shadowed, parse_type("int -> int -> int")) == "n n1 k m"


# ---- what a user relies on -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("domain", ["list", "regex"])
def test_programs_mean_what_they_meant_under_readable_names(domain: str) -> None:
    before, after = library_of(learned(domain)), library_of(documented(domain))
    assert len(after) == len(before) > 1
    assert not before.keys() & after.keys()
    for name, entry in after.items():
        documentation = entry["documentation"]
        assert documentation["name"] == name
        assert documentation["summary"]
        assert documentation["formerly"][0] in before
        assert all("value" in example for example in documentation["examples"])
    used = [name for name in after if any(name in line for line in documented(domain).decode().splitlines()[2:])]
    assert used
    assert psynth("check", input=documented(domain)).returncode == 0
    assert results(documented(domain)) == results(learned(domain))
    labels = [
        record["labels"]["abstraction"] for record in records(documented(domain)) if "uses" in str(record.get("name"))
    ]
    assert labels == list(after)


def test_examples_are_what_the_domain_computes() -> None:
    [written] = [record for record in records(documented("list")) if record["type"] == "library"]
    domain = default_registry().domain("list")
    with domain.evaluator(Library.from_json(written), Budget()) as evaluator:
        for entry in library_of(documented("list")).values():
            assert entry["documentation"]["examples"]
            for example in entry["documentation"]["examples"]:
                [outcome] = evaluator.run(example["program"], None, [example["inputs"]])
                assert outcome.value == example["value"]


def test_a_second_compress_keeps_names_and_numbers_new_ones_apart() -> None:
    more = psynth("enumerate", "-q", "--max-cost", "15.5", "--max-frontier", "20", input=documented("list")).stdout
    again = psynth("compress", "-q", "--iterations", "6", "--allow-single-task", input=more).stdout
    before, after = library_of(documented("list")), library_of(again)
    new = [name for name in after if name not in before]
    assert new
    former = {name for entry in before.values() for name in entry["documentation"]["formerly"]}
    assert not former & set(new)
    for name, entry in before.items():
        assert after[name]["documentation"] == entry["documentation"]
    last = library_of(psynth("document", "-q", input=again).stdout)
    for name, entry in before.items():
        assert last[name]["documentation"] == entry["documentation"]
    assert all(entry["documentation"]["summary"] for entry in last.values())
    assert not set(new) & last.keys()


def test_documenting_twice_changes_nothing_and_again_does_it_anew() -> None:
    twice = psynth("document", "-q", input=documented("list")).stdout
    assert twice.splitlines()[1:] == documented("list").splitlines()[1:]
    edited = documented("list").replace(b'"summary":"', b'"summary":"By hand: ')
    assert b"By hand" in psynth("document", "-q", input=edited).stdout
    anew = psynth("document", "-q", "--again", input=edited).stdout
    assert anew.splitlines()[1:] == documented("list").splitlines()[1:]


def test_from_scratch_gives_what_it_finds_again_its_documentation() -> None:
    stream = psynth("compress", "-q", "--iterations", "4", "--from-scratch", input=documented("regex")).stdout
    before, after = library_of(documented("regex")), library_of(stream)
    kept = before.keys() & after.keys()
    assert kept
    for name in kept:
        assert after[name]["documentation"] == before[name]["documentation"]
    assert psynth("check", input=stream).returncode == 0
    assert [row[:3] for each in results(stream) for row in each] == [
        row[:3] for each in results(documented("regex")) for row in each
    ]


def test_names_may_be_kept() -> None:
    kept = library_of(psynth("document", "-q", "--no-rename", input=learned("list")).stdout)
    assert kept.keys() == library_of(learned("list")).keys()
    assert [entry["documentation"]["name"] for entry in kept.values()] == list(library_of(documented("list")))


def test_hash_seeds_do_not_matter() -> None:
    other = psynth("document", "-q", input=learned("list"), env={"PYTHONHASHSEED": "7"}).stdout
    assert other == documented("list")


def test_a_stitch_file_keeps_the_names() -> None:
    target = psynth("export", "stitch", "--what", "result", input=documented("list")).stdout
    assert [each["name"] for each in json.loads(target)["abstractions"]] == list(library_of(documented("list")))


# ---- the frame -------------------------------------------------------------------------------------------------------


def library(*productions: Production, domain: str = "list") -> Library:
    primitives = (
        Production("map", "(t0 -> t1) -> list(t0) -> list(t1)", 0.0),
        Production("+", "int -> int -> int", 0.0),
        Production("1", "int", 0.0),
    )
    return Library(domain, (*primitives, *productions), 0.0)


FN_0 = Production("fn_0", "int -> int", -1.0, "(lambda (+ $0 1))")
FN_1 = Production("fn_1", LIST, -1.0, "(lambda (map fn_0 $0))")
TASK = Task("list/a", "list", LIST)


def scripted(**script: str | None) -> DocumentMethod:
    """A method that gives these names."""
    return type("Of", (Scripted,), {"script": script, "__doc__": "Scripted."})()


def run(method: DocumentMethod, *given: Record, warned: list[str] | None = None) -> list[Record]:
    context = Context("document", warn=(warned if warned is not None else []).append)
    return list(method.run(iter([*given, End("complete")]), context))


@dataclass(frozen=True)
class Scripted(DocumentMethod):
    """Give names from a script, by the name so far."""

    script: ClassVar[dict[str, str | None]] = {}

    def document(self, abstraction: Abstraction, context: Context) -> Documentation | None:
        name = self.script[abstraction.name]
        if name == "interrupt":
            raise KeyboardInterrupt
        return None if name is None else Documentation(name=name, examples=(f"by {abstraction.name}",))


def names(record: Record) -> list[str]:
    assert isinstance(record, Library)
    return [entry.name for entry in record.productions if entry.definition is not None]


def test_names_that_clash_or_are_illegal() -> None:
    warned: list[str] = []
    [first, *_] = run(scripted(fn_0="map", fn_1="two words"), library(FN_0, FN_1), warned=warned)
    assert names(first) == ["map_2", "fn_1"]
    assert len(warned) == 1
    assert "two words" in warned[0]
    for illegal in ("lambda", "$0", "#(a)", "", "7", "x" * 61, "lam_1", "a\n"):
        assert not is_identifier(illegal)


def test_a_name_in_a_program_that_no_library_has_is_taken() -> None:
    frontier = Frontier(TASK, (Program("(lambda (inc fn_1 $0))"),))
    [first, second, _] = run(scripted(fn_0="inc", fn_1=None), library(FN_0, FN_1), frontier)
    assert names(first) == ["inc_2", "fn_1"]
    assert second == frontier


def test_an_abstraction_without_documentation_is_left_as_it_is() -> None:
    [first, *_] = run(scripted(fn_0=None, fn_1="plus"), library(FN_0, FN_1))
    assert isinstance(first, Library)
    assert first.productions[-2] == FN_0
    assert first.productions[-1].definition == "(lambda (map fn_0 $0))"


def test_equal_abstractions_of_several_libraries_have_one_documentation() -> None:
    other = library(replace(FN_0, name="fn_5"), replace(FN_1, name="fn_7", definition="(lambda (map fn_5 $0))"))
    frontiers = [
        Frontier(replace(TASK, id=f"list/{key}"), (Program(f"(lambda ({name} $0))"),))
        for key, name in (("a", "fn_1"), ("b", "fn_7"))
    ]
    mine, a, its, b, _ = run(Template(), library(FN_0, FN_1), frontiers[0], other, frontiers[1])
    assert names(mine) == names(its) == ["plus_1", "map_plus_1"]
    assert isinstance(a, Frontier)
    assert isinstance(b, Frontier)
    assert a.programs == b.programs == (Program("(lambda (map_plus_1 $0))"),)
    assert isinstance(its, Library)
    assert its.productions[-1].documentation is not None
    assert its.productions[-1].documentation.formerly == ("fn_7",)


def test_documentation_by_hand_goes_with_the_abstraction() -> None:
    by_hand = Documentation(
        name="succ", summary="The next number.", examples=({"program": "(succ nowhere)"}, "(succ 1)")
    )
    other = library(replace(FN_0, name="succ", documentation=by_hand))
    first, _, second, _ = run(Template(), library(FN_0, FN_1), Frontier(TASK, (Program("fn_0"),)), other)
    assert isinstance(first, Library)
    [entry] = [entry for entry in first.productions if entry.name == "succ"]
    # An example with a word that the library lacks is left out.
    assert entry.documentation == replace(by_hand, examples=("(succ 1)",), formerly=("fn_0",))
    assert first.productions[-1].definition == "(lambda (map succ $0))"
    assert second == other


def test_what_else_names_an_abstraction() -> None:
    weights = Weights((0.0,) * 5, 0.0)
    contextual = Contextual(weights, weights, {"fn_0": (weights,)})
    origin = Origin(by="mutate", from_=("(lambda (fn_1 $0))", "fn_0"))
    frontier = Frontier(
        TASK, (Program("(lambda (fn_1 $0))", origin=origin), Program("fn_0", "python")), weights=contextual
    )
    metric = Metric("compress.uses", 2.0, labels={"domain": "list", "abstraction": "fn_0"})
    elsewhere = Metric("compress.uses", 2.0, labels={"domain": "regex", "abstraction": "fn_0"})
    model = Model("embedding", "here", domain="list", config={"library": {"productions": [{"name": "fn_0"}]}})
    warned: list[str] = []
    given = (replace(library(FN_0, FN_1), contextual=contextual), metric, elsewhere, model, frontier)
    script = scripted(fn_0="inc", fn_1="map_inc")
    first, its_metric, other_metric, _, after, _ = run(script, *given, warned=warned)
    assert isinstance(first, Library)
    assert first.contextual is not None
    assert list(first.contextual.productions) == ["inc"]
    assert isinstance(its_metric, Metric)
    assert its_metric.labels["abstraction"] == "inc"
    assert other_metric == elsewhere
    assert isinstance(after, Frontier)
    assert [each.program for each in after.programs] == ["(lambda (map_inc $0))", "fn_0"]
    assert after.programs[0].origin == Origin(by="mutate", from_=("(lambda (map_inc $0))", "inc"))
    assert isinstance(after.weights, Contextual)
    assert list(after.weights.productions) == ["inc"]
    assert [("train it again" in each, "fn_0" in each) for each in warned] == [(True, True)]


def test_an_interruption_keeps_what_is_documented() -> None:
    context = Context("document")
    given = iter([library(FN_0, FN_1), End("complete")])
    output: Iterator[Record] = scripted(fn_0="inc", fn_1="interrupt").run(given, context)
    assert names(next(output)) == ["inc", "fn_1"]
    assert isinstance(next(output), End)
    with pytest.raises(KeyboardInterrupt):
        next(output)


@given(st.dictionaries(st.sampled_from(["fn_0", "fn_1", "f"]), st.sampled_from(["a", "b", "fn_1"])), terms)
@settings(max_examples=100, deadline=None)
def test_renaming_replaces_names_only(mapping: dict[str, str], term: Any) -> None:
    from psynth.core.calculus.normal_forms import rename

    assert parse_term(Renaming(mapping).term(str(term))) is rename(term, mapping)


# ---- streams of other kinds ------------------------------------------------------------------------------------------


def test_streams_without_anything_to_document() -> None:
    empty = psynth("document", input=b"")
    assert records(empty.stdout)[-1]["type"] == "end"
    assert "nothing to document" in empty.stderr.decode()
    tasks = psynth("tasks", "list", "--count", "2").stdout
    done = psynth("document", "-e", input=tasks, status=None)
    assert done.returncode == 1
    assert [each for each in records(done.stdout) if each["type"] != "header"] == [
        each for each in records(tasks) if each["type"] != "header"
    ]


def test_a_library_alone_has_examples_too() -> None:
    alone = b"".join(line + b"\n" for line in learned("list").splitlines() if b'"library"' in line[:20])
    of_alone, of_all = library_of(psynth("document", "-q", input=alone).stdout), library_of(documented("list"))
    assert of_alone.keys() == of_all.keys()
    assert all(entry["documentation"]["examples"] for entry in of_alone.values())


def test_bad_libraries_are_bad_input(tmp_path: Any) -> None:
    path = tmp_path / "bad.jsonl"
    cyclic = library(replace(FN_0, definition="(lambda (fn_1 $0))"), replace(FN_1, definition="(lambda (fn_0 $0))"))
    path.write_bytes(cyclic.encode() + b"\n" + library(FN_0, domain="list").encode() + b"\n")
    stopped = psynth("document", path, status=None)
    assert stopped.returncode == 3
    assert f"{path}:1: " in stopped.stderr.decode()
    kept = psynth("document", "--on-error", "keep", path)
    assert cyclic.encode() in kept.stdout.splitlines()
    assert b'"plus_1"' in kept.stdout
    assert cyclic.encode() not in psynth("document", "--on-error", "skip", path).stdout


def test_a_domain_that_is_not_installed(tmp_path: Any) -> None:
    path = tmp_path / "other.jsonl"
    path.write_bytes(library(FN_0, FN_1, domain="nowhere").encode() + b"\n")
    done = psynth("document", path)
    assert "nowhere" in done.stderr.decode()
    assert list(library_of(done.stdout)) == ["plus_1", "map_plus_1"]
