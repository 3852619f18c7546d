"""The relabel method ``dreams``: programs are run on inputs of their domain, and make the tasks that they solve."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from psynth.core.errors import InputError
from psynth.core.evaluation_limits import fuel_setting, size_setting
from psynth.core.settings import setting
from psynth.core.stream.records import End, Frontier, Library, Record
from psynth.plugins.domain import LAMBDA
from psynth.plugins.evaluator import Budget
from psynth.plugins.method import Context, Method
from psynth_relabel.dreaming import Dreaming, DreamSettings

NO_PROGRAMS = (
    "there are no programs (λ-terms) in the stream, so no tasks were made; "
    "psynth enumerate finds some, psynth sample draws some"
)


@dataclass(frozen=True)
class Dreams(Method):
    """Run each program of the stream on inputs of its domain, and write the task that it solves.

    The inputs are those of the tasks in the stream that request a program of the same type; without any tasks, those of
    the domain's own training tasks. A program without a task is tried for each type that it may have. Of programs that
    behave alike on --probes inputs one is kept: the likeliest, then the smallest. Programs that fail on too many inputs
    or have the same output for all make no task. Standard error has the numbers.

    The output is the libraries and a frontier for each new task, with its program; the frontiers of the input are
    dropped without --keep. Only domains whose tasks have inputs and outputs can dream.
    """

    parallel = "threads"
    random = True
    reads = (Library, Frontier)

    inputs: int = setting(10, minimum=1, maximum=100_000, unit="inputs", main=True, help="inputs of each task")
    trials: int = setting(
        40, minimum=1, maximum=100_000, unit="inputs", help="inputs to run a program on before it counts as failed"
    )
    probes: int = setting(
        32, minimum=1, maximum=100_000, unit="inputs", help="inputs on which programs are compared with each other"
    )
    keep: bool = setting(False, main=True, help="also pass on the frontiers of the input")
    fuel: int = fuel_setting()
    size: int = size_setting()

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the tasks of a library at the next one of its domain or the end of the stream."""
        sources: dict[str, Dreaming] = {}
        nearest: Dreaming | None = None
        numbers: Counter[str] = Counter()
        programs = False
        for record in records:
            if isinstance(record, Library):
                if record.domain in sources:
                    yield from sources.pop(record.domain).frontiers(numbers)
                nearest = self._source(record, context)
                if nearest is not None:
                    sources[record.domain] = nearest
                yield record
            elif isinstance(record, Frontier):
                programs = programs or any(each.language == LAMBDA for each in record.programs)
                source = nearest if record.task is None else sources.get(record.task.domain)
                if source is not None and not self._added(source, record, context):
                    continue
                if self.keep:
                    yield record
            else:
                if isinstance(record, End):
                    for source in sources.values():
                        yield from source.frontiers(numbers)
                    if not programs:
                        context.warn(NO_PROGRAMS)
                yield record

    def _source(self, library: Library, context: Context) -> Dreaming | None:
        try:
            domain = context.domain(library.domain)
            domain.require_lambda("make tasks")
            return Dreaming(domain, library, context, self._settings())
        except InputError as error:
            context.bad_input(error if error.source else library.error(error.message))
            return None

    def _settings(self) -> DreamSettings:
        return DreamSettings(self.inputs, self.trials, self.probes, Budget(fuel=self.fuel, size=self.size))

    def _added(self, source: Dreaming, frontier: Frontier, context: Context) -> bool:
        """Whether a frontier was added, or is to be passed on although it is wrong."""
        try:
            source.add(frontier)
        except InputError as error:
            return context.bad_input(error if error.source else frontier.error(error.message))
        return True
