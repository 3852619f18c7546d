"""The primitives against an oracle in Python: random programs on random scenes, and what the types and values admit."""

from __future__ import annotations

import random
from typing import Any

import pytest
from psynth_clevr.domain import Clevr
from psynth_clevr.expressions import reference
from psynth_clevr.questions import KINDS
from psynth_clevr.scenes import VALUES, draw_attributes, placed, to_json

from psynth.core.engines.lambda_machine import SearchBudget
from psynth.core.engines.leases import default_engines
from psynth.core.errors import InputError
from psynth.plugins import Budget, Example, Task
from tests.psynth_clevr import oracle

pytestmark = pytest.mark.usefixtures("machine")
SET = "list(tclevrobject)"
REQUESTS = [f"{SET} -> {kind}" for kind in (SET, "tclevrobject", "int", "bool", *(f"tclevr{name}" for name in VALUES))]


WITHOUT_FIRST = "(clevr_difference $0 (clevr_add (clevr_car $0) clevr_empty))"
TELLING = [
    "(lambda (clevr_fold $0 clevr_empty (lambda (lambda (clevr_if (clevr_lt? 0 (clevr_count $0)) $0 "
    "(clevr_add $1 $0))))))",
    f"(lambda (clevr_relate (clevr_car $0) clevr_left {WITHOUT_FIRST}))",
    f"(lambda (clevr_map (lambda (clevr_car (clevr_add $0 $1))) {WITHOUT_FIRST}))",
]
"""Programs that tell the order of a fold, an object outside of the set, and results with one id."""


def some_scene(rng: random.Random) -> list[dict[str, Any]]:
    """A scene; sometimes in disorder, with null objects and with two objects of one id."""
    scene: list[dict[str, Any]] = to_json(placed(draw_attributes(rng), rng))
    if rng.random() < 0.4:
        scene.append(dict(rng.choice(scene), color=rng.choice(VALUES["color"])))
        scene.append({})
        rng.shuffle(scene)
    return [] if rng.random() < 0.05 else scene


def expected(program: str, scene: list[Any]) -> tuple[str, Any]:
    try:
        return "ok", oracle.run(program, scene)
    except oracle.Wrong:
        return "error", None


def programs() -> list[tuple[str, str]]:
    """Programs of every type drawn from the grammar, and references of all classes of questions."""
    library, drawn = Clevr().library(), []
    with default_engines().lambda_machine() as machine:
        for request in REQUESTS:
            found = machine.sample(library.to_json(), request, seed=7, count=120, max_depth=6, max_size=60)
            drawn += [(request, str(each["program"])) for each in found]
    rng = random.Random(5)
    asked = [kind.draw(rng) for kind in KINDS.values() for _ in range(6)]
    told = [(f"{SET} -> {SET}", program) for program in TELLING]
    return drawn + told + [(question.request, reference(question.asks)) for question in asked]


def test_the_machine_agrees_with_the_oracle_on_random_programs_and_scenes() -> None:
    rng, met, used = random.Random(3), {"ok": 0, "error": 0}, set()
    listed = programs()
    with Clevr().evaluator(Clevr().library(), Budget()) as evaluator:
        for request, program in listed:
            scenes = [some_scene(rng) for _ in range(4)]
            outcomes = evaluator.run(program, request, [[scene] for scene in scenes])
            for scene, outcome in zip(scenes, outcomes, strict=True):
                status, value = expected(program, scene)
                assert (outcome.status, outcome.value) == (status, value), (program, scene)
                met[status] += 1
            used |= set(program.replace("(", " ").replace(")", " ").split())
    assert min(met.values()) > 100
    assert {each.name for each in Clevr().library().productions} <= used


def test_the_library_has_the_published_primitives_and_types() -> None:
    types = {each.name: each.type for each in Clevr().library().productions}
    assert len(types) == 54
    assert types.keys() == oracle.PRIMITIVES.keys() | {"clevr_if"}
    thing = "tclevrobject"
    assert types["clevr_relate"] == f"{thing} -> tclevrrelation -> {SET} -> {SET}"
    assert types["clevr_fold"] == f"{SET} -> {SET} -> ({thing} -> {SET} -> {SET}) -> {SET}"
    assert types["clevr_map"] == f"({thing} -> {thing}) -> {SET} -> {SET}"
    assert types["clevr_if"] == "bool -> t0 -> t0 -> t0"
    for name, values in oracle.ATTRIBUTES.items():
        assert VALUES[name] == tuple(values)
        assert types[f"clevr_transform_{name}"] == f"tclevr{name} -> {thing} -> {thing}"
        assert types[f"clevr_query_{name}"] == f"{thing} -> tclevr{name}"
        assert {types[f"clevr_{value}"] for value in values} == {f"tclevr{name}"}


