"""psynth sample draws what the library says, of every domain, the same for the same seed; and gives up audibly."""

from __future__ import annotations

import dataclasses
import math
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest
from psynth_search.draws import Draw
from psynth_search.sampling import Cheapest, DrawFromGrammar

from psynth.core.calculus.inference import infer
from psynth.core.calculus.terms import parse_term
from psynth.core.calculus.types import parse_type
from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.core.errors import InputError, UsageError
from psynth.core.languages import grammar_of
from psynth.core.stream.records import End, Frontier, Header, Library, Production, Record, Task
from psynth.plugins.method import Context
from psynth.plugins.registry import GROUP, Registry

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")

TILES = Path(__file__).resolve().parents[2] / "examples" / "plugin" / "src"


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    """The built-in plugins and the example of a third party's."""
    sys.path.insert(0, str(TILES))
    yield Registry([*entry_points(group=GROUP), EntryPoint("tiles", "psynth_example_tiles.plugin", GROUP)])
    sys.path.remove(str(TILES))


def drawn(records: list[Record], registry: Registry | None = None, seed: int = 0, method=DrawFromGrammar, **settings):
    """What the method makes of records, with an end after them; what it warns of as a list in the last place."""
    warnings: list[str] = []
    context = Context("sample", seed=seed, warn=warnings.append)
    if registry is not None:
        context = dataclasses.replace(context, registry=registry)
    output = list(method(**settings).run(iter([*records, End("complete")]), context))
    return [*output, warnings]


def programs(records: list[Record]) -> list[str]:
    return [program.program for record in records if isinstance(record, Frontier) for program in record.programs]


def asking(domain: str, *requests: str | None) -> list[Frontier]:
    return [Frontier(task=Task(f"{domain}/{n}", domain, request)) for n, request in enumerate(requests)]


CASES = [
    ("list", None, "list(int) -> list(int)"),
    ("regex", None, "tfullstr -> tfullstr"),
    ("karel", "leaps", "stmt"),
    ("tiles", None, "tile -> tile"),
    ("tiles", None, "(tile -> tile) -> int"),
]


@pytest.mark.parametrize(("name", "primitives", "request_type"), CASES)
def test_programs_of_any_domain_are_of_the_type_and_as_likely_as_said(name, primitives, request_type, registry):
    library = registry.domain(name).library(primitives)
    grammar, request = grammar_of(library), parse_type(request_type)
    header, first, *frontiers, end, warnings = drawn(
        [Header(), library, *asking(name, request_type, request_type)], registry, count=60
    )
    assert isinstance(header, Header)
    assert (first, end, warnings) == (library, End("complete"), [])
    assert len(frontiers) == 60
    for frontier in frontiers:
        [program] = frontier.programs
        assert frontier.task is None
        assert program.origin.by == "sample"
        term = parse_term(program.program)
        infer(term, grammar.types, request)
        assert program.log_prior == pytest.approx(grammar.log_prior(term, request), abs=1e-9)
        assert Draw(program.program, 0.0, 0).size == term.size


def choices(**weights: float) -> Library:
    """Terminals of type bit, as likely as said, and a function on them."""
    terminals = [Production(name, "bit", math.log(weight)) for name, weight in weights.items()]
    return Library("list", (*terminals, Production("flip", "bit -> bit", math.log(0.5))), -math.inf)


def test_draws_follow_the_weights():
    library = choices(zero=0.4, one=0.1)
    [_, *frontiers, _, _] = drawn([library], request=("bit",), count=20_000, max_depth=400)
    counts = Counter(program.program for frontier in frontiers for program in frontier.programs)
    priors = {program.program: program.log_prior for frontier in frontiers for program in frontier.programs}
    assert len(counts) > 10
    for text, count in counts.items():
        expected = 20_000 * math.exp(priors[text])
        assert abs(count - expected) < 5 * math.sqrt(expected) + 5, text


def test_a_larger_count_begins_with_a_smaller_one_and_seeds_differ():
    library = Registry().domain("karel").library()
    few, more = (programs(drawn([library], request=("stmt",), count=count)) for count in (30, 700))
    assert more[:30] == few
    assert len(more) == 700
    assert programs(drawn([library], request=("stmt",), count=30, seed=1)) != few


def test_types_are_those_asked_for_each_once_unless_given():
    library = Registry().domain("list").library()
    asked = asking("list", "int -> int", None, "int -> int", "list(int) -> int")
    types = grammar_of(library).types

    def count_of(records: list[Record], request: str) -> int:
        kind = parse_type(request)
        return sum(str(infer(parse_term(text), types, kind)) is not None for text in programs(records))

    two = drawn([library, *asked], count=5)
    assert len(programs(two)) == 10
    assert count_of([*two[:6]], "int -> int") == 5
    assert count_of([*two[6:]], "list(int) -> int") == 5
    [*_, warnings] = one = drawn([library, *asked], count=5, request=("int",))
    assert (len(programs(one)), count_of(one, "int"), warnings) == (5, 5, [])
    [only, _, warnings] = drawn([library], count=5)
    assert only == library
    assert "give --request TYPE" in warnings[0]


