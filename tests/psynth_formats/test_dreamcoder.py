"""DreamCoder's files: what is read, what is written, that nothing is lost between, and what wrong files say."""

import json
import math

import pytest
from psynth_formats.dreamcoder import DreamCoder
from psynth_formats.dreamcoder_grammar import add_grammar, grammar_library, grammar_terms
from psynth_formats.language import ImportedLanguage
from psynth_formats.located import read_located

from psynth.core.calculus.normal_forms import expand
from psynth.core.calculus.terms import parse_term
from psynth.core.calculus.types import parse_type
from psynth.core.errors import InputError, UsageError
from psynth.core.languages import grammar_of
from psynth.core.stream.records import Frontier, Library, Production, Program, Task
from tests.psynth_formats.toy_domain import context
from tests.shared_data import shared_data

NAT = {"constructor": "nat", "arguments": []}
NAT_TO_NAT = {"constructor": "->", "arguments": [NAT, NAT]}
TWICE = "#(lambda (plus $0 $0))"
FOUR_TIMES = f"#(lambda ({TWICE} ({TWICE} $0)))"
FILE = {
    "arity": 3,
    "DSL": {
        "logVariable": -0.5,
        "productions": [
            {"expression": FOUR_TIMES, "logProbability": -1.5},
            {"expression": "plus", "logProbability": -0.25},
            {"expression": TWICE, "logProbability": -2.0},
            {"expression": "zero", "logProbability": 0.0},
        ],
    },
    "frontiers": [
        {"request": NAT_TO_NAT, "task": "eight times", "programs": [
            {"program": f"(lambda ({TWICE} ({FOUR_TIMES} $0)))", "logLikelihood": 0.0},
            {"program": "(lambda (plus (next $0) #(plus zero)))", "logLikelihood": -3.5},
        ]},
        {"request": NAT, "name": "zero", "programs": []},
    ],
}  # fmt: skip


def read(path, **settings):
    return list(DreamCoder(**settings).read([path], context()))


def changed(**parts):
    return json.loads(json.dumps(FILE)) | parts


def test_a_file_becomes_a_library_and_frontiers(file):
    library, first, second = read(file(FILE))
    assert (library.domain, library.log_variable, library.continuation) == ("untyped", -0.5, None)
    rows = {each.name: (each.type, each.definition, each.log_weight) for each in library.productions}
    assert rows == {
        "plus": ("t0", None, -0.25),
        "zero": ("t0", None, 0.0),
        "next": ("t0", None, -math.inf),
        "fn_0": ("t0 -> t1", "(lambda (plus $0 $0))", -2.0),
        "fn_1": ("t0 -> t1", "(lambda (fn_0 (fn_0 $0)))", -1.5),
        "fn_2": ("t0", "(plus zero)", -math.inf),
    }
    assert list(rows) == ["plus", "zero", "next", "fn_0", "fn_1", "fn_2"]
    assert first.task == Task(
        id="untyped/000-eight-times",
        domain="untyped",
        request="nat -> nat",
        descriptions=("eight times",),
        meta={"name": "eight times"},
    )
    assert [(p.program, p.log_likelihood) for p in first.programs] == [
        ("(lambda (fn_0 (fn_1 $0)))", 0.0),
        ("(lambda (plus (next $0) fn_2))", -3.5),
    ]
    assert second == Frontier(
        task=Task(id="untyped/001-zero", domain="untyped", request="nat", descriptions=("zero",), meta={"name": "zero"})
    )


def test_a_domain_gives_types_to_primitives_and_abstractions(file):
    library, first, _ = read(file(FILE), domain="toy", prefix="p")
    types = {each.name: each.type for each in library.productions}
    assert types["plus"] == "nat -> nat -> nat"
    assert types["fn_1"] == "nat -> nat"
    assert first.task.id == "toy/p-000-eight-times"


def test_names_that_the_file_uses_are_not_taken(file):
    productions = [{"expression": name, "logProbability": 0} for name in ("fn_0", "fn_2", "plus", TWICE, FOUR_TIMES)]
    library, *_ = read(file(changed(DSL={"logVariable": 0, "productions": productions}, frontiers=[])))
    assert [each.name for each in library.productions] == ["fn_0", "fn_2", "plus", "fn_1", "fn_3"]


