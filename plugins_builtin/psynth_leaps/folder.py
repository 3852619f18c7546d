"""A model's folder: weights, a configuration that says all that is needed to load them, and where training stands.

model.safetensors     the best weights so far, by validation loss
config.json           sizes, language and settings
training.safetensors  weights, optimizer and figures after the last checkpoint, to go on from
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from psynth.core.errors import InputError
from psynth.core.stream.records import Library
from psynth_leaps.language import Language
from psynth_leaps.network import Network, Sizes

FORMAT = 1
WEIGHTS, CONFIG, TRAINING = "model.safetensors", "config.json", "training.safetensors"


@dataclass(frozen=True, slots=True)
class Config:
    """What a model is: all that loading needs, and the settings that it was trained with."""

    domain: str
    request: str
    library: dict[str, Any]
    sizes: Sizes
    max_length: int
    settings: dict[str, Any]

    @property
    def language(self) -> Language:
        """The language that its programs are written in."""
        return Language.of(Library.from_json(self.library), self.request)

    def to_json(self) -> dict[str, Any]:
        """The content of the configuration file."""
        return {"format": FORMAT, "kind": "embedding", **dataclasses.asdict(self)}

    @classmethod
    def from_json(cls, data: Any) -> Config:
        """Read the content of a configuration file; InputError if it is none that this psynth knows."""
        if not isinstance(data, dict) or (data.get("kind"), data.get("format")) != ("embedding", FORMAT):
            raise InputError(f"not the configuration of an embedding, format {FORMAT}")
        try:
            sizes = dict(data["sizes"])
            if sizes["features"] is not None:
                sizes["features"] = tuple(sizes["features"])
            wrong = [name for name, value in sizes.items() if name != "features" and not _is_size(value)]
            if wrong or not _is_size(data["max_length"]):
                raise ValueError(f"{(wrong or ['max_length'])[0]} is no size")
            fields = (data["domain"], data["request"], data["library"], Sizes(**sizes))
            return cls(*fields, data["max_length"], data["settings"])
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"the configuration lacks or has wrong: {error}") from error


def _is_size(value: Any) -> bool:
    return value is None or (type(value) is int and value > 0)


def digest(folder: Path) -> str:
    """The SHA-256 of a model's weights and configuration together, in hexadecimal."""
    found = hashlib.sha256()
    for name in (CONFIG, WEIGHTS):
        found.update((folder / name).read_bytes())
    return found.hexdigest()


def write_config(folder: Path, config: Config) -> None:
    """Write the configuration."""
    _replace(folder / CONFIG, (json.dumps(config.to_json(), indent=2) + "\n").encode())


def write_weights(path: Path, tensors: dict[str, Tensor], note: dict[str, Any] | None = None) -> None:
    """Write tensors, with a JSON object beside them in the same file, which gets its name only when it is whole."""
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    _replace(path, save(plain, metadata={"note": orjson.dumps(note or {}).decode()}))


def read_weights(path: Path, device: torch.device) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and the JSON object beside them; InputError if the file is not whole."""
    try:
        with safe_open(path, "pt") as file:
            note = orjson.loads((file.metadata() or {}).get("note", "{}"))
        return load_file(path, device=str(device)), note
    except (OSError, SafetensorError, ValueError) as error:
        raise InputError(f"cannot be read: {error}", source=str(path)) from error


def load(folder: Path, device: torch.device) -> tuple[Config, Network]:
    """A trained model, ready to encode and decode; InputError if the folder holds none."""
    path = folder / CONFIG
    try:
        config = Config.from_json(json.loads(path.read_bytes()))
    except OSError as error:
        raise InputError(f"no model there: {error.strerror}", source=str(path)) from error
    except ValueError as error:
        raise InputError(f"not JSON: {error}", source=str(path)) from error
    except InputError as error:
        raise InputError(error.message, source=str(path)) from error
    try:
        network = Network(config.sizes)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"sizes that no network has: {error}", source=str(path)) from error
    tensors, _ = read_weights(folder / WEIGHTS, torch.device("cpu"))
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise InputError("the weights do not fit the configuration", source=str(folder / WEIGHTS)) from error
    return config, network.to(device).eval()


def _replace(path: Path, data: bytes) -> None:
    written = path.with_name(path.name + ".part")
    written.write_bytes(data)
    os.replace(written, path)
