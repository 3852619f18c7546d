"""The format ``drawings``: published drawings, as pictures or as programs, in JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from psynth.core.engines.leases import Engines
from psynth.core.errors import InputError
from psynth.core.files import read_text
from psynth.core.settings import did_you_mean, setting
from psynth.core.stream.records import Example, Frontier, Library, Origin, Program, Record, Task
from psynth.plugins.domain import Domain
from psynth.plugins.evaluator import Budget, judged
from psynth.plugins.format import Format, each_sound
from psynth.plugins.method import Context
from psynth_logo.domain import REQUEST
from psynth_logo.pictures import picture, pixels_of

DOMAIN = "logo"
FIELDS = ("name", "image", "program", "descriptions", "split")
SPLITS = ("train", "test")


@dataclass(frozen=True)
class _Drawing:
    """One line of a file."""

    fields: dict[str, Any]
    source: str
    line: int

    def error(self, message: str) -> InputError:
        return InputError(message, source=self.source, line=self.line)

    def text(self, name: str) -> str | None:
        """A field that is text; None if it is missing."""
        value = self.fields.get(name)
        if value is not None and not (isinstance(value, str) and value.strip()):
            raise self.error(f"{name}: expected text")
        return value

    def split(self) -> str | None:
        """The field ``split``; None if it is missing."""
        value = self.text("split")
        if value is not None and value not in SPLITS:
            raise self.error(f"split: expected {' or '.join(SPLITS)}, not {value!r}{did_you_mean(value, SPLITS)}")
        return value

    def check_fields(self) -> None:
        """InputError for a field that drawings do not have."""
        for name in self.fields:
            if name not in FIELDS:
                raise self.error(f"unknown field {name!r}{did_you_mean(name, FIELDS)}")

    def image(self) -> dict[str, Any] | None:
        """The picture in the field ``image``, whose rows are hexadecimal digits or numbers from 0 to 255."""
        rows = self.fields.get("image")
        if rows is None:
            return None
        if isinstance(rows, list):
            rows = [self._hexadecimal(row, number) if isinstance(row, list) else row for number, row in enumerate(rows)]
        try:
            return picture(pixels_of({"image": rows}))
        except InputError as error:
            raise self.error(f"image: {error.message}") from None

    def _hexadecimal(self, row: list[Any], number: int) -> str:
        if not all(type(pixel) is int and 0 <= pixel <= 255 for pixel in row):
            raise self.error(f"image: row {number} is not of numbers from 0 to 255")
        return bytes(row).hex()

    def descriptions(self) -> tuple[str, ...]:
        """The sentences in the field ``descriptions``, one or a list."""
        given = self.fields.get("descriptions", [])
        sentences = [given] if isinstance(given, str) else given
        if not isinstance(sentences, list) or not all(isinstance(each, str) for each in sentences):
            raise self.error("descriptions: expected text or a list of texts")
        return tuple(sentences)


@dataclass(frozen=True)
class Drawings(Format):
    """Drawings with a name and a picture, a program that draws one, or both, in JSON lines.

    A line is an object with the fields name; image, 28 rows of 28 pixels from 0 (blank) to 255 (ink), as numbers or
    as two hexadecimal digits each; program, a λ-term; and optionally descriptions and split (train or test). No other
    fields are accepted. A program that does not draw its image is reported.
    """

    name: ClassVar[str] = "drawings"
    help: ClassVar[str] = "drawings for the domain logo, as pictures or programs"

    picture: Literal["image", "program"] = setting(
        "image", only="import", help="the picture of a task with both: its image, or what its program draws"
    )
    programs: bool = setting(False, only="import", help="also keep the programs, judged on their tasks")

    def read(self, paths: Sequence[str], context: Context) -> Iterator[Record]:
        """Yield the domain's library, and a frontier for each drawing in the order of the files."""
        domain = context.registry.domain(DOMAIN)
        library = domain.library()
        yield library
        seen: set[str] = set()

        def frontier(drawing: _Drawing) -> Frontier:
            return self._frontier(drawing, domain, library, context, seen)

        for path in paths or ("-",):
            for _, made in each_sound(_drawings(path), frontier, context):
                yield made

    def _frontier(
        self, drawing: _Drawing, domain: Domain, library: Library, context: Context, seen: set[str]
    ) -> Frontier:
        drawing.check_fields()
        name, program, wanted = drawing.text("name"), drawing.text("program"), drawing.image()
        if name is None:
            raise drawing.error("name: a drawing needs one")
        if wanted is None and program is None:
            raise drawing.error("the drawing has neither an image nor a program")
        task_id = f"{DOMAIN}/{name}"
        if task_id in seen:
            raise drawing.error(f"a second drawing named {name!r}")
        if program is not None and (wanted is None or self.picture == "program"):
            wanted = _drawn(program, domain, library, context.engines, drawing)
        task = Task(
            id=task_id,
            domain=DOMAIN,
            request=REQUEST,
            examples=(Example(inputs=[], output=wanted),),
            split=drawing.split(),
            descriptions=drawing.descriptions(),
        )
        kept = (
            ()
            if program is None
            else self._kept(Program(program, origin=Origin(by=self.name)), task, domain, library, context)
        )
        seen.add(task_id)
        return Frontier(task, kept)

    def _kept(
        self, program: Program, task: Task, domain: Domain, library: Library, context: Context
    ) -> tuple[Program, ...]:
        """The program with its verdict, if programs are kept; a warning if it draws another picture."""
        with domain.evaluator(library, Budget(), engines=context.engines) as evaluator:
            [[verdict]] = evaluator.judge([(task, [program.program])])
        if not verdict.solved:
            context.warn(f"{task.id}: its program does not draw its image")
        return (judged(program, verdict),) if self.programs else ()


def _drawn(program: str, domain: Domain, library: Library, engines: Engines, drawing: _Drawing) -> Any:
    with domain.evaluator(library, Budget(), engines=engines) as evaluator:
        try:
            return evaluator.value_of(program, REQUEST, ())
        except InputError as error:
            raise drawing.error(f"program: {error.message}") from None


def _drawings(path: str) -> Iterator[_Drawing]:
    """The drawings in a file; InputError with the line of one that is no JSON object."""
    source = "<stdin>" if path == "-" else path
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError):
            raise InputError("the line is not JSON", source=source, line=number) from None
        if not isinstance(fields, dict):
            raise InputError("a drawing is a JSON object", source=source, line=number)
        yield _Drawing(fields, source, number)
