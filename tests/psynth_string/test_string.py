"""The domain ``string``: letters and numbers, what is no vector, and that evolution spells a word."""

from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psynth_string.domain import STARTS, String
from psynth_string.letters import ALPHABET, numbers_of, word_of

from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.plugins import Budget, InputError, Task, Verdict
from tests.psynth_command import Psynth

DOMAIN = String()
AB = Task("string/x", "string", environment={"target": "aZ"})


def judged(task: Task, *programs: str) -> list[Verdict]:
    """The verdicts on programs."""
    with DOMAIN.evaluator(DOMAIN.library(), Budget()) as evaluator:
        [verdicts] = evaluator.judge([(task, programs)])
    return verdicts


@given(st.text(ALPHABET, min_size=1, max_size=20), st.floats(-0.5, 0.499))
def test_a_letter_has_its_interval_and_the_middle_is_best(word: str, shift: float) -> None:
    moved = [number + shift for number in numbers_of(word)]
    assert word_of(moved) == word
    middle, beside = judged(
        Task("string/x", "string", environment={"target": word}), json.dumps(numbers_of(word)), json.dumps(moved)
    )
    assert (middle.solved, middle.score, middle.reward) == (True, 1.0, 0.0)
    assert beside.solved
    assert beside.reward == pytest.approx(-abs(shift) * len(word))


def test_rewards_and_descriptors_by_hand() -> None:
    [verdict] = judged(AB, "[1.5, 52]")
    assert (verdict.solved, verdict.reward, verdict.score) == (False, -1.5, 1 / 1.75)
    assert verdict.outputs[0].value == {"word": "bZ", "numbers": [1.5, 52.0]}
    assert DOMAIN.behavior().of(verdict.outputs) == (26.75, 25.25)


@pytest.mark.parametrize("program", ["[1]", "[1, 2, 3]"])
def test_a_vector_of_another_length_is_worse_than_every_other(program: str) -> None:
    wrong, worst = judged(AB, program, "[52, 0]")
    assert (wrong.status, wrong.solved, wrong.message) == (
        "error",
        False,
        f"the vector has {len(json.loads(program))} numbers, not 2",
    )
    assert wrong.gain < worst.gain < 0
    assert DOMAIN.behavior().of(wrong.outputs) is None


@pytest.mark.parametrize(
    "program", ["", "{}", "[]", "[true, 1]", "[1, NaN]", "[1, 52.01]", "[-0.1, 1]", "[1e999, 1]", "['a', 1]"]
)
def test_what_is_no_vector_cannot_be_run(program: str) -> None:
    [verdict] = judged(AB, program)
    assert verdict.rejected is not None
    assert (verdict.gain, verdict.solved) == (-math.inf, False)


@pytest.mark.parametrize("environment", [None, {"target": ""}, {"target": "a b"}, {"target": 3}])
def test_a_task_without_a_word_is_an_error(environment: dict[str, object] | None) -> None:
    with pytest.raises(InputError, match=r"environment\.target"):
        judged(Task("string/x", "string", environment=environment), "[1]")


@pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")
def test_evolution_spells_a_word(tmp_path: Path) -> None:
    run = Psynth(tmp_path)

    def psynth(*words: str) -> subprocess.CompletedProcess[str]:
        return run(*words, env={"PSYNTH_PLUGINS": "string,elites,source"})

    (tmp_path / "seeds.jsonl").write_text(psynth("tasks", "string", "--word", "Ab", "--seeds", "json").stdout)
    words = (
        "--operator",
        "vector:sigma=5",
        "--operator",
        "vector:sigma=0.5",
        "--max-evaluations",
        "1000",
        "--batch",
        "50",
    )
    found = psynth("elites", "--method", "genetic", *words, "seeds.jsonl").stdout
    elites = [json.loads(line) for line in found.splitlines() if '"frontier"' in line]
    best = max((each["programs"][0] for each in elites), key=lambda program: program["reward"])
    assert (word_of(json.loads(best["program"])), best["log_likelihood"]) == ("Ab", 0.0)
    assert best["reward"] > -0.5
    assert all(len(set(json.loads(each.program))) == 1 for each in DOMAIN.seeds(AB))
    assert len(DOMAIN.seeds(AB)) == len(STARTS)
    refused = psynth("tasks", "string", "--word", "é")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "--word: expected letters" in refused.stderr
