"""psynth elites as a filter: what it keeps, in every layout, and what it says about the rest."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from psynth.cli.main import main

GRID = ("--dim", "x:0:10:5", "--dim", "y:0:1:4")
Run = Callable[..., tuple[int, list[dict[str, Any]], str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a command line in this process: its status, records and messages."""

    def command(*words: str) -> tuple[int, list[dict[str, Any]], str]:
        capfd.readouterr()
        status = main([*words])
        out, err = capfd.readouterr()
        return status, [json.loads(line) for line in out.splitlines()], err

    return command


def record(program: str, gain: float | None, descriptor: Sequence[float] | None, **more: Any) -> dict[str, Any]:
    """A frontier as evaluate writes it."""
    found: dict[str, Any] = {"program": program, "language": "text"}
    found |= {} if gain is None else {"reward": gain}
    found |= {} if descriptor is None else {"descriptor": list(descriptor)}
    return {"type": "frontier", "task": {"id": "toy/1", "domain": "toy"}, "programs": [found | more]}


def write(path: Path, records: Sequence[dict[str, Any]]) -> str:
    """A stream in a file."""
    lines = [{"type": "header", "psynth": 1, "provenance": []}, *records, {"type": "end", "status": "complete"}]
    path.write_text("".join(json.dumps(each, separators=(",", ":")) + "\n" for each in lines))
    return str(path)


def elites_in(records: Sequence[dict[str, Any]]) -> list[tuple[str, float, list[float]]]:
    """The programs of an archive with their gains and descriptors, in order."""
    programs = [program for each in records if each["type"] == "frontier" for program in each["programs"]]
    return [(each["program"], each["reward"], each["descriptor"]) for each in programs]


def some(count: int, seed: int) -> list[dict[str, Any]]:
    """Programs with few different gains, so that there are ties."""
    rng = random.Random(seed)
    return [
        record(
            f"p{rng.randrange(count // 2)}", rng.randrange(5), (round(rng.uniform(-1, 11), 1), round(rng.random(), 2))
        )
        for _ in range(count)
    ]


def body(path: str) -> list[bytes]:
    """The lines of a stream but its header, which says how it was made."""
    return Path(path).read_bytes().splitlines()[1:]


def test_the_best_of_each_cell_is_kept_and_ties_are_decided_by_the_programs(run: Run, tmp_path: Path) -> None:
    records = some(300, 1)
    best: dict[tuple[int, int], tuple[float, int, str, int, str]] = {}
    for each in records:
        [program] = each["programs"]
        x, y = program["descriptor"]
        cell = min(4, max(0, int(x / 2))), min(3, int(y * 4))
        line = json.dumps(each, separators=(",", ":"))
        key = (-program["reward"], len(program["program"]), program["program"], len(line), line)
        best[cell] = min(key, best.get(cell, key))
    status, found, messages = run("elites", *GRID, write(tmp_path / "in.jsonl", records))
    assert status == 0
    assert [json.dumps(each, separators=(",", ":")) for each in found if each["type"] == "frontier"] == [
        best[cell][-1] for cell in sorted(best)
    ]
    outside = sum(not 0 <= each["programs"][0]["descriptor"][0] <= 10 for each in records)
    assert f"{outside} programs outside the range of a dimension: in the nearest cell (--outside clip)" in messages
    [archive] = [each for each in found if each["type"] == "archive"]
    assert sum(archive["counts"].values()) == 300
    assert archive["counts"]["new"] == len(best)
    metrics = {each["name"]: each["value"] for each in found if each["type"] == "metric"}
    assert metrics["cells"] == len(best)
    assert metrics["coverage"] == len(best) / 20
    assert metrics["qd_score"] == sum(-key[0] for key in best.values())
    assert metrics["best"] == 4


@pytest.mark.parametrize("layout", [("--depth", "3"), ("--layout", "cvt", "--cells", "7"), ()], ids=repr)
def test_archives_merge_in_any_order_and_grouping(run: Run, tmp_path: Path, layout: tuple[str, ...]) -> None:
    def archive(name: str, *files: str, options: Sequence[str] = ()) -> str:
        target = str(tmp_path / name)
        assert run("elites", "-q", *options, *files, "-o", target)[0] == 0
        return target

    parts = [write(tmp_path / f"{number}.jsonl", some(80, number)) for number in range(3)]
    whole = body(archive("whole", *parts, options=(*GRID, *layout)))
    made = [archive(f"a{number}", part, options=(*GRID, *layout)) for number, part in enumerate(parts)]
    for order in itertools.permutations(made):
        merged = archive("merged", *order)
        # The counts differ from those of the whole: an elite of a part was new there.
        assert body(merged)[1:] == whole[1:]
        grouped = archive("grouped", archive("two", *order[:2]), order[2])
        assert body(grouped) == body(merged)
    assert body(archive("again", made[0])) == body(made[0])


