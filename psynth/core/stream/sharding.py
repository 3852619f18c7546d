"""Division of a stream among machines: each frontier belongs to one shard, everything else to all."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from psynth.core.errors import UsageError
from psynth.core.seeds import stable_hash
from psynth.core.stream.records import Foreign, Frontier, Record


@dataclass(frozen=True, slots=True)
class Shard:
    """Part ``number`` (from 1) of ``count``."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """The shard that ``K/N`` names; raises `UsageError` unless 1 ≤ K ≤ N."""
        match = re.fullmatch(r"([0-9]+)/([0-9]+)", text, re.ASCII)
        if match is None or not 1 <= int(match[1]) <= int(match[2]):
            raise UsageError(f"--shard {text}: expected K/N with 1 ≤ K ≤ N, such as 1/8")
        return cls(int(match[1]), int(match[2]))

    def owns(self, task_id: str) -> bool:
        """Whether the task's frontier belongs to this shard, which depends on its id alone."""
        return stable_hash(task_id) % self.count == self.number - 1

    def select(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield the records of this shard. Frontiers without a task are all in one, so that they stay in order."""
        for record in records:
            if isinstance(record, Foreign) and record.type == Frontier.TYPE:
                record = Frontier.from_json(record.to_json(), line=record.line)
            if not isinstance(record, Frontier) or self.owns(record.task.id if record.task else ""):
                yield record
