"""Registers the language models ``openai``, ``replay`` and ``transformers``."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register


@hookimpl
def register_language_models(register: Register) -> None:
    """Register the models, none of which is imported before it is asked."""
    register("openai", "psynth_models.endpoint:Endpoint", help="any endpoint that speaks the protocol of OpenAI")
    register("replay", "psynth_models.replay:Replay", help="the answers of a recorded file, offline")
    register("transformers", "psynth_models.local:Transformers", help="a model in a folder, by transformers")
