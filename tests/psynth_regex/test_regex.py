"""The regex domain: its task generator is deterministic, telling and split cleanly, and its tasks can be solved."""

import os
import random
import re
import subprocess
import sys

import pytest
from psynth_regex.domain import Regex, RegexTaskSettings
from psynth_regex.edits import ACTIONS, ANY, CONSONANT, POSITIONS, VOWEL, Edit, Letters, draw_edit
from psynth_regex.tasks import draw_examples
from psynth_regex.words import pronounceable

from psynth.core.calculus.types import parse_type
from psynth.plugins.evaluator import Budget

ANYWHERE, START, END = POSITIONS
REPLACE, BEFORE, AFTER, REMOVE, DOUBLE = ACTIONS
B, C = Letters("b", "a b"), Letters("c", "a c")
BC = Letters("bc", "a b or a c")

# An edit, its English, and a program over the standard primitives that does it.
SOLVED = [
    (
        Edit(END, (ANY,), AFTER, "t"),
        "if the word ends with any letter, add t after it",
        "(lambda (_rflatten (_rappend _t (_rsplit _rdot $0))))",
    ),
    (
        Edit(START, (ANY,), BEFORE, "qu"),
        "if the word starts with any letter, add q and then u before it",
        "(lambda (_rflatten (cons _q (cons _u (_rsplit _rdot $0)))))",
    ),
    (
        Edit(START, (ANY,), REMOVE, ""),
        "if the word starts with any letter, remove it",
        "(lambda (_rflatten (cdr (_rsplit _rdot $0))))",
    ),
    (
        Edit(ANYWHERE, (B,), REPLACE, "x"),
        "wherever there is a b, put x in its place",
        "(lambda (_rflatten (map (lambda (if (_rmatch _b $0) _x $0)) (_rsplit _b $0))))",
    ),
    (
        Edit(ANYWHERE, (B, C), DOUBLE, ""),
        "wherever there is a b followed by a c, double it",
        "(lambda (_rflatten (map (lambda (if (_rmatch (_rconcat _b _c) $0) (_rconcat $0 $0) $0))"
        " (_rsplit (_rconcat _b _c) $0))))",
    ),
    (
        Edit(ANYWHERE, (BC,), BEFORE, "z"),
        "wherever there is a b or a c, add z before it",
        "(lambda (_rflatten (map (lambda (if (_rmatch (_ror _b _c) $0) (_rconcat _z $0) $0))"
        " (_rsplit (_ror _b _c) $0))))",
    ),
    (
        Edit(END, (B,), REMOVE, ""),
        "if the word ends with a b, remove it",
        "(lambda (if (_rmatch _b (_rtail (_rsplit _b $0))) (_rflatten (_rrevcdr (_rsplit _b $0))) $0))",
    ),
]


def test_the_same_seed_gives_the_same_tasks_and_another_seed_others():
    first, again, other = (list(Regex().tasks(RegexTaskSettings(split="all", count=50), seed)) for seed in (0, 0, 1))
    assert first == again
    assert [task.id for task in first] == [task.id for task in other]
    assert first[0].examples != other[0].examples


def test_a_count_is_a_prefix():
    more = list(Regex().tasks(RegexTaskSettings(count=60), 0))
    assert list(Regex().tasks(RegexTaskSettings(count=20), 0)) == more[:20]
    assert len(list(Regex().tasks(RegexTaskSettings(), 0))) == 200


