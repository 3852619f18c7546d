"""Asking language models: each request once, within a budget that decides alike, and the cache that is a stream."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from psynth.core.errors import InputError, UsageError
from psynth.plugins import Answer, Completion, Message, ModelFailure, ModelRequest, Sampling, Usage
from psynth.plugins.answer_cache import AnswerCache, read_answers
from psynth.plugins.asking import Asker, AskingSettings, Reply
from psynth.plugins.method import Context
from tests.fake_endpoint import Exchange, FakeEndpoint, failing, saying


@dataclass(frozen=True)
class Settings(AskingSettings):
    """The settings alone."""


def requests(count: int, *, n: int = 1, words: int = 3) -> list[ModelRequest]:
    messages = [(Message("user", f"number {number} " + "w " * (words - 2)),) for number in range(count)]
    return [ModelRequest(each, sampling=Sampling(n=n, seed=1, max_tokens=10)) for each in messages]


def ask(asked: Sequence[ModelRequest], said: list[str] | None = None, jobs: int = 1, **settings: Any) -> list[Reply]:
    tell = (said if said is not None else []).append
    context = Context("testing", jobs=jobs, warn=tell, note=tell)
    with Asker(Settings(**settings), context) as asker:
        return asker.ask(asked)


def texts(replies: Sequence[Reply]) -> list[str | None]:
    return [each.completions[0].text if isinstance(each, Answer) else None for each in replies]


def echo(exchange: Exchange) -> None:
    words = exchange.body["messages"][-1]["content"].split()
    exchange.answer([f"answer to {words[1]}"] * exchange.wanted)


def test_a_second_run_costs_nothing_and_answers_the_same(tmp_path: Path) -> None:
    cache = tmp_path / "cache.jsonl"
    said: list[str] = []
    with FakeEndpoint(echo) as endpoint:
        settings = {"model": (endpoint.model(),), "cache": cache}
        first = ask(requests(20), said, jobs=8, **settings)
        before, billed = cache.read_bytes(), endpoint.billed
        assert ask(requests(20), said, **settings) == first
    assert (cache.read_bytes(), endpoint.billed, len(endpoint.asked)) == (before, billed, 20)
    assert texts(first) == [f"answer to {number}" for number in range(20)]
    assert said[-1] == "0 requests asked, 0 + 0 tokens paid, 20 answers of the cache"
    assert said[1] == f"20 requests asked, {billed[0]} + {billed[1]} tokens paid"
    assert sorted(json.loads(line)["type"] for line in before.splitlines()) == ["answer"] * 20
    # The same answers replay without the model, by the requests alone.
    assert texts(ask(requests(20), model=(f"replay:file={cache}",))) == texts(first)
    with pytest.raises(InputError, match="no answer to this request"):
        ask(requests(21), model=(f"replay:file={cache}",))


def test_refresh_replaces_and_off_neither_reads_nor_writes(tmp_path: Path) -> None:
    cache = tmp_path / "cache.jsonl"
    with FakeEndpoint(saying("new"), [saying("old")]) as endpoint:
        settings: dict[str, Any] = {"model": (endpoint.model(),), "cache": cache}
        assert texts(ask(requests(1), **settings)) == ["old"]
        before = cache.read_bytes()
        assert texts(ask(requests(1), cache_mode="off", **settings)) == ["new"]
        assert cache.read_bytes() == before
        assert texts(ask(requests(1), cache_mode="refresh", **settings)) == ["new"]
        assert texts(ask(requests(1), **settings)) == ["new"]
        assert len(endpoint.asked) == 3
    assert cache.read_bytes().startswith(before)


def test_equal_requests_are_asked_once() -> None:
    with FakeEndpoint(echo) as endpoint:
        assert texts(ask(requests(2) + requests(2), model=(endpoint.model(),))) == ["answer to 0", "answer to 1"] * 2
        assert len(endpoint.asked) == 2


def test_answers_are_those_of_a_model_with_its_settings_and_of_a_request_with_its_options(tmp_path: Path) -> None:
    cache = tmp_path / "cache.jsonl"
    with FakeEndpoint(echo) as endpoint:
        models = [endpoint.model(), endpoint.model("other"), endpoint.model(seeds="off")]
        for model in (*models, endpoint.model(retries=9)):
            ask(requests(1), model=(model,), cache=cache)
        # What does not change an answer, as the number of retries, does not count.
        assert len(endpoint.asked) == 3
        [request] = requests(1)
        hotter = replace(request, sampling=replace(request.sampling, temperature=2.0))
        ask([request, hotter], model=(models[0],), cache=cache)
        assert len(endpoint.asked) == 4


def test_several_models_share_the_requests_by_weight() -> None:
    with FakeEndpoint(echo) as endpoint:
        models = (endpoint.model("small", weight=3), endpoint.model("large"), endpoint.model("never", weight=0))
        replies = ask(requests(200), jobs=4, model=models)
        again = ask(requests(200), model=models)
    asked = [each.model for each in replies if isinstance(each, Answer)]
    assert asked == [each.model for each in again if isinstance(each, Answer)]
    assert 110 < asked.count("small") < 190
    assert asked.count("small") + asked.count("large") == 200


@pytest.mark.parametrize("jobs", [1, 7])
def test_a_budget_ends_at_the_same_request_whatever_is_cached_or_in_flight(tmp_path: Path, jobs: int) -> None:
    prices = tmp_path / "prices.json"
    prices.write_text('{"fake": {"prompt": 1000, "completion": 2000}}')
    cache = tmp_path / "cache.jsonl"
    said: list[str] = []
    with FakeEndpoint(echo) as endpoint:
        settings: dict[str, Any] = {"model": (endpoint.model(),), "prices": prices, "max_cost_usd": 0.2, "cache": cache}
        first = ask(requests(40), said, jobs=jobs, **settings)
        cost = (endpoint.billed[0] + 2 * endpoint.billed[1]) / 1000
        assert ask(requests(40), jobs=jobs, **settings) == first
    answered = texts(first).index(None)
    assert texts(first) == [f"answer to {number}" for number in range(answered)] + [None] * (40 - answered)
    # A request costs 3 words and an answer of 3; at most 10 tokens of answer and a generous prompt are reserved.
    assert answered == 18
    assert cost == pytest.approx(answered * 0.009)
    assert said[-1] == (f"18 requests asked, 54 + 54 tokens, ${cost:.6g} paid; the budget ended the requests")
    assert said[0].startswith("forecast for the first 40 requests: at most ")
    assert sum(json.loads(line)["cost_usd"] for line in cache.read_text().splitlines()) == pytest.approx(cost)


def test_a_budget_of_tokens_needs_no_price_and_one_of_money_does() -> None:
    with FakeEndpoint(echo) as endpoint:
        replies = ask(requests(40), model=(endpoint.model(),), token_budget=100)
        assert None in replies
        assert sum(endpoint.billed) <= 100
        with pytest.raises(UsageError, match="needs the price of the model 'fake'"):
            ask(requests(1), model=(endpoint.model(),), max_cost_usd=1.0)


def test_what_was_paid_for_nothing_is_recorded(tmp_path: Path) -> None:
    cache = tmp_path / "cache.jsonl"
    with FakeEndpoint(lambda exchange: exchange.answer([])) as endpoint, pytest.raises(ModelFailure):
        ask(requests(1), model=(endpoint.model(retries=1),), cache=cache)
    [record] = [json.loads(line) for line in cache.read_text().splitlines()]
    assert (record["type"], record["prompt_tokens"], endpoint.billed[0]) == ("answer-failed", 6, 6)


def test_answers_before_a_failure_are_kept(tmp_path: Path) -> None:
    cache = tmp_path / "cache.jsonl"
    with FakeEndpoint(failing(500), [echo, echo]) as endpoint:
        with pytest.raises(ModelFailure):
            ask(requests(5), model=(endpoint.model(retries=0),), cache=cache)
        endpoint.usual = echo
        ask(requests(5), model=(endpoint.model(retries=0),), cache=cache)
    numbers = [body["messages"][-1]["content"].split()[1] for body in endpoint.asked]
    assert numbers[:2] == ["0", "1"]
    assert sorted(numbers[3:]) == ["2", "3", "4"]


def test_requests_in_flight_share_the_time_of_a_slow_endpoint() -> None:
    def slow(exchange: Exchange) -> None:
        time.sleep(0.1)
        echo(exchange)

    with FakeEndpoint(slow) as endpoint:
        begun = time.monotonic()
        ask(requests(96), jobs=32, model=(endpoint.model(),))
        assert time.monotonic() - begun < 96 * 0.1 / 4  # three rounds of a tenth of a second, on a busy machine


ANSWER = Answer((Completion("text\nof lines", "length", -1.5),), Usage(3, 4, 0.25), "m")


def test_an_answer_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "cache.jsonl"
    [request] = requests(1)
    with AnswerCache(path) as cache:
        cache.add("key", request, ANSWER)
        assert cache.get("key") == ANSWER
        assert cache.get("other") is None
    assert read_answers(path) == {request.digest(): ANSWER}


def test_a_torn_line_loses_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "cache.jsonl"
    [first, second] = requests(2)
    with AnswerCache(path) as cache:
        cache.add("1", first, ANSWER)
        whole = path.read_bytes()
        cache.add("2", second, ANSWER)
    path.write_bytes(path.read_bytes()[:-10])
    with AnswerCache(path) as cache:
        assert (cache.get("1"), cache.get("2")) == (ANSWER, None)
        cache.add("2", second, ANSWER)
    assert path.read_bytes().startswith(whole)
    with AnswerCache(path) as cache:
        assert (cache.get("1"), cache.get("2"), len(cache.warnings)) == (ANSWER, ANSWER, 1)


@pytest.mark.parametrize("content", ["hello\n", '{"type":"frontier","task":null,"programs":[]}\n', "[1]\n"])
def test_a_file_of_something_else_is_refused_and_kept(tmp_path: Path, content: str) -> None:
    path = tmp_path / "stream.jsonl"
    path.write_text(content)
    with pytest.raises(InputError, match="something else than answers"):
        AnswerCache(path)
    assert path.read_text() == content


def _write(path: Path, writer: int, count: int) -> None:
    with AnswerCache(path) as cache:
        for number, request in enumerate(requests(count)):
            text = f"{writer} " + "x" * 10_000
            counts = cache.add(f"key {number}", request, replace(ANSWER, completions=(Completion(text),)))
            cache.add(f"own {writer} {number}", request, counts)


def test_several_writers_agree_on_the_first_answer(tmp_path: Path) -> None:
    path = tmp_path / "cache.jsonl"
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write, args=(path, writer, 20)) for writer in range(3)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    records = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(records) == len({each["key"] for each in records}) == 20 + 3 * 20
    with AnswerCache(path) as cache:
        for number in range(20):
            shared = cache.get(f"key {number}")
            assert shared is not None
            assert all(cache.get(f"own {writer} {number}") == shared for writer in range(3))


KILLED = """
import sys
from pathlib import Path
from tests.plugins.test_asking import ask, requests
ask(requests(12), jobs=2, model=(sys.argv[1],), cache=Path(sys.argv[2]))
"""


def test_a_killed_run_asks_nothing_twice(tmp_path: Path) -> None:
    cache = tmp_path / "cache.jsonl"

    def slow(exchange: Exchange) -> None:
        if exchange.body["messages"][-1]["content"].split()[1] in "67":
            time.sleep(30)
        echo(exchange)

    with FakeEndpoint(slow) as endpoint:
        process = subprocess.Popen([sys.executable, "-c", KILLED, endpoint.model(), str(cache)], env=dict(os.environ))
        while not cache.exists() or len(cache.read_bytes().splitlines()) < 6:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        recorded = {json.loads(line)["request"]["messages"][-1]["content"] for line in cache.read_text().splitlines()}
        asked_before = len(endpoint.asked)
        endpoint.usual = echo
        replies = ask(requests(12), model=(endpoint.model(),), cache=cache)
        asked_after = {body["messages"][-1]["content"] for body in endpoint.asked[asked_before:]}
    assert texts(replies) == [f"answer to {number}" for number in range(12)]
    assert len(recorded) == 6
    assert not recorded & asked_after
    assert len(asked_after) == 6
