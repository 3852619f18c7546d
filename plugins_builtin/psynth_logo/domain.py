"""The logo domain: a turtle's language in continuation-passing style, and drawings as tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, ClassVar

from psynth.core.stream.records import Example, Library, Task
from psynth.plugins.domain import LAMBDA, TaskSettings
from psynth.plugins.evaluator import Budget, Evaluator, Job, ProgramError
from psynth.plugins.features import Features
from psynth.plugins.lambda_domain import LambdaMachineDomain
from psynth.plugins.syntax import Syntax
from psynth_logo.behavior import Ink
from psynth_logo.evaluation import Drawings
from psynth_logo.tasks import figures
from psynth_logo.turtles import program

if TYPE_CHECKING:
    from psynth.core.engines.leases import Engines
    from psynth.plugins.views import Views

REQUEST = "turtle -> turtle"
STANDARD = (
    *("logo_UA", "logo_UL", "logo_ZA", "logo_ZL", "logo_epsA", "logo_epsL", "logo_IFTY"),
    *("logo_DIVA", "logo_MULA", "logo_DIVL", "logo_MULL", "logo_ADDA", "logo_SUBA"),
    *("logo_FWRT", "logo_PT", "logo_GETSET", "logo_forLoop", *map(str, range(10))),
)
DRAWN_TOGETHER = 64
"""Figures drawn in one request, so that a few tasks do not wait for all."""


class Logo(LambdaMachineDomain):
    """Drawings by a turtle, in the language of DreamCoder's LOGO domain."""

    name = "logo"
    help = "drawings by a turtle"
    primitive_sets: ClassVar[Mapping[str, str]] = {
        "standard": "moves, loops, lengths, turns and the integers 0 to 9 (27 primitives)"
    }
    primitives: ClassVar[Mapping[str, Sequence[str]]] = {"standard": STANDARD}
    continuation = "turtle"

    def tasks(self, settings: TaskSettings, seed: int) -> Iterator[Task]:
        """Yield the tasks of a split; the seed has no effect."""
        for split in settings.splits:
            chosen = iter(figures(split)[: settings.count])
            number = 0
            while batch := list(islice(chosen, DRAWN_TOGETHER)):
                pictures = self._drawn([program(figure.part) for figure in batch])
                for figure, picture in zip(batch, pictures, strict=True):
                    yield Task(
                        id=f"{self.name}/{split}-{number:03}-{figure.name}",
                        domain=self.name,
                        request=REQUEST,
                        examples=(Example(inputs=[], output=picture),),
                        split=split,
                        descriptions=(figure.sentence,),
                    )
                    number += 1

    def _drawn(self, programs: Sequence[str]) -> list[object]:
        """The pictures that programs draw."""
        with self.evaluator(self.library(), Budget()) as evaluator:
            answers = evaluator.run_all([Job(text, [()], REQUEST) for text in programs])
        pictures: list[object] = []
        for text, answer in zip(programs, answers, strict=True):
            if isinstance(answer, ProgramError) or answer[0].status != "ok":
                raise AssertionError(f"a figure that cannot be drawn: {text}: {answer}")
            pictures.append(answer[0].value)
        return pictures

    def evaluator(
        self,
        library: Library,
        budget: Budget,
        *,
        language: str = LAMBDA,
        engines: Engines | None = None,
        jobs: int = 1,
    ) -> Evaluator:
        """An evaluator that compares pictures in leased λ-machines."""
        return Drawings(library, budget, engines, jobs)

    def behavior(self) -> Ink:
        """Ink and symmetry."""
        return Ink()

    def features(self) -> Features:
        """The pixels of the picture."""
        from psynth_logo.features import Pixels

        return Pixels()

    def views(self) -> Views:
        """Pictures in the terminal and as images."""
        from psynth_logo.views import PictureViews

        return PictureViews(self)

    def syntax(self) -> Syntax:
        """λ-terms, described for people and prompts."""
        return Syntax(
            "Programs are λ-terms that draw with a turtle, in continuation-passing style: the last argument is what "
            "is drawn after it. (logo_FWRT length turn rest) goes forward and then turns to the left; logo_UL is a "
            "ninth of the canvas, logo_UA a full turn, logo_epsL a twentieth and logo_epsA a fortieth of them. "
            "(logo_forLoop n (lambda (lambda body)) rest) repeats a body in which $0 is what follows and $1 counts "
            "from 0. (logo_PT (lambda body) rest) draws the body with the pen up, (logo_GETSET (lambda body) rest) "
            "returns to where it began. $0 is the variable bound by the innermost lambda."
        )
