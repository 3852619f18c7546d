"""Registers the training of recognition networks, and their use."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import RegisterMethod


@hookimpl
def register_methods(register: RegisterMethod) -> None:
    """Register ``psynth train --method recognition`` and ``psynth guide --method recognition``."""
    register(
        "train",
        "recognition",
        "psynth_recognition.recognition:Recognition",
        help="a network that predicts the weights of productions for a task",
    )
    register(
        "guide", "recognition", "psynth_recognition.guide:Guide", help="weights that a recognition network predicts"
    )
