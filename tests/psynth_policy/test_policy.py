"""Policies: they learn, go on where they were killed or where another run ended, and write programs of the type."""

from __future__ import annotations

import dataclasses
import hashlib
import random
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the extra neural is not installed")
transformers: Any = pytest.importorskip("transformers", reason="the extra neural is not installed")

from psynth_list.domain import List  # noqa: E402
from psynth_policy.decoding import Sampling  # noqa: E402
from psynth_policy.language_model import PolicyModel  # noqa: E402
from psynth_policy.mutation import MutatePolicy  # noqa: E402
from psynth_policy.policy import TrainPolicy  # noqa: E402
from psynth_policy.sampling import SamplePolicy  # noqa: E402
from psynth_policy.stepping import Decoder  # noqa: E402
from psynth_policy.trained import Policy  # noqa: E402

from psynth.core.calculus.inference import infer  # noqa: E402
from psynth.core.calculus.terms import parse_term  # noqa: E402
from psynth.core.calculus.types import parse_type  # noqa: E402
from psynth.core.errors import InputError, UsageError  # noqa: E402
from psynth.core.languages import grammar_of  # noqa: E402
from psynth.core.stream.records import (  # noqa: E402
    End,
    Example,
    Frontier,
    Library,
    Metric,
    Model,
    Origin,
    Production,
    Program,
    Record,
    Task,
)
from psynth.core.work import Stop  # noqa: E402
from psynth.learning.model_folder import ModelFolder  # noqa: E402
from psynth.plugins.language_model import Message, ModelRequest  # noqa: E402
from psynth.plugins.language_model import Sampling as Asked  # noqa: E402
from psynth.plugins.method import Context  # noqa: E402
from psynth.plugins.registry import default_registry  # noqa: E402
from psynth.plugins.task_text import task_text  # noqa: E402

pytestmark = [pytest.mark.neural, pytest.mark.usefixtures("lambda_machine")]

SMALL: dict[str, Any] = {
    "hidden": 32,
    "layers": 1,
    "heads": 2,
    "epochs": 8,
    "batch": 16,
    "rate": 5e-3,
    "warmup": 5,
    "dropout": 0.0,
    "report": 10,
    "validation": 0.2,
    "checkpoint": 0.0,
    "device": "cpu",
}
"""Settings of a model that trains in seconds."""


REQUEST = "list(int) -> int"
TOY = Library("list", (Production("0", "int", 0.0), Production("1", "int", 0.0)), 0.0)
"""Two constants: which one a task needs is what its outputs say."""


def task(number: int, name: str, seed: int = 0) -> Frontier:
    """A task that the production ``name`` solves, with its solution."""
    rng = random.Random(f"{seed} {number} {name}")
    examples = tuple(Example([[rng.randint(2, 9) for _ in range(3)]], int(name)) for _ in range(3))
    program = Program(f"(lambda {name})", log_prior=-1.0, log_likelihood=0.0, score=1.0)
    return Frontier(Task(f"list/{name}-{seed}-{number:03}", "list", REQUEST, examples=examples), (program,))


def solved(count: int, seed: int = 0) -> list[Record]:
    """The toy library, and as many tasks of each production."""
    return [TOY, *(task(number, name, seed) for number in range(count) for name in ("0", "1"))]


def name_in(frontier: Frontier) -> str:
    """The production that a task needs."""
    assert frontier.task is not None
    return frontier.task.id.split("/")[1].split("-")[0]


def train(folder: Path, records: Sequence[Record], *, said: list[str] | None = None, **settings: Any) -> list[Record]:
    """The output of training on a stream; the warnings are added to ``said``."""
    method = TrainPolicy(model=folder, **(SMALL | settings))
    context = Context("train", warn=(said if said is not None else []).append)
    return list(method.run(iter([*records, End("complete")]), context))


