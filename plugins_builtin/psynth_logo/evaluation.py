"""The evaluator of drawings: the λ-machine draws them and compares pictures."""

from __future__ import annotations

from typing import ClassVar

from psynth.plugins.lambda_evaluator import LambdaMachineEvaluator


class Drawings(LambdaMachineEvaluator):
    """Judges a drawing by its picture, in the λ-machine, since pictures that differ little are equal."""

    equal_values: ClassVar[bool] = False
