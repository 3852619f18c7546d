"""psynth report: its statistics against a computation of the tests' own, its curves, its images, and what it says."""

from __future__ import annotations

import json
import math
import random
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from psynth.core.extras import installation
from psynth.core.stream.records import RECORD_TYPES
from psynth.views.curves import Gathering
from psynth.views.plotting import plot
from tests.psynth_command import Psynth

TASKS = ["toy/a", "toy/b", "toy/c"]
METHODS = ["climb", "cem"]
FIGURES = {
    "programs": lambda frontier: frontier["search"].get("programs"),
    "search_reward": lambda frontier: frontier["search"].get("reward"),
    "reward": lambda frontier: frontier["programs"][0].get("reward") if frontier["programs"] else None,
    "held_out_reward": lambda frontier: (
        frontier["programs"][0].get("held_out_reward") if frontier["programs"] else None
    ),
    "cpu_seconds": lambda frontier: frontier["search"].get("cpu_seconds"),
    "solved": lambda frontier: float(any(each.get("log_likelihood") == 0 for each in frontier["programs"])),
}


def run_of(seed: int) -> list[dict[str, Any]]:
    """A stream of one seed: for each task and method a search, and its reward and its temperature as it went on."""
    rng = random.Random(seed)
    records: list[dict[str, Any]] = [
        {"type": "header", "psynth": 1, "provenance": [{"command": "search", "seed": seed}]}
    ]
    for task in TASKS:
        for method in METHODS:
            if rng.random() < 0.15:
                continue
            labels = {"task": task, "method": method, "seed": seed}
            reward, step = 0.0, 0
            for number in range(rng.randrange(1, 9)):
                step, reward = step + rng.randrange(1, 300), min(1.0, reward + rng.random() / 4)
                records.append({"type": "metric", "name": "reward", "value": reward, "step": step, "labels": labels})
                value = {
                    "type": "metric",
                    "name": "heat",
                    "value": 1 / (number + 1),
                    "step": number * 10,
                    "labels": labels,
                }
                records.append(value)
            best = {"program": "1", "language": "lambda", "reward": reward - rng.random() / 50}
            best |= {"held_out_reward": reward * 0.9} if rng.random() < 0.7 else {}
            best |= {"log_likelihood": 0.0} if reward >= 1 else {}
            search = {"method": method, "programs": step, "status": "budget", "reward": reward}
            search |= {"cpu_seconds": rng.random()} if rng.random() < 0.5 else {}
            identity = {"id": task, "domain": "toy", "request": "int"}
            programs = [best] if rng.random() < 0.8 else []
            records.append({"type": "frontier", "task": identity, "programs": programs, "search": search})
    return [*records, {"type": "end", "status": "complete"}]


def written(path: Path, records: Iterable[dict[str, Any]]) -> str:
    path.write_text("".join(f"{json.dumps(record, separators=(',', ':'))}\n" for record in records))
    return path.name


@pytest.fixture
def runs(tmp_path: Path) -> list[list[dict[str, Any]]]:
    found = [run_of(seed) for seed in range(6)]
    for seed, records in enumerate(found):
        written(tmp_path / f"seed-{seed}.jsonl", records)
    return found


FILES = [f"seed-{seed}.jsonl" for seed in range(6)]


def deviation(values: list[float]) -> float:
    mean = sum(values) / len(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1)) if len(values) > 1 else 0.0


def test_the_table_has_each_figures_mean_and_deviation(psynth: Psynth, runs: list[list[dict[str, Any]]]) -> None:
    wanted: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for record in (each for run in runs for each in run if each["type"] == "frontier"):
        wanted[record["task"]["id"], record["search"]["method"]].append(record)
    done = psynth("report", "--json", *FILES)
    assert (done.returncode, done.stderr) == (0, "")
    table = json.loads(done.stdout)["table"]
    assert {(row["task"], row["method"]) for row in table} == set(wanted)
    assert [row["task"] for row in table] == sorted(
        (row["task"] for row in table), key=[*dict.fromkeys(t for t, _ in wanted)].index
    )
    for row in table:
        frontiers = wanted[row["task"], row["method"]]
        assert row["runs"] == len(frontiers)
        for name, of in FIGURES.items():
            values = [float(value) for value in map(of, frontiers) if value is not None]
            if not values:
                assert name not in row
                continue
            assert row[name]["runs"] == len(values)
            assert row[name]["mean"] == pytest.approx(sum(values) / len(values), abs=1e-12)
            assert row[name]["std"] == pytest.approx(deviation(values), abs=1e-12)


