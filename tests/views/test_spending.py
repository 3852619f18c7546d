"""The account of language models in ``psynth report``: as the fake endpoint bills it, by stage and model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from psynth.cli.main import main
from psynth.core.engines.lambda_machine import EXECUTABLE
from tests.fake_endpoint import Exchange, FakeEndpoint

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")


def behavior(exchange: Exchange) -> None:
    exchange.answer(["(lambda (car $0))", "(lambda (last $0))", "no program"][: exchange.wanted])


def report(capfd: Any, *files: object) -> dict[str, Any]:
    capfd.readouterr()
    assert main(["report", "--json", *map(str, files)]) == 0
    data: dict[str, Any] = json.loads(capfd.readouterr().out)
    return data


def test_the_account_is_the_bill_for_each_stage_and_model(tmp_path: Path, capfd: Any) -> None:
    tasks, solved, cache = tmp_path / "tasks.jsonl", tmp_path / "solved.jsonl", tmp_path / "answers.jsonl"
    prices = tmp_path / "prices.json"
    prices.write_text('{"small": {"prompt": 1000, "completion": 2000}}')
    asking = ["--method", "llm", "--cache", str(cache), "-q"]
    bills = {}
    assert main(["tasks", "list", "--count", "3", "-o", str(tasks)]) == 0
    with FakeEndpoint(behavior) as endpoint:
        priced = ["--model", endpoint.model("small"), "--prices", str(prices)]
        assert main(["sample", *asking, *priced, "--keep-unsolved", "-o", str(solved), str(tasks)]) == 0
        bills["sample", "small"] = endpoint.billed
        endpoint.billed = (0, 0)
        assert (
            main(["mutate", *asking, "--model", endpoint.model("large"), "-o", str(tmp_path / "m"), str(solved)]) == 0
        )
        bills["mutate", "large"] = endpoint.billed
    rows = report(capfd, solved, cache)["spending"]
    assert {(row["stage"], row["model"]): (row["prompt_tokens"], row["completion_tokens"]) for row in rows} == bills
    sampled, mutated = rows
    paid = bills["sample", "small"]
    assert sampled["cost_usd"] == pytest.approx((paid[0] + 2 * paid[1]) / 1000)
    assert mutated["cost_usd"] is None
    assert main(["report", str(cache)]) == 0
    text = capfd.readouterr().out
    assert "answers sample" in text
    assert f"{sum(bill[0] for bill in bills.values()):,}" in text


def test_a_record_without_its_figures_is_bad_input_and_others_count(tmp_path: Path, capfd: Any) -> None:
    cache = tmp_path / "answers.jsonl"
    good = {"type": "answer", "key": "1", "model": "m", "prompt_tokens": 5, "completion_tokens": 7}
    old = {**good, "type": "answer-failed", "message": "no", "cost_usd": 0.5}
    cache.write_text(f"{json.dumps(good)}\n{json.dumps(old)}\n")
    [row] = report(capfd, cache)["spending"]
    assert row == {
        "source": str(cache),
        "stage": None,
        "model": "m",
        "answers": 1,
        "failed": 1,
        "prompt_tokens": 10,
        "completion_tokens": 14,
        "cost_usd": None,
    }
    cache.write_text(json.dumps({**good, "prompt_tokens": -1}) + "\n")
    assert main(["report", str(cache)]) == 3
    assert f"{cache}:1: an answer of a language model needs a model" in capfd.readouterr().err
