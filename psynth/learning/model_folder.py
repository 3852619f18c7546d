"""A trained model on disk: a folder with a JSON configuration and weights, found from its record and verified."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from psynth.core.errors import InputError, UsageError
from psynth.core.files import read_json, whole_file
from psynth.core.stream.fields import Fields, WrongField
from psynth.core.stream.records import Model
from psynth.learning.tensors import Layout, read_tensors, write_tensors

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    Network = TypeVar("Network", bound=nn.Module)

Config = TypeVar("Config", bound=Fields)

CONFIG, WEIGHTS = "config.json", "model.safetensors"
NO_FOLDER = "is a file, not a model's folder"


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """The folder of one model: ``config.json`` has all data needed for loading, ``model.safetensors`` the weights."""

    path: Path

    @classmethod
    def open(cls, record: Model, warn: Callable[[str], None]) -> ModelFolder:
        """The folder that a model record names, with the same content as when the record was written.

        A relative path is resolved against the folder of the stream's file, then the current folder; as a last resort
        a folder of the same name beside the stream is used, so that both may be moved together. The digest selects
        among them. A record without a digest cannot be verified, which gives a warning. Raises `InputError` if there is
        no such folder, or none with the record's digest; its source is the folder, as no frontier is at fault.
        """
        found = [folder for folder in map(cls, _candidates(record)) if folder.exists]
        if not found:
            problem = f"no model there, relative to the stream's folder or the current one{_named_by(record)}"
            raise InputError(problem, source=record.path)
        if record.sha256 is None:
            warn(f"the record of the model {record.path} has no sha256: the model is not verified")
            return found[0]
        for folder in found:
            if folder.digest() == record.sha256:
                return folder
        raise InputError(
            f"trained again or changed after its record was written{_named_by(record)}: its sha256 is "
            f"{found[0].digest()[:12]}…, not {record.sha256[:12]}…; use the record that the last training wrote",
            source=str(found[0].path),
        )

    @property
    def exists(self) -> bool:
        """Whether there is a model, with configuration and weights."""
        return (self.path / CONFIG).is_file() and (self.path / WEIGHTS).is_file()

    def create(self) -> None:
        """Create the folder if it does not exist; raises `UsageError` if that is impossible."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except FileExistsError as error:
            raise UsageError(f"--model {self.path}: {NO_FOLDER}") from error
        except OSError as error:
            raise UsageError(f"--model {self.path}: {error.strerror}") from error

    def digest(self) -> str:
        """The SHA-256 of configuration and weights together, in hexadecimal; raises `InputError` without a model."""
        found = hashlib.sha256()
        for name in (CONFIG, WEIGHTS):
            try:
                with open(self.path / name, "rb") as file:
                    while block := file.read(1 << 20):
                        found.update(block)
            except OSError as error:
                raise InputError(f"no model there: {error.strerror}", source=str(self.path / name)) from error
        return found.hexdigest()

    def write_config(self, config: Fields) -> None:
        """Write the configuration."""
        with whole_file(self.path / CONFIG) as file:
            file.write((json.dumps(config.to_json(), indent=2) + "\n").encode())

    def read_config(self, kind: type[Config]) -> Config:
        """The configuration; raises `InputError`, with file and field, if it is missing, damaged or of another kind.

        A subclass of `Fields` declares its content and checks it.
        """
        path = self.path / CONFIG
        if self.path.is_file():
            raise InputError(NO_FOLDER, source=str(self.path))
        if not path.is_file():
            raise InputError("no model there", source=str(path))
        try:
            return kind.read_fields(read_json(path))
        except WrongField as wrong:
            raise InputError(str(wrong), source=str(path)) from wrong

    def write_weights(self, tensors: Mapping[str, Tensor], note: Mapping[str, Any] | None = None) -> None:
        """Write the weights, with a JSON object beside them."""
        write_tensors(self.path / WEIGHTS, tensors, note)

    def load(self, build: Callable[[], Network], device: torch.device) -> Network:
        """The network that ``build`` makes, with the folder's weights, on a device and in evaluation mode.

        It is first built without memory, which is allocated only once all shapes match those of the file, so that a
        configuration with absurd sizes costs nothing. Raises `InputError` if no such network is possible or the weights
        do not fit it.
        """
        if not (self.path / WEIGHTS).exists():
            raise InputError(
                "no weights there yet: the training ended before its first report; the same psynth train command "
                "continues it",
                source=str(self.path),
            )
        import torch

        try:
            with torch.device("meta"):
                network = build()
        except (TypeError, ValueError, RuntimeError, OverflowError) as error:
            raise InputError(f"no network has such sizes: {error}", source=str(self.path / CONFIG)) from error
        weights = read_tensors(self.path / WEIGHTS, layout_of(network.state_dict()))
        network.to_empty(device=device).load_state_dict(weights)
        network.eval()
        return network


def layout_of(tensors: Mapping[str, Tensor]) -> Layout:
    """The shapes and number types of a file with these tensors."""
    return {name: (tuple(tensor.shape), str(tensor.dtype)) for name, tensor in tensors.items()}


def _named_by(record: Model) -> str:
    """The place from which a model record was read, for a message."""
    return "" if record.place is None else f" ({record.place.source}:{record.place.line})"


def _candidates(record: Model) -> Iterator[Path]:
    path = Path(record.path)
    beside = None if record.place is None or record.place.source == "<stdin>" else Path(record.place.source).parent
    if beside is not None:
        yield beside / path
    yield path
    if beside is not None:
        yield beside / path.name
