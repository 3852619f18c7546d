"""Grids as they are drawn: a difference shows what is wrong, whatever color is wanted there."""

from __future__ import annotations

from psynth_arc.drawing import OTHER, RIGHT, difference, draw, raster

from psynth.core.stream.records import Example, Task
from psynth.plugins.registry import default_registry


def test_a_wrong_cell_is_told_from_a_right_one_in_any_color() -> None:
    for color in range(10):
        wanted = [[color, 0], [1, color]]
        found = [[(color + 1) % 10, 0], [1, color]]
        wrong = difference(found, wanted)
        assert wrong == [[color, RIGHT], [RIGHT, RIGHT]]
        marks = draw(wrong).plain.split("\n")
        assert [line.split() for line in marks] == [[str(color), "·"], ["·", "·"]]
        pixels = raster([wrong])
        white = tuple(bytes.fromhex(OTHER[1:]))
        cells = [tuple(pixels[12 + 6 + 13 * row, 12 + 6 + 13 * column]) for row in range(2) for column in range(2)]
        assert [cell == white for cell in cells] == [False, True, True, True]
    assert difference([[1]], [[1]]) is None
    assert difference([[1]], [[1, 2]]) is None


def test_a_wrong_prediction_stands_beside_what_is_wanted_and_the_difference() -> None:
    task = Task("arc/x", "arc", "tgrid -> tgrid", (Example([[[1, 5]]], [[5, 5]]), Example([[[2]]], [[2]], "test")))
    domain = default_registry().domain("arc")
    shown = domain.views().animate(domain.library(), task, "(lambda $0)")
    assert shown is not None
    assert shown.title == "demonstration 0: input, prediction, wanted, difference"
    assert [frame.caption for frame in shown.frames] == ["wrong: 1 of 2 cells"]
    test = domain.views().animate(domain.library(), task, "(lambda $0)", held_out=True)
    assert test is not None
    assert (test.title, test.frames[0].caption) == ("test 0: input, prediction", "right")
