"""psynth export tensorboard: TensorBoard itself reads back every metric, and the same stream gives the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.psynth_command import Psynth

FORMATS = {"PSYNTH_PLUGINS": "formats"}
METRICS = [
    ("loss", 0.5, 0, {"seed": 1}),
    ("loss", 0.25, 10, {"seed": 1}),
    ("loss", 0.75, 0, {"seed": 2}),
    ("rate", 3.0, None, {"seed": 2}),
    ("rate", 4.0, None, {"seed": 2}),
    ("odd", 1.0, 3, {"task": "a/b"}),
    ("odd", 2.0, 3, {"task": "a:b"}),
    ("lost", None, 3, {}),
    ("alone", 9.0, 1, {}),
]


def write(path: Path, metrics: list[tuple[str, float | None, float | None, dict[str, object]]]) -> None:
    names = ("name", "value", "step", "labels")
    lines = [{"type": "metric", **dict(zip(names, each, strict=True))} for each in metrics]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def test_every_metric_is_read_back(tmp_path: Path) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    psynth = Psynth(tmp_path)
    write(tmp_path / "metrics.jsonl", METRICS)
    for name in ("logs", "again"):
        done = psynth("export", "tensorboard", "metrics.jsonl", "-o", name, env=FORMATS)
        assert done.returncode == 0, done.stderr
    found = {}
    for folder in sorted((tmp_path / "logs").iterdir()):
        log = accumulator.EventAccumulator(str(folder))
        log.Reload()
        found[folder.name] = {
            tag: [(event.step, event.value) for event in log.Scalars(tag)] for tag in log.Tags()["scalars"]
        }
        [mine], [other] = folder.iterdir(), (tmp_path / "again" / folder.name).iterdir()
        assert mine.read_bytes() == other.read_bytes()
    assert found == {
        "metrics": {"alone": [(1, 9.0)]},
        "seed=1": {"loss": [(0, 0.5), (10, 0.25)]},
        "seed=2": {"loss": [(0, 0.75)], "rate": [(0, 3.0), (1, 4.0)]},
        "task=a-b": {"odd": [(3, 1.0)]},
        "task=a-b-2": {"odd": [(3, 2.0)]},
    }


def test_what_cannot_be_a_log_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    psynth = Psynth(tmp_path)
    write(tmp_path / "none.jsonl", [])
    write(tmp_path / "far.jsonl", [("loss", 1.0, 1e300, {})])
    for words, status, said in (
        (["none.jsonl", "-o", "logs"], 3, "no metrics"),
        (["none.jsonl"], 2, "give -o FOLDER"),
        (["far.jsonl", "-o", "logs"], 3, "far.jsonl:1"),
    ):
        refused = psynth("export", "tensorboard", *words, env=FORMATS)
        assert refused.returncode == status
        assert said in refused.stderr
    assert not (tmp_path / "logs").exists()
