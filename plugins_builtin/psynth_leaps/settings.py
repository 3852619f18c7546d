"""The settings of the train method ``embedding``, each declared once, in the order of its options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from psynth.core.settings import setting
from psynth.learning.settings import ModelDestination

KIND = "embedding"
"""The kind of the models."""


@dataclass(frozen=True)
class Objective:
    """The losses to minimize; None means all that the domain supports."""

    losses: str | None = setting(
        None, choices=("p", "pr", "pl", "prl"), help="losses to train with (default: all that the domain has)"
    )

    @property
    def imitates(self) -> bool:
        """Whether an executor imitates the actions of programs: the loss L^L."""
        return self.losses is None or "l" in self.losses

    @property
    def reinforces(self) -> bool:
        """Whether programs sampled from the decoder are rewarded for their behavior: the loss L^R."""
        return self.losses is None or "r" in self.losses

    @property
    def demonstrates(self) -> bool:
        """Whether a loss needs demonstrations of the programs."""
        return self.imitates or self.reinforces


WIDEST = 65_536
"""The greatest width of a layer that a setting allows; what fits into memory is less."""
LONGEST = 10_000
"""The greatest length of a program that a setting allows."""


@dataclass(frozen=True)
class Widths:
    """The configurable sizes of the network; the others follow from language and domain."""

    latent: int = setting(256, minimum=1, maximum=WIDEST, unit="dimensions", help="dimensions of the latent space")
    hidden: int = setting(256, minimum=1, maximum=WIDEST, unit="units", help="units of encoder and decoder")
    executor: int = setting(128, minimum=1, maximum=WIDEST, unit="units", help="units of the executor")
    filters: int = setting(16, minimum=1, maximum=WIDEST, unit="filters", help="filters of the executor's convolutions")


@dataclass(frozen=True)
class Schedule(Objective):
    """The parameters of training, which determine the weights together with the sizes, the programs and the seed."""

    epochs: int = setting(150, minimum=1, unit="epochs", help="passes over the programs")
    batch: int = setting(256, minimum=1, maximum=1_000_000, unit="programs", help="programs in each step")
    rate: float = setting(1e-3, minimum=0, help="learning rate of Adam")
    decay: float = setting(0.95, minimum=0, maximum=1, help="factor on the learning rate")
    decay_every: int = setting(10, minimum=1, unit="epochs", help="apply --decay every N epochs")
    clip: float = setting(5.0, minimum=0, help="maximum norm of the gradient")
    beta: float = setting(0.1, minimum=0, help="weight of the mean divergence from the normal distribution")
    executor_weight: float = setting(1.0, minimum=0, help="weight of loss l")
    reinforce_weight: float = setting(0.1, minimum=0, help="weight of loss r")
    entropy: float = setting(0.1, minimum=0, help="weight of the decoder's entropy in loss r")
    reinforce_from: float = setting(
        0.8, minimum=0, maximum=1, help="add loss r once this share of held-out programs is reconstructed exactly"
    )
    reinforce_every: int = setting(4, minimum=1, unit="steps", help="apply loss r every N steps")
    demonstrations: int = setting(
        2, minimum=1, unit="worlds", help="worlds in which each program is executed in a step"
    )
    most_actions: int = setting(20, minimum=1, unit="actions", help="actions to learn from in each demonstration")
    max_length: int = setting(45, minimum=1, maximum=LONGEST, unit="productions", help="maximum length of a program")
    validation: float = setting(0.15, minimum=0, maximum=0.9, help="share of the programs to hold out")
    device: str = setting("auto", choices=("auto", "cpu", "cuda"), help="device")
    precision: str = setting(
        "float32",
        choices=("float32", "bfloat16"),
        help="precision of products; bfloat16 may be faster",
    )
    timeout: float | None = setting(
        None, minimum=0, unit="seconds", main=True, was="--max-time", help="stop after this long; run again to continue"
    )
    checkpoint: float = setting(120, minimum=0, unit="seconds", help="time between checkpoints", provenance=False)

    @property
    def in_bfloat16(self) -> bool:
        """Whether products are computed in bfloat16."""
        return self.precision == "bfloat16"


@dataclass(frozen=True)
class EmbeddingSettings(Schedule, Widths, Objective, ModelDestination):
    """All settings of the method."""

    tensorboard: Path | None = setting(
        None, file="write", value="DIR", help="folder to write TensorBoard logs to", provenance=False
    )
    overwrite: bool = setting(False, help="start over, even if the model folder holds a checkpoint")


MAY_CHANGE = ("model", "epochs", "timeout", "checkpoint", "tensorboard", "overwrite", "device")
"""Settings that may change when a training run is continued."""
