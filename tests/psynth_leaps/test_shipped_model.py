"""The embedding that ships is the one whose command and digest are recorded, and searches find policies with it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="PyTorch is not installed (the extra neural)")

from psynth_leaps.latent import SHIPPED

from psynth.learning.model_folder import CONFIG, WEIGHTS, ModelFolder
from tests.docs.test_coming_from import fault

FOLDER = SHIPPED / "karel"
README = (SHIPPED / "README.md").read_text()
LARGEST = 5 * 1024 * 1024
"""Bytes that a model may have."""


def test_its_digest_and_its_command_are_recorded() -> None:
    assert f"`{ModelFolder(FOLDER).digest()}`" in README
    commands = re.findall(r"^    (psynth .+)$", README, re.MULTILINE)
    assert [command.split()[1] for command in commands] == ["sample", "train"]
    assert all(fault(re.sub(r" \S+\.(?:jsonl|zst)\S*", "", command)) is None for command in commands)
    assert sum((FOLDER / name).stat().st_size for name in (CONFIG, WEIGHTS)) <= LARGEST
    assert {path.name for path in FOLDER.iterdir()} == {CONFIG, WEIGHTS}
    settings = json.loads((FOLDER / CONFIG).read_text())["settings"]
    words = shlex.split(commands[1])
    told = {word[2:].replace("-", "_"): words[place + 1] for place, word in enumerate(words) if word.startswith("--")}
    for name in ("losses", "latent", "hidden", "batch", "rate", "decay", "validation"):
        assert str(settings[name]) == told[name], name


@pytest.mark.parametrize("task", ["stair-climber", "four-corners"])
def test_a_search_without_a_model_uses_it_and_says_so(task: str, tmp_path: Path) -> None:
    psynth = f"{shlex.quote(sys.executable)} -m psynth"
    script = f"""{psynth} tasks karel --profile leaps --task {task} --instances 5 --held-out 20 |
        {psynth} search --method cebs --max-evaluations 3000 --max-frontier 1 -o {tmp_path / "found.jsonl"}"""
    done = subprocess.run(["bash", "-o", "pipefail", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "the embedding of karel that psynth ships" in done.stderr
    [frontier] = [
        record
        for record in map(json.loads, (tmp_path / "found.jsonl").read_text().splitlines())
        if record["type"] == "frontier"
    ]
    assert frontier["programs"][0]["reward"] >= REACHED[task]


REACHED = {"stair-climber": 0.8, "four-corners": 0.5}
"""Rewards that the searches must reach."""
