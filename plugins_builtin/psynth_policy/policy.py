"""The train method ``policy``, from a stream of solved tasks to a model folder, metrics and a model record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from psynth.core.settings import setting
from psynth.core.stream.records import End, Frontier, Library, Model, Record
from psynth.learning.extras import require
from psynth.learning.session import PassedOn
from psynth.plugins.domain import LAMBDA
from psynth.plugins.method import Context, Method
from psynth.plugins.solved_tasks import SolvedTasks
from psynth_policy.notation import NATIVE
from psynth_policy.settings import PolicySettings


@dataclass(frozen=True)
class TrainPolicy(PolicySettings, Method):
    """Learn to write programs for tasks: a sequence-to-sequence model p(program | task), as CodeIt's policy.

    A T5 network reads a task's examples, its description or both, in the domain's own words, and writes a λ-term word
    by word, or the domain's native notation. It learns from the solved frontiers of the stream, whether their tasks
    were given, dreamed or made in hindsight, without the examples that are held out. Without --base it begins with
    random weights, at sizes from about a million parameters up; --base DIR is a pretrained T5 model, which reads text.

    With --from it goes on where an earlier run ended, with the state of the optimizer and a row for each new word, so
    that sampling, relabeling, replay and training repeat as in CodeIt. With --parent it learns to change programs: for
    each solution it reads, beside the task, a program that the solution comes from or another one of the frontier, with
    its outputs; psynth mutate --method policy uses such a model.

    The model folder holds checkpoints: the same command continues a run that was killed, and ends with the same weights
    on the same machine with the same -j. The output is the library, metrics, a model record, and then the frontiers
    that were not learned from; those learned from are dropped.

        psynth tasks list | psynth enumerate | psynth train --method policy --model policy -o model.jsonl
        psynth replay store.jsonl | psynth train --method policy --from policy --model policy --epochs 1
    """

    parallel = "threads"
    random = True
    reads = (Library, Frontier)

    language: str | None = setting(
        None,
        value="LANGUAGE",
        help="lambda, native, or another language of the domain (default: that of the first solution)",
    )

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield metric records and the model, and then the frontiers that were not learned from."""
        self.destination()
        require("--method policy", "torch", "safetensors", "transformers")
        solved: SolvedTasks | None = None
        language = LAMBDA
        libraries: list[Library] = []
        end = End("complete")
        with PassedOn() as passed_on:
            for record in records:
                if isinstance(record, End):
                    end = record
                    continue
                if isinstance(record, Library):
                    libraries.append(record)
                    if solved is not None:
                        solved.add_library(record)
                if isinstance(record, Frontier) and solved is None and record.task is not None and record.solved:
                    language = self.language or next(each.language for each in record.programs if each.solves)
                    solved = SolvedTasks(LAMBDA if language == NATIVE else language)
                    for library in libraries:
                        solved.add_library(library)
                if not (solved is not None and isinstance(record, Frontier) and solved.add(record)):
                    yield from passed_on.at_once(record)
            yield from self._train(solved or SolvedTasks(), language, passed_on, end, context)

    def _train(
        self, solved: SolvedTasks, language: str, passed_on: PassedOn, end: End, context: Context
    ) -> Iterator[Record]:
        from psynth.learning.session import training_records
        from psynth_policy.session import Session

        library = solved.library(context)
        session = Session(self, language, library, solved.frontiers, context)
        yield from training_records(session, session.reports(), library.domain, passed_on, end)

    def found(self, record: Record) -> bool:
        """Whether a record is the model."""
        return isinstance(record, Model)