def sampled(folder: Path, records: Sequence[Record], jobs: int = 1, **settings: Any) -> list[Frontier]:
    """The frontiers of a stream with the programs of a policy."""
    method = SamplePolicy(model=folder, **settings)
    found = method.run(iter([*records, End("complete")]), Context("sample", seed=1, jobs=jobs))
    return [each for each in found if isinstance(each, Frontier)]


def bytes_of(folder: Path) -> str:
    found = hashlib.sha256()
    for name in ("model.safetensors", "training.safetensors", "config.json"):
        found.update((folder / name).read_bytes())
    return found.hexdigest()


def unseen(count: int = 6) -> list[Record]:
    """Tasks of the toy library without programs, which no training had."""
    tasks = [task(number, name, seed=9) for number in range(count) for name in ("0", "1")]
    return [TOY, *(dataclasses.replace(each, programs=()) for each in tasks)]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Record]]:
    folder = tmp_path_factory.mktemp("policy") / "model"
    return folder, train(folder, solved(60))


# --- learning -------------------------------------------------------------------------------------------------------


def test_a_small_policy_learns_which_of_two_productions_a_task_needs(model: tuple[Path, list[Record]]) -> None:
    folder, records = model
    losses = [each.value for each in records if isinstance(each, Metric) and each.labels["split"] == "val"]
    assert losses[-1] < losses[0]
    [record] = [each for each in records if isinstance(each, Model)]
    assert (record.kind, record.domain, record.path) == ("policy", "list", str(folder))
    assert record.sha256 == ModelFolder(folder).digest()
    for frontier in sampled(folder, unseen(), count=4, temperature=0):
        assert [each.program for each in frontier.programs] == [f"(lambda {name_in(frontier)})"]
        assert frontier.solved
        assert frontier.search is not None
        assert (frontier.search.programs, frontier.search.status) == (4, "solved")


def test_a_model_is_the_same_after_it_was_read(model: tuple[Path, list[Record]]) -> None:
    folder, _ = model
    networks = [Policy(ModelFolder(folder), List()).network for _ in range(2)]
    weights = [dict(each.named_parameters()) for each in networks]
    assert weights[0].keys() == weights[1].keys()
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    first, second = (sampled(folder, unseen(3), jobs=jobs, count=8, temperature=2.0) for jobs in (1, 3))
    assert [each.programs for each in first] == [each.programs for each in second]


def test_a_run_that_was_killed_ends_with_the_same_bytes(tmp_path: Path) -> None:
    records = solved(20)
    whole = train(tmp_path / "whole", records, dropout=0.1)
    for _ in range(40):
        parts = train(tmp_path / "parts", records, dropout=0.1, timeout=0.0)
        if parts[-1] == End("complete"):
            break
    assert parts[-1] == End("complete")
    assert bytes_of(tmp_path / "whole") == bytes_of(tmp_path / "parts")
    assert [each for each in whole if isinstance(each, Metric)] == [each for each in parts if isinstance(each, Metric)]


def test_other_data_or_settings_are_refused_unless_the_folder_may_be_overwritten(tmp_path: Path) -> None:
    train(tmp_path / "model", solved(20), epochs=1)
    with pytest.raises(UsageError, match="other tasks or settings; --overwrite starts over"):
        train(tmp_path / "model", solved(21), epochs=1)
    train(tmp_path / "model", solved(21), epochs=1, overwrite=True)


