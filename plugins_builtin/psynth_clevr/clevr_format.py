"""The format ``clevr``: the files of scenes and of questions of CLEVR, and of DreamCoder's and LILO's questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from psynth.core.errors import InputError
from psynth.core.files import read_json
from psynth.core.stream.records import Example, Frontier, Record, Task
from psynth.plugins.format import Format, each_sound
from psynth.plugins.method import Context
from psynth_clevr.domain import Clevr
from psynth_clevr.scene_files import read_scene
from psynth_clevr.scenes import VALUES, to_json

OBJECTS = "list(tclevrobject)"
SPLITS = {"train": "train", "val": "test", "test": "test"}


@dataclass(frozen=True)
class ClevrFiles(Format):
    """CLEVR's files: those with "scenes", and those with "questions" about them, given together in any order.

        psynth import clevr CLEVR_val_scenes.json CLEVR_val_1_zero_hop.json | psynth enumerate

    Questions are those of DreamCoder and LILO, with answers for several images each, or those of CLEVR v1.0, with one
    answer for one image each, where the images of equal questions make one task. A question whose scenes are in no file
    is an error. Answers are taken as given: yes and no are truth values, digits integers, and objects sets. Images
    are found by their file name, and the programs in the files are not read.
    """

    name: ClassVar[str] = "clevr"
    help: ClassVar[str] = "question and scene files of the CLEVR data set"

    def read(self, paths: Sequence[str], context: Context) -> Iterator[Record]:
        """Yield the domain's library, and a frontier for each question."""
        yield context.registry.domain(Clevr.name).library()
        scenes: dict[str, Any] = {}
        asked: list[tuple[str, list[Any]]] = []
        for path in paths or ("-",):
            source = "<stdin>" if path == "-" else path
            found = read_json(path)
            listed = {key: found.get(key) for key in ("scenes", "questions")} if isinstance(found, dict) else {}
            if not any(isinstance(each, list) for each in listed.values()):
                raise InputError('expected an object with a list of "scenes" or of "questions"', source=source)
            if isinstance(listed["scenes"], list):
                scenes |= _by_image(listed["scenes"], source)
            if isinstance(listed["questions"], list):
                asked.append((source, listed["questions"]))
        if not asked:
            raise InputError('there are scenes, but no file with "questions" about them', source=source)
        for source, entries in asked:
            questions = each_sound(enumerate(entries), partial(_question, source), context)
            grouped = _grouped(each for _, each in questions)
            for _, task in each_sound(
                ((each.place, each) for each in grouped), lambda pair: _task(pair[1], scenes), context
            ):
                yield Frontier(task)


@dataclass(slots=True)
class _Question:
    """A question with images and answers; ``group`` is the text that questions about one image each share."""

    source: str
    place: int
    text: str
    images: list[str]
    answers: list[Any]
    split: str
    kind: str | None
    group: str | None

    def error(self, message: str) -> InputError:
        return InputError(f"questions[{self.place}]: {self.text}: {message}", source=self.source)


def _by_image(entries: list[Any], source: str) -> dict[str, Any]:
    """The scenes of a file, yet to be read, by their images."""
    images: dict[str, Any] = {}
    for number, entry in enumerate(entries):
        image = entry.get("image_filename") if isinstance(entry, dict) else None
        if not isinstance(image, str):
            raise InputError(f"scenes[{number}]: image_filename: expected a text", source=source)
        images[image] = entry
    return images


def _question(source: str, numbered: tuple[int, Any]) -> _Question:
    place, entry = numbered
    if not isinstance(entry, dict) or not isinstance(entry.get("question"), str):
        raise InputError(f"questions[{place}]: question: expected a text", source=source)
    text, split, template = entry["question"], entry.get("split"), entry.get("template_filename")
    single = "answer" in entry
    images = [entry.get("image_filename")] if single else entry.get("image_filenames")
    answers = [entry["answer"]] if single else entry.get("answers")
    made = _Question(
        source, place, text, [], [], SPLITS.get(str(split), "train"), _kind(template), text if single else None
    )
    if not isinstance(images, list) or not images or not all(isinstance(each, str) for each in images):
        raise made.error("image_filenames: expected a list of texts (of CLEVR v1.0, image_filename: a text)")
    if not isinstance(answers, list) or len(answers) != len(images):
        raise made.error("answers: expected one for each image; questions without answers make no tasks")
    made.images, made.answers = images, answers
    return made


def _kind(template: Any) -> str | None:
    """The class of questions made by a template: zero-hop for 1_zero_hop, localization for 2_localization_val."""
    if not isinstance(template, str):
        return None
    words = template.removesuffix(".json").split("_")
    kept = [word for word in words if not word.isdigit() and word not in SPLITS]
    return "-".join(kept) or None


def _grouped(questions: Iterator[_Question]) -> Iterator[_Question]:
    """Questions about several images as they come; after them those about one image each, equal ones together."""
    together: dict[tuple[str, str], _Question] = {}
    for question in questions:
        if question.group is None:
            yield question
            continue
        known = together.setdefault((question.group, question.split), question)
        if known is not question:
            known.images += question.images
            known.answers += question.answers
    yield from together.values()


def _task(question: _Question, scenes: Mapping[str, Any]) -> Task:
    examples, types = [], []
    for image, answer in zip(question.images, question.answers, strict=True):
        if image not in scenes:
            raise question.error(f"the scene of {image} is missing: give the file of scenes that has it")
        try:
            scene = to_json(read_scene(scenes[image]))
        except InputError as error:
            raise question.error(f"the scene of {image}: {error.message}") from error
        try:
            kind, output = _answer(answer)
        except InputError as error:
            raise question.error(f"the answer for {image}: {error.message}") from error
        examples.append(Example([scene], output))
        types.append(kind)
    if len(set(types)) > 1:
        raise question.error(f"the answers have different types, {' and '.join(sorted(set(types)))}")
    meta = {"source": "CLEVR"} | ({} if question.kind is None else {"class": question.kind})
    kind = "" if question.kind is None else f"-{question.kind}"
    return Task(
        id=f"{Clevr.name}/{question.split}-{question.place:06}{kind}",
        domain=Clevr.name,
        request=f"{OBJECTS} -> {types[0]}",
        examples=tuple(examples),
        split=question.split,
        descriptions=(question.text,),
        origin="given",
        meta=meta,
    )


def _answer(answer: Any) -> tuple[str, Any]:
    """The type and the value of an answer."""
    if isinstance(answer, bool):
        return "bool", answer
    if answer in ("yes", "no"):
        return "bool", answer == "yes"
    if isinstance(answer, int):
        return "int", answer
    if isinstance(answer, str) and answer.isascii() and answer.isdigit():
        return "int", int(answer)
    for attribute, values in VALUES.items():
        if answer in values:
            return f"tclevr{attribute}", answer
    if isinstance(answer, dict):
        return OBJECTS, to_json(read_scene(answer))
    raise InputError("expected an attribute, a number, yes or no, or objects with their relationships")