def test_unusable_programs_are_counted_by_reason(run: Run, tmp_path: Path) -> None:
    records = [record("a", 1, (1, 0)), record("b", None, (1, 0)), record("c", 1, None), record("d", 1, (99, 0))]
    status, found, messages = run("elites", *GRID, "--outside", "drop", write(tmp_path / "in.jsonl", records))
    assert (status, elites_in(found)) == (0, [("a", 1, [1, 0])])
    assert "1 program outside the range of a dimension: not in the archive" in messages
    assert "1 program without the figure that is best in an elite" in messages
    assert "1 program without a descriptor (psynth evaluate --descriptors)" in messages


@pytest.mark.parametrize(
    ("options", "records", "status", "message"),
    [
        (["--outside", "error"], [record("d", 1, (99, 0))], 3, "in.jsonl:2: task toy/1: a descriptor outside"),
        ([], [record("d", 1, (9,))], 3, "in.jsonl:2: task toy/1: a descriptor of 1 numbers; the archive has 2"),
        (["--dim", "z=1"], [record("d", 1, (9, 0))], 2, "--dim z=1: expected NAME:LOW:HIGH"),
        (["--dim", "z:1:1"], [record("d", 1, (9, 0))], 2, "--dim z:1:1: 1 is not below 1"),
        (["--dim", "z:0:1:4:log"], [record("d", 1, (9, 0))], 2, "the lower end of a logarithmic range is above 0"),
        (["--dim", "x:0:1"], [record("d", 1, (9, 0))], 2, "--dim: x is described twice"),
    ],
)
def test_what_does_not_fit_is_named(
    run: Run, tmp_path: Path, options: list[str], records: list[dict[str, Any]], status: int, message: str
) -> None:
    found = run("elites", *GRID, *options, write(tmp_path / "in.jsonl", records))
    assert found[0] == status
    assert message in found[2]


def test_a_domain_without_behavior_needs_dimensions(run: Run, tmp_path: Path) -> None:
    status, _, messages = run("elites", write(tmp_path / "in.jsonl", [record("a", 1, (1, 0))]))
    assert status == 3
    assert "domain 'toy' has no behavior space; --dim NAME:LOW:HIGH declares a dimension" in messages


def test_edges_categories_and_logarithms_divide_their_dimensions(run: Run, tmp_path: Path) -> None:
    records = [
        record(f"{size} {kind} {age}", 1, (size, kind, age))
        for size in (1, 9, 10, 999, 1000)
        for kind in (0, 2)
        for age in (0, 17.9, 18, 120)
    ]
    options = ("--dim", "size:1:1000:3:log", "--dim", "kind=cat,dog,owl", "--dim", "age=0,18,120")
    status, found, messages = run("elites", *options, write(tmp_path / "in.jsonl", records))
    assert (status, messages) == (0, "")
    # Sizes below 10, below 100 (10 only) and above; two kinds; two ages.
    assert [program for program, _, _ in elites_in(found)] == [
        f"{size} {kind} {age}" for size in (1, 10, 999) for kind in (0, 2) for age in (0, 18)
    ]


def test_another_layout_takes_over_an_archive_and_two_layouts_do_not_mix(run: Run, tmp_path: Path) -> None:
    given = write(tmp_path / "in.jsonl", some(60, 1))
    fine, coarse = str(tmp_path / "fine"), str(tmp_path / "coarse")
    run("elites", "-q", *GRID, given, "-o", fine)
    run("elites", "-q", "--bins", "1", fine, "-o", coarse)
    assert sum(b'"frontier"' in line for line in body(coarse)) == 1
    status, _, messages = run("elites", fine, coarse)
    assert status == 3
    assert "an archive with other dimensions than the one before it; describe the layout of the result" in messages
    assert run("elites", "-q", "--bins", "2", fine, coarse)[0] == 0


