"""Experiments: which streams were made with the same settings and libraries, and may be averaged as seeds of one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import PurePath
from typing import NamedTuple

from psynth.core.stream.history import history_difference
from psynth.core.stream.merging import unite_headers
from psynth.core.stream.records import Header, Library, Provenance, encode
from psynth.core.stream.sharding import missing_shards


class Experiment(NamedTuple):
    """What determines results but for the seed: the stages with their settings, and the library."""

    stages: tuple[bytes, ...]
    library: bytes

    def comes_after(self, other: Experiment) -> bool:
        """Whether its stages are those of another one and further ones."""
        return len(self.stages) > len(other.stages) and self.stages[: len(other.stages)] == other.stages


@dataclass
class Experiments:
    """The experiments of streams, the files of each, and the history of one of these."""

    _headers: dict[str, Header] = field(default_factory=dict)
    _all: list[Header] = field(default_factory=list)
    _libraries: dict[tuple[str, str], bytes] = field(default_factory=dict)
    _files: dict[Experiment, dict[str, Header]] = field(default_factory=dict)

    def begin(self, source: str, header: Header) -> None:
        """Note that another stream begins in a file."""
        self._headers[source] = header
        self._all.append(header)

    def use(self, source: str, library: Library) -> None:
        """Note that a library takes effect in a file."""
        digest = hashlib.blake2b(encode(library.to_json()), digest_size=16).digest()
        self._libraries[source, library.domain] = digest

    def of(self, source: str, domain: str) -> Experiment:
        """The experiment of what a file now has for a domain."""
        header = self._headers.get(source, Header())
        stages = tuple(encode(_settings(stage).to_json()) for stage in header.provenance)
        experiment = Experiment(stages, self._libraries.get((source, domain), b""))
        self._files.setdefault(experiment, {}).setdefault(source, header)
        return experiment

    def name(self, experiment: Experiment) -> str:
        """The common beginning of the names of an experiment's files; if others share it, the first file's name."""
        name = self._common(experiment)
        if any(other != experiment and self._common(other) == name for other in self._files):
            number = [other for other in self._files if self._common(other) == name].index(experiment) + 1
            return f"{stem(next(iter(self._files[experiment])))} {number}"
        return name

    def difference(self, experiments: list[Experiment]) -> str:
        """The message that the files of several experiments are not averaged, with how the first two differ."""
        first, second = (next(iter(self._files[each].items())) for each in experiments[:2])
        how = history_difference(first[1].provenance, second[1].provenance) or "with another library"
        return f"{second[0]} is not averaged with {first[0]}, which was made {how}"

    def missing(self) -> list[str]:
        """A message for each stage of which the streams together have some shards only."""
        return missing_shards(unite_headers(self._all))

    def _common(self, experiment: Experiment) -> str:
        stems = [stem(source) for source in self._files[experiment]]
        alike = takewhile(lambda letters: len({*letters}) == 1, zip(*stems, strict=False))
        return "".join(letter for letter, *_ in alike).rstrip("-_. ") or stems[0]


def _settings(stage: Provenance) -> Provenance:
    """A stage without what differs from seed to seed, shard to shard and place to place."""
    return replace(stage, version=None, seed=None, inputs={}, plugins={}, shards=())


def stem(source: str) -> str:
    """A file's name without folder and suffixes."""
    return PurePath(source).name.split(".")[0] or source
