"""The folder of a model at the start of its training: continued, begun or begun again, never mixed with another's."""

from __future__ import annotations

from collections.abc import Callable

from psynth.core.errors import UsageError
from psynth.core.stream.fields import Fields
from psynth.learning.checkpoints import CHECKPOINT, OtherTraining
from psynth.learning.model_folder import WEIGHTS, ModelFolder


def prepare_folder(
    folder: ModelFolder, config: Fields, resume: Callable[[], bool], *, overwrite: bool, learned_from: str
) -> None:
    """Continue the training run of the folder, or start one if the folder is empty or may be overwritten.

    ``resume`` restores the folder's checkpoint and returns whether there was one. Raises `UsageError` if the folder
    holds a model of other data (``learned_from`` names the kind) or settings.
    """
    folder.create()
    if overwrite:
        # The folder never holds the new configuration with the old weights.
        for name in (CHECKPOINT, WEIGHTS):
            (folder.path / name).unlink(missing_ok=True)
    other = UsageError(
        f"--model {folder.path}: there is a model of other {learned_from} or settings; --overwrite starts over"
    )
    try:
        resumed = resume()
    except OtherTraining as error:
        raise other from error
    if not resumed and (folder.path / WEIGHTS).exists():
        raise other
    folder.write_config(config)
