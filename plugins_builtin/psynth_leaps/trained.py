"""A trained embedding in its folder: its configuration, and the network with its weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

# ruff: noqa: RUF009 - field() returns a dataclass field, not a shared default
from psynth.core.errors import InputError
from psynth.core.stream.fields import INTEGER, OBJECT, TEXT, Fields, checked, field, list_of
from psynth.core.stream.records import Library
from psynth.learning.model_folder import CONFIG, ModelFolder
from psynth.learning.sizes import sizes_kind
from psynth_leaps.language import ProgramLanguage
from psynth_leaps.network import Network, Sizes
from psynth_leaps.settings import KIND

FORMAT = 1
LARGEST_SIZE = 1_000_000
"""Maximum size of a network or program; the shapes of the weights limit the rest."""

SIZE = checked(INTEGER, f"a size from 1 to {LARGEST_SIZE}", lambda value: 1 <= value <= LARGEST_SIZE)


def _read_size(name: str, value: Any) -> Any:
    if value is None and name in ("actions", "features"):
        return None
    return (list_of(SIZE) if name == "features" else SIZE).read(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Fields):
    """The configuration of an embedding: all data needed for loading, and the settings of its training."""

    format: int = field(checked(INTEGER, f"format {FORMAT} of embeddings", lambda value: value == FORMAT))
    kind: str = field(checked(TEXT, KIND, lambda value: value == KIND))
    domain: str = field(TEXT)
    request: str = field(TEXT)
    library: dict[str, Any] = field(OBJECT)
    """The library's record."""
    sizes: Sizes = field(sizes_kind(Sizes, _read_size))
    max_length: int = field(SIZE)
    settings: dict[str, Any] = field(OBJECT)

    @property
    def language(self) -> ProgramLanguage:
        """The language of its programs; raises `InputError` if the library has no such language."""
        return ProgramLanguage.of(Library.from_json(self.library), self.request)


def load(folder: ModelFolder, device: torch.device) -> tuple[Config, Network]:
    """A trained model, ready to encode and decode.

    Raises `InputError`, with the file at fault, if the folder holds no model or a damaged one.
    """
    config = folder.read_config(Config)
    try:
        productions = len(config.language.names)
    except InputError as error:
        raise InputError(f"library: {error.message}", source=str(folder.path / CONFIG)) from error
    if config.sizes.productions != productions:
        problem = f"sizes.productions: {config.sizes.productions}, but the library has {productions}"
        raise InputError(problem, source=str(folder.path / CONFIG))
    return config, folder.load(lambda: Network(config.sizes), device)
