"""The operator cma-me: the steps of pyribs, reproducible and resumable, and clear where it cannot be used."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from psynth.cli.main import main
from psynth.core.engines.archive import Elite, Elites
from psynth.core.stream.records import Archive, Dimension, Frontier, Program, Task
from psynth.learning import extras

numpy = pytest.importorskip("numpy")
WORDS = ("elites", "-q", "--method", "map-elites")


def points(place: Path, *words: str) -> Path:
    assert main(["tasks", "function", "--seeds", "json", *words, "-o", str(place / "points.jsonl")]) == 0
    return place / "points.jsonl"


def best(archive: Path) -> dict[str, float]:
    """The best reward for each function."""
    found: dict[str, float] = {}
    for record in map(json.loads, archive.read_text().splitlines()):
        if record["type"] == "frontier":
            name = record["task"]["environment"]["function"]
            found[name] = max(found.get(name, -1e9), *(each["reward"] for each in record["programs"]))
    return found


@pytest.fixture
def ribs() -> Any:
    return pytest.importorskip("ribs", reason="pyribs is not installed: it is in the extra elites")


def test_rastrigin_is_solved(tmp_path: Path, ribs: Any) -> None:
    words = ("--operator", "cma-me:ranker=obj", "--batch", "40", "--max-evaluations", "4000")
    tasks = points(tmp_path, "--split", "test", "--count", "1")
    assert main([*WORDS, *words, str(tasks), "-o", str(tmp_path / "archive")]) == 0
    assert best(tmp_path / "archive")["rastrigin"] >= -1e-6


def test_a_run_cut_short_anywhere_ends_as_the_whole_one(tmp_path: Path, ribs: Any) -> None:
    operators = ("--operator", "cma-me:sigma=0.2", "--operator", "cma-me:ranker=2rd", "--operator", "vector")
    words = [*WORDS, *operators, "--batch", "20", "--max-evaluations", "400", str(points(tmp_path, "--count", "1"))]
    whole, log, archive = tmp_path / "whole.log", tmp_path / "log", tmp_path / "archive"
    assert main([*words, "--log", str(whole), "-o", str(archive)]) == 0
    expected, lines = archive.read_bytes(), whole.read_bytes()
    assert main([*words, "-j", "2", "-o", str(archive)]) == 0
    assert archive.read_bytes() == expected
    rng = random.Random(0)
    for cut in (*(rng.randrange(len(lines)) for _ in range(3)), len(lines)):
        log.write_bytes(lines[:cut])
        assert main([*words, "--log", str(log), "-o", str(archive)]) == 0
        assert (archive.read_bytes(), log.read_bytes()) == (expected, lines)
    by = {each["origin"]["by"] for line in lines.splitlines() for each in json.loads(line).get("programs", ())[1:]}
    assert by <= {"cma-me:sigma=0.2", "cma-me:ranker=2rd", "vector"}


@pytest.mark.parametrize("ranker", ["2imp", "imp", "2rd", "obj"])
def test_its_steps_are_those_of_pyribs(ranker: str, ribs: Any) -> None:
    from psynth_elites.cma_me import CmaMe, Learned, Strategy
    from ribs.archives import GridArchive
    from ribs.emitters import EvolutionStrategyEmitter

    from psynth.core.seeds import derive

    task, batch, size = Task("function/1", "function"), 12, 3
    ranges = [(-4.0, 4.0), (-4.0, 4.0)]
    elites = Elites(Archive("grid", (Dimension("x", -4.0, 4.0, 6), Dimension("y", -4.0, 4.0, 6))))
    asked: list[Elite] = []
    start = Program(json.dumps([1.0] * size), "json")
    strategy = Strategy(CmaMe(sigma=0.5, ranker=ranker), "cma-me", batch, 7, ranges, lambda: asked, (-4.0, 4.0))
    theirs = GridArchive(solution_dim=size, dims=[6, 6], ranges=ranges)
    optimizes = ranker == "obj"
    emitter = EvolutionStrategyEmitter(
        theirs,
        x0=[1.0] * size,
        sigma0=0.5,
        ranker=ranker,
        selection_rule="mu" if optimizes else "filter",
        restart_rule="basic" if optimizes else "no_improvement",
        bounds=[(-4.0, 4.0)] * size,
        batch_size=batch,
        seed=derive(7, "cma-me", "cma-me") % (1 << 32),
    )
    for number in range(8):
        programs = strategy.ask(start)
        vectors = numpy.array([json.loads(each.program) for each in programs])
        assert numpy.array_equal(vectors, emitter.ask()), number
        gains = -(vectors**2).sum(axis=1)
        info = theirs.add(vectors, gains, vectors[:, :2])
        emitter.tell(vectors, gains, vectors[:, :2], info)
        before = []
        for each in vectors:
            place = elites.place(task.id, list(each[:2]))
            before.append(None if place is None else elites.best(task.id, place).gain)
        learned = []
        for program, gain, each, known in zip(programs, gains, vectors, before, strict=True):
            judged = Program(program.program, "json", reward=float(gain), descriptor=tuple(map(float, each[:2])))
            elites.offer(Frontier(task, (judged,)))
            status = "new" if known is None else "improved" if gain > known else "rejected"
            learned.append(Learned(status, float(gain), judged.descriptor, known))
        strategy.tell(learned)
        if emitter.restarts:
            break
    assert number > 2


def test_without_the_package_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    monkeypatch.setattr(extras, "_installed", lambda package: False)
    assert main([*WORDS, "--operator", "cma-me", str(points(tmp_path))]) == 2
    message = capfd.readouterr().err
    assert "psynth elites: --operator cma-me needs ribs: pip install" in message
    assert "[elites]" in message
    assert "install psynth" not in message


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--operator", "cma-me", "--steady", "2"), "learns from whole rounds: leave out --steady"),
        (("--operator", "cma-me:ranker=best"), "cma-me: ranker: 'best' is not one of"),
        (("--operator", "cma-me:sigma=0"), "cma-me: sigma: 0.0 is less than"),
    ],
)
def test_what_it_cannot_do_is_refused(
    tmp_path: Path, ribs: Any, capfd: Any, words: tuple[str, ...], message: str
) -> None:
    assert main([*WORDS, *words, str(points(tmp_path))]) == 2
    assert message in capfd.readouterr().err


def test_programs_that_are_no_vectors_are_bad_input(tmp_path: Path, ribs: Any, capfd: Any) -> None:
    assert main(["tasks", "openevolve", "--seeds", "python", "-o", str(tmp_path / "tasks")]) == 0
    assert main([*WORDS, "--operator", "cma-me", str(tmp_path / "tasks"), "-o", str(tmp_path / "x")]) == 3
    assert "--operator cma-me varies vectors: a program has no functions" in capfd.readouterr().err
