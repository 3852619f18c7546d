"""OpenAI's protocol: the body of a request, and what an answer says, read with suspicion."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psynth.plugins.language_model import Completion, Finish, ModelRequest, Usage

FINISHES: Mapping[str, Finish] = {"length": "length", "content_filter": "filter"}
"""Why a completion ended, where it did not end by itself."""
TOO_LONG = ("context_length_exceeded", "context length", "context window", "too many tokens", "exceeds the maximum")
"""What a refusal has in its code or message if the request has too many tokens."""


class Malformed(ValueError):
    """An answer that is none: trying again may help."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What an endpoint can be sent: what it calls the limit of tokens, and whether it takes the other options."""

    limit_field: str
    seeds: bool
    log_probs: bool
    grammars: bool
    schemas: bool


def body_of(model: str, dialect: Dialect, request: ModelRequest) -> dict[str, Any]:
    """The body of a request to a model, in what its endpoint can be sent."""
    sampling = request.sampling
    body = {"model": model, **request.to_json()}
    del body["sampling"]
    body |= {"temperature": sampling.temperature, "top_p": sampling.top_p, "n": sampling.n}
    body[dialect.limit_field] = sampling.max_tokens
    if sampling.stop:
        body["stop"] = list(sampling.stop)
    if dialect.seeds:
        body["seed"] = sampling.seed
    if dialect.log_probs:
        body["logprobs"] = True if request.messages else 1
    if dialect.grammars and sampling.grammar is not None:
        body["grammar"] = sampling.grammar
    if dialect.schemas and sampling.schema is not None:
        schema = {"name": "answer", "strict": True, "schema": dict(sampling.schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


def completions_of(answer: Mapping[str, Any], *, chat: bool) -> list[Completion]:
    """The completions of an answer, which may be none; Malformed for what is no answer."""
    choices = answer.get("choices")
    if not isinstance(choices, list):
        raise Malformed("an answer without choices")
    return [_completion(choice, chat=chat) for choice in choices]


def _completion(choice: Any, *, chat: bool) -> Completion:
    if not isinstance(choice, dict):
        raise Malformed("a choice that is no object")
    if chat:
        message = choice.get("message")
        if not isinstance(message, dict):
            raise Malformed("a choice without a message")
        if message.get("role", "assistant") != "assistant":
            raise Malformed("a message that is not the assistant's")
        text = _text(message.get("content"))
    else:
        text = _text(choice.get("text"))
    finish = FINISHES.get(str(choice.get("finish_reason")), "stop")
    return Completion(text, finish, _log_prob(choice.get("logprobs")))


def _text(content: Any) -> str:
    """The text of a message, which may be missing (a refusal, a withheld one) or in parts."""
    if content is None:
        return ""
    if isinstance(content, list):
        content = "".join(str(each.get("text", "")) for each in content if isinstance(each, dict))
    if not isinstance(content, str):
        raise Malformed("a content that is no text")
    # Half of a surrogate pair is no text that a record could hold.
    return content.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _log_prob(found: Any) -> float | None:
    """The sum of the log-probabilities of tokens, in both forms that the protocol has."""
    if not isinstance(found, dict):
        return None
    tokens = found.get("content")
    values = [each.get("logprob") for each in tokens if isinstance(each, dict)] if isinstance(tokens, list) else None
    values = found.get("token_logprobs") if values is None else values
    if not isinstance(values, list) or not all(type(each) in (int, float) and math.isfinite(each) for each in values):
        return None
    return float(math.fsum(values))


def vector_of(answer: Mapping[str, Any]) -> tuple[float, ...]:
    """The embedding of an answer to a request for one; Malformed for what is none."""
    data = answer.get("data")
    first = data[0] if isinstance(data, list) and len(data) == 1 else None
    vector = first.get("embedding") if isinstance(first, dict) else None
    if not isinstance(vector, list) or not vector:
        raise Malformed("an answer without an embedding")
    if not all(type(each) in (int, float) and math.isfinite(each) for each in vector):
        raise Malformed("an embedding that is not made of finite numbers")
    return tuple(map(float, vector))


def usage_of(answer: Mapping[str, Any]) -> Usage:
    """The tokens that an answer says it took; none if it does not say."""
    said = answer.get("usage")
    counts = [said.get(name) if isinstance(said, dict) else 0 for name in ("prompt_tokens", "completion_tokens")]
    prompt, completion = (each if type(each) is int and 0 <= each < 1 << 53 else 0 for each in counts)
    return Usage(prompt, completion)


def is_too_long(refusal: str) -> bool:
    """Whether a refusal says that the request has too many tokens."""
    text = refusal.lower()
    return any(each in text for each in TOO_LONG)
