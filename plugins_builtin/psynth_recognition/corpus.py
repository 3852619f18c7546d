"""What a network learns from: tasks as it sees them, and the derivations of their programs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from psynth.core.errors import InputError
from psynth.core.languages import grammar_of
from psynth.core.stream.records import Frontier, Library
from psynth.plugins.domain import LAMBDA, Domain
from psynth.plugins.solved_tasks import validation_split
from psynth_recognition.derivations import Derivation, Derivations, base_weights
from psynth_recognition.perceiving import Perceiver, shows


@dataclass(frozen=True, slots=True)
class Solved:
    """A task as the network sees it, with its programs; ``name`` is its id."""

    name: str
    is_dream: bool
    seen: Any
    programs: tuple[Derivation, ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """The tasks, the candidate sets of holes (a boolean array) and the library's own weights (an array).

    ``digest`` identifies the data. ``unreadable`` counts programs that the grammar does not derive, ``unseen`` tasks of
    which the network would see nothing useful; both were skipped.
    """

    tasks: Sequence[Solved]
    masks: Any
    base: Any
    digest: str
    unreadable: int
    unseen: int

    def split(self, share: float, seed: int) -> tuple[list[int], list[int]]:
        """The numbers of the tasks to learn from, and those of a share to hold out."""
        return validation_split([task.name for task in self.tasks], share, seed)


def read_corpus(
    domain: Domain,
    library: Library,
    frontiers: Sequence[Frontier],
    perceiver: Perceiver[Any],
    *,
    contextual: bool,
    max_programs: int,
) -> Corpus:
    """The corpus of solved frontiers, whose programs are written in ``library``; raises `InputError` if none can be."""
    derivations = Derivations(grammar_of(library), contextual, domain.syntax().literal_type)
    tasks: list[Solved] = []
    unreadable = unseen = 0
    digest = hashlib.sha256()
    for frontier in frontiers:
        task = frontier.task
        assert task is not None
        if task.request is None:
            raise frontier.error("a task to learn from needs a request")
        solutions = [each.program for each in frontier.programs if each.solves and each.language == LAMBDA]
        found = [derivations.read(program, task.request) for program in solutions[:max_programs]]
        programs = tuple(each for each in found if each is not None)
        unreadable += len(found) - len(programs)
        if programs:
            visible = domain.visible(task)
            if not shows(domain, visible):
                unseen += 1
                continue
            tasks.append(Solved(task.id, task.origin == "dream", perceiver.see(visible), programs))
            digest.update(frontier.encode())
    if unseen and not tasks:
        raise InputError(
            f"the tasks of {domain.name} have no examples, and the domain declares no features of its own: "
            "a network would see nothing useful of them"
        )
    if not tasks:
        raise InputError(f"none of {unreadable} programs can be learned from: the library does not generate them")
    base = base_weights(derivations.grammar, contextual=contextual)
    return Corpus(tasks, derivations.masks, base, digest.hexdigest(), unreadable, unseen)


def draw(rng: np.random.Generator, replayed: Any, dreams: Any, share: float, size: int) -> Any:
    """The numbers of the tasks of one step: ``size`` independent draws, each a dream with probability ``share``."""
    if not len(replayed) or not len(dreams):
        return rng.choice(dreams if len(dreams) else replayed, size)
    chosen = rng.random(size) < share
    return np.where(chosen, rng.choice(dreams, size), rng.choice(replayed, size))
