"""The settings of the train method ``recognition``, each declared once, in the order of its options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from psynth.core.settings import setting
from psynth.learning.settings import ModelDestination

KIND = "recognition"
"""The kind of the models."""
WIDEST = 65_536
"""The greatest width of a layer that a setting allows; what fits into memory is less."""


@dataclass(frozen=True)
class Schedule:
    """The parameters of training, which determine the weights together with the sizes, the data and the seed."""

    grammar: str = setting(
        "bigram",
        choices=("unigram", "bigram"),
        main=True,
        help="predict one set of weights, or one for each argument of each production",
    )
    dreams: float = setting(
        0.5, minimum=0, maximum=1, main=True, help="share of dreams in a step; the others are replayed solutions"
    )
    loss: str = setting(
        "best",
        choices=("best", "sampled", "all"),
        help="learn each task's likeliest program, one sampled by its posterior, or all weighted by it",
    )
    auxiliary: float = setting(
        1.0, minimum=0, help="weight of the loss for predicting which productions the best program has"
    )
    steps: int = setting(3000, minimum=1, main=True, unit="steps", help="steps of training")
    batch: int = setting(16, minimum=1, maximum=1_000_000, unit="tasks", help="tasks in each step")
    rate: float = setting(1e-3, minimum=0, help="learning rate of Adam")
    epsilon: float = setting(1e-8, minimum=0, help="term that keeps Adam's denominators from 0")
    amsgrad: bool = setting(False, help="use the AMSGrad variant of Adam")
    clip: float = setting(5.0, minimum=0, help="maximum norm of the gradient")
    max_programs: int = setting(
        5, minimum=1, maximum=10_000, unit="programs", help="best programs of a task to learn from"
    )
    validation: float = setting(0.1, minimum=0, maximum=0.9, help="share of the tasks to hold out")
    report: int = setting(200, minimum=1, unit="steps", help="steps between validations, which give metrics")
    device: str = setting("auto", choices=("auto", "cpu", "cuda"), help="device to train on")
    timeout: float | None = setting(
        None, minimum=0, unit="seconds", main=True, help="stop after this long; run again to continue"
    )
    checkpoint: float = setting(120, minimum=0, unit="seconds", help="time between checkpoints", provenance=False)


@dataclass(frozen=True)
class Perception:
    """The configurable sizes of the network; the others follow from library and domain."""

    encoder: str = setting(
        "auto",
        choices=("auto", "tokens", "objects", "image"),
        help="read tasks as sequences, as sets of objects or as an image; auto: as the domain says",
    )
    hidden: int = setting(128, minimum=1, maximum=WIDEST, unit="units", help="units of each layer")
    examples: int = setting(8, minimum=1, maximum=WIDEST, unit="examples", help="examples of a task to read, at most")
    max_tokens: int = setting(
        200, minimum=2, maximum=WIDEST, unit="tokens", help="tokens of an example to read, at most"
    )


@dataclass(frozen=True)
class RecognitionSettings(Schedule, Perception, ModelDestination):
    """All settings of the method."""

    tensorboard: Path | None = setting(
        None, file="write", value="DIR", help="folder to write TensorBoard logs to", provenance=False
    )
    overwrite: bool = setting(False, help="start over, even if the model folder holds a checkpoint")


MAY_CHANGE = ("model", "steps", "timeout", "checkpoint", "tensorboard", "overwrite", "device")
"""Settings that may change when a training run is continued."""
