"""The domain ``sodarace``: seeds, rewards, what is no walker, both languages, pictures."""

from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path
from typing import Any

import pytest
from psynth_sodarace.behavior import Build
from psynth_sodarace.domain import SPLITS, Sodarace, SodaraceTaskSettings
from psynth_sodarace.machine import constants
from psynth_sodarace.primitives import PRIMITIVES
from psynth_sodarace.seeds import LAMBDA_SEEDS, PYTHON_SEEDS
from psynth_sodarace.walkers import read_walker

from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.plugins import Budget, InputError, Outcome, Task, Verdict
from tests.psynth_command import Psynth

pytest.importorskip("psynth._native", reason="the Rust extension is not built (make setup)")

DOMAIN = Sodarace()
EVERY = list(DOMAIN.tasks(SodaraceTaskSettings(split="all", milliseconds=1000), 0))
FLAT = EVERY[0]
HOBBLER = '{"joints": [[0, 0], [4, 0], [2, 3]], "muscles": [[0, 1], [1, 2], [2, 0, {"amplitude": 8, "phase": 0.25}]]}'


def judged(language: str, *programs: str, task: Task = FLAT, jobs: int = 1) -> list[Verdict]:
    """The verdicts on programs."""
    with DOMAIN.evaluator(DOMAIN.library(), Budget(seconds=10.0), language=language, jobs=jobs) as evaluator:
        [verdicts] = evaluator.judge([(task, programs)])
    return verdicts


@pytest.mark.parametrize(("language", "seeds"), [("python", PYTHON_SEEDS), ("lambda", LAMBDA_SEEDS)])
def test_every_seed_is_valid_and_in_the_map_on_every_terrain(language: str, seeds: dict[str, str]) -> None:
    with DOMAIN.evaluator(DOMAIN.library(), Budget(seconds=10.0), language=language) as evaluator:
        answers = evaluator.judge([(task, list(seeds.values())) for task in EVERY])
    for task, verdicts in zip(EVERY, answers, strict=True):
        for name, verdict in zip(seeds, verdicts, strict=True):
            assert (verdict.status, verdict.log_likelihood) == ("ok", None), (task.id, name, verdict.message)
            assert verdict.reward is not None
            assert verdict.score == pytest.approx(verdict.reward / (verdict.reward + 10))
            descriptor = DOMAIN.behavior().of(verdict.outputs)
            assert descriptor is not None
            for value, axis in zip(descriptor, Build().axes, strict=True):
                assert axis.low <= value <= axis.high, (name, axis.name)
    assert all(verdict.reward for verdict in answers[0]), "a seed does not move on flat ground"


def test_the_seven_named_seeds_are_there() -> None:
    assert [*PYTHON_SEEDS] == ["square", "radial", "cppn-fixed", "cppn-mutable", "runner", "wheel", "galloper"]
    assert {terrain for split in SPLITS.values() for terrain in split} == set(constants().terrains)


def test_both_languages_make_the_same_walker() -> None:
    def program(language: str) -> str:
        return PYTHON_SEEDS["radial"] if language == "python" else LAMBDA_SEEDS["radial"]

    measures = [judged(language, program(language))[0].outputs[0].value for language in ("python", "lambda")]
    for name in ("height", "width", "mass"):
        assert measures[0][name] == pytest.approx(measures[1][name], abs=1e-5)


def test_a_motionless_walker_earns_nothing_wherever_it_stands() -> None:
    still = [
        f'def make_walker(): return {{"joints": [[{x}, 7], [{x + 6.8}, 7]], "muscles": [[0, 1]]}}' for x in (0, -50)
    ]
    for verdict in judged("python", *still):
        assert (verdict.status, verdict.reward, verdict.score) == ("ok", 0.0, 0.0)


def test_moved_walkers_earn_the_same_and_jobs_change_nothing() -> None:
    moved = [
        f"def make_walker():\n    walker = {HOBBLER}\n"
        f"    return {{**walker, 'joints': [[x + {by}, y - {by}] for x, y in walker['joints']]}}"
        for by in (0, 1024, -333.25)
    ]
    verdicts = judged("python", *moved)
    assert len({verdict.reward for verdict in verdicts}) == 1
    assert verdicts[0].reward
    assert judged("python", *moved, jobs=2) == verdicts