def test_minimizing_keeps_the_least_and_its_scores_fall(run: Run, tmp_path: Path) -> None:
    given = write(tmp_path / "in.jsonl", [record("a", 5, (1, 0)), record("b", 3, (1, 0)), record("c", 9, (9, 0))])
    _, found, _ = run("elites", *GRID, "--minimize", "--qd-offset", "10", given)
    assert elites_in(found) == [("b", 3, [1, 0]), ("c", 9, [9, 0])]
    metrics = {each["name"]: each["value"] for each in found if each["type"] == "metric"}
    assert (metrics["best"], metrics["mean"], metrics["qd_score"]) == (3, 6, 8)


def test_unstructured_and_dominated_novelty_archives_keep_the_best(run: Run, tmp_path: Path) -> None:
    given = write(tmp_path / "in.jsonl", some(300, 4))
    for layout, most in ((("unstructured", "--radius", "0.2"), 60), (("dominated-novelty", "--cells", "25"), 25)):
        status, found, _ = run("elites", *GRID, "--layout", *layout, given)
        kept = elites_in(found)
        assert status == 0
        assert 5 < len(kept) <= most
        assert max(gain for _, gain, _ in kept) == 4
        again = str(tmp_path / "again")
        assert run("elites", "-q", *GRID, "--layout", *layout, given, "-o", again)[0] == 0
        assert [json.loads(line) for line in body(again)] == found[1:]


def test_centroids_stay_in_the_stream(run: Run, tmp_path: Path) -> None:
    given, archive = write(tmp_path / "in.jsonl", some(60, 1)), str(tmp_path / "archive")
    run("elites", "-q", *GRID, "--layout", "cvt", "--cells", "9", "--seed", "3", given, "-o", archive)
    first = json.loads(body(archive)[0])
    assert len(first["centroids"]) == 9
    assert all(0 <= x <= 10 and 0 <= y <= 1 for x, y in first["centroids"])
    # Another seed would give others, if they were made again.
    _, found, _ = run("elites", "-q", "--seed", "4", archive)
    assert found[1] == first
    _, other, _ = run("elites", "-q", *GRID, "--layout", "cvt", "--cells", "9", "--seed", "4", given)
    assert other[1]["centroids"] != first["centroids"]


@pytest.mark.parametrize("select", ["uniform", "rank", "curiosity", "ucb", "nearby", "tournament"])
def test_parents_are_elites_and_depend_on_the_seed_alone(run: Run, tmp_path: Path, select: str) -> None:
    archive = str(tmp_path / "archive")
    run("elites", "-q", *GRID, write(tmp_path / "in.jsonl", some(100, 1)), "-o", archive)
    known = {program for program, _, _ in elites_in([json.loads(line) for line in body(archive)])}

    def asked(seed: int) -> list[list[str]]:
        words = ("--ask", "20", "--parents", "2", "--select", select, "--seed", str(seed))
        status, found, _ = run("elites", *words, archive)
        assert status == 0
        assert {each["type"] for each in found} == {"header", "frontier", "end"}
        return [[each["program"] for each in record["programs"]] for record in found if record["type"] == "frontier"]

    first = asked(0)
    assert len(first) == 20
    assert all(len(set(parents)) == 2 and known.issuperset(parents) for parents in first)
    assert asked(0) == first
    assert asked(1) != first


def test_parents_are_credited_for_their_children(run: Run, tmp_path: Path) -> None:
    archive, told = str(tmp_path / "archive"), str(tmp_path / "told")
    run(
        "elites",
        "-q",
        *GRID,
        write(tmp_path / "in.jsonl", [record("a", 1, (1, 0)), record("b", 1, (9, 0))]),
        "-o",
        archive,
    )
    children = [
        record("better", 2, (1, 0), origin={"by": "mutate", "from": ["b"]}),
        record("worse", 0, (1, 0), origin={"by": "mutate", "from": ["b"]}),
        record("far", 0, (5, 0.5), origin={"by": "mutate", "from": ["a"]}),
    ]
    assert run("elites", "-q", "--tell", archive, write(tmp_path / "children.jsonl", children), "-o", told)[0] == 0
    found = [json.loads(line) for line in body(told)]
    credits = {each["programs"][0]["program"]: each.get("elite") for each in found if each["type"] == "frontier"}
    # The elite a was replaced, and its credit with it.
    assert credits == {"better": None, "far": None, "b": {"children": 2, "accepted": 1}}
    # Credits last.
    assert run("elites", "-q", "--tell", told, write(tmp_path / "none.jsonl", [children[1]]), "-o", archive)[0] == 0
    after = [json.loads(line) for line in body(archive)]
    assert [each["elite"] for each in after if "elite" in each] == [{"children": 3, "accepted": 1}]