def test_curves_hold_rewards_and_nothing_else(psynth: Psynth, runs: list[list[dict[str, Any]]]) -> None:
    done = psynth("report", "--json", "--metric", "reward", "--metric", "heat", *FILES)
    curves = json.loads(done.stdout)["curves"]
    assert len(curves) == 2 * len({(curve["task"], curve["series"]) for curve in curves})
    for curve in curves:
        points: dict[int, dict[float, float]] = defaultdict(dict)
        for seed, run in enumerate(runs):
            for record in run:
                labels = record.get("labels", {})
                same = (record.get("name"), labels.get("task"), labels.get("method"))
                if same == (curve["metric"], curve["task"], curve["series"]):
                    points[seed][record["step"]] = record["value"]
        assert curve["runs"] == len(points)
        assert curve["steps"] == sorted({step for of_run in points.values() for step in of_run})
        for step, mean, std in zip(curve["steps"], curve["mean"], curve["std"], strict=True):
            if curve["metric"] == "reward":
                before = [[at for at in of_run if at <= step] for of_run in points.values()]
                values = [of_run[max(at)] for of_run, at in zip(points.values(), before, strict=True) if at]
            else:
                values = [of_run[step] for of_run in points.values() if step in of_run]
            assert mean == pytest.approx(sum(values) / len(values), abs=1e-12)
            assert std == pytest.approx(deviation(values), abs=1e-12)


def test_joined_streams_are_runs_of_their_own_also_without_a_seed(psynth: Psynth, runs: list[Any]) -> None:
    apart = json.loads(psynth("report", "--json", *FILES).stdout)
    joined = "".join((psynth.folder / name).read_text() for name in FILES)
    assert json.loads(psynth("report", "--json", input=joined).stdout) == apart
    unnamed = "".join(f"{json.dumps(without_seed(json.loads(line)))}\n" for line in joined.splitlines())
    assert json.loads(psynth("report", "--json", input=unnamed).stdout) == apart


def without_seed(record: dict[str, Any]) -> dict[str, Any]:
    record.get("labels", {}).pop("seed", None)
    return record


def test_files_compared_and_published_figures(psynth: Psynth, runs: list[Any]) -> None:
    (psynth.folder / "published.json").write_text('{"toy/a": 0.25, "toy/*": {"other": 0.5, "published": 1}}')
    words = ("report", "--by", "file", "--published", "published.json", *FILES[:2])
    table = json.loads(psynth(*words, "--json").stdout)["table"]
    assert {row["method"] for row in table} <= {f"seed-{seed} {method}" for seed in (0, 1) for method in METHODS}
    assert table[0]["published"] == {"other": 0.5, "published": 0.25}
    text = psynth(*words).stdout
    assert "other" in text
    assert "0.25" in text
    for wrong in ("[]", "{", '{"toy/a": "much"}'):
        (psynth.folder / "published.json").write_text(wrong)
        done = psynth(*words)
        assert done.returncode == 3
        assert done.stderr.startswith("psynth report: published.json:")


def test_an_image_beside_the_text(psynth: Psynth, runs: list[Any]) -> None:
    done = psynth("report", *FILES, "--image", "a.png")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == psynth("report", *FILES).stdout
    with Image.open(psynth.folder / "a.png") as image:
        assert image.width > image.height > 300
    assert not [*psynth.folder.glob("*.part")]


def test_plots_are_the_same_again_and_show_every_series(runs: list[list[dict[str, Any]]]) -> None:
    gathering = Gathering()
    for run in runs:
        for record in run:
            gathering.add(decode_record(record))
    curves = gathering.curves(["reward"])
    svg = plot(curves, ".svg", "linear", {"toy/a": {"other": 0.5}})
    assert svg == plot(curves, ".svg", "linear", {"toy/a": {"other": 0.5}})
    assert svg != plot(curves, ".svg", "log", {"toy/a": {"other": 0.5}})
    for word in (*METHODS, "evaluations", "other", ">a<", ">b<", ">c<"):
        assert word.encode() in svg
    assert plot(curves, ".pdf", "auto").startswith(b"%PDF")


