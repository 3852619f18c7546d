"""The model ``openai``: what is tried again, which endpoint is asked, what is billed, and no key anywhere."""

from __future__ import annotations

import threading
import time
import traceback
from dataclasses import replace
from typing import Any

import pytest

from psynth.core.errors import InputError, UsageError
from psynth.core.work import Stop
from psynth.plugins import Answer, Message, ModelFailure, ModelRequest, RequestTooLong, Sampling, Usage
from psynth.plugins.model_choice import parse_model
from psynth.plugins.registry import default_registry
from tests.fake_endpoint import Exchange, FakeEndpoint, failing, saying

KEY = "sk-do-not-tell-anyone"
REQUEST = ModelRequest((Message("system", "a b c"), Message("user", "d e")), sampling=Sampling(n=2, seed=7))


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSYNTH_TEST_KEY", KEY)


def ask(text: str, request: ModelRequest = REQUEST) -> Answer:
    return parse_model(text, default_registry()).model.answer(request, Stop())


def texts(answer: Answer) -> list[str]:
    return [each.text for each in answer.completions]


def test_an_answer_has_as_many_completions_as_are_asked_for_and_the_tokens_that_are_billed() -> None:
    with FakeEndpoint(saying("one two", "three")) as endpoint:
        answer = ask(endpoint.model(key_env="PSYNTH_TEST_KEY"))
    assert texts(answer) == ["one two", "three"]
    assert (answer.usage, answer.model, endpoint.billed) == (Usage(4, 3), "fake", (4, 3))
    assert endpoint.keys == [f"Bearer {KEY}"]
    [body] = endpoint.asked
    assert body == {
        "model": "fake",
        "messages": [{"role": "system", "content": "a b c"}, {"role": "user", "content": "d e"}],
        "temperature": 1.0,
        "top_p": 1.0,
        "n": 2,
        "max_tokens": 512,
        "seed": 7,
    }


def test_a_prompt_is_continued() -> None:
    with FakeEndpoint(saying(" world")) as endpoint:
        assert texts(ask(endpoint.model(), ModelRequest(prompt="hello"))) == [" world"]
    assert endpoint.asked[0]["prompt"] == "hello"


def test_an_endpoint_that_gives_one_completion_at_a_time_is_asked_again_with_other_seeds() -> None:
    with FakeEndpoint(lambda exchange: exchange.answer([f"seed {exchange.body['seed']}"])) as endpoint:
        answer = ask(endpoint.model())
    assert texts(answer) == ["seed 7", "seed 8"]
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == endpoint.billed == (8, 4)


def test_an_endpoint_is_asked_for_no_more_completions_at_a_time_than_it_gives() -> None:
    with FakeEndpoint(saying("a", "b")) as endpoint:
        request = replace(REQUEST, sampling=replace(REQUEST.sampling, n=5))
        assert texts(ask(endpoint.model(max_n=2), request)) == ["a", "b", "a", "b", "a"]
    assert [(body["n"], body["seed"]) for body in endpoint.asked] == [(2, 7), (2, 9), (1, 11)]


def truncated(exchange: Exchange) -> None:
    exchange.cut_short({"choices": [{"message": {"role": "assistant", "content": "x" * 1000}}]})


def slow(exchange: Exchange) -> None:
    time.sleep(0.3)
    exchange.reset()


