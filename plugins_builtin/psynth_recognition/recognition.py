"""The train method ``recognition``, from a stream of solved tasks to a model folder, metrics and a model record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from psynth.core.stream.records import End, Frontier, Library, Model, Record
from psynth.learning.extras import require
from psynth.learning.session import PassedOn
from psynth.plugins.method import Context, Method
from psynth.plugins.solved_tasks import SolvedTasks
from psynth_recognition.settings import RecognitionSettings


@dataclass(frozen=True)
class Recognition(RecognitionSettings, Method):
    """Learn to predict, from a task's examples, which productions its programs have: DreamCoder's recognition network.

    The network maps a task to changes of the library's weights, for psynth guide to write onto frontiers. It learns
    from the solved frontiers of the stream: replayed solutions, and dreams (psynth relabel) in the share --dreams. The
    loss is −log of the probability that the predicted weights give to the programs of a task.

    The library is part of the model: it guides searches with that library only. The model folder holds checkpoints: the
    same command continues a run that was killed, and ends with the same weights on the same machine with the same -j.
    The weights with the best validation loss are kept. The output is the library, metrics, a model record, and then the
    frontiers that were not learned from, which psynth guide can guide next; those learned from are dropped.
    """

    parallel = "threads"
    random = True
    reads = (Library, Frontier)

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield metric records and the model, and then the frontiers that were not learned from."""
        self.destination()
        require("--method recognition", "torch", "safetensors")
        solved = SolvedTasks()
        end = End("complete")
        with PassedOn() as passed_on:
            for record in records:
                if isinstance(record, End):
                    end = record
                    continue
                if isinstance(record, Library):
                    solved.add_library(record)
                if not (isinstance(record, Frontier) and solved.add(record)):
                    yield from passed_on.at_once(record)
            yield from self._train(solved, passed_on, end, context)

    def _train(self, solved: SolvedTasks, passed_on: PassedOn, end: End, context: Context) -> Iterator[Record]:
        from psynth.learning.session import training_records
        from psynth_recognition.session import Session

        library = solved.library(context)
        session = Session(self, library, solved.frontiers, context)
        yield from training_records(session, session.reports(), library.domain, passed_on, end)

    def found(self, record: Record) -> bool:
        """Whether a record is the model."""
        return isinstance(record, Model)