@pytest.mark.parametrize("in_place", [True, False])
def test_a_run_goes_on_with_the_optimizer_and_a_row_for_each_new_word(tmp_path: Path, in_place: bool) -> None:
    before, after = tmp_path / "before", tmp_path / ("before" if in_place else "after")
    train(before, solved(20), epochs=2)
    kept = Policy(ModelFolder(before), List())
    shutil.copytree(before, tmp_path / "copy")
    library = dataclasses.replace(TOY, productions=(*TOY.productions, Production("length", "list(t0) -> int", 0.0)))
    new = [
        dataclasses.replace(each, programs=(dataclasses.replace(each.programs[0], program="(lambda (length $0))"),))
        for each in (task(number, "0", seed=3) for number in range(20))
    ]
    said: list[str] = []
    train(after, [library, *new], start=before, epochs=1, rate=1e-9, keep="last", said=said)
    grown = Policy(ModelFolder(after), List())
    assert grown.vocabulary.entries[: len(kept.vocabulary.entries)] == kept.vocabulary.entries
    assert "length" in grown.vocabulary.program_words
    from psynth.learning.tensors import read_note, read_tensors

    progress = read_note(after / "training.safetensors")["progress"]
    old = read_note(tmp_path / "copy" / "training.safetensors")["progress"]
    assert progress["before"] == old["step"] > 0
    # At such a rate the weights stay, and with the moments the counts of steps go on.
    rows = len(kept.vocabulary)
    one, other = (dict(each.network.named_parameters())["t5.shared.weight"] for each in (kept, grown))
    assert torch.allclose(one, other[:rows], atol=1e-4)
    steps = {
        value.item()
        for name, value in read_tensors(after / "training.safetensors").items()
        if name.startswith("optimizer.step.")
    }
    assert steps == {progress["before"] + progress["step"]}
    # The same command again is the same run.
    before_again = bytes_of(after)
    train(after, [library, *new], start=before, epochs=1, rate=1e-9, keep="last", said=said)
    assert bytes_of(after) == before_again
    assert any("learned from these tasks already" in each for each in said)


def test_padding_is_not_learned(model: tuple[Path, list[Record]]) -> None:
    folder, _ = model
    policy = Policy(ModelFolder(folder), List())
    read = policy.reader.input(policy.reader.see(List().visible(task(0, "0").task)))  # type: ignore[arg-type]
    label = policy.vocabulary.program(["0", "$0"])
    assert label is not None
    loss = []
    for padding in (0, 7):
        labels = torch.tensor([[*label, policy.vocabulary.end, *[-100] * padding]])
        given = torch.tensor([[*read, *[policy.vocabulary.pad] * padding]])
        there = torch.tensor([[*[1] * len(read), *[0] * padding]])
        loss.append(policy.network(given, there, labels).item())
    assert loss[0] == pytest.approx(loss[1], rel=1e-5)


def test_nothing_held_out_is_learned_from(tmp_path: Path) -> None:
    def hiding(output: int) -> list[Record]:
        return [
            TOY,
            *(
                dataclasses.replace(
                    each,
                    task=dataclasses.replace(
                        each.task, examples=(*each.task.examples, Example([[9, 9]], [output], split="test"))
                    ),
                )
                for each in (task(number, "0") for number in range(12))
                if each.task is not None
            ),
        ]

    for name, output in (("one", 77), ("other", 88)):
        train(tmp_path / name, hiding(output), epochs=1)
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("one", "other")]
    assert weights[0] == weights[1]


def test_what_cannot_be_learned_is_counted(tmp_path: Path) -> None:
    good = solved(20)
    bad = [
        dataclasses.replace(task(90, "0"), programs=(Program("(lambda (unknown $0))", log_likelihood=0.0),)),
        dataclasses.replace(
            task(91, "0"), programs=(Program("(lambda ((lambda ((lambda 1) $0)) ((lambda 1) 0)))", log_likelihood=0.0),)
        ),
    ]
    said: list[str] = []
    train(tmp_path / "model", [*good, *bad], epochs=1, max_words=4, said=said)
    assert "skipped 1 programs that the library does not give" in said
    assert "skipped 1 programs with more than --max-words" in said
    with pytest.raises(InputError, match="no solved tasks"):
        train(tmp_path / "none", unseen())