def test_other_records_pass_through_and_bad_ones_are_left_out(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    write(path, [record("a", 1, (1, 0)), {"type": "note", "text": "kept"}, record("b", 1, (9, 0), x="unknown")])
    lines = path.read_text().splitlines()
    lines.insert(2, '{"type":"frontier","task":{"id":"toy/1","domain":"toy"},"programs":[{"program":7}]}')
    path.write_text("\n".join(lines) + "\n")
    status, _, messages = run("elites", *GRID, str(path))
    assert (status, "in.jsonl:3: task toy/1: programs[0].program: expected a string" in messages) == (3, True)
    status, found, messages = run("elites", *GRID, "--on-error", "skip", str(path))
    assert (status, "in.jsonl:3" in messages) == (0, True)
    assert {"type": "note", "text": "kept"} in found
    assert [each["programs"][0].get("x") for each in found if each["type"] == "frontier"] == [None, "unknown"]


def test_selections_select_and_archives_of_other_depths_do_not_mix(run: Run, tmp_path: Path) -> None:
    given = write(tmp_path / "in.jsonl", some(60, 1))
    one, three = str(tmp_path / "one"), str(tmp_path / "three")
    run("elites", "-q", *GRID, given, "-o", one)
    run("elites", "-q", *GRID, "--depth", "3", given, "-o", three)
    for order in ((one, three), (three, one)):
        status, _, messages = run("elites", *order)
        assert (status, "an archive with other depth than the one before it" in messages) == (3, True)
    _, found, _ = run("elites", "-q", *GRID, "--limit", "1", given)
    assert len(elites_in(found)) == 1
    status, found, messages = run("elites", *GRID, "--task", "other", given)
    assert elites_in(found) == []


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        ((*GRID, "--cells", "10"), 2, "--cells is for --layout cvt or dominated-novelty, not for grid"),
        ((*GRID, "--select", "ucb"), 2, "--select and --parents say how --ask chooses"),
        (("--dim", "x=0,nan"), 2, "--dim x=0,nan: an edge is a finite number"),
        ((*GRID, "--tell", "in.jsonl"), 2, "--tell in.jsonl: there is no archive in this file"),
    ],
)
def test_options_without_a_meaning_are_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], status: int, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    found = run("elites", *words, write(tmp_path / "in.jsonl", some(9, 1)))
    assert (found[0], message in found[2]) == (status, True), found[2]


def test_a_line_with_a_number_that_is_none_is_named_with_its_place(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    write(path, [record("a", 1, (1, 0)), record("b", float("nan"), (1, 0))])
    status, _, messages = run("elites", *GRID, str(path))
    assert (status, f"{path}:3: not JSON" in messages) == (3, True), messages
    status, found, messages = run("elites", *GRID, "--on-error", "skip", str(path))
    assert (status, elites_in(found)) == (0, [("a", 1, [1, 0])])


def test_domains_without_a_behavior_space_have_the_size_and_depth_of_programs() -> None:
    from psynth.core.stream.records import Program
    from psynth.plugins.behavior import Shape
    from psynth.plugins.evaluator import Outcome

    shape, fine, failed = Shape(), [Outcome("ok", 1), Outcome("error")], [Outcome("error")]
    assert shape.describe(Program("(lambda (+ $0 (f 1)))"), fine) == (4.0, 3.0)
    assert shape.describe(Program("$0"), ()) == (1.0, 0.0)
    assert shape.describe(Program("(lambda $0)"), failed) is None
    size, depth = shape.describe(Program("def f(x):\n    return x + 1", "python"), fine) or (0.0, 0.0)
    assert shape.describe(Program("def f(x):\n    y = x\n    return y + 1", "python"), fine) > (size, depth)
    assert shape.describe(Program("def f(", "python"), fine) is None
    assert shape.describe(Program("two words", "text"), fine) == (2.0, 1.0)
    assert shape.describe(Program("(" * 100_000), fine) == (0.0, 100_000.0)
