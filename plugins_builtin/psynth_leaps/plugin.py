"""Registers LEAPS' training and its searches in latent space."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import RegisterMethod


@hookimpl
def register_methods(register: RegisterMethod) -> None:
    """Register ``psynth train --method embedding``, and ``cem`` and ``cebs`` of ``psynth search``."""
    register("train", "embedding", "psynth_leaps.embedding:Embedding", help="a latent space of programs, as in LEAPS")
    register("search", "cem", "psynth_leaps.latent:Cem", help="LEAPS' cross-entropy method in a model's latent space")
    register("search", "cebs", "psynth_leaps.latent:Cebs", help="cross-entropy beam search in a model's latent space")