def test_a_pretrained_model_reads_text_and_gets_words_of_programs(tmp_path: Path) -> None:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    words = ["<pad>", "</s>", "<unk>", "[", "]", "[[", "]]", ",", *map(str, range(10))]
    plain = Tokenizer(WordLevel({word: number for number, word in enumerate(words)}, unk_token="<unk>"))
    plain.pre_tokenizer = Whitespace()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=plain, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )
    torch.manual_seed(0)
    config = transformers.T5Config(
        vocab_size=len(words), d_model=32, d_kv=16, d_ff=64, num_layers=1, num_heads=2, decoder_start_token_id=0
    )
    base = transformers.T5ForConditionalGeneration(config)
    for part in (base, tokenizer):
        part.save_pretrained(str(tmp_path / "base"))
    train(tmp_path / "model", solved(60), base=str(tmp_path / "base"), epochs=1, rate=1e-12)
    policy = Policy(ModelFolder(tmp_path / "model"), List())
    shared = dict(policy.network.named_parameters())["t5.shared.weight"]
    old = base.get_input_embeddings().weight
    assert torch.allclose(shared[: len(words)], old, atol=1e-6)
    [one] = policy.vocabulary.program(["1"]) or []
    assert one >= len(words)
    assert torch.allclose(shared[one], old[words.index("1")], atol=1e-6)
    train(tmp_path / "model", solved(60), base=str(tmp_path / "base"), overwrite=True)
    found = sampled(tmp_path / "model", unseen(), count=4, temperature=0)
    assert sum(each.solved for each in found) >= len(found) * 3 // 4
    (tmp_path / "model" / "tokenizer" / "tokenizer.json").write_text("{}")
    with pytest.raises(InputError, match="tokenizer is missing, or not the one of the model"):
        Policy(ModelFolder(tmp_path / "model"), List())


# --- drawing --------------------------------------------------------------------------------------------------------


def untrained(folder: Path, domain: str, program: str, count: int = 2, **settings: Any) -> list[Frontier]:
    """Tasks of a domain, and a policy trained for one step on a program that is said to solve the first of them."""
    known = default_registry().domain(domain)
    tasks = list(known.tasks(known.TaskSettings(count=count), 0))
    given = Frontier(tasks[0], (Program(program, log_likelihood=0.0),))
    train(folder, [known.library(), given], epochs=1, validation=0.0, rate=0.0, **settings)
    return [Frontier(each) for each in tasks]


@pytest.mark.parametrize(
    ("domain", "program"),
    [
        ("list", "(lambda ((lambda (+ $0 $0)) (length $0)))"),
        ("arc", "(lambda ((lambda (fill.indices (hmirror.grid $1) EIGHT $0)) (ofcolor $0 THREE)))"),
        ("karel", "move"),
        ("regex", "(lambda (_rflatten (cdr (_rsplit _a $0))))"),
    ],
)
def test_every_sample_of_an_untrained_policy_has_the_type_and_fits(tmp_path: Path, domain: str, program: str) -> None:
    frontiers = untrained(tmp_path / "model", domain, program)
    known = default_registry().domain(domain)
    library = known.library()
    policy = Policy(ModelFolder(tmp_path / "model"), known)
    types = grammar_of(library).types
    for frontier in frontiers:
        assert frontier.task is not None
        drawn = policy.draw(known.visible(frontier.task), library, 16, Sampling(max_words=20, temperature=3.0), seed=0)
        assert len(drawn) == 16
        for each in drawn:
            assert isinstance(each, Program)
            term = parse_term(each.program)
            assert not term.free
            infer(term, types, parse_type(frontier.task.request or ""), literal_type=known.syntax().literal_type)
    assert sampled(tmp_path / "model", [library, *frontiers], count=4, max_words=20)


