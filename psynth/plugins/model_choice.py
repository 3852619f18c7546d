"""The models that ``--model NAME[:OPTIONS]`` names, and which of several answers a request."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence

from psynth.core.errors import UsageError
from psynth.core.named_settings import settings_values, split_name
from psynth.core.seeds import stable_hash
from psynth.core.settings import did_you_mean, settings_json
from psynth.core.stream.records import encode
from psynth.plugins.language_model import LanguageModel
from psynth.plugins.registry import LANGUAGE_MODEL, Registry

FLAG = "--model"


class ChosenModel:
    """A model with what identifies its answers: the name under which it is registered, and its settings."""

    def __init__(self, name: str, model: LanguageModel) -> None:
        self.model = model
        self.identity = encode([name, settings_json(model)]).decode()
        self.lock = threading.Lock()


def parse_model(text: str, registry: Registry) -> ChosenModel:
    """The model that a value of --model names, ``NAME`` or ``NAME:setting=value,…``; UsageError with the nearest."""
    name, settings = split_name(FLAG, text)
    offers = registry.offers(LANGUAGE_MODEL)
    if name not in offers:
        hint = did_you_mean(name, offers)
        raise UsageError(f"{FLAG} {name}: there is no language model {name!r}; there are {', '.join(offers)}{hint}")
    found = registry.language_model(name)
    values = settings_values(FLAG, name, settings, found)
    try:
        model: LanguageModel = found(**values)
    except UsageError as error:
        raise UsageError(f"{FLAG} {name}: {error}") from None
    missing = model.missing()
    if missing is not None:
        raise UsageError(f"{FLAG} {name} needs {missing}: {FLAG} {name}:{missing}")
    return ChosenModel(name, model)


def parse_models(texts: Sequence[str], registry: Registry) -> list[ChosenModel]:
    """The models that several values of --model name; UsageError without any, or if all their weights are 0."""
    if not texts:
        offers = ", ".join(registry.offers(LANGUAGE_MODEL))
        raise UsageError(f"name a language model with {FLAG} NAME[:OPTIONS]: {offers}; psynth help models")
    models = [parse_model(text, registry) for text in texts]
    if not any(each.model.weight for each in models):
        raise UsageError(f"{FLAG}: every weight is 0")
    return models


def chosen(models: Sequence[ChosenModel], key: str) -> ChosenModel:
    """The model for the request with a key, by the weights: the same for the same key."""
    bounds = list(itertools.accumulate(each.model.weight for each in models))
    place = stable_hash("model", key) / 2**64 * bounds[-1]
    return next((each for each, bound in zip(models, bounds, strict=True) if place < bound), models[-1])
