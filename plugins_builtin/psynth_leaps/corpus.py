"""The programs to learn from as arrays, with the worlds in which each is demonstrated."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from psynth.core.errors import InputError, PsynthError
from psynth.core.stream.records import Library, Task
from psynth.plugins.domain import Domain
from psynth.plugins.learning import EpisodeRecorder
from psynth_leaps.language import NotInLanguage, ProgramLanguage
from psynth_leaps.training_programs import TrainingProgram


@dataclass(frozen=True)
class Corpus:
    """Programs without duplicates, in the order of the stream.

    ``tokens`` and ``contexts`` are (programs, steps), padded with 0. ``worlds`` are those of each program's task, for a
    domain that demonstrates.
    """

    language: ProgramLanguage
    texts: tuple[str, ...]
    tokens: Any
    contexts: Any
    lengths: Any
    demonstrator: EpisodeRecorder | None
    worlds: tuple[range, ...]

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def digest(self) -> str:
        """The SHA-256 of the language and the programs, in hexadecimal."""
        found = hashlib.sha256(repr((self.language, self.worlds)).encode())
        for text in self.texts:
            found.update(text.encode() + b"\n")
        return found.hexdigest()

    def split(self, share: float, seed: int) -> tuple[Any, Any]:
        """The numbers of the programs to learn from, and of a ``share`` of all that is held out for validation."""
        order = np.random.default_rng(seed).permutation(len(self))
        held_out = round(share * len(self))
        return np.sort(order[held_out:]), np.sort(order[:held_out])


@dataclass(frozen=True, slots=True)
class Skipped:
    """The numbers of programs that were skipped: not in the language (with the first reason), too long, duplicates."""

    unwritable: int
    reason: str
    long: int
    duplicates: int


def read_corpus(
    domain: Domain, library: Library, programs: Sequence[TrainingProgram], max_length: int, *, demonstrated: bool
) -> tuple[Corpus, Skipped]:
    """The corpus of programs, and how many were skipped.

    Raises `InputError` if none is left, or if the tasks have several types.
    """
    requests = {each.task.request for each in programs}
    if len(requests) != 1:
        found = ", ".join(sorted(map(str, requests))) or "none"
        raise InputError(f"a model requires programs of one type; the stream has {found}")
    [request] = requests
    if request is None:
        raise InputError(f"tasks of {domain.name} have no type: only typed terms can be embedded")
    language = ProgramLanguage.of(library, request)
    kept: dict[str, tuple[list[int], Task]] = {}
    unwritable = long = 0
    reason = ""
    for each in programs:
        try:
            text, numbers = _normal(domain, library, language, each.program)
        except NotInLanguage as error:
            unwritable, reason = unwritable + 1, reason or str(error)
            continue
        if len(numbers) > max_length:
            long += 1
        else:
            kept.setdefault(text, (numbers, each.task))
    skipped = Skipped(unwritable, reason, long, len(programs) - unwritable - long - len(kept))
    if not kept:
        raise InputError(f"none of {len(programs)} programs can be learned from ({reason or 'all are too long'})")
    tasks = [task for _, task in kept.values()]
    learning = domain.learning() if demonstrated else None
    demonstrator = None if learning is None else learning.recorder(library, tasks)
    return _arrays(language, kept, demonstrator), skipped


def _normal(domain: Domain, library: Library, language: ProgramLanguage, program: str) -> tuple[str, list[int]]:
    """The normal form of a program and its productions, so that programs that differ only in nesting become one term.

    The normal form is the program as written and read back in the domain's own syntax, if it has one. That syntax has
    no learned abstractions, so a program with any of them is unchanged.
    """
    if all(production.definition is None for production in library.productions):
        try:
            text = domain.syntax().read(domain.syntax().print(program))
            return text, language.read(text)
        except PsynthError:
            pass
    numbers = language.read(program)
    return language.write(numbers), numbers


def _arrays(
    language: ProgramLanguage, kept: dict[str, tuple[list[int], Task]], demonstrator: EpisodeRecorder | None
) -> Corpus:
    programs = [numbers for numbers, _ in kept.values()]
    lengths = np.array([len(numbers) for numbers in programs])
    tokens = np.zeros((len(programs), lengths.max()), dtype=np.int64)
    contexts = np.zeros_like(tokens)
    for row, numbers in enumerate(programs):
        tokens[row, : len(numbers)] = numbers
        contexts[row, : len(numbers)] = language.contexts(numbers)
    worlds = () if demonstrator is None else tuple(demonstrator.worlds)
    return Corpus(language, tuple(kept), tokens, contexts, lengths, demonstrator, worlds)


def batches(numbers: Any, lengths: Any, size: int, rng: np.random.Generator) -> Iterator[Any]:
    """Yield shuffled batches of programs of similar length, which saves steps."""
    shuffled = rng.permutation(numbers)
    found = []
    for start in range(0, len(shuffled), size * SORTED_TOGETHER):
        part = shuffled[start : start + size * SORTED_TOGETHER]
        part = part[np.argsort(lengths[part], kind="stable")]
        found += [part[begin : begin + size] for begin in range(0, len(part), size)]
    for place in rng.permutation(len(found)):
        yield found[place]


SORTED_TOGETHER = 8
"""The number of batches whose programs are sorted by length together."""
