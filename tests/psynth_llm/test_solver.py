"""``sample --method llm``: prompts, the ladder, examples, repairs, and runs that replay."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from psynth_llm.solver import Solver

from psynth.cli.main import main
from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.core.errors import UsageError
from psynth.plugins import Context, End, Frontier, Library, Production, Program, Record
from psynth.plugins.registry import default_registry
from psynth.testing import check_method
from psynth.testing.numbers import Numbers
from tests.fake_endpoint import Behavior, Exchange, FakeEndpoint, saying
from tests.psynth_llm.golden import check_prompt, transcript

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")

HEAD = "list/train-000-head"


def tasks(domain: str, count: int, **settings: Any) -> list[Frontier]:
    found = default_registry().domain(domain)
    options = replace(found.TaskSettings(), count=count, **settings)
    return [Frontier(task) for task in found.tasks(options, 0)]


def solve(
    endpoint: FakeEndpoint, frontiers: Sequence[Frontier], *, library: Library | None = None, **settings: Any
) -> list[Frontier]:
    assert frontiers[0].task is not None
    library = library or default_registry().domain(frontiers[0].task.domain).library()
    records: list[Record] = [library, *frontiers, End("complete")]
    method = Solver(**({"model": (endpoint.model(),), "queries": 1} | settings))
    made = method.run(iter(records), Context("sample", jobs=4))
    return [each for each in made if isinstance(each, Frontier)]


def samples(frontier: Frontier) -> dict[str, int]:
    assert frontier.search is not None
    found: dict[str, int] = frontier.search.extra["samples"]
    return found


def programs(frontier: Frontier) -> list[str]:
    return [each.program for each in frontier.programs]


def stream(path: Path, records: Sequence[Record]) -> Path:
    path.write_bytes(b"".join(each.encode() + b"\n" for each in [*records, End("complete")]))
    return path


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("(lambda (car $0))", "solved"),
        ("```lisp\n(lambda (car $0))\n```", "solved"),
        ("Sure, here it is: (lambda (car $0)). It takes the first.", "solved"),
        ("car", "solved"),
        ("(lambda ((lambda (car $0)) $0))", "solved"),
        ("(lambda (car (cdr $0)))", "run"),
        ("(lambda (length $0))", "unsolved"),
        ("(lambda (car $0)", "parse"),
        ("", "parse"),
        ("I cannot help with that.", "parse"),
        ("(" * 30_000, "parse"),
        ("(" * 9_000 + ")" * 9_000, "parse"),
        ("(lambda (car $1))", "closed"),
        ("(lambda (foo $0))", "infer"),
        ("(lambda (car 1))", "infer"),
        ("(lambda ($0 $0))", "infer"),
        ("(lambda $0)", "request"),
        ("../../etc/passwd", "infer"),
    ],
)
def test_every_sample_ends_at_the_first_rung_that_does_not_hold(text: str, end: str) -> None:
    with FakeEndpoint(saying(text)) as endpoint:
        [frontier] = solve(endpoint, tasks("list", 1), samples=1)
    assert samples(frontier) == {end: 1}
    assert programs(frontier) == (["(lambda (car $0))"] if end == "solved" else [])


def test_a_program_that_the_library_forbids_has_no_prior() -> None:
    library = default_registry().domain("list").library()
    productions = [
        replace(each, log_weight=float("-inf")) if each.name == "car" else each for each in library.productions
    ]
    with FakeEndpoint(saying("(lambda (car $0))")) as endpoint:
        [frontier] = solve(
            endpoint, tasks("list", 1), samples=1, library=replace(library, productions=tuple(productions))
        )
    assert samples(frontier) == {"prior": 1}
    assert "car :" not in transcript(endpoint.asked[0])


def test_terms_that_no_machine_could_bring_into_normal_form_are_refused() -> None:
    double = "(lambda (lambda ($1 ($1 $0))))"
    tower = f"(lambda (({' '.join([double] * 12)} (lambda (+ $0 1)) 0)))".replace("((", "(", 1)
    with FakeEndpoint(saying(tower)) as endpoint:
        [frontier] = solve(endpoint, tasks("list", 1), samples=1)
    [end] = samples(frontier)
    assert end in ("infer", "eta_long", "run")


def test_samples_are_counted_and_tokens_are_those_of_the_bill() -> None:
    texts = ["(lambda (length $0))", "(lambda (length $0))", "(lambda (car", "(lambda (index 0 $0))"]
    with FakeEndpoint(saying(*texts)) as endpoint:
        found = solve(endpoint, tasks("list", 3), samples=4, queries=2)
    assert [samples(each) for each in found] == [
        {"parse": 1, "unsolved": 1, "solved": 1, "repeated": 1},
        {"parse": 1, "run": 1, "solved": 1, "repeated": 1},
        {"parse": 2, "request": 6},
    ]
    searches = [each.search for each in found]
    assert sum(each.extra["prompt_tokens"] for each in searches if each) == endpoint.billed[0]
    assert sum(each.extra["completion_tokens"] for each in searches if each) == endpoint.billed[1]
    [head, *_] = found
    assert head.search is not None
    assert (head.search.status, head.search.programs, head.solved) == ("solved", 4, True)
    [program] = head.programs
    assert program.origin is not None
    assert (program.program, program.origin.by, program.origin.extra) == (
        "(lambda (index 0 $0))",
        "llm",
        {"model": "fake"},
    )
    assert program.log_prior is not None
    assert program.log_prior < 0


def test_a_solved_task_is_not_asked_for_again_unless_wanted() -> None:
    with FakeEndpoint(saying("(lambda (car $0))")) as endpoint:
        [frontier] = solve(endpoint, tasks("list", 1), queries=3)
        assert len(endpoint.asked) == 1
        assert solve(endpoint, [frontier]) == [frontier]
        assert len(endpoint.asked) == 1
        solve(endpoint, [frontier], queries=3, all_queries=True, solved=True)
        assert len({body["seed"] for body in endpoint.asked[1:]}) == 3


def test_programs_that_do_not_solve_are_kept_on_request() -> None:
    with FakeEndpoint(saying("(lambda (length $0))", "(lambda (car (cdr $0)))")) as endpoint:
        [frontier] = solve(endpoint, tasks("list", 1), keep_unsolved=True)
    assert programs(frontier) == ["(lambda (length $0))"]
    assert frontier.programs[0].outputs is None
    assert not frontier.solved


def learned() -> Library:
    library = default_registry().domain("list").library()
    documented = {"name": "second", "summary": "the second element", "examples": []}
    entry = Production.read_fields(
        {
            "name": "second",
            "type": "list(t0) -> t0",
            "log_weight": 0.0,
            "definition": "(lambda (car (cdr $0)))",
            "documentation": documented,
        }
    )
    return replace(library, productions=(*library.productions, entry))


def solved_stream(path: Path) -> Path:
    head, length, tail, last = tasks("list", 4)
    solutions = ["(lambda (car $0))", "(lambda (length $0))", "(lambda (cdr $0))", "(lambda (unknown $0))"]
    pairs = zip((head, length, tail, last), solutions, strict=True)
    solved = [replace(each, programs=(Program(text, log_likelihood=0.0),)) for each, text in pairs]
    return stream(path, [learned(), *solved])


def test_prompts_of_terms(tmp_path: Path) -> None:
    with FakeEndpoint(saying("(lambda (second $0))")) as endpoint:
        given = tasks("list", 2)
        solve(endpoint, given[1:], library=learned(), examples=solved_stream(tmp_path / "solved"), repair=1)
    check_prompt("list", endpoint.asked[0])
    check_prompt("list-repair", endpoint.asked[1])


def test_the_prompt_of_lilo_shows_descriptions_alone(tmp_path: Path) -> None:
    with FakeEndpoint(saying("x")) as endpoint:
        path = solved_stream(tmp_path / "solved")
        solve(endpoint, tasks("list", 1), library=learned(), examples=path, show="description", retrieval="tf-idf")
    check_prompt("list-descriptions", endpoint.asked[0])
    # "all but the first number" has more words of "the first number" than "how many numbers there are".
    assert transcript(endpoint.asked[0]).splitlines()[-6:] == [
        "Type: list(int) -> list(int)",
        "### assistant",
        "(lambda (cdr $0))",
        "### user",
        "Task: the first number",
        "Type: list(int) -> int",
    ]


def test_a_native_notation_is_shown_and_read() -> None:
    good = "DEF run m( WHILE c( noMarkersPresent c) w( move w) m)"
    with FakeEndpoint(saying(f"```\n{good}\n```", "DEF run m( jump m)")) as endpoint:
        [frontier, *_] = solve(endpoint, tasks("karel", 1), keep_unsolved=True, samples=2)
    check_prompt("karel", endpoint.asked[0])
    assert samples(frontier) == {"parse": 1, "unsolved": 1}
    assert programs(frontier) == ["(karel_while noMarkersPresent move)"]


def test_python_runs_in_the_sandbox_alone(tmp_path: Path) -> None:
    marker = tmp_path / "escaped"
    texts = [
        "```python\ndef parity(a, b, c, d):\n    return (a + b + c + d) % 2\n```",
        f"```python\nopen({str(marker)!r}, 'w').write('x')\ndef parity(a, b, c, d): return 0\n```",
        "def parity(",
        "```python\nimport os\nos._exit(1)\n```",
    ]
    with FakeEndpoint(saying(*texts)) as endpoint:
        [frontier] = solve(endpoint, tasks("parity", 1), samples=4)
    check_prompt("parity", endpoint.asked[0])
    assert samples(frontier)["solved"] == 1
    assert samples(frontier)["parse"] == 1
    assert programs(frontier) == ["def parity(a, b, c, d):\n    return (a + b + c + d) % 2\n"]
    assert not marker.exists()


def test_a_prompt_that_is_too_long_shows_fewer_examples(tmp_path: Path) -> None:
    def short_only(exchange: Exchange) -> None:
        if len(exchange.body["messages"]) > 4:
            exchange.send(400, '{"error": {"code": "context_length_exceeded", "message": "x"}}')
        else:
            exchange.answer(["(lambda (car $0))"] * exchange.wanted)

    with FakeEndpoint(short_only) as endpoint:
        path = solved_stream(tmp_path / "solved")
        [frontier] = solve(endpoint, tasks("list", 1), library=learned(), examples=path, shots=2)
    assert [len(body["messages"]) for body in endpoint.asked] == [6, 4]
    assert frontier.solved


def test_no_more_examples_than_fit_are_shown(tmp_path: Path) -> None:
    with FakeEndpoint(saying("x")) as endpoint:
        path = solved_stream(tmp_path / "solved")
        solve(endpoint, tasks("list", 1), library=learned(), examples=path, context=1)
    assert len(endpoint.asked[0]["messages"]) == 2


def test_a_repair_shows_what_got_farthest_and_ends_with_success() -> None:
    def behavior(exchange: Exchange) -> None:
        repaired = "should be" in exchange.body["messages"][-1]["content"]
        exchange.answer(["(lambda (car $0))" if repaired else each for each in ("(oops", "(lambda (length $0))")])

    with FakeEndpoint(behavior) as endpoint:
        [frontier] = solve(endpoint, tasks("list", 1), samples=2, repair=5)
    assert len(endpoint.asked) == 2
    assert [each["content"] for each in endpoint.asked[1]["messages"]][2] == "(lambda (length $0))"
    assert frontier.solved


HOSTILE: dict[str, Behavior] = {
    "ten megabytes": saying("x" * 10_000_000),
    "controls": saying("\x1b[2J\x00\x07"),
    "surrogate": lambda exchange: exchange.send(200, exchange.good(['"\ud800"'] * exchange.wanted)),
    "withheld": lambda exchange: exchange.answer([""] * exchange.wanted, finish="content_filter"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_completions_are_samples_that_do_not_hold(what: str, tmp_path: Path) -> None:
    with FakeEndpoint(HOSTILE[what]) as endpoint:
        [frontier] = solve(endpoint, tasks("list", 1), samples=1, cache=tmp_path / "cache")
    [end] = samples(frontier)
    assert end in ("parse", "infer", "withheld")
    json.loads((tmp_path / "cache").read_text())


def by_task(answers: dict[str, str]) -> Behavior:
    def behavior(exchange: Exchange) -> None:
        asked = exchange.body["messages"][-1]["content"]
        exchange.answer([next((text for words, text in answers.items() if words in asked), "?")] * exchange.wanted)

    return behavior


ANSWERS = {"the first number": "(lambda (car $0))", "how many": "(lambda (length $0))"}


def command(capfd: Any, *words: str) -> tuple[int, list[str], str]:
    status = main(["sample", "--method", "llm", *words])
    out, err = capfd.readouterr()
    return status, out.splitlines()[1:], err


def test_a_run_replays_byte_for_byte_without_the_model_and_no_key_is_anywhere(
    tmp_path: Path, capfd: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "sk-this-is-a-secret"
    monkeypatch.setenv("PSYNTH_TEST_KEY", key)
    cache = tmp_path / "answers.jsonl"
    prices = tmp_path / "prices.json"
    prices.write_text('{"fake": {"prompt": 1, "completion": 2}}')
    words = ["-d", "list", "--limit", "4", "--queries", "2", "-v"]
    with FakeEndpoint(by_task(ANSWERS)) as endpoint:
        model = endpoint.model(key_env="PSYNTH_TEST_KEY")
        recorded = command(capfd, "--model", model, "--cache", str(cache), "--prices", str(prices), *words)
        again = command(capfd, "--model", model, "--cache", str(cache), "--prices", str(prices), "-j", "4", *words)
        bill = (endpoint.billed[0] + 2 * endpoint.billed[1]) / 1e6
    assert set(endpoint.keys) == {f"Bearer {key}"}
    replayed = command(capfd, "--model", f"replay:file={cache}", *words)
    assert recorded[:2] == again[:2]
    assert recorded[1] == replayed[1]
    assert "0 requests asked" in again[2]
    found = [json.loads(line) for line in recorded[1]]
    costs = [each["search"]["cost_usd"] for each in found if each["type"] == "frontier"]
    assert sum(costs) == pytest.approx(bill)
    assert [bool(each["programs"]) for each in found if each["type"] == "frontier"] == [True, True, False, False]
    assert key not in repr((recorded, again, replayed)) + cache.read_text()


def test_a_model_that_is_misspelled_or_missing_is_a_usage_error(capfd: Any) -> None:
    status, _, said = command(capfd, "-d", "list", "--model", "opnai:model=x")
    assert status == 2
    assert "did you mean 'openai'?" in said
    status, _, said = command(capfd, "-d", "list")
    assert status == 2
    assert "name a language model with --model NAME[:OPTIONS]: openai, policy, replay, transformers" in said


def test_an_unreachable_model_ends_the_run_with_one_line(capfd: Any) -> None:
    words = ["--model", "openai:base-url=http://127.0.0.1:9/v1,retries=1,backoff=0", "-d", "list", "--limit", "1"]
    status, _, said = command(capfd, *words)
    assert status == 5
    assert said.strip().splitlines()[-1].startswith("psynth sample: no answer of the model: 127.0.0.1:9: ")


def test_the_contract_of_methods() -> None:
    behavior: Callable[[Exchange], None] = saying("(lambda $0)", "(lambda (+ $0 1))", "(lambda (* $0 $0))", "oops")
    with FakeEndpoint(behavior) as endpoint:
        method = Solver(model=(endpoint.model(),), queries=1, samples=2, keep_unsolved=True)
        check_method(method, command="sample", frontiers=list(Numbers().frontiers())[:2])


def test_a_traceback_has_no_key(monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    key = "sk-this-is-a-secret"
    monkeypatch.setenv("PSYNTH_TEST_KEY", key)
    monkeypatch.setenv("PSYNTH_DEBUG", "1")
    with FakeEndpoint(lambda exchange: exchange.send(500, f"bad key {key}")) as endpoint:
        model = endpoint.model(key_env="PSYNTH_TEST_KEY", retries=0)
        status, out, said = command(capfd, "-d", "list", "--limit", "1", "-v", "--model", model)
    assert status == 5
    assert "Traceback" in said
    assert "status 500: bad key [key]" in said
    assert key not in said + "".join(out)


def test_a_resumed_run_ends_with_the_same_bytes(tmp_path: Path, capfd: Any) -> None:
    out, cache = tmp_path / "out.jsonl", tmp_path / "cache.jsonl"
    with FakeEndpoint(by_task(ANSWERS)) as endpoint:
        words = ["-d", "list", "--limit", "5", "--queries", "1", "--model", endpoint.model(), "--cache", str(cache)]
        assert command(capfd, *words, "-o", str(out))[0] == 0
        whole, asked = out.read_bytes(), len(endpoint.asked)
        out.write_bytes(whole[: len(whole) * 2 // 3])
        assert command(capfd, *words, "-o", str(out), "--resume", str(out))[0] == 0
        assert (out.read_bytes(), len(endpoint.asked)) == (whole, asked)


def test_a_bandit_asks_the_model_that_solves_most_for_its_tokens(tmp_path: Path) -> None:
    def behavior(exchange: Exchange) -> None:
        right = exchange.body["model"] == "good"
        exchange.answer(["(lambda (car $0))" if right else "(lambda (index 1 $0))"] * exchange.wanted)

    [head] = tasks("list", 1)
    assert head.task is not None
    same = [replace(head, task=replace(head.task, id=f"list/{number:03}")) for number in range(40)]
    found = {}
    with FakeEndpoint(behavior) as endpoint:
        for jobs in (1, 4):
            models = (endpoint.model("bad"), endpoint.model("good"), endpoint.model("never", weight=0))
            cache = tmp_path / f"{jobs}.jsonl"
            method = Solver(model=models, choose="bandit", queries=1, samples=1, batch=4, cache=cache)
            for run in ("first", "cached"):
                records: list[Record] = [default_registry().domain("list").library(), *same, End("complete")]
                made = list(method.run(iter(records), Context("sample", jobs=jobs)))
                found[jobs, run] = b"".join(each.encode() for each in made)
    # Neither the number of requests in flight nor the cache has a say in what is asked.
    assert len(set(found.values())) == 1
    asked = [each["model"] for each in endpoint.asked]
    assert len(asked) == 2 * 40
    assert "never" not in asked
    assert asked.count("good") > 0.6 * len(asked)


def embedding(exchange: Exchange) -> None:
    """Vectors by the first letter of a description; programs like any."""
    if "input" in exchange.body:
        wanted = ["abc".index(exchange.body["input"][0]) == place for place in range(3)]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        exchange.send(200, {"data": [{"index": 0, "embedding": [float(each) * 3 for each in wanted]}], "usage": usage})
    else:
        exchange.answer(["(lambda (car $0))"] * exchange.wanted)


def described(frontier: Frontier, name: str, description: str) -> Frontier:
    assert frontier.task is not None
    return replace(frontier, task=replace(frontier.task, id=f"list/{name}", descriptions=(description,)))


def test_examples_are_those_with_the_likest_embeddings_and_a_second_run_asks_nothing(tmp_path: Path) -> None:
    [head] = tasks("list", 1)
    right = Program("(lambda (car $0))", "lambda", log_likelihood=0.0)
    known = [described(head, f"{letter}{number}", f"{letter} {number}") for number in range(3) for letter in "abc"]
    examples = stream(tmp_path / "solved.jsonl", [replace(each, programs=(right,)) for each in known])
    wanted = [described(head, "new-b", "b new"), described(head, "new-c", "c new")]
    settings: dict[str, Any] = {"retrieval": "embeddings", "examples": examples, "shots": 3, "samples": 1}
    settings["cache"] = tmp_path / "answers.jsonl"
    with FakeEndpoint(embedding) as endpoint:
        settings["embedder"] = endpoint.model("vectors")
        first = solve(endpoint, wanted, **settings)
        count = len(endpoint.asked)
        assert count == 9 + 2 + 2
        assert solve(endpoint, wanted, **settings) == first
        assert len(endpoint.asked) == count
    embedded = [each for each in endpoint.asked if "input" in each]
    assert {each["model"] for each in embedded} == {"vectors"}
    for letter, asked in zip("bc", (each for each in endpoint.asked if "messages" in each), strict=True):
        shown = [each["content"] for each in asked["messages"] if each["role"] == "user"][:-1]
        assert [text.count(f"{letter} {number}") for number in range(3) for text in shown].count(1) == 3
    # What was recorded replays without the endpoint.
    replay = f"replay:file={settings.pop('cache')}"
    settings["embedder"] = replay
    records: list[Record] = [default_registry().domain("list").library(), *wanted, End("complete")]
    made = Solver(model=(replay,), queries=1, **settings).run(iter(records), Context("sample"))
    assert [each for each in made if isinstance(each, Frontier)] == first


def test_a_model_without_embeddings_and_an_embedder_without_use_are_usage_errors(tmp_path: Path) -> None:
    [head] = tasks("list", 1)
    known = replace(head, programs=(Program("(lambda (car $0))", "lambda", log_likelihood=0.0),))
    examples = stream(tmp_path / "solved.jsonl", [described(known, "known", "a")])
    with FakeEndpoint(embedding) as endpoint:
        with pytest.raises(UsageError, match="--embedder is for --retrieval embeddings"):
            solve(endpoint, [head], embedder=endpoint.model())
        with pytest.raises(UsageError, match="gives no embeddings"):
            solve(endpoint, [head], retrieval="embeddings", examples=examples, embedder="policy:path=folder")
