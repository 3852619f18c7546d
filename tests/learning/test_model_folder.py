"""Model folders: found from their record wherever both were moved, and refused when they are not the ones meant."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from psynth.core.errors import InputError, UsageError
from psynth.core.stream.fields import INTEGER, TEXT, Fields, field
from psynth.core.stream.records import Model, Place
from psynth.learning.extras import require
from psynth.learning.model_folder import CONFIG, WEIGHTS, ModelFolder
from tests.psynth_command import ROOT


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Config(Fields):
    """A configuration."""

    name: str = field(TEXT)
    size: int = field(INTEGER)


def train(path: Path, weights: bytes = b"first") -> ModelFolder:
    """A folder as a training leaves it."""
    folder = ModelFolder(path)
    folder.create()
    folder.write_config(Config(name="toy", size=3))
    (path / WEIGHTS).write_bytes(weights)
    return folder


def record(folder: ModelFolder, path: str, stream: Path | str | None = None) -> Model:
    """The record of a folder as read from a stream."""
    place = None if stream is None else Place(str(stream), 7)
    return Model(kind="toy", path=path, sha256=folder.digest(), place=place)


def refuse(message: str) -> None:
    """A warning where none is due."""
    raise AssertionError(message)


def test_a_folder_that_was_trained_again_is_refused(tmp_path: Path) -> None:
    folder = train(tmp_path / "model")
    before = record(folder, "model", tmp_path / "stream.jsonl")
    assert ModelFolder.open(before, refuse).path == tmp_path / "model"
    (folder.path / "training.safetensors").write_bytes(b"a checkpoint is no part of the model")
    assert ModelFolder.open(before, refuse).path == tmp_path / "model"
    train(tmp_path / "model", b"second")
    with pytest.raises(
        InputError, match=r"trained again or changed after its record was written \(.*stream\.jsonl:7\)"
    ) as caught:
        ModelFolder.open(before, refuse)
    assert (caught.value.exit_code, caught.value.source) == (3, str(tmp_path / "model"))
    train(tmp_path / "model", b"first")
    assert ModelFolder.open(before, refuse).path == tmp_path / "model"
    folder.write_config(Config(name="toy", size=4))
    with pytest.raises(InputError, match="trained again or changed"):
        ModelFolder.open(before, refuse)


def test_a_folder_is_found_beside_its_stream_then_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here" / "out").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    folder = train(Path("out/model"))
    # Where the commands are run, whether the stream is a file there, in the folder, or comes by a pipe.
    for stream in ("out/stream.jsonl", "stream.jsonl", "<stdin>", None):
        assert ModelFolder.open(record(folder, "out/model", stream), refuse).path == Path("out/model")
    given = record(folder, "out/model", tmp_path / "there" / "stream.jsonl")
    (tmp_path / "here" / "out").rename(tmp_path / "there")
    # Moved together, it is found by its name beside the stream; by a pipe there is nothing to find it by.
    assert ModelFolder.open(given, refuse).path == tmp_path / "there" / "model"
    with pytest.raises(InputError, match="no model there"):
        ModelFolder.open(dataclasses.replace(given, place=Place("<stdin>", 1)), refuse)


def test_among_folders_of_one_name_the_digest_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    train(tmp_path / "elsewhere" / "model", b"other")
    folder = train(tmp_path / "model")
    given = record(folder, "model", "elsewhere/stream.jsonl")
    assert ModelFolder.open(given, refuse).path == Path("model")
    warned: list[str] = []
    unverified = dataclasses.replace(given, sha256=None)
    assert ModelFolder.open(unverified, warned.append).path == Path("elsewhere/model")
    assert len(warned) == 1
    assert "no sha256" in warned[0]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"name": "toy"}', "size: missing"),
        ('{"name": "toy", "size": "3"}', "size: expected an integer, not a string"),
        ('{"name": "toy", "si', "not JSON"),
        ("[]", "expected an object, not a list"),
    ],
)
def test_a_damaged_configuration_names_file_and_field(tmp_path: Path, text: str, why: str) -> None:
    folder = train(tmp_path)
    assert folder.read_config(Config) == Config(name="toy", size=3)
    (tmp_path / CONFIG).write_text(text)
    with pytest.raises(InputError, match=rf"{CONFIG}.*: {why}"):
        folder.read_config(Config)


def test_what_is_no_model_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no model there"):
        ModelFolder(tmp_path).digest()
    with pytest.raises(InputError, match="no model there"):
        ModelFolder(tmp_path).read_config(Config)
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="--model"):
        ModelFolder(tmp_path / "file").create()


def test_missing_packages_are_named_with_their_extra() -> None:
    require("psynth", "json", "pathlib")
    with pytest.raises(UsageError, match=r"psynth train needs no_such_package: pip install .*\[neural\]"):
        require("psynth train", "json", "no_such_package")


def test_torch_is_imported_on_use_only() -> None:
    modules = sorted(path.stem for path in (ROOT / "psynth" / "learning").glob("[a-z]*.py"))
    assert "model_folder" in modules
    names = [f"psynth.learning.{name}" for name in modules]
    names += [f"psynth_leaps.{name}" for name in ("plugin", "embedding", "latent")]
    names += [f"psynth_recognition.{name}" for name in ("plugin", "recognition", "guide", "corpus")]
    code = f"import importlib, sys\nfor name in {names}: importlib.import_module(name)\n"
    code += "sys.exit(bool({'torch', 'safetensors', 'tensorboard'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_file_is_no_folder_and_a_training_without_weights_is_told_of(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(UsageError, match=r"--model .*file: is a file, not a model's folder"):
        ModelFolder(file).create()
    with pytest.raises(InputError, match="is a file, not a model's folder"):
        ModelFolder(file).read_config(Config)
    folder = train(tmp_path / "model")
    (folder.path / WEIGHTS).unlink()
    with pytest.raises(InputError, match="before its first report; the same psynth train command continues it"):
        folder.load(lambda: pytest.fail("no network is built"), None)  # type: ignore[arg-type]