def test_what_was_read_is_written_again(file, export):
    records = read(file(FILE))
    written = export(DreamCoder(), records)
    assert {each["expression"]: each["logProbability"] for each in written["DSL"]["productions"]} == {
        each["expression"]: each["logProbability"] for each in FILE["DSL"]["productions"]
    }
    assert written["frontiers"][0] == FILE["frontiers"][0]
    assert read(file(written)) == records


def test_examples_and_a_continuation_type_survive(file, export):
    examples = [{"inputs": [1], "output": 2}]
    frontier = FILE["frontiers"][0] | {"examples": examples}
    content = changed(DSL=FILE["DSL"] | {"continuationType": NAT}, frontiers=[frontier])
    library, first = records = read(file(content))
    assert library.continuation == "nat"
    assert [(each.inputs, each.output) for each in first.task.examples] == [([1], 2)]
    assert export(DreamCoder(), records)["frontiers"][0]["examples"] == examples
    assert read(file(export(DreamCoder(), records))) == records


def contextual(arguments_of_plus: int = 2):
    names = [TWICE, "zero", "plus"]
    arguments = {"zero": 0, "plus": arguments_of_plus, TWICE: 1}

    def unigram(base: float):
        productions = [{"expression": name, "logProbability": base - n} for n, name in enumerate(names)]
        return {"logVariable": base, "productions": productions}

    tables = [
        {"program": name, "arguments": [unigram(-10.0 * n - i) for i in range(arguments[name])]}
        for n, name in enumerate(names)
    ]
    return {"noParent": unigram(-0.5), "variableParent": unigram(-0.75), "productions": tables}


def test_contextual_grammars_are_read_and_written(file, export):
    content = changed(DSL=contextual(), frontiers=FILE["frontiers"][1:])
    library, _ = records = read(file(content), domain="toy")
    assert [each.log_weight for each in library.productions] == [-1.5, -2.5, -0.5]
    assert library.contextual.variable.log_weights == (-1.75, -2.75, -0.75)
    assert library.contextual.productions["plus"][1].log_weights == (-22.0, -23.0, -21.0)
    assert library.contextual.productions["zero"] == ()
    assert export(DreamCoder(), records)["DSL"] == content["DSL"]


def test_what_a_contextual_grammar_never_proposes_is_still_in_the_library(file):
    content = changed(DSL=contextual(), frontiers=FILE["frontiers"][:1])
    library, _ = read(file(content), domain="toy")
    assert [each.name for each in library.productions] == ["zero", "plus", "next", "fn_0", "fn_1", "fn_2"]
    assert library.contextual.start.log_weights[2] == -math.inf
    assert len(library.contextual.productions["next"]) == 1
    assert {len(w.log_weights) for ws in library.contextual.productions.values() for w in ws} == {6}


def test_an_untyped_contextual_grammar_keeps_the_weights_of_the_start(file):
    library, _ = read(file(changed(DSL=contextual(), frontiers=FILE["frontiers"][1:])))
    assert library.contextual is None
    assert library.log_variable == -0.5
    assert [each.log_weight for each in library.productions] == [-1.5, -2.5, -0.5]


def test_the_last_library_is_the_grammar_and_programs_stand_without_names(export):
    def library(definition):
        productions = (
            Production(name="f", type="t0", log_weight=-1.0),
            Production(name="fn_0", type="t0", log_weight=0.0, definition=definition),
        )
        return Library(domain="untyped", productions=productions, log_variable=0.0)

    frontier = Frontier(
        task=Task(id="untyped/1", domain="untyped", request="t0"), programs=(Program(program="(f fn_0)"),)
    )
    written = export(DreamCoder(), [library("(f f)"), frontier, library("(f (f f))"), frontier])
    assert [each["programs"][0]["program"] for each in written["frontiers"]] == ["(f #(f f))", "(f #(f (f f)))"]
    assert [each["expression"] for each in written["DSL"]["productions"]] == ["#(f (f f))", "f"]


TASKS = [
    {"type": {"input": "list-of-int", "output": "int"}, "name": "len", "examples": [{"i": [1, 2], "o": 2}]},
    {"type": {"input": "int", "output": "list-of-bool"}, "name": "odd k=2", "examples": [{"i": 3, "o": [True]}]},
]


