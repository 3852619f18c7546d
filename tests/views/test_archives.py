"""Archives as show and report draw them: the map, its figures, and the picture of elites at work."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from psynth.cli.main import main
from psynth.core.engines.archive import Elites
from psynth.core.stream.records import Archive, Dimension, Frontier, Program, Task
from psynth.views.archives import Bins, best_of_bins, bins_of_map

GRID = Archive("grid", (Dimension("x", 0.0, 3.0, 3), Dimension("y", 0.0, 2.0, 2)))


def filled(archive: Archive, *found: tuple[float, tuple[float, ...]]) -> Elites:
    elites = Elites(archive)
    for number, (gain, descriptor) in enumerate(found):
        program = Program(f"p{number}", "text", reward=gain, descriptor=descriptor)
        elites.offer(Frontier(Task("toy/1", "toy"), (program,)))
    return elites


def stream(path: Path, archive: Archive, *found: tuple[float, tuple[float, ...]]) -> str:
    lines = ['{"type":"header","psynth":1,"provenance":[]}', archive.encode().decode()]
    elites = filled(archive, *found)
    lines += [elite.line.decode() for elite in elites.all("toy/1")]
    path.write_text("\n".join([*lines, '{"type":"end","status":"complete"}']) + "\n")
    return str(path)


def test_show_draws_the_map_with_its_figures(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = stream(tmp_path / "a.jsonl", GRID, (0.0, (0.5, 0.5)), (7.0, (2.5, 0.5)), (3.5, (1.5, 1.5)))
    assert main(["show", path]) == 0
    shown = capfd.readouterr().out
    assert "▦ toy/1  grid, 3 cells of 6 (50.0%)" in shown
    assert "best 7  mean 3.5  QD score 10.5" in shown
    lines = [line.strip() for line in shown.splitlines()]
    # The upper row is that of the greater y; the best is the full bar, the least the lowest.
    assert "1 · ▅▅· " in [f"{line} " if line.endswith("·") else line for line in lines]
    assert "0 ▁▁· ██" in lines
    assert "right: x, up: y" in lines
    assert main(["show", "--only", "frontier", path]) == 0
    assert "▦" not in capfd.readouterr().out


def test_report_has_a_row_for_each_archive_and_none_for_its_elites(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = stream(tmp_path / "a.jsonl", GRID, (0.0, (0.5, 0.5)), (7.0, (2.5, 0.5)))
    assert main(["report", "--json", path]) == 0
    found = json.loads(capfd.readouterr().out)
    assert found["table"] == []
    assert found["archives"] == [
        {
            "archive": path,
            "task": "toy/1",
            "cells": 2,
            "of": 6,
            "coverage": 2 / 6,
            "best": 7.0,
            "mean": 3.5,
            "qd_score": 7.0,
        }
    ]
    assert main(["report", path]) == 0
    assert "33.3%" in capfd.readouterr().out


def test_a_map_has_the_best_of_each_square_whatever_the_other_dimensions() -> None:
    archive = Archive("grid", (*GRID.dimensions, Dimension("z", 0.0, 1.0, 10)))
    elites = filled(archive, (1.0, (0.5, 0.5, 0.1)), (2.0, (0.5, 0.5, 0.9)), (3.0, (2.5, 1.5, 0.5)))
    bins = bins_of_map(archive)
    best = best_of_bins(elites, "toy/1", bins[:2], [0, 1])
    assert {place: elite.gain for place, elite in best.items()} == {(0, 0): 2.0, (2, 1): 3.0}


@pytest.mark.parametrize("bins", [1, 31, 32, 33, 100, 1000])
def test_many_bins_are_drawn_together(bins: int) -> None:
    drawn = Bins.of(Dimension("x", 0.0, 1.0, bins), gridded=True)
    assert drawn.count <= 32
    assert (drawn.edges[0], drawn.edges[-1]) == (0.0, 1.0)
    assert [drawn.bin(value) for value in (-1.0, 0.0, 1.0, 2.0)] == [0, 0, drawn.count - 1, drawn.count - 1]


def test_the_picture_of_a_map_shows_elites_at_work(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    path = stream(tmp_path / "a.jsonl", GRID, (0.0, (0.5, 0.5)), (7.0, (2.5, 0.5)))
    target = tmp_path / "map.png"
    assert main(["show", "--map", str(target), path]) == 0
    picture = image.open(io.BytesIO(target.read_bytes())).convert("RGB")
    colors = {color for _, color in picture.getcolors(1 << 20)}
    # The colors of the least and of the greatest gain.
    assert {(0x44, 0x01, 0x54), (0xFD, 0xE7, 0x25)} <= colors
    first = target.read_bytes()
    assert main(["show", "--map", str(target), path]) == 0
    assert target.read_bytes() == first
    assert main(["show", "--map", str(tmp_path / "map.gif"), path]) == 2
    empty = tmp_path / "empty.jsonl"
    empty.write_text('{"type":"header","psynth":1,"provenance":[]}\n{"type":"end","status":"complete"}\n')
    assert main(["show", "--map", str(target), str(empty)]) == 2
    assert "there is no archive with elites in the stream" in capfd.readouterr().err
