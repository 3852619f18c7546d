"""LILO's files: frontiers, tasks, language and grammar are joined by name, and written again."""

import io
import json
from dataclasses import replace

import orjson
import pytest
from psynth_formats.lilo import Lilo

from psynth.core.errors import InputError
from psynth.core.stream.records import Contextual, Frontier, Library, Program, Task, Weights
from tests.psynth_formats.toy_domain import context
from tests.shared_data import shared_data

NAT = {"constructor": "nat", "arguments": []}
TWICE = "#(lambda (plus $0 $0))"
TASKS = [
    {"name": "re2_train_0_add_b", "examples": [[["a", "c"], ["a", "c", "b"]], [["x"], ["x", "b"]]]},
    {"name": "re2_train_1_same", "examples": [[["a"], ["a"]]]},
]
LANGUAGE = {"re2_train_0_add_b": ["add b", "put a b at the end"], "nobody": ["nothing"]}
FRONTIERS = {
    "_summary": {"n_tasks_solved": {"train": 1, "test": 0}},
    "train": {
        "re2_train_0_add_b": {
            "request": {"constructor": "->", "arguments": [NAT, NAT]},
            "task": "re2_train_0_add_b",
            "programs": [{"program": f"(lambda ({TWICE} $0))", "logLikelihood": 0.0, "origin": "recognition"}],
            "best_search_time": 2.5,
        }
    },
    "test": {"late": {"request": "nat", "task": "late", "programs": [], "best_search_time": None}},
}
GRAMMAR = {
    "logVariable": -1.0,
    "productions": [{"expression": "plus", "logProbability": -2.0}, {"expression": TWICE, "logProbability": -3.0}],
}


def read(*paths, **settings):
    return list(Lilo(**({"domain": "toy"} | settings)).read(paths, context()))


def test_files_are_joined_by_task_name(file):
    paths = [
        file(TASKS, "train/tasks.json"),
        file(LANGUAGE, "language.json"),
        file(FRONTIERS, "frontiers.json"),
        file(GRAMMAR, "laps_grammar.json"),
    ]
    library, *frontiers = read(*paths)
    assert library.log_variable == -1.0
    assert [(each.name, each.type, each.log_weight) for each in library.productions] == [
        ("plus", "nat -> nat -> nat", -2.0),
        ("fn_0", "nat -> nat", -3.0),
    ]
    first, second, third = (frontier.task for frontier in frontiers)
    assert first.id == "toy/000-re2_train_0_add_b"
    assert (first.request, first.split, first.descriptions) == ("nat -> nat", "train", ("add b", "put a b at the end"))
    assert [(each.inputs, each.output) for each in first.examples] == [(["ac"], "acb"), (["x"], "xb")]
    assert (second.request, second.split, second.descriptions) == ("tfullstr -> tfullstr", "train", ())
    assert (third.meta, third.split, third.request) == ({"name": "late"}, "test", "nat")
    [program] = frontiers[0].programs
    assert (program.program, program.log_likelihood, program.origin.by) == ("(lambda (fn_0 $0))", 0.0, "recognition")


def test_without_a_grammar_the_domains_own_library_counts(file):
    library, *_ = read(file(FRONTIERS))
    assert [each.name for each in library.productions] == ["zero", "next", "plus", "each", "fn_0"]
    assert [each.log_weight for each in library.productions] == [0.0, 0.0, 0.0, 0.0, -float("inf")]


def test_a_task_file_outside_a_split_folder_takes_its_split_from_the_frontiers_or_the_setting(file):
    _, first, second, third = read(file(TASKS, "any/tasks.json"), file(FRONTIERS))
    assert [frontier.task.split for frontier in (first, second, third)] == [None, "train", "test"]
    assert [frontier.task.meta["name"] for frontier in (second, third)] == ["re2_train_0_add_b", "late"]
    assert len(second.task.examples) == 2
    _, *frontiers = read(file(TASKS, "any/tasks.json"), split="test", request="a -> b")
    assert {(frontier.task.split, frontier.task.request) for frontier in frontiers} == {("test", "a -> b")}


