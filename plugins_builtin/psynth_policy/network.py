"""The network: T5 of the library transformers (Raffel et al., 2020), from scratch or pretrained, as weights by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from psynth.core.errors import InputError, UsageError

POSITIONS = 32, 128
"""Buckets of relative positions, and the distance from which on all are in the last, as in T5."""


class Network(nn.Module):  # type: ignore[misc, unused-ignore]
    """A T5 model; ``state_dict`` has each weight once, though the model uses those of words in several places."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        from transformers import T5Config, T5ForConditionalGeneration

        self.t5: Any = T5ForConditionalGeneration(T5Config(**config))
        self.t5.tie_weights()

    def state_dict(self, *arguments: Any, **options: Any) -> Any:
        """The weights by name, each once."""
        return dict(self.named_parameters())

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> Any:
        """Take over weights by name, and use those of words in all their places."""
        self.t5.tie_weights()
        given = dict(state_dict)
        with torch.no_grad():
            for name, parameter in self.named_parameters():
                parameter.copy_(given[name])

    def forward(self, read: Tensor, there: Tensor, labels: Tensor) -> Tensor:
        """The mean loss of labels (programs, words), in which −100 is not learned, given what was read."""
        return self.t5(input_ids=read, attention_mask=there, labels=labels).loss  # type: ignore[no-any-return, unused-ignore]

    @property
    def device(self) -> torch.device:
        """The device of the weights."""
        return next(self.parameters()).device


def scratch_config(
    vocabulary: int, *, hidden: int, layers: int, heads: int, dropout: float, pad: int, end: int
) -> dict[str, Any]:
    """The configuration of a model from scratch; UsageError if the units do not divide by the heads."""
    if hidden % heads:
        raise UsageError(f"--hidden {hidden} does not divide by --heads {heads}")
    return {
        "vocab_size": vocabulary,
        "d_model": hidden,
        "d_kv": hidden // heads,
        "d_ff": 4 * hidden,
        "num_layers": layers,
        "num_decoder_layers": layers,
        "num_heads": heads,
        "relative_attention_num_buckets": POSITIONS[0],
        "relative_attention_max_distance": POSITIONS[1],
        "dropout_rate": dropout,
        "feed_forward_proj": "relu",
        "tie_word_embeddings": True,
        "pad_token_id": pad,
        "eos_token_id": end,
        "decoder_start_token_id": pad,
    }


COPIED = (
    *("d_model", "d_kv", "d_ff", "num_layers", "num_decoder_layers", "num_heads", "relative_attention_num_buckets"),
    *("relative_attention_max_distance", "layer_norm_epsilon", "feed_forward_proj", "tie_word_embeddings"),
)
"""What a pretrained model's configuration determines."""


def pretrained(path: str) -> tuple[Any, Any, dict[str, Any]]:
    """The model and tokenizer of a folder or of a hub, and what of its configuration matters.

    Weights are read from safetensors alone, and no code of the folder is run. Raises `InputError` if there is no model,
    or another kind than T5.
    """
    from transformers import AutoConfig, AutoTokenizer, T5ForConditionalGeneration
    from transformers.utils import logging

    quiet: Any = logging
    quiet.disable_progress_bar()
    try:
        config = AutoConfig.from_pretrained(path, trust_remote_code=False)
        if config.model_type != "t5":
            raise InputError(f"a model of kind {config.model_type!r}; policies are of kind 't5'", source=path)
        model = T5ForConditionalGeneration.from_pretrained(path, use_safetensors=True, trust_remote_code=False)
        tokenizer = AutoTokenizer.from_pretrained(path, trust_remote_code=False)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"no pretrained model can be read: {str(error).splitlines()[0]}", source=path) from error
    return model, tokenizer, {name: getattr(config, name) for name in COPIED if hasattr(config, name)}


def grow(old: Mapping[str, Tensor], new: nn.Module, pieces: Mapping[int, list[int]] | None = None) -> None:
    """Take the weights ``old`` over into a network with more words, whose further rows stay as they are.

    With ``pieces`` a further row becomes the mean of other rows.
    """
    with torch.no_grad():
        for name, parameter in new.named_parameters():
            before = old[name]
            if before.shape == parameter.shape:
                parameter.copy_(before)
                continue
            parameter[: len(before)] = before
            for row, parts in (pieces or {}).items():
                parameter[row] = before[parts].mean(0)


def grown_moments(optimizer: torch.optim.Optimizer, network: nn.Module) -> None:
    """Give the optimizer's moments of weights with more rows than before zeros in the further ones."""
    for parameter in network.parameters():
        state = optimizer.state.get(parameter, {})
        for key, value in list(state.items()):
            if value.ndim and value.shape != parameter.shape:
                padded = torch.zeros_like(parameter)
                padded[: len(value)] = value
                state[key] = padded


def batches_of(lengths: list[int], order: list[int], size: int, window: int = 16) -> Iterator[list[int]]:
    """Yield the places of an order in batches of like lengths, so that little of a batch is padding."""
    for start in range(0, len(order), size * window):
        part = sorted(order[start : start + size * window], key=lambda place: (lengths[place], place))
        yield from (part[first : first + size] for first in range(0, len(part), size))
