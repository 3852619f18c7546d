"""The base class of language models, what they are asked, and completions with their cost."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, TypeAlias

from psynth.core.errors import EngineError, InputError, UsageError
from psynth.core.settings import check_settings, setting
from psynth.core.stream.records import encode
from psynth.core.work import Stop

Role: TypeAlias = Literal["system", "user", "assistant"]
Finish: TypeAlias = Literal["stop", "length", "filter"]
"""Why a completion ended: by itself or at a stop text, at the limit of tokens, or because it was withheld."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How completions are drawn.

    ``max_tokens`` bounds each of ``n`` completions, which end before any text of ``stop``. ``seed`` makes equal
    requests different draws, and a model that can draws the same completions for the same seed. ``grammar`` (GBNF) and
    ``schema`` (JSON Schema) constrain completions where the model can; others ignore them.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    max_tokens: int = 512
    n: int = 1
    stop: tuple[str, ...] = ()
    seed: int = 0
    grammar: str | None = None
    schema: Mapping[str, Any] | None = None

    def constrained(self, *, grammar: str | None = None, schema: Mapping[str, Any] | None = None) -> Sampling:
        """The same with constraints."""
        return replace(self, grammar=grammar, schema=schema)

    def to_json(self) -> dict[str, Any]:
        """The options as JSON; constraints are left out where there are none."""
        options: dict[str, Any] = {
            "temperature": self.temperature,
            "top_p": self.top_p,
            "max_tokens": self.max_tokens,
            "n": self.n,
            "stop": list(self.stop),
            "seed": self.seed,
        }
        if self.grammar is not None:
            options["grammar"] = self.grammar
        if self.schema is not None:
            options["schema"] = dict(self.schema)
        return options


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """What a model is asked: to answer the last of ``messages`` or, without any, to continue ``prompt``.

    With ``embedding`` it is asked for the vector of ``prompt`` instead, and nothing is sampled.
    """

    messages: tuple[Message, ...] = ()
    prompt: str = ""
    sampling: Sampling = Sampling()
    embedding: bool = False

    def to_json(self) -> dict[str, Any]:
        """The request as JSON."""
        if self.embedding:
            return {"embedding": self.prompt}
        if self.messages:
            asked: dict[str, Any] = {
                "messages": [{"role": each.role, "content": each.content} for each in self.messages]
            }
        else:
            asked = {"prompt": self.prompt}
        return {**asked, "sampling": self.sampling.to_json()}

    @property
    def text(self) -> str:
        """All texts that the model reads."""
        return "\n".join(each.content for each in self.messages) if self.messages else self.prompt

    def digest(self, model: str = "") -> str:
        """What identifies the request, and the model that answers it if given: SHA-256, hexadecimal."""
        return hashlib.sha256(encode([model, self.to_json()])).hexdigest()


@dataclass(frozen=True, slots=True)
class Completion:
    """One completion; ``log_prob`` is the sum over its tokens in nats, None if the model does not tell."""

    text: str
    finish: Finish = "stop"
    log_prob: float | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """The tokens that were read and written; their ``cost`` in USD, None where no price is known."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None

    def __add__(self, other: Usage) -> Usage:
        counted = [each for each in (self, other) if each.tokens or each.cost is not None]
        costs = [each.cost for each in counted if each.cost is not None]
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            sum(costs) if costs and len(costs) == len(counted) else None,
        )

    @property
    def tokens(self) -> int:
        """All tokens."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Answer:
    """The completions of a request, as many as it asked for, and what they took; ``model`` is who answered.

    ``vector`` is the answer to a request for an embedding. ``place`` is that of the model among those which the asking
    method was given; models leave it alone.
    """

    completions: tuple[Completion, ...]
    usage: Usage
    model: str
    place: int = 0
    vector: tuple[float, ...] | None = None


class ModelFailure(EngineError):
    """A model did not answer, whatever was tried; ``usage`` is what was paid nevertheless."""

    def __init__(self, message: str, usage: Usage | None = None) -> None:
        self.usage = usage or Usage()
        super().__init__(message)


class RequestTooLong(InputError):
    """A request has more tokens than the model can read."""


@dataclass(frozen=True)
class LanguageModel(ABC):
    """A language model: subclasses are frozen dataclasses whose fields are settings, ``--model NAME:SETTING=VALUE,…``.

    The class's docstring is its help. Settings with ``provenance=False`` do not change what it answers: the others
    identify it in a cache.
    """

    concurrent: ClassVar[bool] = True
    """Whether several requests may be asked at a time, from different threads."""

    weight: float = setting(1.0, minimum=0, help="share of the requests, if there are several models", provenance=False)

    def __post_init__(self) -> None:
        check_settings(self)

    @property
    @abstractmethod
    def model_name(self) -> str:
        """The name of the model in records and in a table of prices."""

    @abstractmethod
    def answer(self, request: ModelRequest, stop: Stop) -> Answer:
        """The completions of a request; once ``stop`` is set, nothing is tried again.

        Raises ModelFailure if there is no answer, RequestTooLong if the model cannot read as much, UsageError or
        InputError for what trying again does not help.
        """

    def embed(self, text: str, stop: Stop) -> Answer:
        """An answer with the ``vector`` of a text; the same for the same text.

        Raises what ``answer`` raises; UsageError, as here, if the model has no vectors.
        """
        raise UsageError(f"the model {self.model_name} gives no embeddings")

    def missing(self) -> str | None:
        """The setting without which it cannot be asked, as ``file=FILE``; None if it has all that it needs."""
        return None
