"""Training: it learns, it goes on where it was killed, and a model is read again as it was."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

import numpy as np  # noqa: E402
from psynth_karel.domain import Karel  # noqa: E402
from psynth_leaps.batch import make_batch  # noqa: E402
from psynth_leaps.corpus import read_corpus  # noqa: E402
from psynth_leaps.embedding import Embedding  # noqa: E402
from psynth_leaps.latent_space import LatentSpace  # noqa: E402
from psynth_leaps.objectives import behavior_match  # noqa: E402
from psynth_leaps.training_programs import TrainingProgram  # noqa: E402

from psynth.core.errors import InputError, UsageError  # noqa: E402
from psynth.core.extras import installation  # noqa: E402
from psynth.core.stream.records import End, Frontier, Library, Metric, Model, Record  # noqa: E402
from psynth.core.stream.writing import open_writer  # noqa: E402
from psynth.learning.model_folder import ModelFolder  # noqa: E402
from psynth.plugins.method import Context  # noqa: E402
from tests.psynth_command import ROOT  # noqa: E402
from tests.psynth_leaps.conftest import drawn, train  # noqa: E402

pytestmark = pytest.mark.neural


def curve(records: list[Record], name: str, split: str = "train") -> list[float]:
    """A figure by epoch."""
    return [
        each.value
        for each in records
        if isinstance(each, Metric) and each.name == name and each.labels["split"] == split
    ]


def weights(folder: Path) -> str:
    """The digest of everything a training leaves in its folder but the times of files."""
    found = hashlib.sha256()
    for name in ("model.safetensors", "training.safetensors", "config.json"):
        found.update((folder / name).read_bytes())
    return found.hexdigest()


def test_all_losses_fall_and_the_stream_names_the_model(model: tuple[Path, list[Record]]) -> None:
    folder, records = model
    for name in ("program_loss", "executor_loss"):
        for split in ("train", "validation"):
            found = curve(records, name, split)
            assert len(found) == 6
            assert found[-1] < 0.95 * found[0], (name, split)
    assert all(0 <= reward <= 1 for reward in curve(records, "reward"))
    assert [type(each) for each in records if not isinstance(each, Metric)] == [Library, Model, End]
    [record] = [each for each in records if isinstance(each, Model)]
    assert (record.kind, record.path, record.domain) == ("embedding", str(folder), "karel")
    assert record.config["losses"] == "prl"


@pytest.mark.parametrize("losses", ["p", "pr", "pl"])
def test_ablations_train(losses: str, tmp_path: Path) -> None:
    records = train(tmp_path, drawn(60), epochs=2, losses=losses, reinforce_from=0.0)
    assert bool(curve(records, "executor_loss")) == ("l" in losses)
    assert bool(curve(records, "reward")) == ("r" in losses)
    assert len(curve(records, "program_loss", "validation")) == 2


def test_stopped_at_any_step_it_ends_with_the_same_bytes(tmp_path: Path) -> None:
    stream = drawn(100)
    whole = train(tmp_path / "whole", stream, epochs=3, reinforce_from=0.0)
    stops = 0
    while True:
        records = train(tmp_path / "parts", stream, epochs=3, reinforce_from=0.0, timeout=0.0)
        if records[-1] == End("complete"):
            break
        assert records[-1] == End("budget")
        stops += 1
        assert stops <= 9
    # Three steps an epoch, and a stop after each.
    assert stops == 9
    assert weights(tmp_path / "parts") == weights(tmp_path / "whole")
    assert [each for each in records if isinstance(each, Metric)] == [
        each for each in whole if isinstance(each, Metric)
    ]


@pytest.mark.slow
def test_an_interrupt_saves_and_the_same_command_goes_on(tmp_path: Path) -> None:
    stream = tmp_path / "stream.jsonl"
    with open_writer(str(stream)) as writer:
        for record in drawn(120)[:-1]:
            writer.write(record)
        writer.finish("complete")
    sizes = ("--latent=8", "--hidden=16", "--executor=8", "--filters=2", "--batch=16", "--losses=pl")
    command = [sys.executable, "-m", "psynth", "train", "--model", "model", *sizes, "--epochs", "3", str(stream)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [*command, "-o", "out"], cwd=tmp_path, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as process:
        while not (tmp_path / "model" / "training.safetensors").exists() and process.poll() is None:
            pass
        process.send_signal(signal.SIGINT)
        _, warned = process.communicate(timeout=60)
    if process.returncode != 0:
        assert process.returncode == 130, warned
        subprocess.run(
            [*command, "-o", "out"], cwd=tmp_path, env=environment, check=True, timeout=120, capture_output=True
        )
    subprocess.run(
        [*["other" if word == "model" else word for word in command], "-o", "again"],
        cwd=tmp_path, env=environment, check=True, timeout=120, capture_output=True,
    )  # fmt: skip
    assert weights(tmp_path / "model") == weights(tmp_path / "other")


def test_other_programs_or_settings_do_not_overwrite_a_model(tmp_path: Path) -> None:
    train(tmp_path, drawn(40), epochs=1, losses="p")
    with pytest.raises(UsageError, match="--overwrite"):
        train(tmp_path, drawn(40, seed=1), epochs=1, losses="p")
    with pytest.raises(UsageError, match="--overwrite"):
        train(tmp_path, drawn(40), epochs=1, losses="p", beta=0.2)
    assert len(curve(train(tmp_path, drawn(40), epochs=2, losses="p"), "loss")) == 2
    train(tmp_path, drawn(40, seed=1), epochs=1, losses="p", overwrite=True)


def test_a_model_is_read_again_as_it_was(model: tuple[Path, list[Record]]) -> None:
    folder, _ = model
    vectors = np.random.default_rng(0).standard_normal((40, 16))
    programs = LatentSpace(ModelFolder(folder)).decode(vectors)
    assert programs == LatentSpace(ModelFolder(folder)).decode(vectors)
    assert len(set(programs)) > 1
    # One at a time gives what all together give.
    assert [LatentSpace(ModelFolder(folder)).decode(vector[None])[0] for vector in vectors[:5]] == programs[:5]
    again = LatentSpace(ModelFolder(folder)).decode(LatentSpace(ModelFolder(folder)).encode(programs))
    assert sum(map(str.__eq__, again, programs)) > 0


def test_what_cannot_be_learned_from_is_refused(tmp_path: Path) -> None:
    library, *frontiers, end = drawn(20)
    with pytest.raises(InputError, match="no programs to learn from"):
        train(tmp_path, [library, end])
    with pytest.raises(UsageError, match="--model"):
        list(Embedding().run(iter([library, *frontiers, end]), Context("train")))
    with pytest.raises(InputError, match="none of 20 programs"):
        train(tmp_path, [library, *_unwritable(frontiers), end], losses="p")


def _unwritable(frontiers: list[Record]) -> list[Record]:
    return [
        dataclasses.replace(each, programs=(dataclasses.replace(each.programs[0], program="(lambda $0)"),))
        for each in frontiers
        if isinstance(each, Frontier)
    ]


def test_left_nested_sequences_become_one_term() -> None:
    karel = Karel()
    frontier = drawn(1)[1]
    assert isinstance(frontier, Frontier)
    assert frontier.task is not None
    texts = ("(karel_seq (karel_seq move move) turnLeft)", "(karel_seq move (karel_seq move turnLeft))")
    corpus, skipped = read_corpus(
        karel, karel.library("leaps"), [TrainingProgram(text, frontier.task) for text in texts], 45, demonstrated=False
    )
    assert (corpus.texts, skipped.duplicates) == (texts[1:], 1)


def test_a_batch_shows_what_programs_do() -> None:
    karel = Karel()
    frontiers = [each for each in drawn(30) if isinstance(each, Frontier)]
    programs = [TrainingProgram(each.programs[0].program, each.task) for each in frontiers if each.task]
    corpus, _ = read_corpus(karel, karel.library("base"), programs, 45, demonstrated=True)
    batch = make_batch(
        corpus,
        np.arange(len(corpus)),
        demonstrations=2,
        most_actions=6,
        rng=np.random.default_rng(0),
        device=torch.device("cpu"),
    )
    episodes = batch.episodes
    assert episodes is not None
    for row in range(len(episodes.actions)):
        sequence = int(episodes.packing.order[episodes.packing.rows[row]])
        step = int(episodes.packing.steps[row])
        length = int(episodes.done_lengths[sequence])
        assert int(episodes.actions[row]) == (5 if step == length else int(episodes.done_actions[sequence][step]))
        assert int(episodes.previous[row]) == (5 if step == 0 else int(episodes.done_actions[sequence][step - 1]))
        # Exactly one cell has the agent, and a turn shows in its plane.
        heading = episodes.features[row, :4].reshape(4, -1)
        assert int(heading.sum()) == 1
    alike = behavior_match(episodes, episodes.done_lengths, episodes.done_actions, len(corpus))
    assert alike == pytest.approx(np.ones(len(corpus)))
    others = (episodes.done_actions + 1) % 5
    lengths = np.maximum(episodes.done_lengths, 1)
    assert behavior_match(episodes, lengths, others, len(corpus)) == pytest.approx(np.zeros(len(corpus)))


def test_without_torch_the_message_names_the_extra() -> None:
    code = "import sys; sys.modules['torch'] = None; from psynth.cli.main import main; sys.exit(main())"
    for words in (["train", "--model", "m"], ["search", "--method", "cem", "--model", "m"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *words],
            input=b"",
            capture_output=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            timeout=60,
        )
        assert done.returncode == 2
        assert installation("neural").encode() in done.stderr
        assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("seed", [-1, 1 << 70])
def test_any_seed_will_do(tmp_path: Path, seed: int) -> None:
    assert any(isinstance(each, Model) for each in train(tmp_path / "model", drawn(40), seed=seed, epochs=1))


def test_a_training_that_diverges_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="lower --rate"):
        train(tmp_path / "model", drawn(60), epochs=30, rate=1e10)


def test_data_sets_of_one_library_are_learned_from_together_and_of_two_are_not(tmp_path: Path) -> None:
    library, *first = drawn(30)[:-1]
    assert isinstance(library, Library)
    *_, model, _ = train(tmp_path / "both", [library, *first, *drawn(30, seed=1)], epochs=1)
    assert model.config["programs"] > 40
    other = dataclasses.replace(library, productions=library.productions[:-1], contextual=None)
    with pytest.raises(InputError, match="library changes"):
        train(tmp_path / "other", [library, *first, other, *drawn(30)[1:]], epochs=1)


def test_programs_without_tasks_can_be_read_and_written_but_show_nothing(tmp_path: Path) -> None:
    given = [dataclasses.replace(each, task=None) if isinstance(each, Frontier) else each for each in drawn(60)]
    *_, model, _ = train(tmp_path / "model", given, epochs=1, losses="p")
    assert (model.domain, model.config["request"]) == ("karel", "stmt")
    with pytest.raises(InputError, match="--losses p"):
        train(tmp_path / "other", given, epochs=1)


@pytest.mark.parametrize(
    ("changed", "wrong", "why"),
    [
        ('"hidden": 24', '"hidden": "abc"', "sizes.hidden: expected an integer, not a string"),
        ('"hidden": 24', '"hidden": -3', "sizes.hidden: expected a size from 1 to"),
        ('"hidden": 24', '"hidden": 1.5', "sizes.hidden: expected an integer"),
        ('"hidden": 24', '"hidden": 1000000000000', "sizes.hidden: expected a size from 1 to"),
        ('"hidden": 24', '"hidden": 1000000', "model.safetensors: does not fit the configuration"),
        ('"hidden": 24', '"width": 24', "sizes.hidden: missing"),
        ('"hidden": 24', '"hidden": 24, "width": 24', "sizes.width: unknown"),
        ('"features": [', '"features": ["x", ', r"sizes.features\[0\]: expected an integer, not a string"),
        ('"productions": 3', '"productions": 13', "sizes.productions: 13., but the library has 3."),
        ('"max_length": 45', '"max_length": 1000000000000', "max_length: expected a size from 1 to"),
        ('"type": "library"', '"type": "library", "continuation": 3', "library: continuation: expected a string"),
        ('"format": 1', '"format": 2', "format: expected format 1"),
        ('"kind": "embedding"', '"kind": "recognition"', "kind: expected embedding, not recognition"),
    ],
)
def test_a_damaged_configuration_is_refused_before_memory_is_taken(
    model: tuple[Path, list[Record]], tmp_path: Path, changed: str, wrong: str, why: str
) -> None:
    folder, _ = model
    text = (folder / "config.json").read_text()
    assert changed in text
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    (tmp_path / "config.json").write_text(text.replace(changed, wrong, 1))
    with pytest.raises(InputError, match=why) as caught:
        LatentSpace(ModelFolder(tmp_path))
    assert caught.value.source in (str(tmp_path / "config.json"), str(tmp_path / "model.safetensors"))


def test_a_training_that_overwrites_never_names_the_old_weights(tmp_path: Path) -> None:
    train(tmp_path, drawn(40), epochs=1, losses="p")
    records = train(tmp_path, drawn(40, seed=1), epochs=1, losses="p", overwrite=True, batch=8, timeout=0.0)
    assert records[-1] == End("budget")
    assert not any(isinstance(each, Model) for each in records)
