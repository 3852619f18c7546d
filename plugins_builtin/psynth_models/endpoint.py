"""The language model ``openai``: endpoints that speak OpenAI's protocol, asked one after the other."""

from __future__ import annotations

import os
import re
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from psynth.core.errors import UsageError
from psynth.core.settings import setting
from psynth.core.work import Stop
from psynth.plugins.language_model import Answer, Completion, LanguageModel, ModelFailure, ModelRequest, Usage
from psynth_models.protocol import Dialect, Malformed, body_of, completions_of, usage_of, vector_of
from psynth_models.transport import Endpoints, Secret

KEY = "OPENAI_API_KEY"
URL = "https://api.openai.com/v1"
T = TypeVar("T")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")


@dataclass(frozen=True)
class Endpoint(LanguageModel):
    """Ask an endpoint of OpenAI's protocol: a company's, or a server on this machine.

        export OPENAI_API_KEY=…
        psynth sample --method llm -d list --model openai:model=gpt-4o-mini -j 8
        psynth sample --method llm -d list --model openai:model=NAME,base-url=http://127.0.0.1:8080/v1

    The key stands in the environment alone: key-env names the variable, one for each base-url; an endpoint for which
    none is named gets none, but for OpenAI's own. Several base-url are asked in order until one answers. What may pass
    (429, 5xx, timeouts, broken connections and answers) is tried again, after the time that the endpoint asks for or
    twice the time before.
    """

    model: str = setting("gpt-4o-mini", help="the name of the model at the endpoint")
    base_url: tuple[str, ...] = setting((URL,), value="URL", help="where the endpoint is (repeatable: asked in order)")
    key_env: tuple[str, ...] = setting(
        (),
        value="VARIABLE",
        provenance=False,
        help=f"the variable with the key of each base-url ({KEY} for OpenAI's own)",
    )
    retries: int = setting(5, minimum=0, maximum=100, provenance=False, help="how often to try again at each base-url")
    backoff: float = setting(
        1.0, minimum=0, unit="seconds", provenance=False, help="the time before the first of them, doubled each time"
    )
    timeout: float = setting(
        120.0, minimum=0.01, unit="seconds", provenance=False, help="how long to wait for the endpoint"
    )
    limit_field: Literal["max_tokens", "max_completion_tokens"] = setting(
        "max_tokens", help="what the endpoint calls the limit of tokens"
    )
    max_n: int = setting(
        128, minimum=1, maximum=1024, unit="completions", help="ask for no more at a time, but several times"
    )
    seeds: bool = setting(True, help="send the seed of a request")
    log_probs: bool = setting(False, help="ask for log-probabilities")
    grammars: bool = setting(False, help="send grammars, as servers based on llama.cpp take them")
    schemas: bool = setting(False, help="send JSON schemas")

    def __post_init__(self) -> None:
        super().__post_init__()
        for number, url in enumerate(self.base_url, 1):
            _check_url(url, number)
        for number, name in enumerate(self.key_env, 1):
            if not _VARIABLE.fullmatch(name):
                raise UsageError(
                    f"key-env number {number} is not the name of a variable in capital letters; "
                    "the key itself must stand in the environment only"
                )
        if len(self.key_env) > len(self.base_url):
            raise UsageError(f"{len(self.key_env)} key-env for {len(self.base_url)} base-url: each has at most one")
        object.__setattr__(self, "_endpoints", Endpoints(self.retries, self.backoff, self.timeout))

    @property
    def model_name(self) -> str:
        """The name of the model at the endpoint."""
        return self.model

    def answer(self, request: ModelRequest, stop: Stop) -> Answer:
        """As many completions as the request wants: endpoints that give one at a time are asked again for the others.

        All that endpoints say they used counts, also for answers that were of no use.
        """
        used = Usage()
        completions: list[Completion] = []
        wanted = request.sampling.n
        while len(completions) < wanted:
            # Another seed, as the same one would give the same completions again.
            seed = (request.sampling.seed + len(completions)) % (1 << 31)
            rest = replace(request.sampling, n=min(wanted - len(completions), self.max_n), seed=seed)
            try:
                found, usage = self._ask(replace(request, sampling=rest), stop)
            except ModelFailure as failure:
                failure.usage = used + failure.usage
                raise
            used += usage
            completions += found[: wanted - len(completions)]
        return Answer(tuple(completions), used, self.model)

    def _ask(self, request: ModelRequest, stop: Stop) -> tuple[list[Completion], Usage]:
        """The completions of one successful exchange, and the tokens of all that were paid for."""

        def read(answer: Mapping[str, Any]) -> list[Completion]:
            found = completions_of(answer, chat=bool(request.messages))
            if not found:
                raise Malformed("an answer without a completion")
            return found

        path = "/chat/completions" if request.messages else "/completions"
        dialect = Dialect(self.limit_field, self.seeds, self.log_probs, self.grammars, self.schemas)
        keys = self._keys()
        found, used = self._exchange(path, keys, body_of(self.model, dialect, request), read, stop)
        return [replace(each, text=_without(keys, each.text)) for each in found], used

    def embed(self, text: str, stop: Stop) -> Answer:
        """The vector of a text."""
        body = {"model": self.model, "input": text, "encoding_format": "float"}
        vector, used = self._exchange("/embeddings", self._keys(), body, vector_of, stop)
        return Answer((), used, self.model, vector=vector)

    def _exchange(
        self,
        path: str,
        keys: Sequence[Secret | None],
        body: Mapping[str, Any],
        read: Callable[[Mapping[str, Any]], T],
        stop: Stop,
    ) -> tuple[T, Usage]:
        """What ``read`` makes of the first good answer, and the tokens of all that were paid for.

        A ModelFailure has the tokens, too.
        """
        used = Usage()

        def counted(answer: Mapping[str, Any]) -> T:
            nonlocal used
            used += usage_of(answer)
            return read(answer)

        places = [(url.rstrip("/") + path, key) for url, key in zip(self.base_url, keys, strict=True)]
        endpoints: Endpoints = self._endpoints  # type: ignore[attr-defined]
        try:
            return endpoints.exchange(places, body, counted, stop), used
        except ModelFailure as failure:
            failure.usage = used
            raise

    def _keys(self) -> list[Secret | None]:
        """The key of each endpoint; None where there is none."""
        names: list[str | None] = [KEY if url == URL else None for url in self.base_url]
        names[: len(self.key_env)] = self.key_env
        return [None if name is None else Secret.of(name, os.environ.get(name, "")) for name in names]


def _without(keys: Sequence[Secret | None], text: str) -> str:
    """A text without any of the keys: what an endpoint echoes goes nowhere."""
    for key in keys:
        text = text if key is None else key.hidden(text)
    return text


def _check_url(url: str, number: int) -> None:
    """UsageError for what is no place of an endpoint; the message repeats nothing of it."""
    try:
        parts = urllib.parse.urlsplit(url)
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        raise UsageError(f"base-url number {number} is no URL") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_right or re.search(r"\s", url):
        raise UsageError(f"base-url number {number} is no URL: expected http://HOST:PORT/v1 or https://HOST/v1")
    if parts.username is not None or parts.query or parts.fragment:
        raise UsageError(
            f"base-url number {number} has more than a place: a user, a password or a key belong into the variable "
            "that key-env names"
        )
