"""Draws programs from a network, word by word: the task is read once, and many programs are written side by side.

With the constraint ``type``, a word is drawn from those alone that fit the next hole and leave a program that can be
finished; the others' probability is shared out among these. With ``vocabulary`` a draw ends at the first word that is
no word of programs, as in CodeIt (Butt et al., 2024); with ``none`` it ends where the network says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import torch

from psynth.core.errors import InputError
from psynth.core.seeds import stable_hash
from psynth_policy.derivation import Derivation, Typing
from psynth_policy.network import Network
from psynth_policy.reading import Numbers
from psynth_policy.stepping import Decoder
from psynth_policy.vocabulary import Vocabulary

Constraint: TypeAlias = Literal["type", "vocabulary", "none"]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How words are drawn: ``top_k`` 0 and ``top_p`` 1 leave all words; temperature 0 takes the likeliest.

    ``max_words`` bounds a program; None stands for what the model has learned from.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    max_words: int | None = None
    constrain: Constraint = "type"
    together: int = 256
    """Maximum number of programs that are written side by side."""


@dataclass(slots=True)
class Drawn:
    """A draw: its words or, if constrained by types, its derivation.

    ``log_probability`` is that of its words under the network, of those that fit their places, at temperature 1.
    """

    words: list[str]
    derivation: Derivation | None
    log_probability: float = 0.0
    ended: bool = False


@torch.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
def draw(
    network: Network,
    vocabulary: Vocabulary,
    read: Numbers,
    count: int,
    sampling: Sampling,
    seed: int,
    typing: Typing | None,
) -> list[Drawn]:
    """``count`` draws of at most ``max_words``; on one machine they depend on the seed and their number alone."""
    numbers = torch.tensor([read], device=network.device)
    states = network.t5.encoder(input_ids=numbers, attention_mask=torch.ones_like(numbers)).last_hidden_state
    found: list[Drawn] = []
    for start in range(0, count, sampling.together):
        places = range(start, min(start + sampling.together, count))
        found += _Block(network, vocabulary, states, sampling, seed, places, typing).drawn()
    return found


class _Block:
    """Programs that are written side by side."""

    def __init__(
        self,
        network: Network,
        vocabulary: Vocabulary,
        states: Any,
        sampling: Sampling,
        seed: int,
        places: range,
        typing: Typing | None,
    ) -> None:
        assert sampling.max_words is not None
        self._vocabulary, self._sampling = vocabulary, sampling
        self._most = sampling.max_words
        self._rows = [Drawn([], None if typing is None else Derivation(typing, self._most)) for _ in places]
        self._random = [np.random.default_rng(stable_hash(seed, place)) for place in places]
        self._device = states.device
        self._decoder = Decoder(network.t5, states, len(places), self._most + 1)
        wanted = vocabulary.program_numbers
        if sampling.constrain != "type":
            self._names: list[str | None] = list(vocabulary.program_words)
            others = sorted(set(range(len(vocabulary))) - set(wanted))
            # The end is first of the others, none of which is a word of programs.
            others.remove(vocabulary.end)
            wanted = [*wanted, vocabulary.end, *others]
        self._numbers = torch.tensor(wanted, device=self._device)
        self._wanted = np.array(wanted)
        embedding = network.t5.get_output_embeddings().weight
        self._head = embedding[self._numbers]
        config = network.t5.config
        self._scale = config.d_model**-0.5 if config.tie_word_embeddings else 1.0

    def drawn(self) -> list[Drawn]:
        """Write all of them."""
        open_ = list(range(len(self._rows)))
        words = torch.full((len(open_),), self._vocabulary.pad, device=self._device)
        steps = self._most + (self._sampling.constrain != "type")
        for _ in range(steps):
            chosen = self._choose(self._logits(words), open_)
            going = [place for place, row in enumerate(open_) if not self._rows[row].ended]
            if not going:
                break
            if len(going) < len(open_):
                self._decoder.keep(torch.tensor(going, device=self._device))
            open_ = [open_[place] for place in going]
            words = torch.from_numpy(self._wanted[chosen[going]]).to(self._device)
        return self._rows

    def _logits(self, words: Any) -> Any:
        """The logits (rows, words) of the word after the newest of each open program, as an array."""
        state = self._decoder.step(words) * self._scale
        return (state @ self._head.T).double().cpu().numpy()

    def _choose(self, logits: Any, open_: list[int]) -> Any:
        """Choose the next word of each open program, by its place among the words."""
        rows = [self._rows[row] for row in open_]
        if self._sampling.constrain == "type":
            allowed = np.stack([row.derivation.fitting() for row in rows if row.derivation is not None])
            logits = np.where(allowed, logits, -np.inf)
        totals = _log_sum_exp(logits)
        uniform = np.array([self._random[row].random() for row in open_])
        chosen = self._pick(logits, uniform)
        for place, row in enumerate(rows):
            word = int(chosen[place])
            if row.derivation is not None:
                while not row.derivation.choose(word):
                    # What cannot be finished is no choice: the same number falls on one of the others.
                    logits[place, word] = -np.inf
                    word = int(self._pick(logits[place : place + 1], uniform[place : place + 1])[0])
                chosen[place] = word
                row.ended = row.derivation.complete
            else:
                row.ended = word >= len(self._names)
                if not row.ended:
                    row.words.append(self._names[word] or "")
                elif self._sampling.constrain == "none" and self._wanted[word] != self._vocabulary.end:
                    row.words.append("\0")
                    row.ended = False
            row.log_probability += float(logits[place, word] - totals[place])
        return chosen

    def _pick(self, logits: Any, uniform: Any) -> Any:
        """A word of each row: after temperature, ``top_k`` and ``top_p``, the one on which the row's number falls."""
        sampling = self._sampling
        if sampling.temperature == 0:
            return logits.argmax(1)
        scaled = logits / sampling.temperature
        if sampling.top_k and sampling.top_k < scaled.shape[1]:
            least = np.partition(scaled, -sampling.top_k, axis=1)[:, -sampling.top_k, None]
            scaled = np.where(scaled >= least, scaled, -np.inf)
        odds = np.exp(scaled - scaled.max(1, keepdims=True))
        odds /= odds.sum(1, keepdims=True)
        if sampling.top_p < 1:
            order = np.argsort(-odds, axis=1, kind="stable")
            ordered = np.take_along_axis(odds, order, 1)
            # A word stays if those before it have less than top_p.
            ordered[np.cumsum(ordered, 1) - ordered >= sampling.top_p] = 0
            np.put_along_axis(odds, order, ordered, 1)
            odds /= odds.sum(1, keepdims=True)
        sums = np.cumsum(odds, 1)
        chosen = (sums <= uniform[:, None] * sums[:, -1:]).sum(1)
        last = odds.shape[1] - 1 - np.argmax(odds[:, ::-1] > 0, axis=1)
        return np.minimum(chosen, last)


def _log_sum_exp(logits: Any) -> Any:
    highest = logits.max(1, keepdims=True)
    if not math.isfinite(float(highest.sum())):
        raise InputError("the model's outputs are not finite")
    return highest[:, 0] + np.log(np.exp(logits - highest).sum(1))