def test_list_tasks_are_read_and_written(file, export):
    path = file(TASKS)
    library, first, second = records = read(path, domain="toy")
    assert library.domain == "toy"
    assert (first.task.id, first.task.request) == ("toy/000-len", "list(int) -> int")
    assert (second.task.request, second.task.descriptions) == ("int -> list(bool)", ("odd k=2",))
    assert second.task.examples[0].inputs == [3]
    assert export(DreamCoder(what="tasks"), records) == TASKS


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", r"file\.json:1: not JSON: .* at column 2"),
        ("[1,\n 2", r"file\.json:2: not JSON"),
        ("3", r"expected a list of tasks, or an object with DSL and frontiers"),
        ({"DSL": 3, "frontiers": []}, r"DSL: expected an object, found a number"),
        ({"DSL": {"logVariable": 0, "productions": []}}, r"the field 'frontiers' is missing"),
        (changed(DSL={"productions": []}, frontiers=[]), r"DSL: the field 'logVariable' is missing"),
        (changed(frontiers=[{"request": NAT, "programs": [{"program": "(f"}]}]),
         r"frontiers\[0\]\.programs\[0\]\.program: .*not closed before the end at character 2"),
        (changed(frontiers=[{"request": NAT, "programs": [{"program": "(lambda $1)"}]}]), r"\$0 is bound by no lambda"),
        (changed(frontiers=[{"request": NAT, "programs": [{"program": "(lambda #(f $0))"}]}]),
         r"programs\[0\]\.program: an inlined abstraction has the unbound variable \$0"),
        (changed(frontiers=[{"request": {"arguments": []}, "programs": []}]),
         r"frontiers\[0\]\.request: a type is an object with constructor"),
        (changed(frontiers=[{"request": "nat ->", "programs": []}]), r"frontiers\[0\]\.request: "),
        (changed(frontiers=[{"request": {"index": -1}, "programs": []}]), r"frontiers\[0\]\.request: a type is"),
        (changed(frontiers=[{"request": NAT, "programs": [{"program": "f", "logLikelihood": "x"}]}]),
         r"logLikelihood: expected a log-probability"),
        (changed(DSL={"logVariable": 0, "productions": [{"expression": "(f g)", "logProbability": 0}]}),
         r"DSL\.productions\[0\]\.expression: a production is a name or an inlined abstraction"),
        (changed(DSL={"logVariable": 0, "productions": [{"expression": "f", "logProbability": 0}] * 2}),
         r"DSL\.productions\[1\]: the production f occurs twice in the grammar"),
        ([{"name": "x", "type": {"input": "int", "output": "tree"}, "examples": []}],
         r"\[0\]\.type\.output: unknown type 'tree'; known: int, "),
        ([{"name": "x", "type": {"input": "int"}, "examples": []}], r"\[0\]\.type: the field 'output' is missing"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_an_input_error_that_names_the_place(file, content, message):
    with pytest.raises(InputError, match=message) as caught:
        read(file(content))
    assert str(caught.value).startswith(f"{caught.value.source}:")
    assert caught.value.source.endswith("file.json")


def test_a_domain_that_lacks_a_primitive_says_so(file):
    content = changed(frontiers=[{"request": NAT, "programs": [{"program": "(minus zero)"}]}])
    with pytest.raises(InputError, match=r"programs\[0\]\.program: the domain 'toy' has no primitive 'minus'"):
        read(file(content), domain="toy")


def test_a_contextual_grammar_for_other_arguments_is_refused(file):
    with pytest.raises(InputError, match=r"productions\[2\]\.arguments: plus has 2 arguments, not 3"):
        read(file(changed(DSL=contextual(3), frontiers=[])), domain="toy")


def test_an_unknown_domain_is_a_usage_error(file):
    with pytest.raises(UsageError, match="unknown domain 'lists'"):
        read(file(FILE), domain="lists")


def test_a_missing_file_and_one_that_is_no_text_are_named(tmp_path):
    with pytest.raises(UsageError, match=r"nothing\.json: no such file"):
        read(str(tmp_path / "nothing.json"))
    (tmp_path / "bytes.json").write_bytes(b'["\xff"]')
    with pytest.raises(InputError, match=r"bytes\.json: not UTF-8 at byte 3"):
        read(str(tmp_path / "bytes.json"))
    (tmp_path / "deep.json").write_text("[" * 100_000)
    with pytest.raises(InputError, match="nested too deeply"):
        read(str(tmp_path / "deep.json"))


def test_what_cannot_be_written_is_refused(export):
    library = Library(domain="untyped", productions=(), log_variable=0.0)
    python = Program(program="x", language="python")
    with pytest.raises(InputError, match="python programs"):
        export(
            DreamCoder(),
            [library, Frontier(task=Task(id="untyped/1", domain="untyped", request="t0"), programs=(python,))],
        )
    with pytest.raises(InputError, match="programs without a task"):
        export(DreamCoder(), [library, Frontier(task=None)])
    with pytest.raises(InputError, match="the stream has the domains 'untyped' and 'toy'"):
        export(DreamCoder(), [library, Library(domain="toy", productions=(), log_variable=0.0)])
    with pytest.raises(InputError, match="one input and one output"):
        export(DreamCoder(what="tasks"), [library, Frontier(task=Task(id="a/1", domain="a", request="int"))])


REAL = [
    "dreamcoder-logo-iteration-1",
    "dreamcoder-origami-0-3",
    *(f"dreamcoder/{name}" for name in ("list", "logo", "physics", "text", "towers")),
]


@pytest.mark.parametrize("name", REAL)
def test_real_files_come_back_as_they_were(name, file, export):
    path = shared_data(f"stitch/{name}.json")
    original = json.loads(path.read_text())
    library, *frontiers = records = read(str(path))
    assert len(frontiers) == len(original["frontiers"])
    written = export(DreamCoder(), records)
    assert {each["expression"]: each["logProbability"] for each in written["DSL"]["productions"]} == {
        str(parse_term(each["expression"])): each["logProbability"] for each in original["DSL"]["productions"]
    }
    assert written["DSL"]["logVariable"] == original["DSL"]["logVariable"]
    assert written["DSL"].get("continuationType") == original["DSL"].get("continuationType")
    definitions = {p.name: parse_term(p.definition) for p in library.productions if p.definition}
    for before, after, frontier in zip(original["frontiers"], written["frontiers"], frontiers, strict=True):
        assert after["request"] == before["request"]
        assert after["task"] == before.get("task", before.get("name", frontier.task.id))
        assert len(after["programs"]) == len(before["programs"])
        for theirs, back, ours in zip(before["programs"], after["programs"], frontier.programs, strict=True):
            assert parse_term(back["program"]) is parse_term(theirs["program"])
            assert back.get("logLikelihood") == theirs.get("logLikelihood")
            assert "#" not in ours.program
            assert expand(parse_term(ours.program), definitions) is expand(parse_term(theirs["program"]), {})
    assert read(file(written)) == records
    assert export(DreamCoder(), read(file(written))) == written


LOGO = {
    "tangle": "logo_UA logo_ZA logo_epsA",
    "tlength": "logo_UL logo_ZL logo_epsL",
    "int": "logo_IFTY 0 1 2 3 4 5 6 7 8 9",
    "tangle -> int -> tangle": "logo_DIVA logo_MULA",
    "tlength -> int -> tlength": "logo_DIVL logo_MULL",
    "tangle -> tangle -> tangle": "logo_ADDA logo_SUBA",
    "tlength -> tangle -> turtle -> turtle": "logo_FWRT",
    "(turtle -> turtle) -> turtle -> turtle": "logo_PT logo_GETSET",
    "int -> (int -> turtle -> turtle) -> turtle -> turtle": "logo_forLoop",
}


def test_a_published_grammar_with_types_gives_the_published_programs():
    _, *frontiers = read(str(path := shared_data("stitch/dreamcoder-logo-iteration-1.json")))
    root = read_located(str(path))
    language = ImportedLanguage("untyped", context(), grammar_terms(root["DSL"]))
    names = [(name, kind) for kind, listed in LOGO.items() for name in listed.split()]
    language.include(Library("untyped", tuple(Production(name, kind, -math.inf) for name, kind in names), 0.0))
    add_grammar(root["DSL"], language)
    grammar = grammar_of(grammar_library(root["DSL"], language))
    programs = [(frontier, each.program) for frontier in frontiers for each in frontier.programs]
    assert len(programs) > 300
    for frontier, program in programs:
        assert grammar.log_prior(parse_term(program), parse_type(frontier.task.request)) > -math.inf