def decode_record(record: dict[str, Any]) -> Any:
    return RECORD_TYPES[record["type"]].from_json(dict(record))


def test_what_is_wrong_is_said(psynth: Psynth, runs: list[Any], without: Callable[[str], dict[str, str]]) -> None:
    for words, said in [
        (("--metric", "rewrd"), "there is no metric 'rewrd'; there are reward, heat (did you mean 'reward'?)"),
        (("--image", "x.gif"), "write FILE.png, FILE.svg or FILE.pdf"),
        (("--scale", "cubic"), "not one of auto, log, linear"),
    ]:
        done = psynth("report", *words, *FILES)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
    done = psynth("report", "--image", "x.png", *FILES, env=without("matplotlib"))
    assert done.returncode == 2
    assert installation("pictures") in done.stderr
    end = '{"type":"end","status":"complete"}\n'
    done = psynth("report", input=end)
    assert (done.returncode, done.stdout) == (0, "")
    assert "nothing to report" in done.stderr
    assert json.loads(psynth("report", "--json", input=end).stdout) == {"table": [], "curves": []}
    assert "there are none" in psynth("report", "--metric", "loss", input=end).stderr
    assert "no metric records" in psynth("report", "--image", "x.png", input=end).stderr
    assert psynth("report", "--strict", input="").returncode == 4


def test_a_reader_that_leaves_is_no_fault(psynth: Psynth) -> None:
    records = [
        {"type": "metric", "name": f"loss-{number}", "value": 1.0, "step": step, "labels": {}}
        for number in range(3000)
        for step in (1, 2)
    ]
    written(psynth.folder / "many.jsonl", [*records, {"type": "end", "status": "complete"}])
    process = psynth.start("report", "many.jsonl", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 141


@pytest.mark.parametrize("columns", [40, 100, 300])
def test_no_column_is_lost_on_a_narrow_terminal(psynth: Psynth, runs: list[Any], columns: int) -> None:
    (psynth.folder / "published.json").write_text('{"*": {"others": 0.123}}')
    words = ("report", *FILES, "--published", "published.json")
    lines = psynth(*words, env={"COLUMNS": str(columns)}).stdout.splitlines()
    assert lines[1].split() == [
        *(
            "task",
            "method",
            "runs",
            "programs",
            "best",
            "seen",
            "reward",
            "held",
            "out",
            "solved",
            "CPU",
            "s",
            "others",
        )
    ]
    rows = [line.rstrip() for line in lines if line.rstrip().endswith("0.12")]
    assert len(rows) == len(TASKS) * len(METHODS)
    assert not any("…" in row for row in rows)


def test_a_task_is_solved_by_the_same_rule_everywhere(psynth: Psynth) -> None:
    """A reward without bound says nothing of whether a task is solved: only the log-likelihood does."""
    programs = {"rich": '"reward":37.5', "poor": '"reward":0.1,"log_likelihood":0'}
    frontiers = "".join(
        f'{{"type":"frontier","task":{{"id":"toy/{name}","domain":"toy"}},"programs":[{{"program":"p",{figures}}}]}}\n'
        for name, figures in programs.items()
    )
    (psynth.folder / "a.jsonl").write_text(f'{frontiers}{{"type":"end","status":"complete"}}\n')
    table = json.loads(psynth("report", "--json", "a.jsonl").stdout)["table"]
    assert {row["task"]: row["solved"]["mean"] for row in table} == {"toy/rich": 0.0, "toy/poor": 1.0}
    shown = psynth("show", "--examples", "0", "a.jsonl").stdout
    assert "· toy/rich" in shown
    assert "✔ toy/poor" in shown
    assert " 50.0 " in psynth("show", "--summary", "a.jsonl").stdout


def test_a_line_break_in_a_name_breaks_no_row(psynth: Psynth) -> None:
    search = {"method": "m", "programs": 1, "status": "budget"}
    task = {"id": "toy/two\nlines", "domain": "toy", "request": "int"}
    name = written(psynth.folder / "found.jsonl", [{"type": "frontier", "task": task, "search": search}])
    assert "toy/two lines   m " in psynth("report", name).stdout
