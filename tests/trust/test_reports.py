"""Public reports of the users of other tools, tried here: each gives the right value, or says what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.psynth_command import Psynth
from tests.shared_data import shared_data

DEEP_ARROWS = 300
BUILT_IN = {"PSYNTH_PLUGINS": "formats,karel,library,list,search"}


@pytest.fixture
def psynth(tmp_path: Path) -> Psynth:
    """The psynth command."""
    return Psynth(tmp_path)


def records(output: str, kind: str) -> list[dict[str, Any]]:
    """The records of one type in a stream."""
    return [record for record in map(json.loads, output.splitlines()) if record["type"] == kind]


def run(psynth: Psynth, *words: str, input: str = "") -> str:
    """The output of a command that must succeed."""
    done = psynth(*words, input=input, env=BUILT_IN)
    assert done.returncode == 0, done.stderr
    return done.stdout


def dreamcoder(likelihoods: list[Any]) -> str:
    """A file of DreamCoder with a program of each log-likelihood."""
    of_list = {"constructor": "list", "arguments": [{"constructor": "int", "arguments": []}]}
    request = {"constructor": "->", "arguments": [of_list, of_list]}
    program = "(lambda (cons 0 (cons 1 (map (lambda (+ 1 $0)) $0))))"
    names = ("+", "1", "map", "cons", "0", "cdr")
    grammar = {"logVariable": 0.0, "productions": [{"expression": name, "logProbability": 0.0} for name in names]}
    frontiers = [
        {"task": f"t{number}", "request": request, "programs": [{"program": program, "logLikelihood": value}]}
        for number, value in enumerate(likelihoods)
    ]
    return json.dumps({"DSL": grammar, "frontiers": frontiers})


@pytest.mark.parametrize("value", [float("-inf"), None])
def test_e_programs_that_are_ruled_out_teach_nothing(psynth: Psynth, value: float | None) -> None:
    imported = run(psynth, "import", "dreamcoder", "-d", "list", "-", input=dreamcoder([value, value]))
    for frontier in records(imported, "frontier"):
        assert frontier["programs"][0]["log_likelihood"] is None
        assert "log_likelihood" in frontier["programs"][0]
    learned = run(psynth, "compress", "-q", input=imported)
    assert not [each for each in records(learned, "library")[0]["productions"] if "definition" in each]
    again = run(
        psynth, "import", "dreamcoder", "-d", "list", "-", input=run(psynth, "export", "dreamcoder", input=imported)
    )
    assert [each["programs"] for each in records(again, "frontier")] == [
        each["programs"] for each in records(imported, "frontier")
    ]
    solved = run(psynth, "import", "dreamcoder", "-d", "list", "-", input=dreamcoder([0.0, 0.0]))
    learned = run(psynth, "compress", "-q", input=solved)
    assert [each for each in records(learned, "library")[0]["productions"] if "definition" in each]


def test_h_types_of_any_number_of_arrows_are_exported(psynth: Psynth) -> None:
    program = "(lambda " * DEEP_ARROWS + "(f $0)" + ")" * DEEP_ARROWS
    imported = run(psynth, "import", "stitch", "-", input=json.dumps([program, program]))
    exported = run(psynth, "export", "dreamcoder", input=imported)
    assert exported.count("constructor") > DEEP_ARROWS


@pytest.mark.parametrize(
    ("words", "flag"),
    [
        (("compress", "--iterations"), "--iterations"),
        (("compress", "--max-arity"), "--max-arity"),
        (("compress", "--memory-limit"), "--memory-limit"),
        (("compress", "--cost-primitive"), "--cost-primitive"),
        (("enumerate", "--batch"), "--batch"),
        (("enumerate", "--max-programs"), "--max-programs"),
        (("sample", "--count"), "--count"),
        (("search", "--max-evaluations"), "--max-evaluations"),
        (("sandbox-exec", "--files"), "--files"),
    ],
)
def test_j_numbers_beyond_64_bits_are_refused(psynth: Psynth, words: tuple[str, ...], flag: str) -> None:
    done = psynth(*words, "1" + "0" * 20, env=BUILT_IN)
    assert done.returncode == 2, done.stderr
    assert f"{flag}: 1{'0' * 20} is more than" in done.stderr


def test_j_costs_too(psynth: Psynth) -> None:
    corpus = run(psynth, "import", "stitch", "-", input='["(f (g a))", "(h (g a))"]')
    done = psynth("compress", "--cost", "map=1" + "0" * 20, input=corpus, env=BUILT_IN)
    assert (done.returncode, "--cost map=1" in done.stderr) == (2, True)


def test_k_an_empty_value_is_a_value(psynth: Psynth) -> None:
    corpus = run(psynth, "import", "stitch", "-", input='["(f (g a))", "(h (g a))"]')
    done = psynth("compress", "--prefix", "", "-", input=corpus, env=BUILT_IN)
    assert done.returncode in (2, 3), done.stderr
    assert "`` cannot begin a name" in done.stderr
    done = psynth("enumerate", "--primitives", "", "-d", "list", env=BUILT_IN)
    assert (done.returncode, "no primitive set ''" in done.stderr) == (2, True)


def test_l_a_list_of_programs_with_a_mark_and_a_missing_one(psynth: Psynth) -> None:
    pytest.importorskip("h5py")
    folder = psynth.folder / "data"
    sampled = run(psynth, "sample", "-d", "karel", "--count", "3", "--demonstrations", "2")
    run(psynth, "export", "leaps", "-o", str(folder), input=sampled)
    names = (folder / "id.txt").read_text(encoding="utf-8")
    (folder / "id.txt").write_text(f"\ufeff{names}no_such_group\n", encoding="utf-8")
    strict = psynth("import", "leaps", str(folder), env=BUILT_IN)
    assert (strict.returncode, "no_such_group" in strict.stderr) == (3, True)
    skipped = psynth("import", "leaps", "--on-error", "skip", str(folder), env=BUILT_IN)
    assert skipped.returncode == 0
    assert len(records(skipped.stdout, "frontier")) == len(names.split())


def test_m_null_is_a_value_of_no_type_here(psynth: Psynth) -> None:
    task = {"id": "list/null", "domain": "list", "request": "list(int) -> int"}
    task["examples"] = [{"inputs": [[1]], "output": None}]  # type: ignore[assignment]
    done = psynth("enumerate", input=json.dumps({"type": "frontier", "task": task}), env=BUILT_IN)
    assert done.returncode == 3
    assert "example 1, output: null where int was expected" in done.stderr


@pytest.mark.parametrize("name", ["dc-minus-infinity.json", "lambdas-300.json", "ex-null.jsonl"])
def test_the_reported_files_themselves(psynth: Psynth, name: str) -> None:
    file: Path = shared_data("reports") / name
    if name == "dc-minus-infinity.json":
        learned = run(psynth, "compress", "-q", input=run(psynth, "import", "dreamcoder", "-d", "list", str(file)))
        assert "fn_0" not in learned.split("\n", 1)[1]
    elif name == "lambdas-300.json":
        assert run(psynth, "export", "dreamcoder", input=run(psynth, "import", "stitch", str(file)))
    else:
        assert "null where int was expected" in psynth("enumerate", str(file), env=BUILT_IN).stderr


# ---- F: requests with type variables --------------------------------------------------------------------------------


def test_enumerate_evaluate_and_check_agree_on_type_variables(psynth: Psynth) -> None:
    found = run(psynth, "enumerate", "--max-cost", "11", input=shared_data("reports/poly2.jsonl").read_text())
    again = run(psynth, "evaluate", input=found)
    solved = [each for each in records(again, "frontier") if each["programs"]]
    assert {each["task"]["id"] for each in solved} >= {"list/poly-id", "list/poly-any"}
    for frontier in solved:
        assert all(program["score"] == 1 and program["status"] == "ok" for program in frontier["programs"])
    run(psynth, "check", input=again)


# ---- Worth a look ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("domain", "program"), [("untyped", "(f (g a))"), ("list", "(lambda (car (cdr $0)))")])
def test_programs_without_a_criterion_stay_unjudged(psynth: Psynth, domain: str, program: str) -> None:
    """A score of 0 would say that they are wrong, and compress would not learn from them."""
    corpus = run(psynth, "import", "stitch", "-d", domain, "-", input=json.dumps([program, program]))
    done = psynth("evaluate", input=corpus, env=BUILT_IN)
    assert records(done.stdout, "frontier") == records(corpus, "frontier")
    assert "2 tasks have nothing to judge programs by; they are unchanged" in done.stderr


def test_what_cannot_be_run_is_told_without_a_criterion(psynth: Psynth) -> None:
    task = {"id": "list/a", "domain": "list", "request": "int -> int"}
    frontier = {"type": "frontier", "task": task, "programs": [{"program": "(lambda (nosuch $0))"}]}
    [judged] = records(run(psynth, "evaluate", input=json.dumps(frontier) + "\n"), "frontier")
    assert judged["programs"][0]["status"] == "error"
    assert "nosuch" in judged["programs"][0]["message"]


def test_learned_functions_take_arguments_by_need(psynth: Psynth) -> None:
    """As the page of the stream says; primitives are strict."""
    library = {"type": "library", "domain": "list", "log_variable": 0.0}
    library["productions"] = [
        {"name": "car", "type": "list(t0) -> t0", "log_weight": 0.0},
        {"name": "+", "type": "int -> int -> int", "log_weight": 0.0},
        {"name": "1", "type": "int", "log_weight": 0.0},
        {"name": "fn_0", "type": "t0 -> t1 -> t0", "definition": "(lambda (lambda $1))", "log_weight": 0.0},
    ]
    (psynth.folder / "library.jsonl").write_text(json.dumps(library) + "\n")
    words = ("evaluate", "--library", "library.jsonl", "-e")
    assert run(psynth, *words, "(lambda (fn_0 1 (car $0)))", "[]") == "1\n"
    assert "car of the empty list" in psynth(*words, "(lambda (+ 1 (car $0)))", "[]", env=BUILT_IN).stderr


def test_deep_nests_are_imported_and_compressed_within_the_timeout(psynth: Psynth) -> None:
    """As in deep-50000.json."""
    depth = 20_000
    nests = ["(f " * depth + leaf + ")" * depth for leaf in "xy"]
    corpus = run(psynth, "import", "stitch", "-", input=json.dumps(nests))
    learned = run(psynth, "compress", "-q", "--timeout", "1", input=corpus)
    assert len(records(learned, "frontier")) == 2
    assert records(learned, "end") == [{"type": "end", "status": "budget"}]