def test_there_and_back(file, export):
    records = read(file(TASKS, "train/tasks.json"), file(LANGUAGE, "language.json"), file(FRONTIERS, "frontiers.json"))
    tasks, language, frontiers = (export(Lilo(what=what), records) for what in ("tasks", "language", "frontiers"))
    assert tasks[:2] == TASKS
    assert language["re2_train_0_add_b"] == LANGUAGE["re2_train_0_add_b"]
    assert frontiers["_summary"] == FRONTIERS["_summary"]
    assert frontiers["train"]["re2_train_0_add_b"]["programs"] == FRONTIERS["train"]["re2_train_0_add_b"]["programs"]
    paths = [file(tasks[:2], "train/tasks.json"), file(language, "l.json"), file(frontiers, "f.json")]
    assert read(*paths) == records


def test_weights_are_written_as_a_grammar(file, export):
    [library, *_] = read(file(GRAMMAR, "laps_grammar.json"))
    assert export(Lilo(what="grammar"), [library])["productions"] == GRAMMAR["productions"][::-1]
    weights = Weights((-2.0, -3.0), -1.0)
    bigrams = Contextual(weights, weights, {"plus": (weights, Weights((-4.0, -5.0), -6.0)), "fn_0": (weights,)})
    library = replace(library, contextual=bigrams)
    written = export(Lilo(what="grammar"), [library])
    assert written["productions"][1]["arguments"][1]["logVariable"] == -6.0
    [again] = read(file(written, "again.json"))
    assert again.contextual == bigrams


def test_bigram_weights_are_not_lost_without_a_word():
    weights, warned = Weights((), 0.0), []
    task = Frontier(Task(id="toy/1", domain="toy", request="nat"))
    for contextual in (None, Contextual(weights, weights, {})):
        library = Library(domain="toy", productions=(), log_variable=0.0, contextual=contextual)
        told = replace(context("export"), warn=warned.append)
        Lilo().write(iter([library, task]), io.BytesIO(), told)
    assert warned == ["the bigram weights of the library are not in the frontiers; --what grammar writes them"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("3", r"expected an object or a list, found a number"),
        ([{"examples": []}], r"\[0\]: the field 'name' is missing"),
        ([{"name": "x", "examples": [[["a"]]]}], r"\[0\]\.examples\[0\]: an example is an input and an output, not 1"),
        ([{"name": "x", "examples": [["a", "b"]]}], r"examples\[0\]\[0\]: expected a list, found text"),
        ({"name": "sentence"}, r"name: expected a list, found text"),
        ({"train": {"x": {"request": NAT}}}, r"train\.x: the field 'programs' is missing"),
        ({"train": {"x": {"request": NAT, "programs": [{"program": "(plus"}]}}},
         r"train\.x\.programs\[0\]\.program: .* at character 5"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_an_input_error_that_names_the_place(file, content, message):
    with pytest.raises(InputError, match=message) as caught:
        read(file(content))
    assert caught.value.source.endswith("file.json")


def test_what_cannot_be_written_is_refused(export):
    library = Library(domain="toy", productions=(), log_variable=0.0)
    task = Task(id="toy/1", domain="toy", request="nat", meta={"name": "x"})
    twice = [library, Frontier(task=task), Frontier(task=task)]
    with pytest.raises(InputError, match="two tasks have the name 'x'"):
        export(Lilo(), twice)
    with pytest.raises(InputError, match="two tasks have the name 'x'"):
        export(Lilo(what="language"), twice)
    with pytest.raises(InputError, match="programs without a task"):
        export(Lilo(), [library, Frontier(task=None, programs=(Program(program="zero"),))])


def test_real_tasks_come_back_as_they_were(file, export):
    path = shared_data("tasks/regex-test.jsonl")
    tasks = [Frontier.from_json(orjson.loads(line)) for line in path.read_bytes().splitlines()]
    library = Library(domain="regex", productions=(), log_variable=0.0)
    written = export(Lilo(what="tasks"), [library, *tasks])
    sentences = export(Lilo(what="language"), [library, *tasks])
    _, *frontiers = read(file(written, "test/tasks.json"), file(sentences, "l.json"), prefix="t")
    assert len(frontiers) == len(tasks) == len(json.loads(json.dumps(written)))
    for before, after in zip(tasks, frontiers, strict=True):
        assert after.task.examples == before.task.examples
        assert after.task.descriptions == before.task.descriptions
        assert after.task.split == "test"
