"""Registers what psynth_embedding offers."""

from psynth.plugins import hookimpl


@hookimpl
def register_methods(register) -> None:
    """Register ``psynth train --method embedding`` and the searches in the latent space."""
    register(
        "train", "embedding", "psynth_embedding.embedding:Embedding", help="a latent space of programs, as LEAPS has it"
    )
