"""The settings of the train method ``policy``, each declared once, in the order of its options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from psynth.core.settings import setting
from psynth.learning.settings import ModelDestination
from psynth.plugins.task_text import Shown

KIND = "policy"
"""The kind of the models."""
WIDEST = 65_536
"""The greatest width of a layer that a setting allows; what fits into memory is less."""
DEEPEST = 256
"""The greatest number of layers."""
FROM_SCRATCH, FINE_TUNED = 7e-4, 5e-5
"""Learning rates: of models from scratch, and of pretrained ones as published for CodeIt."""


@dataclass(frozen=True)
class Size:
    """Sizes of a model: ``hidden`` units, so many ``layers`` in the encoder and in the decoder, and ``heads``."""

    hidden: int
    layers: int
    heads: int


SIZES = {"tiny": Size(128, 2, 4), "mini": Size(256, 4, 4), "small": Size(512, 6, 8), "base": Size(768, 12, 12)}
"""Sizes by name: about 1, 8, 45 and 200 million parameters, and one row of ``hidden`` for each word."""


@dataclass(frozen=True)
class PolicySettings(ModelDestination):
    """All settings of the method."""

    size: str = setting("tiny", choices=tuple(SIZES), main=True, help="size of a model from scratch")
    hidden: int | None = setting(None, minimum=8, maximum=WIDEST, unit="units", help="units of a layer, not --size's")
    layers: int | None = setting(None, minimum=1, maximum=DEEPEST, unit="layers", help="layers, not --size's")
    heads: int | None = setting(None, minimum=1, maximum=DEEPEST, unit="heads", help="attention heads, not --size's")
    dropout: float = setting(0.1, minimum=0, maximum=0.9, help="share of units that a step leaves out")
    base: str | None = setting(
        None,
        value="DIR",
        main=True,
        help="start from this pretrained T5 model: a folder, or its name on a hub",
    )
    start: Path | None = setting(
        None,
        file="read",
        value="DIR",
        main=True,
        flag="--from",
        help="go on from this policy, with its optimizer's state; may be the folder of --model",
    )
    show: Shown = setting("examples", help="what the model reads of a task")
    parent: bool = setting(False, help="learn to change a parent program, for psynth mutate")
    examples: int = setting(10, minimum=0, maximum=WIDEST, unit="examples", help="examples of a task to read, at most")
    max_input: int = setting(512, minimum=8, maximum=WIDEST, unit="words", help="words of a task to read, at most")
    max_words: int = setting(
        128, minimum=1, maximum=WIDEST, unit="words", help="learn from programs of at most so many words"
    )
    max_programs: int = setting(
        5, minimum=1, maximum=10_000, unit="programs", help="best programs of a task to learn from"
    )
    epochs: int = setting(10, minimum=1, maximum=1_000_000, main=True, unit="epochs", help="times to read the data")
    batch: int = setting(32, minimum=1, maximum=1_000_000, unit="programs", help="programs in each step")
    accumulate: int = setting(
        1, minimum=1, maximum=10_000, unit="parts", help="compute a step in so many parts, which needs less memory"
    )
    rate: float | None = setting(
        None, minimum=0, help="learning rate of AdamW (default: 7e-4, with --base or --from such a model 5e-5)"
    )
    warmup: int = setting(200, minimum=0, unit="steps", help="steps in which the learning rate rises to --rate")
    decay: float = setting(0.01, minimum=0, help="weight decay of AdamW")
    clip: float = setting(1.0, minimum=0, help="maximum norm of the gradient")
    validation: float = setting(0.1, minimum=0, maximum=0.9, help="share of the tasks to hold out")
    keep: str = setting("best", choices=("best", "last"), help="weights to keep: best in validation, or the last")
    report: int = setting(100, minimum=1, unit="steps", help="steps between validations, which give metrics")
    device: str = setting("auto", choices=("auto", "cpu", "cuda"), help="device to train on; bf16 on a GPU")
    timeout: float | None = setting(
        None, minimum=0, unit="seconds", main=True, help="stop after this long; run again to continue"
    )
    checkpoint: float = setting(120, minimum=0, unit="seconds", help="time between checkpoints", provenance=False)
    tensorboard: Path | None = setting(
        None, file="write", value="DIR", help="folder to write TensorBoard logs to", provenance=False
    )
    overwrite: bool = setting(False, help="start over, even if the model folder holds a checkpoint")

    @property
    def sizes(self) -> Size:
        """The sizes of a model from scratch."""
        named = SIZES[self.size]
        return Size(self.hidden or named.hidden, self.layers or named.layers, self.heads or named.heads)


MAY_CHANGE = ("model", "start", "timeout", "checkpoint", "tensorboard", "overwrite", "device")
"""Settings that may change when a training run is continued."""