BAD = {
    "429": failing(429, Retry_After="0.02"),
    "429 with a date": failing(429, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"),
    "500": failing(500, "<html>oops</html>"),
    "503": failing(503),
    "truncated": truncated,
    "no JSON": lambda exchange: exchange.send(200, "never mind"),
    "no object": lambda exchange: exchange.send(200, "[1]"),
    "deep": lambda exchange: exchange.send(200, "[" * 100_000),
    "no choices": lambda exchange: exchange.send(200, {"object": "chat.completion"}),
    "reset": lambda exchange: exchange.reset(),
    "slow": slow,
}


@pytest.mark.parametrize("bad", BAD)
def test_what_may_pass_is_tried_again(bad: str) -> None:
    with FakeEndpoint(saying("fine"), [BAD[bad]]) as endpoint:
        answer = ask(endpoint.model(timeout=0.2))
    assert texts(answer) == ["fine", "fine"]
    assert len(endpoint.asked) == 2
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == endpoint.billed


@pytest.mark.parametrize(
    "bad",
    [lambda exchange: exchange.answer([]), lambda exchange: exchange.answer(["x y", "z"], role="user")],
    ids=["no choice", "wrong role"],
)
def test_useless_answers_that_are_billed_are_counted(bad: Any) -> None:
    with FakeEndpoint(saying("fine"), [bad]) as endpoint:
        answer = ask(endpoint.model())
    assert texts(answer) == ["fine", "fine"]
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == endpoint.billed
    assert endpoint.billed[0] == 8


def test_what_was_paid_is_in_the_failure() -> None:
    with FakeEndpoint(lambda exchange: exchange.answer([])) as endpoint, pytest.raises(ModelFailure) as caught:
        ask(endpoint.model(retries=2))
    assert "an answer without a completion after 3 attempts" in str(caught.value)
    assert (caught.value.usage.prompt_tokens, endpoint.billed[0]) == (12, 12)


def test_retry_after_is_waited_for() -> None:
    with FakeEndpoint(saying("fine"), [failing(429, Retry_After="0.4")]) as endpoint:
        begun = time.monotonic()
        ask(endpoint.model(backoff=0))
        assert time.monotonic() - begun >= 0.4


def test_waiting_ends_when_the_work_is_to_end() -> None:
    from psynth.core.work import Canceled

    stop = Stop()
    with FakeEndpoint(failing(429, Retry_After="60")) as endpoint:
        model = parse_model(endpoint.model(), default_registry()).model
        threading.Timer(0.1, stop.set).start()
        with pytest.raises(Canceled):
            model.answer(REQUEST, stop)


def test_endpoints_are_asked_in_order_and_each_gets_its_own_key_or_none() -> None:
    with FakeEndpoint(failing(500)) as first, FakeEndpoint(saying("second")) as second:
        model = f"openai:base-url={first.url},base-url={second.url},key-env=PSYNTH_TEST_KEY,retries=1,backoff=0"
        assert texts(ask(model)) == ["second", "second"]
    assert first.keys == [f"Bearer {KEY}"] * 2
    assert second.keys == [None]


def test_a_refused_request_is_not_tried_again_but_the_next_endpoint_is() -> None:
    with FakeEndpoint(failing(404)) as first, FakeEndpoint(saying("second")) as second:
        with pytest.raises(InputError, match=r"refuses the request \(status 404: not now\)"):
            ask(first.model())
        assert len(first.asked) == 1
        assert texts(ask(f"openai:base-url={first.url},base-url={second.url}")) == ["second", "second"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirection_is_not_followed(status: int) -> None:
    with FakeEndpoint(saying("stolen")) as other, FakeEndpoint(failing(status, Location=other.url)) as endpoint:
        with pytest.raises(InputError, match=f"status {status}"):
            ask(endpoint.model(key_env="PSYNTH_TEST_KEY"))
        assert other.asked == []


def test_a_request_that_is_too_long_is_an_error_of_its_own() -> None:
    text = '{"error": {"message": "maximum context length is 10", "code": "context_length_exceeded"}}'
    with FakeEndpoint(failing(400, text)) as endpoint, pytest.raises(RequestTooLong, match="cannot read as much"):
        ask(endpoint.model())


def test_withheld_and_cut_completions_say_so_and_texts_may_come_in_parts() -> None:
    def behavior(exchange: Exchange) -> None:
        body = exchange.good(["", "half \ud800"], finish="content_filter")
        body["choices"][0]["message"]["content"] = None
        body["choices"][1]["finish_reason"] = "length"
        exchange.send(200, body)

    with FakeEndpoint(behavior) as endpoint:
        answer = ask(endpoint.model())
    assert [each.finish for each in answer.completions] == ["filter", "length"]
    assert texts(answer)[0] == ""
    assert texts(answer)[1].startswith("half �")


def test_an_answer_of_ten_megabytes_is_read() -> None:
    with FakeEndpoint(saying("x" * 10_000_000)) as endpoint:
        [text] = texts(ask(endpoint.model(), ModelRequest(prompt="p")))
    assert len(text) == 10_000_000


def test_log_probabilities_are_summed() -> None:
    def behavior(exchange: Exchange) -> None:
        body = exchange.good(["a b"])
        body["choices"][0]["logprobs"] = {"content": [{"logprob": -0.5}, {"logprob": -0.25}]}
        exchange.send(200, body)

    with FakeEndpoint(behavior) as endpoint:
        [completion] = ask(endpoint.model(log_probs="on"), ModelRequest((Message("user", "x"),))).completions
    assert completion.log_prob == -0.75
    assert endpoint.asked[0]["logprobs"] is True


def echo(status: int) -> Any:
    def behavior(exchange: Exchange) -> None:
        key = str(exchange.handler.headers["Authorization"])
        if status == 200:
            exchange.answer([f"your header is {key}"] * exchange.wanted)
        else:
            exchange.send(status, {"error": {"message": f"wrong key {key}", "code": key}})

    return behavior


@pytest.mark.parametrize("status", [200, 400, 401, 403, 429, 500])
def test_a_key_that_is_echoed_goes_nowhere(status: int) -> None:
    with FakeEndpoint(echo(status)) as endpoint:
        model = parse_model(endpoint.model(key_env="PSYNTH_TEST_KEY", retries=1), default_registry()).model
        try:
            said = repr(model.answer(REQUEST, Stop()))
        except (InputError, UsageError, ModelFailure) as error:
            said = "".join(traceback.format_exception(error)) + repr(vars(error))
    assert endpoint.keys[0] == f"Bearer {KEY}"
    assert "[key]" in said
    assert KEY not in said + repr(model) + repr(vars(model))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("openay", r"there is no language model 'openay'; .*did you mean 'openai'"),
        ("openai:modle=x", r"has no setting 'modle'.*did you mean 'model'"),
        ("openai:api-key=SECRET", r"has no setting 'api-key'"),
        ("openai:SECRET", r"expected SETTING=VALUE, not the first of its settings"),
        ("openai:key-env=SECRET-1", r"key-env number 1 is not the name of a variable"),
        ("openai:base-url=https://me:SECRET@host/v1", r"base-url number 1 has more than a place"),
        ("openai:base-url=https://host/v1?key=SECRET", r"base-url number 1 has more than a place"),
        ("openai:base-url=file:///etc/SECRET", r"base-url number 1 is no URL"),
        ("openai:key-env=A,key-env=B", r"2 key-env for 1 base-url"),
        ("openai:retries=x", r"retries: 'x' is not a whole number"),
        ("replay", r"needs file=FILE"),
        ("transformers", r"needs path=DIR"),
    ],
)
def test_what_is_wrong_with_a_model_is_said_without_what_may_be_a_secret(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        parse_model(text, default_registry())
    assert "SECRET" not in str(caught.value)


def test_a_key_that_cannot_be_sent_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSYNTH_TEST_KEY", f"{KEY}\n{KEY}")
    with FakeEndpoint(saying("x")) as endpoint, pytest.raises(UsageError, match="holds no key") as caught:
        ask(endpoint.model(key_env="PSYNTH_TEST_KEY"))
    assert KEY not in str(caught.value)
    assert endpoint.asked == []


def test_an_embedding_is_asked_for_and_what_is_none_is_asked_for_again() -> None:
    bad: list[Any] = [{}, {"data": []}, {"data": [{"embedding": []}]}, {"data": [{"embedding": [1.0, "x"]}]}]

    def behavior(exchange: Exchange) -> None:
        usage = {"prompt_tokens": 2, "total_tokens": 2}
        body = bad.pop() if bad else {"data": [{"index": 0, "embedding": [1, -0.5]}]}
        exchange.send(200, {**body, "usage": usage})

    with FakeEndpoint(behavior) as endpoint:
        chosen = parse_model(endpoint.model(retries=4), default_registry())
        answer = chosen.model.embed("a text", Stop())
    assert answer.vector == (1.0, -0.5)
    # All five answers were billed.
    assert answer.usage == Usage(10, 0)
    assert endpoint.asked[-1] == {"model": "fake", "input": "a text", "encoding_format": "float"}
