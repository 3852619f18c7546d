"""The format ``sygus``: real problems, both versions of the syntax, definitions, and what is refused."""

from __future__ import annotations

import importlib.util
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psynth_text.sygus import Problem, read_problem
from psynth_text.sygus_format import Sygus

from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.core.errors import InputError
from psynth.plugins import Budget, Context, Example, Frontier, Library, Program, Record
from tests.psynth_command import Psynth
from tests.psynth_text.oracle import value_of
from tests.shared_data import shared_data

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")

VERSION_1 = """
(set-logic SLIA) ; a comment
(synth-fun f ((name String)) String ((Start String (ntString))
  (ntString String (name " " "a""b" (str.++ ntString ntString) (str.substr ntString ntInt ntInt) (int.to.str ntInt)))
  (ntInt Int (0 1 (- 1) (+ ntInt ntInt) (str.to.int ntString)))
  (ntBool Bool (true (str.prefixof ntString ntString)))))
(declare-var name String)
(constraint (= (f "Ada Lovelace") "Ada"))
(constraint (= "Alan" (f "Alan Turing")))
(constraint (= (f "Ada Lovelace") "Ada"))
(check-synth)
"""
VERSION_2 = """
(set-logic SLIA)
(synth-fun f ((name String)) String
  ((Start String) (ntInt Int) (ntBool Bool))
  ((Start String ((Variable String) " " "a\\u{22}b" (str.++ Start Start) (str.substr Start ntInt ntInt)
    (str.from_int ntInt)))
   (ntInt Int (0 1 (- 1) (+ ntInt ntInt) (str.to_int Start)))
   (ntBool Bool (true))))
(constraint (and (= (f "Ada Lovelace") "Ada") (= (f "Alan Turing") "Alan")))
(check-synth)
"""


def read(text: str, folder: Path) -> tuple[list[Record], list[str]]:
    path = folder / "own.sl"
    path.write_text(text)
    warnings: list[str] = []
    return list(Sygus().read([str(path)], Context("import", warn=warnings.append))), warnings


def written(records: list[Record]) -> str:
    stream = io.BytesIO()
    Sygus().write(iter(records), stream, Context("export"))
    return stream.getvalue().decode()


@pytest.mark.parametrize("text", [VERSION_1, VERSION_2])
def test_both_versions_of_the_syntax_say_the_same(text: str, tmp_path: Path) -> None:
    [library, frontier], warnings = read(text, tmp_path)
    assert isinstance(library, Library)
    assert isinstance(frontier, Frontier)
    assert frontier.task is not None
    assert warnings == []
    # What the start does not reach, the truth values, is left out.
    assert {each.name: each.type for each in library.productions} == {
        '"\\u0020"': "string",
        '"a\\"b"': "string",
        "str.++": "string -> string -> string",
        "str.substr": "string -> int -> int -> string",
        "str.from_int": "int -> string",
        "0": "int",
        "1": "int",
        "-1": "int",
        "+": "int -> int -> int",
        "str.to_int": "string -> int",
    }
    assert frontier.task.request == "string -> string"
    assert frontier.task.examples == (Example(["Ada Lovelace"], "Ada"), Example(["Alan Turing"], "Alan"))