def test_each_program_stands_under_its_own_library():
    known = Registry()
    karel, numbers = known.domain("karel").library(), known.domain("list").library()
    other = dataclasses.replace(karel, log_variable=-1.0)
    asked = [karel, numbers, *asking("karel", "stmt"), *asking("list", "int -> int"), other, *asking("karel", "stmt")]
    for keep in (False, True):
        [*output, end, _] = drawn(asked, count=4, keep=keep)
        assert end == End("complete")
        library, under = None, Counter()
        for record in output:
            if isinstance(record, Library):
                library = record
            elif record.task is None:
                grammar_of(library)
                names = {production.name for production in library.productions}
                assert all(word in names or word[0] == "$" or word == "lambda" for word in words(record))
                under[library.domain, library.log_variable] += 1
        assert under == {("karel", 0.0): 4, ("list", 0.0): 4, ("karel", -1.0): 4}
        assert sum(record.task is not None for record in output if isinstance(record, Frontier)) == (3 if keep else 0)


def words(frontier: Frontier) -> list[str]:
    return frontier.programs[0].program.replace("(", " ").replace(")", " ").split()


def test_distinct_programs_until_there_are_no_more():
    library = choices(zero=0.4, one=0.1)
    small = {"request": ("bit",), "distinct": True, "max_size": 3}
    [_, *frontiers, end, warnings] = drawn([library], count=4, **small)
    assert sorted(programs(frontiers)) == ["(flip one)", "(flip zero)", "one", "zero"]
    assert (end.status, warnings) == ("complete", [])
    [_, *frontiers, end, warnings] = drawn([library], count=5, max_draws=300, **small)
    assert len(frontiers) == 4
    assert end.status == "budget"
    assert "4 programs from 300 draws, 5 were requested (--max-draws)" in warnings[0]
    assert "drawn before" in warnings[0]
    assert "too large" in warnings[0]


def test_a_list_cut_short_by_size_ends(monkeypatch):
    monkeypatch.setattr("psynth_search.sampling.DEFAULT_PROGRAMS", 50)
    small = {"method": Cheapest, "request": ("bit",), "max_size": 3}
    for count, listed in ((5, 55), (400, 450)):
        [_, *frontiers, end, warnings] = drawn([choices(zero=0.4, one=0.1)], count=count, **small)
        assert sorted(programs(frontiers)) == ["(flip one)", "(flip zero)", "one", "zero"]
        assert end.status == "budget"
        said = f"4 programs from {listed} programs listed, {count} were requested (--max-draws)"
        assert f"{said}; dropped {listed - 4} too large" in warnings[0]
    [_, *_, warnings] = drawn([choices(zero=0.4, one=0.1)], count=5, max_draws=9, **small)
    assert "4 programs from 9 programs listed" in warnings[0]


def test_distinct_is_by_what_the_domain_writes():
    library = Registry().domain("karel").library("leaps")
    karel = Registry().domain("karel")
    twice = programs(drawn([library], request=("stmt",), count=3000, max_depth=4))
    once = programs(drawn([library], request=("stmt",), count=3000, max_depth=4, distinct=True))
    assert len({karel.syntax().print(text) for text in twice}) < len(set(twice)) < 3000
    assert len({karel.syntax().print(text) for text in once}) == 3000


@pytest.mark.parametrize(
    ("library", "request_type", "error", "message"),
    [
        (choices(zero=1.0), "bit ->", UsageError, "--request: not a type"),
        (choices(zero=1.0), "tree", UsageError, "--request tree: 'tree' is no type of list"),
        (Library("list", (Production("a", "int ->", 0.0),), 0.0), "int", InputError, "production a: not a type"),
        (Library("list", (Production("f", "bit -> bit", 0.0),), 0.0), "bit", InputError, "no program of type bit"),
        (Library("nowhere", (Production("a", "int", 0.0),), 0.0), "int", InputError, "nowhere"),
    ],
)
def test_what_is_wrong_is_said_and_can_be_passed_over(library, request_type, error, message):
    with pytest.raises(error, match=message):
        drawn([library], request=(request_type,), count=3)
    if error is InputError:
        for keep in (True, False):
            told: list[InputError] = []

            def passed(problem: InputError, told=told, keep=keep) -> bool:
                told.append(problem)
                return keep

            context = Context("sample", bad_input=passed)
            method = DrawFromGrammar(request=(request_type,), count=3)
            output = list(method.run(iter([library, End("complete")]), context))
            assert programs(output) == []
            assert output[-1] == End("complete")
            assert len(told) == 1


def test_a_domain_without_demonstrations_says_so():
    library = Registry().domain("list").library()
    with pytest.raises(UsageError, match="'list' cannot make tasks for programs"):
        drawn([library], request=("int",), count=3, demonstrations=2)