def test_without_types_samples_that_are_no_programs_are_counted(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    frontiers = untrained(folder, "list", "(lambda (length $0))")
    for constrain in ("vocabulary", "none"):
        said: list[str] = []
        context = Context("sample", warn=said.append)
        method = SamplePolicy(model=folder, count=32, constrain=constrain, max_words=10)
        found = list(method.run(iter([List().library(), *frontiers, End("complete")]), context))
        for frontier in found:
            for each in frontier.programs if isinstance(frontier, Frontier) else ():
                infer(parse_term(each.program), grammar_of(List().library()).types)
        assert "dropped" in said[-1]


def test_the_decoder_is_that_of_the_library(model: tuple[Path, list[Record]]) -> None:
    t5 = Policy(ModelFolder(model[0]), List()).network.t5
    torch.manual_seed(0)
    read, words = torch.randint(0, 300, (1, 37)), torch.randint(0, 300, (5, 150))
    with torch.no_grad():
        states = t5.encoder(input_ids=read, attention_mask=torch.ones_like(read)).last_hidden_state
        wanted = t5.decoder(input_ids=words, encoder_hidden_states=states.expand(5, -1, -1)).last_hidden_state
        decoder = Decoder(t5, states, 5, 150)
        found = torch.stack([decoder.step(words[:, place]) for place in range(150)], 1)
    assert torch.allclose(wanted, found, atol=1e-4)


def test_samples_follow_the_odds_of_the_model(model: tuple[Path, list[Record]]) -> None:
    folder, _ = model
    policy = Policy(ModelFolder(folder), List())
    seen = List().visible(task(0, "0", seed=9).task)  # type: ignore[arg-type]
    drawn = policy.draw(seen, TOY, 4000, Sampling(max_words=3, temperature=1.0), seed=5)
    counts: dict[str, int] = {}
    odds: dict[str, float] = {}
    for each in drawn:
        assert isinstance(each, Program)
        counts[each.program] = counts.get(each.program, 0) + 1
        odds[each.program] = float(each.extra["log_policy"])
    for program, count in counts.items():
        if count > 200:
            assert count / 4000 == pytest.approx(2.718281828 ** odds[program], abs=0.04), program
    only = policy.draw(seen, TOY, 50, Sampling(max_words=3, temperature=5.0, top_k=1), seed=5)
    nucleus = policy.draw(seen, TOY, 50, Sampling(max_words=3, temperature=1.0, top_p=0.01), seed=5)
    best = max(odds, key=odds.__getitem__)
    assert {each.program for each in (*only, *nucleus) if isinstance(each, Program)} == {best}


def test_native_programs_are_words_between_blanks(tmp_path: Path) -> None:
    known = default_registry().domain("karel")
    frontiers = untrained(tmp_path / "model", "karel", "move", language="native")
    library = known.library()
    policy = Policy(ModelFolder(tmp_path / "model"), known)
    assert "move" in policy.vocabulary.program_words
    with pytest.raises(InputError, match="--constrain vocabulary, or train one with --language lambda"):
        sampled(tmp_path / "model", [library, *frontiers])
    sampled(tmp_path / "model", [library, *frontiers], constrain="vocabulary")


def test_errors_say_what_to_do(tmp_path: Path, model: tuple[Path, list[Record]]) -> None:
    folder, _ = model
    with pytest.raises(InputError, match="no policy of list in the stream: name a model's folder with --model"):
        list(SamplePolicy().run(iter([*unseen(1), End("complete")]), Context("sample")))
    other = dataclasses.replace(
        TOY, productions=(dataclasses.replace(TOY.productions[0], type="bool"), TOY.productions[1])
    )
    with pytest.raises(InputError, match="0 has another type or meaning in this stream's"):
        sampled(folder, [other, *unseen(1)[1:]])
    with pytest.raises(InputError, match="trained without --parent"):
        list(MutatePolicy(model=folder).run(iter([*solved(1), End("complete")]), Context("mutate")))
    damaged = tmp_path / "damaged"
    shutil.copytree(folder, damaged)
    text = (damaged / "config.json").read_text()
    for wrong, message in (
        (text.replace('"num_layers": 1', '"num_layers": 1000000'), "num_layers"),
        (text.replace('"d_model": 32', '"d_model": 64'), "does not fit the configuration"),
        (text.replace('"kind": "policy"', '"kind": "recognition"'), "kind: expected policy"),
    ):
        (damaged / "config.json").write_text(wrong)
        with pytest.raises(InputError, match=message):
            sampled(damaged, unseen(1))


# --- changing programs ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A policy that learned to change the wrong program into the right one."""
    folder = tmp_path_factory.mktemp("editor") / "model"
    records = solved(60)
    pairs = []
    for number, each in enumerate(records):
        if isinstance(each, Frontier):
            wrong = "(lambda 1)" if name_in(each) == "0" else "(lambda 0)"
            if number % 2:
                pairs.append(dataclasses.replace(each, programs=(*each.programs, Program(wrong, score=0.0))))
            else:
                origin = Origin(by="test", from_=wrong)
                pairs.append(
                    dataclasses.replace(each, programs=(dataclasses.replace(each.programs[0], origin=origin),))
                )
    train(folder, [TOY, *pairs], parent=True)
    return folder


def test_a_policy_changes_a_parent(editor: Path) -> None:
    given = []
    for each in unseen(4):
        if isinstance(each, Frontier):
            wrong = "1" if name_in(each) == "0" else "0"
            each = dataclasses.replace(each, programs=(Program(f"(lambda {wrong})"),))
        given.append(each)
    context = Context("mutate", seed=1)
    found = list(MutatePolicy(model=editor, count=3).run(iter([*given, End("complete")]), context))
    right = 0
    for before, after in zip(given, found, strict=False):
        if isinstance(after, Frontier):
            assert isinstance(before, Frontier)
            assert before.task is not None
            for mutant in after.programs:
                assert mutant.program != before.programs[0].program
                assert mutant.origin is not None
                assert (mutant.origin.by, mutant.origin.from_) == ("policy", (before.programs[0].program,))
                infer(parse_term(mutant.program), grammar_of(TOY).types, parse_type(before.task.request or ""))
            right += f"(lambda {name_in(before)})" in {mutant.program for mutant in after.programs}
    assert right >= 6
    with pytest.raises(InputError, match="use it with psynth mutate"):
        sampled(editor, unseen(1))


# --- as a language model --------------------------------------------------------------------------------------------


def test_a_policy_answers_prompts(model: tuple[Path, list[Record]]) -> None:
    folder, _ = model
    answering = PolicyModel(path=folder)
    frontier = task(0, "1", seed=9)
    assert frontier.task is not None
    text = task_text(List().visible(frontier.task), "both", 5, function="f", typed=True)
    shot = task_text(List().visible(task(0, "0").task), "both", 5, function="f", typed=True)  # type: ignore[arg-type]
    messages = (Message("system", "…"), Message("user", shot), Message("assistant", "…"), Message("user", text))
    request = ModelRequest(messages, sampling=Asked(temperature=0, n=3))
    answer = answering.answer(request, Stop())
    assert [each.text for each in answer.completions] == ["(lambda 1)"] * 3
    assert answer.usage.prompt_tokens > 10
    repair = (*messages, Message("assistant", "…"), Message("user", "That program does not solve the task."))
    assert (
        answering.answer(ModelRequest(repair, sampling=Asked(temperature=0)), Stop()).completions
        == (answer.completions[:1])
    )
    nothing = answering.answer(ModelRequest((Message("user", "Function: fn_0"),), sampling=Asked(n=2)), Stop())
    assert [each.text for each in nothing.completions] == ["", ""]


def test_a_task_without_a_request_or_with_nothing_to_read_is_an_error(model: tuple[Path, list[Record]]) -> None:
    for wrong, message in (
        (Task("list/x", "list", examples=(Example([[1]], [1]),)), "no request"),
        (Task("list/x", "list", "list(int) -> list(int)"), "nothing is shown of it"),
        (Task("list/x", "list", "tgrid", examples=(Example([[1]], [1]),)), "no program of type"),
    ):
        with pytest.raises(InputError, match=message):
            sampled(model[0], [TOY, Frontier(wrong)])
