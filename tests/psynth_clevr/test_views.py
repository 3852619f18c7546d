"""Scenes on the terminal and as pictures: every object is seen, answers stand out, and failures are said."""

from __future__ import annotations

import io
import random
from dataclasses import replace
from typing import Any

import pytest
from psynth_clevr.domain import Clevr
from psynth_clevr.drawing import MARKS, described, draw, positions
from psynth_clevr.scenes import REACH, Scene, Thing, draw_attributes, placed, related, to_json
from rich.console import Console

from psynth.core.errors import InputError
from psynth.core.stream.records import Frontier
from psynth.plugins import Example, Task
from psynth.plugins.registry import Registry
from psynth.views.rendering import View, frontier_view

SET = "list(tclevrobject)"


def scene(seed: int = 0) -> Scene:
    rng = random.Random(seed)
    return placed(draw_attributes(rng), rng)


def task(output: Any, given: Scene) -> Task:
    return Task("clevr/a", "clevr", f"{SET} -> {SET}", (Example([to_json(given)], output),), descriptions=("Find it.",))


def test_each_object_is_on_the_map_and_in_words() -> None:
    for seed in range(20):
        given = scene(seed)
        lines = draw(given).plain.splitlines()
        seen, words = "\n".join(lines[:11]), lines[11:]
        assert len(words) == len(given)
        for thing, line in zip(given, words, strict=True):
            assert line.endswith(described(thing))
            mark = line.split(" ")[0]
            assert mark[0] == MARKS[thing.attributes["shape"], thing.attributes["material"]]
            assert (mark[1:] == str(thing.id)) == (thing.attributes["size"] == "large")
            assert mark in seen


def test_objects_at_one_place_are_all_drawn() -> None:
    attributes = draw_attributes(random.Random(1))
    sides = related([(0, 0)] * len(attributes))
    crowd = tuple(Thing(place, each, sides[place], (0, 0)) for place, each in enumerate(attributes))
    seen = draw(crowd).plain
    assert sum(seen.count(mark) for mark in MARKS.values()) == 2 * len(crowd)


def test_without_places_the_order_is_that_of_the_relations() -> None:
    given = scene(3)
    bare = [Thing(each.id, each.attributes, each.sides) for each in given]
    for axis in (0, 1):
        by_place = sorted(range(len(given)), key=lambda number: positions(given)[number][axis])
        by_relations = sorted(range(len(given)), key=lambda number: positions(bare)[number][axis])
        assert by_place == by_relations
    assert all(abs(each) <= REACH for place in positions(bare) for each in place)


@pytest.mark.usefixtures("machine")
def test_a_program_is_played_with_what_it_finds() -> None:
    pytest.importorskip("PIL")
    given, views = scene(), Clevr().views()
    asked = task(to_json(given[:1]), given)
    right = views.animate(Clevr().library(), asked, None).frames[0]
    assert right.caption == f"Find it. 0 {described(given[0])}"
    found = views.animate(Clevr().library(), asked, "(lambda (clevr_add (clevr_car $0) clevr_empty))").frames[0]
    assert found.caption == right.caption
    nothing = views.animate(Clevr().library(), asked, "(lambda clevr_empty)").frames[0]
    assert nothing.caption == "Find it. nothing"
    assert found.raster().shape == (320, 480, 3)
    assert (found.raster() == right.raster()).all()
    assert (found.raster() != nothing.raster()).any()
    failing = "(lambda (clevr_add (clevr_car clevr_empty) $0))"
    assert "the null object is in no set" in views.animate(Clevr().library(), asked, failing).frames[0].caption
    with pytest.raises(InputError, match="no instance 1"):
        views.animate(Clevr().library(), asked, None, instance=1)


def test_values_are_written_in_words() -> None:
    views, [first, *_] = Clevr().views(), scene()
    assert views.format_value(True) == "yes"
    assert views.format_value(3) == "3"
    assert views.format_value("red") == "red"
    assert views.format_value([]) == "nothing"
    assert views.format_value({}) == "{}"
    assert views.format_value(first.to_json()) == f"{first.id} {described(first)}"
    assert views.draw_task(task(1, ())) is not None
    assert views.draw_task(Task("clevr/b", "clevr", "int -> int", (Example([1], 1),))) is None


@pytest.mark.parametrize(("examples", "drawn"), [(0, 0), (1, 1), (4, 4), (9, 5)])
def test_as_many_scenes_are_drawn_as_asked_for(examples: int, drawn: int) -> None:
    given = scene()
    asked = replace(task(1, given), examples=(Example([to_json(given)], 1),) * 5)
    output = io.StringIO()
    Console(file=output, width=400).print(frontier_view(Frontier(asked), View(examples=examples), Registry(), {}))
    assert output.getvalue().count("↦ 1") == drawn
