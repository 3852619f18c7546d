"""The train method ``embedding``, from a stream of programs to a model folder, metrics and a model record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from psynth.core.stream.records import End, Frontier, Library, Model, Record
from psynth.learning.extras import require
from psynth.learning.session import PassedOn
from psynth.plugins.method import Context, Method
from psynth_leaps.settings import EmbeddingSettings
from psynth_leaps.training_programs import TrainingPrograms


@dataclass(frozen=True)
class Embedding(EmbeddingSettings, Method):
    """Learn a latent space in which programs with similar text and behavior have nearby vectors, as in LEAPS.

    A variational autoencoder encodes and decodes programs; an executor learns to imitate, from the vector alone, the
    program's actions in worlds of its task (Trivedi et al., NeurIPS 2021). --losses selects the paper's losses: p
    reconstructs programs, l imitates their actions, r rewards programs decoded from a vector for similar actions; prl
    is LEAPS, the others are its ablations. A domain without demonstrations has only p.

    Programs are sequences of productions and decoding is masked by their types, so every vector is a complete,
    well-typed program. The library must be first-order: no lambda, no type variables.

    The model folder holds checkpoints: the same command continues a run that was killed, and ends with the same weights
    on the same machine with the same -j. The output is the library, metrics of every epoch, a model record, and then
    the frontiers without programs, which psynth search can search next; those learned from are dropped.
    """

    parallel = "threads"
    random = True
    reads = (Library, Frontier)

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield metric records and the model, and then the frontiers that were not learned from."""
        self.destination()
        require("--method embedding", "torch", "safetensors")
        programs = TrainingPrograms(need_tasks=self.demonstrates)
        end = End("complete")
        with PassedOn() as passed_on:
            for record in records:
                if isinstance(record, End):
                    end = record
                    continue
                if isinstance(record, Library):
                    programs.add_library(record)
                if isinstance(record, Frontier) and record.programs:
                    programs.add(record)
                else:
                    yield from passed_on.at_once(record)
            yield from self._train(programs, passed_on, end, context)

    def _train(self, programs: TrainingPrograms, passed_on: PassedOn, end: End, context: Context) -> Iterator[Record]:
        from psynth.learning.session import training_records
        from psynth_leaps.session import Session

        library = programs.library(context)
        session = Session(self, library, programs.programs, context)
        yield from training_records(session, enumerate(session.epochs(), 1), library.domain, passed_on, end)

    def found(self, record: Record) -> bool:
        """Whether a record is the model."""
        return isinstance(record, Model)
