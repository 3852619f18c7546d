"""The format ``clevr``: scenes and questions as the data sets have them, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from psynth_clevr.clevr_format import ClevrFiles

from psynth.core.errors import InputError
from psynth.plugins import Budget, Context, Frontier, Library, Task
from psynth.plugins.registry import default_registry
from tests.pipeline_command import psynth, records

pytestmark = pytest.mark.usefixtures("machine")


def thing(color: str, shape: str, x: float, y: float, **more: Any) -> dict[str, Any]:
    return {"color": color, "size": "small", "material": "metal", "shape": shape, "3d_coords": [x, y, 0.35]} | more


DIRECTIONS = {"right": [0, 1, 0], "left": [0, -1, 0], "behind": [-1, 0, 0], "front": [1, 0, 0], "above": [0, 0, 1]}
SCENE: dict[str, Any] = {
    "image_filename": "CLEVR_val_000007.png",
    "image_index": 7,
    "objects": [
        thing("red", "cube", 1, -1, rotation=3.5),
        thing("blue", "sphere", -1, 1),
        thing("red", "sphere", 2, 2),
    ],
    "relationships": {
        "left": [[], [0], [1, 0]],
        "right": [[1, 2], [2], []],
        "front": [[2], [0, 2], []],
        "behind": [[1], [], [0, 1]],
    },
    "directions": DIRECTIONS,
}
OTHER = SCENE | {
    "image_filename": "CLEVR_val_000008.png",
    "objects": [*SCENE["objects"][:2], thing("red", "cube", 2, 2)],
}
IMAGES = [SCENE["image_filename"], OTHER["image_filename"]]


def published(question: str, answers: list[Any], template: str = "1_zero_hop") -> dict[str, Any]:
    return {
        "split": "val",
        "question": question,
        "template_filename": template,
        "image_filenames": IMAGES,
        "image_indices": [7, 8],
        "answers": answers,
        "program": [[{"type": "scene", "inputs": [], "_output": [0, 1, 2], "value_inputs": []}]],
    }


def of_one_image(question: str, answer: str, image: Any = IMAGES[0]) -> dict[str, Any]:
    return {
        "split": "val",
        "question": question,
        "image_filename": image,
        "image_index": 7,
        "answer": answer,
        "program": [],
    }


def read(folder: Path, *contents: Any, errors: list[str] | None = None) -> list[Task]:
    paths = []
    for number, content in enumerate(contents):
        path = folder / f"{number}.json"
        path.write_text(json.dumps(content))
        paths.append(str(path))

    def bad_input(error: InputError) -> bool:
        if errors is None:
            raise error
        errors.append(str(error))
        return True

    context = Context("import", registry=default_registry(), bad_input=bad_input)
    library, *frontiers = ClevrFiles().read(paths, context)
    assert isinstance(library, Library)
    return [each.task for each in frontiers if isinstance(each, Frontier) and each.task is not None]


def test_published_questions_find_their_scenes_in_any_order(tmp_path: Path) -> None:
    asked = {"questions": [published("How many red things are there?", [2, 2]), published("Any?", [True, False])]}
    counted, told = read(tmp_path, asked, {"scenes": [SCENE, OTHER]})
    assert (counted.id, counted.request) == ("clevr/test-000000-zero-hop", "list(tclevrobject) -> int")
    assert (counted.split, counted.meta) == ("test", {"source": "CLEVR", "class": "zero-hop"})
    assert [each.output for each in counted.examples] == [2, 2]
    [first, second, third] = counted.examples[0].inputs[0]
    assert (first["at"], second["at"]) == ([-100, -100], [100, 100])
    assert {name: third[name] for name in ("id", "color", "shape")} == {"id": 2, "color": "red", "shape": "sphere"}
    assert [third[side] for side in ("left", "right", "front", "behind", "at")] == [[0, 1], [], [], [0, 1], [200, -200]]
    assert told.request == "list(tclevrobject) -> bool"


def test_objects_as_answers_are_those_that_programs_give(tmp_path: Path) -> None:
    left = [SCENE["objects"][place] | {"id": place} for place in (0, 2)]
    found = {"objects": left, "relationships": SCENE["relationships"], "directions": DIRECTIONS}
    question = published("Find the red things.", [found, found], "2_localization_val")
    question |= {"image_filenames": [IMAGES[0]] * 2}
    [task] = read(tmp_path, {"scenes": [SCENE]}, {"questions": [question]})
    assert (task.request, (task.meta or {})["class"]) == ("list(tclevrobject) -> list(tclevrobject)", "localization")
    program = (
        "(lambda (clevr_fold $0 clevr_empty (lambda (lambda "
        "(clevr_if (clevr_eq_color clevr_red (clevr_query_color $1)) (clevr_add $1 $0) $0)))))"
    )
    domain = default_registry().domain("clevr")
    with domain.evaluator(domain.library(), Budget()) as evaluator:
        [[verdict]] = evaluator.judge([(task, [program])])
    assert verdict.solved


def test_questions_about_one_image_make_tasks_of_equal_ones(tmp_path: Path) -> None:
    questions = [
        of_one_image("How many cubes are there?", "1"),
        of_one_image("Is there a cube?", "yes"),
        of_one_image("What color is the sphere?", "blue", IMAGES[1]),
        of_one_image("How many cubes are there?", "2", IMAGES[1]),
    ]
    counted, told, named = read(tmp_path, {"scenes": [SCENE, OTHER], "questions": questions})
    assert [(each.inputs[0][2]["shape"], each.output) for each in counted.examples] == [("sphere", 1), ("cube", 2)]
    assert [each.output for each in told.examples] == [True]
    assert (named.request, named.id) == ("list(tclevrobject) -> tclevrcolor", "clevr/test-000002")


def changed(**fields: Any) -> dict[str, Any]:
    return {"scenes": [SCENE | fields, OTHER], "questions": [published("How many?", [1, 1])]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"questions": [published("How many?", [1, 1])]}, "How many?: the scene of CLEVR_val_000007.png is missing"),
        ({"scenes": [SCENE]}, 'no file with "questions"'),
        ({"objects": []}, 'a list of "scenes" or of "questions"'),
        (
            {"scenes": [SCENE, OTHER], "questions": [published("How many?", [1])]},
            "answers: expected one for each image",
        ),
        (
            {"scenes": [SCENE, OTHER], "questions": [published("How many?", [1, "red"])]},
            "different types, int and tclevrcolor",
        ),
        (
            {"scenes": [SCENE, OTHER], "questions": [published("How many?", [1, "pink"])]},
            "the answer for CLEVR_val_000008.png",
        ),
        (
            {"scenes": [SCENE], "questions": [{"question": "How many?", "image_filename": 7}]},
            "image_filenames: expected",
        ),
        ({"scenes": [{"objects": []}], "questions": []}, "scenes[0]: image_filename"),
        (changed(objects=[thing("pink", "cube", 0, 0)]), "objects[0]: color: expected one of"),
        (changed(relationships={}), "relationships: left: expected a list"),
        (changed(relationships=SCENE["relationships"] | {"front": [[], []]}), "front[2]: expected a list of ids"),
        (changed(objects=[thing("red", "cube", 0, 0, id=1), thing("red", "cube", 0, 0)]), "two have the same id"),
    ],
)
def test_what_cannot_be_read_is_an_error_that_says_where(content: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        read(tmp_path, content)
    assert said in str(error.value)
    assert "0.json" in str(error.value)


def test_a_question_without_scenes_may_be_left_out(tmp_path: Path) -> None:
    errors: list[str] = []
    lost = published("Lost?", [1, 1]) | {"image_filenames": ["a.png", IMAGES[0]]}
    kept = read(tmp_path, {"questions": [lost, published("Kept?", [1, 1])]}, {"scenes": [SCENE, OTHER]}, errors=errors)
    assert [each.descriptions for each in kept] == [("Kept?",)]
    assert len(errors) == 1
    assert "the scene of a.png is missing" in errors[0]


def test_the_command_says_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "questions.json"
    path.write_text(json.dumps({"questions": [published("How many?", [1, 1])]}))
    done = psynth("import", "clevr", path, status=3)
    assert done.stderr.decode().startswith(f"psynth import: {path}: questions[0]: How many?: the scene of")
    path.write_text(json.dumps({"scenes": [SCENE, OTHER], "questions": [published("How many?", [1, 1])]}))
    assert len(records(psynth("import", "clevr", path).stdout, "frontier")) == 1