def test_definitions_are_what_the_standard_writes(tmp_path: Path) -> None:
    [library, frontier], _ = read(VERSION_1.replace("(name ", "(|the name| "), tmp_path)
    assert isinstance(frontier, Frontier)
    assert written([library, frontier]) == "; text/own\n(fail)\n"
    program = '(lambda (str.++ (str.substr $0 0 (+ -1 1)) (str.++ "a\\"b" "é\\u0028\\\\")))'
    solved = Frontier(frontier.task, (Program(program, log_likelihood=0.0),))
    body = '(str.++ (str.substr |the name| 0 (+ (- 1) 1)) (str.++ "a""b" "\\u{e9}(\\u{5c}"))'
    assert written([library, solved]) == f"; text/own\n(define-fun f ((|the name| String)) String {body})\n"
    # A program without lambdas is applied all the same.
    short = Frontier(frontier.task, (Program('(str.++ "x")', log_likelihood=0.0),))
    assert '(str.++ "x" |the name|)' in written([library, short])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "own.sl: there is no synth-fun"),
        ("(", "own.sl:1: this parenthesis is never closed"),
        ("(set-logic SLIA))", "own.sl:1: this parenthesis was never opened"),
        ('(a "', "own.sl:1: a text that does not end"),
        ("a", "own.sl:1: a stands outside of all parentheses"),
        ("(" * 2000, "own.sl:1: more than 1000 parentheses"),
        ("\n(define-fun g () Int 1)", "own.sl:2: the command define-fun is not supported"),
        ("(synth-fun f ((x Real)) Int)", "own.sl:1: the sort Real is not String, Int or Bool"),
        ("(synth-fun f ((x Int)) Int)", "own.sl: there are no examples"),
        ("(synth-fun f ((x Int)) Int)(declare-var y Int)(constraint (= (f y) 1))", "own.sl:1: y is no constant"),
        ("(synth-fun f ((x Int)) Int)(constraint (>= (f 1) 1))", "own.sl:1: a constraint that is no example"),
        ("(synth-fun f ((x Int)) Int)(constraint (= (f 1 2) 1))", "own.sl:1: f takes 1 values"),
        (VERSION_1.replace("(str.++ ntString ntString)", "(str.rev ntString)"), "there is no function str.rev"),
        (VERSION_1.replace("(str.++ ntString ntString)", "(str.++ ntString ntInt)"), "no function str.++ from String"),
        (VERSION_1.replace("(str.++ ntString ntString)", '(str.++ ntString "x")'), "an argument of a rule is a"),
        (VERSION_1.replace("(ntString))", '(ntString "x"))'), "Start and ntString both have rules for String"),
        (VERSION_1.replace("(0 1 (- 1)", "(0 name (- 1)"), "name is String, not Int"),
    ],
)
def test_what_is_no_problem_by_example_is_refused(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(text, tmp_path)
    assert message in str(caught.value)


def test_contradictions_are_reported_with_the_pair(tmp_path: Path) -> None:
    text = VERSION_1 + '(constraint (= (f "Alan Turing") "Turing"))'
    [_, frontier], [warning] = read(text, tmp_path)
    assert isinstance(frontier, Frontier)
    assert frontier.task is not None
    assert len(frontier.task.examples) == 3
    assert 'the outputs of "Alan Turing" are "Alan" and "Turing"' in warning


def test_the_problems_of_the_competition(tmp_path: Path) -> None:
    """Imported, searched, judged, exported; the definitions satisfy every constraint of their files."""
    folder = shared_data("sygus")
    files = sorted(folder.glob("*.sl"))
    assert len(files) == 54
    psynth = Psynth(tmp_path)
    env = {"PSYNTH_PLUGINS": "text,search"}
    imported = psynth("import", "sygus", *map(str, files), env=env)
    assert imported.returncode == 0, imported.stderr
    contradicting = {line.split("sygus/")[1].split(":")[0] for line in imported.stderr.splitlines()}
    assert contradicting == {f"univ_{number}-long-repeat.sl" for number in (3, 4, 5, 6)}
    problems = {path.stem: read_problem(path.read_text()) for path in files}
    tasks = [json.loads(line) for line in imported.stdout.splitlines() if line.startswith('{"type":"frontier"')]
    assert [task["task"]["id"] for task in tasks] == [f"text/{path.stem}" for path in files]
    for task in tasks:
        distinct = {json.dumps(each["inputs"]) for each in task["task"]["examples"]}
        assert len(distinct) == len(problems[task["task"]["id"].split("/")[1]].examples)
    few = "".join(
        line + "\n"
        for line, task in _lines_with_tasks(imported.stdout)
        if not task.endswith("-long-repeat") or task in ("text/univ_3-long-repeat", "text/univ_6-long-repeat")
    )
    searched = psynth("enumerate", "--method", "levels", "--refine", "0", "--max-frontier", "1", input=few, env=env)
    assert searched.returncode == 0, searched.stderr
    assert searched.stderr.count("is not searched: its examples") == 2
    answers = {
        task: json.loads(line)["programs"]
        for line, task in _lines_with_tasks(searched.stdout)
        if task.startswith("text/")
    }
    assert [task for task, programs in answers.items() if not programs] == [
        "text/univ_3-long-repeat",
        "text/univ_6-long-repeat",
    ]
    for task, programs in answers.items():
        for program in programs:
            assert _fits(program["program"], problems[task.removeprefix("text/")]), (task, program)
            longer = problems.get(task.removeprefix("text/") + "-long-repeat")
            assert longer is None or longer.contradictions or _fits(program["program"], longer), (task, program)
    exported = psynth("export", "sygus", input=searched.stdout, env=env)
    assert exported.stdout.count("(define-fun f (") == 28, exported.stdout


def _lines_with_tasks(stream: str) -> Iterator[tuple[str, str]]:
    """The lines of a stream with the ids of their tasks, empty for other records."""
    for line in stream.splitlines():
        record = json.loads(line)
        yield line, record["task"]["id"] if record["type"] == "frontier" else ""


def _fits(program: str, problem: Problem) -> bool:
    """Whether a program is right on all examples, by the Python implementation of its functions."""
    return all(value_of(program, inputs) == output for inputs, output in problem.examples.items())


PHONES = """
(set-logic SLIA)
(synth-fun f ((name String)) String ((Start String (ntString))
  (ntString String (name "-" "." (str.++ ntString ntString) (str.replace ntString ntString ntString)
    (str.substr ntString ntInt ntInt)))
  (ntInt Int (0 1 2 3 4 5 (str.len ntString)))))
(constraint (= (f "938-242-504") "938.242.504"))
(constraint (= (f "308-916-545") "308.916.545"))
(constraint (= (f "623-599-749") "623.599.749"))
(constraint (= (f "981-424-843") "981.424.843"))
"""


def test_after_a_solution_of_goals_a_cheaper_one_is_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "phones.sl"
    path.write_text(PHONES)
    psynth = Psynth(tmp_path)
    env = {"PSYNTH_PLUGINS": "text,search"}
    imported = psynth("import", "sygus", str(path), env=env).stdout

    def found(*words: str) -> tuple[list[dict[str, Any]], int]:
        options = ("--max-programs", "100000", "--max-frontier", "1", *words)
        done = psynth("enumerate", "--method", "levels", *options, input=imported, env=env)
        [frontier] = [record for record in map(json.loads, done.stdout.splitlines()) if record["type"] == "frontier"]
        return frontier["programs"], frontier["search"]["programs"]

    [first], tried = found("--refine", "0")
    [refined], more = found("--refine", "9000")
    assert refined["program"] == '(lambda (str.replace (str.replace $0 "-" ".") "-" "."))'
    assert refined["log_prior"] > first["log_prior"]
    assert tried < more <= tried + 9_000
    assert found("--refine", "9000") == ([refined], more)
    [tested], _ = found("--no-goals")
    assert tested == refined


@pytest.mark.skipif(importlib.util.find_spec("cvc5") is None, reason="needs the package cvc5")
def test_definitions_mean_the_same_to_cvc5(tmp_path: Path) -> None:
    import cvc5

    [library, frontier], _ = read(VERSION_1, tmp_path)
    assert isinstance(library, Library)
    assert isinstance(frontier, Frontier)
    programs = [
        '(lambda (str.++ (str.substr $0 1 (str.to_int "3")) (str.from_int (+ -1 1))))',
        '(lambda (str.++ $0 "a\\"b\\u0020\\\\é"))',
        "(lambda (str.from_int (str.to_int $0)))",
    ]
    inputs = ["", "0123456789", 'x"y \\u{41}é', "-5"]
    domain = Context("export").registry.domain("text")
    for program in programs:
        with domain.evaluator(library, Budget()) as evaluator:
            outcomes = evaluator.run(program, "string -> string", [[text] for text in inputs])
        text = written([library, Frontier(frontier.task, (Program(program, log_likelihood=0.0),))])
        for given, outcome in zip(inputs, outcomes, strict=True):
            assert _by_cvc5(cvc5, text, given) == outcome.value, (program, given)


def _by_cvc5(cvc5: object, definition: str, given: str) -> str:
    from psynth_text.smtlib import written_text

    manager = cvc5.TermManager()  # type: ignore[attr-defined]
    solver = cvc5.Solver(manager)  # type: ignore[attr-defined]
    solver.setOption("produce-models", "true")
    symbols = cvc5.SymbolManager(manager)  # type: ignore[attr-defined]
    parser = cvc5.InputParser(solver, symbols)  # type: ignore[attr-defined]
    asked = f"(declare-const y String)(assert (= y (f {written_text(given)})))(check-sat)"
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, f"(set-logic QF_SLIA)\n{definition}\n{asked}", "test")  # type: ignore[attr-defined]
    while not (command := parser.nextCommand()).isNull():
        command.invoke(solver, symbols)
    [value] = [solver.getValue(term) for term in symbols.getDeclaredTerms()]
    return str(value.toPythonObj())
