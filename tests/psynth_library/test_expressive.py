"""What may be learned, and how much tasks and programs count: weights, likelihoods, first order, bound variables."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

import psynth
from psynth.core.errors import InputError
from psynth.plugins import Frontier, Program, Task
from tests.pipeline_command import psynth as command
from tests.pipeline_command import records


def frontiers(*tasks: tuple[dict[str, Any], list[Program]]) -> list[Frontier]:
    return [
        Frontier(Task(f"untyped/{number}", "untyped", meta=meta or None), tuple(programs))
        for number, (meta, programs) in enumerate(tasks)
    ]


def learned(given: list[Frontier], **settings: Any) -> psynth.Stream:
    return psynth.compress(given, method="stitch", **settings)


def loop(each: str) -> str:
    return f"(fix (lambda (lambda (if (empty $0) nil (cons {each} ($1 (cdr $0)))))))"


def test_map_is_learned_from_loops() -> None:
    programs = [loop("(f (car $0))"), loop("(g (car $0) (car $0))"), loop("(+ 1 (h (car $0) x))")]
    found = psynth.compress(programs, method="stitch", capture=True, iterations=1)
    assert found.abstractions == {"fn_0": f"(lambda {loop('($2 $0)')})"}
    assert found.programs == [
        "(fn_0 (lambda (f (car $0))))",
        "(fn_0 (lambda (g (car $0) (car $0))))",
        "(fn_0 (lambda (+ 1 (h (car $0) x))))",
    ]
    without = psynth.compress(programs, method="stitch", iterations=1)
    assert "fix" not in without.abstractions["fn_0"]
    # And what was learned is found in other programs.
    assert psynth.rewrite([loop("(k (car $0) (car (cdr $0)))")], found) == [
        "(fn_0 (lambda (k (car $0) (car (cdr $0)))))"
    ]


def test_first_order_forbids_functions_without_types() -> None:
    programs = ["(left (q q q))", "(right (z z z))"]
    assert psynth.compress(programs, method="stitch").abstractions == {"fn_0": "(lambda ($0 $0 $0))"}
    assert psynth.compress(programs, method="stitch", first_order=True).abstractions == {}
    partial = ["(f a b x)", "(f a b y)", "(f a b z)"]
    assert psynth.compress(partial, method="stitch").abstractions == {"fn_0": "(f a b)"}
    assert psynth.compress(partial, method="stitch", first_order=True).abstractions == {"fn_0": "(lambda (f a b $0))"}


COMMON, OTHER = "(f (f a b) c)", "(g (g (g d e) d) e)"


@pytest.mark.parametrize(
    ("weight", "first", "with_file"), [(None, OTHER, COMMON), (3, COMMON, COMMON), (0.5, OTHER, None)]
)
def test_a_task_counts_by_its_weight(weight: float | None, first: str, with_file: str | None, tmp_path: Path) -> None:
    meta = {} if weight is None else {"weight": weight}
    given = frontiers(
        (meta, [Program(f"(p {COMMON})")]),
        (meta, [Program(f"(q {COMMON})")]),
        ({}, [Program(f"(p {OTHER})")]),
        ({}, [Program(f"(q {OTHER})")]),
    )
    found = learned(given, iterations=1)
    assert found.abstractions == {"fn_0": first}
    # The file comes before what the stream says.
    path = tmp_path / "weights.json"
    path.write_text(json.dumps({"untyped/2": 0.25, "untyped/3": 0}))
    found = learned(given, iterations=1, weights=path)
    assert list(found.abstractions.values()) == ([] if with_file is None else [with_file])


def test_costs_are_those_of_the_weighted_corpus() -> None:
    given = frontiers(({"weight": 2.5}, [Program("(p (f a b))")]), ({"weight": 0}, [Program("(q (f a b))")]))
    found = learned(given, iterations=1, structure_penalty=0.0)
    values = {(each.name, each.step): each.value for each in found.metrics}
    assert values["compress.cost", 0] == 2.5 * 403
    assert values["compress.cost", 1] == 2.5 * 201
    assert values["compress.uses", 1] == 2
    assert found.programs == ["(p fn_0)", "(q fn_0)"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"untyped/0": "much"}', 'untyped/0: a weight is a number, not "much"'),
        ('{"untyped/0": -1}', "untyped/0: a weight is from 0 to 1000000, not -1"),
        ('{"untyped/0": 0.33333}', "untyped/0: a weight has at most four decimals, unlike 0.33333"),
        ('{"untyped/00": 1}', "untyped/00: no such task (did you mean 'untyped/0'?)"),
        ("[1]", "expected an object from task ids to weights"),
    ],
)
def test_a_wrong_weight_is_refused_with_file_and_entry(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    path.write_text(text)
    with pytest.raises(InputError) as raised:
        learned(frontiers(({}, [Program("(f a)")])), weights=path)
    assert str(raised.value) == f"{path}: {message}"


def test_graded_likelihoods_teach_and_decide_between_programs_of_a_task() -> None:
    def task(letter: str, worse: float) -> tuple[dict[str, Any], list[Program]]:
        likely = Program(f"({letter} {OTHER} {OTHER})", log_likelihood=-2.0)
        short = Program(f"({letter} {COMMON})", log_likelihood=worse)
        return {}, [likely, short]

    near = learned(frontiers(task("p", -2.1), task("q", -2.1)), iterations=1)
    assert near.abstractions["fn_0"] == COMMON
    far = learned(frontiers(task("p", -200.0), task("q", -200.0)), iterations=1)
    assert far.abstractions["fn_0"] == OTHER
    impossible = [Program(f"({letter} {OTHER})", log_likelihood=-math.inf) for letter in "pq"]
    assert learned(frontiers(*(({}, [each]) for each in impossible))).abstractions == {}


LIST = {"map": "(t0 -> t1) -> list(t0) -> list(t1)", "+": "int -> int -> int", "rev": "list(t0) -> list(t0)"}


def test_imported_programs_with_types_are_compressed_with_types(tmp_path: Path) -> None:
    (tmp_path / "types.json").write_text(json.dumps(LIST))
    programs = [f"(lambda (rev (map (+ {number}) (map (+ {number}) $0))))" for number in (1, 2)]
    (tmp_path / "programs.json").write_text(json.dumps(programs))
    done = command("import", "stitch", "--types", tmp_path / "types.json", tmp_path / "programs.json")
    assert [each["task"]["request"] for each in records(done.stdout, "frontier")] == ["list(int) -> list(int)"] * 2
    [library] = records(command("compress", "--method", "stitch", input=done.stdout).stdout, "library")
    found = {
        each["name"]: (each["type"], each["definition"]) for each in library["productions"] if "definition" in each
    }
    body = "(rev (map (lambda (+ $1 $0)) (map (lambda (+ $1 $0)) $1)))"
    assert found == {"fn_0": ("list(int) -> int -> list(int)", f"(lambda (lambda {body}))")}


@pytest.mark.parametrize(
    ("types", "message"),
    [
        (
            {"rev": "list(t0"},
            "types.json: rev: not a type: this parenthesis is never closed at character 0",
        ),
        ({"rev": 3}, "types.json: rev: expected text, found a number"),
        ({**LIST, "rev": "int -> int"}, "programs.json: [0]: not a program by the types given: "),
    ],
)
def test_wrong_types_are_refused_with_file_and_entry(types: dict[str, Any], message: str, tmp_path: Path) -> None:
    (tmp_path / "types.json").write_text(json.dumps(types))
    (tmp_path / "programs.json").write_text(json.dumps(["(lambda (rev (map (+ 1) $0)))"]))
    words = ("import", "stitch", "--types", tmp_path / "types.json", tmp_path / "programs.json")
    done = command(*words, status=3)
    assert f"psynth import: {tmp_path}/{message}" in done.stderr.decode()


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("(lambda (top (lam_3 (plus $0 1)) $0))", "lambdas with tags, as lam_3, are not supported at character 14"),
        ("(lambda (f $0_3))", "variables with tags, as $0_3, are not supported at character 11"),
        ("(f a\xa0b)", "a name with the white space U+00A0 at character 3"),
    ],
)
def test_what_other_readers_would_read_otherwise_is_refused(program: str, message: str) -> None:
    with pytest.raises(Exception, match="not a program") as raised:
        psynth.compress([program])
    assert message in str(raised.value)
