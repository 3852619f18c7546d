"""The words of tasks: of values, of grids, in prompts, and spelled where a model does not know them."""

from __future__ import annotations

import pytest
from psynth_arc.words import GridWords
from psynth_policy.reading import Reader
from psynth_policy.vocabulary import Vocabulary

from psynth.core.stream.records import Example, Task
from psynth.plugins.task_text import read_task_text, task_text
from psynth.plugins.task_words import TaskWords
from psynth.plugins.visible_task import VisibleTask


def test_values_are_words_of_their_json() -> None:
    assert TaskWords().value([3, -40, True, None, "a1", {"color": "red"}]) == (
        ["[", "3", "number", "'-", "'4", "'0", "true", "null", '"', "'a", "'1", '"', "{", '"color"', '"red"', "}", "]"]
    )


def test_equal_grids_have_equal_words_in_one_order() -> None:
    grid = [[0, 0, 3], [2, 0, 3]]
    assert GridWords().value(grid) == (["2x3", "background=0", "color=2", "1,0", "color=3", "0,2", "1,2"])
    # Of several most common colors, the least is the background.
    assert GridWords().value([[5, 1]]) == ["1x2", "background=1", "color=5", "0,0"]
    assert set(GridWords().value(grid)) <= set(GridWords().known)
    assert GridWords().value("no grid") == TaskWords().value("no grid")


def test_unknown_words_are_spelled_and_vocabularies_grow_at_their_end() -> None:
    vocabulary = Vocabulary.new(["a"], ["f", "$0"])
    assert len(vocabulary.task(["é"])) == 2
    grown = vocabulary.grown(["b", "a"], ["g", "f"])
    assert grown.entries[: len(vocabulary.entries)] == vocabulary.entries
    assert grown.program_words == ("f", "$0", "g")
    assert grown.program(["g", "f"]) == [len(vocabulary), vocabulary.program(["f"])[0]]  # type: ignore[index]
    assert vocabulary.program(["g"]) is None


def test_examples_are_shown_whole_as_long_as_they_fit() -> None:
    vocabulary = Vocabulary.new(TaskWords().known, ["f"])
    task = VisibleTask("d/1", "d", examples=tuple(Example([[number]], number) for number in range(4)))
    reader = Reader(TaskWords(), vocabulary, "examples", 10, 16)
    seen = reader.see(task)
    assert reader.input(seen) == [*seen.examples[0], *seen.examples[1], vocabulary.end]
    parent = reader.parent([7], [None, 2])
    assert reader.input(seen, parent=parent) == [
        vocabulary.mark("parent"), 7, *seen.examples[0], vocabulary.mark("result"), *reader.value(None), vocabulary.end
    ]  # fmt: skip


def test_a_description_is_read_only_where_asked_for() -> None:
    vocabulary = Vocabulary.new((*TaskWords().known, "add", "one"), ["f"])
    task = VisibleTask("d/1", "d", examples=(Example([1], 2),), descriptions=("Add one",))
    shown = {show: Reader(TaskWords(), vocabulary, show, 10, 100).see(task) for show in ("both", "description")}
    assert shown["both"].descriptions == (vocabulary.task(["add", "one"]),)
    assert (len(shown["both"].examples), len(shown["description"].examples)) == (1, 0)
    assert Reader(TaskWords(), vocabulary, "examples", 10, 100).see(task).descriptions == ()


@pytest.mark.parametrize("typed", [True, False])
def test_a_task_is_read_back_from_its_prompt(typed: bool) -> None:
    examples = (Example([[1, 2], "a = (b)"], [2]), Example([[], ""], {"x": [1.5, None]}), Example([[1] * 400, ""], 1))
    task = VisibleTask("list/1", "list", "list(int) -> int", examples, descriptions=("count them",))
    text = f"You write programs.\n{task_text(task, 'both', 5, function='f', typed=typed)}"
    found = read_task_text(text, "list")
    # The third example has a value that was cut.
    assert found.examples == examples[:2]
    assert found.descriptions == ("count them",)
    assert found.request == (task.request if typed else None)
    assert isinstance(found, Task)
