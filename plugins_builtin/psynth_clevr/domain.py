"""The clevr domain: its primitives, and tasks that ask about scenes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from psynth.core.seeds import generator
from psynth.core.settings import setting
from psynth.core.stream.records import Example, Task
from psynth.plugins.domain import TaskSettings
from psynth.plugins.features import Features, ObjectFeatures
from psynth.plugins.lambda_domain import LambdaMachineDomain
from psynth.plugins.syntax import Syntax
from psynth_clevr.expressions import reference
from psynth_clevr.questions import KINDS
from psynth_clevr.scenes import RELATIONS, VALUES, to_json
from psynth_clevr.tasks import answer_json, draw_task, kinds_in_order
from psynth_clevr.views import SceneViews

PRIMITIVES = (
    "clevr_relate",
    *(f"clevr_query_{name}" for name in VALUES),
    *(f"clevr_eq_{name}" for name in VALUES),
    *("clevr_union", "clevr_intersect", "clevr_difference", "clevr_count", "clevr_gt?", "clevr_lt?", "clevr_car"),
    *("clevr_if", "clevr_empty", "clevr_fold", "clevr_add", "clevr_map"),
    *(f"clevr_transform_{name}" for name in VALUES),
    *(f"clevr_{value}" for values in VALUES.values() for value in values),
    *(f"clevr_{relation}" for relation in RELATIONS),
    *(str(number) for number in range(10)),
)


@dataclass(frozen=True)
class ClevrTaskSettings(TaskSettings):
    """The settings of ``psynth tasks clevr``."""

    count: int | None = setting(
        None, minimum=1, maximum=10_000, unit="tasks", help="tasks of each split (default: 194 for train, 103 for test)"
    )
    question: str = setting("all", choices=("all", *KINDS), help="class of the questions; all: in the published shares")
    held_out: int = setting(0, minimum=0, maximum=1000, unit="scenes", help="further scenes to hold out (split test)")


class Clevr(LambdaMachineDomain):
    """Questions about scenes, in the language of the CLEVR domain of DreamCoder and LILO."""

    name = "clevr"
    help = "questions about scenes of simple objects"
    TaskSettings = ClevrTaskSettings
    primitive_sets: ClassVar[Mapping[str, str]] = {
        "standard": "attributes, relations, sets, fold and map (54 primitives)",
    }
    primitives: ClassVar[Mapping[str, Sequence[str]]] = {"standard": PRIMITIVES}

    def tasks(self, settings: ClevrTaskSettings, seed: int) -> Iterator[Task]:
        """Yield the tasks of a split, each another question; no question is in both splits."""
        for split in settings.splits:
            counts = {
                name: kind.train if split == "train" else kind.test
                for name, kind in KINDS.items()
                if settings.question in ("all", name)
            }
            seen: set[str] = set()
            for number, kind in enumerate(kinds_in_order(counts, settings.count or sum(counts.values()))):
                yield self._task(f"{self.name}/{split}-{number:03}-{kind}", kind, split, settings.held_out, seed, seen)

    def _task(self, task_id: str, kind: str, split: str, held_out: int, seed: int, seen: set[str]) -> Task:
        question, pairs = draw_task(kind, split, generator(seed, "tasks", task_id), seen, held_out)
        seen.add(question.sentence)
        shown = KINDS[kind].scenes
        return Task(
            id=task_id,
            domain=self.name,
            request=question.request,
            examples=tuple(
                Example(inputs=[to_json(scene)], output=answer_json(found), split=None if place < shown else "test")
                for place, (scene, found) in enumerate(pairs)
            ),
            split=split,
            descriptions=(question.sentence,),
            meta={"class": kind, "reference": reference(question.asks)},
        )

    def features(self) -> Features:
        """The objects of the scenes and of the answers."""
        return ObjectFeatures()

    def views(self) -> SceneViews:
        """Scenes as maps and pictures."""
        return SceneViews(self)

    def syntax(self) -> Syntax:
        """λ-terms, described for people and prompts."""
        return Syntax(
            "Programs are λ-terms that answer a question about a scene, a set of objects. (clevr_fold set start f) is "
            "a right fold by id: f takes an object and the folded rest. Sets have no duplicates and are in the order "
            "of ids; (clevr_union a b) has the objects of a where both have one of the same id. (clevr_relate object "
            "side scene) are the objects on that side of it. (clevr_car set) is the first object. "
            "$0 is the variable bound by the innermost lambda."
        )
