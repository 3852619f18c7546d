"""Search in the latent space of a small model: what it leaves in the stream, budgets, and its parts by themselves."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

import numpy as np  # noqa: E402
from psynth_karel.domain import Karel, KarelTaskSettings  # noqa: E402
from psynth_leaps import latent  # noqa: E402
from psynth_leaps.cross_entropy import elites  # noqa: E402
from psynth_leaps.latent import Cebs, Cem, Latent  # noqa: E402
from psynth_leaps.plans import CrossEntropy  # noqa: E402

from psynth.core.errors import InputError  # noqa: E402
from psynth.core.stream.records import End, Frontier, Metric, Model, Record  # noqa: E402
from psynth.plugins.evaluator import Budget  # noqa: E402
from psynth.plugins.method import Context  # noqa: E402
from tests.psynth_leaps.conftest import drawn, train  # noqa: E402

pytestmark = pytest.mark.neural

METHODS = [Cem(max_evaluations=150, population=16, iterations=5, restarts=2), Cebs(max_evaluations=150, population=16)]


def tasks(*names: str) -> list[Record]:
    """Karel's library and tasks of the profile leaps."""
    settings = KarelTaskSettings(profile="leaps", task=names, instances=4, held_out=10)
    return [*Karel().records(settings, 0, "base"), End("complete")]


def search(method: Latent, records: list[Record], seed: int = 0, jobs: int = 1) -> list[Record]:
    """What a method makes of a stream."""
    return list(method.run(iter(records), Context("search", seed=seed, jobs=jobs)))


@pytest.mark.parametrize("method", METHODS, ids=["cem", "cebs"])
def test_a_search_tells_what_it_found(method: Latent, model: tuple[Path, list[Record]]) -> None:
    folder, trained = model
    [record] = [each for each in trained if isinstance(each, Model)]
    stream = [record, *tasks("stair-climber", "harvester")]
    found = search(method, stream)
    frontiers = [each for each in found if isinstance(each, Frontier)]
    assert len(frontiers) == 2
    with Karel().evaluator(Karel().library(), Budget()) as evaluator:
        for frontier in frontiers:
            assert frontier.task is not None
            assert frontier.search is not None
            best = frontier.programs[0]
            [[verdict]] = evaluator.judge([(frontier.task, [best.program])])
            assert best.reward == verdict.reward == frontier.search.reward
            assert best.held_out_reward == verdict.held_out_reward is not None
            assert 0 < frontier.search.programs <= 150
            mine = [each for each in found if isinstance(each, Metric) and each.labels["task"] == frontier.task.id]
            values = [each.value for each in mine]
            assert values == sorted(values)
            assert values[-1] == best.reward
    assert search(method, stream) == found
    assert search(method, stream, jobs=2) == found
    assert search(dataclasses.replace(method, model=folder), stream[1:])[-3:] == found[-3:]
    assert search(method, stream, seed=1) != found


def test_a_target_ends_the_search(model: tuple[Path, list[Record]]) -> None:
    method = Cem(model=model[0], target=0.0, population=8)
    [frontier] = [each for each in search(method, tasks("maze")) if isinstance(each, Frontier)]
    assert frontier.search is not None
    assert (frontier.search.status, frontier.search.programs) == ("solved", 9)


def test_a_missing_or_unfit_model_is_bad_input(
    model: tuple[Path, list[Record]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(latent, "SHIPPED", tmp_path / "nothing")
    with pytest.raises(InputError, match="no embedding of karel"):
        search(Cem(), tasks("maze"))
    with pytest.raises(InputError, match="no model there"):
        search(Cem(model=tmp_path), tasks("maze"))
    library, frontier, end = tasks("maze")
    short = dataclasses.replace(library, productions=library.productions[1:], contextual=None)
    with pytest.raises(InputError, match="karel_seq"):
        search(Cem(model=model[0]), [short, frontier, end])
    folder = tmp_path / "torn"
    folder.mkdir()
    (folder / "config.json").write_bytes((model[0] / "config.json").read_bytes())
    (folder / "model.safetensors").write_bytes((model[0] / "model.safetensors").read_bytes()[:1000])
    with pytest.raises(InputError, match="cannot be read"):
        search(Cem(model=folder), tasks("maze"))


def test_a_model_that_was_trained_again_is_not_searched_with(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    method = Cem(max_evaluations=20, population=8)
    [record] = [each for each in train(folder, drawn(40), epochs=1, losses="p") if isinstance(each, Model)]
    before = search(method, [record, *tasks("maze")])[-2]
    again = train(folder, drawn(40, seed=1), epochs=1, losses="p", overwrite=True)
    with pytest.raises(InputError, match="trained again") as caught:
        search(method, [record, *tasks("maze")])
    assert caught.value.exit_code == 3
    # Named by its folder or by its new record it is loaded anew, though the old one was loaded before.
    [record] = [each for each in again if isinstance(each, Model)]
    after = search(method, [record, *tasks("maze")])[-2]
    assert search(dataclasses.replace(method, model=folder), tasks("maze"))[-2] == after != before


def test_a_model_without_a_digest_is_warned_of_once(model: tuple[Path, list[Record]]) -> None:
    warned: list[str] = []
    record = Model(kind="embedding", path=str(model[0]), domain="karel")
    method = Cem(max_evaluations=5, population=4)
    context = Context("cem-search", warn=warned.append)
    list(method.run(iter([record, *tasks("maze", "harvester")]), context))
    assert len(warned) == 1
    assert "not verified" in warned[0]


def plan(**settings: object) -> CrossEntropy:
    """A small plan."""
    given = {"population": 4, "elite": 0.5, "sigma": 0.5, "decay_iterations": 10, "reduction": "mean", "start": "zeros"}
    return CrossEntropy(**(given | settings))  # type: ignore[arg-type]


def test_the_parts_of_the_cross_entropy_method() -> None:
    vectors, gains = np.array([[0.0, 4.0], [2.0, 0.0]]), np.array([0.9, 0.4])
    assert plan().reduce(vectors, gains).tolist() == [1.0, 2.0]
    assert plan(reduction="max").reduce(vectors, gains).tolist() == [2.0, 4.0]
    # LEAPS' rewards are a tenth greater: weights 1 and 1/2.
    assert plan(reduction="weighted").reduce(vectors, gains) == pytest.approx([2 / 3, 8 / 3])
    assert plan(reduction="weighted").reduce(vectors, gains - 2) == pytest.approx([1.0, 2.0])
    falling = plan(final_sigma=0.005)
    assert [falling.sigma_at(step) for step in (0, 5, 10, 99)] == pytest.approx([0.5, 0.05, 0.005, 0.005])
    assert plan().sigma_at(99) == 0.5
    rng = np.random.default_rng(0)
    assert plan(start="ones").first(3, rng).tolist() == [0.01] * 3
    assert 0 < np.abs(plan(start="tiny-normal").first(500, rng)).mean() < 0.1
    assert elites(["b", "a", "c"], np.array([1.0, 1.0, 2.0]), 2).tolist() == [2, 1]
