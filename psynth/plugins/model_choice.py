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
from psynth.plugins.bandits import CostAwareBandit
from psynth.plugins.language_model import LanguageModel
from psynth.plugins.registry import LANGUAGE_MODEL, Registry

FLAG = "--model"


class ChosenModel:
    """A model with what identifies its answers: the name under which it is registered, and its settings."""

    def __init__(self, name: str, model: LanguageModel) -> None:
        self.model = model
        self.identity = encode([name, settings_json(model)]).decode()
        self.lock = threading.Lock()


def parse_model(text: str, registry: Registry, flag: str = FLAG) -> ChosenModel:
    """The model that a value of --model names, ``NAME`` or ``NAME:setting=value,…``; UsageError with the nearest.

    ``flag`` is another one whose value it is.
    """
    name, settings = split_name(flag, text)
    offers = registry.offers(LANGUAGE_MODEL)
    if name not in offers:
        hint = did_you_mean(name, offers)
        raise UsageError(f"{flag} {name}: there is no language model {name!r}; there are {', '.join(offers)}{hint}")
    found = registry.language_model(name)
    values = settings_values(flag, name, settings, found)
    try:
        model: LanguageModel = found(**values)
    except UsageError as error:
        raise UsageError(f"{flag} {name}: {error}") from None
    missing = model.missing()
    if missing is not None:
        raise UsageError(f"{flag} {name} needs {missing}: {flag} {name}:{missing}")
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


class ModelChoice:
    """Which of several models answers a request: by their weights, or by what their answers were worth.

    By weights it is the same model for the same request. A bandit learns between two batches of requests, so that its
    choices depend on the answers, and not on the number of requests in flight; a model of weight 0 is never chosen.
    """

    def __init__(self, models: Sequence[ChosenModel], *, learns: bool) -> None:
        self._bounds = list(itertools.accumulate(each.model.weight for each in models))
        self._open = [place for place, each in enumerate(models) if each.model.weight]
        self._bandit = CostAwareBandit(len(models)) if learns else None

    def choose(self, key: str) -> int:
        """The place of the model for the request with a key."""
        if self._bandit is not None:
            return self._bandit.choose(self._open)
        wanted = stable_hash("model", key) / 2**64 * self._bounds[-1]
        return next((place for place, bound in enumerate(self._bounds) if wanted < bound), self._open[-1])

    def learn(self, place: int, gain: float, cost: float) -> None:
        """What an answer of a model was worth, between 0 and 1, and what it cost, in one unit for all models."""
        if self._bandit is not None:
            self._bandit.learn(place, gain, cost)

    def shares(self) -> list[tuple[int, float, float | None]]:
        """For each model the number of answers that were learned from, their gain, and their mean cost."""
        return [] if self._bandit is None else [(each.ended, each.gained, each.mean_cost) for each in self._bandit.arms]
