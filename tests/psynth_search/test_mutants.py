"""What the λ-machine's mutants and crosses are, by the calculus in Python, which shares nothing with it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psynth.core.calculus.inference import infer
from psynth.core.calculus.terms import parse_term
from psynth.core.calculus.types import parse_type
from psynth.core.languages import grammar_of
from psynth.core.stream.records import Library

NAMES = ["list", "list, learned", "list, contextual", "regex", "karel", "karel, learned", "tiles"]


def nodes(program: str) -> int:
    """Names, literals and variables in a program."""
    return len([word for word in re.findall(r"[^() ]+", program) if word != "lambda"])


def drawn(machine, library: Library, request: str, seed: int, count: int = 3, max_size: int = 20) -> list[str]:
    programs = machine.sample(library.to_json(), request, seed=seed, count=count, max_depth=6, max_size=max_size)
    return [each["program"] for each in programs]


def check_sound(library: Library, request: str, parent: str, mutant: dict, max_size: int) -> None:
    grammar, term, wanted = grammar_of(library), parse_term(mutant["program"]), parse_type(request)
    infer(term, grammar.types, wanted)
    assert mutant["program"] != parent
    assert nodes(mutant["program"]) <= max_size
    assert mutant["log_prior"] == pytest.approx(grammar.log_prior(term, wanted), abs=1e-6)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**62 - 1), max_size=st.integers(4, 30))
def test_mutants_have_the_type_the_size_and_the_prior(machine, languages, name, seed, max_size) -> None:
    library, request = languages[name]
    parents = drawn(machine, library, request, seed)
    answers = machine.mutate(
        library.to_json(), request, parents, seeds=[seed, 1, 2], count=5, max_size=max_size, max_depth=3
    )
    for parent, answer in zip(parents, answers, strict=True):
        assert len(answer["mutants"]) == 5
        for mutant in answer["mutants"]:
            check_sound(library, request, parent, mutant, max_size)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**62 - 1), max_size=st.integers(4, 30))
def test_crosses_have_the_type_the_size_and_the_prior(machine, languages, name, seed, max_size) -> None:
    library, request = languages[name]
    parents = drawn(machine, library, request, seed)
    mates = drawn(machine, library, request, seed // 2 + 1, count=8)
    answers = machine.crossover(
        library.to_json(), request, parents, mates=mates, seeds=[seed, 1, 2], count=3, max_size=max_size
    )
    for parent, answer in zip(parents, answers, strict=True):
        if "error" in answer:
            assert answer["error"]["kind"] == "none"
            assert "no mate" in answer["error"]["message"]
        for mutant in answer.get("mutants", []):
            check_sound(library, request, parent, mutant, max_size)
            # Apart from variables, what is new comes from the mate.
            words = {*re.findall(r"[^()$ ]+", parent), *re.findall(r"[^()$ ]+", mates[mutant["mate"]])}
            assert set(re.findall(r"[^()$ ]+", mutant["program"])) <= words | {str(index) for index in range(50)}


@pytest.mark.parametrize("name", NAMES)
def test_drawn_programs_keep_their_size(machine, languages, name) -> None:
    library, request = languages[name]
    grammar = grammar_of(library)
    sizes = set()
    for max_size in (4, 9, 17):
        for each in machine.sample(library.to_json(), request, seed=3, count=40, max_depth=30, max_size=max_size):
            assert nodes(each["program"]) <= max_size
            sizes.add(nodes(each["program"]))
            prior = grammar.log_prior(parse_term(each["program"]), parse_type(request))
            assert each["log_prior"] == pytest.approx(prior, abs=1e-6)
    assert max(sizes) > 4


@pytest.mark.parametrize("name", ["list, learned", "karel"])
def test_a_mutant_depends_on_its_program_seed_and_number_only(machine, languages, name) -> None:
    library, request = languages[name]
    data, parents = library.to_json(), drawn(machine, library, request, 4)
    together = machine.mutate(data, request, parents, seeds=[7, 8, 9], count=12)
    for parent, seed, answer in zip(parents, (7, 8, 9), together, strict=True):
        with type(machine)() as another:
            [first] = another.mutate(data, request, [parent], seeds=[seed], count=5)
            [rest] = another.mutate(data, request, [parent], seeds=[seed], first=5, count=7)
        assert first["mutants"] + rest["mutants"] == answer["mutants"]


def test_a_program_that_is_wrong_is_its_own_answer_only(machine, languages) -> None:
    library, request = languages["list"]
    programs = [
        "(lambda",
        "(lambda (cons $0 $0))",
        "(lambda (foo $0))",
        "(lambda ((lambda $0) $0))",
        "(lambda (cdr $0))",
    ]
    answers = machine.mutate(library.to_json(), request, programs, seeds=range(5))
    kinds = [answer.get("error", {}).get("kind") for answer in answers]
    assert kinds == ["parse", "type", "unknown_primitive", "type", None]


def test_a_parent_too_large_gets_mutants_that_are_not(machine, languages) -> None:
    library, request = languages["list"]
    parent = "(lambda (cons 1 (cons 1 (cons 1 (cons 1 (cons 1 $0))))))"
    [answer] = machine.mutate(library.to_json(), request, [parent], seeds=[1], count=50, max_size=5)
    assert all(nodes(mutant["program"]) <= 5 for mutant in answer["mutants"])
    assert len({mutant["program"] for mutant in answer["mutants"]}) > 5