def test_the_branch_not_taken_is_not_run() -> None:
    asked = "(lambda (clevr_if (clevr_gt? (clevr_count $0) 0) (clevr_query_color (clevr_car $0)) clevr_red))"
    with Clevr().evaluator(Clevr().library(), Budget()) as evaluator:
        [outcome] = evaluator.run(asked, f"{SET} -> tclevrcolor", [[[]]])
    assert (outcome.status, outcome.value) == ("ok", "red")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"color": "pink"}, "pink is no tclevrcolor"),
        ({"left": [1.5]}, "left: "),
        ({"weight": 3}, "no field weight"),
        ({"shape": None}, "shape: null"),
        ({"id": "0"}, "id: a string"),
        ({"at": [1, None]}, "at: "),
        ("size", "lacks the field size"),
    ],
)
def test_a_value_that_is_no_object_is_an_error_that_says_why(change: dict[str, Any] | str, said: str) -> None:
    [thing, *_] = to_json(placed(draw_attributes(random.Random(1)), random.Random(1)))
    if isinstance(change, str):
        del thing[change]
    else:
        thing |= change
    task = Task("clevr/a", "clevr", f"{SET} -> int", (Example([[thing]], 1),))
    with (
        Clevr().evaluator(Clevr().library(), Budget()) as evaluator,
        pytest.raises(InputError, match="input 1") as error,
    ):
        evaluator.check_task(task)
    assert said in str(error.value)


def test_objects_come_back_as_they_were_given() -> None:
    scene = to_json(placed(draw_attributes(random.Random(2)), random.Random(2)))
    without = [{key: value for key, value in thing.items() if key != "at"} for thing in scene]
    with Clevr().evaluator(Clevr().library(), Budget()) as evaluator:
        every: list[Any] = [scene, without, [{}]]
        for given in every:
            [outcome] = evaluator.run("(lambda $0)", f"{SET} -> {SET}", [[given]])
            assert outcome.value == given


SOME = "(clevr_relate (clevr_car $0) clevr_left $0)"
OTHER = "(clevr_map (lambda (clevr_transform_color clevr_red $0)) (clevr_relate (clevr_car $0) clevr_behind $0))"
LEFT_OUT = {
    f"(clevr_union clevr_empty {OTHER})": OTHER,
    f"(clevr_union {OTHER} clevr_empty)": OTHER,
    f"(clevr_intersect clevr_empty {OTHER})": "clevr_empty",
    f"(clevr_intersect {OTHER} clevr_empty)": "clevr_empty",
    f"(clevr_difference clevr_empty {OTHER})": "clevr_empty",
    f"(clevr_difference {OTHER} clevr_empty)": OTHER,
    f"(clevr_union (clevr_union {SOME} {OTHER}) $0)": f"(clevr_union {SOME} (clevr_union {OTHER} $0))",
    f"(clevr_intersect (clevr_intersect {SOME} {OTHER}) $0)": f"(clevr_intersect {SOME} (clevr_intersect {OTHER} $0))",
    "(clevr_map (lambda (clevr_car $1)) clevr_empty)": "clevr_empty",
    f"(clevr_fold clevr_empty {SOME} (lambda (lambda (clevr_add $1 $0))))": SOME,
    "(clevr_query_color (clevr_transform_color clevr_red (clevr_car $0)))": "clevr_red",
    "(clevr_query_size (clevr_transform_color clevr_red (clevr_car $0)))": "(clevr_query_size (clevr_car $0))",
    "(clevr_transform_size clevr_large (clevr_transform_size clevr_small (clevr_car $0)))": (
        "(clevr_transform_size clevr_large (clevr_car $0))"
    ),
}


def test_what_a_search_leaves_out_means_what_something_cheaper_does() -> None:
    rng = random.Random(9)
    scenes = [some_scene(rng) for _ in range(40)]
    for left_out, same in LEFT_OUT.items():
        for scene in scenes:
            status, value = expected(f"(lambda {left_out})", scene)
            if status == "ok":
                assert expected(f"(lambda {same})", scene) == (status, value), left_out
    library = Clevr().library()
    [thing, *_] = to_json(placed(draw_attributes(rng), rng))
    asked = [("list(tclevrobject)", [], []), ("tclevrcolor", [thing], thing["color"])]
    budget, programs = SearchBudget(max_cost=11, max_frontier=10_000, exhaustive=True), set()
    with default_engines().lambda_machine() as machine:
        for kind, given, output in asked:
            task = {"id": "a", "examples": [{"inputs": [given], "output": output}]}
            [found] = machine.enumerate(library.to_json(), f"{SET} -> {kind}", [task], budget)["tasks"]
            programs |= {str(each["program"]) for each in found["hits"]}
    assert {"(lambda (clevr_union $0 $0))", "(lambda (clevr_query_color (clevr_car $0)))"} <= programs
    starts = [f"({name} clevr_empty " for name in ("clevr_union", "clevr_intersect", "clevr_difference")]
    starts += ["(clevr_query_color (clevr_transform_"]
    assert not [each for each in programs for start in starts if start in each]