@pytest.mark.parametrize(
    ("walker", "message"),
    [
        ("None", "a walker is"),
        ("[]", "a walker is"),
        ('{"joints": []}', "a walker is"),
        ('{"joints": 5, "muscles": []}', "joints are not a list"),
        ('{"joints": [[0, 0]] * 10**4, "muscles": []}', "more than 64"),
        ('{"joints": [[0, 0], [1, 0]], "muscles": [[0, 1]] * 300}', "more than 256"),
        ('{"joints": [[0, 0, 0], [1, 0]], "muscles": [[0, 1]]}', "joint 0"),
        ('{"joints": [[0, "0"], [1, 0]], "muscles": [[0, 1]]}', "joint 0"),
        ('{"joints": [[0, True], [1, 0]], "muscles": [[0, 1]]}', "joint 0"),
        ('{"joints": [[0, 10**400], [1, 0]], "muscles": [[0, 1]]}', "too large"),
        ('{"joints": [[0, 0], [1e300, 0]], "muscles": [[0, 1]]}', "joint 1"),
        ('{"joints": [[0, float("nan")], [1, 0]], "muscles": [[0, 1]]}', ""),
        ('{"joints": [[0, 0], [1, 0]], "muscles": [[0]]}', "muscle 0"),
        ('{"joints": [[0, 0], [1, 0]], "muscles": [[0, -1]]}', "muscle 0"),
        ('{"joints": [[0, 0], [1, 0]], "muscles": [[0, 1.0]]}', "muscle 0"),
        ('{"joints": [[0, 0], [1, 0]], "muscles": [[0, 10**30]]}', "muscle 0"),
        ('{"joints": [[0, 0], [1, 0]], "muscles": [[0, 1, 3]]}', "muscle 0"),
        ('{"joints": [[0, 0], [1, 0]], "muscles": [[0, 1, {"speed": 3}]]}', "muscle 0"),
        ('{"joints": [[0, 0], [1, 0]], "muscles": [[0, 1, {"kind": "rope"}]]}', "neither"),
        ('{"joints": [[0, 0], [1, 0]], "muscles": [[0, 1, {"kind": "bone", "amplitude": 1}]]}', "bone"),
        ('{"joints": [[0, 0], [1, 0]], "muscles": [[0, 1, {"amplitude": -1e9}]]}', "amplitude"),
        ('{"joints": [[0, 0], [1e5, 0]], "muscles": [[0, 1]]}', "wide"),
        ('{"joints": [[0, 0], [0, 0]], "muscles": [[0, 1]]}', "shorter"),
        ('{"joints": [[0, 0], [1, 0], [2, 0]], "muscles": [[0, 1]]}', "joint 2"),
    ],
)
def test_what_is_no_walker_earns_nothing_and_says_why(walker: str, message: str) -> None:
    [verdict] = judged("python", f"def make_walker(): return {walker}")
    assert (verdict.status, verdict.reward, verdict.log_likelihood) == ("error", None, -math.inf)
    assert verdict.message
    assert message in verdict.message
    assert DOMAIN.behavior().of(verdict.outputs) is None


@pytest.mark.parametrize(
    ("environment", "field"),
    [
        (None, "terrain"),
        ({"terrain": "moon", "milliseconds": 5}, "terrain"),
        ({"terrain": "flat", "milliseconds": 0}, "milliseconds"),
        ({"terrain": "flat", "milliseconds": 10**9}, "milliseconds"),
        ({"terrain": "flat"}, "milliseconds"),
    ],
)
@pytest.mark.parametrize("language", ["python", "lambda"])
def test_a_task_without_a_terrain_is_an_error(environment: dict[str, Any] | None, field: str, language: str) -> None:
    with pytest.raises(InputError, match=rf"environment\.?.*{field}"):
        judged(language, task=Task("sodarace/x", "sodarace", "walker", environment=environment))


@pytest.mark.parametrize(
    ("term", "joints", "muscles"),
    [
        ("(link (joint 0.0 0.0) (joint 3.0 0.0) bone)", 2, 1),
        ("(triangle bone bone (muscle 5.0 0.5))", 3, 3),
        ("(both (triangle bone bone bone) (move (joint 5.0 0.0) (triangle bone bone bone)))", 6, 6),
        ("(both (triangle bone bone bone) (scale 1.0 (triangle bone bone bone)))", 3, 3),
        ("(both (triangle bone bone bone) (mirror (triangle bone bone bone)))", 5, 6),
        ("(turn 0.5 (triangle bone bone bone))", 3, 3),
        ("(path 4 (lambda (polar 5.0 (div (real $0) (real 4)))) (lambda bone))", 4, 4),
        ("(repeat 4 (lambda (link (joint 0.0 0.0) (polar 5.0 (div (real $0) (real 4))) (muscle 1.0 0.0))))", 5, 4),
        ("(brace 2.0 (lambda (lambda bone)) (path 3 (lambda (joint (real $0) 0.0)) (lambda bone)))", 4, 5),
        ("(iterate 2 (lambda (both $0 (move (joint 5.0 0.0) $0))) (triangle bone bone bone))", 9, 9),
        (
            "(fold 3 (lambda (lambda (both $0 (link (joint (real $1) 0.0) (joint (add (x-of (joint (real $1) 0.0)) "
            "1.0) (y-of (joint 1.0 2.0))) bone)))) (link (joint 0.0 0.0) (joint 0.0 1.0) bone))",
            7,
            4,
        ),
    ],
)
def test_building_blocks(term: str, joints: int, muscles: int) -> None:
    with DOMAIN.evaluator(DOMAIN.library(), Budget()) as evaluator:
        [outcome] = evaluator.run(term, "walker", [[]])
    assert outcome.status == "ok", outcome.message
    found = read_walker(outcome.value)
    assert (len(found[0]), len(found[1])) == (joints, muscles)


