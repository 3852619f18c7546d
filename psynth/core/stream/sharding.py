"""Division of a stream among machines: each frontier belongs to one shard, everything else to all."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from psynth.core.errors import UsageError
from psynth.core.seeds import stable_hash
from psynth.core.stream.records import Foreign, Frontier, Header, Record, is_shard


@dataclass(frozen=True, slots=True)
class Shard:
    """Part ``number`` (from 1) of ``count``."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """The shard that ``K/N`` names; raises `UsageError` unless 1 ≤ K ≤ N."""
        if not is_shard(text):
            raise UsageError(f"--shard {text}: expected K/N with 1 ≤ K ≤ N, such as 1/8")
        number, _, count = text.partition("/")
        return cls(int(number), int(count))

    def owns(self, task_id: str) -> bool:
        """Whether the task's frontier belongs to this shard, which depends on its id alone."""
        return stable_hash(task_id) % self.count == self.number - 1

    def select(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield the records of this shard. Frontiers without a task are all in one, so that they stay in order."""
        for record in records:
            if isinstance(record, Foreign) and record.type == Frontier.TYPE:
                record = record.frontier()
            if not isinstance(record, Frontier) or self.owns(record.task.id if record.task else ""):
                yield record


def unite_shards(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    """The shards of two parts of one stage's work, in order; none if they are all of it, as of one that had none."""
    shards = {*first}, {*second}
    if not all(shards):
        return ()
    found = sorted((Shard.parse(each) for each in shards[0] | shards[1]), key=lambda each: (each.count, each.number))
    numbers = Counter(each.count for each in found)
    if any(present == count for count, present in numbers.items()):
        return ()
    return tuple(f"{each.number}/{each.count}" for each in found)


def missing_shards(header: Header) -> list[str]:
    """A message for each stage of which a stream has some shards only."""
    return [
        f"only {_listed(stage.shards)} of psynth {stage.command}; missing: {_listed(_others(stage.shards))}"
        for stage in header.provenance
        if stage.shards
    ]


def with_missing(records: Iterable[Record], missing: list[str]) -> Iterator[Record]:
    """Yield ``records``, and add to ``missing`` which shards they lack by their headers."""
    for record in records:
        if isinstance(record, Header):
            missing += missing_shards(record)
        yield record


def _others(shards: Iterable[str]) -> list[str]:
    """The shards that are not there, of the division into the fewest parts."""
    found = [Shard.parse(each) for each in shards]
    count = min(each.count for each in found)
    there = {each.number for each in found if each.count == count}
    return [f"{number}/{count}" for number in range(1, count + 1) if number not in there]


def _listed(shards: Iterable[str], most: int = 8) -> str:
    names = list(shards)
    more = [] if len(names) <= most else [f"and {len(names) - most} more"]
    return f"{'shard' if len(names) == 1 else 'shards'} {', '.join([*names[:most], *more])}"
