"""``mutate --method llm``: rewritings, blocks and diffs; mates, markers, repairs; and as an operator of evolution."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from psynth_llm.edits import edited
from psynth_llm.mutation import Mutate
from psynth_llm.notation import Refused

from psynth.cli.main import main
from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.plugins import Context, End, Frontier, Program, Record
from psynth.plugins.registry import default_registry
from psynth.testing import check_method
from tests.fake_endpoint import Exchange, FakeEndpoint, saying
from tests.psynth_llm.golden import check_prompt

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")

PARITY = "def parity(a, b, c, d):\n    return (a + b + c) % 2\n"
BLOCKS = (
    "LIMIT = 2\n# EVOLVE-BLOCK-START\ndef parity(a, b, c, d):\n    return a % LIMIT\n# EVOLVE-BLOCK-END\nDONE = True\n"
)


def frontier(domain: str, *programs: Program) -> Frontier:
    found = default_registry().domain(domain)
    task = next(iter(found.tasks(replace(found.TaskSettings(), count=1), 0)))
    return Frontier(task, programs)


def mutate(
    endpoint: FakeEndpoint, *frontiers: Frontier, said: list[str] | None = None, **settings: Any
) -> list[list[Program]]:
    assert frontiers[0].task is not None
    library = default_registry().domain(frontiers[0].task.domain).library()
    records: list[Record] = [library, *frontiers, End("complete")]
    method = Mutate(**({"model": (endpoint.model(),)} | settings))
    tell = (said if said is not None else []).append
    made = method.run(iter(records), Context("mutate", warn=tell))
    return [list(each.programs) for each in made if isinstance(each, Frontier)]


def texts(programs: Sequence[Program]) -> list[str]:
    return [each.program for each in programs]


def python(text: str, **fields: Any) -> Program:
    return Program(text, "python", **fields)


def fenced(text: str) -> str:
    return f"```python\n{text}```"


def test_a_term_is_rewritten_within_the_type_of_its_task() -> None:
    answers = ("(lambda (car (cdr $0)))", "(lambda $0)", "(lambda (car $0))", "nonsense words")
    parent = Program("(lambda (car $0))", score=0.25)
    with FakeEndpoint(saying(*answers)) as endpoint:
        [made] = mutate(endpoint, frontier("list", parent), count=4)
    check_prompt("mutate-list", endpoint.asked[0])
    [mutant] = made
    assert mutant.program == "(lambda (car (cdr $0)))"
    assert mutant.log_prior is not None
    assert mutant.log_prior < 0
    assert mutant.score is None
    assert mutant.origin is not None
    assert (mutant.origin.by, mutant.origin.from_) == ("llm", ("(lambda (car $0))",))


def test_a_program_without_a_task_keeps_its_own_type() -> None:
    parent = Program("(lambda (+ $0 1))")
    with FakeEndpoint(saying("(lambda (car $0))", "(lambda (+ 1 $0))")) as endpoint:
        library = default_registry().domain("list").library()
        records: list[Record] = [library, Frontier(None, (parent,)), End("complete")]
        made = list(Mutate(model=(endpoint.model(),), count=2).run(iter(records), Context("mutate")))
    assert texts([each for record in made if isinstance(record, Frontier) for each in record.programs]) == [
        "(lambda (+ 1 $0))"
    ]


def test_mates_stand_in_the_prompt_and_in_the_origin() -> None:
    better = "def parity(a, b, c, d):\n    return (a + b + c + d) % 2\n"
    other = "def parity(a, b, c, d):\n    return a ^ b ^ c\n"
    found = {"figures": {"depth": 3}, "artifacts": {"stderr": "oops"}}
    failed = python(PARITY, score=0.5, message="wrong", extra=found)
    with FakeEndpoint(saying(fenced(better))) as endpoint:
        [made] = mutate(endpoint, frontier("parity", failed, python(other, score=0.75)))
    check_prompt("mutate-parity", endpoint.asked[0])
    assert texts(made) == [better, better]
    origins = [each.origin.from_ for each in made if each.origin is not None]
    assert origins == [(PARITY, other), (other, PARITY)]


DIFF = "```diff\n@@ -1,2 +1,2 @@\n def parity(a, b, c, d):\n-    return (a + b + c) % 2\n+    return a\n```"
SEARCH = "<<<<<<< SEARCH\n    return (a + b + c) % 2\n=======\n    return a\n>>>>>>> REPLACE"
CHANGED = "def parity(a, b, c, d):\n    return a\n"


@pytest.mark.parametrize(("edit", "answer"), [("diff", DIFF), ("search-replace", f"I propose:\n{SEARCH}\nbecause.")])
def test_edits_of_a_program(edit: str, answer: str) -> None:
    with FakeEndpoint(saying(answer)) as endpoint:
        [made] = mutate(endpoint, frontier("parity", python(PARITY)), edit=edit)
    check_prompt(f"mutate-{edit}", endpoint.asked[0])
    assert texts(made) == [CHANGED]


def test_a_model_of_diffs_continues_its_own_form() -> None:
    with FakeEndpoint(saying(DIFF.split("\n", 1)[1].rsplit("\n", 1)[0] + "\n<NME> other.py")) as endpoint:
        [made] = mutate(endpoint, frontier("parity", python(PARITY)), edit="elm-diff", instruction="Fix bugs.")
    [body] = endpoint.asked
    assert body["prompt"] == f"<NME> program.python\n<BEF> {PARITY}\n<MSG> Fix bugs.\n<DFF>".replace(".python", ".py")
    assert body["stop"] == ["<NME>"]
    assert texts(made) == [CHANGED]


@pytest.mark.parametrize(
    ("edit", "answer", "why"),
    [
        ("search-replace", "no block", "no SEARCH/REPLACE block"),
        ("search-replace", SEARCH.replace("a + b", "x + y"), "its lines are not in the program"),
        ("search-replace", SEARCH.replace("    return (a + b + c) % 2\n", "", 1), "searches for nothing"),
        ("search-replace", SEARCH.replace("    return a\n", "    return (a + b + c) % 2\n"), "left as it is"),
        ("diff", "no diff", "no hunk"),
        ("diff", DIFF.replace("a + b", "x + y"), "its lines are not in the parent"),
    ],
)
def test_an_edit_that_is_none_says_why(edit: str, answer: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        edited(edit, PARITY, answer)


def test_lines_that_occur_twice_are_not_guessed() -> None:
    with pytest.raises(Refused, match="its lines are there 2 times"):
        edited("search-replace", "x = 1\ny = 2\nx = 1\n", "<<<<<<< SEARCH\nx = 1\n=======\nx = 3\n>>>>>>> REPLACE")


def test_only_what_is_between_the_markers_changes() -> None:
    inside, outside = BLOCKS.replace("a % LIMIT", "b % LIMIT"), BLOCKS.replace("LIMIT = 2", "LIMIT = 3")
    said: list[str] = []
    with FakeEndpoint(
        saying(fenced(outside), fenced(inside), fenced("def parity(a, b, c, d): return 1\n"))
    ) as endpoint:
        [made] = mutate(endpoint, frontier("parity", python(BLOCKS)), count=3)
        mutate(endpoint, frontier("parity", python(BLOCKS)), said=said)
    assert texts(made) == [inside]
    assert "EVOLVE-BLOCK-START and EVOLVE-BLOCK-END may change" in endpoint.asked[0]["messages"][-1]["content"]
    [warning] = said
    assert "it changes what is not between the markers EVOLVE-BLOCK; --repair lets the model try again" in warning


def test_a_repair_shows_the_answer_and_the_reason() -> None:
    def behavior(exchange: Exchange) -> None:
        bad = len(exchange.body["messages"]) == 2
        exchange.answer([fenced("def parity(") if bad else fenced(CHANGED)] * exchange.wanted)

    with FakeEndpoint(behavior) as endpoint:
        [made] = mutate(endpoint, frontier("parity", python(PARITY)), repair=2)
    assert texts(made) == [CHANGED]
    assert len(endpoint.asked) == 2
    check_prompt("mutate-repair", endpoint.asked[1])


def test_a_native_notation_is_changed_natively() -> None:
    with FakeEndpoint(saying("DEF run m( move turnLeft m)")) as endpoint:
        [made] = mutate(endpoint, frontier("karel", Program("move")))
    assert "DEF run m( move m)" in endpoint.asked[0]["messages"][-1]["content"]
    assert texts(made) == ["(karel_seq move turnLeft)"]


def test_the_budget_leaves_programs_without_mutants() -> None:
    said: list[str] = []
    with FakeEndpoint(saying(fenced(CHANGED))) as endpoint:
        frontiers = [frontier("parity", python(PARITY)) for _ in range(3)]
        made = mutate(endpoint, *frontiers, said=said, token_budget=1100)
    assert [len(each) for each in made] == [1, 1, 0]
    assert any("the budget is spent" in each for each in said)


def test_an_operator_of_evolution_with_one_cache_for_the_run(tmp_path: Path, capfd: Any) -> None:
    programs = [f"def parity(a, b, c, d): return (a + b + c + {number}) % 2\n" for number in range(50)]
    solution = "def parity(a, b, c, d): return (a + b + c + d) % 2\n"

    def behavior(exchange: Exchange) -> None:
        number = len(exchange.endpoint.asked)
        exchange.answer([fenced(solution if number > 5 else programs[number])])

    found = default_registry().domain("parity")
    task = next(iter(found.tasks(replace(found.TaskSettings(), count=1), 0)))
    start = tmp_path / "start.jsonl"
    start.write_bytes(Frontier(task, (python(PARITY),)).encode() + b'\n{"type":"end","status":"complete"}\n')
    cache = tmp_path / "cache.jsonl"

    def evolve(model: str, target: str, *words: str) -> list[bytes]:
        operator = f"llm:model={model.replace(',', chr(92) + ',')},cache={cache},mates=1"
        words = ("--operator", operator, "--batch", "2", "--target", "1", "--max-evaluations", "30", *words)
        assert main(["elites", "--method", "map-elites", str(start), "-q", *words, "-o", str(tmp_path / target)]) == 0
        return (tmp_path / target).read_bytes().splitlines()

    with FakeEndpoint(behavior) as endpoint:
        first = evolve(endpoint.model(), "first")
        asked = len(endpoint.asked)
        again = evolve(endpoint.model(), "again", "-j", "2")
        assert len(endpoint.asked) == asked
    assert first[1:] == again[1:]
    scores = [program["score"] for line in first for program in json.loads(line).get("programs", ())]
    assert max(scores) == 1
    origins = [
        program["origin"] for line in first for program in json.loads(line).get("programs", ()) if "origin" in program
    ]
    assert any(each.get("model") == "fake" for each in origins)


def test_the_contract_of_methods() -> None:
    with FakeEndpoint(saying("(lambda (add $0 one))", "(lambda (double $0))", "oops")) as endpoint:
        check_method(Mutate(model=(endpoint.model(),), count=2), command="mutate")
