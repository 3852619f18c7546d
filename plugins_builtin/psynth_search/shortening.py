"""Simplification of programs at equal reward: hill climbing leaves parts behind that have no effect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from psynth.core.calculus.terms import Application, Lambda, Term, abstract, apply_to, parse_term, spine, strip_lambdas
from psynth.plugins.neighborhood import Candidate, Neighborhood

DEEPEST = 2
"""Maximum number of levels that a part is lifted in one step."""
BATCH = 64
"""Programs judged in one batch."""


def shorten(neighborhood: Neighborhood, candidate: Candidate) -> tuple[Candidate, int]:
    """A program of at least the same gain that cannot be shortened further, and the number of programs judged.

    A step replaces an argument by a part of it, and takes the shortest of the programs with at least the same gain.
    Types are left to the evaluation: the gain of an ill-typed program is −infinity.
    """
    evaluations = 0
    while True:
        sizes = {str(term): term.size for term in set(_shorter(parse_term(candidate.program)))}
        texts = sorted(sizes, key=lambda text: (sizes[text], text))
        for start in range(0, len(texts), BATCH):
            judged = neighborhood.judge(texts[start : start + BATCH])
            evaluations += len(judged)
            better = next((other for other in judged if _is_no_worse(other, candidate)), None)
            if better is not None:
                candidate = better
                break
        else:
            return candidate, evaluations


def _is_no_worse(other: Candidate, candidate: Candidate) -> bool:
    return other.gain >= candidate.gain and other.solved >= candidate.solved


@dataclass(frozen=True, slots=True)
class _Hole:
    """A place in a term: an argument of ``head``, under some lambdas, itself in a hole unless it is the whole term."""

    lambdas: int
    head: Term
    arguments: Sequence[Term]
    place: int
    around: _Hole | None


def _filled(hole: _Hole | None, term: Term) -> Term:
    """The whole term with ``term`` in a hole."""
    while hole is not None:
        before, after = hole.arguments[: hole.place], hole.arguments[hole.place + 1 :]
        term = abstract(hole.lambdas, apply_to(hole.head, *before, term, *after))
        hole = hole.around
    return term


def _shorter(term: Term) -> Iterator[Term]:
    """Yield the terms in which one part replaces an argument around it, or the whole body."""
    # A stack instead of recursion: a sequence of a thousand statements is a thousand levels deep.
    pending: list[tuple[Term, _Hole | None]] = [(term, None)]
    while pending:
        part, hole = pending.pop()
        lambdas, body = strip_lambdas(part)
        yield from (_filled(hole, abstract(lambdas, lifted)) for lifted in _lifted(body, DEEPEST))
        head, arguments = spine(body)
        pending += [
            (argument, _Hole(lambdas, head, arguments, place, hole)) for place, argument in enumerate(arguments)
        ]


def _lifted(body: Term, levels: int) -> Iterator[Term]:
    """Yield the arguments of a term, and their arguments, that are not under a lambda."""
    if levels and isinstance(body, Application):
        for argument in spine(body)[1]:
            if not isinstance(argument, Lambda):
                yield argument
                yield from _lifted(argument, levels - 1)
