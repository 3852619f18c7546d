"""The logo domain: its pictures are the published ones, its figures differ, and drawings are judged by pictures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from psynth_logo.behavior import Ink
from psynth_logo.domain import Logo
from psynth_logo.figures import FAMILIES
from psynth_logo.pictures import SIDE, Pixels, picture, pixels_of
from psynth_logo.tasks import figures
from psynth_logo.turtles import length, turn

from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.core.engines.leases import default_engines
from psynth.core.errors import InputError
from psynth.plugins import Budget, Example, Frontier, Job, Outcome, Task
from tests.pipeline_command import psynth, records, stream
from tests.shared_data import shared_data

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")

DOMAIN = Logo()
LIBRARY = DOMAIN.library()
REQUEST = "turtle -> turtle"
TOLERANCE = 16
"""The greatest difference of two pixels of equal pictures, as docs/domains/logo.md says."""
SQUARE = "(lambda (logo_forLoop 4 (lambda (lambda (logo_FWRT logo_UL (logo_DIVA logo_UA 4) $0))) $0))"


def outcomes(*programs: str) -> list[Outcome]:
    """The outcome of each program."""
    with DOMAIN.evaluator(LIBRARY, Budget()) as evaluator:
        answers = evaluator.run_all([Job(program, [()], REQUEST) for program in programs])
    assert all(isinstance(answer, list) for answer in answers)
    return [answer[0] for answer in answers if isinstance(answer, list)]


def drawn(program: str) -> Pixels:
    """The pixels that a program draws."""
    [outcome] = outcomes(program)
    assert outcome.status == "ok", outcome.message
    return pixels_of(outcome.value)


def task(pixels: Pixels, name: str = "task") -> Task:
    """The task of a picture."""
    return Task(f"logo/{name}", "logo", REQUEST, (Example([], picture(pixels)),))


def differences(left: Sequence[Pixels], right: Sequence[Pixels]) -> Any:
    """The differences of the pixels of pictures, as an array with a row for each pair."""
    flat = [np.array(each, dtype=int).reshape(len(each), -1) for each in (left, right)]
    return np.abs(flat[0] - flat[1])


def published(split: str) -> list[dict[str, Any]]:
    """The published drawings of a split: frontiers with the program that made the picture."""
    return [json.loads(line) for line in shared_data(f"tasks/logo-{split}.jsonl").read_text().splitlines()]


def image_of(frontier: dict[str, Any]) -> Any:
    return frontier["task"]["examples"][0]["output"]


# ---- pictures -----------------------------------------------------------------------------------------------------


def test_published_pictures_within_the_stated_difference() -> None:
    frontiers = published("train") + published("test")
    wanted = [pixels_of(image_of(frontier)) for frontier in frontiers]
    answers = outcomes(*(frontier["programs"][0]["program"] for frontier in frontiers))
    ours = [pixels_of(answer.value) for answer in answers]
    apart = differences(ours, wanted)
    assert apart.max() == TOLERANCE
    assert apart.mean() < 0.04
    assert len({str(each) for each in ours}) == len({str(each) for each in wanted}) == 237


def test_published_programs_solve_their_tasks_and_no_other() -> None:
    frontiers = published("test")
    tasks = [task(pixels_of(image_of(frontier)), str(number)) for number, frontier in enumerate(frontiers)]
    programs = [frontier["programs"][0]["program"] for frontier in frontiers]
    with DOMAIN.evaluator(LIBRARY, Budget()) as evaluator:
        verdicts = evaluator.judge([(each, programs) for each in tasks])
    pictures = [image_of(frontier) for frontier in frontiers]
    for number, row in enumerate(verdicts):
        assert [verdict.solved for verdict in row] == [pictures[number] == each for each in pictures]


def test_pictures_are_equal_within_the_tolerance_in_every_judge() -> None:
    pixels = drawn(SQUARE)
    y, x = next((y, x) for y in range(SIDE) for x in range(SIDE) if 20 < pixels[y][x] < 200)
    lighter, darker, far = ([list(row) for row in pixels] for _ in range(3))
    lighter[y][x] -= TOLERANCE
    darker[y][x] += TOLERANCE
    far[y][x] += TOLERANCE + 1
    tasks = [task(lighter, "lighter"), task(darker, "darker"), task(far, "far")]
    with DOMAIN.evaluator(LIBRARY, Budget()) as evaluator:
        verdicts = evaluator.judge([(each, [SQUARE]) for each in tasks])
    assert [verdict.solved for [verdict] in verdicts] == [True, True, False]
    given = stream(*({"type": "frontier", **Frontier(each).to_json()} for each in tasks))
    found = records(psynth("enumerate", "--max-cost", "17", input=given).stdout, "frontier")
    assert [each["search"]["status"] for each in found] == ["solved", "solved", "budget"]


def test_a_local_search_judges_by_pictures() -> None:
    """In the machine, one step from a program that draws two sides."""
    pixels = drawn(SQUARE)
    y, x = next((y, x) for y in range(SIDE) for x in range(SIDE) if 20 < pixels[y][x] < 200)
    pixels[y][x] += TOLERANCE
    start = SQUARE.replace("logo_forLoop 4", "logo_forLoop 2")
    example = {"inputs": [], "output": picture(pixels)}
    with default_engines().lambda_machine() as machine:
        words = {"right": 0, "seed": 0, "count": 1000}
        found = machine.improve(LIBRARY.to_json(), REQUEST, start, [example], **words)["found"]
    assert found is not None
    assert found["right"] == 1
    assert differences([drawn(found["program"])], [pixels]).max() == TOLERANCE


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ("(logo_FWRT (logo_MULL logo_UL 9) logo_ZA $0)", "ok", ""),
        ("(logo_FWRT (logo_MULL logo_UL 10) logo_ZA $0)", "error", "the drawing is larger than the canvas"),
        ("(logo_PT (lambda (logo_FWRT (logo_MULL logo_UL 10) logo_ZA $0)) $0)", "ok", ""),
        ("(logo_FWRT (logo_DIVL logo_UL 0) logo_ZA $0)", "error", "division by zero"),
        ("(logo_forLoop 10000 (lambda (lambda (logo_FWRT logo_ZL logo_epsA $0))) $0)", "ok", ""),
        (
            "(logo_forLoop 10001 (lambda (lambda (logo_FWRT logo_ZL logo_epsA $0))) $0)",
            "fuel",
            "more steps than allowed",
        ),
        ("(logo_forLoop 999999999999 (lambda (lambda $0)) $0)", "fuel", "more steps than allowed"),
    ],
)
def test_limits_of_a_drawing(body: str, status: str, message: str) -> None:
    [outcome] = outcomes(f"(lambda {body})")
    assert (outcome.status, outcome.message) == (status, message)


@pytest.mark.parametrize(
    "output",
    [
        None,
        [],
        {"image": []},
        {"image": ["00" * SIDE] * (SIDE - 1)},
        {"image": ["0g" * SIDE] * SIDE},
        {"image": [0] * SIDE},
    ],
)
def test_what_is_no_picture_is_refused(output: Any) -> None:
    given = Task("logo/wrong", "logo", REQUEST, (Example([], output),))
    with DOMAIN.evaluator(LIBRARY, Budget()) as evaluator, pytest.raises(InputError):
        evaluator.check_task(given)
    with pytest.raises(InputError):
        pixels_of(output)


# ---- tasks ----------------------------------------------------------------------------------------------------------


def test_figures_have_names_sentences_and_pictures_of_their_own() -> None:
    everything = [figure for family in FAMILIES for figure in family()]
    assert max(Counter(figure.name for figure in everything).values()) == 1
    assert max(Counter(figure.sentence for figure in everything).values()) == 1
    settings = replace(DOMAIN.TaskSettings(), split="all")
    tasks = list(DOMAIN.tasks(settings, 0))
    assert len(tasks) == len(everything) == len(figures("train")) + len(figures("test"))
    assert 50 < len(figures("test")) < len(figures("train"))
    pictures = [pixels_of(each.examples[0].output) for each in tasks]
    assert all(any(map(any, pixels)) for pixels in pictures)
    flat = np.array(pictures, dtype=np.int16).reshape(len(pictures), -1)
    for number in range(1, len(flat)):
        apart = np.abs(flat[:number] - flat[number]).max(axis=1)
        assert apart.min() > TOLERANCE, f"{tasks[number].id} and {tasks[int(apart.argmin())].id}"


def test_both_splits_have_every_family() -> None:
    for split in ("train", "test"):
        names = {figure.name for figure in figures(split)}
        assert all(names & {figure.name for figure in family()} for family in FAMILIES)


def test_numbers_are_as_simple_as_they_can_be() -> None:
    written = [length(Fraction(n, d)) for n, d in ((0, 1), (1, 1), (3, 1), (1, 2), (3, 20))]
    assert written == [
        "logo_ZL",
        "logo_UL",
        "(logo_MULL logo_UL 3)",
        "(logo_DIVL logo_UL 2)",
        "(logo_MULL logo_epsL 3)",
    ]
    assert turn(Fraction(-1, 4)) == "(logo_SUBA logo_ZA (logo_DIVA logo_UA 4))"
    assert turn(Fraction(2, 5)) == "(logo_MULA (logo_DIVA logo_UA 5) 2)"


# ---- searches -------------------------------------------------------------------------------------------------------


COUNTED = stream({"type": "frontier", "task": {**task([[255] * SIDE] * SIDE).to_json()}, "programs": []})


@pytest.mark.parametrize(("merge", "programs"), [("--no-merge", 11_430), ("--merge", 966)])
def test_programs_below_15_nats(merge: str, programs: int) -> None:
    done = psynth("enumerate", "--max-cost", "15", merge, "--exhaustive", input=COUNTED)
    [found] = records(done.stdout, "frontier")
    assert (found["search"]["programs"], found["search"]["max_cost"]) == (programs, 15)


def test_merged_terms_solve_the_same_tasks_with_programs_as_cheap() -> None:
    given = stream(*({**frontier, "programs": []} for frontier in published("train")))
    words = ("enumerate", "--max-cost", "17.5", "--exhaustive", "--max-frontier", "1")
    plain, merged = (
        records(psynth(*words, merge, input=given).stdout, "frontier") for merge in ("--no-merge", "--merge")
    )

    def costs(frontiers: list[dict[str, Any]]) -> list[list[float]]:
        return [[each["log_prior"] for each in frontier["programs"]] for frontier in frontiers]

    assert costs(plain) == costs(merged)
    assert sum(map(bool, costs(merged))) > 10


def test_drawings_are_the_same_for_any_number_of_jobs() -> None:
    tasks = psynth("tasks", "logo", "--count", "6").stdout
    words = ("enumerate", "--max-cost", "15")
    alone, together = (psynth(*words, "-j", jobs, input=tasks).stdout for jobs in ("1", "2"))
    assert records(alone, "frontier") == records(together, "frontier")
    assert any(frontier["programs"] for frontier in records(alone, "frontier"))
    evaluated = [psynth("evaluate", "--outputs", "-j", jobs, input=alone).stdout for jobs in ("1", "2")]
    assert records(evaluated[0], "frontier") == records(evaluated[1], "frontier")


# ---- views and behavior ---------------------------------------------------------------------------------------------


def test_ink_and_symmetry() -> None:
    behavior = Ink()
    square, line, nothing = outcomes(SQUARE, "(lambda (logo_FWRT (logo_MULL logo_UL 9) logo_ZA $0))", "(lambda $0)")
    ink, symmetry = behavior.of([square]) or (0, 0)
    assert symmetry == 1
    assert ink == pytest.approx(4 * 0.225 / 81, rel=0.1)
    assert behavior.of([line]) == (pytest.approx(9 * 0.225 / 81, rel=0.1), 1)
    assert behavior.of([nothing]) == (0, 1)
    left = [[255] * 14 + [0] * 14] * SIDE
    assert behavior.of([Outcome("ok", picture(left))]) == (0.5, 0)
    assert behavior.of([Outcome("error")]) is None


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (
            "(lambda (logo_FWRT (logo_MULL logo_UL 20) logo_ZA $0))",
            "status error: the drawing is larger than the canvas",
        ),
        ("(lambda (logo_FWRT logo_UL (logo_DIVA logo_UA 0) $0))", "status error: division by zero"),
        ("(lambda (lambda $0))", "the program takes 2 arguments, 0 given"),
    ],
)
def test_a_program_that_fails_says_why(program: str, message: str) -> None:
    assert message in psynth("evaluate", "-d", "logo", "-e", program, status=3).stderr.decode()


def test_views_draw_tasks_and_programs() -> None:
    views = DOMAIN.views()
    given = task(drawn(SQUARE))
    drawing = views.draw_task(given).plain.split("\n")
    assert len(drawing) == SIDE // 2
    assert all(len(line) == SIDE for line in drawing)
    assert views.format_value(given.examples[0].output) == "a picture, 1.1 % ink"
    [wanted] = views.animate(LIBRARY, given, None).frames  # type: ignore[union-attr]
    [ours] = views.animate(LIBRARY, given, SQUARE).frames  # type: ignore[union-attr]
    assert (wanted.raster() == ours.raster()).all()
    assert wanted.raster().shape == (8 * SIDE, 8 * SIDE, 3)
    assert wanted.raster()[112:120, 96:104].max() == 255
    with pytest.raises(InputError, match="only instance 0"):
        views.animate(LIBRARY, given, None, instance=1)
