"""Shorter programs that earn as much: a climb leaves much behind that does nothing any more."""

from __future__ import annotations

from collections.abc import Iterator

from psynth.core.calculus.terms import Application, Lambda, Term, abstract, apply_to, parse_term, spine, strip_lambdas
from psynth.plugins.neighborhood import Candidate, Neighborhood

DEEPEST = 2
"""Levels that a part is lifted at once; lifting again goes further."""
BATCH = 64
"""Programs judged in one go."""


def shorten(neighborhood: Neighborhood, candidate: Candidate) -> tuple[Candidate, int]:
    """A program that earns no less and cannot be shortened any more, and how many programs were judged on the way.

    Shortening puts a part of an argument in the whole argument's place. Of those that earn no less the shortest is
    taken, again and again. What that makes of the types is left to the judge: an ill-typed program earns −infinity.
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


def _shorter(term: Term) -> Iterator[Term]:
    """The terms with one part lifted to where an argument stood that it was in, or to the top."""
    lambdas, body = strip_lambdas(term)
    yield from (abstract(lambdas, shorter) for shorter in _shorter_body(body))


def _shorter_body(body: Term) -> Iterator[Term]:
    yield from _lifted(body, DEEPEST)
    head, arguments = spine(body)
    for place, argument in enumerate(arguments):
        for shorter in _shorter(argument):
            yield apply_to(head, *arguments[:place], shorter, *arguments[place + 1 :])


def _lifted(body: Term, levels: int) -> Iterator[Term]:
    """The arguments of a term and theirs, as far as they are under no lambda."""
    if levels and isinstance(body, Application):
        for argument in spine(body)[1]:
            if not isinstance(argument, Lambda):
                yield argument
                yield from _lifted(argument, levels - 1)
