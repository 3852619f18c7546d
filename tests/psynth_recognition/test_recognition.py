"""Recognition networks: they learn, continue where they were killed, guide searches, and refuse other libraries."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the extra neural is not installed")

import numpy as np  # noqa: E402
from psynth_list.domain import List  # noqa: E402
from psynth_recognition.corpus import Solved  # noqa: E402
from psynth_recognition.derivations import Derivations, base_weights  # noqa: E402
from psynth_recognition.encoders import Sizes, encoder_of  # noqa: E402
from psynth_recognition.network import Network, float_base  # noqa: E402
from psynth_recognition.objectives import Holes, log_probabilities, program_loss  # noqa: E402
from psynth_recognition.perceiving import perceiver_of  # noqa: E402
from psynth_recognition.settings import Perception  # noqa: E402
from psynth_recognition.trained import Recognizer  # noqa: E402
from psynth_search.windows import Windows  # noqa: E402

from psynth.core.calculus.terms import parse_term  # noqa: E402
from psynth.core.calculus.types import parse_type  # noqa: E402
from psynth.core.engines.lambda_machine import LambdaMachine  # noqa: E402
from psynth.core.errors import InputError, UsageError  # noqa: E402
from psynth.core.languages import grammar_of  # noqa: E402
from psynth.core.stream.records import (  # noqa: E402
    Contextual,
    End,
    Frontier,
    Library,
    Metric,
    Model,
    Production,
    Record,
    Search,
    Weights,
)
from psynth.core.stream.scope import with_libraries  # noqa: E402
from psynth.learning.model_folder import ModelFolder  # noqa: E402
from psynth.plugins.method import Context  # noqa: E402
from psynth.plugins.neighborhoods import weighted  # noqa: E402
from tests.psynth_recognition.conftest import (  # noqa: E402
    REQUEST,
    TOY,
    guided,
    solved,
    task,
    train,
    weights_in,
)

pytestmark = [pytest.mark.neural, pytest.mark.usefixtures("lambda_machine")]

KIND = parse_type(REQUEST)


def curve(records: list[Record], name: str, split: str = "validation") -> list[float]:
    return [
        each.value
        for each in records
        if isinstance(each, Metric) and each.name == name and each.labels["split"] == split
    ]


def bytes_of(folder: Path) -> str:
    found = hashlib.sha256()
    for name in ("model.safetensors", "training.safetensors", "config.json"):
        found.update((folder / name).read_bytes())
    return found.hexdigest()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Record]]:
    folder = tmp_path_factory.mktemp("recognition") / "model"
    return folder, train(folder, solved(40))


# --- learning -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoder", "settings"),
    [
        ("tokens", {}),
        ("tokens", {"grammar": "unigram", "loss": "sampled"}),
        ("objects", {"encoder": "objects", "loss": "all"}),
        ("image", {"amsgrad": True}),
    ],
)
def test_a_small_network_learns_which_of_two_productions_a_task_needs(
    tmp_path: Path, encoder: str, settings: dict[str, Any]
) -> None:
    sees = "image" if encoder == "image" else "tokens"
    records = train(tmp_path / "model", solved(60), sees=sees, **settings)
    [record] = [each for each in records if isinstance(each, Model)]
    assert record.config["encoder"] == encoder
    unseen: list[Record] = [TOY, *(task(number, name, seed=9) for number in range(15) for name in ("cdr", "reverse"))]
    found = guided(tmp_path / "model", unseen, sees)
    for frontier in found:
        if isinstance(frontier, Frontier):
            assert frontier.weights is not None
            grammar = grammar_of(weighted(TOY, frontier.weights))
            right = frontier.programs[0].program
            wrong = right.replace("cdr", "reverse") if "cdr" in right else right.replace("reverse", "cdr")
            # The library itself finds both equally likely.
            odds = [grammar.log_prior(parse_term(text), KIND) for text in (right, wrong)]
            assert odds[0] - odds[1] > np.log(20), frontier.task
            if isinstance(frontier.weights, Contextual):
                assert odds[0] > np.log(0.6)
    # One of three choices, twice.
    assert curve(records, "replay_library_loss")[-1] == pytest.approx(2 * np.log(3))
    assert curve(records, "replay_loss")[-1] < curve(records, "replay_library_loss")[-1] - 0.5


def test_training_begins_with_the_losses_of_the_librarys_own_weights(tmp_path: Path) -> None:
    uneven = dataclasses.replace(
        TOY,
        productions=tuple(
            dataclasses.replace(each, log_weight=weight)
            for each, weight in zip(TOY.productions, (1.0, -2.0), strict=True)
        ),
    )
    records = train(tmp_path / "model", [uneven, *solved(40)[1:]], steps=1, rate=1e-12)
    for kind in ("replay", "dream"):
        [loss], [library_loss] = curve(records, f"{kind}_loss"), curve(records, f"{kind}_library_loss")
        assert loss == pytest.approx(library_loss, rel=1e-5)
        assert library_loss != pytest.approx(2 * np.log(3), rel=0.05)


def test_the_stream_has_the_library_metrics_and_the_model(model: tuple[Path, list[Record]]) -> None:
    folder, records = model
    assert [type(each) for each in records if not isinstance(each, Metric)] == [Library, Model, End]
    assert len(curve(records, "loss")) == len(curve(records, "loss", "train")) == 2
    [record] = [each for each in records if isinstance(each, Model)]
    assert (record.kind, record.path, record.domain) == ("recognition", str(folder), "list")
    assert record.config["replayed_tasks"] == record.config["dreamed_tasks"] == 40


@pytest.mark.parametrize("contextual", [False, True])
def test_predicted_weights_give_programs_the_probability_that_the_grammar_gives(contextual: bool) -> None:
    library = List().library("rich")
    grammar = grammar_of(library)
    with LambdaMachine() as machine:
        drawn = machine.sample(library.to_json(), REQUEST, seed=1, count=60, max_depth=5)
    texts = list(dict.fromkeys(str(each["program"]) for each in drawn))
    derivations = Derivations(grammar, contextual)
    programs = [derivations.read(text, REQUEST) for text in texts]
    base = base_weights(grammar, contextual=contextual)
    changes = np.random.default_rng(0).normal(size=base.shape).round(3)
    tasks = [Solved("list/0", False, None, tuple(each for each in programs if each is not None))]
    holes = Holes.of(tasks, torch.device("cpu"))
    masks = torch.from_numpy(derivations.masks)
    found = log_probabilities(torch.from_numpy(base + changes)[None], masks, holes).tolist()
    rows = [Weights(tuple(row[:-1]), row[-1]) for row in (base + changes).tolist()]
    new: Weights | Contextual = rows[0]
    if contextual:
        names = [each.name for each in library.productions]
        arguments = dict(zip(names, grammar.argument_contexts, strict=True))
        by_name = {name: tuple(rows[context] for context in contexts) for name, contexts in arguments.items()}
        new = Contextual(rows[0], rows[1], by_name)
    changed = grammar_of(weighted(library, new))
    assert found == pytest.approx([changed.log_prior(parse_term(text), KIND) for text in texts], rel=1e-5)
    assert [each.log_prior for each in programs if each] == pytest.approx(
        [grammar.log_prior(parse_term(text), KIND) for text in texts]
    )


def test_the_losses_look_at_the_likeliest_a_sampled_or_all_programs() -> None:
    holes = Holes(
        *(torch.zeros(0, dtype=torch.long) for _ in range(5)),
        owners=torch.tensor([0, 0, 1]),
        constants=torch.zeros(3),
        priors=torch.log(torch.tensor([0.3, 0.1, 0.2])),
    )
    found = torch.tensor([-1.0, -5.0, -2.0])
    assert float(program_loss(found, holes, 2, "best", None)) == pytest.approx((1 + 2) / 2)
    assert float(program_loss(found, holes, 2, "all", None)) == pytest.approx((0.75 * 1 + 0.25 * 5 + 2) / 2)
    generator = torch.Generator().manual_seed(0)
    drawn = [float(program_loss(found, holes, 2, "sampled", generator)) for _ in range(400)]
    assert set(drawn) == {1.5, 3.5}
    assert 0.15 < drawn.count(3.5) / 400 < 0.35


@pytest.mark.parametrize("encoder", ["tokens", "objects"])
def test_the_order_and_repetition_of_examples_do_not_matter(encoder: str) -> None:
    domain = List()
    perceiver = perceiver_of(domain, Perception(encoder=encoder, examples=20))
    given = task(0, "cdr").task
    assert given is not None
    turned = dataclasses.replace(given, examples=given.examples[::-1])
    doubled = dataclasses.replace(given, examples=given.examples * 2)
    other = task(1, "cdr").task
    assert other is not None
    torch.manual_seed(0)
    network = encoder_of(Sizes(encoder=encoder, hidden=8, contexts=1, productions=2, vocabulary=560))
    vectors = network.encode([perceiver.see(domain.visible(each)) for each in (given, turned, doubled, other)])
    assert torch.allclose(vectors[0], vectors[1], atol=1e-5)
    assert torch.allclose(vectors[0], vectors[2], atol=1e-5)
    assert not torch.allclose(vectors[0], vectors[3], atol=1e-2)


# --- models on disk -------------------------------------------------------------------------------------------------


def test_a_model_is_read_again_bit_by_bit(model: tuple[Path, list[Record]]) -> None:
    folder = ModelFolder(model[0])
    first, second = Recognizer(folder, List()), Recognizer(folder, List())
    for (name, one), (_, other) in zip(
        first._network.named_parameters(), second._network.named_parameters(), strict=True
    ):
        assert torch.equal(one, other), name
    given = solved(5, seed=3)
    assert weights_in(guided(model[0], given)) == weights_in(guided(model[0], given))
    # One task alone gives what it gives among others.
    assert weights_in(guided(model[0], [TOY, given[4]])) == weights_in(guided(model[0], given))[3:4]


def test_stopped_at_any_step_it_ends_with_the_same_bytes(tmp_path: Path) -> None:
    settings = {"steps": 7, "report": 3, "loss": "sampled"}
    whole = train(tmp_path / "whole", solved(20), **settings)
    stops = 0
    while True:
        records = train(tmp_path / "parts", solved(20), timeout=0.0, **settings)
        if records[-1] == End("complete"):
            break
        assert records[-1] == End("budget")
        stops += 1
    assert stops == 6
    assert bytes_of(tmp_path / "parts") == bytes_of(tmp_path / "whole")
    assert [each for each in records if isinstance(each, Metric)] == [
        each for each in whole if isinstance(each, Metric)
    ]


def test_the_weights_of_the_best_validation_are_kept(tmp_path: Path) -> None:
    settings = {"report": 5, "rate": 0.3, "hidden": 8}
    losses = curve(train(tmp_path / "all", solved(12), steps=40, **settings), "loss")
    best = 5 * (losses.index(min(losses)) + 1)
    assert best < 40, "the losses of so high a rate do not end at their least"
    train(tmp_path / "best", solved(12), steps=best, **settings)
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("all", "best")]
    assert weights[0] == weights[1]


def test_other_tasks_or_settings_do_not_overwrite_a_model_and_more_steps_continue_it(tmp_path: Path) -> None:
    train(tmp_path, solved(10), steps=3)
    for records, settings in ((solved(11), {}), (solved(10), {"loss": "all"})):
        with pytest.raises(UsageError, match="--overwrite"):
            train(tmp_path, records, steps=3, **settings)
    assert len(curve(train(tmp_path, solved(10), steps=6), "loss")) == 2
    said: list[str] = []
    train(tmp_path, solved(10), steps=6, said=said)
    assert said == []
    train(tmp_path, solved(10), steps=4, said=said)
    assert said == ["the model has 6 steps already, more than --steps 4: it is left as it is"]
    train(tmp_path, solved(11), steps=3, overwrite=True)


def test_seeds_and_shares_of_dreams_change_the_weights_and_jobs_of_one_thread_do_not(tmp_path: Path) -> None:
    train(tmp_path / "a", solved(10), steps=3)
    train(tmp_path / "b", solved(10), steps=3, seed=1)
    train(tmp_path / "c", solved(10), steps=3, dreams=1.0)
    found = [(tmp_path / name / "model.safetensors").read_bytes() for name in "abc"]
    assert len(set(found)) == 3


# --- guiding --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("grammar", ["unigram", "bigram"])
def test_an_untrained_network_leaves_a_search_as_it_is(tmp_path: Path, grammar: str) -> None:
    domain = Context("tasks").domain("list")
    base = domain.library()
    tilted = tuple(dataclasses.replace(each, log_weight=-number / 7) for number, each in enumerate(base.productions))
    library = dataclasses.replace(base, productions=tilted, log_variable=0.3)
    _, *given = domain.records(domain.TaskSettings(count=12), 0)
    solutions = [each for each in solved(4)[1:] if "reverse" not in str(each)]
    train(tmp_path / "model", [library, *solutions], rate=0.0, steps=1, grammar=grammar)
    records: list[Record] = [library, *given]
    found = search(guided(tmp_path / "model", records))
    assert all(weights is not None for weights in weights_in(found))
    assert [without_weights(each) for each in found] == [each.encode() for each in search([*records, End("complete")])]


def search(records: list[Record]) -> list[Record]:
    return list(Windows(max_programs=3000).run(iter(records), Context("enumerate")))


def without_weights(record: Record) -> bytes:
    return (dataclasses.replace(record, weights=None) if isinstance(record, Frontier) else record).encode()


def test_a_guided_search_finds_the_program_among_the_first(model: tuple[Path, list[Record]]) -> None:
    given = [dataclasses.replace(each, programs=()) for each in solved(5, seed=4)[1:] if isinstance(each, Frontier)]
    method = Windows(max_programs=2, max_frontier=1, step=0.1)
    plain = list(method.run(iter([TOY, *given, End("complete")]), Context("enumerate")))
    better = list(method.run(iter(guided(model[0], [TOY, *given])), Context("enumerate")))
    assert sum(each.solved for each in better if isinstance(each, Frontier)) == 10
    assert sum(each.solved for each in plain if isinstance(each, Frontier)) < 10


def test_another_library_is_refused_and_new_names_of_abstractions_are_not(tmp_path: Path) -> None:
    abstraction = Production("fn_0", "list(t0) -> list(t0)", 0.0, "(lambda (cdr (cdr $0)))")
    library = dataclasses.replace(TOY, productions=(*TOY.productions, abstraction))
    frontiers = solved(5)[1:]
    train(tmp_path / "model", [library, *frontiers], steps=1)
    renamed = dataclasses.replace(abstraction, name="drop_two")
    assert all(weights_in(guided(tmp_path / "model", [with_last(library, renamed), *frontiers])))
    for changed in (
        TOY,
        with_last(library, dataclasses.replace(abstraction, definition="(lambda (reverse (cdr $0)))")),
        with_last(library, dataclasses.replace(abstraction, log_weight=-1.0)),
        dataclasses.replace(library, log_variable=-1.0),
    ):
        with pytest.raises(InputError, match="was trained with another library"):
            guided(tmp_path / "model", [changed, *frontiers])


def with_last(library: Library, production: Production) -> Library:
    return dataclasses.replace(library, productions=(*library.productions[:-1], production))


def test_the_model_is_that_of_the_stream_or_of_the_option(model: tuple[Path, list[Record]]) -> None:
    folder, records = model
    [record] = [each for each in records if isinstance(each, Model)]
    given = solved(2, seed=5)
    assert weights_in(guided(None, [record, *given])) == weights_in(guided(folder, given))
    with pytest.raises(InputError, match="no recognition model of list in the stream"):
        guided(None, given)
    with pytest.raises(InputError, match="trained again or changed"):
        guided(None, [dataclasses.replace(record, sha256="0" * 64), *given])


def test_what_is_not_solved_follows_the_model_which_guides_it(tmp_path: Path) -> None:
    unsolved = [dataclasses.replace(each, programs=()) for each in solved(2, seed=7)[1:] if isinstance(each, Frontier)]
    other = dataclasses.replace(TOY, domain="regex")
    given = [TOY, *unsolved[:2], other, *solved(5)[1:], *unsolved[2:]]
    records = [each for each in train(tmp_path / "model", given, steps=2) if not isinstance(each, Metric)]
    assert [type(each) for each in records] == [Library, Model, Frontier, Frontier, Library, Frontier, Frontier, End]
    assert [each for each in records if isinstance(each, Frontier)] == unsolved
    assert all(weights_in(guided(None, records[:-1])))


def test_weights_of_a_library_are_refused_with_another(model: tuple[Path, list[Record]]) -> None:
    given = guided(model[0], solved(2))[:-1]
    redefined = dataclasses.replace(TOY.productions[1], definition="(lambda (cdr $0))")
    swapped = dataclasses.replace(TOY, productions=TOY.productions[::-1])
    longer = dataclasses.replace(TOY, productions=(*TOY.productions, redefined))

    def under(library: Library, records: list[Record] = given, **settings: bool) -> list[Record]:
        return list(with_libraries(records, List().library, {"list": library}, **settings))  # type: ignore[arg-type]

    for other in (swapped, longer, with_last(TOY, redefined)):
        with pytest.raises(InputError, match="are of another library; run psynth guide again"):
            under(other)
        assert under(other, weights_matter=False) == [other, *given[1:]]
        assert under(other, solved(2)) == [other, *solved(2)[1:]]
    reweighted = with_last(TOY, dataclasses.replace(TOY.productions[1], log_weight=-1.0))
    assert under(reweighted) == [reweighted, *given[1:]]
    # Without --library the search itself sees that their number is wrong.
    with pytest.raises(InputError, match="are of another library"):
        search([longer, dataclasses.replace(given[1], weights=Weights((0.0, 0.0), 0.0)), End("complete")])  # type: ignore[type-var]


def test_an_earlier_bound_of_costs_is_removed_and_nothing_else(model: tuple[Path, list[Record]]) -> None:
    [_, given, *_] = solved(1)
    assert isinstance(given, Frontier)
    searched = dataclasses.replace(given, search=Search("windows", 100, max_cost=9.0, status="budget"))
    untied = Frontier(None, given.programs)
    _, found, passed, _ = guided(model[0], [TOY, searched, untied])
    assert isinstance(found, Frontier)
    assert found.search == Search("windows", 100, status="budget")
    assert dataclasses.replace(found, weights=None, search=searched.search) == searched
    assert passed == untied


# --- what cannot be learned from ------------------------------------------------------------------------------------


def test_what_cannot_be_learned_from_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no solved tasks to learn from"):
        train(tmp_path, [TOY])
    unwritable = [
        dataclasses.replace(each, programs=(dataclasses.replace(each.programs[0], program="(lambda (sort $0))"),))
        for each in solved(3)
        if isinstance(each, Frontier)
    ]
    with pytest.raises(InputError, match="none of 6 programs can be learned from"):
        train(tmp_path, [TOY, *unwritable])
    with pytest.raises(InputError, match="shows no images"):
        train(tmp_path, solved(3), encoder="image")
    with pytest.raises(UsageError, match="--model"):
        train(None, solved(3))  # type: ignore[arg-type]
    contextual = dataclasses.replace(
        TOY,
        contextual=Contextual(
            *[Weights((0.0, 0.0), 0.0)] * 2,
            {"cdr": (Weights((0.0, 0.0), 0.0),), "reverse": (Weights((0.0, 0.0), 0.0),)},
        ),
    )
    with pytest.raises(InputError, match="--grammar bigram"):
        train(tmp_path, [contextual, *solved(3)[1:]], grammar="unigram")
    with pytest.raises(InputError, match="library changes"):
        train(tmp_path, [*solved(3), contextual, *solved(3)[1:]])
    blind = [
        dataclasses.replace(each, task=dataclasses.replace(each.task, examples=()))
        for each in solved(3)
        if isinstance(each, Frontier) and each.task is not None
    ]
    with pytest.raises(InputError, match="a network would see nothing useful of them"):
        train(tmp_path, [TOY, *blind])
    said: list[str] = []
    train(tmp_path, [*solved(3, seed=1), *blind], steps=1, said=said)
    assert said == ["skipped 6 tasks without examples, of which the network would see nothing useful"]


def test_a_training_that_diverges_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="lower --rate"):
        train(tmp_path / "model", solved(20), rate=1e30, epsilon=0.0, clip=1e30)


@pytest.mark.parametrize(
    ("changed", "wrong", "why"),
    [
        ('"hidden": 32', '"hidden": "abc"', "sizes.hidden: expected an integer, not a string"),
        ('"hidden": 32', '"hidden": 999999', "does not fit the configuration"),
        ('"encoder": "tokens"', '"encoder": "ears"', "sizes.encoder: expected one of"),
        ('"contexts": 4', '"contexts": 9', "does not fit the configuration"),
        ('"kind": "recognition"', '"kind": "embedding"', "kind: expected recognition"),
        ('"domain": "list"', '"domain": "regex"', "is of regex, not of list"),
    ],
)
def test_a_damaged_configuration_is_refused(
    model: tuple[Path, list[Record]], tmp_path: Path, changed: str, wrong: str, why: str
) -> None:
    text = (model[0] / "config.json").read_text()
    assert changed in text
    (tmp_path / "model.safetensors").write_bytes((model[0] / "model.safetensors").read_bytes())
    (tmp_path / "config.json").write_text(text.replace(changed, wrong, 1))
    with pytest.raises(InputError, match=why):
        Recognizer(ModelFolder(tmp_path), List())


def test_the_network_begins_with_the_librarys_weights() -> None:
    sizes = Sizes(encoder="tokens", hidden=8, contexts=4, productions=2, vocabulary=560)
    perceiver = perceiver_of(List(), Perception())
    given = task(0, "cdr").task
    assert given is not None
    changes, _ = Network(sizes)([perceiver.see(List().visible(given))])
    assert torch.equal(changes, torch.zeros(1, 4, 3))
    assert float_base(base_weights(grammar_of(TOY), contextual=True), torch.device("cpu")).shape == (4, 3)