def test_loops_and_walkers_are_bounded() -> None:
    wide = "(repeat 8 (lambda (repeat 8 (lambda (link (joint (real $0) (real $1)) (joint (real $0) 0.25) bone)))))"
    terms = [
        "(repeat (times 8 (times 8 2)) (lambda (triangle bone bone bone)))",
        wide,
        "(path (plus 1 1) (lambda bone))",
    ]
    endless, large, wrong = judged("lambda", *terms)
    assert endless.message is not None
    assert "128 rounds" in endless.message
    assert large.message is not None
    assert "more than 64 joints" in large.message
    assert wrong.rejected is not None


def test_every_primitive_is_documented_and_used_here_or_in_a_seed() -> None:
    docs = DOMAIN.primitive_docs()
    functions = {each.name for each in PRIMITIVES if callable(each.function)}
    assert functions == docs.keys()
    text = Path(__file__).read_text() + "".join(LAMBDA_SEEDS.values())
    unused = {name for name in functions if f"({name} " not in text}
    assert unused <= {"shift", "sub", "cos"}


def test_a_walker_is_animated_in_both_languages() -> None:
    task = EVERY[-1]
    for language, program in (("python", PYTHON_SEEDS["runner"]), ("lambda", LAMBDA_SEEDS["triangles"])):
        animation = DOMAIN.views().animate(DOMAIN.library(), task, program, language=language)
        assert animation is not None
        first, last = animation.frames[0], animation.frames[-1]
        [verdict] = judged(language, program, task=task)
        assert verdict.reward is not None
        assert first.caption == "0.0 s, settling"
        assert f"1.0 s, moved {verdict.outputs[0].value['displacement']:+.2f}" == last.caption
        drawn = [frame.draw().plain for frame in (first, last)]
        assert drawn[0] != drawn[1]
        assert {len(text.splitlines()) for text in drawn} == {len(drawn[0].splitlines())}
    with pytest.raises(InputError, match="only instance 0"):
        DOMAIN.views().animate(DOMAIN.library(), task, None, instance=1)
    for program, why in (("def make_walker(): return 1", "a walker is"), ("1 / 0", "ZeroDivisionError")):
        with pytest.raises(InputError, match=why):
            DOMAIN.views().animate(DOMAIN.library(), task, program, language="python")


def test_the_picture_shows_the_walker_and_the_wall() -> None:
    pytest.importorskip("PIL")
    task = next(each for each in EVERY if each.id.endswith("right-wall"))
    animation = DOMAIN.views().animate(DOMAIN.library(), task, "(triangle bone (muscle 5.0 0.5) (muscle 5.0 0.25))")
    assert animation is not None
    pixels = animation.frames[-1].raster()
    from psynth_sodarace.raster import EARTH, JOINT

    assert (pixels[:, -1] == EARTH).all()
    assert not (pixels[0, 0] == EARTH).any()
    assert (pixels == JOINT).all(axis=-1).sum() > 20


@pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")
def test_the_commands(tmp_path: Path) -> None:
    run = Psynth(tmp_path)

    def psynth(*words: str) -> subprocess.CompletedProcess[str]:
        return run(*words, env={"PSYNTH_PLUGINS": "sodarace,list"})

    seeded = psynth("tasks", "sodarace", "--seeds", "python", "--milliseconds", "500")
    (tmp_path / "seeded.jsonl").write_text(seeded.stdout)
    one, two = (psynth("evaluate", "--descriptors", "-j", jobs, "seeded.jsonl").stdout for jobs in "12")
    frontiers = [[json.loads(line) for line in text.splitlines() if '"frontier"' in line] for text in (one, two)]
    assert frontiers[0] == frontiers[1]
    programs = frontiers[0][0]["programs"]
    assert len(programs) == 7
    assert all(program["language"] == "python" and len(program["descriptor"]) == 3 for program in programs)
    assert [program["reward"] for program in programs] == sorted((each["reward"] for each in programs), reverse=True)
    for domain, language, has in (("sodarace", "text", "python, lambda"), ("list", "lambda", "none at all")):
        refused = psynth("tasks", domain, "--seeds", language)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert f"has no seed programs in {language}; it has {has}" in refused.stderr


def test_behavior_of_failures() -> None:
    assert Build().of([Outcome("error", message="no")]) is None
    assert Build().of([]) is None
