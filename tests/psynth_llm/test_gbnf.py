"""Grammars of λ-terms: every text is a program of the type, with a probability, and none up to the depth is missing."""

from __future__ import annotations

import random
import re

import pytest
from psynth_llm.gbnf import MOST_RULES, term_grammar
from psynth_llm.notation import Terms

from psynth.core.calculus.grammars import Grammar
from psynth.core.calculus.types import parse_type
from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.plugins.registry import default_registry
from tests.fake_endpoint import Exchange, FakeEndpoint
from tests.psynth_llm.test_solver import command, samples, solve, tasks

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")

_PART = re.compile(r'"((?:[^"\\]|\\.)*)"|(\w+)')


class Texts:
    """The texts of a grammar in the part of GBNF that is written here."""

    def __init__(self, grammar: str) -> None:
        self.rules: dict[str, list[list[tuple[str, str]]]] = {}
        for line in grammar.splitlines():
            name, right = line.split(" ::= ")
            parts = [re.sub(r"\\(.)", r"\1", text) if text else rule for text, rule in _PART.findall(right)]
            assert all(parts)
            self.rules[name] = [_PART.findall(each) for each in right.split(" | ")]

    def sample(self, rng: random.Random, rule: str = "root") -> str:
        parts = rng.choice(self.rules[rule])
        return "".join(self.sample(rng, name) if name else re.sub(r"\\(.)", r"\1", text) for text, name in parts)

    def all(self, rule: str = "root") -> set[str]:
        found: set[str] = set()
        for parts in self.rules[rule]:
            texts = {""}
            for text, name in parts:
                tails = self.all(name) if name else {re.sub(r"\\(.)", r"\1", text)}
                texts = {head + tail for head in texts for tail in tails}
            found |= texts
        return found


DOMAINS = ("list", "regex", "logo", "clevr", "karel", "text", "sodarace", "bin-packing", "puzzles")


@pytest.mark.parametrize("name", DOMAINS)
def test_every_text_is_a_program_of_the_type(name: str) -> None:
    domain = default_registry().domain(name)
    [frontier] = tasks(name, 1)
    assert frontier.task is not None
    assert frontier.task.request is not None
    notation = Terms(domain, domain.library())
    found = notation.grammar(frontier.task.request, 3)
    assert found is not None
    assert found.count("\n") <= MOST_RULES + 1
    texts, rng = Texts(found), random.Random(0)
    for _ in range(60):
        text = texts.sample(rng)
        program = notation.read(text, frontier.task.request)
        assert program.program == text, "it is in β-normal η-long form already"
        assert program.log_prior is None or program.log_prior > float("-inf")


def test_no_term_up_to_the_depth_is_missing() -> None:
    types = {"zero": "int", "inc": "int -> int", "pair": "t0 -> t0 -> list(t0)", "sum": "list(int) -> int"}
    grammar = Grammar.uniform({name: parse_type(text) for name, text in types.items()})
    found = term_grammar(grammar, parse_type("int -> int"), 2)
    assert found is not None
    leaves = ["zero", "$0"]
    one = [f"(inc {each})" for each in leaves]
    lists = [f"(pair {left} {right})" for left in leaves for right in leaves]
    two = [f"(inc {each})" for each in one] + [f"(sum {each})" for each in lists]
    assert Texts(found[0]).all() == {f"(lambda {each})" for each in [*leaves, *one, *two]}


def test_a_type_without_terms_has_no_grammar() -> None:
    grammar = Grammar.uniform({"zero": parse_type("int"), "not": parse_type("bool -> bool")})
    assert term_grammar(grammar, parse_type("int -> bool"), 3) is None


def test_constrained_samples_all_parse_and_type_check() -> None:
    def behavior(exchange: Exchange) -> None:
        texts, rng = Texts(exchange.body["grammar"]), random.Random(exchange.body["seed"])
        exchange.answer([texts.sample(rng) for _ in range(exchange.wanted)])

    with FakeEndpoint(behavior) as endpoint:
        found = solve(endpoint, tasks("list", 4), model=(endpoint.model(grammars="on"),), samples=20, constrain=3)
    ends = [samples(each) for each in found]
    assert sum(sum(each.values()) for each in ends) == 80
    assert {end for each in ends for end in each} <= {"run", "unsolved", "solved", "repeated"}


def test_a_native_notation_has_no_grammar(capfd: pytest.CaptureFixture[str]) -> None:
    words = ["-d", "karel", "--model", "openai:base-url=http://127.0.0.1:9/v1", "--constrain", "3"]
    status, _, said = command(capfd, *words)
    assert status == 2
    assert "--constrain is for λ-terms: add --language lambda" in said
