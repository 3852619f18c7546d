"""Programs word by word: each derivation ends within its limit, in a program of the type asked for, and reads back."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import numpy as np
import pytest
from psynth_policy.derivation import Derivation, Typing
from psynth_policy.language import Language, standard_words, words_of
from psynth_policy.least import NEVER
from psynth_policy.notation import UNBOUNDED, NotAProgram, Terms

from psynth.core.calculus.grammars import Grammar
from psynth.core.calculus.inference import infer
from psynth.core.calculus.terms import parse_term
from psynth.core.calculus.types import parse_type
from psynth.core.languages import grammar_of
from psynth.plugins.evaluator import Budget
from psynth.plugins.registry import default_registry

pytestmark = pytest.mark.usefixtures("lambda_machine")

DOMAINS = {
    "list": ("list(int) -> list(int)", ("let int", "let list(t0)", "let int -> int")),
    "regex": ("tfullstr -> tfullstr", ()),
    "karel": ("stmt", ()),
    "arc": ("tgrid -> tgrid", ("10", "-3", "let tgrid", "let tgrid -> int", "let set(pair(int, int))")),
}


def typing_of(domain: str, request: str, further: Sequence[str]) -> Typing:
    known = default_registry().domain(domain)
    grammar = grammar_of(known.library())
    words = (*standard_words(grammar, 32), *further)
    return Typing(Language(grammar, words, known.syntax().literal_type), parse_type(request))


def walk(typing: Typing, limit: int, rng: random.Random) -> Derivation:
    """A derivation whose words are chosen at random of those that fit, without regard to how likely they are."""
    derivation = Derivation(typing, limit)
    while not derivation.complete:
        fitting = [int(each) for each in np.flatnonzero(derivation.fitting())]
        rng.shuffle(fitting)
        assert any(derivation.choose(word) for word in fitting), "no word leaves a program that can be finished"
    return derivation


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_walk_ends_within_its_limit_in_a_closed_program_of_the_type(domain: str) -> None:
    request, further = DOMAINS[domain]
    typing = typing_of(domain, request, further)
    grammar, literal_type = typing.language.grammar, typing.language.literal_type
    rng = random.Random(0)
    for number in range(40):
        limit = max(typing.least.of_request, (1, 2, 5, 12, 30)[number % 5])
        derivation = walk(typing, limit, rng)
        assert len(derivation.steps) <= limit
        term = derivation.term()
        assert not term.free
        infer(term, grammar.types, typing.request, literal_type=literal_type)
        # What the policy writes it also reads, as the same words unless a variable was shared.
        words = words_of(str(term), request, grammar.types, literal_type)
        assert words is not None
        if not any(each.startswith("let ") for each in words) and "((lambda" not in str(term):
            assert words == [typing.language.words[step.word] for step in derivation.steps]


def test_the_least_number_of_words_is_that_of_the_shortest_program() -> None:
    types = {
        "a": "int",
        "up": "int -> bool -> int",
        "both": "bool -> bool -> bool",
        "make": "(int -> pair(int)) -> bool",
        "pair": "t0 -> pair(t0)",
        "far": "bool -> int -> far",
    }
    grammar = Grammar.uniform({name: parse_type(kind) for name, kind in types.items()})
    words = tuple(standard_words(grammar, 3))
    for request in ("int", "bool", "pair(bool)", "far", "bool -> bool", "far -> far -> int", "nothing"):
        typing = Typing(Language(grammar, words), parse_type(request))
        shortest = next(
            (
                length
                for length in range(1, 7)
                for program in itertools.product(range(len(words)), repeat=length)
                if _derives(typing, program)
            ),
            None,
        )
        assert (typing.least.of_request if typing.least.of_request < NEVER else None) == shortest, request


def _derives(typing: Typing, program: Sequence[int]) -> bool:
    derivation = Derivation(typing, UNBOUNDED)
    return all(derivation.accepts(word) for word in program) and derivation.complete


def test_a_word_that_could_not_be_finished_leaves_the_derivation_as_it_was() -> None:
    typing = typing_of("list", "list(int) -> int", ())
    derivation = Derivation(typing, 2)
    fold = typing.language.numbers["fold"]
    assert derivation.fitting()[fold]
    assert not derivation.choose(fold)
    assert derivation.choose(typing.language.numbers["length"])
    assert derivation.choose(typing.language.numbers["$0"])
    assert str(derivation.term()) == "(lambda (length $0))"


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("(lambda (map (+ 1) $0))", "map + 1 $0 $0"),
        ("(lambda ((lambda (cons (length $1) (map (lambda (+ $1 $0)) $1))) (+ 1 1)))",
         "let int|+|1|1|cons|length|$1|map|+|$1|$0|$1"),
        # The shared value is a function, which an argument follows.
        ("(lambda ((lambda (map $0 $1)) (lambda (+ $0 1))))", "let int -> int|+|$0|1|map|$1|$0|$1"),
        ("(lambda (((lambda (lambda (cons $1 $0))) (length $0)) $0))", "let int|length|$0|cons|$0|$1"),
        ("(lambda (#(lambda (cons 1 $0)) $0))", "cons|1|$0"),
    ],
)  # fmt: skip
def test_programs_as_words(program: str, words: str) -> None:
    domain = default_registry().domain("list")
    notation = Terms(domain, domain.library())
    request = "list(int) -> list(int)"
    expected = words.split("|" if "|" in words else None)
    assert notation.words(program, request) == expected
    term = parse_term(notation.program(expected, request).program)
    inputs = [[3, 1, 2]]
    with domain.evaluator(domain.library(), Budget()) as evaluator:
        values = [evaluator.value_of(each, request, inputs) for each in (program.replace("#", ""), str(term))]
    assert values[0] == values[1]


@pytest.mark.parametrize(
    ("words", "rung"),
    [("map + 1", "parse"), ("cdr $0 $0", "parse"), ("map length $0 $0", "type"), ("cons $1 $0", "type")],
)
def test_words_that_are_no_program_are_refused(words: str, rung: str) -> None:
    domain = default_registry().domain("list")
    with pytest.raises(NotAProgram) as refused:
        Terms(domain, domain.library()).program(words.split(), "list(int) -> list(int)")
    assert refused.value.rung == rung
