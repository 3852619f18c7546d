"""Programs as sequences of productions: what is a language of that kind, and reading and writing its programs."""

from __future__ import annotations

import dataclasses

import pytest
from psynth_karel.domain import Karel
from psynth_leaps.language import NotInLanguage, ProgramLanguage

from psynth.core.engines.lambda_machine import LambdaMachine
from psynth.core.errors import InputError
from psynth.core.stream.records import Library, Production
from psynth.plugins.registry import default_registry


def library(**types: str) -> Library:
    """A library of these productions."""
    productions = tuple(Production(name, kind, 0.0) for name, kind in types.items())
    return Library(domain="toy", productions=productions, log_variable=0.0)


def test_every_drawn_program_is_read_and_written_back() -> None:
    base = Karel().library("base")
    language = ProgramLanguage.of(base, "stmt")
    with LambdaMachine() as machine:
        programs = [each["program"] for each in machine.sample(base.to_json(), "stmt", seed=1, count=300)]
    for program in programs:
        numbers = language.read(program)
        assert language.write(numbers) == program
        assert all(
            language.allowed[place][number] for place, number in zip(language.contexts(numbers), numbers, strict=True)
        )


def test_abstractions_are_productions_like_others() -> None:
    base = Karel().library("leaps")
    learned = Production("fn_0", "cond -> stmt", -1.0, definition="(lambda (karel_while $0 move))")
    more = dataclasses.replace(base, productions=(*base.productions, learned), contextual=None)
    language = ProgramLanguage.of(more, "stmt")
    assert language.write(language.read("(karel_seq (fn_0 frontIsClear) turnLeft)")).startswith("(karel_seq (fn_0 ")


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("(karel_seq move)", "incomplete"),
        ("(move turnLeft)", "after the end of the program"),
        ("(karel_while move move)", "is not allowed"),
        ("(karel_seq (karel_seq move move) move)", "is not allowed"),
        ("(karel_while (karel_not (karel_not frontIsClear)) move)", "is not allowed"),
        ("(karel_repeat 20 move)", "'20' is not a production"),
        ("(lambda $0)", "'lambda' is not a production"),
    ],
)
def test_a_program_outside_the_language_is_refused_with_the_reason(program: str, why: str) -> None:
    with pytest.raises(NotInLanguage, match=why):
        ProgramLanguage.of(Karel().library("base"), "stmt").read(program)


@pytest.mark.parametrize(
    ("given", "request_type", "why"),
    [
        (library(one="int", map="(int -> int) -> int"), "int", "map takes an argument of type"),
        (library(one="int", id="t0 -> t0"), "int", "id is polymorphic"),
        (library(one="int"), "int -> int", "have variables"),
        (library(add="int -> int"), "int", "has no program"),
    ],
)
def test_other_languages_are_refused(given: Library, request_type: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        ProgramLanguage.of(given, request_type)


def test_lists_are_refused() -> None:
    with pytest.raises(InputError):
        ProgramLanguage.of(default_registry().domain("list").library(), "list(int) -> int")


def test_a_production_that_cannot_be_completed_is_forbidden() -> None:
    language = ProgramLanguage.of(library(zero="int", lost="void -> int", more="int -> int"), "int")
    assert [name for name, may in zip(language.names, language.allowed[0], strict=True) if may] == ["zero", "more"]
    assert language.least[0] == 1
