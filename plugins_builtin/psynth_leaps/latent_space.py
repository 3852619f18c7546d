"""A trained model as a latent space: vectors in, programs out."""

from __future__ import annotations

import functools
import threading
from typing import Any

import torch

from psynth.core.errors import InputError
from psynth.learning.layers.packing import Packing
from psynth.learning.model_folder import ModelFolder
from psynth_leaps.network import decode, written
from psynth_leaps.syntax_mask import SyntaxTables
from psynth_leaps.trained import load


class LatentSpace:
    """The latent space of the model in a folder, on the CPU, as searches decode few programs at a time."""

    def __init__(self, folder: ModelFolder) -> None:
        self._config, self._network = load(folder, torch.device("cpu"))
        self.domain, self.request = self._config.domain, self._config.request
        self.language = self._config.language
        self.dimensions = self._config.sizes.latent
        self._tables = SyntaxTables(self.language, torch.device("cpu"))

    def decode(self, vectors: Any) -> list[str]:
        """The likeliest program of each vector; ``vectors`` is a numpy array (vectors, dimensions)."""
        latent = torch.from_numpy(vectors).float()
        return written(self.language, decode(self._network, self._tables, latent, self._config.max_length))

    @torch.no_grad()
    def encode(self, programs: list[str]) -> Any:
        """The mean vector of each program (a numpy array); raises `NotInLanguage` for one outside the language."""
        import numpy as np

        numbers = [self.language.read(program) for program in programs]
        lengths = np.array([len(each) for each in numbers])
        padded = torch.zeros((len(numbers), int(lengths.max())), dtype=torch.long)
        for row, each in enumerate(numbers):
            padded[row, : len(each)] = torch.tensor(each)
        packing = Packing.of(lengths)
        means, _ = self._network.encode(packing.pack(padded), packing)
        found = torch.empty_like(means)
        found[packing.order] = means
        return found.numpy()


_lock = threading.Lock()


def latent_space(folder: ModelFolder) -> LatentSpace:
    """The latent space of a folder's model, loaded once for each content; raises `InputError` if there is none."""
    with _lock:
        return _loaded(folder, folder.digest())


@functools.lru_cache(maxsize=4)
def _loaded(folder: ModelFolder, digest: str) -> LatentSpace:
    space = LatentSpace(folder)
    # The digest is part of the key, so that a retrained model is reloaded.
    if folder.digest() != digest:
        raise InputError("the model was written while it was read", source=str(folder.path))
    return space