def test_tasks_do_not_depend_on_the_hash_seed():
    script = (
        "import json; from psynth_regex.domain import Regex, RegexTaskSettings as S;"
        "print(json.dumps([t.to_json() for t in Regex().tasks(S(split='all', count=30), 7)]))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_splits_share_no_edit_under_any_seed():
    train, test = (
        {
            task.descriptions[0]
            for seed in range(4)
            for task in Regex().tasks(RegexTaskSettings(split=split, count=150), seed)
        }
        for split in ("train", "test")
    )
    assert train.isdisjoint(test)


def test_every_task_is_well_formed_and_no_two_of_a_split_are_the_same():
    tasks = list(Regex().tasks(RegexTaskSettings(split="all", count=150), 3))
    assert len({task.id for task in tasks}) == 300
    assert len({task.descriptions for task in tasks}) == 300
    for task in tasks:
        assert str(parse_type(task.request)) == "tfullstr -> tfullstr"
        assert len(task.examples) == (30 if task.split == "train" else 6)
        words = [example.inputs[0] for example in task.examples]
        assert len(set(words)) == len(words)
        assert all(re.fullmatch("[a-z]{1,40}", word) for word in words)
        assert all(re.fullmatch("[a-z]{1,120}", example.output) for example in task.examples)


def test_at_least_half_of_the_words_change_and_not_all_unless_every_word_matches():
    rng = random.Random(0)
    for _ in range(300):
        edit = draw_edit(rng, "train")
        pairs = draw_examples(edit, examples=30, rng=rng)
        changed = sum(word != edited for word, edited in pairs)
        assert changed == 30 if edit.always else 15 <= changed < 30, edit.describe()


def test_every_position_pattern_and_action_is_drawn():
    rng = random.Random(1)
    edits = [draw_edit(rng, "train") for _ in range(2000)]
    assert {edit.position for edit in edits} == set(POSITIONS)
    assert {edit.action for edit in edits} == set(ACTIONS)
    assert {(VOWEL,), (CONSONANT,), (ANY,)} <= {edit.pattern for edit in edits}
    assert {len(edit.pattern) for edit in edits} == {1, 2}
    assert any(len(place.members) == 2 for edit in edits for place in edit.pattern)


@pytest.mark.parametrize(("edit", "sentence", "program"), SOLVED)
def test_edits_say_what_they_do(edit, sentence, program):
    assert edit.describe() == sentence
    assert edit.split in ("train", "test")
    assert program.count("(") == program.count(")")


def test_edits_at_the_three_positions():
    assert Edit(ANYWHERE, (B,), REPLACE, "x")("bobby") == "xoxxy"
    assert Edit(START, (B,), REPLACE, "x")("bobby") == "xobby"
    assert Edit(END, (B,), REPLACE, "x")("bobby") == "bobby"
    assert Edit(END, (CONSONANT,), DOUBLE, "")("bobby") == "bobbyy"
    assert Edit(ANYWHERE, (VOWEL, ANY), REMOVE, "")("banana") == "ba"


def test_words_are_lower_case_letters():
    rng = random.Random(2)
    words = [pronounceable(rng) for _ in range(500)]
    assert all(re.fullmatch("[a-z]+", word) for word in words)
    assert len(set(words)) > 450
    assert any(letter in VOWEL.members for letter in "".join(words))


def test_primitive_sets_have_the_documented_sizes_and_no_repetition():
    for name, summary in Regex.primitive_sets.items():
        names = Regex.primitives[name]
        assert len(set(names)) == len(names)
        assert f"({len(names)} primitives)" in summary


@pytest.mark.usefixtures("lambda_machine")
class TestInTheLambdaMachine:
    """What needs the λ-machine: types of primitives, and programs that solve tasks."""

    @pytest.mark.parametrize("primitive_set", Regex.primitive_sets)
    def test_the_machine_knows_every_primitive(self, primitive_set):
        library = Regex().library(primitive_set)
        assert [production.name for production in library.productions] == list(Regex.primitives[primitive_set])
        for production in library.productions:
            assert str(parse_type(production.type)) == production.type

    @pytest.mark.parametrize(("edit", "sentence", "program"), SOLVED)
    def test_hand_written_programs_do_the_edits(self, edit, sentence, program):
        pairs = draw_examples(edit, examples=40, rng=random.Random(sentence))
        with Regex().evaluator(Regex().library(), Budget()) as evaluator:
            outcomes = evaluator.run(program, "tfullstr -> tfullstr", [[word] for word, _ in pairs])
        assert [outcome.value for outcome in outcomes] == [edited for _, edited in pairs]

    def test_the_identity_is_right_on_the_words_that_stay_and_solves_no_task(self):
        tasks = list(Regex().tasks(RegexTaskSettings(split="all", count=40), 5))
        with Regex().evaluator(Regex().library(), Budget()) as evaluator:
            verdicts = evaluator.judge([(task, ["(lambda $0)"]) for task in tasks])
        for task, [verdict] in zip(tasks, verdicts, strict=True):
            unchanged = sum(example.inputs == [example.output] for example in task.examples)
            assert verdict.score == pytest.approx(unchanged / len(task.examples))
            assert verdict.log_likelihood != 0
