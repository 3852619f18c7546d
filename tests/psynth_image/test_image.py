"""The domain ``image``: rules, rewards, both languages, seeds and what is shown."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from psynth_image.behavior import Tint
from psynth_image.domain import Image
from psynth_image.judging import target_of
from psynth_image.pixels import from_text, read_pixels, to_text
from psynth_image.seeds import LAMBDA_SEEDS, PYTHON_SEEDS
from psynth_image.targets import PAINTS, TARGETS, target

from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.plugins import Budget, InputError, Task, TaskSettings, Verdict
from tests.sandbox_layers import missing

pytestmark = [
    pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built"),
    pytest.mark.skipif(bool(missing("user", "mount")), reason=str(missing("user", "mount"))),
]

DOMAIN = Image()
SOLUTIONS = {
    "circle": "(paint (less 100.0 (add (mul (sub across 16.0) (sub across 16.0)) "
    "(mul (sub down 16.0) (sub down 16.0)))) black yellow)",
    "gradient": "(image (mul 8.0 across) 0.0 (mul 8.0 down))",
    "diagonal": "(paint (less down across) yellow black)",
    "stripes": "(paint (less (mod across 8.0) 4.0) blue white)",
}
CIRCLE = """\
import numpy as np

def draw():
    y, x = np.mgrid[:32, :32]
    picture = np.zeros((32, 32, 3), dtype=np.uint8)
    picture[(x - 16) ** 2 + (y - 16) ** 2 <= 100] = [255, 255, 0]
    return picture
"""


def task(name: str = "circle") -> Task:
    """The task of a picture."""
    return Task(f"image/{name}", "image", "image", environment={"target": name})


def judged(language: str, *programs: str, on: Task | None = None) -> list[Verdict]:
    """The verdicts on programs."""
    with DOMAIN.evaluator(DOMAIN.library(), Budget(seconds=10.0), language=language) as evaluator:
        [verdicts] = evaluator.judge([(on or task(), programs)])
    return verdicts


def test_the_published_target_by_hand() -> None:
    circle = target("circle")
    assert circle.shape == (32, 32, 3)
    assert [circle[16, 26].tolist(), circle[16, 27].tolist()] == [[255, 255, 0], [0, 0, 0]]
    assert int((circle.sum(axis=2) > 0).sum()) == 317  # the points of integers in a circle of radius 10
    assert len({target(name).tobytes() for name in PAINTS}) == len(PAINTS) == 8


def test_terms_and_python_draw_the_targets() -> None:
    for name, term in SOLUTIONS.items():
        [verdict] = judged("lambda", term, on=task(name))
        assert (verdict.solved, verdict.score, verdict.reward) == (True, 1.0, 0.0), name
    [verdict] = judged("python", CIRCLE)
    assert (verdict.solved, verdict.reward) == (True, 0.0)


def test_rewards_and_descriptors_by_hand() -> None:
    flat = "def draw(): return [[[255, 0.6, 0]] * 32] * 32"
    [verdict] = judged("python", flat)
    yellow = 317 / 1024
    # Red is right in the circle, green nearly so outside of it.
    wanted = (255 * (1 - yellow) + 254 * yellow + 1 * (1 - yellow)) / 3
    assert verdict.reward == pytest.approx(-wanted)
    assert verdict.score == pytest.approx(1 - wanted / 255)
    assert Tint().of(verdict.outputs) == (255.0, 1.0, 0.0)
    [same] = judged("lambda", "(image 255.0 1.0 (sub 0.0 8.0))")
    assert (same.reward, same.outputs[0].value) == (verdict.reward, verdict.outputs[0].value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("None", "the picture is not a list of 32 rows"),
        ("[[[0, 0, 0]] * 32] * 31", "the picture has 31 rows, not 32"),
        ("[[[0, 0, 0]] * 32] * 31 + [[[0, 0, 0]] * 33]", "row 31 has 33 pixels, not 32"),
        ("[[[0, 0, 0]] * 32] * 31 + [[[0, 0]] * 32]", "pixel 0 of row 31 has 2 numbers, not 3"),
        ("[[[0, 0, 255.5]] * 32] * 32", "pixel 0 of row 0 has something else than numbers from 0 to 255"),
        ("[[[0, 0, 1]] * 31 + [[0, 0, True]]] * 32", "pixel 31 of row 0 has something else than numbers from 0 to 255"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
def test_what_is_no_picture_is_worse_than_any(value: str, message: str) -> None:
    wrong, worst = judged("python", f"def draw(): return {value}", "def draw(): return [[[255, 255, 255]] * 32] * 32")
    assert (wrong.status, wrong.message, wrong.reward, wrong.solved) == ("error", message, -255.0, False)
    assert wrong.gain < worst.gain
    assert Tint().of(wrong.outputs) is None


def test_a_field_that_is_not_finite_is_an_error() -> None:
    [verdict] = judged("lambda", "(image (mod across 0.0) 0.0 0.0)")
    assert (verdict.status, verdict.reward) == ("error", -255.0)
    assert "not finite" in (verdict.message or "")


@pytest.mark.parametrize("language", ["python", "lambda"])
def test_all_seeds_are_pictures_and_none_is_a_target(language: str) -> None:
    seeds = {"python": PYTHON_SEEDS, "lambda": LAMBDA_SEEDS}[language]
    every = list(DOMAIN.tasks(TaskSettings(split="all"), 0))
    assert len(every) == len(PAINTS)
    verdicts = judged(language, *seeds.values())
    assert [verdict.status for verdict in verdicts] == ["ok"] * len(seeds)
    assert len({Tint().of(verdict.outputs) for verdict in verdicts}) == len(seeds)
    drawn = [verdict for name in TARGETS["test"] for verdict in judged(language, *seeds.values(), on=task(name))]
    assert not any(verdict.solved for verdict in (*verdicts, *drawn))


def test_pictures_as_texts_and_lists_are_the_same() -> None:
    pixels = np.arange(3072).reshape(32, 32, 3) % 256
    assert (from_text(to_text(pixels)) == pixels).all()
    assert (read_pixels(pixels.tolist()) == pixels).all()


def test_what_is_shown() -> None:
    from rich.console import Console

    views = DOMAIN.views()
    [frame] = views.animate(DOMAIN.library(), task("diagonal"), SOLUTIONS["diagonal"], language="lambda").frames  # type: ignore[union-attr]
    out = io.StringIO()
    Console(file=out, width=40, color_system=None).print(frame.draw())
    lines = out.getvalue().splitlines()
    assert (len(lines), lines[0][:4], lines[15][30:]) == (16, " ▀██", " ▀")
    raster: Any = frame.raster()
    assert (raster.shape, raster.dtype.name) == ((256, 256, 3), "uint8")
    assert (raster[::8, ::8] == target("diagonal")).all()
    [wanted] = views.animate(DOMAIN.library(), task(), None).frames  # type: ignore[union-attr]
    assert (wanted.raster()[::8, ::8] == target("circle")).all()
    with pytest.raises(InputError, match="ZeroDivisionError"):
        views.animate(DOMAIN.library(), task(), "def draw(): return 1 / 0", language="python")


def test_a_task_without_a_picture_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"environment\.target: expected one of circle"):
        target_of(Task("image/x", "image", environment={"target": "mona-lisa"}))
    assert json.dumps(sorted(PAINTS)) == json.dumps(sorted({*TARGETS["train"], *TARGETS["test"]}))
