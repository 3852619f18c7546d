"""Stitch's files: program lists and compression results, there and back."""

import json

import pytest
from psynth_formats.stitch import Stitch

from psynth.core.calculus.normal_forms import beta_normal, expand
from psynth.core.calculus.terms import parse_term
from psynth.core.errors import InputError
from psynth.core.stream.records import Frontier, Library, Production, Program
from tests.psynth_formats.toy_domain import context
from tests.shared_data import shared_data

RESULT = {
    "original": ["(f (g a a) (lam (g $0 $0)))", "(g b b)"],
    "rewritten": ["(f (fn_0 a) (lam (fn_0 $0)))", "(fn_1 b b)"],
    "abstractions": [
        {"name": "fn_0", "arity": 1, "body": "(g #0 #0)"},
        {"name": "fn_1", "arity": 2, "body": "g #0 #1"},
    ],
}


def read(*paths, **settings):
    return list(Stitch(**settings).read(paths, context()))


def texts(records):
    return [program.program for record in records if isinstance(record, Frontier) for program in record.programs]


def test_a_program_list_becomes_a_library_and_one_task_a_program(file):
    library, *frontiers = read(file(["(f (g é) 3)", "f a b", "a", "(lam (f $0 x->y))"]))
    assert [(each.name, each.type, each.log_weight) for each in library.productions] == [
        (name, "t0", 0.0) for name in ("f", "g", "é", "3", "a", "b", "x->y")
    ]
    assert library.domain == "untyped"
    assert [frontier.task.id for frontier in frontiers] == [f"untyped/{number:03}" for number in range(4)]
    assert [frontier.task.request for frontier in frontiers] == ["t0", "t0", "t0", "t0 -> t1"]
    assert texts(frontiers) == ["(f (g é) 3)", "(f a b)", "a", "(lambda (f $0 x->y))"]


def test_what_has_no_type_at_all_is_read_too(file):
    _, frontier = read(file(["(lambda ($0 $0))"]))
    assert frontier.task.request == "t0"


def test_a_domain_gives_types(file):
    library, first, second = read(file(["(lam (plus $0 zero))", "(each next nil)"]), domain="toy", prefix="x")
    assert [each.name for each in library.productions] == ["zero", "next", "plus", "each", "nil"]
    assert (second.task.id, second.task.request) == ("toy/x-001", "list(nat)")
    assert first.task.request == "nat -> nat"


def test_several_files_share_one_library_and_one_numbering(file):
    library, *frontiers = read(file(["(f a)"], "one.json"), file(["(g a)", "(f b)"], "two.json"))
    assert [each.name for each in library.productions] == ["f", "a", "g", "b"]
    assert [frontier.task.id for frontier in frontiers] == ["untyped/000", "untyped/001", "untyped/002"]


def test_there_and_back(file, export):
    records = read(file(["f (g a) 3", "(lam (f $0))"]))
    written = export(Stitch(), records)
    assert written == ["(f (g a) 3)", "(lambda (f $0))"]
    assert read(file(written)) == records


def test_inlined_abstractions_become_productions(file, export):
    library, *frontiers = records = read(file(["(#(lambda (f $0 $0)) a)", "(fn_0 #(lambda (f $0 $0)))"]))
    assert {each.name: each.definition for each in library.productions if each.definition} == {
        "fn_1": "(lambda (f $0 $0))"
    }
    assert texts(frontiers) == ["(fn_1 a)", "(fn_0 fn_1)"]
    assert export(Stitch(expand=True), records) == ["(f a a)", "(fn_0 (lambda (f $0 $0)))"]


def test_a_result_brings_its_abstractions(file, export):
    library, *frontiers = records = read(file(RESULT))
    assert {each.name: each.definition for each in library.productions if each.definition} == {
        "fn_0": "(lambda (g $0 $0))",
        "fn_1": "(lambda (lambda (g $1 $0)))",
    }
    assert texts(frontiers) == ["(f (fn_0 a) (lambda (fn_0 $0)))", "(fn_1 b b)"]
    definitions = {each.name: parse_term(each.definition) for each in library.productions if each.definition}
    assert [beta_normal(expand(parse_term(text), definitions)) for text in texts(frontiers)] == [
        parse_term(text) for text in RESULT["original"]
    ]
    written = export(Stitch(what="result"), records)
    assert written["rewritten"] == ["(f (fn_0 a) (lambda (fn_0 $0)))", "(fn_1 b b)"]
    assert written["original"] == ["(f (g a a) (lambda (g $0 $0)))", "(g b b)"]
    assert written["abstractions"] == [
        {"name": "fn_0", "arity": 1, "body": "(g #0 #0)", "dreamcoder": "#(lambda (g $0 $0))"},
        {"name": "fn_1", "arity": 2, "body": "(g #0 #1)", "dreamcoder": "#(lambda (lambda (g $1 $0)))"},
    ]
    assert read(file(written)) == records


