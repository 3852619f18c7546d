"""How methods ask language models: many requests at a time, each once, within a budget that decides alike at any -j."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from psynth.core.closing import Closing
from psynth.core.errors import InputError, UsageError
from psynth.core.limits import LARGEST
from psynth.core.settings import setting
from psynth.core.wording import counted
from psynth.core.work import Canceled, Stop, Work, in_order
from psynth.plugins.answer_cache import AnswerCache
from psynth.plugins.language_model import Answer, ModelFailure, ModelRequest, RequestTooLong, Sampling, Usage
from psynth.plugins.method import Context
from psynth.plugins.model_choice import ChosenModel, ModelChoice, parse_model, parse_models
from psynth.plugins.prices import Price, prompt_tokens_at_most, read_prices

Reply: TypeAlias = Answer | RequestTooLong | None
"""What becomes of a request; None where the budget was spent before."""
Asked: TypeAlias = tuple[ModelRequest, int]
"""A request, and the place of the model that answers it."""


_UNSAMPLED = Sampling(max_tokens=0, n=0)
"""The options of a request for an embedding, whose answer has no completion."""


@dataclass(frozen=True)
class AskingSettings:
    """The settings of methods that ask language models. A method extends it beside its own base."""

    model: tuple[str, ...] = setting(
        (),
        value="NAME[:OPTIONS]",
        main=True,
        help="the language model, with settings as NAME:SETTING=VALUE,… (psynth help models); repeatable",
    )
    choose: Literal["weight", "bandit"] = setting(
        "weight",
        help="which of several models is asked: by their weights, or the one that gains most for its cost",
    )
    temperature: float = setting(0.7, minimum=0, maximum=10, help="temperature of the sampling")
    top_p: float = setting(1.0, minimum=0, maximum=1, help="share of the probability of tokens that are sampled from")
    max_tokens: int = setting(512, minimum=1, maximum=1 << 20, unit="tokens", help="maximum length of one completion")
    cache: Path | None = setting(
        None,
        file="write",
        provenance=False,
        main=True,
        help="a file of answers: what it has is not asked again, and every answer is added to it",
    )
    cache_mode: Literal["read", "refresh", "off"] = setting(
        "read", provenance=False, help="whether to use the answers of --cache, ask again and replace them, or neither"
    )
    prices: Path | None = setting(
        None,
        file="read",
        help='a JSON file with prices in USD a million tokens: {"MODEL": {"prompt": 1, "completion": 2}}',
    )
    max_cost_usd: float | None = setting(
        None,
        minimum=0,
        unit="USD",
        help="ask no more once answers, also those of --cache, may cost more (needs --prices)",
    )
    token_budget: int | None = setting(
        None,
        minimum=1,
        maximum=LARGEST,
        unit="tokens",
        help="ask no more once requests and answers may have more tokens",
    )

    def sampling(self, seed: int, n: int = 1, stop: tuple[str, ...] = ()) -> Sampling:
        """The options of one request."""
        return Sampling(self.temperature, self.top_p, self.max_tokens, n, stop, seed % (1 << 31))


class Asker(Closing):
    """Asks the models of the settings, and keeps account.

    ``used`` is what all answers cost when they were paid, ``paid`` what was paid now. A request is asked if what the
    answers to all requests before it cost leaves room for it, so that the budget ends a run at the same request for any
    number of requests in flight, and whether answers are cached or not.
    """

    def __init__(self, settings: AskingSettings, context: Context, embedder: str | None = None) -> None:
        """``embedder`` is the value of --embedder, the model that gives embeddings (default: the first of --model)."""
        self._settings, self._context = settings, context
        self._models = parse_models(settings.model, context.registry)
        self._choice = ModelChoice(self._models, learns=settings.choose == "bandit")
        self._embedder = 0
        if embedder is not None:
            self._embedder = len(self._models)
            self._models.append(parse_model(embedder, context.registry, "--embedder"))
        self._prices = {} if settings.prices is None else read_prices(settings.prices)
        if settings.max_cost_usd is not None:
            self._require_prices()
        if settings.cache is None and settings.cache_mode == "refresh":
            raise UsageError("--cache-mode refresh needs the file of --cache")
        self._cache: AnswerCache | None = None
        if settings.cache is not None and settings.cache_mode != "off":
            self._cache = AnswerCache(settings.cache, refresh=settings.cache_mode == "refresh", stage=context.command)
            for warning in self._cache.warnings:
                context.warn(warning)
        self._stop = Stop()
        self.used, self.paid = Usage(), Usage()
        self.asked = self.recalled = 0
        self.exhausted = False
        self._said_forecast = False
        self._failure: ModelFailure | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Say what was asked and paid."""
        self._stop.set()
        self.tell()
        if self._cache is not None:
            self._cache.close()

    def tell(self) -> None:
        """Say what was asked and paid since the last time."""
        tell = self._context.warn if self.exhausted else self._context.note
        if self.asked or self.recalled:
            end = "; the budget ended the requests" if self.exhausted else ""
            recalled = f", {counted(self.recalled, 'answer')} of the cache" if self.recalled else ""
            tell(f"{counted(self.asked, 'request')} asked, {_described(self.paid)} paid{recalled}{end}")
            for model, (answers, gain, cost) in zip(self._models, self._choice.shares(), strict=False):
                each = "" if cost is None else f", {cost:.6g} {self._unit} each"
                self._context.note(f"{model.model.model_name}: {counted(answers, 'answer')} worth {gain:.6g}{each}")
        self.asked = self.recalled = 0

    def learn(self, answer: Answer, gain: float) -> None:
        """Take into account for --choose bandit what share of an answer's completions was of use."""
        self._choice.learn(answer.place, gain, self._cost(answer))

    @property
    def _unit(self) -> str:
        """What the costs of models are compared in: USD if all have prices, or else tokens."""
        return "USD" if all(self._price(each) is not None for each in self._models) else "tokens"

    def _cost(self, answer: Answer) -> float:
        return (answer.usage.cost or 0.0) if self._unit == "USD" else float(answer.usage.tokens)

    def ask(self, requests: Sequence[ModelRequest]) -> list[Reply]:
        """The reply to each request, in order. Raises ModelFailure if a model does not answer one."""
        return self._replies([(request, self._choice.choose(request.digest())) for request in requests])

    def embed(self, texts: Sequence[str]) -> list[tuple[float, ...] | None]:
        """The vector of each text, of one length; None where the budget was spent before.

        Raises ModelFailure if the model does not answer, UsageError if it gives no embeddings, and InputError if a text
        is too long for it.
        """
        requests = [ModelRequest(prompt=text, sampling=_UNSAMPLED, embedding=True) for text in texts]
        found: list[tuple[float, ...] | None] = []
        for reply in self._replies([(request, self._embedder) for request in requests]):
            if isinstance(reply, RequestTooLong):
                raise reply
            found.append(None if reply is None else reply.vector)
        if len({len(each) for each in found if each is not None}) > 1:
            raise InputError(f"embeddings of {self._models[self._embedder].model.model_name} differ in length")
        return found

    def _replies(self, asked: Sequence[Asked]) -> list[Reply]:
        self._forecast_once(asked)
        replies: list[Reply] = []
        while len(replies) < len(asked) and not self.exhausted:
            admitted = self._admitted(asked[len(replies) :])
            self.exhausted = not admitted
            replies += self._round(admitted)
        return replies + [None] * (len(asked) - len(replies))

    def _require_prices(self) -> None:
        """UsageError for a model without a price."""
        for each in self._models:
            if each.model.model_name not in self._prices:
                raise UsageError(
                    f"--max-cost-usd needs the price of the model {each.model.model_name!r}: give it in --prices FILE"
                )

    def _price(self, model: ChosenModel) -> Price | None:
        return self._prices.get(model.model.model_name)

    def _admitted(self, asked: Sequence[Asked]) -> Sequence[Asked]:
        """The first requests, as many as fit into the budget whatever their answers are."""
        money, tokens = self._settings.max_cost_usd, self._settings.token_budget
        if money is None and tokens is None:
            return asked
        cost, count = self.used.cost or 0.0, self.used.tokens
        for number, (request, place) in enumerate(asked):
            most = _at_most(request, self._price(self._models[place]))
            cost, count = cost + (most.cost or 0.0), count + most.tokens
            if (money is not None and cost > money) or (tokens is not None and count > tokens):
                return asked[:number]
        return asked

    def _round(self, asked: Sequence[Asked]) -> list[Answer | RequestTooLong]:
        """The replies in order; equal requests are asked once."""
        keys = [request.digest(self._models[place].identity) for request, place in asked]
        distinct = dict(zip(keys, asked, strict=True))
        self._stop = stop = Stop()
        work = (self._work(key, *distinct[key], stop) for key in distinct)
        try:
            replies = dict(zip(distinct, in_order(work, jobs=self._context.jobs, stop=stop), strict=True))
        except Canceled:
            # What failed made the others stop, also those before it.
            raise self._failure or ModelFailure("the requests were canceled") from None
        found = [
            replace(reply, place=place) if isinstance(reply := replies[key], Answer) else reply
            for key, (_, place) in zip(keys, asked, strict=True)
        ]
        for reply in found:
            self.used += reply.usage if isinstance(reply, Answer) else Usage()
        return found

    def _work(self, key: str, request: ModelRequest, place: int, stop: Stop) -> Work[Answer | RequestTooLong]:
        model = self._models[place]
        known = None if self._cache is None else self._cache.get(key)
        if known is not None:
            self.recalled += 1
            return Work.done(self._priced(known, model))

        def ask() -> Iterator[Answer | RequestTooLong]:
            if stop.is_set():
                raise Canceled
            with contextlib.nullcontext() if model.model.concurrent else model.lock:
                yield self._answer(key, request, model, stop)

        return Work(ask)

    def _answer(self, key: str, request: ModelRequest, model: ChosenModel, stop: Stop) -> Answer | RequestTooLong:
        """Ask, and record what was answered and paid before anything else happens."""
        try:
            given = model.model.embed(request.prompt, stop) if request.embedding else model.model.answer(request, stop)
            answer = self._priced(given, model)
        except RequestTooLong as error:
            return error
        except ModelFailure as failure:
            if failure.usage.tokens:
                failure.usage = self._usage(failure.usage, model)
                self._pay(failure.usage)
                if self._cache is not None:
                    self._cache.add_failure(key, model.model.model_name, failure)
            self._failure = failure
            stop.set()
            raise
        self._pay(answer.usage)
        return answer if self._cache is None else self._priced(self._cache.add(key, request, answer), model)

    def _pay(self, usage: Usage) -> None:
        with self._lock:
            self.asked += 1
            self.paid += usage

    def _priced(self, answer: Answer, model: ChosenModel) -> Answer:
        return replace(answer, usage=self._usage(answer.usage, model))

    def _usage(self, usage: Usage, model: ChosenModel) -> Usage:
        """The tokens with their cost by the table or, without a price there, as it was recorded."""
        price = self._price(model)
        if price is None:
            return usage
        return replace(usage, cost=price.of(usage.prompt_tokens, usage.completion_tokens))

    def _forecast_once(self, asked: Sequence[Asked]) -> None:
        """Say what the first requests may cost before any of them is asked."""
        if self._said_forecast:
            return
        models = [(request, self._models[place]) for request, place in asked]
        new = [
            (request, model)
            for request, model in models
            if self._cache is None or self._cache.get(request.digest(model.identity)) is None
        ]
        if not new:
            return
        self._said_forecast = True
        most = sum((_at_most(request, self._price(model)) for request, model in new), Usage())
        tell = self._context.note if most.cost is None else self._context.warn
        tell(f"forecast for the first {counted(len(new), 'request')}: at most {_described(most)}")


def _at_most(request: ModelRequest, price: Price | None) -> Usage:
    """The most that a request may take."""
    prompt, completion = prompt_tokens_at_most(request), request.sampling.n * request.sampling.max_tokens
    return Usage(prompt, completion, None if price is None else price.of(prompt, completion))


def _described(usage: Usage) -> str:
    cost = "" if usage.cost is None else f", ${usage.cost:.6g}"
    return f"{usage.prompt_tokens:,} + {usage.completion_tokens:,} tokens{cost}"