def test_metavariables_under_lambdas_keep_their_meaning(file, export):
    body = "(lam (h #1 (lam (k #0 $0 $1 #1))))"
    abstraction = {"name": "fn_7", "arity": 2, "body": body}
    library, _ = records = read(file(RESULT | {"abstractions": [abstraction], "rewritten": ["(fn_7 a b)"]}))
    assert library.productions[-1].definition == "(lambda (lambda (lambda (h $1 (lambda (k $3 $0 $1 $2))))))"
    [written] = export(Stitch(what="result"), records)["abstractions"]
    # The body's own lambda cannot be told from a parameter: it comes back as one, which means the same.
    assert (written["arity"], written["body"]) == (3, "(h #1 (lambda (k #0 $0 #2 #1)))")


def test_abstractions_may_use_earlier_ones(file, export):
    abstractions = [
        {"name": "fn_0", "arity": 1, "body": "(g #0 #0)"},
        {"name": "fn_1", "arity": 0, "body": "(fn_0 (fn_0 a))"},
    ]
    records = read(file({"abstractions": abstractions, "rewritten": ["(f fn_1)"]}))
    assert export(Stitch(expand=True), records) == ["(f (g (g a a) (g a a)))"]
    assert export(Stitch(what="result"), records)["abstractions"][1]["dreamcoder"] == (
        "#(#(lambda (g $0 $0)) (#(lambda (g $0 $0)) a))"
    )


def test_best_writes_one_program_a_task(export):
    library = Library(domain="untyped", productions=(), log_variable=0.0)
    frontier = Frontier(task=None, programs=(Program(program="(f a)"), Program(program="(f b)")))
    assert export(Stitch(), [library, frontier]) == ["(f a)", "(f b)"]
    assert export(Stitch(best=True), [library, frontier]) == ["(f a)"]


def test_one_name_with_two_meanings_is_refused_unless_expanded(export):
    def part(definition):
        production = Production(name="fn_0", type="t0", log_weight=0.0, definition=definition)
        return [
            Library(domain="untyped", productions=(production,), log_variable=0.0),
            Frontier(task=None, programs=(Program(program="(g fn_0)"),)),
        ]

    with pytest.raises(InputError, match=r"two libraries of the stream define fn_0 differently.*--expand"):
        export(Stitch(), [*part("a"), *part("b")])
    assert export(Stitch(expand=True), [*part("a"), *part("b")]) == ["(g a)", "(g b)"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"file\.json: not JSON: the file is empty"),
        ({"f": 1}, r"the field 'abstractions' is missing"),
        (["(f a)", 3], r"\[1\]: expected text, found a number"),
        (["(f a)", "(f a"], r"\[1\]: .*not closed before the end at character 4"),
        (["(f a) (lam"], r"\[0\]: "),
        (["()"], r"\[0\]: .*nothing between the parentheses"),
        ([""], r"\[0\]: .*nothing to read"),
        (["(lam + 3 2)"], r"\[0\]: .*a lambda has one body"),
        (["(f $0)"], r"\[0\]: the variable \$0 is bound by no lambda"),
        ({"DSL": {}, "frontiers": []}, r"psynth import dreamcoder"),
        (RESULT | {"abstractions": [{"name": "fn_0", "arity": 1, "body": "(g #1)"}]},
         r"abstractions\[0\]\.body: #1 in an abstraction of arity 1"),
        (RESULT | {"abstractions": [{"name": "fn_0", "arity": "1", "body": "g"}]}, r"arity: expected a number"),
        (RESULT | {"abstractions": [{"name": "fn_0", "arity": -1, "body": "g"}]}, r"an arity must not be negative"),
        (RESULT | {"abstractions": [RESULT["abstractions"][0], RESULT["abstractions"][1] | {"name": "fn_0"}]},
         r"fn_0 is defined differently in"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_an_input_error_that_names_the_place(file, content, message):
    with pytest.raises(InputError, match=message) as caught:
        read(file(content))
    assert caught.value.source.endswith("file.json")


@pytest.mark.parametrize(
    "name", [*(f"cogsci-{n}" for n in ("bridge", "city", "dials", "furniture", "nuts-bolts", "wheels")), "python-10"]
)
def test_real_program_lists_come_back_as_they_were(name, file, export):
    path = shared_data(f"stitch/{name}.json")
    records = read(str(path))
    written = export(Stitch(), records)
    original = json.loads(path.read_text())
    assert [parse_term(text) for text in written] == [parse_term(text) for text in original]
    assert {each.type for each in records[0].productions} == {"t0"}
    assert read(file(written)) == records


def test_what_stitch_itself_writes_is_read(file, export):
    stitch_core = pytest.importorskip("stitch_core")
    original = [
        "(lam (map (lam (+ (f $0 $0) 1)) $0))",
        "(lam (map (lam (+ (f $0 $0) 2)) (g $0)))",
        "(lam (map (lam (+ (f $0 $0) 3)) (g (g $0))))",
    ]
    result = stitch_core.compress(original, iterations=3, max_arity=2, silent=True)
    assert result.json["abstractions"]
    records = read(file(result.json))
    assert len({each.name for each in records[0].productions if each.definition}) == len(result.json["abstractions"])
    assert export(Stitch(expand=True), records) == [str(parse_term(text)) for text in original]
    written = export(Stitch(what="result"), records)
    # Stitch takes the leading lambdas of a body for its own, where ours cannot be told from parameters.
    for ours, theirs in zip(written["abstractions"], result.json["abstractions"], strict=True):
        assert parse_term(ours["dreamcoder"]) is parse_term(theirs["dreamcoder"])
